"""Fresh identifiers in the forms that the service gives them."""

import secrets
import string

ALPHANUMERIC = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """An id such as `resp_` or `msg_` followed by 48 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(24)}"


def short_id(prefix: str, length: int = 24) -> str:
    """The prefix as it is given, and `length` letters and digits.

    The separator belongs to the prefix: `short_id("call_")`, `short_id("assistant-")`.
    """
    return prefix + "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))


def request_id() -> str:
    """A random UUID, as `uuid.uuid4` makes them and in half of its time."""
    digits = secrets.token_hex(16)
    variant = "89ab"[int(digits[16], 16) % 4]
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}"
        f"-{variant}{digits[17:20]}-{digits[20:]}"
    )
