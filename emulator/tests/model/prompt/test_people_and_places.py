"""The people and places that a text names."""

from collections.abc import Callable
from typing import Any

import pytest

from responses_emulator.model.prompt.people_and_places import (
    likely_places,
    one_place_each,
    people,
    places,
)

FOUND: list[tuple[Callable[[str], Any], list[tuple[str, Any]]]] = [
    (
        people,
        [
            ("Alice and Bob Smith met Dr. Jones", ["Alice", "Bob Smith", "Dr. Jones"]),
            ("Invite Ada's friend Mr. Bean", ["Ada", "Mr. Bean"]),
            ("NASA and IBM", []),
            ("Tell Ada Lovelace to come on Monday, Ada Lovelace.", ["Ada Lovelace"]),
            ("Ada is here. Bob, Cem and Dora as well.", ["Ada", "Bob", "Cem", "Dora"]),
            ("He is at Acme, near Zoe, in Rome", []),
            ("We met Ada Berg of Acme", ["Ada Berg"]),
        ],
    ),
    (
        places,
        [
            ("from Oslo to Bergen", ["Oslo", "Bergen"]),
            ("in Paris, France and in Rome, Italy", ["Paris, France", "Rome, Italy"]),
            ("in Rome, Lyon and Bern", ["Rome", "Lyon", "Bern"]),
            ("in Boston, MA, or Reno, NV", ["Boston, MA", "Reno, NV"]),
            ("visit New York City's museums", ["New York City"]),
            ("in St. Gallen now, in Rio de Janeiro", ["St. Gallen", "Rio de Janeiro"]),
            ("at the Hague", ["Hague"]),
            ("in Oslo or in Oslo", ["Oslo"]),
            ("in May, in French, Oslo", []),
            ("at the Louvre in Paris", ["Louvre"]),
            ("at Dock 9 in Antwerp, in Hall C in Oslo", ["Antwerp", "Oslo"]),
            ("to Ada Berg in Rome", ["Rome"]),
        ],
    ),
    (
        likely_places,
        [
            ("The weather Oslo", ["Oslo"]),
            ("Kyoto, Japan", ["Kyoto, Japan"]),
            ("Ada in Rome", ["Rome"]),
            ("Temperature please (Oslo)", ["Oslo"]),
        ],
    ),
    (
        one_place_each,
        [
            ("Rain in Oslo and Rome?", ["Rain in Oslo?", "Rain in Rome?"]),
            ("Kyoto, Japan and Lima, Peru?", ["Kyoto, Japan?", "Lima, Peru?"]),
            ("Ada and Bob", ["Ada and Bob"]),
            ("in Rome", ["in Rome"]),
        ],
    ),
]


@pytest.mark.parametrize(
    ("find", "text", "expected"),
    [(find, text, expected) for find, cases in FOUND for text, expected in cases],
)
def test_people_and_places_are_found(
    find: Callable[[str], Any], text: str, expected: Any
) -> None:
    assert find(text) == expected
