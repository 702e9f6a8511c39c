"""All that is held counts, in one measure; nothing takes the event loop for long."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from sys import getsizeof
from typing import Any

import orjson
import pytest

from emulator.tests.adapters.victim import (
    Victim,
    create,
    frame,
    socket_to,
    status,
    until,
)
from emulator.tests.conftest import Client
from responses_emulator import store
from responses_emulator.account import KEY, MODEL
from responses_emulator.adapters import connection, lanes, server
from responses_emulator.adapters.app import App
from responses_emulator.adapters.lanes import Lane, is_quick, lane_of
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.model.prompt import words
from responses_emulator.model.values.schema import fill
from responses_emulator.readers import documents
from responses_emulator.remembered import Remembered
from responses_emulator.resources import batches
from responses_emulator.sizes import size_of
from responses_emulator.store import (
    MAX_RESPONSE_BYTES,
    BatchResult,
    Collection,
    Kept,
    StoredBatch,
    StoredResponse,
)

MB = 2**20


def ask(emulator: Emulator, method: str, path: str, body: Any = None) -> Any:
    sent = b"" if body is None else orjson.dumps(body)
    headers = {"api-key": KEY, "content-type": "application/json"}
    reply = emulator.handle(Request(method, path, headers, sent))
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body)


# What is held


def test_a_value_takes_at_least_its_texts_and_its_entries() -> None:
    assert MB < size_of({"a": ["x" * MB]}) < MB + 1_000
    assert size_of("x" * 999 + "\N{GRINNING FACE}") > 4_000  # as Python has it
    assert size_of([[]] * 1_000) > 50_000  # of 3,000 bytes of JSON
    assert size_of([1, 2.0, None, True, {}, b"abc"]) < 1_000


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({}, 64),
        ([], 64),
        ((), 64),
        (1, 32),
        (None, 32),
        (b"", getsizeof(b"")),
        ("a" * 100, getsizeof("a" * 100)),
        ([1, 2], 64 + 2 * (8 + 32)),
        ({"ab": 1, "c": None}, 64 + 2 * (48 + 32) + 3),
        ({"ab": {"c": []}}, 64 + 48 + 2 + 64 + 48 + 1 + 64),
        ([[], [[]]], 64 + 2 * 8 + 64 + 64 + 8 + 64),
    ],
)
def test_a_value_takes_about_what_python_has_it(value: Any, size: int) -> None:
    assert size_of(value) == size
    assert size >= getsizeof(value)


def test_what_is_remembered_is_bounded_by_its_size() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text

    remembered = Remembered[str](1_000, len)
    for text in ["a" * 400, "b" * 400, "a" * 400, "c" * 400, "b" * 400, "d" * 5_000]:
        assert remembered.get(lambda text=text: make(text), text) == text
    assert [text[0] for text in made] == ["a", "b", "c", "b", "d"]
    assert all(len(key) == 16 for key in remembered._values)
    assert remembered._held <= 1_000


def test_two_names_are_not_one() -> None:
    remembered = Remembered[int](1_000, lambda _: 1)
    assert remembered.get(lambda: 1, "a", "bc") == 1
    assert remembered.get(lambda: 2, "ab", "c") == 2
    assert remembered.get(lambda: 3, b"ab", "c") == 2


def test_a_large_file_is_not_remembered() -> None:
    documents._documents.clear()
    documents.read("a.txt", b"a " * MB)
    documents.read("b.txt", b"a " * 9 * MB)
    assert 2 * MB < documents._documents._held < 3 * MB


def test_a_word_of_any_length_is_searched_for_by_its_beginning() -> None:
    long = "x" * MB
    assert words.terms(f"{long} {long}s") == words.terms("x" * 64) * 2
    assert len(words.stem(long)) <= words.LONGEST_WORD


@pytest.mark.parametrize("type", ["string", "integer", "boolean", "array"])
def test_no_pattern_of_unbounded_length_is_remembered(type: str) -> None:
    """`re` keeps what it compiles, with its text, and a schema's names are in it."""
    name = "b" * 50_000
    schema = {"type": "object", "properties": {name: {"type": type, "items": {}}}}
    schema |= {"required": [name], "additionalProperties": False}
    text = {"format": {"type": "json_schema", "name": "a", "schema": schema}}
    body = {"model": MODEL, "input": "Buy 5 apples, eggs and bread.", "text": text}
    re.purge()
    assert ask(Emulator(), "POST", "/openai/v1/responses", body)[0] == 200
    remembered = [key[1] for key in re._cache]  # type: ignore[attr-defined]
    assert max(map(len, remembered)) < 10_000


def test_the_output_of_a_response_counts() -> None:
    emulator = Emulator()
    emulator.store.responses.most = 3 * MB
    emulator.reply_with("a" * MB, times=10)
    for _ in range(10):
        ask(
            emulator,
            "POST",
            "/openai/v1/responses",
            {"model": MODEL, "input": "Hi"},
        )
    assert len(emulator.store.responses) == 2
    assert emulator.store.responses.held < 3 * MB


def test_a_response_in_the_background_goes_if_nothing_else_can() -> None:
    now = 1_790_000_000.0
    emulator = Emulator(clock=lambda: now, background_seconds=10**6)
    emulator.store.responses.most = 3 * MB
    body = {"model": MODEL, "background": True, "input": "a" * MB}
    for _ in range(6):
        assert ask(emulator, "POST", "/openai/v1/responses", body)[0] == 200
    assert len(emulator.store.responses) == 2


def test_a_record_counts_what_it_takes_now() -> None:
    records = Collection[list[int]](9, size=len, most=5)
    first = [1]
    records.put("a", first)
    records.put("b", [1, 2])
    first += [1, 1]
    records.weigh_again("a")
    assert records.held == 5
    first += [1]
    records.weigh_again("a")
    assert (list(records), records.held) == ([first], 4)
    records.pop("a")
    assert records.held == 0


def test_what_connections_keep_has_one_bound_and_goes_with_them() -> None:
    records = Collection[StoredResponse](9, size=lambda each: each.size, most=10)

    def response(size: int) -> StoredResponse:
        return StoredResponse({"status": "completed"}, [], size=size)

    one, other = Kept(records), Kept(records)
    one.put("a", response(4))
    other.put("b", response(4))
    assert other.get("a") is None and one.get("a") is not None
    other.put("c", response(4))
    assert one.get("a") is None and records.held == 8
    one.put("d", response(1))
    assert list(one._own) == ["d"]
    other.clear()
    assert records.held == 1


@pytest.mark.parametrize(
    ("output", "times"), [(["a" * 20 * MB], 1), (["a" * 10 * MB], 5)]
)
def test_scripted_replies_are_bounded(output: list[str], times: int) -> None:
    emulator = Emulator()
    sent = {"output": output}
    told = [ask(emulator, "POST", "/emulator/replies", sent) for _ in range(times)]
    assert told[-1][0] == 400
    assert " MB" in told[-1][1]["error"]["message"]
    emulator.reset()
    assert ask(emulator, "POST", "/emulator/replies", {"output": ["a"]})[0] == 200


def test_waiting_faults_are_bounded() -> None:
    emulator = Emulator()
    path = "/emulator/faults"
    assert ask(emulator, "POST", path, {"fault": "a" * MB})[0] == 400
    long = {"fault": "reset", "how": "a" * MB}
    assert ask(emulator, "POST", path, long)[0] == 400
    for _ in range(1_000):
        assert ask(emulator, "POST", path, {"fault": "reset"})[0] == 200
    assert ask(emulator, "POST", path, {"fault": "reset"})[0] == 400
    assert len(emulator.faults.waiting) == 1_000


def test_a_conversation_holds_what_its_items_take(client: Client) -> None:
    said = {"role": "user", "content": "a" * 10_000}
    made = client.json("POST", "/conversations", {"items": [said]})
    conversations = client.emulator.store.conversations
    before = conversations.held
    path = f"/conversations/{made['id']}/items"
    [item] = client.json("POST", path, {"items": [said]})["data"]
    assert conversations.held > before + 10_000
    client.json("DELETE", f"{path}/{item['id']}")
    assert conversations.held == before


@pytest.mark.parametrize("path", ["/vector_stores", "/vector_stores/{}", "/containers"])
def test_a_name_without_end_is_refused(client: Client, path: str) -> None:
    made = client.json("POST", "/vector_stores", {"name": "a" * 4_096})
    status, error = client.error("POST", path.format(made["id"]), {"name": "a" * 4_097})
    assert (status, error["param"]) == (400, "name")


@pytest.mark.parametrize(("length", "answered"), [(64, 200), (65, 400), (MB, 400)])
def test_an_item_with_an_endless_id_is_not_remembered(
    length: int, answered: int
) -> None:
    emulator = Emulator()
    id = "msg_".ljust(length, "a")
    items = [{"role": "user", "content": "Hi", "type": "message", "id": id}]
    asked = {"model": MODEL, "input": items}
    status, _ = ask(emulator, "POST", "/openai/v1/responses", asked)
    assert status == answered
    known = emulator.store.item_owners.get(id)
    assert (known is not None) is (answered == 200)


def test_a_batch_lets_go_of_what_its_files_have() -> None:
    emulator = Emulator()
    line = b"a" * MB
    results = [BatchResult(True, line, {}), BatchResult(False, line, {})]
    batch = StoredBatch("b", "/responses", "f", 0.0, 1.0, results=results)
    emulator.store.batches.put("b", batch)
    assert emulator.store.batches.held > 2 * MB
    batches._write(emulator.world, batch, results)
    assert emulator.store.batches.held < 10_000
    assert [one.succeeded for one in batch.results] == [True, False]


def test_no_store_has_more_than_half_a_gigabyte() -> None:
    for each in vars(Emulator().store).values():
        if isinstance(each, Collection) and each.size:
            assert 0 < each.most <= MAX_RESPONSE_BYTES
    for name, most in vars(store).items():
        if name.startswith("MAX_") and "BYTES" in name:
            assert MB <= most <= MAX_RESPONSE_BYTES == 512 * MB, name


def test_the_readme_says_how_much_is_kept() -> None:
    """The sentence to the letter: a bound is a promise."""
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    for told in (
        f"Kept are the last {store.MAX_RESPONSES:,} responses and the last "
        f"{store.MAX_CONVERSATIONS:,} conversations, or as many of either as came in "
        f"{mb(store.MAX_RESPONSE_BYTES)} of requests,",
        f"the last {store.MAX_CONTAINERS:,} each of batches and containers,",
        f"Of files there are at most {store.MAX_FILES:,} and "
        f"{mb(store.MAX_FILE_BYTES)} in all, of vector stores "
        f"{store.MAX_VECTOR_STORES:,} with {mb(store.MAX_INDEX_BYTES)} of text,",
        f"what programs left in containers {mb(store.MAX_CONTAINER_BYTES)}, of skills "
        f"{store.MAX_SKILLS:,} with {mb(store.MAX_SKILL_BYTES)} in all their versions, "
        f"of webhook endpoints {store.MAX_WEBHOOKS}: then more is refused.",
        f"A container has at most {store.MAX_CONTAINER_FILES} files, with folders that "
        f"a program makes, and {mb(store.MAX_BYTES_IN_CONTAINER)} with what programs",
    ):
        assert told in readme
    assert store.MAX_RESPONSE_BATCHES == store.MAX_CONTAINERS
    assert store.MAX_ITEMS == 5 * store.MAX_CONVERSATION_ITEMS == 50_000
    assert store.MAX_BATCH_BYTES == 16 * MB
    assert (store.MAX_BATCHES, store.MAX_KEPT_BYTES) == (1_000, 128 * MB)
    assert store.MAX_CONVERSATION_BYTES == store.MAX_RESPONSE_BYTES


def mb(size: int) -> str:
    whole, rest = divmod(size, MB)
    assert not rest
    return f"{whole} MB"


# Who waits for whom


@pytest.mark.parametrize(
    ("method", "path", "body", "lane"),
    [
        ("POST", "vector_stores", b"{}", Lane.LONG),
        ("POST", "vector_stores/vs_1/file_batches", b"{}", Lane.LONG),
        ("GET", "vector_stores/vs_1/files/f/content", b"", Lane.LONG),
        ("POST", "batches", b"{}", Lane.LONG),
        ("POST", "responses", b'{"type":"input_file"}', Lane.LONG),
        ("POST", "responses", b'{"type":"input\\u005ffile"}', Lane.LONG),
        ("POST", "responses", b'{"type":"\\u0069nput_file"}', Lane.LONG),
        ("POST", "responses", b'{"type":"container_reference"}', Lane.LONG),
        ("POST", "responses", b" " * 300_000, Lane.LARGE),
        ("POST", "responses", b'{"type":"function"}', Lane.ORDINARY),
        ("POST", "responses", b'{"input":"What\\u0027s \\u00e9?"}', Lane.ORDINARY),
        ("GET", "files", b"", Lane.ORDINARY),
        ("GET", "vector_stores", b"", Lane.ORDINARY),
        ("POST", "files", b" " * 300_000, Lane.LARGE),
    ],
)
def test_what_may_take_long_is_known_beforehand(
    method: str, path: str, body: bytes, lane: Lane
) -> None:
    assert lane_of(Request(method, f"/openai/v1/{path}", body=body)) is lane


def test_a_long_prompt_is_not_answered_on_the_event_loop() -> None:
    body = orjson.dumps({"model": MODEL, "input": "a " * lanes.QUICK_BODY_BYTES})
    assert not is_quick(Request("POST", "/openai/v1/responses", body=body))


@pytest.mark.parametrize("lane", [Lane.LARGE, Lane.LONG])
def test_others_go_on_while_all_places_are_taken(
    victim: Victim, monkeypatch: pytest.MonkeyPatch, lane: Lane
) -> None:
    monkeypatch.setattr(server, "PLACE_SECONDS", 0.2)
    free, busy = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> None:
        busy.release()
        assert free.wait(10)
        raise documents.UnreadableDocument("Slow.")

    monkeypatch.setattr(
        "responses_emulator.resources.conversation.documents.read", slow
    )
    monkeypatch.setattr(lanes, "LONG_WORDS", (b"base64",) if lane is Lane.LONG else ())
    part = {"type": "input_file", "file_data": "data:application/pdf;base64,aGk="}
    asked = create(
        input=[{"role": "user", "content": [part]}], instructions="a" * 10_000
    )
    clients = [victim.open() for _ in range(40)]
    try:
        for client in clients:
            client.sendall(asked)
        for _ in range(server.PLACES[lane]):
            assert busy.acquire(timeout=10)
        started = time.monotonic()
        assert victim.answers()
        tools = [{"type": "function", "name": "f", "parameters": None}]
        with victim.open() as client:
            client.sendall(create(tools=tools))
            assert status(client.recv(65536)) == 200
        assert time.monotonic() - started < 5
        # Those that found no place are told when to come back.
        refused = clients[-1].recv(65536)
        assert status(refused) == 503
        assert b"\r\nretry-after: " in refused
    finally:
        free.set()
        for client in clients:
            client.close()


def test_who_leaves_while_waiting_for_a_place_is_not_answered(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, busy = threading.Event(), threading.Semaphore(0)
    taken: list[object] = []

    def slow(*read: object) -> None:
        taken.append(read)
        busy.release()
        assert free.wait(10)
        raise documents.UnreadableDocument("Slow.")

    monkeypatch.setattr(
        "responses_emulator.resources.conversation.documents.read", slow
    )
    part = {"type": "input_file", "file_data": "data:application/pdf;base64,aGk="}
    said = [{"role": "user", "content": [part]}]
    message = {"type": "response.create", "model": MODEL, "input": said}
    clients = [victim.open() for _ in range(server.PLACES[Lane.LONG] + 5)]
    sockets = [socket_to(victim) for _ in range(5)]
    for client in clients:
        client.sendall(create(input=said))
    for _ in range(server.PLACES[Lane.LONG]):
        assert busy.acquire(timeout=10)
    for each in sockets:
        each.sendall(frame(orjson.dumps(message)))
    for each in [*clients, *sockets]:
        each.close()
    # The others hold nothing now.
    until(lambda: len(victim.tasks) <= server.PLACES[Lane.LONG])
    free.set()
    until(lambda: not victim.tasks)
    assert victim.answers()
    assert len(taken) == server.PLACES[Lane.LONG]


# How long a prompt takes

PROMPTS = [
    ("1+" * 59 + "= 5 word ") * 125,
    ("(1+(1+(1" + " = 5 word ") * 400,
    "(" * 4_000,
    "9**9**9 " * 500,
    "a" * 15_000,
    "x = " * 1_000,
    "}e5" * 1_300 + " = ?",
    "What is " + ", " * 1_900 + "?",
    "story " * 660 + "?",
    "haiku " * 660 + "?",
    "-_--" * 990 + " = ?",
    "abc-123 " * 490 + "?",
    "Paris, " * 570,
    "12:30 " * 650,
    "now, please, " * 300,
]
CITY = {"city": {"type": "string"}, "n": {"type": "integer"}}
FUNCTION = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": CITY,
        "required": list(CITY),
    },
}


@pytest.mark.parametrize("tools", [[], [FUNCTION]], ids=["alone", "with a tool"])
@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:12])
def test_no_prompt_takes_long(prompt: str, tools: list[object]) -> None:
    """By the time of this thread, which other work on the machine does not change."""
    emulator = Emulator()
    body = {"model": MODEL, "input": prompt, "tools": tools}
    ask(emulator, "POST", "/openai/v1/responses", {**body, "input": "What is 2+3?"})
    took: list[float] = []
    for _ in range(2):
        started = time.thread_time()
        assert ask(emulator, "POST", "/openai/v1/responses", body)[0] == 200
        took.append(time.thread_time() - started)
    assert took[0] < 0.2  # 2.1 s it was for the first, 3.3 s for that of cities


def test_a_schema_takes_a_time_that_grows_with_its_size() -> None:
    """Not with the square of it: 50,000 properties took more than two minutes."""

    def took(count: int) -> float:
        names = [f"p{number}" for number in range(count)]
        schema = {"type": "object", "properties": {each: {} for each in names}}
        schema |= {"required": names, "additionalProperties": False}
        started = time.thread_time()
        fill(schema, "Hi")
        return time.thread_time() - started

    took(100)
    assert took(4_000) < 20 * took(1_000) + 0.1


def test_a_form_is_not_parsed_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from python_multipart.multipart import MultipartParser

    sizes: list[int] = []
    write: Callable[..., int] = MultipartParser.write

    def counted(self: MultipartParser, data: bytes) -> int:
        sizes.append(len(data))
        return write(self, data)

    monkeypatch.setattr(MultipartParser, "write", counted)
    part = b'--b\r\ncontent-disposition: form-data; name="%s"'
    form = part % b"purpose" + b"\r\n\r\nassistants\r\n" + part % b"file"
    form += b'; filename="a.txt"\r\n\r\n' + b"\r\n--" * MB + b"\r\n--b--\r\n"
    headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
    reply = Emulator().handle(Request("POST", "/openai/v1/files", headers, form))
    assert isinstance(reply.body, bytes)
    assert orjson.loads(reply.body)["bytes"] == 4 * MB
    assert max(sizes) <= MB


def test_a_large_file_that_nobody_reads_is_not_copied(victim: Victim) -> None:
    from responses_emulator.store import StoredFile

    file = StoredFile("file-1", "a.txt", "assistants", bytes(50 * MB), 0)
    victim.app.emulator.store.files.put("file-1", file)
    line = f"GET /openai/v1/files/file-1/content HTTP/1.1\r\napi-key: {KEY}"
    with victim.open() as client:
        client.sendall(f"{line}\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: any(each.stalled_at for each in victim.connections))
        [connection] = victim.connections
        assert connection._transport.get_write_buffer_size() < MB
        taken = 0
        while taken < 50 * MB:
            taken += len(client.recv(1 << 20))
    assert victim.answers()


@pytest.mark.parametrize("is_socket", [False, True])
def test_a_large_body_is_looked_through_in_a_thread(
    victim: Victim, monkeypatch: pytest.MonkeyPatch, is_socket: bool
) -> None:
    looked: list[str] = []
    look = lanes.lane_of_body

    def note(body: bytes) -> Lane:
        looked.append(threading.current_thread().name.rpartition("_")[0])
        return look(body)

    monkeypatch.setattr(lanes, "lane_of_body", note)
    long = "a" * (lanes.GLANCE_BYTES + 1)
    with socket_to(victim) if is_socket else victim.open() as client:
        if is_socket:
            message = {"type": "response.create", "model": MODEL, "input": long}
            client.sendall(frame(orjson.dumps(message)))
        else:
            client.sendall(create(input=long))
        assert client.recv(65536)
    assert looked == [Lane.LARGE.value]


def test_who_has_left_before_a_thread_is_free_is_not_answered(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, busy = threading.Event(), threading.Semaphore(0)
    answered: list[Request] = []
    handle = connection._handle

    def slow(app: App, request: Request) -> Reply:
        answered.append(request)
        busy.release()
        assert free.wait(10)
        return handle(app, request)

    monkeypatch.setattr(connection, "_handle", slow)
    tools = [{"type": "function", "name": "f", "parameters": None}]
    clients = [victim.open() for _ in range(server.THREADS + 5)]
    for client in clients:
        client.sendall(create(tools=tools))
    for _ in range(server.THREADS):
        assert busy.acquire(timeout=10)
    for client in clients:
        client.close()
    until(lambda: not victim.connections)
    free.set()
    until(lambda: not victim.tasks)
    assert len(answered) == server.THREADS
