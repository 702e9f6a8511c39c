"""What `make` runs: what looks for things missing, and what keeps things equal."""
