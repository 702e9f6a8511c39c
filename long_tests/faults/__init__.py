"""Every sample under every fault that the emulator has."""
