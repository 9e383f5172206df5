"""One file for each platform: what it is asked, and what a row holds of its answer."""
