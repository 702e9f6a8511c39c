"""Memory that is free goes back to the system, where the C library would keep it.

glibc keeps what has once been used for a large body, and does so for each thread. Other
C libraries are left as they are.
"""

import functools
from contextlib import suppress

# From <malloc.h>. Blocks of so many bytes are taken one by one; so much that is free
# stays at the end of what a thread has.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
OWN_BYTES, KEPT_BYTES = 2**20, 8 * 2**20


@functools.cache
def keep_large_blocks_apart() -> None:
    """Have a large block go back as soon as it is free. It holds for the process."""
    import ctypes  # only where large bodies come

    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, OWN_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back() -> None:
    """Give back what is free between what is not."""
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
