"""Any request to any route is answered; nonsense is never answered with success."""

import inspect
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.tests.conftest import Client
from responses_emulator import control, routes
from responses_emulator.account import IDENTITY_HEADER, KEY, TOKEN_PATH
from responses_emulator.contract import generate
from responses_emulator.core import Emulator
from responses_emulator.faults.table import FAULTS
from responses_emulator.frames import server_sent
from responses_emulator.http import Pause, Reply, Request
from responses_emulator.resources.sessions import Session
from responses_emulator.routes import ROUTES

CONTRACT = orjson.loads(generate.REQUESTS.read_bytes())
OLD = "?api-version=2025-04-01-preview"

# Without these, an id is never one of a thing that exists.
SEEDED = ("file", "vs", "conv", "resp", "cntr", "batch", "vsfb", "msg", "we")


def seeded() -> tuple[Client, dict[str, str]]:
    """An emulator with one of each resource, and their ids by kind."""
    client = Client()
    form = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n'
        b"\r\n"
        b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", '
        b'"body": {"model": "gpt-6-luna-batch", "input": "Hello."}}\r\n--b--\r\n'
    )
    headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
    reply = client.emulator.handle(Request("POST", "/openai/v1/files", headers, form))
    assert isinstance(reply.body, bytes)
    file = orjson.loads(reply.body)["id"]
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
    batch = client.json(
        "POST", f"/vector_stores/{store}/file_batches", {"file_ids": [file]}
    )
    skill = (
        b'--b\r\nContent-Disposition: form-data; name="files[]"; '
        b'filename="a/SKILL.md"\r\n\r\n'
        b"---\nname: a\ndescription: b\n---\n\r\n--b--\r\n"
    )
    reply = client.emulator.handle(Request("POST", "/openai/v1/skills", headers, skill))
    assert isinstance(reply.body, bytes)
    talk = client.json("POST", "/conversations", {})["id"]
    client.create(conversation=talk)
    items = client.json("GET", f"/conversations/{talk}/items")["data"]
    return client, {
        "file": file,
        "vs": store,
        "vsfb": batch["id"],
        "conv": talk,
        "msg": items[0]["id"],
        "resp": client.create()["id"],
        "skill": orjson.loads(reply.body)["id"],
        "cntr": client.json("POST", "/containers", {"name": "c"})["id"],
        "we": client.json("POST", routes.WEBHOOKS, GOOD["webhook_endpoints.create"])[
            "id"
        ],
        "batch": client.json(
            "POST",
            "/batches",
            {
                "input_file_id": file,
                "endpoint": "/v1/responses",
                "completion_window": "24h",
            },
            status=201,
        )["id"],
    }


# Whatever is asked

# Characters of their own: all of Unicode would take hypothesis seconds to tabulate.
LETTERS = "aZ09 _-./:%#?&=+\"'\\{}[]\n\0\x7f\u00e9\u0130\u200f\u2028\ufffd\U0001f600"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(LETTERS, max_size=9)
    | st.sampled_from(["auto", "gpt-5-mini", "user", "message", "function", *SEEDED]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(LETTERS, max_size=4)
            | st.sampled_from(["type", "role", "content", "input", "model", "id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)
NAMES = sorted({n for o in CONTRACT["operations"].values() for n in o["properties"]})
# json and not orjson: integers come in every size.
BODIES = (
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5).map(json.dumps)
    | JSON.map(json.dumps)
).map(str.encode) | st.binary(max_size=60)
PARAMETERS = (
    "limit", "after", "before", "order", "include[]", "stream", "filter", "purpose",
    "starting_after", "api-version", "%",
)  # fmt: skip
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(PARAMETERS),
        st.sampled_from(["0", "1", "-1", "1e9", "asc", "true", "v1", "%zz", *SEEDED])
        | st.text(LETTERS, max_size=6),
    ),
    max_size=3,
)
TYPES = st.sampled_from((
    "application/json", "application/json; charset=latin-1", "text/plain", "",
    "multipart/form-data", "multipart/form-data; boundary=b", "\xff/;;=",
))  # fmt: skip
IDS = st.sampled_from(SEEDED) | st.text(LETTERS, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("method", "template"), [pytest.param(m, t, id=f"{m} {t}") for m, t, _ in ROUTES]
)
def test_any_request_is_answered(method: str, template: str) -> None:
    client, ids = seeded()

    @settings(
        max_examples=20,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        body=BODIES,
        query=QUERIES,
        type=TYPES,
        chosen=st.lists(IDS, min_size=2, max_size=2),
        old=st.booleans(),
    )
    def ask(
        body: bytes,
        query: list[tuple[str, str]],
        type: str,
        chosen: list[str],
        old: bool,
    ) -> None:
        places = iter([quote(ids.get(id, id), safe="") for id in chosen])
        path = re.sub(r"\{\w+\}", lambda _: next(places), template)
        asked = "&".join(f"{name}={quote(value, '%')}" for name, value in query)
        target = f"/openai{path}{OLD}&" if old else f"/openai/v1{path}?"
        headers = {"api-key": KEY, "content-type": type}
        started = time.process_time()

        reply = client.emulator.handle(Request(method, target + asked, headers, body))

        whole = read(client, reply)
        assert time.process_time() - started < 5  # milliseconds, as a rule
        assert 200 <= reply.status < 500
        if reply.status >= 400:
            assert orjson.loads(whole)["error"]["message"]

    ask()


# Beside the API: what a test suite asks of the emulator itself, and the tokens.
BESIDE = [*control._ACTIONS, ("GET", TOKEN_PATH)]
CONTROL = st.fixed_dictionaries(
    {},
    optional={
        "fault": st.sampled_from([*FAULTS, "no-such", "delay:ms=1@files.list"]),
        "operation": st.sampled_from(["responses.create", "identity.token", "x"]),
        "times": st.sampled_from(["all", 0, 1, -1, 10**30]),
        "output": st.lists(JSON, max_size=2),
    },
) | st.dictionaries(st.text(LETTERS, max_size=4), JSON, max_size=3)


@pytest.mark.parametrize(("method", "path"), BESIDE)
@pytest.mark.parametrize("journal", [False, True])
def test_any_request_beside_the_api_is_answered(
    method: str, path: str, journal: bool
) -> None:
    emulator = Emulator(journal=journal)

    @settings(max_examples=30, derandomize=True, database=None, deadline=None)
    @given(
        body=CONTROL.map(json.dumps).map(str.encode) | BODIES,
        query=QUERIES,
        headers=st.dictionaries(
            st.sampled_from(["content-type", "origin", "host", "x-identity-header"]),
            st.text(LETTERS, max_size=9) | st.just(IDENTITY_HEADER),
        ),
    )
    def ask(body: bytes, query: list[tuple[str, str]], headers: dict[str, str]) -> None:
        asked = "&".join(f"{name}={quote(value, '%')}" for name, value in query)
        reply = emulator.handle(Request(method, f"{path}?{asked}", headers, body))

        assert isinstance(reply.body, bytes)
        assert 200 <= reply.status < 500
        assert isinstance(orjson.loads(reply.body), dict)

    ask()


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(
    method=st.sampled_from(
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    ),
    path=st.lists(
        st.sampled_from(
            ["openai", "v1", "emulator", "msi", "token", "responses", "files", "", ".."]
        )
        | st.text(LETTERS, max_size=6),
        max_size=6,
    ),
    quoted=st.booleans(),
    body=BODIES,
)
def test_any_path_is_answered(
    method: str, path: list[str], quoted: bool, body: bytes
) -> None:
    target = "/" + "/".join(quote(p, safe="") if quoted else p for p in path)
    reply = Emulator().handle(Request(method, target, {"api-key": KEY}, body))
    assert 200 <= reply.status < 500


MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["response.create"] * 3 + ["response.cancel", "x"])},
    optional={
        "model": st.sampled_from(["gpt-5-mini", "x"]),
        "input": JSON,
        "generate": st.booleans() | JSON,
        "store": st.booleans(),
        "previous_response_id": st.sampled_from(["resp_1", ""]),
        "tools": st.just([]) | JSON,
        "stream": st.booleans() | JSON,
    },
).map(json.dumps)


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(message=MESSAGES | JSON.map(json.dumps) | st.text(LETTERS, max_size=20) | BODIES)
def test_any_message_over_a_websocket_is_answered(message: str | bytes) -> None:
    emulator = Emulator()
    opened = Request("GET", "/openai/v1/responses", {"api-key": KEY})
    session = emulator.connect(opened, emulator.handle)
    assert isinstance(session, Session)
    events = [e for e in session.answer(message) if not isinstance(e, Pause)]
    assert all(isinstance(orjson.loads(orjson.dumps(each)), dict) for each in events)
    last = events[-1]
    if last["type"] == "error":
        assert 400 <= last["status"] < 500
        assert last["error"]["message"]
    else:
        assert last["type"] in ("response.completed", "response.incomplete")


def read(client: Client, reply: Reply) -> bytes:
    """The whole body of a reply; where it waits, the clock moves on."""
    if isinstance(reply.body, bytes):
        return reply.body
    whole = b""
    for piece in map(server_sent, reply.body):
        if isinstance(piece, Pause):
            client.clock.sleep(piece.seconds)
        else:
            whole += piece
    return whole


# Whatever the contract allows

WORDS = (
    "Hello.", "What is 3*4?", "Weather in London?", "Draw a red cat.", "", "a\u2028b",
    "Search the web for news.", "List my files.", "{}", '{"a": 1}', "auto", "[a-z]+",
    'start: "a"+', "https://learn.microsoft.com/api/mcp", "1024x1024",
    "data:image/png;base64,iVBORw0KGgo=", "data:application/pdf;base64,JVBERi0xLjQK",
)  # fmt: skip
SHAPE = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
MEANT: dict[str, tuple[str, ...]] = {
    "vector_store_ids": ("vs",),
    "file_id": ("file",),
    "file_ids": ("file",),
    "input_file_id": ("file",),
    "previous_response_id": ("resp",),
    "conversation": ("conv",),
    "container": ("cntr",),
    "call_id": ("c", "d"),
    "id": ("c", "d"),
    "name": ("f", "g"),
    "server_label": ("l",),
    "server_url": ("https://learn.microsoft.com/api/mcp",),
    "model": ("gpt-5-mini", "gpt-5.4-mini"),
}


class Maker:
    """Makes values that a schema of the contract allows, and now and then another."""

    def __init__(self, seed: int, ids: dict[str, str]) -> None:
        self.chance = random.Random(seed)
        self.ids = ids

    def value(self, schema: Any, name: str = "", depth: int = 0) -> Any:
        chance = self.chance
        if chance.random() < 0.01:
            return chance.choice([None, 1, "x", [], {}, True, -1, 1.5])
        if "nullable" in schema and chance.random() < 0.15:
            return None
        schema = resolved(schema)
        if "anyOf" in schema:
            return self.value(chance.choice([*schema["anyOf"].values()]), name, depth)
        told_apart: dict[str, str] = {}
        while "mapping" in schema:
            kind = chance.choice([*schema["mapping"]])
            told_apart[schema["discriminator"]] = kind
            schema = resolved(schema["mapping"][kind])
        match schema.get("type"):
            case "object":
                return self.object(schema, depth) | told_apart
            case "array":
                count = 0 if depth > 5 else chance.choice([0, 1, 1, 2])
                count = max(count, schema.get("minItems", 0))
                items = schema["items"]
                return [self.value(items, name, depth + 1) for _ in range(count)]
            case "boolean":
                return chance.random() < 0.5
            case "integer" | "number" as kind:
                least = schema.get("minimum", 0)
                most = schema.get("maximum", least + 2000)
                value = chance.choice([least, most, chance.randint(least, most)])
                return value if kind == "integer" else float(value)
            case "string":
                return self.text(schema, name)
            case _:
                return chance.choice([None, "x", {}, SHAPE])

    def text(self, schema: Any, name: str) -> str:
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        word = self.chance.choice(MEANT.get(name, WORDS))
        word = self.ids.get(word, word)
        return word[: schema.get("maxLength")] or "a" * schema.get("minLength", 0)

    def object(self, schema: Any, depth: int) -> dict[str, Any]:
        if "properties" not in schema:
            return {}
        rarely = 0.25 if depth else 0.12
        return {
            name: self.value(inner, name, depth + 1)
            for name, inner in schema["properties"].items()
            if name in schema["required"] or self.chance.random() < rarely
        }


@pytest.mark.parametrize("seed", range(8))
def test_what_the_contract_allows_is_answered(seed: int) -> None:
    client, ids = seeded()
    maker = Maker(seed, ids)
    every = [*operations()]
    create = [each for each in every if each[0].startswith("responses.")]
    statuses: Counter[int] = Counter()
    for number in range(150):
        operation, method, template = maker.chance.choice(
            create if number % 4 else every
        )
        body = maker.value(CONTRACT["operations"][operation])
        if isinstance(body, dict):
            for name in REFUSED & body.keys():
                del body[name]
        path = re.sub(r"\{(\w+)\}", lambda m: one_of(m, template, ids), template)  # noqa: B023
        started = time.perf_counter()

        reply = client.send(method, path, body, **DRAWS)

        whole = read(client, reply)
        assert time.perf_counter() - started < 5, body
        assert reply.status < 500, body
        if reply.status >= 400:
            error = orjson.loads(whole)["error"]
            assert error["message"], body
        statuses[reply.status // 100] += 1
    assert statuses[2] > 15  # or nothing has been reached


# Or most bodies would have one of these, and be refused for it.
REFUSED = {
    "access_programs", "background_options", "image", "moderation", "multi_agent",
    "prompt", "prompt_cache_options", "conversation", "previous_response_id",
    "temperature", "top_p", "top_logprobs", "presence_penalty", "frequency_penalty",
}  # fmt: skip
DRAWS = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}


# Nonsense

GOOD: dict[str, dict[str, Any]] = {
    "batches.create": {
        "input_file_id": "file",
        "endpoint": "/v1/responses",
        "completion_window": "24h",
    },
    "containers.create": {"name": "c"},
    "conversations.create": {},
    "conversations.items.create": {"items": [{"role": "user", "content": "Hello."}]},
    "conversations.update": {"metadata": {"a": "b"}},
    "responses.compact": {"model": "gpt-5-mini", "input": "Hello."},
    "responses.create": {
        "model": "gpt-5-mini",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hello."}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "1"},
        ],
        "tools": [
            {"type": "function", "name": "f", "parameters": None, "strict": False},
            {"type": "code_interpreter", "container": {"type": "auto"}},
            {
                "type": "mcp",
                "server_label": "l",
                "server_url": "https://learn.microsoft.com/api/mcp",
            },
            {"type": "web_search", "user_location": {"type": "approximate"}},
            {"type": "custom", "name": "g", "format": {"type": "text"}},
        ],
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "metadata": {"a": "b"},
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 100,
        "stream_options": {"include_obfuscation": False},
        "stream": True,
    },
    "vector_stores.create": {
        "chunking_strategy": {
            "type": "static",
            "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 10},
        },
        "expires_after": {"anchor": "last_active_at", "days": 1},
    },
    "vector_stores.file_batches.create": {"files": [{"file_id": "file"}]},
    "vector_stores.files.create": {"file_id": "file", "attributes": {"a": 1}},
    "vector_stores.files.update": {"attributes": {"a": "b"}},
    "vector_stores.search": {
        "query": "Hello.",
        "filters": {"type": "eq", "key": "a", "value": 1},
        "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
    },
    "vector_stores.update": {"name": "n"},
    "skills.update": {"default_version": "1"},
    "webhook_endpoints.create": {
        "name": "n",
        "url": "http://127.0.0.1:8000/",
        "event_types": ["response.completed"],
    },
    "webhook_endpoints.update": {
        "name": "m",
        "event_types": ["batch.completed"],
    },
}
OF_EACH: dict[str, Any] = {
    "boolean": True, "integer": 7, "number": 1.5, "string": "no-such", "object": {},
    "array": [], "null": None,
}  # fmt: skip
FORM = ("files.create",)  # its body is no JSON; test_files.py has its faults


def operations() -> Iterator[tuple[str, str, str]]:
    """The name, the method and the path of each operation that checks a body."""
    for method, template, handler in ROUTES:
        for name in re.findall(
            r'contract\.check\("([\w.]+)"', inspect.getsource(handler)
        ):
            yield name, method, template


def test_each_operation_of_the_contract_is_checked_by_a_route() -> None:
    checked = {name for name, _, _ in operations()}
    assert checked == generate.BODIES.keys() == GOOD.keys()


@pytest.mark.parametrize(("operation", "method", "template"), [*operations()])
def test_what_breaks_the_contract_is_a_400_that_names_the_place(
    operation: str, method: str, template: str
) -> None:
    client, ids = seeded()
    good = filled(GOOD[operation], ids)
    path = re.sub(r"\{(\w+)\}", lambda m: one_of(m, template, ids), template)
    reply = client.send(method, path, good)
    assert reply.status < 300, reply.body  # or what follows would prove nothing
    read(client, reply)
    schema = CONTRACT["operations"][operation]
    wrong = list(violations(schema, good, ""))
    assert len(wrong) > 3
    for place, body in wrong:
        reply = client.send(method, path, body)
        assert reply.status == 400, (place, body)
        status, error = client.error(method, path, body)
        assert status == 400, (place, error)
        assert error["param"] == place, (place, error)


# The path of each thing, what it says it is, and the form of its id.
THINGS = [
    ("/batches/{batch}", "batch", r"batch_[0-9a-f]{32}"),
    ("/containers/{cntr}", "container", r"cntr_[0-9a-f]{48}"),
    ("/conversations/{conv}", "conversation", r"conv_[0-9a-f]{48}"),
    ("/conversations/{conv}/items/{msg}", None, r"msg_[0-9a-f]{48}"),
    ("/files/{file}", "file", r"file-[0-9a-f]{32}"),
    ("/models/gpt-5-mini", "model", "gpt-5-mini"),
    ("/responses/{resp}", "response", r"resp_[0-9a-f]{48}"),
    ("/skills/{skill}", "skill", r"skill_[0-9a-f]{48}"),
    ("/skills/{skill}/versions/1", "skill.version", r"skillver_[0-9a-f]{48}"),
    ("/vector_stores/{vs}", "vector_store", r"vs_[0-9A-Za-z]{24}"),
    ("/vector_stores/{vs}/files/{file}", "vector_store.file", r"file-[0-9a-f]{32}"),
    (
        "/vector_stores/{vs}/file_batches/{vsfb}",
        "vector_store.files_batch",
        r"vsfb_[0-9A-Za-z]{32}",
    ),
]


def test_each_thing_says_what_it_is_and_has_an_id_of_its_kind() -> None:
    client, ids = seeded()
    for template, object, id in THINGS:
        told = client.json("GET", template.format(**ids))
        assert told.get("object") == object, told
        assert re.fullmatch(id, told["id"]), told
    [endpoint] = client.json("GET", routes.WEBHOOKS)["data"]
    assert endpoint["object"] == "webhook.endpoint"
    assert re.fullmatch(r"we_[0-9a-f]{32}", endpoint["id"])
    for path in ("/models", "/files", "/vector_stores/{vs}/files", "/batches"):
        assert client.json("GET", path.format(**ids))["object"] == "list"
    found = client.json("POST", f"/vector_stores/{ids['vs']}/search", {"query": "a"})
    assert found["object"] == "vector_store.search_results.page"


LISTS = [
    template
    for method, template, _ in ROUTES
    if routes.operation(method, template).endswith(".list")
    and template != "/models"  # which has no pages
]


@pytest.mark.parametrize("template", LISTS)
@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=abc", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=10001", "limit"),
        ("limit=1.5", "limit"),
        ("order=up", "order"),
        ("after=no-such", "after"),
    ],
)
def test_a_page_that_makes_no_sense_is_a_400_on_every_list(
    template: str, query: str, param: str
) -> None:
    client, ids = seeded()
    path = re.sub(r"\{(\w+)\}", lambda m: one_of(m, template, ids), template)
    assert client.send("GET", path).status == 200
    status, error = client.error("GET", f"{path}?{query}")
    assert (status, error["param"]) == (400, param)


def test_every_list_is_among_them() -> None:
    paged = {template for method, template, _ in ROUTES if method == "GET"}
    paged = {t for t in paged if not t.endswith(("}", "/content", "/models"))}
    assert set(LISTS) == paged


def one_of(match: re.Match[str], template: str, ids: dict[str, str]) -> str:
    noun = {"file": "file", "batch": "vsfb", "item": "msg"}.get(match[1])
    kind = {
        "vector_stores": "vs",
        "conversations": "conv",
        "responses": "resp",
        "containers": "cntr",
        "skills": "skill",
        "dashboard": "we",
    }
    return ids[noun or kind[template.split("/")[1]]]


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The same JSON with the ids of what is there."""
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return ids[value] if value == "file" else value


def violations(
    schema: Any, value: Any, place: str, tolerant: bool = False
) -> Iterator[tuple[str, Any]]:
    """A value with one thing wrong in it, and the place of it; every way there is."""
    if place:  # the body itself is an object, or no JSON that the service reads
        for wrong in wrong_values(schema):
            if wrong is not None or not tolerant:
                yield place, wrong
    schema = resolved(schema)
    if "anyOf" in schema:
        kinds = {dict: "object", list: "array", bool: "boolean", str: "string"}
        number = "integer" if "integer" in schema["anyOf"] else "number"
        schema = resolved(schema["anyOf"][kinds.get(type(value), number)])
    if isinstance(value, list):
        for index, item in enumerate(value):
            path = f"{place}[{index}]"
            for where, wrong in violations(schema["items"], item, path, tolerant):
                yield where, [*value[:index], wrong, *value[index + 1 :]]
    elif isinstance(value, dict):
        for where, wrong in of_object(schema, value, place, tolerant):
            yield f"{place}.{where}".strip("."), wrong


def of_object(
    schema: Any, value: dict[str, Any], place: str, tolerant: bool
) -> Iterator[tuple[str, Any]]:
    """What `violations` gives for an object, with the places within it."""
    told_apart: list[str] = []
    while "mapping" in schema:
        key = schema["discriminator"]
        told_apart.append(key)
        if key in value:
            # Of an item the service names the whole, and not what tells its kind.
            where = "" if key == "role" or "fallback" in schema else key
            yield where, value | {key: "no-such"}
            yield where, value | {key: 5}
        kind = value.get(key) or dict(schema["fallback"])["role"]
        schema = resolved(schema["mapping"][kind])
    tolerant = tolerant or "tolerant" in schema
    if "properties" in schema:
        yield "no_such", value | {"no_such": 1}
    for name in schema.get("required", ()):
        if name not in told_apart:
            yield name, {key: inner for key, inner in value.items() if key != name}
    for name, inner in schema.get("properties", {}).items():
        if name in told_apart:
            continue
        if name in value:
            start = len(place) + 1 if place else 0
            full = f"{place}.{name}" if place else name
            for where, wrong in violations(inner, value[name], full, tolerant):
                yield where[start:], value | {name: wrong}
        else:
            for wrong in wrong_values(inner):
                if wrong is not None or not tolerant:
                    yield name, value | {name: wrong}


def wrong_values(schema: Any) -> Iterator[Any]:
    """Values that a schema forbids: of other types, and just out of its bounds."""
    nullable = "nullable" in schema
    schema = resolved(schema)
    if "anyOf" not in schema and "type" not in schema:
        return  # anything will do
    allowed = set(schema["anyOf"]) if "anyOf" in schema else {schema["type"]}
    allowed |= {"null"} if nullable else set()
    allowed |= {"integer"} if "number" in allowed else set()
    yield from (value for kind, value in OF_EACH.items() if kind not in allowed)
    if "enum" in schema:
        yield "no-such"
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in schema:
            yield schema[bound] + step
    if "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1)


def resolved(schema: Any) -> Any:
    return CONTRACT["$defs"][schema["$ref"]] if "$ref" in schema else schema
