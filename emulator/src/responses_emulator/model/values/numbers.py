"""Numbers that keep bounds and are multiples: exact, as they are written in JSON."""

import math
from fractions import Fraction
from typing import Any, NamedTuple, TypeGuard

Schema = dict[str, Any]


class Exhausted(Exception):
    """There are not so many different numbers."""


class _Range(NamedTuple):
    """Where a number may lie."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool  # the bound itself is not allowed
    high_open: bool
    step: Fraction | None  # what it is a multiple of


def nth(schema: Schema, variant: int) -> int | float:
    """The number nearest to zero that a schema takes; other variants are others.

    Raises Exhausted.
    """
    range = _range(schema)
    low, high, low_open, high_open, step = range
    if step:
        lowest, highest = _multiples(range)
        return as_json(_nearest_to_zero(lowest, highest, variant) * step)
    # Every fourth is no whole number: that may be what is wanted.
    forward = Fraction(variant) - (Fraction(1, 2) if variant % 4 == 3 else 0)
    if low is None and high is None:
        return as_json(forward)
    if low is None or high is None:
        edge = low if high is None else high
        assert edge is not None
        inward = 1 if high is None else -1
        if (edge < 0) == (inward > 0) and edge:
            return as_json(inward * forward)  # zero is allowed
        return as_json(edge + inward * (forward + (low_open or high_open)))
    if low > high or (low == high and (low_open or high_open or variant)):
        raise Exhausted
    zero_is_out = (low == 0 and low_open) or (high == 0 and high_open)
    if not variant and low <= 0 <= high and not zero_is_out:
        return 0
    if not variant and not low_open:
        return as_json(low)
    return as_json(low + (high - low) * Fraction(1, variant + 2))


def count(schema: Schema) -> int | None:
    """How many numbers a schema takes; None: any number of them."""
    range = _range(schema)
    if range.low is None or range.high is None:
        return None
    if not range.step:
        return 1 if range.low == range.high else None
    lowest, highest = _multiples(range)
    assert lowest is not None
    assert highest is not None
    return max(0, highest - lowest + 1)


def fits(number: int | float, schema: Schema) -> bool:
    """Whether a number keeps the bounds of a schema, and is a multiple."""
    value = _fraction(number)
    if value is None:
        return False
    low, high, low_open, high_open, step = _range(schema)
    if low is not None and (value < low or (low_open and value == low)):
        return False
    if high is not None and (value > high or (high_open and value == high)):
        return False
    return not step or value % step == 0


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a JSON value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_json(number: Fraction | float) -> int | float:
    """The number as an integer, where it is one that travels."""
    whole = number == int(number) and abs(number) < 2**63
    return int(number) if whole else float(number)


def _range(schema: Schema) -> _Range:
    lows = [_fraction(schema.get(key)) for key in ("minimum", "exclusiveMinimum")]
    highs = [_fraction(schema.get(key)) for key in ("maximum", "exclusiveMaximum")]
    low = max((each for each in lows if each is not None), default=None)
    high = min((each for each in highs if each is not None), default=None)
    return _Range(
        low,
        high,
        low is not None and low == lows[1],
        high is not None and high == highs[1],
        _step(schema),
    )


def _step(schema: Schema) -> Fraction | None:
    multiple = _fraction(schema.get("multipleOf"))
    kinds = schema.get("type")
    whole = kinds == "integer" or (
        isinstance(kinds, list) and "integer" in kinds and "number" not in kinds
    )
    if multiple is None or multiple <= 0:
        return Fraction(1) if whole else None
    # The least common multiple of one and a fraction is its numerator.
    return Fraction(multiple.numerator) if whole else multiple


def _multiples(range: _Range) -> tuple[int | None, int | None]:
    """The first and the last multiple within a range, counted in steps from zero."""
    low, high, low_open, high_open, step = range
    assert step
    lowest = None if low is None else math.ceil(low / step)
    if lowest is not None and low_open and lowest * step == low:
        lowest += 1
    highest = None if high is None else math.floor(high / step)
    if highest is not None and high_open and highest * step == high:
        highest -= 1
    return lowest, highest


def _nearest_to_zero(low: int | None, high: int | None, variant: int) -> int:
    """The variant-th whole number from the one nearest to zero, within bounds."""
    if low is not None and high is not None and low > high:
        raise Exhausted
    start = max(0, low) if low is not None else 0
    if high is not None and start > high:
        start = high
    up = start + variant
    if high is None or up <= high:
        return up
    down = start - (up - high)
    if low is not None and down < low:
        raise Exhausted
    return down


def _fraction(value: Any) -> Fraction | None:
    """A number as it was written: 0.1 is a tenth. None for what is no number."""
    if not is_number(value) or not math.isfinite(value):
        return None
    return Fraction(str(value))
