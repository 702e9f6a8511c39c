"""The tools of a turn as functions that a model is offered, and its calls of them."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from responses_emulator.model.chat_completions.offers import Misused, Offers
from responses_emulator.model.chat_completions.writing import AsItIs, OfProperty
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Picture, Turn

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
DEFERRED = {"type": "function", "defer_loading": True}
GROUP = {
    "type": "namespace",
    "name": "crm",
    "tools": [
        {**DEFERRED, "name": "orders", "description": "O."},
        {**DEFERRED, "name": "people"},
    ],
}
SEARCH = {"type": "tool_search"}
ALONE = {
    "type": "function",
    "name": "alone",
    "description": "A.",
    "defer_loading": True,
}
REGEX = {"type": "grammar", "syntax": "regex", "definition": "[ab]+"}


def offers(*tools: dict[str, Any], **more: Any) -> Offers:
    return Offers(Turn([], tools=[*tools], **more))


def offered(*tools: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The functions by their names."""
    sent = offers(*tools, **more).functions()
    assert {each["type"] for each in sent} <= {"function"}
    return {each["function"]["name"]: each["function"] for each in sent}


# What a call comes to


@pytest.mark.parametrize(
    ("tool", "given", "call"),
    [
        ("file_search", {"queries": ["a", "b"]}, {"queries": ["a", "b"]}),
        ("file_search", {"queries": "a"}, {"queries": ["a"]}),
        ("code_interpreter", {"code": "1"}, {"code": "1"}),
        ("web_search", {"query": "q"}, {"type": "search", "query": "q"}),
        ("web_search_preview", {"query": "q"}, {"type": "search", "query": "q"}),
        ("image_generation", {"prompt": "p"}, {"prompt": "p"}),
        ("shell", {"commands": ["ls"]}, {"commands": ["ls"]}),
        ("local_shell", {"command": ["ls", "-l"]}, {"command": ["ls", "-l"]}),
        (
            "apply_patch",
            {"operation": {"type": "create_file", "path": "a", "diff": "+x", "y": 1}},
            {"operation": {"type": "create_file", "path": "a", "diff": "+x"}},
        ),
        (
            "computer",
            {"actions": [{"type": "wait"}]},
            {"actions": [{"type": "wait"}]},
        ),
        (
            "computer_use_preview",
            {"actions": [{"type": "type", "text": "x"}]},
            {"actions": [{"type": "type", "text": "x"}]},
        ),
    ],
)
def test_a_hosted_tool_is_called(
    tool: str, given: dict[str, Any], call: dict[str, Any]
) -> None:
    container = {"container": {"type": "auto"}} if tool == "code_interpreter" else {}
    known = offers({"type": tool, **container})
    name = known.name_of(tool)
    assert name == (tool.partition("_use")[0].partition("_preview")[0])
    assert known.call(name, orjson.dumps(given).decode()) == Call(name, call)
    assert known.writer(name) is None
    assert known.has(name)
    assert known.key_of(name) == (name, "", "")


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("file_search", "{", "The arguments of file_search are no JSON: "),
        ("file_search", "[1]", "The arguments of file_search are no JSON object."),
        ("file_search", "", "The arguments of file_search lack queries."),
        ("file_search", '{"queries":7}', "do not fit: 7 is no list of texts."),
        ("file_search", '{"queries":[7]}', "do not fit: 7 is no text."),
        ("code_interpreter", '{"code":["x"]}', "do not fit: ['x'] is no text."),
        ("apply_patch", '{"operation":{"path":"a"}}', "do not fit: 'type'."),
        (
            "apply_patch",
            '{"operation":{"type":"update_file","path":"a"}}',
            "do not fit: 'diff'.",
        ),
        ("computer", '{"actions":[{}]}', "there is no action None."),
        ("x", "{}", "There is no tool 'x'. There are: "),
    ],
)
def test_why_a_call_cannot_be_made_is_told(tool: str, arguments: str, why: str) -> None:
    known = offers(
        *({"type": each} for each in ("file_search", "apply_patch", "computer")),
        {"type": "code_interpreter", "container": "cntr_1"},
        workspace=Workspace,
    )
    with pytest.raises(Misused) as told:
        known.call(tool, arguments)
    assert why in str(told.value)
    assert str(told.value).endswith(".")


def test_without_a_tool_there_is_none() -> None:
    with pytest.raises(Misused, match="There are: none"):
        offers().call("f", "{}")
    assert offers({"type": "unheard_of"}).functions() == []
    assert offers().writer("f") is None
    assert not offers().has("f")


@dataclass
class Workspace:
    """What lies in a container."""

    tool: Any = None
    files: tuple[str, ...] = ()
    skills: list[Any] = field(default_factory=list[Any])


@dataclass
class Skill:
    """A skill there."""

    name: str
    description: str


def test_what_may_be_done_on_a_screen_is_listed() -> None:
    parameters = offered({"type": "computer"})["computer"]["parameters"]
    kind = parameters["properties"]["actions"]["items"]["properties"]["type"]
    assert kind["enum"] == [
        *("screenshot", "click", "double_click", "move"),
        *("scroll", "type", "keypress", "wait"),
    ]


# The caller's


def test_a_function_is_the_callers_to_read() -> None:
    plain = {"type": "function", "name": "get.weather", "parameters": CITY}
    known = offers(plain, {**plain, "name": "bare", "parameters": None})
    assert list(offered(plain)) == ["get_weather"]
    assert offered(plain)["get_weather"] == {
        "name": "get_weather",
        "description": "",
        "parameters": CITY,
    }
    call = known.call("get_weather", '{"city": 1')
    assert call == Call("function", '{"city": 1', "get.weather", "")
    # Without any arguments it has an object of none.
    assert known.call("bare", "") == Call("function", "{}", "bare", "")
    assert isinstance(known.writer("bare"), AsItIs)


def test_a_custom_tool_takes_one_text() -> None:
    tool = {"type": "custom", "name": "say", "description": "Say it."}
    known = offers(tool)
    assert known.call("say", '{"input":"x"}') == Call("custom", "x", "say", "")
    assert isinstance(known.writer("say"), OfProperty)
    [function] = offered(tool).values()
    assert function["description"] == "Say it."
    assert function["parameters"] == {
        "type": "object",
        "properties": {"input": {"type": "string"}},
        "required": ["input"],
    }


@pytest.mark.parametrize(
    ("syntax", "described"),
    [("regex", "regular expression"), ("lark", "Lark grammar")],
)
def test_a_grammar_is_described(syntax: str, described: str) -> None:
    tool = {"type": "custom", "name": "say", "format": {**REGEX, "syntax": syntax}}
    words = f"The input has to match this {described} as a whole:\n\n[ab]+"
    assert offered(tool)["say"]["description"] == words
    tool["description"] = "Say it."
    assert offered(tool)["say"]["description"] == f"Say it.\n\n{words}"
    # What has to match is known to do so when it is whole.
    assert offers(tool).writer("say") is None


# Names


def test_no_two_tools_have_one_name() -> None:
    def function(owner: str = "") -> dict[str, Any]:
        one = {"type": "function", "name": "find"}
        return {"type": "namespace", "name": owner, "tools": [one]} if owner else one

    entry = {"name": "find", "input_schema": CITY, "description": "D."}
    servers = {"s": [entry], "t t": [{"name": "find"}]}
    known = offers(function(), function("crm"), servers=servers)
    names = [each["function"]["name"] for each in known.functions()]
    assert names == ["find", "crm_find", "s_find", "t_t_find"]
    assert known.name_of("mcp", "find", "t t") == "t_t_find"
    assert known.key_of("s_find") == ("mcp", "find", "s")
    assert known.call("s_find", '{"city":"x"}') == Call(
        "mcp", {"city": "x"}, "find", "s"
    )
    assert known.functions()[2]["function"]["parameters"] == CITY
    assert known.functions()[2]["function"]["description"] == "D."
    nothing = {"type": "object", "properties": {}, "required": []}
    assert known.functions()[3]["function"]["parameters"] == nothing
    assert known.functions()[3]["function"]["description"] == ""


def test_long_names_are_cut_and_counted() -> None:
    long = "x" * 80
    servers = {label: [{"name": long}] for label in ("a", "a.", "a:", "a;")}
    tools = [{"type": "function", "name": long}]
    names = list(offered(*tools, servers=servers))
    assert [len(name) for name in names] == [64, 64, 64, 62, 62]
    assert len(set(names)) == 5
    assert names[0] == "x" * 64
    assert names[1] == f"a_{'x' * 62}"
    assert names[3:] == [f"a__{'x' * 57}_{number}" for number in (2, 3)]
    twins = {label: [{"name": "f"}] for label in ("a.", "a:", "a;")}
    assert list(offered({"type": "function", "name": "f"}, servers=twins)) == [
        *("f", "a__f", "a__f_2", "a__f_3"),
    ]


def test_a_tool_keeps_its_name_when_it_is_not_offered_any_more() -> None:
    known = offers({"type": "function", "name": "f"})
    assert known.name_of("function", "f") == "f"
    assert known.name_of("mcp", "f", "s") == "s_f"
    assert known.name_of("web_search_preview") == known.name_of("web_search")
    assert not known.has("s_f")


# What is said of hosted tools


def test_what_lies_in_a_container_is_listed() -> None:
    def told(tool: dict[str, Any], items: Any = (), *files: str) -> str:
        lies: Any = Workspace(files=files)
        turn = Turn([*items], tools=[tool], workspace=lambda _: lies)
        return Offers(turn).functions()[0]["function"]["description"]

    auto = {"type": "code_interpreter", "container": {"type": "auto"}}
    named = {"type": "code_interpreter", "container": "cntr_1"}
    filled = {**auto, "container": {"type": "auto", "file_ids": ["file-1"]}}
    used = [{"type": "code_interpreter_call", "id": "ci_1", "code": "1", "outputs": []}]
    listed = " There are: /mnt/data/a.csv, /mnt/data/b."
    assert not told(auto, [], "a.csv", "b").endswith(listed)
    for told_of in (
        told(named, [], "a.csv", "b"),
        told(filled, [], "a.csv", "b"),
        told(auto, used, "a.csv", "b"),
    ):
        assert told_of.endswith(listed)
    assert told(named) == told(auto)
    assert "[name](sandbox:/mnt/data/name)" in told(auto)


@pytest.mark.parametrize(
    ("environment", "ends"),
    [
        ({"type": "local"}, "after the user's consent."),
        (None, "after the user's consent."),
        ({"type": "container_auto"}, "Files are in /mnt/data."),
        ({"type": "container_auto", "file_ids": ["f"]}, " There are: a.csv, b."),
        ({"type": "container_reference", "container_id": "c"}, " There are: a.csv, b."),
        (
            {"type": "container_auto", "skills": [{}]},
            "\n- sums: Adds. (skills/sums/SKILL.md)\n- x: Y. (skills/x/SKILL.md)",
        ),
    ],
)
def test_what_a_shell_has_is_told(environment: Any, ends: str) -> None:
    skills = [Skill("sums", "Adds."), Skill("x", "Y.")]
    lies = Workspace(files=("a.csv", "b"), skills=skills)
    tool = {"type": "shell", "environment": environment}
    described = offered(tool, workspace=lambda _: lies)["shell"]["description"]
    assert described.endswith(ends)
    assert ("before you do what it is for" in described) == ("skills" in ends)
    assert ("ls" in described) == ("consent" not in described)


def test_an_empty_container_has_no_files() -> None:
    tool = {"type": "shell", "environment": {"type": "x", "container_id": "c"}}
    described = offered(tool, workspace=lambda _: Workspace())["shell"]["description"]
    assert described.endswith(" There are: no files.")


@pytest.mark.parametrize(
    ("location", "ends"),
    [
        (None, "addresses."),
        ({"type": "approximate"}, "addresses."),
        ({"city": "Oslo", "country": "NO"}, " The user is in Oslo, NO."),
        ({"city": "X", "region": "Y", "country": "Z"}, " The user is in X, Y, Z."),
    ],
)
def test_where_the_user_is_is_told(location: Any, ends: str) -> None:
    tool = {"type": "web_search", "user_location": location}
    assert offered(tool)["web_search"]["description"].endswith(ends)
    thorough = offered(tool, researches=True)["web_search"]["description"]
    assert "Search several times" in thorough
    assert "Search several times" not in offered(tool)["web_search"]["description"]


def test_a_picture_is_changed_where_there_is_one_and_it_is_wanted() -> None:
    def over(
        given: dict[str, Any], pictures: Any = (), items: Any = (), **tool: Any
    ) -> Any:
        painter = {"type": "image_generation", **tool}
        turn = Turn([*items], tools=[painter], pictures=pictures)
        arguments = orjson.dumps({"prompt": "p", **given}).decode()
        return Offers(turn).call("image_generation", arguments).arguments.get("over")

    def drawn(content: bytes) -> dict[str, Any]:
        result = b64encode(content).decode()
        return {"type": "image_generation_call", "id": "ig_1", "result": result}

    edit = {"edit": True}
    sent = [Picture(None, "https://a.example/a.png"), Picture(b"one"), Picture(b"two")]
    assert over(edit, sent) == b"one"
    assert over(edit, sent, [drawn(b"old")]) == b"one"
    assert over({}, sent) is None
    assert over({"edit": "yes"}, sent) is None
    assert over({}, sent, action="edit") == b"one"
    assert over(edit) is None
    assert over(edit, (), [drawn(b"old"), drawn(b"new")]) == b"new"
    failed = {"type": "image_generation_call", "id": "ig_2", "result": None}
    said = {"type": "message", "role": "user", "content": [], "result": "x"}
    assert over(edit, (), [drawn(b"old"), failed, said]) == b"old"
    assert over(edit, (), [{**failed, "result": "!"}]) is None
    told = offered({"type": "image_generation"})["image_generation"]["description"]
    assert "'edit'" in told
    alone = {"type": "image_generation", "action": "generate"}
    assert "'edit'" not in offered(alone)["image_generation"]["description"]


# Tools that are found


def test_deferred_tools_are_listed_and_found() -> None:
    known = offers(SEARCH, GROUP, ALONE)
    [function] = [each["function"] for each in known.functions()]
    told = function["description"].split("\n")
    assert told[1:] == ["- crm.orders: O.", "- crm.people: ", "- alone: A."]
    assert told[0].startswith("Load tools that you cannot call yet.")
    assert function["parameters"]["required"] == ["names"]
    for names, paths, alone in (
        (["crm.orders"], ["crm"], ["orders"]),
        (["crm.orders", "crm.people"], ["crm"], ["orders", "people"]),
        (["alone"], ["alone"], ["alone"]),
        (["crm"], ["crm"], None),
        (["crm", "alone"], ["crm", "alone"], None),
    ):
        given = {"paths": paths} if alone is None else {"paths": paths, "names": alone}
        asked = orjson.dumps({"names": names}).decode()
        assert known.call("tool_search", asked) == Call("tool_search", given)


def test_the_callers_search_has_its_own_description_and_parameters() -> None:
    mine = {**SEARCH, "execution": "client", "description": "Find."}
    known = offers({**mine, "parameters": CITY}, ALONE)
    [function] = [each["function"] for each in known.functions()]
    assert function["description"] == "Find.\n- alone: A."
    assert function["parameters"] == CITY
    given = {"city": "x"}
    asked = orjson.dumps(given).decode()
    assert known.call("tool_search", asked) == Call("tool_search", given)
    assert offered(mine)["tool_search"]["parameters"] == {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
    }


# Agents


def test_agents_have_their_places_below_the_root() -> None:
    assert offered(subagents=None) == {}
    known = offers(subagents=2)
    names = [each["function"]["name"] for each in known.functions()]
    assert names == ["spawn_agent", "wait_agent"]
    parameters = [each["function"]["parameters"] for each in known.functions()]
    assert parameters[0]["required"] == ["agent_name", "message"]
    assert parameters[1]["required"] == ["agent_names"]
    for name in ("north", "/root/north", "/north/"):
        asked = orjson.dumps({"agent_name": name, "message": "Go."}).decode()
        given = {"agent_name": "/root/north", "message": "Go."}
        made = known.call("spawn_agent", asked)
        assert made == Call("multi_agent", given, "spawn_agent")
    made = known.call("wait_agent", '{"agent_names":["north","/root/south"]}')
    given = {"agent_names": ["/root/north", "/root/south"]}
    assert made == Call("multi_agent", given, "wait_agent")
