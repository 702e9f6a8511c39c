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
