"""Encrypted reasoning: only the emulator that wrote it reads it back."""

import pytest

from responses_emulator.cipher import Cipher, Opened


@pytest.mark.parametrize(
    "text", ["", "Hm.\nWell.", "\n", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_what_was_sealed_is_opened(text: str) -> None:
    cipher = Cipher()
    assert cipher.open(cipher.seal(text, "rs_1")) == Opened("rs_1", text)
    assert cipher.open(cipher.seal(text)) == Opened("", text)


def test_a_token_tells_nothing_and_is_another_each_time() -> None:
    cipher = Cipher()
    first, second = cipher.seal("Hm.", "rs_1"), cipher.seal("Hm.", "rs_1")
    assert first.startswith("gAAAA")
    assert first != second


@pytest.mark.parametrize("token", ["", "gAAAA", "not even base64!", "gAAAAA" * 30])
def test_what_this_cipher_did_not_seal_stays_shut(token: str) -> None:
    assert Cipher().open(token) is None
    assert Cipher().open(Cipher().seal("Hm.")) is None
