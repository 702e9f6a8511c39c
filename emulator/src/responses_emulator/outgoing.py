"""Which other machines the emulator itself may reach, while it does.

    with reaching("models.example"):
        ...

Whoever guards the network, as `testing.running()` does for a test, lets pass what
`may_reach` knows. That holds in the thread that goes out, and nowhere else: a test that
asks for the same machine is stopped.
"""

import ipaddress
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager


class _Here(threading.local):
    """What this thread may reach: hosts, and the addresses that they have."""

    hosts: frozenset[str] = frozenset()


_HERE = _Here()


@contextmanager
def reaching(*hosts: str) -> Generator[None]:
    """Let this thread reach these hosts until the block ends."""
    before = _HERE.hosts
    _HERE.hosts = before | {host.lower() for host in hosts}
    try:
        yield
    finally:
        _HERE.hosts = before


def may_reach(host: object) -> bool:
    """Whether this thread may reach a host, or an address that one has."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    return name.lower() in _HERE.hosts


def found(addresses: Iterable[str]) -> None:
    """A host that may be reached has these addresses, which may be as well."""
    _HERE.hosts |= set(addresses)


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
