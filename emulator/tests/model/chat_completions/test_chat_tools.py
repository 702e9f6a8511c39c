"""Hosted tools and a real model: it is offered functions, and the loop runs them.

Each test holds the items against the published contract, and the events end as all
others do: what tests exchange is held against it at the end of a run, too.
"""

from base64 import b64decode, b64encode
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, Client, approved, kinds
from emulator.tests.model.chat_completions.chat_server import (
    Plain,
    Refused,
    Server,
    behind,
    calls,
    chat_server,
    chunk,
    says,
    used,
)
from emulator.tests.model.chat_completions.test_chat_parameters import PIXEL
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator.model.chat_completions.results import CUT_OFF
from responses_emulator.tools.mslearn import LEARN, SEARCH

CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
WEB = {"type": "web_search"}
DOCS = {"type": "mcp", "server_label": "learn", "server_url": LEARN}
ORDERS = {
    **GET_WEATHER,
    "name": "list_orders",
    "description": "List orders.",
    "defer_loading": True,
}
CRM = {"type": "namespace", "name": "crm", "description": "Customers."}
PATCH = {"type": "update_file", "path": "a.py", "diff": "@@\n-x\n+y\n"}


def offered(server: Server, number: int = 0) -> dict[str, Any]:
    """The functions that were offered, by their names."""
    return {
        tool["function"]["name"]: tool["function"]
        for tool in server.asked[number].get("tools", [])
    }


def told(server: Server, number: int = -1) -> str:
    """What the model was told last of a tool."""
    message = server.asked[number]["messages"][-1]
    assert message["role"] == "tool"
    return message["content"]


def text_of(response: dict[str, Any]) -> dict[str, Any]:
    return response["output"][-1]["content"][0]


# File search


def store(client: Client) -> dict[str, Any]:
    id = client.json("POST", "/vector_stores", {})["id"]
    for name, text in (
        ("africa.txt", b"Lions live in large prides in Africa and sleep a lot."),
        ("asia.txt", b"Tigers live alone in the forests of Asia, and swim well."),
    ):
        body = {"file_id": uploaded(client, text, name)}
        client.json("POST", f"/vector_stores/{id}/files", body)
    return {"type": "file_search", "vector_store_ids": [id]}


def test_files_are_searched_and_cited_where_they_are_quoted(ask: Any) -> None:
    answer = 'It says: "Tigers live alone in the forests of Asia". Lions do not.'
    client, server = ask(
        calls(("file_search", {"queries": ["Where do tigers live?"]})),
        says(answer),
    )
    tool = store(client)
    response = client.create("Tigers?", tools=[tool])
    assert kinds(response) == ["file_search_call", "message"]
    assert response["output"][0]["queries"] == ["Where do tigers live?"]
    part = text_of(response)
    [citation] = part["annotations"]
    assert citation["type"] == "file_citation"
    assert citation["filename"] == "asia.txt"
    assert part["text"][: citation["index"]].endswith("the forests of Asia")
    assert "Search the user's files" in offered(server)["file_search"]["description"]
    passages = orjson.loads(told(server))
    assert passages[0]["file"] == "asia.txt"
    assert response["usage"]["input_tokens"] == 22  # of both times it was asked


def test_what_is_not_quoted_is_not_cited(ask: Any) -> None:
    search = calls(("file_search", {"queries": ["tigers"]}))
    client, _ = ask(search, says("They live in Asia, I think."))
    response = client.create("Tigers?", tools=[store(client)])
    assert text_of(response)["annotations"] == []


def test_the_events_are_those_of_the_service_in_its_order(ask: Any) -> None:
    answer = "Tigers live alone in the forests of Asia."
    search = calls(("file_search", {"queries": ["tigers"]}))
    client, _ = ask(search, says(answer))
    events = client.events("Tigers?", tools=[store(client)])
    names = [event["type"].removeprefix("response.") for event in events]
    names = [name for name in names if not name.endswith("delta")]
    assert names == [
        *("created", "in_progress"),
        "output_item.added",
        "file_search_call.in_progress",
        "file_search_call.searching",
        "file_search_call.completed",
        "output_item.done",
        *("output_item.added", "content_part.added"),
        "output_text.annotation.added",
        *("output_text.done", "content_part.done", "output_item.done"),
        "completed",
    ]


def test_arguments_that_do_not_fit_are_told_and_tried_again(ask: Any) -> None:
    client, server = ask(
        calls(("file_search", '{"queries": ["tig')),
        calls(("file_search", {"query": "tigers"})),
        calls(("file_search", {"queries": "tigers"})),
        says("In Asia."),
    )
    response = client.create("Tigers?", tools=[store(client)])
    assert kinds(response) == ["file_search_call", "message"]
    assert "are no JSON" in told(server, 1)
    assert "lack queries" in told(server, 2)
    client, _ = ask(calls(("file_search", "tigers")))
    status, error = client.error(
        "POST",
        "/responses",
        {"model": "gpt-6-luna", "input": "?", "tools": [store(client)]},
    )
    assert status == 500
    assert "The arguments of file_search are no JSON" in error["message"]


# Code interpreter


def test_a_program_is_run_and_what_it_wrote_is_cited(ask: Any) -> None:
    program = "open('sums.csv', 'w').write('a,b')\nprint(6 * 7)"
    answer = "It is 42: [sums](sandbox:/mnt/data/sums.csv)."
    client, server = ask(calls(("code_interpreter", {"code": program})), says(answer))
    response = client.create("6 x 7?", tools=[CODE])
    assert kinds(response) == ["code_interpreter_call", "message"]
    assert response["output"][0]["code"] == program
    assert told(server) == "42\n\n[Written to /mnt/data: sums.csv]"
    [citation] = text_of(response)["annotations"]
    assert citation["filename"] == "sums.csv"
    assert citation["container_id"] == response["output"][0]["container_id"]
    path = f"/containers/{citation['container_id']}/files/{citation['file_id']}/content"
    assert client.send("GET", path).body == b"a,b"
    client.create("Again?", tools=[CODE], previous_response_id=response["id"])
    description = offered(server, 2)["code_interpreter"]["description"]
    assert description.endswith("There are: /mnt/data/sums.csv.")


def cut(*pieces: Any) -> list[Any]:
    """A script that is cut off within the last of these calls: its name, its begin."""
    made = [
        chunk(tool_calls=[{"index": n, "function": {"name": name, "arguments": given}}])
        for n, (name, given) in enumerate(pieces)
    ]
    return [chunk(content="I look."), *made, chunk(finish_reason="length"), used()]


@pytest.mark.parametrize(
    ("tool", "call", "shown"),
    [
        (
            CODE,
            ("code_interpreter", '{"code": "print(\\"a\\")\\nx = '),
            {"code": 'print("a")\nx = ', "outputs": None},
        ),
        (
            DOCS,
            (SEARCH, '{"query": "azu'),
            {"arguments": '{"query": "azu', "output": None, "error": None},
        ),
        ("files", ("file_search", '{"queries": ["li'), {"queries": []}),
    ],
)
def test_a_call_that_is_cut_off_is_shown_and_not_made(
    ask: Any, tool: Any, call: tuple[str, str], shown: dict[str, Any]
) -> None:
    client, server = ask(cut(call), cut(call), says("Then."))
    made = store(client) if tool == "files" else tool
    asked = {**made, "require_approval": "never"} if tool is DOCS else made
    response = client.create("What?", tools=[asked], max_output_tokens=16)
    assert response["status"] == "incomplete"
    message, item = response["output"][-2:]
    assert (message["status"], item["status"]) == ("completed", "incomplete")
    assert {name: item[name] for name in shown} == shown
    events = client.events("What?", tools=[asked], max_output_tokens=16)
    assert events[-2]["item"]["status"] == "incomplete"
    assert not any(e["type"].endswith("call.completed") for e in events)
    client.create("And?", tools=[asked], previous_response_id=response["id"])
    messages = server.asked[-1]["messages"]
    assert messages[-2]["content"] == CUT_OFF
    [told_again] = messages[-3]["tool_calls"]
    orjson.loads(told_again["function"]["arguments"])


def test_all_calls_before_one_that_is_cut_off_are_shown(ask: Any) -> None:
    script = cut(
        ("code_interpreter", '{"code": "print(1)"}'),
        ("get_weather", '{"city": "Oslo"}'),
        ("get_weather", '{"ci'),
    )
    client, server = ask(script)
    tools = [CODE, GET_WEATHER]
    for response in (
        client.create("What?", tools=tools),
        client.events("What?", tools=tools)[-1]["response"],
    ):
        shown = response["output"][1:]
        assert [item["status"] for item in shown] == ["incomplete"] * 3
        assert shown[2]["arguments"] == '{"ci'
    assert len(server.asked) == 2


def test_a_call_that_would_need_approval_is_not_shown_when_it_is_cut_off(
    ask: Any,
) -> None:
    client, _ = ask(cut((SEARCH, '{"query": "azu')))
    response = client.create("What?", tools=[DOCS])
    assert kinds(response) == ["mcp_list_tools", "message"]


def test_a_program_that_fails_is_told_and_another_one_run(ask: Any) -> None:
    client, server = ask(
        calls(("code_interpreter", {"code": "print(1 / 0)"})),
        calls(("code_interpreter", {"code": "print(1)"})),
        says("One."),
    )
    response = client.create("1 / 0?", tools=[CODE])
    assert kinds(response) == ["code_interpreter_call"] * 2 + ["message"]
    assert "ZeroDivisionError" in told(server, 1)


# Web search


def test_the_catalogue_is_searched_and_pages_are_cited_by_their_links(
    ask: Any,
) -> None:
    client, server = ask(
        calls(("web_search", {"query": "Azure OpenAI quota"})), says("Later.")
    )
    client.create("Quota?", tools=[WEB])
    page = orjson.loads(told(server))[0]
    answer = f"There is a quota ([here]({page['url']})), see {page['url']}."
    client, _ = ask(
        calls(("web_search", {"query": "Azure OpenAI quota"})), says(answer)
    )
    response = client.create("Quota?", tools=[WEB])
    assert kinds(response) == ["web_search_call", "message"]
    assert response["output"][0]["action"]["query"] == "Azure OpenAI quota"
    part = text_of(response)
    cited = [
        part["text"][a["start_index"] : a["end_index"]] for a in part["annotations"]
    ]
    assert cited == [f"([here]({page['url']}))", page["url"]]
    assert {a["title"] for a in part["annotations"]} == {page["title"]}


# MCP


def test_a_servers_tools_are_functions_and_are_called(ask: Any) -> None:
    client, server = ask(calls((SEARCH, {"query": "quota"})), says("So it is."))
    tools = [{**DOCS, "require_approval": "never"}]
    response = client.create("Quota?", tools=tools)
    assert kinds(response) == ["mcp_list_tools", "mcp_call", "message"]
    assert response["output"][1]["arguments"] == '{"query":"quota"}'
    assert "parameters" in offered(server)[SEARCH]
    assert told(server) == response["output"][1]["output"]
    # A caller's function of the same name comes first, and keeps its name.
    mine = {**GET_WEATHER, "name": SEARCH}
    client.create("Quota?", tools=[mine, *tools])
    assert list(offered(server, -1))[:2] == [SEARCH, f"learn_{SEARCH}"]


@pytest.mark.parametrize("approve", [True, False])
def test_an_approval_is_asked_for_and_its_outcome_told(ask: Any, approve: bool) -> None:
    client, server = ask(calls((SEARCH, {"query": "quota"})), says("Well."))
    asked = client.create("Quota?", tools=[DOCS])
    assert kinds(asked) == ["mcp_list_tools", "mcp_approval_request"]
    answer = approved(asked["output"][1]["id"], approve)
    response = client.create([answer], tools=[DOCS], previous_response_id=asked["id"])
    assert kinds(response) == ["mcp_call", "message"] if approve else ["message"]
    _, assistant, _ = server.asked[1]["messages"]
    [call] = assistant["tool_calls"]
    assert call["function"] == {"name": SEARCH, "arguments": '{"query":"quota"}'}
    assert ("did not approve" in told(server)) is not approve


# Pictures


def test_a_picture_is_drawn_and_changed(ask: Any) -> None:
    client, server = ask(
        calls(("image_generation", {"prompt": "A red square"})), says("Here it is.")
    )
    header = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}
    body = {
        "model": "gpt-6-luna",
        "input": "Draw a red square.",
        "tools": [{"type": "image_generation"}],
    }
    reply = client.send("POST", "/responses", body, **header)
    response = orjson.loads(reply.body)  # pyright: ignore[reportArgumentType]
    assert kinds(response) == ["image_generation_call", "message"]
    assert b64decode(response["output"][0]["result"]).startswith(b"\x89PNG")
    assert told(server) == "The picture is drawn, and the user sees it."


def test_a_picture_is_drawn_by_a_model_that_was_named_for_it(ask: Any) -> None:
    client, server = ask(
        calls(("image_generation", {"prompt": "A dot"})), says("Here.")
    )
    data = [{"b64_json": b64encode(PIXEL).decode()}]
    refused = Refused(400, {"error": {"message": "Unknown parameter: response_format"}})
    body = {
        "model": "gpt-6-luna",
        "input": "Draw a dot.",
        "tools": [{"type": "image_generation", "size": "1024x1536"}],
    }
    header = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}
    with chat_server(refused, Plain({"data": data}), Plain({"data": []})) as painter:
        model = behind(painter, model="flux")
        client.emulator.world.models = {"gpt-image-2.5-flare": model}
        reply = client.send("POST", "/responses", body, **header)
        [picture, _] = orjson.loads(reply.body)["output"]  # pyright: ignore[reportArgumentType]
        assert b64decode(picture["result"]) == PIXEL
        assert picture["revised_prompt"] == "A dot"
        assert [asked["path"] for asked in painter.asked] == [
            "/v1/images/generations",
            "/v1/images/generations",
        ]
        assert painter.asked[1]["size"] == "1024x1536"
        assert "response_format" not in painter.asked[1]
        server.scripts.insert(0, calls(("image_generation", {"prompt": "A dot"})))
        status, error = client.error("POST", "/responses", body, **header)
    assert status == 500
    assert "gave no picture" in error["message"]


def test_a_picture_is_drawn_and_changed_by_a_model_as_it_was_asked_for(
    ask: Any,
) -> None:
    client, server = ask(
        calls(("image_generation", {"prompt": "A dot", "edit": True})), says("Here.")
    )
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    tool = {
        "type": "image_generation",
        "size": "auto",
        "quality": "high",
        "background": "transparent",
        "output_format": "webp",
        "output_compression": 50,
    }
    body = {
        "model": "gpt-6-luna",
        "input": [
            {"role": "user", "content": [{"type": "input_image", "image_url": url}]}
        ],
        "tools": [tool],
    }
    header = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}
    drawn = Plain({"data": [{"b64_json": b64encode(PIXEL).decode()}]})
    unknown = Refused(400, {"error": {"message": "Unknown parameter: 'background'."}})
    safety = Refused(400, {"error": {"message": "Rejected: quality of this prompt."}})
    with chat_server(unknown, drawn, drawn, safety) as painter:
        model = behind(painter, model="flux")
        client.emulator.world.models = {"gpt-image-2.5-flare": model}
        client.send("POST", "/responses", body, **header)
        first, second = painter.asked
        assert first["path"] == second["path"] == "/v1/images/edits"
        form = second["form"]
        assert PIXEL in form
        assert b'name="image"; filename="picture.png"' in form
        for name, value in (("quality", "high"), ("output_compression", "50")):
            assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in form
        assert b"background" in first["form"]
        assert b"background" not in form
        assert b"size" not in form
        plain = calls(("image_generation", {"prompt": "A dot"}))
        server.scripts[:0] = [plain, says("Here."), plain]
        client.send("POST", "/responses", body, **header)
        asked = painter.asked[-1]
        assert asked["path"] == "/v1/images/generations"
        assert (asked["background"], asked["output_format"]) == ("transparent", "webp")
        assert "size" not in asked
        status, error = client.error("POST", "/responses", body, **header)
    assert (status, error["message"]) == (400, "Rejected: quality of this prompt.")
    assert len(painter.asked) == 4


# Tools that are found, and those of the caller's without a name


def test_a_tool_that_is_found_is_called(ask: Any) -> None:
    client, server = ask(
        calls(("tool_search", {"names": ["crm.list_orders"]})),
        calls(("list_orders", {"city": "Oslo"})),
    )
    tools = [{"type": "tool_search"}, {**CRM, "tools": [ORDERS]}]
    response = client.create("Orders?", tools=tools)
    assert kinds(response) == [
        "tool_search_call",
        "tool_search_output",
        "function_call",
    ]
    assert response["output"][2]["namespace"] == "crm"
    assert list(offered(server)) == ["tool_search"]
    listed = offered(server)["tool_search"]["description"]
    assert "- crm.list_orders: List orders." in listed
    assert "list_orders" in offered(server, 1)
    assert told(server) == "You can call these now: list_orders."


def test_a_custom_tool_gets_its_text(ask: Any) -> None:
    grammar = {"type": "grammar", "syntax": "regex", "definition": "[a-z]+"}
    tool = {"type": "custom", "name": "say", "description": "Say.", "format": grammar}
    client, server = ask(calls(("say", {"input": "hello"})), says("Said."))
    response = client.create("Say hello.", tools=[tool])
    [call] = response["output"]
    assert (call["type"], call["input"]) == ("custom_tool_call", "hello")
    assert "[a-z]+" in offered(server)["say"]["description"]
    output = {
        "type": "custom_tool_call_output",
        "call_id": call["call_id"],
        "output": "Done.",
    }
    client.create([output], previous_response_id=response["id"], tools=[tool])
    _, assistant, _ = server.asked[1]["messages"]
    given = assistant["tool_calls"][0]["function"]["arguments"]
    assert orjson.loads(given) == {"input": "hello"}
    assert told(server) == "Done."


@pytest.mark.parametrize(
    ("tool", "called", "kind", "output", "heard"),
    [
        (
            {"type": "shell", "environment": {"type": "local"}},
            ("shell", {"commands": ["ls"]}),
            "shell_call",
            [{"stdout": "a.txt", "stderr": "no b", "outcome": {"type": "exit"}}],
            "a.txt\nno b\n(exit code 1)",
        ),
        (
            {"type": "apply_patch"},
            ("apply_patch", {"operation": PATCH}),
            "apply_patch_call",
            "No such file.",
            "failed. No such file.",
        ),
    ],
)
def test_what_the_caller_carries_out_is_told(
    ask: Any, tool: Any, called: Any, kind: str, output: Any, heard: str
) -> None:
    client, server = ask(calls(called), says("Done."))
    response = client.create("Do it.", tools=[tool])
    [call] = response["output"]
    assert call["type"] == kind
    item = {"type": f"{kind}_output", "call_id": call["call_id"], "output": output}
    if kind == "shell_call":
        output[0]["outcome"]["exit_code"] = 1
    else:
        item["status"] = "failed"
    client.create([item], previous_response_id=response["id"], tools=[tool])
    assert told(server) == heard
    _, assistant, _ = server.asked[1]["messages"]
    given = orjson.loads(assistant["tool_calls"][0]["function"]["arguments"])
    assert given == called[1]


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ({"type": "screenshot"}, {}),
        ({"type": "wait", "text": "x"}, {"text": ...}),
        ({"type": "click", "x": 1, "y": 2, "button": "right"}, {}),
        ({"type": "click", "x": 1, "y": 2}, {"button": "left"}),
        ({"type": "double_click", "x": 1, "y": 2}, {}),
        ({"type": "move", "x": 1, "y": 2}, {}),
        ({"type": "scroll", "scroll_y": 9}, {"x": 0, "y": 0, "scroll_x": 0}),
        ({"type": "scroll", "scroll_x": 9}, {"x": 0, "y": 0, "scroll_y": 0}),
        ({"type": "type", "text": "Hi"}, {}),
        ({"type": "keypress", "keys": ["a", "b"]}, {}),
    ],
)
def test_an_action_on_a_screen_has_what_it_needs(
    ask: Any, asked: dict[str, Any], made: dict[str, Any]
) -> None:
    client, _ = ask(calls(("computer", {"actions": [asked]})))
    [call] = client.create("Do it.", tools=[{"type": "computer"}])["output"]
    whole = {**asked, **made}
    assert call["actions"] == [{k: v for k, v in whole.items() if v is not ...}]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("computer", {"actions": []}, "there is no action"),
        ("computer", {"actions": [{"type": "move", "x": 1}]}, "lacks 'y'"),
        ("computer", {"actions": [{"type": "type"}]}, "lacks 'text'"),
        ("computer", {"actions": [{"type": "keypress"}]}, "lacks 'keys'"),
        (
            "apply_patch",
            {"operation": {"type": "move_file", "path": "a"}},
            "there is no operation 'move_file'",
        ),
    ],
)
def test_what_a_call_lacks_is_told_to_the_model(
    ask: Any, name: str, given: dict[str, Any], said: str
) -> None:
    client, server = ask(calls((name, given)), says("Sorry."))
    client.create("Do it.", tools=[{"type": name}])
    assert said in told(server)


def test_a_file_is_deleted_without_a_diff(ask: Any) -> None:
    operation = {"type": "delete_file", "path": "a.py"}
    client, _ = ask(calls(("apply_patch", {"operation": {**operation, "diff": "x"}})))
    [call] = client.create("Do it.", tools=[{"type": "apply_patch"}])["output"]
    assert call["operation"] == operation


def test_a_screen_is_used_and_seen(ask: Any) -> None:
    actions = [{"type": "click", "x": 3, "y": 4}, {"type": "keypress", "keys": "a"}]
    client, server = ask(
        calls(("computer", {"actions": [{"type": "fly"}]})),
        calls(("computer", {"actions": actions})),
        says("I see."),
    )
    tool = {"type": "computer"}
    response = client.create("Click.", tools=[tool])
    assert "no action 'fly'" in told(server, 1)
    [call] = response["output"]
    assert call["actions"] == [
        {"type": "click", "x": 3, "y": 4, "button": "left"},
        {"type": "keypress", "keys": ["a"]},
    ]
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    output = {
        "type": "computer_call_output",
        "call_id": call["call_id"],
        "output": {"type": "computer_screenshot", "image_url": url},
    }
    client.create([output], previous_response_id=response["id"], tools=[tool])
    *_, heard, shown = server.asked[2]["messages"]
    assert heard["content"] == "The screen now:"
    assert shown["content"][1] == {"type": "image_url", "image_url": {"url": url}}


def test_commands_are_carried_out_in_a_container(ask: Any) -> None:
    client, server = ask(
        calls(("shell", {"commands": ["echo hello"]})),
        says("It says hello."),
    )
    tool = {"type": "shell", "environment": {"type": "container_auto"}}
    response = client.create("Try it.", tools=[tool])
    assert kinds(response) == ["shell_call", "shell_call_output", "message"]
    assert "hello" in told(server)


# Several agents


def test_agents_are_spawned_and_waited_for(ask: Any) -> None:
    client, server = ask(
        calls(("spawn_agent", {"agent_name": "north", "message": "How is Oslo?"})),
        calls(("wait_agent", {"agent_names": ["north"]})),
        says("Oslo is fine."),  # the other agent
        says("All is fine."),
    )
    body = {
        "model": "gpt-6-luna",
        "input": "How is Oslo?",
        "multi_agent": {"enabled": True},
    }
    path = "/responses?beta=true&api-version=preview"
    output = client.json("POST", path, body)["output"]
    made = [item["type"] for item in output]
    assert made.count("multi_agent_call") == 2
    assert output[-1]["content"][0]["text"] == "All is fine."
    assert server.asked[2]["messages"] == [{"role": "user", "content": "How is Oslo?"}]
    assert "tools" not in server.asked[2]
    assert "Oslo is fine." in told(server)


# Afterwards


def test_calls_of_earlier_turns_are_told_again(ask: Any) -> None:
    client, server = ask(
        calls(("code_interpreter", {"code": "print(1)"}), text="Let me see."),
        says("One."),
        calls(("web_search", {"query": "Azure OpenAI quota"})),
        says("Found."),
        says("Yes."),
    )
    first = client.create("One?", tools=[CODE])
    second = client.create("Web?", tools=[WEB], previous_response_id=first["id"])
    client.create("Sure?", previous_response_id=second["id"])
    roles = [message["role"] for message in server.asked[-1]["messages"]]
    assert roles == [
        *("user", "assistant", "tool", "assistant"),
        *("user", "assistant", "tool", "assistant", "user"),
    ]
    messages = server.asked[-1]["messages"]
    assert messages[1]["content"] == "Let me see."
    assert messages[2]["content"] == "1\n"
    assert messages[6]["content"].startswith("This was found earlier")
