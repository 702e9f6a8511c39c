"""Texts for regular expressions: the shortest first, and each of them matches."""

import re
import time
from itertools import islice

import pytest

from responses_emulator.model.values.regular import Language, in_python, in_rust


def texts(expression: str, count: int = 1) -> list[str]:
    return list(islice(Language([expression]).texts(), count))


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        (r"^[A-Z]{3}-\d{4}$", "AAA-0000"),
        ("b", "b"),
        ("^$", ""),
        ("a|bc", "a"),
        (r"^(?:red|green)(\.\d{2,})?$", "red"),
        (r"^(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{8,}$", "aaaaaA0-"),
        ("^(?!a)[a-c]$", "b"),
        ("^(?:(?!ab).)*c$", "c"),
        ("(?<=a)b", "ab"),
        ("^.(?<![a-y])$", "z"),
        (r"^foo\b.bar$", "foo-bar"),
        (r"^a\B.$", "aa"),
        ("(?m)^b$", "b"),
        ("(?i)^HI$", "hi"),
        (r"^[^\d\s]$", "a"),
        (r"^\W$", "-"),
        ("^(a+)+b$", "ab"),
        ("^(?:a?)*$", ""),
        ("^(?:a?b?){3}c$", "c"),
        (r"^(['\"])x\1$", "'x'"),
        (r"^(?<y>\d{2})-\k<y>$", "00-00"),
        (r"^\p{Lu}\P{L}$", "A0"),
        (r"^\p{Script=Greek}$", "\u03b1"),
        (r"^\u{1F642}[^]\cJ$", "\U0001f642a\n"),
        ("^[\u4e00-\u9fa5]$", "\u4e2d"),
        (r"^a\/b$", "a/b"),
        ("^[[a]$", "a"),
        ("^(?>a|ab)c$", "ac"),
        (r"^(?:\d\.?\b){3}$", "0.0.0"),
        (r"^(?:\b\w+\b\s?){3}$", "a a a"),
        ("^(?:a|(?<=a)b|(?<=(?<!q)b)c){2}(?<!a)$", "ab"),
    ],
)
def test_the_shortest_text_comes_first_and_matches(expression: str, first: str):
    assert texts(expression) == [first]
    assert re.search(in_python(expression), first)


@pytest.mark.parametrize(
    ("named", "letter", "other"),
    [
        ("L", "a", "1"),
        ("Letter", "a", "1"),
        ("Alphabetic", "a", "1"),
        ("Alpha", "a", "1"),
        ("Ll", "a", "A"),
        ("Lowercase_Letter", "a", "A"),
        ("Lowercase", "a", "A"),
        ("Lu", "A", "a"),
        ("Uppercase_Letter", "A", "a"),
        ("Uppercase", "A", "a"),
        ("N", "1", "a"),
        ("Number", "1", "a"),
        ("Nd", "1", "a"),
        ("Decimal_Number", "1", "a"),
        ("P", "-", "a"),
        ("Punctuation", "-", "a"),
        ("S", "+", "a"),
        ("Symbol", "+", "a"),
        ("Z", " ", "a"),
        ("Separator", " ", "a"),
        ("Han", "\u4e2d", "a"),
        ("Script=Han", "\u4e2d", "a"),
        ("Greek", "\u03b1", "a"),
        ("^L", "1", "a"),
    ],
)
def test_a_property_of_characters_is_known_by_its_names(
    named: str, letter: str, other: str
):
    for expression, matching, missing in (
        (rf"\p{{{named}}}", letter, other),
        (rf"[\p{{{named}}}]", letter, other),
        (rf"\P{{{named}}}", other, letter),
    ):
        written = in_python(expression)
        assert re.fullmatch(written, matching), expression
        assert not re.fullmatch(written, missing), expression
        assert re.fullmatch(written, texts(f"^{expression}$")[0])


@pytest.mark.parametrize(
    "expression",
    ["(?=a)b", "^(?!a)a$", r"^(?=.*\d)[a-z]+$", "$a", "(?<=b)^a", r"^a\bb$"],
)
def test_what_matches_nothing_has_no_text(expression: str):
    assert texts(expression) == []


def test_every_text_is_another_and_they_grow():
    found = texts(r"^[ab]{1,3}(?<!bb)$", 20)
    every = [f"{a}{b}{c}" for a in ["", "a", "b"] for b in ["", "a", "b"] for c in "ab"]
    assert sorted(found) == sorted({t for t in every if not t.endswith("bb")})
    assert [len(text) for text in found] == sorted(len(text) for text in found)


def test_several_expressions_and_lengths_are_kept_at_once():
    both = Language(["^a", "z$"], absent=["^ab", "m"], whole=["[a-z]+"])
    found = list(islice(both.texts(4, 6), 200))
    assert len(set(found)) == 200
    for text in found:
        assert re.fullmatch("a[a-z]+z", text) and 4 <= len(text) <= 6
        assert not text.startswith("ab") and "m" not in text
    assert list(Language(["^a{3}$"]).texts(5)) == []
    assert list(Language(["a"], absent=["a"]).texts()) == []
    assert next(Language(["^a+$"]).texts(3_000)) == "a" * 3_000


@pytest.mark.parametrize(
    "expression",
    [
        "(a+)+$b",
        "((a{1,50}){1,50}){1,50}b",
        "a?" * 40 + "a" * 40,
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        "^(?=(a|aa)+$)(?!(a|aa|aaa)+$)",
        "(?:" * 80 + "a" + ")*" * 80,
    ],
)
def test_what_takes_for_ever_to_match_does_not_to_be_followed(expression: str):
    started = time.process_time()
    texts(expression)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("expression", ["(", "[z-a]", "a" * 200_001, r"(?(1)a|b)", "*"])
def test_what_cannot_be_read_is_a_value_error(expression: str):
    with pytest.raises(ValueError, match="expression"):
        Language([expression])


def test_a_search_ends_where_no_end_can_be_reached():
    language = Language(["^a*$"], whole=["(ab)*c"])
    assert list(language.texts()) == []
    assert len(language._next) < 20


def test_expressions_are_written_for_other_engines():
    assert in_rust(r"^(?<a>x)(?P<b>y)\k<a>(?P=b)\Z\\Z[^]$") == (
        r"^(?<a>x)(?P<b>y)\1\2\z\\Z[\s\S]$"
    )
    assert in_python(r"(?<a>b)(?<!c)[\p{Lu}[x]\z") == (
        "(?P<a>b)(?<!c)["
        + "".join(re.escape(c) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        + r"\[x]\Z"
    )
