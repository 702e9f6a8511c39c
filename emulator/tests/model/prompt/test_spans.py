"""What a prompt names, found by its form."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from responses_emulator.model.prompt import spans


def numbers(text: str) -> list[float]:
    return [number.value for number in spans.numbers(text)]


def first(kind: str) -> Callable[[str], str | None]:
    return partial(spans.first, kind=kind)


FOUND: list[tuple[Callable[[str], Any], list[tuple[str, Any]]]] = [
    (
        spans.dates,
        [
            ("See you on friday, May 3 or tomorrow", ["Friday", "May 3", "tomorrow"]),
            ("5 June, then next Tuesday", ["5 June", "Tuesday"]),
            ("2026-05-31T10:00", ["2026-05-31"]),
        ],
    ),
    (
        spans.iso_dates,
        [
            ("2026-05-31 and May 3, 2027", ["2026-05-31", "2027-05-03"]),
            ("31 december 1999 or Dec 24, 1998", ["1999-12-31", "1998-12-24"]),
            ("May 3rd, 2027", ["2027-05-03"]),
            ("January 1, 2027", ["2027-01-01"]),
            ("May 3, on Friday", []),
        ],
    ),
    (
        spans.times,
        [
            ("3pm, 3:15 p.m., 15:30, noon", ["3pm", "3:15 p.m.", "15:30", "noon"]),
        ],
    ),
    (
        spans.clock_times,
        [
            ("3pm, 3:15 pm, 15:30", ["15:00:00", "15:15:00", "15:30:00"]),
            ("12 am, 12 pm", ["00:00:00", "12:00:00"]),
            ("noon, midnight", ["12:00:00", "00:00:00"]),
            ("25:00, 24:00, 23:59, 9:05am", ["23:59:00", "09:05:00"]),
        ],
    ),
    (
        numbers,
        [
            ("three, 4.5, 1,234.5 and -7", [3, 4.5, 1234.5, -7]),
            ("on 2026-05-31 at 3pm 5 times", [5]),
            ("#17, A4, v1.2", []),
            ("1,23 and 0.5.", [1, 23, 0.5]),
            ("Twenty and a dozen", [20, 12]),
            (" ".join(map(str, range(150))), [*range(100)]),
        ],
    ),
    (
        spans.quotes,
        [
            (
                "'a' \"b\" `c` \u00abd\u00bb \u300ce\u300d \u300ef\u300f",
                ["a", "b", "c", "d", "e", "f"],
            ),
            ("don't 'x y' it's", ["x y"]),
            ('"" and \'multi\nline\'', []),
        ],
    ),
    (spans.without_quotes, [("say 'hi' now", "say  now")]),
    (
        first("email"),
        [("x me@x.org.", "me@x.org"), ("a@b", None), ("m.e+x@y-z.co!", "m.e+x@y-z.co")],
    ),
    (
        first("url"),
        [
            ("see https://x.org/a?b=c.", "https://x.org/a?b=c"),
            ("(http://x.org/)", "http://x.org/"),
            ("ftp://x", None),
        ],
    ),
    (
        first("phone"),
        [
            ("call +1 555 123 4567.", "+1 555 123 4567"),
            ("(030) 123-4567", "(030) 123-4567"),
            ("12345 or 1.2345678", None),
        ],
    ),
    (first("code"), [("100 USD to EUR", "USD"), ("MSFT-A, A, ABCDEF", None)]),
    (
        first("id"),
        [
            ("order #17", "#17"),
            ("CUST-12345", "CUST-12345"),
            ("ord_7f3a", "ord_7f3a"),
            ("17A", "17A"),
            ("plain 17", None),
        ],
    ),
    (
        lambda text: spans.mentioned(text, ("French", "Greek")),
        [("In greek or french?", ["Greek", "French"]), ("Frenchman", [])],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("find", "text", "expected"),
    [(find, text, expected) for find, cases in FOUND for text, expected in cases],
)
def test_what_a_text_names_is_found(
    find: Callable[[str], Any], text: str, expected: Any
) -> None:
    assert find(text) == expected
