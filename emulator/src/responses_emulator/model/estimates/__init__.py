"""Plausible figures where no model gives them: tokens, thoughts, log probabilities."""
