"""Addresses, taken apart."""

import pytest

from responses_emulator import urls


def test_an_address_has_its_parts() -> None:
    parts = urls.split("https://a.example:8/b?c=d#e")
    assert (parts.scheme, parts.hostname, parts.port) == ("https", "a.example", 8)
    assert (parts.path, parts.query, parts.fragment) == ("/b", "c=d", "e")


@pytest.mark.parametrize("url", ["http://[::1", "//\N{FULLWIDTH COLON}/x]["])
def test_what_is_no_address_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError):
        urls.split(url)


def test_an_address_without_end_is_none() -> None:
    longest = "http://a.example/".ljust(8_000, "x")
    assert urls.split(longest).path.endswith("xx")
    with pytest.raises(ValueError, match=r"^The address is too long\.$"):
        urls.split(f"{longest}x")
