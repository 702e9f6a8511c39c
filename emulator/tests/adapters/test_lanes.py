"""Where a request is answered, by how long that may take."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from responses_emulator.adapters import lanes
from responses_emulator.adapters.lanes import (
    Lane,
    is_quick,
    lane_for,
    lane_for_message,
    lane_of,
    lane_of_message,
)
from responses_emulator.errors import ServiceError, busy
from responses_emulator.http import Request

KB = 1024


@pytest.mark.parametrize(
    ("method", "path", "size", "quick"),
    [
        ("POST", "responses", KB - 1, True),
        ("POST", "responses", KB, False),
        ("POST", "responses/resp_1/cancel", 2, False),
        ("GET", "responses/resp_1/input_items", 0, True),
        ("GET", "models/gpt-6-luna", 0, True),
        ("GET", "conversations/conv_1", 0, False),
        ("HEAD", "models", 0, False),
        ("DELETE", "responses/resp_1", 0, False),
    ],
)
def test_quick_is_what_is_short_and_known_to_be(
    method: str, path: str, size: int, quick: bool
) -> None:
    request = Request(method, f"/openai/v1/{path}", body=b" " * size)
    assert is_quick(request) is quick


@pytest.mark.parametrize(
    "word",
    [
        *(b'"tools"', b'"json_schema"', b'"input_image"', b'"previous_response_id"'),
        *(b'"conversation"', b"\\u0074ools"),
    ],
)
def test_each_word_of_what_may_take_long_is_not_quick(word: bytes) -> None:
    assert not is_quick(Request("POST", "/openai/v1/responses", body=b"{%b}" % word))


@pytest.mark.parametrize(
    ("method", "path", "size", "lane"),
    [
        ("POST", "responses", 8 * KB, Lane.ORDINARY),
        ("POST", "responses", 8 * KB + 1, Lane.LARGE),
        ("POST", "files", 8 * KB, Lane.ORDINARY),
        ("POST", "files", 8 * KB + 1, Lane.LARGE),
        ("POST", "batches", 0, Lane.LONG),
        ("POST", "batches/batch_1/cancel", 0, Lane.ORDINARY),
        ("POST", "vector_stores", 0, Lane.LONG),
        ("POST", "vector_stores/vs_1/search", 0, Lane.LONG),
        ("GET", "batches", 0, Lane.ORDINARY),
        ("GET", "files/file_1/content", 0, Lane.ORDINARY),
        ("GET", "vector_stores/vs_1/files/file_1/content", 0, Lane.LONG),
        ("GET", "vector_stores/vs_1/files", 0, Lane.ORDINARY),
        ("DELETE", "vector_stores/vs_1", 0, Lane.ORDINARY),
    ],
)
def test_what_is_large_or_long_has_a_lane_of_its_own(
    method: str, path: str, size: int, lane: Lane
) -> None:
    assert lane_of(Request(method, f"/openai/v1/{path}", body=b" " * size)) is lane


@pytest.mark.parametrize(
    ("body", "lane"),
    [
        *((word, Lane.LONG) for word in lanes.LONG_WORDS),
        (b"\\u005f", Lane.LONG),
        (b"\\u006A", Lane.LONG),
        (b"\\u0079", Lane.LONG),
        (b"\\u00e9", Lane.ORDINARY),
        (b"\\u0058", Lane.ORDINARY),
        (b"", Lane.ORDINARY),
    ],
)
def test_a_word_tells_what_may_take_long_over_a_socket_as_well(
    body: bytes, lane: Lane
) -> None:
    assert lane_of_message(body) is lane
    assert lane_of_message(body.decode()) is lane


class Host:
    """Notes in which lane it is to look."""

    def __init__(self, error: ServiceError | None = None) -> None:
        self.lanes: list[Lane] = []
        self.error = error

    async def do(self, work: Callable[[], Any], lane: Lane, _gone: object) -> Any:
        self.lanes.append(lane)
        if self.error:
            raise self.error
        return work()


GLANCE = 128 * KB


@pytest.mark.parametrize(
    ("path", "size", "looked"),
    [
        ("responses", GLANCE, []),
        ("responses", GLANCE + 1, [Lane.LARGE]),
        ("files", GLANCE + 1, []),
    ],
)
def test_what_takes_a_while_to_look_through_is_looked_through_elsewhere(
    path: str, size: int, looked: list[Lane]
) -> None:
    host: Any = Host()
    request = Request("POST", f"/openai/v1/{path}", body=b" " * size)

    async def main() -> tuple[Lane, Lane]:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane = await lane_for(host, request, gone)
        assert host.lanes == looked
        if path == "files":
            return lane, lane
        lane_of_it = await lane_for_message(host, request.body, gone)
        assert host.lanes == looked * 2
        return lane, lane_of_it

    assert asyncio.run(main()) == (Lane.LARGE, Lane.LARGE)


def test_where_there_is_no_place_to_look_that_is_told() -> None:
    host: Any = Host(busy("Come back.", 1))
    request = Request("POST", "/openai/v1/responses", body=b" " * (GLANCE + 1))

    async def main() -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for asked in (
            lane_for(host, request, gone),
            lane_for_message(host, request.body, gone),
        ):
            with pytest.raises(ServiceError):
                await asked

    asyncio.run(main())
