"""`run`: one script against an emulator of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from responses_emulator.adapters.listener import base_url, listen
from responses_emulator.commands.observers import observers, watched
from responses_emulator.commands.options import fault_rules, replies_of
from responses_emulator.commands.surroundings import surroundings_of_a_script


def run(
    script: str,
    arguments: Sequence[str] = (),
    *,
    delay: float = 0.02,
    wire: bool = False,
    record: Path | None = None,
    faults: Sequence[str] = (),
    replies: Path | None = None,
    rate_limit: int | None = None,
    token_limit: int | None = None,
) -> int:
    """Run the script; gives its exit status, or 128 + N if signal N ended it.

    Ctrl-C reaches the script, as it is in the terminal's foreground too, and SIGTERM is
    passed on to it: what it leaves behind and when it ends is its own business.
    `delay` is the pause before each piece of a streamed reply, in seconds; `faults` are
    as `faults.parse` takes them, `replies` is a file of them.
    """
    try:
        rules = fault_rules(faults)
        table = replies_of(replies)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not Path(script).is_file():
        print(f"There is no file {script}.", file=sys.stderr)
        return 2
    try:
        with listen() as listener, observers(wire=wire, record=record) as looking_on:
            # The script takes half a second to import the SDK. Meanwhile the server
            # starts; whoever is earlier waits in the socket's queue.
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                signal.signal(signal.SIGINT, _leave_it_to_the_script)
            child = subprocess.Popen(
                [sys.executable, script, *arguments],
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
                    rate_limit=rate_limit, token_limit=token_limit, replies=table
                )
                emulator.faults.waiting += rules
                handle, send = watched(emulator.handle, looking_on)
                with serving(
                    App(emulator, handle=handle, delay=delay, send=send), listener
                ):
                    status = child.wait()
            except BaseException:
                child.kill()
                child.wait()
                raise
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return status if status >= 0 else 128 - status


def _leave_it_to_the_script(_signal: int, _frame: FrameType | None) -> None:
    """Ctrl-C. A function, since to ignore it would make the script ignore it, too."""
