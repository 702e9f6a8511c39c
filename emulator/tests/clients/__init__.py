"""Clients that people use, against the emulator."""
