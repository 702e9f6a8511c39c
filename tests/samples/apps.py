"""A chat app loaded in this process, as Gradio's reload loads it."""

import runpy
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest


async def load(path: Path, run_name: str = "app") -> dict[str, Any]:
    """The names of an app that is not launched, and has no visitor yet.

    Awaited, for without a loop that runs Gradio makes loops and closes none. The web
    application that would serve the page is left out: Gradio makes three of them, which
    takes most of the time. Who wants one makes it, with `App.create_app`.
    """
    from gradio.routes import App  # it takes seconds to import

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "create_app", Mock())
        return runpy.run_path(str(path), run_name=run_name)
