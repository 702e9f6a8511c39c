"""The tests: the samples, the emulator, and the rules that the project sets itself."""
