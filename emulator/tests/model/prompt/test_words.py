"""Words: their stems, and what a prompt is about."""

import pytest

from responses_emulator.model.prompt import words


@pytest.mark.parametrize(
    ("forms", "stem"),
    [
        ("plan plans planned planning", "plan"),
        ("call calls called calling", "cal"),
        ("city cities", "city"),
        ("box boxes boxed boxing", "box"),
        ("match matches matched", "match"),
        ("wish wishes", "wish"),
        ("address addresses", "addres"),
        ("value values valued", "valu"),
        ("bus", "bus"),
        ("tennis", "tennis"),
        ("colour colours Colours", "colour"),
        ("ring", "ring"),
        ("being", "being"),
        ("red", "red"),
        ("is", "is"),
        ("as", "as"),
        ("dies", "die"),
        ("sky skies", "sky"),
        ("1995", "1995"),
        ("77", "77"),
        ("777", "777"),
    ],
)
def test_forms_of_a_word_meet(forms: str, stem: str) -> None:
    assert {words.stem(form) for form in forms.split()} == {stem}


def test_the_stem_of_an_endless_word_is_of_its_beginning() -> None:
    assert words.stem("x" * 70) == words.stem("x" * 64 + "y")
    assert words.stem("a" * 62 + "bc") != words.stem("a" * 62 + "bd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are the company's values?", ["company", "valu"]),
        ("I\u2019m at the caf\u00e9, they're NOT", ["caf"]),
        ("\u6771\u4eac tower", ["\u6771", "\u4eac", "tower"]),
        ("snake_case 12", ["snak", "cas", "12"]),
        ("", []),
    ],
)
def test_terms_carry_meaning(text: str, expected: list[str]) -> None:
    assert words.terms(text) == expected


def test_what_is_sought_has_words_that_a_chat_passes_over() -> None:
    assert words.terms("Find the list after this") == ["find", "list"]
    assert words.search_terms("Find the list after this") == ["after"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eventName", ["event", "name"]),
        ("event_name", ["event", "name"]),
        ("event-name 2", ["event", "name", "2"]),
        ("HTTPCode", ["httpcode"]),
        ("line2Text", ["line2", "text"]),
        ("what's", ["what"]),
        ("", []),
    ],
)
def test_a_name_has_words(name: str, expected: list[str]) -> None:
    assert words.name_words(name) == expected


@pytest.mark.parametrize(
    ("parts", "prose"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_parts_are_prose(parts: list[str], prose: str) -> None:
    assert words.listed(parts) == prose


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("a  b\nc", 5, "a b c"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two\u2026"),
        ("one two, three", 12, "one two\u2026"),
        ("onetwothree", 5, "onet\u2026"),
        ("a" + " " * 200 + "b", 4, "a"),
    ],
)
def test_a_text_is_cut_between_words(text: str, limit: int, expected: str) -> None:
    assert words.shortened(text, limit) == expected
    assert len(expected) <= limit


def test_sentences_end_with_a_mark_or_a_line() -> None:
    text = " One. Two?\n\nthree\n 4.5 is one!  "
    assert words.sentences(text) == ["One.", "Two?", "three", "4.5 is one!"]


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("Please tell me about the moon today.", "the moon"),
        ("Write a poem on rain, please", "a poem on rain"),
        ("What is it?", "it"),
        ("Search", "Search"),
        ("Whales. And sharks.", "Whales"),
        ("Explain 'black holes' right now!", "black holes"),
        ("", ""),
    ],
)
def test_a_prompt_is_about_something(prompt: str, subject: str) -> None:
    assert words.subject(prompt) == subject


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Send a mail.", True),
        ("Could you please send a mail?", False),
        ("Please now send it", True),
        ("The rain is over. Send more.", False),
        ("", False),
    ],
)
def test_a_request_begins_as_one(text: str, is_one: bool) -> None:
    assert words.is_request(text) is is_one


def test_typography_is_evened_out() -> None:
    evened = words.plain("\u2018a\u2019 \u201cb\u201d c\u2010d\u2011e")
    assert evened == "'a' \"b\" c-d-e"
    assert words.without_accents("\u00c9t\u00e9 \u00f1 \u4e2d") == "Ete n \u4e2d"
    assert words.capital_first("oslo Fjord") == "Oslo Fjord"
    assert words.capital_first("") == ""
