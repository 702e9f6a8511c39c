"""What a model is, here and in a few files; its implementations, a room each."""
