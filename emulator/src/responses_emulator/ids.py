"""Fresh identifiers in the forms that the service gives them.

They have to differ, and need not be secret: to ask the system for each takes longer.
"""

import random
import string

ALPHANUMERIC = string.ascii_letters + string.digits

# Of its own, so that an application that seeds the module's has no ids come again.
_RANDOM = random.Random()


def new_id(prefix: str) -> str:
    """An id such as `resp_` or `msg_` followed by 48 hexadecimal digits."""
    return f"{prefix}_{_digits(24)}"


def short_id(prefix: str, length: int = 24) -> str:
    """The prefix as it is given, and `length` letters and digits.

    The separator belongs to the prefix: `short_id("call_")`, `short_id("assistant-")`.
    """
    return prefix + "".join(_RANDOM.choices(ALPHANUMERIC, k=length))


def hex_id(prefix: str) -> str:
    """The prefix as it is given, and 32 hexadecimal digits."""
    return f"{prefix}{_digits(16)}"


def request_id() -> str:
    """A random UUID, as `uuid.uuid4` makes them and in a third of its time."""
    digits = _digits(16)
    variant = "89ab"[int(digits[16], 16) % 4]
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}"
        f"-{variant}{digits[17:20]}-{digits[20:]}"
    )


def _digits(size: int) -> str:
    """Twice as many hexadecimal digits; to format a number takes twice as long."""
    return _RANDOM.getrandbits(8 * size).to_bytes(size, "big").hex()
