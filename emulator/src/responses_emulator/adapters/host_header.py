"""The `Host` header: which names a server answers to, against DNS rebinding."""

import functools
import ipaddress
import re

MAX_HOST = 300  # characters; a name has 253 at most
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::\d*)?", re.ASCII)


def is_allowed_host(host: str, *, local: bool) -> bool:
    """Whether a Host header is one that no foreign web page can bring about.

    A page can have its own name resolve to this machine, but it cannot choose an IP
    address or `localhost`. A server that is open to others also answers to names
    without a dot, such as a container's, and to Docker's name of the host.
    """
    return len(host) <= MAX_HOST and _is_allowed_host(host, local=local)


@functools.lru_cache(256)
def _is_allowed_host(host: str, *, local: bool) -> bool:
    parts = _HOST.fullmatch(host.strip())
    if not parts:
        return False
    name = (parts[1] or parts[2]).lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return not local and ("." not in name or name == "host.docker.internal")
    return True
