"""Who looks on while requests are answered: shown, recorded, kept for tests, masked."""
