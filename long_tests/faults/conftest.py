"""Samples run here as they do in tests/samples: by the same fixtures."""

# ruff: noqa: F401
from tests.samples.conftest import (
    browser,
    few_pieces,
    identity,
    nothing_slow_is_done_twice,
    one_tls_context,
    run,
    service,
)
