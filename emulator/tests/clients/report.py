"""For the scripts beside this file: run one check, and print what came of it.

It needs no package: each script runs in an environment of its own.
"""

import asyncio
import inspect
import json
import os
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

V1 = os.environ["EMULATOR_URL"] + "/openai/v1/"
KEY = os.environ["EMULATOR_KEY"]
MODEL = "gpt-5.4-mini"
QUESTION = "What is the capital of France?"
WEATHER = "What is the weather in Paris?"


def report(check: str, function: Callable[[], Any]) -> None:
    """Print one line of JSON: what a check, async or not, returned or raised."""
    try:
        said = function()
        if inspect.isawaitable(said):
            said = asyncio.run(_finish(said))
        line = {"check": check, "said": said}
    except Exception as error:
        line = {"check": check, "raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(line, default=str), flush=True)


def versions(*packages: str) -> None:
    """Print the line with the packages that were tried."""
    print(json.dumps({"versions": {name: version(name) for name in packages}}))


async def _finish(awaitable: Any) -> Any:
    return await awaitable
