"""The commands of `python -m emulator`, one module each."""
