"""What the commands `serve` and `run` make of the same options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from responses_emulator.faults import Rule
    from responses_emulator.model.chat_completions.served import Served
    from responses_emulator.model.replies.matching import Table


def fault_rules(faults: Sequence[str]) -> list[Rule]:
    """The faults of `--fault`, ready to wait. Raises ValueError for a wrong one."""
    if not faults:
        return []  # and nothing is loaded for them
    from responses_emulator.faults import parse

    return [parse(fault) for fault in faults]


def replies_of(file: Path | None) -> Table | None:
    """The replies of `--replies`. Raises ValueError for a wrong file."""
    if file is None:
        return None  # and nothing is loaded for it
    from responses_emulator.faults import parse
    from responses_emulator.model.replies.reply_file import load

    return load(file, parse)


@dataclass(frozen=True)
class ModelOptions:
    """What was typed of real models: `--model-url` and the others."""

    url: str | None = None
    name: str | None = None
    key_env: str | None = None
    timeout: float = 120.0
    parallel: int = 4
    allow: Sequence[str] = ()
    models: Sequence[str] = ()

    @property
    def any(self) -> bool:
        """Whether a real model is wanted at all.

        With an address that is empty, too, as of a variable that is not set: whoever
        names one is not to get the stand-in's answers unawares.
        """
        given = (self.url, self.name, self.key_env)
        return bool(self.models or self.allow) or any(
            each is not None for each in given
        )


NO_MODELS = ModelOptions()


def served_by(options: ModelOptions) -> Served | None:
    """The models of `--model-url` and `--model`. Raises ValueError for a wrong value.

    A key is read from its variable, and stands nowhere else.
    """
    if not options.any:
        return None  # and nothing is loaded for it
    from responses_emulator.model.chat_completions.endpoint import named
    from responses_emulator.model.chat_completions.served import served

    key = ""
    if options.key_env is not None:
        key = os.environ.get(options.key_env, "").strip()
        if not key:
            raise ValueError(
                f"--model-key-env {options.key_env}: there is no such variable, or it "
                "is empty."
            )
    models: dict[str, str] = {}
    for text in options.models:
        name, url, remote = named(text)
        if name in models:
            raise ValueError(f"--model {name}: it was named twice.")
        models[name] = f"{url}#{remote}" if remote else url
    return served(
        url=options.url,
        name=options.name,
        key=key,
        timeout=options.timeout,
        parallel=options.parallel,
        allow=options.allow,
        models=models,
    )


def models_of(real: Served | None) -> dict[str, Any]:
    """The parameters of an `Emulator` that has these models behind it."""
    if real is None:
        return {}
    return ({"model": real.default} if real.default else {}) | {"models": real.of}


def greet(real: Served | None) -> None:
    """Tell who answers, whether it can be reached, and what leaves this machine."""
    for sentence in real.greetings() if real else ():
        print(sentence, file=sys.stderr, flush=True)


def allowed_hosts(named: Sequence[str]) -> Sequence[str]:
    """The hosts of `--mcp-allow`. Raises ValueError for what is none."""
    if named:
        from responses_emulator.hosts import Hosts

        Hosts(named)
    return named
