"""Speak to an emulator's core directly: a request in, a reply out."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from responses_emulator.account import KEY, Deployment, deployment
from responses_emulator.core import Emulator
from responses_emulator.frames import server_sent
from responses_emulator.http import Pause, Reply, Request

if TYPE_CHECKING:
    from emulator.tests.adapters.victim import Victim

GET_WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Client:
    """Sends requests to one emulator with the right key, through the v1 layout."""

    clock: Clock = field(default_factory=Clock)
    base: str = "/openai/v1"
    model: str = "gpt-5-mini"

    def __post_init__(self) -> None:
        self.emulator = Emulator(clock=self.clock)

    def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Reply:
        return self.emulator.handle(
            Request(
                method,
                self.base + path,
                {
                    "api-key": KEY,
                    "content-type": "application/json",
                    **{k.replace("_", "-"): v for k, v in headers.items()},
                },
                b"" if body is None else orjson.dumps(body),
            )
        )

    def json(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> dict[str, Any]:
        reply = self.send(method, path, body)
        assert isinstance(reply.body, bytes)
        assert reply.status == status, reply.body
        return orjson.loads(reply.body)

    def create(self, input: object = "Hello.", **body: Any) -> dict[str, Any]:
        """A response; `input` and any other parameter as the API has them."""
        return self.json(
            "POST", "/responses", {"model": self.model, "input": input, **body}
        )

    def error(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """The status and the inner `error` of a request that fails."""
        reply = self.send(method, path, body, **headers)
        assert isinstance(reply.body, bytes)
        assert reply.status >= 400, reply.body
        return reply.status, orjson.loads(reply.body)["error"]

    def refused(self, input: object = "Hello.", **body: Any) -> dict[str, Any]:
        """The inner `error` of a response request that is answered 400."""
        status, error = self.error(
            "POST", "/responses", {"model": self.model, "input": input, **body}
        )
        assert status == 400
        return error

    def events(self, input: object = "Hello.", **body: Any) -> list[dict[str, Any]]:
        """The events of a streamed response."""
        body = {"model": self.model, "input": input, "stream": True, **body}
        return list(parse(self.send("POST", "/responses", body), self.clock.sleep))


def text(response: dict[str, Any]) -> str:
    """The text of a response's last message."""
    return response["output"][-1]["content"][0]["text"]


def kinds(response: dict[str, Any]) -> list[str]:
    """The types of all that a response has put out, in order."""
    return [item["type"] for item in response["output"]]


def steps(response: dict[str, Any]) -> list[str]:
    """The same without the reasoning."""
    return [kind for kind in kinds(response) if kind != "reasoning"]


def approved(request_id: str, approve: bool = True) -> dict[str, Any]:
    """The caller's answer to a request to call an MCP server's tool."""
    return {
        "type": "mcp_approval_response",
        "approval_request_id": request_id,
        "approve": approve,
    }


def narrow_deployment(context_window: int) -> Deployment:
    """The deployment that `Client` asks, for so many tokens of input and no more."""
    whole = deployment("gpt-5-mini")
    return whole._replace(family=whole.family._replace(context_window=context_window))


def parse(
    reply: Reply, sleep: Callable[[float], None] | None = None
) -> Iterator[dict[str, Any]]:
    """The events of a streamed reply, one by one; up to a pause if nobody sleeps."""
    assert reply.status == 200
    assert not isinstance(reply.body, bytes)
    for piece in map(server_sent, reply.body):
        if isinstance(piece, Pause):
            if sleep is None:
                return
            sleep(piece.seconds)
            continue
        name, _, data = piece.partition(b"\ndata: ")
        event = orjson.loads(data)
        assert name == b"event: " + event["type"].encode()
        yield event


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def ask() -> Iterator[Callable[..., Any]]:
    """Makes a client of an emulator behind which a model is scripted, and its server.

    The options are those of the endpoint.
    """
    from emulator.tests.model.chat_completions.chat_server import (
        Script,
        Server,
        behind,
        chat_server,
    )

    with ExitStack() as opened:

        def made(
            *scripts: Script, model: str = "gpt-6-luna", **options: Any
        ) -> tuple[Client, Server]:
            server = opened.enter_context(chat_server(*scripts))
            client = Client(model=model)
            client.emulator.world.deployments.setdefault(model, deployment(model))
            client.emulator.world.model = behind(server, **options)
            return client, server

        yield made


def mostly_within(most: float, seconds: Callable[[], float]) -> bool:
    """Whether six of ten tries take less than this.

    What else the machine does adds to some of them. What is looked for once a second
    would be found in time by two of ten.
    """
    in_time = 0
    for _ in range(10):
        in_time += seconds() < most
        if in_time == 6:
            return True
    return False


@pytest.fixture
def victim() -> Iterator["Victim"]:
    """A served emulator that is spoken to in bytes."""
    from emulator.tests.adapters.victim import victim_served

    with victim_served() as victim:
        yield victim


@pytest.fixture
def ctrl_c_works() -> Iterator[None]:
    """A child of a process that ignores SIGINT ignores it as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
