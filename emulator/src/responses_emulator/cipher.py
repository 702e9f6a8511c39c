"""Encrypted reasoning: text that only the emulator which wrote it can read back."""

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_END_OF_ID = "\n"  # no id has a line break


class Opened(NamedTuple):
    """What was sealed."""

    item_id: str  # of the item that it belongs to; empty: of none
    text: str


class Cipher:
    """One emulator's key, made when it is first needed and never shown."""

    @cached_property
    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        return Fernet(Fernet.generate_key())

    def seal(self, text: str, item_id: str = "") -> str:
        """The text of an item as an opaque token (`gAAAA...`, as the service's)."""
        sealed = f"{item_id}{_END_OF_ID}{text}"
        return self._fernet.encrypt(sealed.encode()).decode()

    def open(self, token: str) -> Opened | None:
        """What a token holds that this cipher sealed, or None."""
        from cryptography.fernet import InvalidToken

        try:
            sealed = self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            return None
        item_id, _, text = sealed.partition(_END_OF_ID)
        return Opened(item_id, text)
