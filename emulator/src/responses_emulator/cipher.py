"""Encrypted reasoning: text that only the emulator which wrote it can read back."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Cipher:
    """One emulator's key, made when it is first needed and never shown."""

    @cached_property
    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        return Fernet(Fernet.generate_key())

    def seal(self, text: str) -> str:
        """The text as an opaque token (`gAAAA...`, as the service's look)."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, token: str) -> str | None:
        """The text of a token that this cipher sealed, or None."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            return None
