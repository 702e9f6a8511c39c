"""Each terminal sample as a process of its own, as a user would start it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection import APPS, FOLDER, SAMPLES, variables_read_by
from tests.live.resource import Resource

TYPED = "My name is Ada.\nWhat is my name?\nexit\n"
SECONDS = {"background": 700}  # at most, by a part of the name
COSTLY = ("image-generate", "codeinterpreter")
# What an answer cannot do without, by a part of the name.
PLAUSIBLE = {
    "weather": r"get_weather\(.*\)\n(?s:.*)\w{3}",
    "filesearch": r"Cited: \S*handbook",
    "codeinterpreter": r"--- The model ran:\n(?s:.*)--- Answer:\n.*\S",
    "structured": r"name='.+' date='.+' participants=\[.+\]",
    "reasoning": r"\d+ of \d+ output tokens were thinking",
    "image-generate": r"Saved .+\.png",
    "mcp": r"\w+\(\{.*\}\): (?:completed|done)\n(?s:.*)\w{3}",
    "conversation": r"Model: .*\bAda\b",
    "stateless": r"\bAda\b",
}
ANYTHING = r"\w[^\n]{10,}"
REFUSED = re.compile(r"^openai\.\w+: (?P<why>.+)$", re.MULTILINE)


def of(name: str, table: dict[str, object], otherwise: object) -> object:
    """The entry of a table whose key is part of the name."""
    return next((value for part, value in table.items() if part in name), otherwise)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[pytest.mark.costly] if any(part in name for part in COSTLY) else [],
        )
        for name in (path.name for path in SAMPLES if path not in APPS)
    ],
)
def test_the_sample_ends_well_and_leaves_nothing(
    name: str,
    resource: Resource,
    results: list[tuple[str, str, str]],
    tmp_path: Path,
) -> None:
    missing = resource.lacks(variables_read_by(FOLDER / name))
    if missing:
        results.append((name, "not tried", f"not set: {', '.join(missing)}"))
        pytest.skip(f"not in the .env: {', '.join(missing)}")
    before = resource.stored()

    seconds = float(str(of(name, SECONDS, 300)))
    try:
        run = subprocess.run(
            [sys.executable, str(FOLDER / name)],
            input=TYPED,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=resource.environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        results.append((name, "failed", f"not ended after {seconds:.0f} s"))
        raise
    left = resource.stored() - before
    result, why = verdict(name, run, left)
    results.append((name, result, why[:300]))

    assert result == "worked", f"{why}\n{run.stdout}\n{run.stderr}"


def verdict(
    name: str, run: subprocess.CompletedProcess[str], left: set[str]
) -> tuple[str, str]:
    """How a sample ended, and why if not well.

    `refused`: the service does not do it. `failed`: all else that should not be.
    """
    refused = REFUSED.search(run.stderr)
    last = (run.stderr.strip().splitlines() or [""])[-1]
    why = refused["why"] if refused else last
    if left:
        return "failed", f"left behind: {', '.join(sorted(left))}; {why}"
    if run.returncode:
        return ("refused" if refused else "failed"), why
    if not re.search(str(of(name, PLAUSIBLE, ANYTHING)), run.stdout):
        return "failed", f"not what it should print: {run.stdout.strip()!r}"
    return "worked", ""
