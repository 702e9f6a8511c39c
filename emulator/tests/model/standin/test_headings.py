"""Which lines of a plain text are headings."""

import pytest

from responses_emulator.model.standin.headings import (
    ABOVE_OTHERS,
    ABOVE_TEXT,
    heading_levels,
    is_prose,
)

SENTENCE = "Everybody is here by ten."


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("Core hours", True),
        ("When are core hours?", True),
        ("2 Leave", True),
        ("a" * 80, True),
        ("a" * 81, False),
        ("(in short)", False),
        *((f"Core hours{end}", False) for end in ".!:;,"),
    ],
)
def test_a_heading_is_short_and_no_sentence(line: str, is_heading: bool) -> None:
    assert heading_levels([line, SENTENCE]) == [ABOVE_TEXT * is_heading, 0]
    assert heading_levels([line]) == [0]


@pytest.mark.parametrize("rest", [0, 3, 4, 5])
def test_a_sentence_ends_soon_below_it(rest: int) -> None:
    lines = ["Core hours", *["and so on"] * rest, SENTENCE]
    lines[1] = lines[1].capitalize()
    assert heading_levels(lines)[0] == ABOVE_TEXT * (rest < 5)


def test_a_heading_stands_above_others() -> None:
    lines = ["2 Leave", "", "2.1 Sick leave", SENTENCE, "", "## Marked", SENTENCE]
    assert heading_levels(lines) == [ABOVE_OTHERS, 0, ABOVE_TEXT, 0, 0, 2, 0]
    code = ["```", "# a comment", "```", "# A heading"]
    assert heading_levels(code) == [0, 0, 0, 1]


def test_prose_is_long_or_ends() -> None:
    assert is_prose(SENTENCE) and is_prose("a" * 71)
    assert not is_prose("a" * 70) and not is_prose("")
