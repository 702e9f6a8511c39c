"""The apps as a visitor sees them, in a real browser."""
