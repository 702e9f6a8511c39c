"""Which other machines the emulator itself may reach, while it does.

    with reaching("models.example"):
        ...

Whoever guards the network, as `testing.running()` does for a test, lets pass what
`may_reach` knows. That holds in the thread or the task that goes out, and in what it
begins, and nowhere else: a test that asks for the same machine is stopped.
"""

import ipaddress
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar

# What may be reached from here: hosts, and the addresses that they have.
_HOSTS: ContextVar[frozenset[str]] = ContextVar("_HOSTS", default=frozenset())


@contextmanager
def reaching(*hosts: str) -> Generator[None]:
    """Let this thread or task reach these hosts until the block ends."""
    before = _HOSTS.set(_HOSTS.get() | {host.lower() for host in hosts})
    try:
        yield
    finally:
        _HOSTS.reset(before)


def may_reach(host: object) -> bool:
    """Whether a host may be reached from here, or an address that one has."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    return name.lower() in _HOSTS.get()


def found(addresses: Iterable[str]) -> None:
    """A host that may be reached has these addresses, which may be as well."""
    _HOSTS.set(_HOSTS.get() | set(addresses))


def is_loopback(host: str) -> bool:
    """Whether a host, as an address has it, is this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback
