"""What a text says: its words, names, numbers, dates, arithmetic."""
