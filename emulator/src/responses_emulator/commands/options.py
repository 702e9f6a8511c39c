"""What the commands `serve` and `run` make of the same options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from responses_emulator.faults import Rule


def fault_rules(faults: Sequence[str]) -> list[Rule]:
    """The faults of `--fault`, ready to wait. Raises ValueError for a wrong one."""
    if not faults:
        return []  # and nothing is loaded for them
    from responses_emulator.faults import parse

    return [parse(fault) for fault in faults]
