"""Which hosts the emulator may reach on its own, and at which address it dials them.

This machine is reached without asking. Any other host has to be named by whoever runs
the emulator. What a name leads to is looked up once and looked at: it may lead to this
machine or to the open internet, and to a private address only where that is named
itself. Then that address is dialled, so that nobody can exchange it in between.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_-]{1,63})*"
_LONGEST_NAME = 253
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # the rest is an IPv4 address


class Forbidden(Exception):
    """A host that may not be reached; the text says why, and what would allow it."""


class Hosts:
    """This machine, and the hosts that were named."""

    def __init__(self, named: Iterable[str] = (), option: str = "--mcp-allow") -> None:
        """Each of `named` is `HOST` or `HOST:PORT`. Raises ValueError."""
        self._option = option
        self._named = {_parse(text, option) for text in named}

    def names(self, host: str, port: int) -> bool:
        """Whether a host was named, with this port or with any."""
        name = _plain(host)
        return bool(self._named & {(name, port), (name, None)})

    def check(self, host: str, port: int) -> None:
        """Raise Forbidden for a host that was not named; nothing is looked up."""
        name = _plain(host)
        address = _address(name)
        is_here = _is_local(name) if address is None else _is_here(address)
        if not (is_here or self.names(name, port)):
            raise Forbidden(
                "The emulator reaches no other host than this machine unless it is "
                f"named: {self._option} {name}."
            )

    def addresses(self, host: str, port: int) -> list[str]:
        """Where to dial a host, the best first. It may be looked up, which takes time.

        Raises Forbidden, or OSError for a name that leads nowhere.
        """
        self.check(host, port)
        name = _plain(host)
        address = _address(name)
        return self._looked_up(name, port) if address is None else [str(address)]

    def _looked_up(self, name: str, port: int) -> list[str]:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for text in addresses:
            address = ipaddress.ip_address(text)
            if _is_here(address) or self.names(text, port):
                continue
            if _is_local(name) or not _is_public(address):
                raise Forbidden(
                    f"'{name}' leads to {text}, which is no public address: "
                    f"{self._option} {text} allows it."
                )
        return addresses


def _parse(text: str, option: str) -> tuple[str, int | None]:
    """The host and the port, if any, of `HOST[:PORT]`."""
    host, colon, number = text.strip().rpartition(":")
    if not colon or _address(text.strip().strip("[]")) is not None:
        host, colon, number = text.strip(), "", ""
    try:
        name = _plain(host)
    except UnicodeError:
        name = ""
    is_port = number.isascii() and number.isdigit() and 0 < int(number) < 2**16
    is_host = _address(name) is not None or (
        len(name) <= _LONGEST_NAME and re.fullmatch(_NAME, name)
    )
    if not is_host or (colon and not is_port):
        raise ValueError(
            f"{option} {text}: expected HOST or HOST:PORT, such as "
            "learn.microsoft.com, 10.0.0.7:8000 or [fd00::7]:8000."
        )
    return name, int(number) if number else None


def _plain(host: str) -> str:
    """A host as it is compared: in small letters of ASCII, without brackets."""
    name = host.strip("[]").rstrip(".").lower()
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    address = _address(name)
    return name if address is None else str(address)


def _address(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_local(name: str) -> bool:
    """Whether a name is this machine's, wherever else somebody has it lead."""
    return name == "localhost" or name.endswith(".localhost")


def _is_here(address: Address) -> bool:
    """Whether it is this machine's loopback, however it is written."""
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_public(address: Address) -> bool:
    """Whether it is one of the open internet's."""
    plain = _unwrapped(address)
    return plain.is_global and not plain.is_multicast


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that one of IPv6 stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
