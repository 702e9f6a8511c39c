"""A history that a client sends back by hand: what goes, and what is refused."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openai import OpenAI

from emulator.tests.conftest import GET_WEATHER, Client
from emulator.tests.resources.test_container_files import uploaded
from emulator.tests.tools.test_caller_tools import (
    COMPUTER,
    LIST,
    LOCAL_SHELL,
    SCREENSHOT,
    SEARCH,
    SHELL,
)
from emulator.tests.tools.test_tool_choice import IMAGES, LEARN, NOTE
from responses_emulator import events
from responses_emulator.account import KEY
from responses_emulator.adapters.transport import Transport
from responses_emulator.core import Emulator
from responses_emulator.ids import new_id
from responses_emulator.resources.includes import INCLUDES

WEATHER = "What's the weather in Oslo?"
THINKS = "gpt-5.6-sol"

# What a client's library sends goes back, of every kind of item.

MICROSOFT = "What does Microsoft Learn say about Azure Functions?"
TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("Count to 3.", {}),
    "function": (WEATHER, {"tools": [GET_WEATHER]}),
    "functions": ("What's the weather in Oslo and in Rome?", {"tools": [GET_WEATHER]}),
    "custom": (
        "Take a note: `buy milk`.",
        {"tools": [{**NOTE, "description": "Keep a note."}]},
    ),
    "file search": (
        "On which day is Gerda watered?",
        {"tools": [{"type": "file_search"}]},
    ),
    "web search": (
        "Search the web for Azure Functions.",
        {"tools": [{"type": "web_search"}]},
    ),
    "code interpreter": (
        "Compute 17 * 23 and save it as result.csv.",
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
    ),
    "image generation": ("Draw a cat.", {"tools": [{"type": "image_generation"}]}),
    "mcp": (MICROSOFT, {"tools": [LEARN]}),
    "approval": (MICROSOFT, {"tools": [{**LEARN, "require_approval": "always"}]}),
    "shell": (LIST, {"tools": [SHELL]}),
    "hosted shell": (
        "Run `echo 1`.",
        {"tools": [{"type": "shell", "environment": {"type": "container_auto"}}]},
    ),
    "local shell": (LIST, {"tools": [LOCAL_SHELL]}),
    "apply patch": (
        "Create a file a.txt that says 'Hi'.",
        {"tools": [{"type": "apply_patch"}]},
    ),
    "computer": (SEARCH, {"tools": [COMPUTER]}),
    "tool search": (
        WEATHER,
        {"tools": [{**GET_WEATHER, "defer_loading": True}, {"type": "tool_search"}]},
    ),
    "client's tool search": (
        WEATHER,
        {"tools": [GET_WEATHER, {"type": "tool_search", "execution": "client"}]},
    ),
    "compaction": (
        "Count to 3. " * 1000,
        {"context_management": [{"type": "compaction", "compact_threshold": 1000}]},
    ),
    "agents": ("- Count to 3.\n- Count to 4.", {"multi_agent": {"enabled": True}}),
}
PRINTED = {"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
ANSWERS: dict[str, dict[str, Any]] = {
    "function_call": {"output": "Sunny."},
    "custom_tool_call": {"output": "Done."},
    "shell_call": {"output": [PRINTED]},
    "local_shell_call": {"output": "a"},
    "apply_patch_call": {"status": "completed"},
    "computer_call": {
        "output": {"type": "computer_screenshot", "image_url": SCREENSHOT}
    },
    "tool_search_call": {"execution": "client", "tools": [GET_WEATHER]},
}


# Not listed here: of what an item of the first three has when it is listed, OpenAI's
# contract contradicts itself or Microsoft's, and the SDK has no types for the last.
NOT_LISTED = ("custom", "local shell", "approval", "agents")


def answers(output: list[Any]) -> Iterator[dict[str, Any]]:
    """What a caller sends for each call that waits for it."""
    run = {item.call_id for item in output if item.type == "shell_call_output"}
    for item in output:
        if item.type == "mcp_approval_request":
            yield {
                "type": "mcp_approval_response",
                "approval_request_id": item.id,
                "approve": True,
            }
        elif item.type in ANSWERS and item.call_id and item.call_id not in run:
            kind = f"{item.type}_output".replace("tool_search_call_", "tool_search_")
            name = "id" if item.type == "local_shell_call" else "call_id"
            yield {"type": kind, name: item.call_id, **ANSWERS[item.type]}


def created(api: Any, **asked: Any) -> list[Any]:
    return api.create(**asked).output


def streamed(api: Any, **asked: Any) -> list[Any]:
    told = api.create(**asked, stream=True)
    return [event.item for event in told if event.type == "response.output_item.done"]


def completed(api: Any, **asked: Any) -> list[Any]:
    [end] = [
        event
        for event in api.create(**asked, stream=True)
        if event.type == "response.completed"
    ]
    return end.response.output


def parsed(api: Any, **asked: Any) -> list[Any]:
    return api.parse(**asked).output


def helped(api: Any, **asked: Any) -> list[Any]:
    with api.stream(**asked) as stream:
        return stream.get_final_response().output


WAYS = [
    (name, way)
    for name in TOOLS
    for way in (created, streamed, completed, parsed, helped)
    if name != "agents" or way not in (parsed, helped)  # which know nothing of them
]


@pytest.fixture(scope="module")
def served() -> Client:
    return Client(model=THINKS)


@pytest.fixture(scope="module")
def sdk(served: Client) -> Iterator[OpenAI]:
    transport = Transport(served.emulator.handle)
    with httpx2.Client(transport=transport) as http:
        yield OpenAI(
            api_key=KEY,
            base_url="http://localhost/openai/v1/",
            default_query={"api-version": "preview"},
            default_headers={name.replace("_", "-"): v for name, v in IMAGES.items()},
            http_client=http,
            max_retries=0,
        )


def asked_for(served: Client, name: str, *, store: bool) -> dict[str, Any]:
    """A first turn with the tools of a case, as one asks for it."""
    prompt, options = TOOLS[name]
    if name == "file search":
        file = uploaded(served, b"Gerda is watered on Thursdays.", "a.txt")
        kept = served.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
        options = {"tools": [{"type": "file_search", "vector_store_ids": [kept]}]}
    asked = {
        "model": THINKS,
        "input": [{"role": "user", "content": prompt}],
        "store": store,
        "include": list(INCLUDES[:5]),
        **options,
    }
    return asked


def api_of(sdk: OpenAI, name: str) -> Any:
    return sdk.beta.responses if name == "agents" else sdk.responses


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize(("name", "way"), WAYS)
def test_the_output_goes_back_as_it_came(
    served: Client, sdk: OpenAI, name: str, way: Any, store: bool
) -> None:
    asked = asked_for(served, name, store=store)
    api = api_of(sdk, name)
    output = way(api, **asked)
    asked["input"] += [*output, *answers(output)]
    kinds = [item.type for item in output]
    if kinds[-1] == "message":
        asked["input"].append({"role": "user", "content": "And now?"})
    asked.pop("context_management", None)

    assert way(api, **asked), kinds


def test_that_was_every_kind_of_item(served: Client, sdk: OpenAI) -> None:
    made: set[str] = set()
    for name in TOOLS:
        api, asked = api_of(sdk, name), asked_for(served, name, store=True)
        output = created(api, **asked)
        made |= {item.type for item in output}
        if name in NOT_LISTED:
            continue
        back = [*asked["input"], *output, *answers(output)]
        listed = api.input_items.list(api.create(**asked | {"input": back}).id)
        assert len([*listed]) >= len(back)
    # A call of a server is made once it was asked for its tools.
    assert made == set(events._UNFOLD)


# What is refused, and what just goes.

QUESTION = {"role": "user", "content": WEATHER}
TWO_CITIES = {"role": "user", "content": "What's the weather in Oslo and in Rome?"}
UNKNOWN = "Unknown parameter: '{}'."
LACKS_ITS_FOLLOWER = (
    "Item '{}' of type 'reasoning' was provided without its required following item."
)
LACKS_REASONING = (
    "Item '{}' of type '{}' was provided without its required 'reasoning' item: '{}'."
)
TWICE = (
    "Duplicate item found with id {}. Remove duplicate items from your input and try "
    "again."
)
ANSWERED_TWICE = (
    "Duplicate function_call_output for call_id '{}'. Each function_call must have "
    "exactly one matching function_call_output"
)
NO_OUTPUT = "No tool output found for function call {}."
NO_CALL = "No tool call found for function call output with call_id {}."


class Past:
    """What was said so far: two turns with calls and a plain one, all of them kept."""

    def __init__(self, client: Client, **options: Any) -> None:
        def outputs(*calls: dict[str, Any]) -> list[dict[str, Any]]:
            return [
                {
                    "type": "function_call_output",
                    "call_id": call["call_id"],
                    "output": "Sunny.",
                }
                for call in calls
            ]

        asked = {"model": "gpt-5-mini", "tools": [GET_WEATHER], **options}
        self.one = client.create([QUESTION], **asked)
        self.two = client.create([TWO_CITIES], **asked)
        self.plain = client.create("Hello.", **asked)
        rs, fc = self.one["output"]
        rs2, fa, fb = self.two["output"]
        rs3, msg = self.plain["output"]
        [out], (oa, ob) = outputs(fc), outputs(fa, fb)
        self.items: dict[str, Any] = {
            "user": {"role": "user", "content": "Hello."},
            "said": {"role": "assistant", "content": "Hello there."},
            **{"rs": rs, "fc": fc, "out": out},
            **{"rs2": rs2, "fa": fa, "fb": fb, "oa": oa, "ob": ob},
            **{"rs3": rs3, "msg": msg},
        }
        self.items |= {
            f"{name}-": {key: kept for key, kept in item.items() if key != "id"}
            for name, item in self.items.items()
        }
        self.items |= {
            f"@{name}": {"type": "item_reference", "id": item["id"]}
            for name, item in self.items.items()
            if "id" in item
        }

    def id(self, name: str) -> str:
        return self.items[name]["id"]

    def value(self, word: str) -> str:
        """What `fc.id` is; any other word is itself."""
        name, _, key = word.partition(".")
        return self.items[name][key] if key else word

    def some(self, names: str) -> list[Any]:
        return [self.items[name] for name in names.split()]


# Items by their names in `Past`: without an id (`fc-`), as a reference (`@fc`).
GOES = [
    "user rs fc out",
    "user rs fc- out",
    "user @rs @fc out",
    "user rs @fc out",
    "user fc- out",
    "user rs2 fa fb oa ob",
    "user rs2 fa fb ob oa",
    "user rs2 fa oa fb ob",
    "user rs2 fa- fb- oa ob",
    "user rs2 fa oa",
    "user rs3 msg user",
    "user rs3 said user",
    "user said user",
    "user rs fc out rs3 msg user",
    "user @rs3 @msg user",
]
# What is told, and of what: a property of an item, or a word as it is.
PARTED: list[tuple[str, str, str]] = [
    # Reasoning without what it led to, right after it.
    ("user rs", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs user", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs out", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user @rs user", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs rs3 msg", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs msg user", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs said fc out", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user fc- rs out", LACKS_ITS_FOLLOWER, "rs.id"),
    ("user rs2 fb fa oa ob", LACKS_ITS_FOLLOWER, "rs2.id"),
    ("user rs2 fb ob", LACKS_ITS_FOLLOWER, "rs2.id"),
    ("user rs3 user msg", LACKS_ITS_FOLLOWER, "rs3.id"),
    # What came of reasoning, without it or before it.
    ("user fc out", LACKS_REASONING, "fc.id function_call rs.id"),
    ("user @fc out", LACKS_REASONING, "fc.id function_call rs.id"),
    ("user msg user", LACKS_REASONING, "msg.id message rs3.id"),
    ("user fb ob", LACKS_REASONING, "fb.id function_call rs2.id"),
    ("user fb rs2 fa oa ob", LACKS_REASONING, "fb.id function_call rs2.id"),
]
TWICE_OR_ALONE: list[tuple[str, str, str]] = [
    # Nothing comes twice.
    ("user rs fc out fc", TWICE, "fc.id"),
    ("user rs fc out rs fc out", TWICE, "rs.id"),
    ("user rs3 msg user msg", TWICE, "msg.id"),
    ("user rs3 msg @msg user", TWICE, "msg.id"),
    ("user fc- out fc- user", TWICE, "fc.call_id"),
    ("user fc- out out", ANSWERED_TWICE, "fc.call_id"),
    # Every call has its output, and every output its call before it.
    ("user rs fc", NO_OUTPUT, "fc.call_id"),
    ("user rs fc user", NO_OUTPUT, "fc.call_id"),
    ("user rs2 fa fb oa", NO_OUTPUT, "fb.call_id"),
    ("user out", NO_CALL, "fc.call_id"),
    ("user out fc-", NO_CALL, "fc.call_id"),
    ("user out rs fc", NO_CALL, "fc.call_id"),
]


@pytest.mark.parametrize("names", GOES)
def test_what_belongs_together_goes(client: Client, names: str) -> None:
    past = Past(client)
    assert client.create(past.some(names), tools=[GET_WEATHER])["status"] == "completed"


@pytest.mark.parametrize(("names", "told", "of"), [*PARTED, *TWICE_OR_ALONE])
def test_what_does_not_belong_together_is_refused(
    client: Client, names: str, told: str, of: str
) -> None:
    past = Past(client)
    message = told.format(*map(past.value, of.split()))
    for path in ("/responses", "/responses/compact"):
        body = {"model": "gpt-5-mini", "input": past.some(names)}
        status, error = client.error("POST", path, body)
        assert (status, error["message"]) == (400, message)
        assert (error["param"], error["code"]) == ("input", None)
        assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("names", [names for names, _, _ in PARTED])
def test_a_lenient_history_keeps_calls_and_outputs_together_alone(names: str) -> None:
    client = lenient()
    body = {"model": "gpt-5-mini", "input": Past(client).some(names)}
    reply = client.send("POST", "/responses", body)
    assert reply.status == 200 or b"No tool " in bytes(reply.body)  # pyright: ignore[reportArgumentType]


def lenient() -> Client:
    client = Client()
    client.emulator = emulator = Emulator(clock=client.clock, lenient_history=True)
    emulator.handle = emulator.answer  # unwatched: what it takes, no contract has
    return client


# Beside what the service has by itself.


def before(client: Client, past: Past, kind: str) -> dict[str, Any]:
    """What a request goes on from: the turn with two calls, or the plain one."""
    if kind == "previous_response_id":
        return {kind: past.plain["id"]}
    conversation = client.json("POST", "/conversations")["id"]
    client.create("Hello.", conversation=conversation)
    items = client.json("GET", f"/conversations/{conversation}/items?order=asc")
    [_, past.items["rs3"], past.items["msg"]] = items["data"]
    past.items |= {
        f"@{name}": {"type": "item_reference", "id": past.items[name]["id"]}
        for name in ("rs3", "msg")
    }
    return {kind: conversation}


@pytest.mark.parametrize("kind", ["previous_response_id", "conversation"])
@pytest.mark.parametrize(
    "names",
    ["rs3 msg user", "msg user", "user @msg", "user @rs3 @msg", "user user msg"],
)
def test_what_the_service_has_is_not_sent_again(
    client: Client, kind: str, names: str
) -> None:
    past = Past(client)
    body = before(client, past, kind)
    twice = next(name for name in names.split() if name != "user").removeprefix("@")
    assert client.create(past.some("user rs fc out"), **body)

    past = Past(client)
    body = before(client, past, kind)
    error = client.refused(past.some(names), **body)
    assert error["message"] == TWICE.format(past.id(twice))
    assert (error["param"], error["code"]) == ("input", None)


def test_a_conversation_is_given_nothing_twice(client: Client) -> None:
    said = {**SAID, "content": [TEXT]}
    for items in ([said, said], [said]):
        conversation = client.json("POST", "/conversations", {"items": [said]})["id"]
        path = f"/conversations/{conversation}/items"
        status, error = client.error("POST", path, {"items": items})
        assert (status, error["param"]) == (400, "items")
        assert error["message"] == TWICE.format("msg_1")
    status, error = client.error("POST", "/conversations", {"items": [said, said]})
    assert (status, error["message"]) == (400, TWICE.format("msg_1"))


# Keys that an item does not have.

TEXT = {"type": "output_text", "text": "Hello.", "annotations": [], "logprobs": []}
SAID = {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
UNKNOWN_KEYS: list[tuple[dict[str, Any], str]] = [
    ({"role": "user", "content": "Hi.", "name": "Ada"}, "name"),
    ({"role": "user", "content": "Hi.", "name": None}, "name"),
    ({"role": "assistant", "content": "Hi.", "tool_calls": None}, "tool_calls"),
    ({**SAID, "content": [TEXT], "created_at": 1}, "created_at"),
    ({**SAID, "content": [TEXT], "output_text": None}, "output_text"),
    ({**SAID, "content": [{**TEXT, "parsed": None}]}, "content[0].parsed"),
    ({**SAID, "content": [TEXT, {**TEXT, "id": 1}]}, "content[1].id"),
    ({**CALL, "parsed_arguments": {}}, "parsed_arguments"),
    ({**CALL, "parsed_arguments": None}, "parsed_arguments"),
    ({**CALL, "index": 0}, "index"),
    ({**OUTPUT, "is_error": False}, "is_error"),
    (
        {"type": "reasoning", "id": "rs_1", "summary": [], "status": None},
        "status",
    ),
    (
        {"type": "reasoning", "id": "rs_1", "summary": [], "status": "completed"},
        "status",
    ),
    (
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "a", "index": 0}],
        },
        "summary[0].index",
    ),
    (
        {"type": "compaction", "encrypted_content": "gAAA", "summary": None},
        "summary",
    ),
    (
        {
            "type": "web_search_call",
            "id": "ws_1",
            "status": "completed",
            "action": {"type": "search", "query": "q", "text": None},
        },
        "action.text",
    ),
    ({"type": "item_reference", "id": "msg_1", "role": "user"}, "role"),
]


@pytest.mark.parametrize(("item", "place"), UNKNOWN_KEYS)
def test_a_key_that_an_item_does_not_have_is_refused(
    client: Client, item: dict[str, Any], place: str
) -> None:
    error = client.refused([{"role": "user", "content": "Hi."}, item])
    assert error["message"] == UNKNOWN.format(f"input[1].{place}")
    assert error["param"] == f"input[1].{place}"
    assert error["code"] == "unknown_parameter"


def test_null_is_no_value_of_a_key_that_an_item_has(client: Client) -> None:
    thought, call = client.create(
        WEATHER, tools=[GET_WEATHER], include=["reasoning.encrypted_content"]
    )["output"]
    history = [
        QUESTION,
        {**thought, "content": None},
        {**call, "namespace": None, "status": None},
        {**OUTPUT, "call_id": call["call_id"], "status": None},
    ]
    assert client.create(history, tools=[GET_WEATHER])["status"] == "completed"


@pytest.mark.parametrize("dump", [{}, {"mode": "json"}])
def test_a_dump_of_all_fields_is_refused(
    sdk: OpenAI, served: Client, dump: dict[str, Any]
) -> None:
    output = sdk.responses.create(model=THINKS, input="Hello.").output
    history = [item.model_dump(**dump) for item in output]
    error = served.refused([*history, {"role": "user", "content": "Go on."}])
    assert error["message"] == UNKNOWN.format("input[0].status")


@pytest.mark.parametrize("path", ["/responses", "/responses/compact"])
def test_a_lenient_history_may_have_any_keys(path: str) -> None:
    client = lenient()
    _, answer = client.create("Hello.")["output"]
    answer["content"][0]["parsed"] = None
    history = [
        {"role": "user", "content": "Hello."},
        {**answer, "created_at": 1},
        {**CALL, "parsed_arguments": {}},
        OUTPUT,
    ]
    body = {"model": "gpt-5-mini", "input": history}
    kept = client.json("POST", path, body)
    if path == "/responses":
        listed = client.json("GET", f"/responses/{kept['id']}/input_items?order=asc")
        assert "created_at" not in listed["data"][1]
        assert "parsed_arguments" not in listed["data"][2]
    status, error = client.error(
        "POST", path, {**body, "input": [{"role": "user", "content": "", "name": "a"}]}
    )
    assert (status, error["code"]) == (400, "unknown_parameter")  # no item of ours


# Sealed content, and what hosted tools worked in.

NOT_THIS = (
    "The encrypted content for item {} could not be verified. Reason: Encrypted "
    "content item_id did not match the target item id."
)


@pytest.mark.parametrize("store", [True, False])
def test_sealed_content_belongs_to_its_item(client: Client, store: bool) -> None:
    asked: Any = {"store": store, "include": ["reasoning.encrypted_content"]}
    thought, answer = client.create("Hello.", **asked)["output"]
    other, _ = client.create("Hello.", **asked)["output"]
    go_on = {"role": "user", "content": "Go on."}

    swapped = {**thought, "encrypted_content": other["encrypted_content"]}
    error = client.refused([swapped, answer, go_on])
    assert error["message"] == NOT_THIS.format(thought["id"])
    assert (error["param"], error["code"]) == (None, "invalid_encrypted_content")
    new = {**thought, "id": new_id("rs")}
    assert client.refused([new, answer, go_on])["message"] == NOT_THIS.format(new["id"])

    nameless = {name: value for name, value in thought.items() if name != "id"}
    assert client.create([nameless, answer, go_on])["status"] == "completed"
    assert client.create([thought, answer, go_on])["status"] == "completed"


def test_sealed_content_of_another_kind_is_refused(client: Client) -> None:
    asked = {"include": ["reasoning.encrypted_content"]}
    thought, _ = client.create("Hello.", **asked)["output"]
    folded = {"type": "compaction", "encrypted_content": thought["encrypted_content"]}
    error = client.refused([folded, {"role": "user", "content": "Go on."}])
    assert error["code"] == "invalid_encrypted_content"
    sealed = thought["encrypted_content"]
    assert error["message"].startswith(
        f"The encrypted content {sealed[:4]}...{sealed[-4:]} could not be verified."
    )


def test_thoughts_that_were_not_kept_need_an_id_or_their_content(
    client: Client,
) -> None:
    error = client.refused([{"type": "reasoning", "summary": []}])
    assert error["message"] == "Missing required parameter: 'input[0].id'."


def test_sealed_thoughts_come_before_what_a_model_made(client: Client) -> None:
    asked: Any = {"store": False, "include": ["reasoning.encrypted_content"]}
    thought, answer = client.create("Hello.", **asked)["output"]
    other, _ = client.create("Hello.", **asked)["output"]
    go_on = {"role": "user", "content": "Go on."}
    for history in (
        [thought],
        [thought, go_on],
        [thought, other, answer, go_on],
        [answer, thought, go_on],
    ):
        error = client.refused(history)
        assert error["message"] == LACKS_ITS_FOLLOWER.format(thought["id"])
    # Nothing is known of where it belongs: one probe of the service passed.
    assert client.create([answer, go_on])["status"] == "completed"


def test_a_container_that_has_gone_is_missed(client: Client) -> None:
    python = {"type": "code_interpreter", "container": {"type": "auto"}}
    first = client.create("Use Python to compute 17 * 23.", tools=[python])
    history = [*first["output"], {"role": "user", "content": "And 18 * 23?"}]
    assert client.create(history, tools=[python])["status"] == "completed"

    client.clock.sleep(21 * 60)
    error = client.refused(history, tools=[python])
    [call] = [i for i in first["output"] if i["type"] == "code_interpreter_call"]
    assert error["message"] == f"Expected container_id: {call['container_id']}"


def test_a_long_history_is_read_in_little_time(client: Client) -> None:
    """Each item is looked for once, not once for every other."""
    history: list[dict[str, Any]] = []
    for _ in range(3):
        output = client.create([*history, QUESTION])["output"]
        history += [QUESTION, *output]
    answer = history[-1]
    many = [{**answer, "id": new_id("msg")} for _ in range(2_000)]
    kept = client.create([*many, QUESTION])
    started = time.process_time()
    assert client.create([*many, QUESTION])["status"] == kept["status"]
    assert time.process_time() - started < 1
