"""What a model sees of a conversation: its history, and what of it is cached."""
