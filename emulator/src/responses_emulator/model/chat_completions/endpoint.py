"""Where a model is served, and what is said of it: checked before anything is asked."""

from collections.abc import Collection
from dataclasses import dataclass, field

from responses_emulator import outgoing
from responses_emulator.urls import split

TIMEOUT = 120.0  # seconds
PARALLEL = 4
MOST_PARALLEL = 32
SUFFIXES = ("/chat/completions", "/models")  # that a pasted address may end with


@dataclass(frozen=True)
class Endpoint:
    """An address of the chat-completions kind.

    `model` is what the endpoint calls it; None: the first that it lists. `timeout` is
    for how many seconds it may be silent, `parallel` how many requests it takes
    at once.
    """

    url: str  # without a slash at the end: http://127.0.0.1:11434/v1
    host: str
    model: str | None = None
    key: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    parallel: int = PARALLEL

    @property
    def has_path(self) -> bool:
        """Whether its address has a path, as most do: `/v1`."""
        return bool(split(self.url).path.strip("/"))

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return outgoing.is_loopback(self.host)


def endpoint(
    url: str,
    *,
    model: str | None = None,
    key: str = "",
    timeout: float = TIMEOUT,
    parallel: int = PARALLEL,
    allow: Collection[str] = (),
) -> Endpoint:
    """The endpoint at an address. Raises ValueError: one sentence on what is wrong.

    Another machine has to be among those that `allow` names.
    """
    host = _host(url)
    known = Endpoint(_trimmed(url), host, model or None, key, timeout, parallel)
    if not known.is_here and host not in {name.lower() for name in allow}:
        raise ValueError(
            f"{host} is another machine: name it with --model-allow {host} (in a test, "
            f"model_allow=[{host!r}]) if what you ask may go there."
        )
    if not 0 < timeout <= 86_400:
        raise ValueError(
            f"A model's timeout is from 0 to 86400 seconds, not {timeout}."
        )
    if not 1 <= parallel <= MOST_PARALLEL:
        raise ValueError(
            f"A model takes from 1 to {MOST_PARALLEL} requests at once, not {parallel}."
        )
    if not (key.isascii() and key.isprintable()):
        raise ValueError("A model's key has letters that no header can carry.")
    return known


def named(text: str) -> tuple[str, str, str | None]:
    """Deployment, address and the model's name there, of `NAME=URL[#REMOTE]`.

    Raises ValueError.
    """
    name, equals, rest = text.partition("=")
    url, _, remote = rest.partition("#")
    if not (name and equals and url):
        raise ValueError(
            f"--model {text}: expected NAME=URL or NAME=URL#MODEL, such as "
            "gpt-4.1=http://127.0.0.1:11434/v1#qwen3."
        )
    return name, url, remote or None


def _host(url: str) -> str:
    try:
        parts = split(url)
        host = (parts.hostname or "").lower()
        _ = parts.port
    except ValueError:
        host = ""
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or host.split() != [host]:
        raise ValueError(
            f"{_shown(url)} is no address of a model, such as http://127.0.0.1:11434/v1."
        )
    if parts.username or parts.password:
        raise ValueError(
            "A model's address holds no password: a key is read from the variable that "
            "--model-key-env names."
        )
    if parts.query or parts.fragment:
        raise ValueError(
            f"{_shown(url)}: a model's address has nothing after its path."
        )
    return host


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address. Raises ValueError."""
    host = _host(url)
    parts = split(url)
    return parts.scheme, host, parts.port


def _shown(url: str) -> str:
    """An address as it may be repeated: without what may be a secret."""
    head, at, tail = url.partition("@")
    shown = f"{head.partition('//')[0]}//***@{tail}" if at else url
    return repr(shown.partition("?")[0])


def _trimmed(url: str) -> str:
    trimmed = url.rstrip("/")
    for suffix in SUFFIXES:
        trimmed = trimmed.removesuffix(suffix)
    return trimmed
