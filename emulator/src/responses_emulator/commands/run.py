"""`run`: one script against an emulator of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from responses_emulator.account import DEPLOYMENTS, deployment
from responses_emulator.adapters.listener import base_url, listen
from responses_emulator.commands.observers import observers, watched
from responses_emulator.commands.options import (
    NO_MODELS,
    ModelOptions,
    allowed_hosts,
    fault_rules,
    greet,
    models_of,
    replies_of,
    served_by,
)
from responses_emulator.commands.python import Python, choose
from responses_emulator.commands.surroundings import surroundings_of_a_script


def run(
    script: str,
    arguments: Sequence[str] = (),
    *,
    python: Python | None = None,
    delay: float = 0.02,
    wire: str | None = None,
    record: Path | None = None,
    faults: Sequence[str] = (),
    replies: Path | None = None,
    rate_limit: int | None = None,
    token_limit: int | None = None,
    lenient_history: bool = False,
    deployments: Sequence[str] = (),
    models: ModelOptions = NO_MODELS,
    mcp_allow: Sequence[str] = (),
) -> int:
    """Run the script; gives its exit status, or 128 + N if signal N ended it.

    Ctrl-C reaches the script, as it is in the terminal's foreground too, and SIGTERM is
    passed on to it: what it leaves behind and when it ends is its own business.
    `python` runs it, by default what `python.choose` finds. `delay` is the pause before
    each piece of a streamed reply, in seconds; `wire` is `text` or `curl`; `faults` are
    as `faults.parse` takes them, `replies` is a file of them; `deployments` are further
    ones, `models` those that answer in the stand-in's place; `mcp_allow` are hosts as
    `Emulator` takes them.
    """
    try:
        rules = fault_rules(faults)
        table = replies_of(replies)
        known = (*DEPLOYMENTS, *map(deployment, deployments))
        real = served_by(models)
        if real:
            known = real.deployments(known)
        hosts = allowed_hosts(mcp_allow)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not Path(script).is_file():
        print(f"There is no file {script}.", file=sys.stderr)
        return 2
    python = python or choose()
    try:
        with listen() as listener, observers(wire=wire, record=record) as looking_on:
            # The script takes half a second to import the SDK. Meanwhile the server
            # starts; whoever is earlier waits in the socket's queue.
            if signal.getsignal(signal.SIGINT) in _OF_NOBODY:
                signal.signal(signal.SIGINT, _leave_it_to_the_script)
            child = subprocess.Popen(
                [python.path, script, *arguments],
                env=surroundings_of_a_script(base_url(listener), os.environ),
            )

            def pass_on(_signal: int, _frame: FrameType | None) -> None:
                child.terminate()

            signal.signal(signal.SIGTERM, pass_on)
            try:
                from responses_emulator.adapters.app import App
                from responses_emulator.adapters.server import serving
                from responses_emulator.core import Emulator

                emulator = Emulator(
                    deployments=known,
                    rate_limit=rate_limit,
                    token_limit=token_limit,
                    replies=table,
                    lenient_history=lenient_history,
                    **models_of(real),
                    mcp_allow=hosts,
                )
                emulator.faults.waiting += rules
                handle, send = watched(emulator.handle, looking_on)
                with serving(
                    App(emulator, handle=handle, delay=delay, send=send), listener
                ):
                    greet(real)
                    status = child.wait()
            except BaseException:
                child.kill()
                child.wait()
                raise
    except OSError as error:
        does = "write" if record and error.filename == str(record) else "start"
        print(f"Cannot {does} {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    if status == 1:  # as it is, among others, when an import fails
        _tell_what_cannot_be_imported(python, script)
    return status if status >= 0 else 128 - status


def _tell_what_cannot_be_imported(python: Python, script: str) -> None:
    """Say which Python it was, if that lacks what the script imports."""
    lacking = python.lacks_imports_of(script)
    if lacking:
        print(
            f"{script} was started with {python.path} ({python.why}), which lacks "
            f"{', '.join(lacking)}; --python chooses another.",
            file=sys.stderr,
        )


# What Ctrl-C does where nobody has said otherwise. A job in the background may have to
# ignore it (`nohup`), and then so would the script: a chat app is stopped by it.
_OF_NOBODY = (signal.default_int_handler, signal.SIG_IGN)


def _leave_it_to_the_script(_signal: int, _frame: FrameType | None) -> None:
    """Ctrl-C. A function, since to ignore it would make the script ignore it, too."""
