"""The right function is called, and its result becomes a sentence."""

import json
from typing import Any

import pytest

from responses_emulator.model.standin.functions import MAX_CALLS, answer, choose


def tool(name: str, about: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "description": about,
        "parameters": {
            "type": "object",
            "properties": {key: {"type": kind} for key, kind in properties.items()},
            "required": list(properties),
            "additionalProperties": False,
        },
    }


WEATHER = tool(
    "get_weather", "Get the current temperature and wind speed.", city="string"
)
MAIL = tool("send_email", "Send an email.", to="string", body="string")
STOCK = tool("get_stock_price", "Look up a share's price.", ticker="string")
TIME = tool("get_time", "The time of day in a city.", city="string")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("What's the weather in London right now?", ["get_weather"]),
        ("Is it raining in Oslo?", ["get_weather"]),
        ("Do I need an umbrella in Rome?", ["get_weather"]),
        ("Send an email to bob@example.com.", ["send_email"]),
        ("What is the share price of MSFT?", ["get_stock_price"]),
        ("What time is it in Tokyo?", ["get_time"]),
        ("What's the weather in London and Paris?", ["get_weather"] * 2),
        ("Mail bob@example.org the weather in Rome.", ["get_weather", "send_email"]),
        ("hello", []),
        ("Tell me a joke.", []),
        ("What is my name?", []),
        ("", []),
        ("🙂 日本", []),
    ],
)
def test_the_tool_is_chosen_by_the_words_of_the_prompt(
    prompt: str, expected: list[str]
):
    chosen = choose([MAIL, WEATHER, STOCK, TIME], prompt)
    assert sorted(name for name, _ in chosen) == expected


SUMS = [
    tool(name, a="number", b="number")
    for name in ("add", "subtract", "multiply", "divide", "modulo", "power")
]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("What is 9 + 4?", "add"),
        ("What is 9 - 4?", "subtract"),
        ("What is 9 * 4?", "multiply"),
        ("What is 9 / 4?", "divide"),
        ("What is 9 % 4?", "modulo"),
        ("What is 9 ^ 4?", "power"),
    ],
)
def test_a_sum_is_for_the_function_that_does_it(prompt: str, name: str):
    assert choose(SUMS, prompt) == [(name, {"a": 9, "b": 4})]


def test_a_sum_is_for_what_calculates_as_well():
    calculator = tool("calculate", expression="string")
    assert choose([WEATHER, calculator], "What is 9 - 4?") == [
        ("calculate", {"expression": "9 - 4"})
    ]


def test_arguments_come_from_the_prompt():
    assert choose([WEATHER], "What's the weather in London right now?") == [
        ("get_weather", {"city": "London"})
    ]


def test_hosted_tools_and_bare_tools_are_no_trouble():
    assert choose([{"type": "file_search"}], "search my files") == []
    assert choose([{"type": "function", "name": "roll_dice"}], "Roll the dice!") == [
        ("roll_dice", {})
    ]
    assert choose([], "hello") == []


def test_calls_are_bounded():
    tools = [tool(f"weather_{word}", word) for word in "abcdefghijklmnopqrstuvwxyz"]
    prompt = "weather " + " ".join(f"{c} in Oslo, Rome" for c in "bcdefghjk")
    assert len(choose(tools * 20, prompt)) <= MAX_CALLS


LONDON = {"latitude": 51.51, "longitude": -0.13}
PARIS = {"latitude": 48.86, "longitude": 2.35}


@pytest.mark.parametrize(
    ("prompt", "arguments", "output", "expected"),
    [
        (
            "What's the weather in London right now?",
            LONDON,
            {"temperature": "11.2 °C", "wind": "9.4 km/h"},
            "In London the temperature is 11.2 °C and the wind is 9.4 km/h.",
        ),
        (
            "Weather?",
            {"city": "Oslo"},
            {"city": "Oslo", "current": {"rain": 3}, "current_units": {"rain": "mm"}},
            "In Oslo the rain is 3 mm.",
        ),
        (
            "Weather at sea?",
            {"latitude": 0, "longitude": 0},
            {"temperature": 30, "is_raining": False},
            "In the place at 0, 0 the temperature is 30 and it is not raining.",
        ),
        (
            "Price of MSFT?",
            {"ticker": "MSFT"},
            {"price": 9.5},
            "For MSFT the price is 9.5.",
        ),
        (
            "Weather at sea?",
            {"lat": 1, "lon": 2},
            {"lat": 1, "lon": 2, "wind": 9, "wind_unit": "km/h"},
            "In the place at 1, 2 the wind is 9 km/h.",
        ),
        (
            "Weather at sea?",
            {"lat": 1, "lng": 2},
            {"value": 9, "unit": "km/h"},
            "In the place at 1, 2 the value is 9 km/h.",
        ),
        ("Wind?", {}, {"wind_speed_10m": 3}, "The wind speed is 3."),
        (
            "Glasses?",
            {},
            {"glass": 3, "plates": 4},
            "The glass is 3 and the plates are 4.",
        ),
        ("Send it", {}, False, "f did not succeed."),
        (
            "Send it",
            {},
            "Error: no such thing",
            "I could not find this out: f failed with “Error: no such thing”.",
        ),
        (
            "Price of MSFT?",
            {"live": True, "fields": ["a"], "ticker": "MSFT"},
            {"price": 9.5},
            "For MSFT the price is 9.5.",
        ),
        ("Add", {"a": 1, "b": 2}, 3, "The result is 3."),
        ("Find", {}, ["a", "b", "c"], "There are 3 results: a, b and c."),
        ("Find", {}, [], "Nothing was found."),
        ("Find", {}, [{"name": "x", "n": 1}], "There is 1 result: (1) name: x; n: 1."),
        ("Send it", {}, {"success": True}, "f is done."),
        ("Send it", {}, None, "f is done."),
        ("Items?", {}, {"items": ["a", "b"]}, "The items are a and b."),
        ("Is it?", {}, {"open": True}, "The answer for open is yes."),
    ],
)
def test_results_become_a_sentence(
    prompt: str, arguments: dict[str, Any], output: Any, expected: str
):
    assert answer(prompt, [("f", arguments, json.dumps(output))]) == expected


def test_plain_text_is_passed_on():
    assert answer("?", [("f", {}, "It is sunny")]) == "It is sunny."
    assert answer("?", [("f", {"city": "Rome"}, "sunny")]) == "In Rome: sunny."
    assert answer("?", [("f", {}, "")]) == "f is done."


def test_an_error_is_told_with_its_reason():
    failed = [("get_weather", LONDON, '{"error": "ConnectTimeout: slow"}')]
    told = answer("How is it in London?", failed)
    assert "could not" in told
    assert "ConnectTimeout: slow" in told
    assert "London" in told
    nested = answer("?", [("f", {}, '{"error": {"message": "no such city"}}')])
    assert "no such city" in nested


def test_several_results_are_told_apart():
    told = answer(
        "What's the weather in London and Paris?",
        [
            ("get_weather", LONDON, '{"temperature": "11 °C"}'),
            ("get_weather", PARIS, '{"temperature": "13 °C"}'),
        ],
    )
    assert told == (
        "In London the temperature is 11 °C. In Paris the temperature is 13 °C."
    )
    stocks = [("f", {"id": n, "kind": "x"}, f'{{"price": {n}0}}') for n in (1, 2)]
    assert answer("Prices", stocks) == "For 1 the price is 10. For 2 the price is 20."


def test_large_and_deep_results_stay_short():
    assert len(answer("?", [("f", {}, json.dumps(list(range(10_000))))])) < 200
    assert len(
        answer("?", [("f", {}, json.dumps({f"k{n}": n for n in range(999)}))])
    ) < (500)
    assert answer("?", [("f", {}, "[" * 50_000)])
    assert answer("?", []) == "There is no result to answer from."
