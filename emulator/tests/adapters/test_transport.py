import asyncio
import importlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from emulator.tests.adapters.lines import run
from responses_emulator.account import KEY
from responses_emulator.adapters import transport as transports
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator
from responses_emulator.errors import busy
from responses_emulator.http import Handle, Late, LateError, Pause, Reply, Request
from responses_emulator.signals import Signal

URL = "https://example.openai.azure.com/openai/v1/"


def sdk(emulator):
    transport = Transport(emulator.handle)
    client = httpx2.Client(transport=transport)
    return OpenAI(api_key=KEY, base_url=URL, http_client=client)


def async_sdk(emulator: Emulator) -> AsyncOpenAI:
    transport = AsyncTransport(emulator.handle)
    http_client = httpx2.AsyncClient(transport=transport)
    return AsyncOpenAI(api_key=KEY, base_url=URL, http_client=http_client)


def test_the_sdk_gets_an_answer_in_process():
    with sdk(Emulator()) as client:
        response = client.responses.create(model="gpt-5-mini", input="Hello.")

    assert response.output_text


def test_the_first_event_arrives_before_the_last_one_is_made():
    emulator = Emulator()
    with (
        sdk(emulator) as client,
        client.responses.create(
            model="gpt-5-mini", input="Hello.", stream=True
        ) as stream,
    ):
        first = next(iter(stream))
        [stored] = emulator.store.responses

        assert first.type == "response.created"
        assert stored.body["status"] == "in_progress"
        assert stored.body["output"] == []


def test_closing_a_stream_early_ends_it_in_the_emulator():
    emulator = Emulator()
    with sdk(emulator) as client:
        stream = client.responses.create(
            model="gpt-5-mini", input="Hello.", stream=True
        )
        next(iter(stream))
        stream.close()

    [stored] = emulator.store.responses
    assert stored.body["status"] == "cancelled"


def test_an_async_client_ends_a_stream_early_as_well():
    emulator = Emulator()

    async def main():
        async with async_sdk(emulator) as client:
            stream = await client.responses.create(
                model="gpt-5-mini", input="Hello.", stream=True
            )
            await anext(aiter(stream))
            await stream.close()

    asyncio.run(main())
    [stored] = emulator.store.responses
    assert stored.body["status"] == "cancelled"


def test_the_async_client_streams_too():
    async def main():
        async with async_sdk(Emulator()) as client:
            stream = await client.responses.create(
                model="gpt-5-mini", input="Hello.", stream=True
            )
            return [event.type async for event in stream]

    kinds = asyncio.run(main())
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")


# What is asked, and what comes back, by either kind of client

KINDS = ["sync", "async"]
JSON = {"content-type": "application/json"}


class Answered:
    """What a client got, and how long was slept on the way."""

    def __init__(self, kind: str, handle: Handle, **asked: Any) -> None:
        self.slept: list[float] = []
        request = httpx2.Request(
            asked.pop("method", "POST"), "https://x.example/a%20b?c=d", **asked
        )
        if kind == "sync":
            self.reply = Transport(handle, sleep=self.slept.append).handle_request(
                request
            )
            self.body = self.reply.read()
        else:
            asyncio.run(self._ask(handle, request))

    async def _ask(self, handle: Handle, request: httpx2.Request) -> None:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        transport = AsyncTransport(handle, sleep=sleep)
        self.reply = await transport.handle_async_request(request)
        self.body = await self.reply.aread()


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_is_handed_on_as_it_would_be_over_a_socket(kind: str) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Reply:
        seen.append(request)
        return Reply()

    headers = [(b"X-Name", b"\xe9"), (b"A" * 100, b"b"), (b"api-key", b"k")]
    Answered(kind, handle, headers=headers, content=b"hi")
    [request] = seen
    assert (request.method, request.target) == ("POST", "/a%20b?c=d")
    assert request.body == b"hi"
    headers_of_it = dict(request.headers)
    assert headers_of_it.pop("host") == "x.example"
    assert headers_of_it == {
        "x-name": "é",
        "a" * 100: "b",
        "api-key": "k",
        "content-length": "2",
    }
    # A sync client's thread is its own; an event loop is not.
    assert request.may_block is (kind == "sync")


def test_short_names_of_headers_are_remembered_and_long_ones_are_not() -> None:
    known = transports._known_name
    assert known.cache_parameters()["maxsize"] == 256
    for size, more in [(63, 1), (64, 0)]:
        before = known.cache_info().currsize
        name = b"X" * (size - 8) + b"-In-Test"
        assert transports._name(name) == name.decode().lower()
        assert known.cache_info().currsize == before + more


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "headers"),
    [
        (Reply(201, {"x": "y"}, b"hi"), {"x": "y", "content-length": "2"}),
        (Reply(200, {"content-length": "9"}, b"hi"), {"content-length": "9"}),
        (Reply(200, {"x": "é\N{EURO SIGN}"}, b""), {"x": "é?", "content-length": "0"}),
    ],
    ids=["status", "a length of its own", "beyond Latin"],
)
def test_a_whole_reply(kind: str, reply: Reply, headers: dict[str, str]) -> None:
    answered = Answered(kind, lambda _: reply)
    assert answered.reply.status_code == reply.status
    assert dict(answered.reply.headers) == headers
    assert answered.body == reply.body
    assert answered.slept == []


def test_what_a_client_calls_itself_comes_back_whatever_it_is() -> None:
    sent = httpx2.Request(
        "GET",
        "https://x.example/openai/v1/models",
        headers=[(b"api-key", KEY.encode()), (b"x-ms-client-request-id", b"\xe9")],
    )
    reply = Transport(Emulator().handle).handle_request(sent)
    assert reply.status_code == 200
    assert (b"x-ms-client-request-id", b"\xe9") in reply.headers.raw


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_and_the_pauses_between_them(kind: str) -> None:
    news = Signal()
    news.set()
    pieces = iter([b"a", Pause(2), {"type": "b"}, Pause(1_000, news), b"c"])
    answered = Answered(kind, lambda _: Reply(body=pieces, delay=7))
    assert answered.body == b'aevent: b\ndata: {"type":"b"}\n\nc'
    assert answered.slept == [7, 2]  # news end a pause by themselves
    assert "content-length" not in answered.reply.headers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"hi", [b"hi"]], ids=["whole", "pieces"])
@pytest.mark.parametrize(
    ("breaks", "error", "told"),
    [
        ("refuse", httpx2.ConnectError, "Connection refused"),
        ("close", httpx2.RemoteProtocolError, "Server disconnected"),
        ("reset", httpx2.ReadError, "Connection reset by peer"),
    ],
)
@pytest.mark.parametrize("status", [0, 200])
def test_a_connection_breaks_as_over_a_socket(
    kind: str, body: Any, breaks: str, error: type[Exception], told: str, status: int
) -> None:
    pieces = body if isinstance(body, bytes) else iter(body)
    with pytest.raises(error, match=told):
        Answered(kind, lambda _: Reply(status, {}, pieces, breaks=breaks))


def test_an_async_client_knows_the_status_of_a_late_reply() -> None:
    error = LateError(busy("Come back.", 3))
    for whole, status in [(b"{}", 200), (error, 503)]:
        late = Late(iter([Pause(2)]), lambda whole=whole: whole, list)
        answered = Answered("async", lambda _, late=late: Reply(200, dict(JSON), late))
        assert answered.reply.status_code == status
        assert (answered.reply.headers.get("retry-after") == "3") is (status == 503)
        assert answered.body == bytes(whole)
        assert answered.slept == [2]
        assert answered.reply.headers["content-length"] == str(len(whole))


def test_unless_told_time_passes_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    request = httpx2.Request("GET", "https://x.example/")
    Transport(lambda _: Reply(delay=3)).handle_request(request)
    assert slept == [3]

    async def main() -> float:
        transport = AsyncTransport(lambda _: Reply(delay=4))
        await transport.handle_async_request(request)
        return asyncio.get_running_loop().time()

    assert run(main()) == 4


# A client's timeout for reading


class Silence:
    """Pieces of a body, and whether somebody has ended them."""

    def __init__(self, *pieces: bytes | Pause) -> None:
        self.left = list(pieces)
        self.is_ended = False

    def __iter__(self) -> Iterator[bytes | Pause]:
        return self

    def __next__(self) -> bytes | Pause:
        if not self.left:
            raise StopIteration
        return self.left.pop(0)

    def close(self) -> None:
        self.is_ended = True


PATIENT = {"timeout": {"read": 5.0}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_silence_as_long_as_the_timeout_is_borne_again_and_again(kind: str) -> None:
    pieces = [b"a", Pause(3), Pause(2), b"b", Pause(5), b"c"]
    answered = Answered(
        kind, lambda _: Reply(delay=5, body=iter(pieces)), extensions=PATIENT
    )
    assert answered.body == b"abc"
    assert answered.slept == [5, 3, 2, 5]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
@pytest.mark.parametrize(
    "pieces", [(Pause(3), Pause(2.1)), (b"a", Pause(9)), (Pause(5), Pause(9))]
)
def test_a_longer_one_ends_what_is_made(
    kind: str, content_type: str, pieces: tuple[bytes | Pause, ...]
) -> None:
    body = Silence(*pieces, b"z")
    reply = Reply(headers={"content-type": content_type}, body=body)
    with pytest.raises(httpx2.ReadTimeout):
        Answered(kind, lambda _: reply, extensions=PATIENT)
    assert body.is_ended


@pytest.mark.parametrize("kind", KINDS)
def test_news_end_a_silence_in_time(kind: str) -> None:
    news, none = Signal(), Signal()
    news.set()
    pieces = [Pause(99, news), b"a"]
    given = Answered(kind, lambda _: Reply(body=iter(pieces)), extensions=PATIENT)
    assert given.body == b"a"
    soon = {"timeout": {"read": 0.01}}
    with pytest.raises(httpx2.ReadTimeout):
        Answered(kind, lambda _: Reply(body=iter([Pause(99, none)])), extensions=soon)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_that_comes_too_late_is_none(kind: str) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        Answered(kind, lambda _: Reply(delay=5.1), extensions=PATIENT)


def test_a_sync_client_that_has_a_timeout_does_not_wait_within_the_emulator() -> None:
    asked: list[bool] = []

    def handle(request: Request) -> Reply:
        asked.append(request.may_block)
        error = LateError(busy("Come back.", 3))
        return Reply(200, dict(JSON), Late(iter([Pause(2)]), lambda: error, list))

    answered = Answered("sync", handle, extensions=PATIENT)
    assert (answered.reply.status_code, answered.slept, asked) == (503, [2], [False])


@pytest.mark.parametrize("waits", [True, False])
def test_what_waits_for_a_model_is_answered_in_a_thread(waits: bool) -> None:
    threads: list[threading.Thread] = []

    def handle(_: Request) -> Reply:
        threads.append(threading.current_thread())
        return Reply()

    async def main() -> None:
        transport = AsyncTransport(handle, waits=lambda _: waits)
        await transport.handle_async_request(httpx2.Request("GET", "https://x/"))

    asyncio.run(main())
    assert (threads[0] is not threading.main_thread()) is waits


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_that_nobody_reads_is_ended(kind: str) -> None:
    ended: list[bool] = []

    class Pieces:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            return b"x"

        def close(self) -> None:
            ended.append(True)

    request = httpx2.Request("GET", "https://x.example/")
    if kind == "sync":
        Transport(lambda _: Reply(body=Pieces())).handle_request(request).close()
    else:

        async def main() -> None:
            transport = AsyncTransport(lambda _: Reply(body=Pieces()))
            await (await transport.handle_async_request(request)).aclose()

        asyncio.run(main())
    assert ended == [True]


def test_without_its_extra_it_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = transports.__name__
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.setattr("responses_emulator.adapters.transport", transports)
    with pytest.raises(ModuleNotFoundError, match="its extra 'client'") as raised:
        importlib.import_module(name)
    assert raised.value.name == "httpx2"


def test_who_reaches_nobody_learns_that_before_it_reads() -> None:
    request = httpx2.Request("GET", "https://x.example/")
    with pytest.raises(httpx2.ConnectError):
        Transport(lambda _: Reply(0, breaks="refuse")).handle_request(request)
