"""What the commands `serve` and `run` make of the same options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from responses_emulator.faults import Rule
    from responses_emulator.model.ready import Table


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
    from responses_emulator.reply_file import load

    return load(file, parse)
