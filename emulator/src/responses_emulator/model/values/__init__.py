"""Values that fit: a JSON Schema, regular expressions, a grammar."""
