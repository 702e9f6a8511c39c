"""The ways in which requests reach the core: in one process, or over HTTP."""
