"""Each terminal sample as a process of its own, as a user would start it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection import APPS, FOLDER, SAMPLES, variables_read_by
from tests.live import features
from tests.live.report import Result
from tests.live.resource import Resource

NAMES = sorted(path.name for path in SAMPLES)
REFUSED = re.compile(r"^openai\.\w+: (?P<why>.+)$", re.MULTILINE)
# What a resource may answer that has no such feature, model or admission.
LACKS = re.compile(r"^Error code: (400|403|404|424)\b")


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_ends_well_and_leaves_nothing(
    name: str,
    resource: Resource,
    results: list[Result],
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    reason = why_not(name, resource, costly=bool(pytestconfig.getoption("--costly")))
    if reason:
        results.append(Result(name, "not tried", reason))
        pytest.skip(reason)
    before = resource.stored()

    feature = features.of(name)
    try:
        run = subprocess.run(
            [sys.executable, str(FOLDER / name)],
            input=feature.typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=resource.environment,
            timeout=feature.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        why = f"not ended after {feature.seconds} s"
        results.append(Result(name, "failed", why))
        raise
    left = resource.stored() - before
    result, why = verdict(name, run, left)
    results.append(Result(name, result, why[:300]))

    if result in ("lacking", "not tried"):
        pytest.skip(why)
    assert result == "worked", f"{why}\n{run.stdout}\n{run.stderr}"


def why_not(name: str, resource: Resource, *, costly: bool) -> str:
    """Why a sample is not run; nothing, if it is."""
    path = FOLDER / name
    missing = resource.lacks(variables_read_by(path))
    if path in APPS:
        return "a page: start it and chat"
    if missing:
        return f"not set: {', '.join(missing)}"
    if features.of(name).billed_extra and not costly:
        return f"{features.needs_of(path) or 'billed extra'}: add --costly"
    return ""


def verdict(
    name: str, run: subprocess.CompletedProcess[str], left: set[str]
) -> tuple[str, str]:
    """How a sample ended, and why if not well.

    `refused`: the service does not do it. `lacking`: it refuses what a sample says that
    not every resource has. `not tried`: this machine lacks something, or a batch takes
    longer than is waited for, and goes on. `failed`: all else that should not be.
    """
    feature = features.of(name)
    refused = REFUSED.search(run.stderr)
    last = (run.stderr.strip().splitlines() or [""])[-1]
    why = refused["why"] if refused else last
    if left:
        why = f"left behind: {', '.join(sorted(left))}; {why}"
    if run.returncode and feature.missing and re.search(feature.missing, last):
        return "not tried", why
    if left:
        return "failed", why
    if run.returncode and refused:
        needs = features.needs_of(FOLDER / name)
        if needs and LACKS.match(why):
            return "lacking", f"needs {needs}; {why}"
        return "refused", why
    if run.returncode:
        return "failed", why
    if not re.search(feature.prints, run.stdout):
        return "failed", f"not what it should print: {run.stdout.strip()!r}"
    return "worked", ""
