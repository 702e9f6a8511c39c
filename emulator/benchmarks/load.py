"""Load on a server, and what a process takes: for the other benchmarks.

Nothing of the emulator is imported here, so that any commit of it can be measured.
"""

import http.client
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import orjson

# Python keeps what it has compiled, unless somebody has switched that off.
SURROUNDINGS = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

NUMBERED = """
local asked, question = 0, wrk.body
request = function()
    asked = asked + 1
    return wrk.format(nil, nil, nil, string.format(question, asked))
end
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(url: str, headers: Mapping[str, str], body: object) -> bytes:
    """The reply to one request; what is no 200 ends the benchmark."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc)
    try:
        connection.request("POST", place.path, orjson.dumps(body), dict(headers))
        reply = connection.getresponse()
        content = reply.read()
    finally:
        connection.close()
    if reply.status != 200:
        raise SystemExit(f"{url} answered {reply.status}: {content[:500]!r}")
    return content


def until_answered(url: str, headers: Mapping[str, str], body: object) -> None:
    """Return when a request has been answered."""
    for _ in range(5_000):
        try:
            post(url, headers, body)
        except ConnectionError:
            time.sleep(0.001)
        else:
            return
    raise SystemExit(f"Nothing answers at {url}.")


def wrk(
    url: str,
    headers: Mapping[str, str],
    body: dict[str, str],
    connections: int,
    seconds: float,
    *,
    numbered: bool = False,
) -> float:
    """Requests per second over so many connections.

    They send the same `body`, or it is `numbered` where it has a `%d`.
    """
    content = orjson.dumps(body).decode()
    lines = [f"wrk.method = 'POST'\nwrk.body = '{content}'"]
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    if numbered:
        lines.append(NUMBERED)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
        command += ["-s", script.name, url]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
        raise SystemExit(told.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", told.stdout)
    assert found
    return float(found[1])


def cpu(process: "subprocess.Popen[bytes]") -> float:
    """Seconds of CPU that a process has used; Linux only."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory of a process, in MB (10^6 bytes); Linux only."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024 / 1e6
