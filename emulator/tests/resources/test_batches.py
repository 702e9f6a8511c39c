"""Batches, as the SDK asks for them and as raw requests do."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx2
import openai
import orjson
import pytest

from emulator.tests.conftest import Client, Clock
from emulator.tests.contract.check import violations
from emulator.tests.mcp_servers import crooked, well_behaved
from responses_emulator.account import API_VERSION, BATCH_MODEL, KEY, MODEL, deployment
from responses_emulator.adapters.transport import Transport
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.observers.observe import Exchange
from responses_emulator.observers.record import exchange_record

SECONDS = 6.0  # of a batch: one validating, four in progress, one finalizing


class Service:
    """An emulator, the SDK's client on it, and all that the two have exchanged."""

    def __init__(self, base: str = "/openai/v1/", **query: str) -> None:
        self.clock = Clock()
        self.emulator = Emulator(clock=self.clock, background_seconds=SECONDS)
        self.exchanges: list[Exchange] = []
        self.client = openai.OpenAI(
            api_key=KEY,
            base_url=f"http://emulator{base}",
            default_query=query,
            default_headers={"api-key": KEY},
            max_retries=0,
            http_client=httpx2.Client(transport=Transport(self.handle)),
            _strict_response_validation=True,
        )

    def handle(self, request: Request) -> Reply:
        reply = self.emulator.handle(request)
        assert isinstance(reply.body, bytes)
        exchange = Exchange(len(self.exchanges), request, reply, [reply.body])
        self.exchanges.append(exchange)
        return reply

    def upload(self, *lines: object, purpose: Any = "batch") -> str:
        content = b"\n".join(
            line if isinstance(line, bytes) else orjson.dumps(line) for line in lines
        )
        file = ("requests.jsonl", content or b"\n")
        return self.client.files.create(file=file, purpose=purpose).id

    def create(self, *lines: object, **settings: Any) -> Any:
        return self.client.batches.create(
            input_file_id=self.upload(*lines),
            endpoint=settings.pop("endpoint", "/v1/responses"),
            completion_window="24h",
            **settings,
        )

    def later(self, batch: Any, seconds: float = SECONDS) -> Any:
        """The batch after so much time."""
        self.clock.now += seconds
        return self.client.batches.retrieve(batch.id)

    def lines(self, file_id: str) -> list[dict[str, Any]]:
        content = self.client.files.content(file_id).content
        return [orjson.loads(line) for line in content.splitlines()]


@pytest.fixture
def service() -> Iterator[Service]:
    """What it exchanges is held against Azure's published contract."""
    service = Service()
    yield service
    succeeded = [e for e in service.exchanges if e.reply and e.reply.status < 300]
    assert violations(map(exchange_record, succeeded), ["azure"]) == []


def line(custom_id: str = "a", /, **changes: Any) -> dict[str, Any]:
    body = {"model": BATCH_MODEL, "input": f"Say {custom_id}."}
    return {
        "custom_id": custom_id,
        "method": "POST",
        "url": "/v1/responses",
        "body": body | changes.pop("body", {}),
        **changes,
    }


def test_batch_moves_through_its_states_by_the_clock(service: Service):
    batch = service.create(line("a"), line("b"), line("c"), line("d"))
    start = int(service.clock.now)
    assert batch.status == "validating"
    assert batch.expires_at == start + 86_400
    assert batch.request_counts.total == 0
    batch = service.later(batch, 1)
    assert (batch.status, batch.in_progress_at) == ("in_progress", start + 1)
    assert (batch.request_counts.total, batch.request_counts.completed) == (4, 0)
    batch = service.later(batch, 2)
    assert (batch.status, batch.request_counts.completed) == ("in_progress", 2)
    batch = service.later(batch, 2)
    assert (batch.status, batch.finalizing_at) == ("finalizing", start + 5)
    assert batch.output_file_id is None
    batch = service.later(batch, 1)
    assert (batch.status, batch.completed_at) == ("completed", start + 6)
    assert batch.request_counts.model_dump() == {
        "total": 4,
        "completed": 4,
        "failed": 0,
    }
    # As Azure has it: a file of errors without any.
    assert service.client.files.content(batch.error_file_id).content == b""


def test_output_file_answers_each_request_by_its_custom_id(service: Service):
    batch = service.later(service.create(line("a"), line("b")))
    results = service.lines(batch.output_file_id)
    assert [result["custom_id"] for result in results] == ["a", "b"]
    for result in results:
        assert result["error"] is None
        assert result["response"]["status_code"] == 200
        body = result["response"]["body"]
        assert body["status"] == "completed"
        stored = service.client.responses.with_raw_response.retrieve(body["id"])
        assert orjson.loads(stored.content) == body
    used = [result["response"]["body"]["usage"]["total_tokens"] for result in results]
    assert batch.usage.total_tokens == sum(used)
    assert batch.model == MODEL


def test_output_file_is_a_file_like_any_other(service: Service):
    batch = service.later(service.create(line()))
    listed = service.client.get("/files?purpose=batch_output", cast_to=dict[str, Any])
    made = [batch.error_file_id, batch.output_file_id]
    assert [file["id"] for file in listed["data"]] == made
    file = listed["data"][1]
    assert (file["purpose"], file["filename"]) == (
        "batch_output",
        f"{batch.id}_output.jsonl",
    )
    service.client.files.delete(batch.output_file_id)
    with pytest.raises(openai.NotFoundError):
        service.client.files.content(batch.output_file_id)
    # It is not made anew.
    assert service.later(batch).output_file_id == batch.output_file_id
    assert len(service.emulator.store.files) == 2  # what was sent, and the errors


def test_request_that_fails_is_in_the_error_file_with_the_services_body(
    service: Service,
):
    batch = service.later(
        service.create(
            line("good"),
            line("bad", body={"temperature": 0.5}),
            line("worse", body={"unknown": 1}),
            line("streamed", body={"stream": True}),
            line("behind", body={"background": True}),
        )
    )
    counts = batch.request_counts
    assert (counts.total, counts.completed, counts.failed) == (5, 1, 4)
    assert len(service.lines(batch.output_file_id)) == 1
    errors = {
        result["custom_id"]: result["response"]
        for result in service.lines(batch.error_file_id)
    }
    assert {name: error["status_code"] for name, error in errors.items()} == {
        "bad": 400,
        "worse": 400,
        "streamed": 400,
        "behind": 400,
    }
    params = {name: error["body"]["error"]["param"] for name, error in errors.items()}
    assert params == {
        "bad": "temperature",
        "worse": "unknown",
        "streamed": "stream",
        "behind": "background",
    }
    try:
        service.client.responses.create(model=MODEL, input="Say bad.", temperature=0.5)
    except openai.BadRequestError as error:
        assert error.body == errors["bad"]["body"]["error"]
    else:
        pytest.fail("the same request succeeds outside of a batch")
    service.exchanges.pop()  # refused on purpose


def test_batch_of_failures_alone_has_no_output_file(service: Service):
    batch = service.later(service.create(line(body={"unknown": 1})))
    assert batch.status == "completed"
    assert batch.output_file_id is None
    assert len(service.lines(batch.error_file_id)) == 1


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        (b"{not json", "invalid_json_line", None),
        (b'["a"]', "invalid_json_line", None),
        (b'{"custom_id": "\xff"}', "invalid_json_line", None),
        (line("a"), "duplicate_custom_id", "custom_id"),
        (line(url="/v1/chat/completions", custom_id="b"), "url_mismatch", "url"),
        (line("b", method="GET"), "invalid_request", "method"),
        (line("b", custom_id=7), "invalid_request", "custom_id"),
        ({"custom_id": "b"}, "invalid_request", "method"),
        (
            {"custom_id": "b", "method": "POST", "url": "/v1/responses", "body": []},
            "invalid_request",
            "body",
        ),
        (line("b", body={"model": "nobody"}), "model_not_found", "body.model"),
        (line("b", body={"model": ["x"]}), "model_not_found", "body.model"),
        (line("b", body={"model": "gpt-5.4-mini"}), "invalid_request", "body.model"),
        (line("b", body={"model": "other"}), "model_mismatch", "body.model"),
    ],
)
def test_bad_line_fails_the_batch_and_is_named(
    service: Service, wrong: object, code: str, param: str | None
):
    other = deployment("other=gpt-5-mini:batch")
    service.emulator.world.deployments["other"] = other
    batch = service.create(line("a"), wrong, line("z"))
    assert batch.status == "validating"
    batch = service.later(batch, 1)
    assert batch.status == "failed"
    assert batch.failed_at == int(service.clock.now)
    assert batch.request_counts.total == 0
    assert batch.in_progress_at is None
    [error] = batch.errors.data
    assert (error.code, error.param, error.line) == (code, param, 2)
    assert service.later(batch).output_file_id is None
    assert len(service.emulator.store.responses) == 0


def test_every_bad_line_is_listed(service: Service):
    batch = service.later(service.create(b"x", line(), b"y"))
    assert [error.line for error in batch.errors.data] == [1, 3]


def test_file_without_requests_fails(service: Service):
    batch = service.later(service.create(b"\n\n"))
    assert [error.code for error in batch.errors.data] == ["empty_file"]


def test_too_many_requests_fail(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("responses_emulator.resources.batches.MAX_REQUESTS", 2)
    batch = service.later(service.create(line("a"), line("b"), line("c")))
    assert [error.code for error in batch.errors.data] == ["too_many_tasks"]


def test_blank_lines_are_no_faults(service: Service):
    batch = service.later(service.create(line("a"), b"", line("b"), b"\r", b""))
    assert (batch.status, batch.request_counts.completed) == ("completed", 2)


def test_a_byte_order_mark_fails_the_batch_as_on_azure(service: Service):
    first = b"\xef\xbb\xbf" + orjson.dumps(line("a"))
    batch = service.later(service.create(first, line("b")))
    [error] = batch.errors.data
    assert (batch.status, error.code) == ("failed", "invalid_request")
    assert error.message.startswith("Validation failed: A valid model deployment name")


def test_endpoint_may_be_written_without_v1(service: Service):
    lines = (line("a", url="/responses"), line("b"))
    batch = service.later(service.create(*lines, endpoint="/responses"))
    assert (batch.status, batch.endpoint) == ("completed", "/responses")


def test_cancelled_batch_keeps_what_was_answered(service: Service):
    batch = service.later(service.create(*(line(c) for c in "abcd")), 3)
    batch = service.client.batches.cancel(batch.id)
    stopped = int(service.clock.now)
    assert (batch.status, batch.cancelling_at) == ("cancelling", stopped)
    assert service.client.batches.cancel(batch.id).status == "cancelling"
    batch = service.later(batch, 1)
    assert (batch.status, batch.cancelled_at) == ("cancelled", stopped + 1)
    assert batch.completed_at is None
    assert (batch.request_counts.total, batch.request_counts.completed) == (4, 2)
    found = service.lines(batch.output_file_id)
    assert [one["custom_id"] for one in found] == ["a", "b"]
    assert service.later(batch, 100).request_counts.completed == 2


def test_batch_that_is_over_cannot_be_cancelled(service: Service):
    batch = service.later(service.create(line()))
    with pytest.raises(openai.BadRequestError, match="completed"):
        service.client.batches.cancel(batch.id)
    assert service.later(batch).status == "completed"


def test_metadata_and_expiry_of_the_output_are_kept(service: Service):
    batch = service.create(
        line(),
        metadata={"for": "test"},
        output_expires_after={"anchor": "created_at", "seconds": 1_209_600},
    )
    batch = service.later(batch)
    assert batch.metadata == {"for": "test"}
    file = service.client.files.retrieve(batch.output_file_id)
    assert file.expires_at == int(service.clock.now) + 1_209_600
    service.clock.now += 1_209_600
    with pytest.raises(openai.NotFoundError):
        service.client.files.retrieve(batch.output_file_id)


def test_list_is_newest_first_and_paged(service: Service):
    made = [service.create(line()).id for _ in range(3)]
    listed = service.client.batches.list(limit=2)
    assert [batch.id for batch in listed.data] == made[:0:-1]
    assert [batch.id for batch in listed] == made[::-1]


def test_batch_without_waiting_time_is_complete_at_once():
    service = Service()
    service.emulator.world.background_seconds = 0
    batch = service.create(line())
    assert batch.status == "completed"
    assert len(service.lines(batch.output_file_id)) == 1


def test_dated_layout_serves_batches():
    service = Service("/openai/", **{"api-version": API_VERSION})
    batch = service.later(service.create(line(), line("mcp", body={"background": 1})))
    assert (batch.request_counts.completed, batch.request_counts.failed) == (1, 1)
    with pytest.raises(openai.NotFoundError, match="Resource not found"):
        Service("/openai/").client.batches.list()


def test_bad_batch_is_a_400_that_names_the_parameter(client: Client):
    good = {"completion_window": "24h", "endpoint": "/v1/responses"}
    for body, param in (
        (good, "input_file_id"),
        (
            {**good, "input_file_id": "x", "completion_window": "1h"},
            "completion_window",
        ),
        ({**good, "input_file_id": "x", "endpoint": "/v1/nothing"}, "endpoint"),
        ({**good, "input_file_id": "x", "endpoint": "/v1/embeddings"}, "endpoint"),
        ({**good, "input_file_id": "x", "surprise": 1}, "surprise"),
        ({**good, "input_file_id": "x", "metadata": {"a": 1}}, "metadata.a"),
    ):
        status, error = client.error("POST", "/batches", body)
        assert (status, error["param"]) == (400, param)


def test_unknown_input_file_and_batch_are_404(client: Client):
    body = {"completion_window": "24h", "endpoint": "/v1/responses"}
    sent = {**body, "input_file_id": "file-x"}
    status, error = client.error("POST", "/batches", sent)
    assert (status, error["param"]) == (404, "input_file_id")
    for method, path in (("GET", ""), ("POST", "/cancel")):
        status, error = client.error(method, f"/batches/batch_x{path}")
        assert (status, error["param"]) == (404, "batch_id")
        assert error["message"] == "No batch found with id 'batch_x'."


def test_a_batch_deployment_serves_batches_alone(service: Service):
    with pytest.raises(openai.BadRequestError, match="does not work") as refused:
        service.client.responses.create(model=BATCH_MODEL, input="Hi")
    assert refused.value.code == "OperationNotSupported"
    service.exchanges.pop()  # refused on purpose


def test_a_batch_deployment_is_told_by_its_name(service: Service):
    batch = deployment("mine=gpt-5.4-mini:batch")
    assert (batch.name, batch.model, batch.is_batch) == ("mine", "gpt-5.4-mini", True)
    assert not deployment("mine=gpt-5.4-mini").is_batch
    for wrong in (
        "mine:batch",
        "mine=:batch",
        "mine=gpt-5.4-mini:fast",
        "=gpt-5:batch",
    ):
        with pytest.raises(ValueError, match="NAME=MODEL:batch"):
            deployment(wrong)
    service.emulator.world.deployments["mine"] = batch
    done = service.later(service.create(line(body={"model": "mine"})))
    assert (done.status, done.model) == ("completed", "gpt-5.4-mini")


def test_input_file_has_to_be_uploaded_for_a_batch(service: Service):
    id = service.upload(line(), purpose="assistants")
    with pytest.raises(openai.BadRequestError, match="purpose 'batch'"):
        service.client.batches.create(
            input_file_id=id, endpoint="/v1/responses", completion_window="24h"
        )


def test_batch_waits_for_an_mcp_server_and_nobody_waits_for_the_batch(
    service: Service,
):
    let_go = threading.Event()

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            let_go.wait(10)
        well_behaved(handler, message)

    with crooked(answer) as server:
        tool = {
            "type": "mcp",
            "server_label": "a",
            "server_url": server.url,
            "require_approval": "never",
        }
        batch = service.create(line(body={"tools": [tool], "tool_choice": "required"}))
        assert service.later(batch, 4 * SECONDS).status == "in_progress"
        let_go.set()
        pause = threading.Event()
        while not service.later(batch).output_file_id:
            pause.wait(0.01)
    counts = service.later(batch).request_counts
    assert counts is not None
    assert (counts.completed, counts.failed) == (1, 0)
