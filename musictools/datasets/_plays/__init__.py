"""Listeners, music, sessions and attacks: what simulate_plays() is made of."""
