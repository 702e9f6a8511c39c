"""What other people's suites ask: general rules, with the built-in table off.

Names, numbers and places are not those of any such suite.
"""

import json
from typing import Any

import pytest

from emulator.tests.conftest import Client, text
from responses_emulator.model.replies import reply_file
from responses_emulator.model.replies.matching import Table


@pytest.fixture
def plain(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of an emulator without ready replies."""
    monkeypatch.setattr(reply_file, "built_in", Table)
    return client


def function(name: str, about: str = "", /, **properties: Any) -> dict[str, Any]:
    given = {
        key: {"type": part} if isinstance(part, str) else part
        for key, part in properties.items()
    }
    return {
        "type": "function",
        "name": name,
        "description": about,
        "parameters": {
            "type": "object",
            "properties": given,
            "required": list(given),
            "additionalProperties": False,
        },
    }


FORECAST = function("forecast", "The weather of a place.", place="string")
CASES: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    # A place with its region or country is one.
    ("Weather in Springfield, IL?", FORECAST, [{"place": "Springfield, IL"}]),
    ("What's the weather in Lyon, France?", FORECAST, [{"place": "Lyon, France"}]),
    ("Is it warm in Perth, Western Australia?", FORECAST,
     [{"place": "Perth, Western Australia"}]),
    ("Weather in San Antonio, TX, USA", FORECAST, [{"place": "San Antonio, TX, USA"}]),
    ("How is the weather in Bergen and in Graz?", FORECAST,
     [{"place": "Bergen"}, {"place": "Graz"}]),
    ("Weather in Bergen, Graz and Porto?", FORECAST,
     [{"place": "Bergen"}, {"place": "Graz"}, {"place": "Porto"}]),
    ("Weather in Bergen, Graz, or Porto?", FORECAST,
     [{"place": "Bergen"}, {"place": "Graz"}, {"place": "Porto"}]),
    ("Weather in Austin, TX and Reno, NV?", FORECAST,
     [{"place": "Austin, TX"}, {"place": "Reno, NV"}]),
    ("Weather in Porto, Portugal and Graz, Austria?", FORECAST,
     [{"place": "Porto, Portugal"}, {"place": "Graz, Austria"}]),
    ("what's the weather in tucson?", FORECAST, [{"place": "Tucson"}]),
    ("Weather in Reno, NV",
     function("forecast", "The weather.", city="string", state="string"),
     [{"city": "Reno", "state": "NV"}]),
    # A number is what a number wants.
    ("What is the value of frobnicate(17)?",
     function("frobnicate", "Applies a secret function.", input="integer"),
     [{"input": 17}]),
    ("Call lookup with 8.25.", function("lookup", value="number"), [{"value": 8.25}]),
    ("Whats 12 * 7", function("multiply", a="integer", b="integer"),
     [{"a": 12, "b": 7}]),
    ("what is 40 + 2?", function("add", "Adds.", x="integer", y="integer"),
     [{"x": 40, "y": 2}]),
    ("What's 13 times 5?", function("multiply", a="integer", b="integer"),
     [{"a": 13, "b": 5}]),
    ("What is 4 * 9? And what is 21 + 30?", function("add", a="integer", b="integer"),
     [{"a": 21, "b": 30}]),
    ("What's 90 / 6?", function("divide", a="number", b="number"), [{"a": 90, "b": 6}]),
    ("What's 2 ** 5?", function("power", base="integer", exponent="integer"),
     [{"base": 2, "exponent": 5}]),
    ("Evaluate 9 - 4 * 2", function("calculator", expression="string"),
     [{"expression": "9 - 4 * 2"}]),
    # An id is what an id wants, and no number.
    ("Where is order ORD-98765?", function("get_order", order_id="string"),
     [{"order_id": "ORD-98765"}]),
    ("What is the status of parcel 55012?",
     function("parcel_status", parcel_id="string"), [{"parcel_id": "55012"}]),
    ("Cancel ticket TCK_31 of customer KD-7.",
     function("cancel_ticket", ticket_id="string", customer_id="string"),
     [{"ticket_id": "TCK_31", "customer_id": "KD-7"}]),
    ("Stock price of NFLX?", function("stock_price", ticker="string"),
     [{"ticker": "NFLX"}]),
    # A quoted text is what a text wants.
    ("Look up the customer named \u2018\u6771\u4eac\u5546\u4e8b\u2019 (Tokyo Trading)",
     function("find_customer", name="string"),
     [{"name": "\u6771\u4eac\u5546\u4e8b"}]),
    ("Find the customer named '\u6771\u4eac' (East Capital)",
     function("find_customer", customer_name="string"),
     [{"customer_name": "\u6771\u4eac"}]),
    ("Rename 'draft a' to 'final b'.", function("rename", old="string", new="string"),
     [{"old": "draft a", "new": "final b"}]),
    ('Search my notes for "blue heron"', function("search_notes", query="string"),
     [{"query": "blue heron"}]),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "tool", "wanted"), CASES)
def test_a_function_gets_what_the_prompt_has_for_it(
    plain: Client, prompt: str, tool: dict[str, Any], wanted: list[dict[str, Any]]
) -> None:
    output = plain.create(prompt, tools=[tool])["output"]
    calls = [item for item in output if item["type"] == "function_call"]
    assert [json.loads(call["arguments"]) for call in calls] == wanted


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("Use the tool to evaluate 4^4", "4^4"),
        ("Call the tool with 81 / 9.", "81 / 9"),
        ("Please use the code tool: `print(5)`", "print(5)"),
    ],
)
def test_the_one_tool_that_a_prompt_speaks_of_is_called(
    plain: Client, prompt: str, code: str
) -> None:
    tool = {"type": "custom", "name": "run_code", "description": "Runs Python code."}
    [call] = [
        item
        for item in plain.create(prompt, tools=[tool])["output"]
        if item["type"] == "custom_tool_call"
    ]
    assert code in call["input"]


@pytest.mark.parametrize("prompt", ["Hello.", "Thanks!", "What is my name?"])
def test_a_prompt_that_has_nothing_to_do_with_a_tool_calls_none(
    plain: Client, prompt: str
) -> None:
    tools = [FORECAST, function("multiply", a="integer", b="integer")]
    assert plain.create(prompt, tools=tools)["output"][-1]["type"] == "message"


@pytest.mark.parametrize(
    ("input", "instructions", "keys"),
    [
        ("A riddle as JSON with 'question' and 'solution' keys.", None,
         ["question", "solution"]),
        ("Describe a bird in JSON.", "Answer with the keys `name` and `wingspan`.",
         ["name", "wingspan"]),
        ("A town as JSON, with the fields name, river and mayor.", None,
         ["name", "river", "mayor"]),
        ('JSON, please, like {"author": "...", "year": 0}', None, ["author", "year"]),
        ("Some JSON, please.", None, ["answer"]),
    ],
)  # fmt: skip
def test_json_mode_has_the_keys_that_are_asked_for(
    plain: Client, input: str, instructions: str | None, keys: list[str]
) -> None:
    response = plain.create(
        input, instructions=instructions, text={"format": {"type": "json_object"}}
    )
    made = json.loads(text(response))
    assert list(made) == keys
    assert not set(keys) & set(made.values())


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Generate four fake suppliers.", 4),
        ("Make up 6 users.", 6),
        ("Create 5 user profiles with names.", 5),
        ("Invent some products.", 2),
        ("Who is there?", 0),
    ],
)
def test_a_list_that_is_to_be_made_up_has_so_many_members(
    plain: Client, prompt: str, count: int
) -> None:
    member = function("", name="string", age="integer")["parameters"]
    members = {"type": "array", "items": member}
    shape = function("", members=members)["parameters"]
    format = {"type": "json_schema", "name": "a", "schema": shape, "strict": True}
    response = plain.create(prompt, text={"format": format})
    made = json.loads(text(response))["members"]
    assert len(made) == count
    assert all(one.keys() == {"name", "age"} for one in made)
