"""The stand-in model: what it sees, what it knows, and how it answers."""
