"""Replies that somebody has written: for the next request, in a file, or built in."""
