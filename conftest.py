"""What holds for every test: no network, and nothing from the developer's shell."""

import gc
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["emulator.tests.traffic", "tests.matrix", "tests.shares"]

ROOT = Path(__file__).parent
LIVE = ROOT / "tests" / "live"
# Variables that the samples, the SDK, azure-identity or httpx2 would act upon.
PREFIXES = ("AZURE_", "OPENAI_", "IDENTITY_", "MSI_")
PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--live` runs the samples against a service; nothing else does."""
    live = parser.getgroup("live", "the samples against the service of a .env")
    live.addoption("--live", action="store_true", help="run tests/live, and only that")
    live.addoption("--costly", action="store_true", help="with what is billed extra")
    live.addoption(
        "--env", default=str(ROOT / ".env"), help="the file that names the service"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Live, nothing else is even read."""
    other = collection_path.is_file() and LIVE not in collection_path.parents
    return True if config.getoption("--live") and other else None


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Either the tests that spend money, or all others."""
    live = config.getoption("--live")
    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (chosen if (LIVE in item.path.parents) == live else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = chosen


def pytest_collection_finish() -> None:
    """What stands until the end is not looked through for garbage again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 100)


@pytest.fixture(autouse=True, scope="session")
def no_network(pytestconfig: pytest.Config) -> Iterator[None]:
    """Fail the test that looks up, connects to or sends to another machine.

    The failure is no `Exception`, so that no retry and no `except` can hide it.
    """
    if pytestconfig.getoption("--live"):
        yield
        return

    def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: socket.socket, *args: Any) -> Any:
            address = args[-1]  # of connect, connect_ex and both forms of sendto
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse_unless_local(address[0])
            return function(self, *args)

        return call

    lookup = socket.getaddrinfo

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_unless_local(host)
        return lookup(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", guarded_lookup)
        yield


def refuse_unless_local(host: str | bytes | None) -> None:
    """Fail the running test unless `host` is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass  # a name: to look it up is to reach for the network
    else:
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_loopback or address.is_unspecified:
            return
    pytest.fail(f"A test reached for the network: {name}")


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """Take away what a shell or a `.env` may have set, whatever the letters' case."""
    if pytestconfig.getoption("--live"):
        return
    for name in list(os.environ):
        if name.upper().startswith(PREFIXES) or name.upper() in PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # whose Python would run scripts
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "1")
