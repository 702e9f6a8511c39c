"""The stand-in, which answers by rules; a module for each tool that it calls."""
