"""What takes longer than a minute: the samples in a browser, and under every fault."""
