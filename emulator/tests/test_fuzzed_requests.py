"""Any request, right or with one thing wrong: contract and emulator say the same of it.

Both ways: what a contract allows is taken, and what it forbids is refused. Where they
differ, `contract/differences.py` has the row and its source.
"""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from emulator.tests import fuzzing
from emulator.tests.contract import differences
from emulator.tests.contract.check import CONTRACTS, Violation, checker
from emulator.tests.contract.lacking import rows
from responses_emulator.contract import check
from responses_emulator.contract.bounds import PATHS
from responses_emulator.errors import ServiceError


def violations(contract: str, operation: str, body: Any) -> list[str]:
    """What a contract forbids, without what it is known to lack."""
    method, path = PATHS[operation]
    schema = fuzzing.maker(contract).operations[operation]
    lines = [
        str(Violation(f"{method.upper()} {path}", "request", *fault))
        for fault in checker(contract).value(schema, body)
    ]
    return [line for line in lines if not rows(contract, line)]


def refusal(operation: str, body: Any) -> str | None:
    """What the emulator refuses first."""
    try:
        check(operation, body)
    except ServiceError as error:
        told = error.body["error"]
        return f"{operation}  $.{told['param']}  {told['code']}"
    return None


def difference(contract: str, operation: str, body: Any) -> tuple[str, str] | None:
    """In which direction the two differ about a body, and the line that says so."""
    forbidden, refused = violations(contract, operation, body), refusal(operation, body)
    if bool(forbidden) == bool(refused):
        return None
    direction = "refused" if refused else "accepted"
    return direction, re.sub(r"\[\d+\]", "[]", refused or forbidden[0])


def fuzz(contract: str, run: settings) -> None:
    @run
    @given(fuzzing.requests(fuzzing.maker(contract)))
    def one(request: tuple[str, Any]) -> None:
        found = difference(contract, *request)
        assert found is None or differences.of(contract, *found), (found, request)

    one()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_few_requests_find_no_new_difference(contract: str) -> None:
    fuzz(
        contract,
        settings(max_examples=150, derandomize=True, database=None, deadline=None),
    )


@pytest.mark.slow
@pytest.mark.parametrize("contract", CONTRACTS)
def test_many_requests_find_no_new_difference(contract: str) -> None:
    fuzz(
        contract,
        settings(max_examples=4_000, derandomize=True, database=None, deadline=None),
    )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_requests_are_right_and_wrong(contract: str) -> None:
    """Or nothing is compared: half of them break the contract, half of them do not."""
    seen: list[bool] = []

    @settings(max_examples=100, derandomize=True, database=None, deadline=None)
    @given(fuzzing.requests(fuzzing.maker(contract)))
    def one(request: tuple[str, Any]) -> None:
        seen.append(bool(violations(contract, *request)))

    one()
    assert 0.2 < sum(seen) / len(seen) < 0.8


@pytest.mark.parametrize("row", differences.DIFFERENCES, ids=lambda row: row.line)
def test_no_row_of_the_list_is_stale(row: differences.Difference) -> None:
    assert len(row.source) > 20
    for contract in CONTRACTS if row.contract == "both" else (row.contract,):
        if row.operation in fuzzing.maker(contract).operations:
            found = difference(contract, row.operation, row.body)
            assert found is not None, contract
            assert row in differences.of(contract, *found), found
