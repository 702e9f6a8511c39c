"""Python, and the package's commands, as processes of their own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = (sys.executable, "-m", "responses_emulator", "run")
SERVE = (sys.executable, "-m", "responses_emulator", "serve", "--port", "0")
no_such_signals_on_windows = pytest.mark.skipif(
    sys.platform == "win32", reason="no signal for one process there"
)


def done(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command that has ended, and what it printed; in the checkout by itself."""
    usual: dict[str, Any] = {"cwd": ROOT, "encoding": "utf-8", "timeout": 60}
    return subprocess.run(command, capture_output=True, **usual | options)


def printed(program: str, *arguments: str) -> str:
    """What a program prints that ends well and has nothing to complain of."""
    ended = done(sys.executable, "-c", program, *arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def started(*command: str, **options: Any) -> subprocess.Popen[str]:
    """A command that goes on, and what it prints as it comes."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    usual: dict[str, Any] = {"cwd": ROOT, "encoding": "utf-8"}
    return subprocess.Popen(command, **usual | pipes | options)
