"""What is said of the results of functions: all that they say, and of what."""

import json
from typing import Any

import pytest

from responses_emulator.model.standin.function_results import answer

LONDON = {"latitude": 51.51, "longitude": -0.13}
PARIS = {"latitude": 48.86, "longitude": 2.35}


@pytest.mark.parametrize(
    ("prompt", "arguments", "output", "expected"),
    [
        (
            "What's the weather in London right now?",
            LONDON,
            {"temperature": "11.2 \u00b0C", "wind": "9.4 km/h"},
            "London: temperature 11.2 \u00b0C, wind 9.4 km/h.",
        ),
        (
            "Weather?",
            {"city": "Oslo"},
            {"city": "Oslo", "now": {"rainInMm": 3, "windy": False}},
            "city Oslo, now rain in mm 3, windy no.",
        ),
        ("Price of MSFT?", {"ticker": "MSFT"}, {"price": 9.5}, "MSFT: price 9.5."),
        ("Add", {"a": 1, "b": 0}, 1, "1."),
        ("Add", {"a": 0, "b": 0}, 0, "0."),
        ("Find", {}, ["a", "b", "c"], "a, b and c."),
        ("Find", {}, [], "Nothing was found."),
        ("Find", {}, [{"name": "x", "n": 1}], "name x, n 1."),
        ("Is it?", {}, {"open": True}, "open yes."),
        ("Send it", {}, True, "f is done."),
        ("Send it", {}, None, "f is done."),
        ("Send it", {}, {}, "f is done."),
        ("?", {}, "It is sunny", "It is sunny."),
    ],
)
def test_results_are_told(
    prompt: str, arguments: dict[str, Any], output: Any, expected: str
):
    assert answer(prompt, [("f", arguments, json.dumps(output))]) == expected


def test_plain_text_is_passed_on():
    assert answer("?", [("f", {}, "It is sunny")]) == "It is sunny."
    assert answer("Rome?", [("f", {"city": "Rome"}, "sunny")]) == "Rome: sunny."
    assert answer("?", [("f", {}, "")]) == "f is done."


def test_an_error_is_told_with_its_reason():
    failed = [("get_weather", LONDON, '{"error": "ConnectTimeout: slow"}')]
    told = answer("How is it in London?", failed)
    assert "could not" in told
    assert "ConnectTimeout: slow" in told
    assert "London" in told
    nested = answer("?", [("f", {}, '{"error": {"message": "no such city"}}')])
    assert "no such city" in nested
    assert "could not" in answer("?", [("f", {}, "Error: no such city")])


def test_several_results_are_told_apart():
    told = answer(
        "What's the weather in London and Paris?",
        [
            ("get_weather", LONDON, '{"temperature": "11 \u00b0C"}'),
            ("get_weather", PARIS, '{"temperature": "13 \u00b0C"}'),
        ],
    )
    assert told == "London: temperature 11 \u00b0C.\nParis: temperature 13 \u00b0C."
    stocks = [("f", {"id": n, "kind": "x"}, f'{{"price": {n}0}}') for n in (1, 2)]
    assert answer("Prices", stocks) == "1: price 10.\n2: price 20."


def test_large_and_deep_results_stay_short():
    many: list[Any] = [list(range(10_000)), {f"k{n}": n for n in range(999)}]
    for value in many:
        assert len(answer("?", [("f", {}, json.dumps(value))])) < 200
    assert len(answer("?", [("f", {}, "[" * 400 + "]" * 400)])) < 1_000
    assert answer("?", [("f", {}, "[" * 50_000)])  # no JSON that can be read
    assert answer("?", []) == "There is no result to answer from."


@pytest.mark.parametrize(("length", "is_named"), [(0, False), (40, True), (41, False)])
def test_a_short_argument_says_of_what_it_is(length: int, is_named: bool) -> None:
    cities = "a" * length, "b" * length
    results = [("f", {"city": city}, f"{at}.5") for at, city in enumerate(cities)]
    told = [f"{at}.5." for at in range(2)]
    if is_named:
        told = [f"{city}: {said}" for city, said in zip(cities, told, strict=True)]
    assert answer("Look it up.", results) == "\n".join(told)
