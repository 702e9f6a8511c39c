"""The resource that a `.env` names: its variables, and what is stored on it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import dotenv_values
from openai import NotFoundError, OpenAI

from tests.collection import MAY_BE_EMPTY
from tests.live.scopes import SCOPES

BATCHES = "/batches"
NEWEST = 100  # how many of each kind are looked at: those that a sample has just made
_BY_AGE = {"limit": NEWEST, "order": "desc"}
# What samples make and have to delete: where it is listed, and how to ask.
KINDS: dict[str, dict[str, Any]] = {
    "/files": _BY_AGE,
    "/vector_stores": _BY_AGE,
    "/containers": _BY_AGE,
    "/skills": _BY_AGE,
    "/dashboard/webhook_endpoints": {},
    BATCHES: {"limit": NEWEST},
}
# A batch cannot be deleted; one that has ended costs nothing more.
ENDED = ("completed", "failed", "expired", "cancelled", "cancelling")


@dataclass(frozen=True)
class Resource:
    """The variables of a `.env`; as for a sample, what the shell sets wins over it."""

    variables: Mapping[str, str]

    @classmethod
    def named_in(cls, path: Path) -> "Resource":
        """Raises FileNotFoundError if there is no such file."""
        if not path.is_file():
            raise FileNotFoundError(path)
        given = {
            name: value or ""
            for name, value in dotenv_values(path).items()
            if value or name in MAY_BE_EMPTY
        }
        return cls(
            given | {name: os.environ[name] for name in given.keys() & os.environ}
        )

    @property
    def model(self) -> str:
        """The deployment that answers."""
        return self.variables["AZURE_OPENAI_API_MODEL"]

    @property
    def environment(self) -> dict[str, str]:
        """What a sample's process gets, whatever other `.env` there is."""
        own = {"PYTHON_DOTENV_DISABLED": "1", "PYTHONIOENCODING": "utf-8"}
        return {**os.environ, **self.variables, **own}

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Those of the variables that are not set."""
        given = self.environment
        return [
            name
            for name in names
            if name not in given or not (given[name] or name in MAY_BE_EMPTY)
        ]

    @cached_property
    def client(self) -> OpenAI:
        """A client of the v1 API, with the key if there is one."""
        return OpenAI(
            api_key=self.variables.get("AZURE_OPENAI_API_KEY")
            or get_bearer_token_provider(DefaultAzureCredential(), SCOPES[0]),
            base_url=self.variables["AZURE_OPENAI_V1_API_ENDPOINT"],
        )

    def stored(self) -> set[str]:
        """The ids of the newest of all that samples make and have to delete."""
        ids: set[str] = set()
        for path, query in KINDS.items():
            try:
                page: Any = self.client.get(
                    path, cast_to=object, options={"params": query}
                )
            except NotFoundError:  # not every resource has all kinds
                continue
            for one in page.get("data") or []:
                if path != BATCHES or one["status"] not in ENDED:
                    ids.add(one["id"])
        return ids
