"""What a fault gets to work with."""

from dataclasses import dataclass
from typing import Any, cast

from responses_emulator.errors import ServiceError
from responses_emulator.http import Handle, Json, Reply, Request
from responses_emulator.world import World

Parameter = str | int


@dataclass(frozen=True)
class Call:
    """One request that a fault hits; `handle` answers what is asked without one."""

    world: World
    request: Request
    parameters: dict[str, Parameter]
    handle: Handle

    def answer(self) -> Reply:
        """The reply that the request would get without a fault, errors included.

        It has no pauses: where a model takes its time, whoever asks here waits.
        """
        self.request.may_block = True
        return self.handle(self.request)

    def number(self, name: str) -> int:
        """A parameter that is a number."""
        return int(self.parameters[name])

    def text(self, name: str) -> str:
        """A parameter that is a text."""
        return str(self.parameters[name])

    @property
    def body(self) -> Json:
        """The request's JSON; empty where it has none."""
        return json_of(self.request)

    @property
    def model(self) -> str:
        """The deployment that the request names."""
        return str(self.body.get("model") or "-")


def json_of(request: Request) -> Json:
    """The JSON of a request that may be wrong in any way; empty where there is none."""
    try:
        return request.json()
    except ServiceError:
        return {}


def tools_of(body: Json) -> list[Json]:
    """The tools of a request that may be wrong in any way."""
    tools: Any = body.get("tools")
    if not isinstance(tools, list):
        return []
    return [tool for tool in cast("list[Any]", tools) if isinstance(tool, dict)]
