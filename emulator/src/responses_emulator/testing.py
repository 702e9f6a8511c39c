"""For your own tests: an emulator in place of the service, in the test's own process.

    with running() as emulator:
        emulator.reply_with("It is raining.")
        assert "rain" in my_application("Do I need an umbrella?")
        assert emulator.verdict().ok

While it runs, every `httpx2` client, and so the SDK, talks to it without a socket,
whether it calls the address in the environment or a resource on Azure. The same
emulator listens on loopback, at `emulator.url`, for other processes and libraries:
`httpx2` need not be installed.
Nothing else leaves loopback: what tries to is stopped with `LeftLoopback`.
"""

import ipaddress
import os
import socket
import sys
import time
from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from responses_emulator import extras, outgoing
from responses_emulator.account import DEPLOYMENTS, KEY, Deployment, deployment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.listener import listen
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings
from responses_emulator.core import Emulator
from responses_emulator.faults import parse
from responses_emulator.model.protocol import Model
from responses_emulator.model.replies.reply_file import load
from responses_emulator.model.standin.standin import STAND_IN

if TYPE_CHECKING:
    import httpx2

AZURE_HOSTS = (
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
)


class LeftLoopback(BaseException):
    """Something reached for another machine while an emulator was running.

    It is no `Exception`, so that no retry and no `except` hides it.
    """


class RunningEmulator(Emulator):
    """An emulator that stands in for the service; `url` is where it listens.

    `escapes` says what reached for another machine; not empty at the end, it is raised.
    """

    url: str = ""

    def __init__(self, **options: Any) -> None:
        """Take the parameters of `Emulator`; a journal is kept."""
        super().__init__(**options, journal=True)
        self.escapes: list[str] = []

    def reset(self) -> None:
        """Forget everything, escapes as well."""
        super().reset()
        self.escapes.clear()


@contextmanager
def running(
    *,
    key: str = KEY,
    deployments: Iterable[Deployment | str] = DEPLOYMENTS,
    clock: Callable[[], float] = time.time,
    background_seconds: float = 3.0,
    indexing_seconds: float = 0.0,
    rate_limit: int | None = None,
    token_limit: int | None = None,
    replies: str | Path | Sequence[Any] | None = None,
    model: Model = STAND_IN,
    lenient_history: bool = False,
    model_url: str | None = None,
    model_name: str | None = None,
    model_key: str = "",
    model_allow: Sequence[str] = (),
    models: Mapping[str, str | Model] | None = None,
    mcp_allow: Iterable[str] = (),
) -> Generator[RunningEmulator]:
    """Run a fresh emulator until the block ends; the environment leads clients to it.

    The parameters are those of `Emulator`. The environment is what
    `responses-emulator run` gives a script, and at the end as it was. Where something
    has swallowed a `LeftLoopback`, the end raises it again.
    `deployments` are all that there are, each a `Deployment` or `NAME[=MODEL]`, as
    `--deployment` has it; `replies` is a file of replies, or a list of what would stand
    in one. A value that makes no sense is a ValueError.

    `model_url` is the address of a real model, `model_name` what it is called there,
    `model_key` its key; `models` has an address (`URL` or `URL#NAME`), or a `Model`,
    for single deployments, by their names. The emulator reaches these and nothing else,
    and the test itself still reaches none; one on another machine is named in
    `model_allow`.
    `mcp_allow` names hosts whose MCP servers the emulator itself may reach, and nobody
    else: the test's own requests are still stopped.
    """
    known = tuple(map(_deployment, _listed("deployments", deployments)))
    model_hosts = _texts("model_allow", model_allow)
    mcp_hosts = _texts("mcp_allow", mcp_allow)
    _check_numbers(rate_limit=rate_limit, token_limit=token_limit)
    _check_seconds(background_seconds, "background_seconds")
    _check_seconds(indexing_seconds, "indexing_seconds")
    _check("key", key, _is_key(key), "a key: letters, digits and signs of ASCII")
    _check("clock", clock, callable(clock), "a function that gives seconds")
    _check("model", model, _is_model(model), "a Model; an address is model_url")
    _check("replies", replies, _are_replies(replies), "a file or a list")
    _check("lenient_history", lenient_history, _is(lenient_history, bool), "a bool")
    _check("model_url", model_url, _is(model_url, str | None), "an address")
    _check("model_name", model_name, _is(model_name, str | None), "a name")
    _check("model_key", model_key, _is(model_key, str), "a text")
    _check("models", models, _are_models(models), "a dict of addresses or Models")
    real_models: Mapping[str, Model] = {}
    named = model_url is not None or model_name is not None
    if named or model_key or model_hosts or models:
        from responses_emulator.model.chat_completions.served import served

        real = served(
            url=model_url,
            name=model_name,
            key=model_key,
            allow=model_hosts,
            models=models,
        )
        model = real.default or model
        real_models = real.of
        known = tuple(real.deployments(known))
    emulator = RunningEmulator(
        clock=clock,
        key=key,
        deployments=known,
        background_seconds=background_seconds,
        indexing_seconds=indexing_seconds,
        rate_limit=rate_limit,
        token_limit=token_limit,
        replies=None if replies is None else load(replies, parse),
        model=model,
        lenient_history=lenient_history,
        models=real_models,
        mcp_allow=mcp_hosts,
    )
    with ExitStack() as stack:
        stack.callback(emulator.world.end_what_runs)
        emulator.url = stack.enter_context(serving(App(emulator), listen()))
        stack.enter_context(_environment(emulator.url, key))
        guard = _Guard(emulator.escapes)
        stack.enter_context(guard.sockets())
        stack.enter_context(_http(emulator, guard))
        yield emulator
    if emulator.escapes:
        raise LeftLoopback(emulator.escapes[0])


# What callers who are not type-checked may get wrong, as a marker's parameters are not:
# each parameter is refused by its name, before there is anything that could fail.


def _check(name: str, value: object, fits: bool, what: str) -> None:
    if not fits:
        raise ValueError(f"{name}={value!r} is not {what}.")


def _is(value: object, kind: type[Any] | UnionType) -> bool:
    return isinstance(value, kind)


def _is_key(value: object) -> bool:
    """Whether a header can carry it as it is, and it is not empty."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and value == value.strip() != ""
    )


def _is_model(value: object) -> bool:
    """Whether it is a model, and not the class of one."""
    return callable(getattr(value, "steps", None)) and not isinstance(value, type)


def _are_replies(value: object) -> bool:
    """Whether it is a file of replies, or what would stand in one."""
    if isinstance(value, str):
        return bool(value.strip())
    listed = isinstance(value, Sequence) and not isinstance(value, bytes)
    return value is None or isinstance(value, Path) or listed


def _are_models(value: object) -> bool:
    return value is None or (
        isinstance(value, Mapping)
        and all(
            isinstance(name, str) and (isinstance(model, str) or _is_model(model))
            for name, model in cast("Mapping[Any, Any]", value).items()
        )
    )


def _listed(name: str, values: Iterable[Any] | str) -> list[Any]:
    """Several values; a text is one, although Python takes its letters for several."""
    _check(name, values, _is(values, Iterable), "a list")
    return [values] if isinstance(values, str) else list(values)


def _texts(name: str, values: Iterable[Any] | str) -> list[str]:
    listed = _listed(name, values)
    for value in listed:
        _check(name, value, isinstance(value, str), "a host's name")
    return listed


def _deployment(given: Deployment | str) -> Deployment:
    if isinstance(given, str):
        return deployment(given)
    _check("deployments", given, _is(given, Deployment), "a Deployment or its name")
    return given


def _check_numbers(**limits: int | None) -> None:
    for name, value in limits.items():
        if value is not None and (type(value) is not int or value < 1):
            raise ValueError(f"{name}={value!r} is not a whole number from 1.")


def _check_seconds(value: float, name: str) -> None:
    if type(value) not in (int, float) or not value >= 0:
        raise ValueError(f"{name}={value!r} is not a number from 0.")


@contextmanager
def _environment(url: str, key: str) -> Generator[None]:
    before = dict(os.environ)
    changed = surroundings(url, before)
    changed |= {name: key for name, value in changed.items() if value == KEY}
    _set_environment(changed)
    try:
        yield
    finally:
        _set_environment(before)


def _set_environment(wanted: dict[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)


@contextmanager
def _patched(owner: Any, name: str, value: Any) -> Generator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


class _Guard:
    """Lets loopback pass, and nothing else."""

    def __init__(self, escapes: list[str]) -> None:
        self._escapes = escapes

    def check(self, host: object) -> None:
        """Raise unless `host` is this machine, or the emulator itself may reach it."""
        if not (_is_local(host) or outgoing.may_reach(host)):
            message = f"A test reached for the network: {host!r}."
            self._escapes.append(message)
            raise LeftLoopback(message)

    @contextmanager
    def sockets(self) -> Generator[None]:
        """Watch every connection and every look-up of a name."""
        lookup = socket.getaddrinfo

        def checked_lookup(host: Any, *args: Any, **options: Any) -> Any:
            self.check(host)
            addresses = lookup(host, *args, **options)
            if not _is_local(host):  # it was named, and so are its addresses
                outgoing.found(str(address[4][0]) for address in addresses)
            return addresses

        with ExitStack() as stack:
            for name in ("connect", "connect_ex", "sendto"):
                stack.enter_context(
                    _patched(
                        socket.socket, name, self._checked(getattr(socket.socket, name))
                    )
                )
            stack.enter_context(_patched(socket, "getaddrinfo", checked_lookup))
            yield

    def _checked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(connection: socket.socket, *args: Any) -> Any:
            if connection.family in (socket.AF_INET, socket.AF_INET6):
                self.check(args[-1][0])  # the address is last, in sendto as well
            return function(connection, *args)

        return call


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return False  # a name: to look it up is to reach for the network
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


@contextmanager
def _http(emulator: RunningEmulator, guard: _Guard) -> Generator[None]:
    """Answer in place of the transports of all `httpx2` clients; watch `httpx`'s."""
    with ExitStack() as stack:
        if extras.is_there("client"):
            # Loaded now, so that a client which is made later is led here as well.
            from responses_emulator.adapters.transport import AsyncTransport, Transport

            transport = Transport(emulator.handle)
            async_transport = AsyncTransport(
                emulator.handle, waits=emulator.waits_for_a_model
            )
            stack.enter_context(
                _patched_transports(
                    "httpx2",
                    guard,
                    urlsplit(emulator.url).netloc,
                    transport.handle_request,
                    async_transport.handle_async_request,
                )
            )
        if "httpx" in sys.modules:  # its replies are of other classes than ours
            stack.enter_context(_patched_transports("httpx", guard))
        yield


@contextmanager
def _patched_transports(
    module: str,
    guard: _Guard,
    ours: str = "",
    answer: Callable[[Any], Any] | None = None,
    answer_async: Callable[[Any], Awaitable[Any]] | None = None,
) -> Generator[None]:
    """Have a module's clients ask for `ours`, or for Azure, here; guard all else."""

    def is_ours(url: "httpx2.URL") -> bool:
        return url.netloc.decode() == ours or url.host.endswith(AZURE_HOSTS)

    kind = sys.modules[module].HTTPTransport
    async_kind = sys.modules[module].AsyncHTTPTransport
    send, send_async = kind.handle_request, async_kind.handle_async_request

    @wraps(send)  # the emulator's own clients find the way to the network by that
    def handle(self: Any, request: Any) -> Any:
        if answer and is_ours(request.url):
            return answer(request)
        guard.check(request.url.host)
        return send(self, request)

    async def handle_async(self: Any, request: Any) -> Any:
        if answer_async and is_ours(request.url):
            return await answer_async(request)
        guard.check(request.url.host)
        return await send_async(self, request)

    with (
        _patched(kind, "handle_request", handle),
        _patched(async_kind, "handle_async_request", handle_async),
    ):
        yield
