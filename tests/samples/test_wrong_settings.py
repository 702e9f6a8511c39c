"""Every terminal sample with a setting that is missing, empty or of the wrong kind.

Each variable that a sample reads, one at a time: a cell of the matrix
(long_tests/faults). It stops and says what is wrong, and nothing goes to another
host, though the shell has the settings of one.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.collection import MAY_BE_EMPTY, variables_read_by
from tests.samples.conftest import HOST, SAMPLES, Run, Service
from tests.samples.endings import everything_said, names_the_cause, trouble
from tests.samples.test_every_sample import NAMES

OTHERS_KEY = "the-key-of-another-service"
# Endpoints as the other kind of client takes them.
MISTAKEN = {
    "AZURE_OPENAI_API_ENDPOINT": f"https://{HOST}/openai/v1/",
    "AZURE_OPENAI_V1_API_ENDPOINT": f"https://{HOST}/",
}
# What is said of an empty one: by the SDK before it asks, or by the service.
EMPTY = {
    "KEY": ("Missing credentials",),
    "ENDPOINT": ("URL is missing", "UnsupportedProtocol", "isn't a valid URI"),
    "MODEL": ("deployment",),
    "URL": ("Invalid 'url'",),
    "VERSION": ("API version not supported",),
}
# What another server is asked with: the service finds out, and tells.
PASSED_ON = {
    "MCP_SERVER_URL": ("Invalid 'tools[0].server_url'",),
    "MCP_API_KEY": ("401 (Unauthorized)",),
}


def settings(name: str) -> Iterator[tuple[str, str | None]]:
    """Each variable, however it is read, with each value that is none."""
    for variable in variables_read_by(SAMPLES / name):
        yield variable, None
        if variable not in MAY_BE_EMPTY:
            yield variable, ""
        if variable in MISTAKEN:
            yield variable, MISTAKEN[variable]


def ending(variable: str, value: str | None, result: Run, service: Service) -> str:
    """How it ended; anything but the good ends says what is wrong."""
    found = trouble(result, service, [])
    if found:
        return found
    if OTHERS_KEY in str(service.sent):
        return "another service's key is sent"
    error, said = result.error, everything_said(result)
    if value is None:
        stopped = isinstance(error, KeyError) and error.args == (variable,)
        return "clear" if stopped and not service.sent else f"not stopped: {error!r}"
    if error is None or not names_the_cause(error):
        return f"says nothing: {error!r}"
    kind = variable.rpartition("_")[2]
    causes = ("404", *EMPTY["VERSION"]) if value else EMPTY.get(kind, ())
    causes = PASSED_ON.get(variable, causes)
    is_own = kind in ("KEY", "ENDPOINT") and variable not in PASSED_ON
    if not value and is_own and service.sent:
        return f"sent {len(service.sent)} requests"
    named = any(cause in said for cause in causes)
    return "clear" if named else f"says {said!r}, and not {causes}"


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_setting_ends_well(
    name: str,
    run: Callable[..., Run],
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    matrix: Callable[[dict[str, str]], None],
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OTHERS_KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://other.example/v1")
    ends: dict[str, str] = {}

    for variable, value in settings(name):
        service.renew()
        with monkeypatch.context() as patch:
            if value is None:
                patch.delenv(variable)
            else:
                patch.setenv(variable, value)
            result = run(name)
        ends[f"{variable}={value}"] = ending(variable, value, result, service)

    matrix(ends)
