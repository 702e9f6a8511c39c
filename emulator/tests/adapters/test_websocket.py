import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from openai import AsyncOpenAI, AzureOpenAI, OpenAI
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from responses_emulator.account import KEY, MODEL
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.resources.sessions import LIMIT_SECONDS

# The SDK opens its connections in a way that newer versions of the library deplore.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:connect\(\) must be used as a context manager:DeprecationWarning"
)


@pytest.fixture
def url() -> Iterator[str]:
    with serving(App(Emulator())) as url:
        yield url


def last_event(connection):
    for event in connection:
        if event.type in ("response.completed", "error"):
            return event
    raise AssertionError("The connection ended.")


def raw(
    url: str, path: str = "/openai/v1/responses", **headers: str
) -> ClientConnection:
    headers = headers or {"api-key": KEY}
    return open_socket(
        url.replace("http", "ws") + path, additional_headers=headers, proxy=None
    )


def test_the_sync_client_has_several_turns_over_one_connection(url):
    client = OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/")
    with client.responses.connect() as connection:
        connection.response.create(model=MODEL, input="My name is Ada.", store=False)
        first = last_event(connection)
        connection.response.create(
            model=MODEL,
            input="What is my name?",
            previous_response_id=first.response.id,
            store=False,
        )
        second = last_event(connection)

    assert second.response.output_text == "You said: \u201cMy name is Ada.\u201d"


def test_the_async_client_reads_deltas_and_an_error_and_goes_on(url):
    async def main() -> tuple[str, str, str]:
        client = AsyncOpenAI(api_key=KEY, base_url=f"{url}/openai/v1/")
        deltas: list[str] = []
        async with client.responses.connect() as connection:
            await connection.response.create(model=MODEL, input="Count to 3.")
            async for event in connection:
                if event.type == "response.output_text.delta":
                    deltas.append(event.delta)
                if event.type == "response.completed":
                    break
            await connection.response.create(
                model=MODEL, input="Hi", previous_response_id="resp_1"
            )
            error = await connection.recv()
            await connection.response.create(model=MODEL, input="Hi", generate=False)
            async for event in connection:
                if event.type == "response.completed":
                    break
        return "".join(deltas), error.error.code, event.response.status

    assert asyncio.run(main()) == (
        "1, 2, 3",
        "previous_response_not_found",
        "completed",
    )


def test_a_second_create_waits_for_the_first(url):
    client = OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/")
    with client.responses.connect() as connection:
        connection.response.create(model=MODEL, input="Count to 50.")
        connection.response.create(model=MODEL, input="Count to 3.")
        read: list[str] = []
        while read.count("response.completed") < 2:
            read.append(connection.recv().type)

    first = read.index("response.completed")
    assert read.count("response.created") == 2
    assert read.index("response.created", 1) == first + 1


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/openai/v1/responses", {"api-key": "wrong"}, 401),
        ("/openai/v1/responses", {"authorization": "Bearer wrong"}, 401),
        ("/openai/v1/responses", {"x": "no key"}, 401),
        ("/openai/responses", {"api-key": KEY}, 404),
        ("/openai/v1/files", {"api-key": KEY}, 404),
        ("/openai/v1/responses", {"api-key": KEY}, 101),
        ("/openai/v1/responses", {"authorization": f"Bearer {KEY}"}, 101),
    ],
)
def test_an_upgrade_needs_the_path_and_a_key(url, path, headers, status):
    if status == 101:
        with raw(url, path, **headers) as socket:
            assert socket.ping().wait(10)
        return
    with pytest.raises(InvalidStatus) as refused, raw(url, path, **headers):
        pass

    assert refused.value.response.status_code == status
    assert b"error" in refused.value.response.body


def test_the_legacy_client_is_refused(url):
    client = AzureOpenAI(
        api_key=KEY, azure_endpoint=url, api_version="2025-04-01-preview"
    )
    with pytest.raises(InvalidStatus) as refused, client.responses.connect():
        pass

    assert refused.value.response.status_code == 404


def test_a_message_in_fragments_is_one_message_and_pings_are_answered(url):
    with raw(url) as socket:
        socket.send(['{"type": "respon', 'se.create", "model": "', f'{MODEL}"}}'])
        assert "missing_required_parameter" in socket.recv(timeout=10)
        assert socket.ping().wait(10)


def test_after_an_hour_the_socket_is_closed():
    times = iter([0.0])
    emulator = Emulator(clock=lambda: next(times, LIMIT_SECONDS + 1.0))
    with serving(App(emulator)) as url, raw(url) as socket:
        socket.send('{"type": "response.create"}')

        assert "websocket_connection_limit_reached" in socket.recv(timeout=10)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)


def test_a_socket_that_is_left_open_does_not_hold_up_the_end():
    with ExitStack() as server:
        url = server.enter_context(serving(App(Emulator())))
        with raw(url) as socket:
            server.close()
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=10)
