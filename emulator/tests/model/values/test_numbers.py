"""Numbers for a schema: the one nearest to zero first, and then others."""

from typing import Any

import pytest

from responses_emulator.model.values import numbers
from responses_emulator.model.values.numbers import Exhausted

NUMBERS: list[tuple[dict[str, Any], list[float], int | None]] = [
    ({}, [0, 1, 2, 2.5, 4], None),
    ({"minimum": 0}, [0, 1, 2, 2.5, 4], None),
    ({"minimum": 3}, [3, 4, 5, 5.5, 7], None),
    ({"minimum": -3}, [0, 1, 2, 2.5, 4], None),
    ({"exclusiveMinimum": 3}, [4, 5, 6, 6.5, 8], None),
    ({"exclusiveMinimum": 0}, [1, 2, 3, 3.5, 5], None),
    ({"minimum": 1, "exclusiveMinimum": 1}, [2, 3, 4, 4.5, 6], None),
    ({"maximum": -3}, [-3, -4, -5, -5.5, -7], None),
    ({"maximum": 0}, [0, -1, -2, -2.5, -4], None),
    ({"maximum": 3}, [0, -1, -2, -2.5, -4], None),
    ({"exclusiveMaximum": -3}, [-4, -5, -6, -6.5, -8], None),
    ({"exclusiveMaximum": 0}, [-1, -2, -3, -3.5, -5], None),
    ({"minimum": 0, "maximum": 0}, [0], 1),
    ({"minimum": 2, "maximum": 2}, [2], 1),
    ({"exclusiveMinimum": 0, "maximum": 1}, [0.5, 1 / 3, 0.25], None),
    ({"minimum": -1, "maximum": 1}, [0, -1 / 3, -0.5], None),
    ({"minimum": -4, "exclusiveMaximum": 0}, [-4, -8 / 3, -3], None),
    ({"minimum": 3, "maximum": 5}, [3, 11 / 3, 3.5], None),
    ({"exclusiveMinimum": 3, "maximum": 5}, [4, 11 / 3, 3.5], None),
    ({"type": "integer"}, [0, 1, 2, 3], None),
    ({"type": "integer", "maximum": -2}, [-2, -3, -4], None),
    ({"type": "integer", "minimum": 3, "maximum": 5}, [3, 4, 5], 3),
    ({"type": "integer", "minimum": -1, "maximum": 1}, [0, 1, -1], 3),
    ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}, [4], 1),
    ({"type": "integer", "minimum": 2.5, "maximum": 3.5}, [3], 1),
    ({"type": "integer", "minimum": 2.5, "maximum": 2.75}, [], 0),
    ({"type": "integer", "multipleOf": 1.5}, [0, 3, 6], None),
    ({"type": "integer", "multipleOf": 4, "minimum": 5, "maximum": 12}, [8, 12], 2),
    ({"type": ["integer", "null"], "minimum": 2}, [2, 3, 4, 5], None),
    ({"type": ["integer", "number"], "minimum": 2}, [2, 3, 4, 4.5], None),
    ({"multipleOf": 0.5}, [0, 0.5, 1, 1.5], None),
    ({"multipleOf": 0.5, "exclusiveMinimum": 1}, [1.5, 2, 2.5], None),
    ({"multipleOf": 0, "minimum": True}, [0, 1, 2, 2.5], None),
    ({"minimum": 5, "maximum": 3}, [], None),
]


@pytest.mark.parametrize(("rule", "first", "count"), NUMBERS)
def test_the_nearest_to_zero_comes_first(
    rule: dict[str, Any], first: list[float], count: int | None
) -> None:
    made = [numbers.nth(rule, variant) for variant in range(len(first))]
    assert made == pytest.approx(first)
    # What is whole is written as that.
    assert [type(each) for each in made] == [type(each) for each in first]
    assert numbers.count(rule) == count
    assert all(numbers.fits(each, rule) for each in made)
    if count is not None or not first:
        with pytest.raises(Exhausted):
            numbers.nth(rule, len(first))


@pytest.mark.parametrize(
    ("rule", "fit", "others"),
    [
        ({"minimum": 1}, [1, 1.5], [0.5, float("nan"), float("inf"), True]),
        ({"exclusiveMinimum": 1}, [1.01], [1, 0]),
        ({"maximum": 1}, [1, -5], [1.5]),
        ({"exclusiveMaximum": 1}, [0.99], [1, 2]),
        ({"multipleOf": 0.1}, [0.3, 1], [0.25]),
        ({"type": "integer"}, [2, 2.0], [2.5]),
        ({}, [7], []),
    ],
)
def test_a_number_fits_or_does_not(
    rule: dict[str, Any], fit: list[float], others: list[float]
) -> None:
    assert [each for each in (*fit, *others) if numbers.fits(each, rule)] == fit


def test_what_is_too_large_for_64_bits_is_no_integer() -> None:
    assert type(numbers.as_json(2.0**62)) is int
    assert type(numbers.as_json(2.0**63)) is float
    assert type(numbers.as_json(0.5)) is float
