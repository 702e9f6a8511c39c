"""What is made from the samples or kept equal in them; `make` runs each."""
