"""What simulated campaigns and panels are made of."""
