"""The commands of `python -m responses_emulator`, one module each."""
