"""Any request, right or with one thing wrong: contract and emulator say the same of it.

Both ways: what a contract allows is taken, and what it forbids is refused. Where they
differ, `contract/differences.py` has the row and its source.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson
import pytest
from hypothesis import given, settings

from emulator.tests.conftest import Client
from emulator.tests.contract import bodies, differences, fuzzing
from emulator.tests.contract.check import CONTRACTS, Violation, checker
from emulator.tests.contract.lacking import rows
from emulator.tests.test_any_request import seeded
from responses_emulator.account import KEY
from responses_emulator.contract import check, check_source
from responses_emulator.errors import ServiceError
from responses_emulator.http import Request

FORMS, ANY_PATHS = fuzzing.FORMS, fuzzing.ANY_PATHS
IDS = {
    fuzzing.A_FILE: "file",
    "batch_id": "vsfb",
    "container_id": "cntr",
    "conversation_id": "conv",
    "item_id": "msg",
    "response_id": "resp",
    "vector_store_id": "vs",
}


def violations(contract: str, operation: str, sent: Any) -> list[str]:
    """What a contract forbids, without what it is known to lack."""
    method, path = ANY_PATHS[operation]
    part = "query" if method == "get" else "request"
    lines = [
        str(Violation(f"{method.upper()} {path}", part, *fault))
        for fault in faults(contract, operation, sent)
    ]
    return [line for line in lines if not rows(contract, line)]


def faults(contract: str, operation: str, sent: Any) -> Iterator[tuple[str, ...]]:
    """What a contract says of a body, of a query or of a form."""
    maker, held = fuzzing.maker(contract), checker(contract)
    method, path = ANY_PATHS[operation]
    if operation in maker.queries:
        query = urlencode(sent)
        told = fuzzing.declared(contract, method, path)
        for place, kind, message, *component in held.query("v1", query, told):
            yield place, kind, message, *component
    elif operation in FORMS:
        schema = maker.forms[operation]
        yield from held.value(schema, held.typed(schema, bodies.nested(sent)))
    else:
        yield from held.value(maker.operations[operation], sent)


def refusal(operation: str, sent: Any) -> str | None:
    """What the emulator refuses first."""
    method, path = ANY_PATHS[operation]
    if method == "get" or operation in FORMS:
        return refusal_of_texts(operation, path, sent)
    try:
        check(operation, sent)
        if operation == "responses.create":
            check_source(sent)
    except ServiceError as error:
        told = error.body["error"]
        return f"{operation}  $.{told['param']}  {told['code']}"
    return None


def refusal_of_texts(operation: str, path: str, pairs: fuzzing.Pairs) -> str | None:
    """The same of a query or a form, by the emulator itself."""
    client, ids = seeded_once()
    path = re.sub(r"\{(\w+)\}", lambda match: ids[IDS[match[1]]], path)
    if operation in FORMS:
        body, headers = form(
            [(name, ids.get(IDS.get(text, ""), text)) for name, text in pairs]
        )
        reply = client.emulator.handle(
            Request("POST", f"/openai/v1{path}", {"api-key": KEY, **headers}, body)
        )
        if reply.status < 400 and operation != "files.create":
            assert isinstance(reply.body, bytes)
            client.send("DELETE", f"{path}/{orjson.loads(reply.body)['id']}")
    else:
        reply = client.send("GET", f"{path}?{urlencode(pairs)}")
    if reply.status < 400:
        return None
    assert isinstance(reply.body, bytes)
    told = orjson.loads(reply.body)["error"]
    return f"{operation}  $.{told['param']}  {told['code']}"


def form(pairs: fuzzing.Pairs) -> tuple[bytes, dict[str, str]]:
    """A multipart form, as httpx2 writes it; what is named `file` is one."""
    fields: list[tuple[str, Any]] = [
        (name, ("a.txt" if name == "file" else None, text)) for name, text in pairs
    ]
    if not fields:
        return b"--b--\r\n", {"content-type": "multipart/form-data; boundary=b"}
    asked = httpx2.Request("POST", "http://a.b", files=fields)
    return asked.read(), {"content-type": asked.headers["content-type"]}


@cache
def seeded_once() -> tuple[Client, dict[str, str]]:
    """An emulator with one of each, unwatched: what it takes may break a contract."""
    client, ids = seeded()
    client.emulator.handle = client.emulator.answer
    return client, ids


def difference(contract: str, operation: str, body: Any) -> tuple[str, str] | None:
    """In which direction the two differ about a body, and the line that says so."""
    forbidden, refused = violations(contract, operation, body), refusal(operation, body)
    if bool(forbidden) == bool(refused):
        return None
    direction = "refused" if refused else "accepted"
    return direction, re.sub(r"\[\d+\]", "[]", refused or forbidden[0])


KINDS = (fuzzing.requests, fuzzing.queries, fuzzing.forms)


def fuzz(contract: str, kind: Any, run: settings) -> None:
    @run
    @given(kind(fuzzing.maker(contract)))
    def one(request: tuple[str, Any]) -> None:
        found = difference(contract, *request)
        assert found is None or differences.of(contract, *found), (found, request)

    one()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_few_requests_find_no_new_difference(contract: str, kind: Any) -> None:
    fuzz(
        contract,
        kind,
        settings(max_examples=150, derandomize=True, database=None, deadline=None),
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_many_requests_find_no_new_difference(contract: str, kind: Any) -> None:
    fuzz(
        contract,
        kind,
        settings(max_examples=1_500, derandomize=True, database=None, deadline=None),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_requests_are_right_and_wrong(contract: str, kind: Any) -> None:
    """Or nothing is compared: half of them break the contract, half of them do not."""
    seen: list[bool] = []

    @settings(max_examples=100, derandomize=True, database=None, deadline=None)
    @given(kind(fuzzing.maker(contract)))
    def one(request: tuple[str, Any]) -> None:
        seen.append(bool(violations(contract, *request)))

    one()
    assert 0.15 < sum(seen) / len(seen) < 0.8


@pytest.mark.parametrize("row", differences.DIFFERENCES, ids=lambda row: row.line)
def test_no_row_of_the_list_is_stale(row: differences.Difference) -> None:
    assert len(row.source) > 20
    for contract in CONTRACTS if row.contract == "both" else (row.contract,):
        maker = fuzzing.maker(contract)
        known = {*FORMS, *maker.operations, *maker.queries}
        if row.operation in known:
            found = difference(contract, row.operation, row.body)
            assert found is not None, contract
            assert row in differences.of(contract, *found), found
