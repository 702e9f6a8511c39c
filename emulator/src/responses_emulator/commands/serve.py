"""`serve`: an emulator until Ctrl-C."""

import errno
import gc
import ipaddress
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from responses_emulator.account import DEPLOYMENTS, deployment, environment
from responses_emulator.adapters.listener import listen
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

# After which a thread at work lets another one have its turn: the event loop waits for
# a turn several times for each request, behind all threads that are at work.
SWITCH_SECONDS = 0.0005


def serve(
    *,
    host: str,
    port: int,
    delay: float = 0.0,
    deployments: Sequence[str] = (),
    wire: str | None = None,
    log: str | None = None,
    record: Path | None = None,
    faults: Sequence[str] = (),
    replies: Path | None = None,
    rate_limit: int | None = None,
    token_limit: int | None = None,
    lenient_history: bool = False,
    journal: bool = False,
    models: ModelOptions = NO_MODELS,
    mcp_allow: Sequence[str] = (),
) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit status.

    `delay` is in seconds; `deployments` are further ones, as `account.deployment` takes
    them; `wire` is `text` or `curl`; `log` is a path or `-`; `faults` are as
    `faults.parse` takes them; `replies` is a file of them; the limits are of each
    minute; `models` are those that answer in the stand-in's place; `mcp_allow` are
    hosts as `Emulator` takes them.
    """
    try:
        known = (*DEPLOYMENTS, *map(deployment, deployments))
        rules = fault_rules(faults)
        table = replies_of(replies)
        real = served_by(models)
        if real:
            known = real.deployments(known)
        hosts = allowed_hosts(mcp_allow)
    except ValueError as error:
        return _fail(str(error))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        listener = listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _fail(
                f"Port {port} is in use: choose another, --port 0 takes a free one."
            )
        return _fail(f"Cannot listen on {host}, port {port}: {error.strerror}.")
    except UnicodeError:  # of what cannot be a name
        return _fail(f"Cannot listen on {host}, port {port}: no such name.")

    try:
        with listener, observers(wire=wire, log=log, record=record) as looking_on:
            from responses_emulator.adapters.app import App
            from responses_emulator.adapters.server import serving
            from responses_emulator.core import Emulator

            emulator = Emulator(
                deployments=known,
                rate_limit=rate_limit,
                token_limit=token_limit,
                journal=journal,
                replies=table,
                lenient_history=lenient_history,
                **models_of(real),
                mcp_allow=hosts,
            )
            emulator.faults.waiting += rules
            handle, send = watched(emulator.handle, looking_on)
            with serving(
                App(emulator, handle=handle, delay=delay, send=send), listener
            ) as url:
                _warn_unless_loopback(listener.getsockname()[0])
                greet(real)
                print(env_lines(url), flush=True)
                _look_for_garbage_less_often()
                sys.setswitchinterval(SWITCH_SECONDS)
                _wait_for_signal()
    except KeyboardInterrupt:
        return 0  # it had not yet begun to serve
    except OSError as error:  # only the files of --log and --record are opened here
        return _fail(f"Cannot write {error.filename}: {error.strerror}.")
    return 0


def env_lines(url: str) -> str:
    """What a `.env` needs for an emulator at `url`; the rest are comments in it."""
    lines = [
        f"# The emulator listens at {url}; Ctrl-C ends it, and what it holds is gone.",
        "# Put these lines into .env:",
    ]
    for name, value in environment(url).items():
        if name == "IDENTITY_ENDPOINT":
            lines.append("# With these the Entra ID samples sign in:")
        lines.append(f"{name}={value}")
    return "\n".join(lines)


def _warn_unless_loopback(address: str) -> None:
    if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        print(
            "Warning: other machines can reach this emulator. It has no TLS, and its "
            "key is published: whoever connects reads and writes all it holds, and can "
            "have it run Python programs, within limits.",
            file=sys.stderr,
            flush=True,
        )


def _look_for_garbage_less_often() -> None:
    """What is stored is kept on purpose, and there is next to no garbage in cycles.

    To look through all of it each time it has grown by a quarter takes as long as the
    answers do.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 100)


def _wait_for_signal() -> None:
    try:
        while True:  # on Windows, Ctrl-C ends a sleep but no other wait
            time.sleep(1)
    except KeyboardInterrupt:
        # A second Ctrl-C, while replies are still under way, ends it at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
