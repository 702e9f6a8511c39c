"""The right function is called, with arguments from the prompt."""

from typing import Any

import pytest

from responses_emulator.model.standin.function_calls import MAX_CALLS, choose


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
        ("I live in Oslo.", []),
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
