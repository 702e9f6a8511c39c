"""The models that were named, each for the deployments that it answers for.

served(url="http://127.0.0.1:11434/v1", models={"gpt-4.1": "http://...#qwen3"})
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from responses_emulator.account import Deployment, deployment
from responses_emulator.errors import ServiceError
from responses_emulator.model.chat_completions.chat_model import ChatModel
from responses_emulator.model.chat_completions.endpoint import (
    PARALLEL,
    TIMEOUT,
    Endpoint,
    endpoint,
    origin,
)
from responses_emulator.model.protocol import Model

MOST_NAMES = 8  # of an endpoint's models that are told


@dataclass
class Served:
    """Who answers: for single deployments, by their names, and for all others."""

    default: Model | None = None
    of: dict[str, Model] = field(default_factory=dict[str, Model])

    def deployments(self, known: Collection[Deployment]) -> list[Deployment]:
        """Those that are known, and those that were only named with a model."""
        names = {each.name for each in known}
        new = [deployment(name) for name in self.of if name not in names]
        return [*known, *new]

    def greetings(self) -> Iterator[str]:
        """One sentence for each endpoint: whether it is there, and for whom.

        Each is asked, which takes at most a few seconds.
        """
        if isinstance(self.default, ChatModel):
            yield _greeting(self.default, "Answers come")
        for name, model in self.of.items():
            if isinstance(model, ChatModel):
                yield _greeting(model, f"Answers of {name} come")


def served(
    *,
    url: str | None = None,
    name: str | None = None,
    key: str = "",
    timeout: float = TIMEOUT,
    parallel: int = PARALLEL,
    allow: Collection[str] = (),
    models: Mapping[str, str | Model] | None = None,
) -> Served:
    """The models at these addresses. Raises ValueError: one sentence.

    `models` has `URL` or `URL#MODEL`, or a `Model`, for each of its deployments. The
    `key` goes to `url`, and to what else is at the same place; without `url` all have
    to be at one.
    """
    if name is not None and url is None:
        raise ValueError("A model's name without its address: --model-url is missing.")
    if name is not None and not name.strip():
        raise ValueError("--model-name: a model's name is empty.")
    if allow and url is None and not models:
        raise ValueError("A model's host without its address: --model-url is missing.")
    keyed = None if url is None else origin(url)
    named = [each for each in (models or {}).values() if isinstance(each, str)]
    if key and url is None:
        origins = {origin(address.partition("#")[0]) for address in named}
        if len(origins) != 1:
            raise ValueError(
                "Whose key it is, is not said: it goes to --model-url, or to one place "
                "that every --model names."
            )
        keyed = origins.pop()

    def at(address: str, remote: str | None) -> ChatModel:
        own = key if origin(address) == keyed else ""
        found = endpoint(
            address,
            model=remote,
            key=own,
            timeout=timeout,
            parallel=parallel,
            allow=allow,
        )
        return ChatModel(found)

    made = Served()
    if url is not None:
        made.default = at(url, name)
    for each, model in (models or {}).items():
        if isinstance(model, str):
            address, _, remote = model.partition("#")
            made.of[each] = at(address, remote or None)
        else:
            made.of[each] = model
    return made


def _greeting(model: ChatModel, what: str) -> str:
    found = model.endpoint
    where = f"at {found.url}"
    if not found.is_here:
        where += f": what you ask goes to {found.host}, another machine"
    try:
        names = [_on_a_line(name) for name in model.client.listed()]
    except ServiceError as error:
        said = error.body["error"]["message"]
        asked = f"from {found.model} {where}" if found.model else where
        hint = "" if found.has_path else f" Did you mean {found.url}/v1?"
        return f"{what} {asked}. {said.rstrip('.')}.{hint} Served all the same."
    if found.model is not None and not _is_among(found.model, names):
        listed = ", ".join(names[:MOST_NAMES])
        return f"{what} from {found.model} {where}, which lists other models: {listed}."
    return f"{what} from {found.model or names[0]} {where}."


def _on_a_line(name: str) -> str:
    """A name that somebody else has made up, as it may stand in a sentence."""
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _is_among(name: str, names: list[str]) -> bool:
    """Whether an endpoint lists a model, or one of its versions (`qwen3:latest`)."""
    return any(name == each or each.startswith(f"{name}:") for each in names)


__all__ = ["Endpoint", "Served", "served"]
