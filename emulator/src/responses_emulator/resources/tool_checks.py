"""What is wrong with a request's tools is said before anything is made of it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

from responses_emulator import extras
from responses_emulator.contract import faults
from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.http import Json
from responses_emulator.model.turn import Turn
from responses_emulator.model.values import schema
from responses_emulator.resources import vector_stores, workspaces
from responses_emulator.tools import tool_search
from responses_emulator.world import World


def check(world: World, turn: Turn) -> None:
    """Raise what is not there, or what no value could satisfy."""
    _check_tools_exist(world, turn)
    _check_schemas(turn)


def _check_tools_exist(world: World, turn: Turn) -> None:
    """Say now, and not in the middle of a stream, that something is not there."""
    for index, tool in enumerate(turn.tools):
        place = f"tools[{index}]"
        if tool["type"] == "code_interpreter":
            extras.need("programs", "To run a program", place)
            wanted: str | Json = tool["container"]
            workspaces.check_wanted(world, wanted, f"{place}.container")
        elif tool["type"] == "shell":
            environment: Json = tool.get("environment") or {}
            if environment.get("type") == "container_reference":
                param = f"{place}.environment.container_id"
                workspaces.check_wanted(world, environment["container_id"], param)
            elif environment.get("type") == "container_auto":
                param = f"{place}.environment"
                workspaces.check_wanted(world, environment, param)
        elif tool["type"] == "file_search":
            for number, id in enumerate(tool["vector_store_ids"]):
                param = f"{place}.vector_store_ids[{number}]"
                vector_stores.find_active(world, id, param)


def _check_schemas(turn: Turn) -> None:
    """A schema that no value can satisfy is the caller's mistake."""
    format = turn.format
    if format.get("schema"):
        with _faults_of(partial(faults.format_schema, format["name"])):
            schema.fill(format["schema"], turn.prompt)
    for index, tool in enumerate(turn.tools):
        for number, function in enumerate(tool_search.flat([tool])):
            if function["type"] == "function":
                inner = f".tools[{number}]" if "namespace" in function else ""
                place = f"tools[{index}]{inner}"
                with _faults_of(
                    partial(faults.function_schema, function["name"], path=place)
                ):
                    schema.calls(function, turn.prompt)


@contextmanager
def _faults_of(fault: Callable[..., ServiceError]) -> Generator[None]:
    """What cannot be filled is told as `fault` tells what is wrong with a schema."""
    try:
        yield
    except schema.OverBound as error:
        raise invalid_request(
            f"The emulator does not fill this schema: {error}",
            fault(fault="").body["error"]["param"],
            "not_supported_by_emulator",
        ) from None
    except ValueError as error:
        raise fault(fault=str(error)) from None
