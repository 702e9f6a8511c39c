"""A batch: sent, waited for, answered; or left to itself, and taken up again."""

import json
import re
import time
from pathlib import Path

import orjson
import pytest

from responses_emulator.http import Reply, json_reply

SAMPLE = "responses-batch-aoai-v1.py"
ID = Path("batch-id.txt")
ANSWERS = [
    "france: The capital of France is Paris.",
    "italy: The capital of Italy is Rome.",
    "sum: 17 * 23 = 391",
]


def test_batch_is_sent_answered_and_cleaned_up(finish, service):
    output = finish(SAMPLE)

    assert output.splitlines()[-3:] == ANSWERS
    assert re.search(r"(?m)^ +\d+\.\d s  validating$", output)
    file, batch = service.sent[:2]
    assert b'name="expires_after[seconds]"\r\n\r\n1209600' in file.body
    assert b'"model": "gpt-6-luna-batch"' in file.body
    assert batch.json["output_expires_after"]["seconds"] == 1_209_600
    assert batch.json["endpoint"] == "/v1/responses"
    deleted = [path for method, path in service.calls() if method == "DELETE"]
    assert len(deleted) == 3
    assert not ID.exists()


def test_what_takes_too_long_stays_and_the_next_run_finds_it(run, finish, service):
    service.emulator.world.background_seconds = 2_000

    first = run(SAMPLE)

    [stored] = service.emulator.store.batches
    assert first.stopped_with == "Unfinished: in_progress. Run this again to wait on."
    assert 1190 < service.clock.slept < 1210
    assert ID.read_text() == stored.id
    assert len(service.emulator.store.files) == 1
    service.sent.clear()

    output = finish(SAMPLE)

    assert output.splitlines()[-3:] == ANSWERS
    assert ("POST", "/openai/v1/batches") not in service.calls()
    assert not ID.exists()


def test_a_batch_whose_id_cannot_be_written_down_is_not_left_to_itself(
    run, service, monkeypatch
):
    def refuse(*_: object) -> None:
        raise PermissionError

    service.emulator.world.background_seconds = 2_000
    monkeypatch.setattr(Path, "write_text", refuse)

    result = run(SAMPLE)

    assert isinstance(result.error, PermissionError)
    [stored] = service.emulator.store.batches
    assert stored.cancelled_at is not None
    assert service.left_behind() == []


def test_a_batch_that_cannot_be_asked_for_is_not_forgotten(run):
    ID.write_text("batch_elsewhere")

    result = run(SAMPLE)

    assert type(result.error).__name__ == "NotFoundError"
    assert ID.read_text() == "batch_elsewhere"


@pytest.mark.parametrize("sleeps", [0, 1, 2])
def test_ctrl_c_cancels_the_batch_and_deletes_its_files(
    sleeps, run, service, monkeypatch
):
    service.emulator.world.background_seconds = 20
    slept = 0

    def interrupted(seconds):
        nonlocal slept
        slept += 1
        if slept == sleeps + 1:
            raise KeyboardInterrupt
        service.clock.sleep(seconds)

    monkeypatch.setattr(time, "sleep", interrupted)

    result = run(SAMPLE)

    assert result.stopped_with.startswith("Interrupted: ")
    [stored] = service.emulator.store.batches
    assert stored.cancelled_at is not None
    assert "s  cancelling" in result.output
    assert service.left_behind() == []
    assert not ID.exists()


def test_ctrl_c_in_a_second_run_cleans_up_as_well(run, service, monkeypatch):
    service.emulator.world.background_seconds = 2_000
    run(SAMPLE)
    sleep = time.sleep

    def interrupted(_seconds):
        monkeypatch.setattr(time, "sleep", sleep)
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)

    result = run(SAMPLE)

    assert result.stopped_with.startswith("Interrupted: ")
    # It is cancelled for longer than the sample waits: what it writes then expires.
    assert service.left_behind() == []
    assert not ID.exists()


def test_a_batch_that_fails_says_why(run, service, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_BATCH_MODEL", "gpt-6-luna")

    result = run(SAMPLE)

    assert result.stopped_with.startswith("Unfinished: failed: ")
    assert "globalbatch" in result.stopped_with
    assert service.left_behind() == []


CUT = {
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
}
FAILED = {"status": "failed", "error": {"code": "server_error", "message": "Sorry."}}


@pytest.mark.parametrize(
    ("change", "reason"), [(CUT, "max_output_tokens"), (FAILED, "Sorry.")]
)
def test_an_unfinished_answer_among_others_is_named(change, reason, run, service):
    def answer(request):
        reply = service.emulator.handle(request)
        if not request.path.endswith("/content") or not reply.body:
            return reply
        lines = [json.loads(line) for line in reply.body.splitlines()]
        lines[1]["response"]["body"] |= change
        return Reply(200, reply.headers, "\n".join(map(json.dumps, lines)).encode())

    service.answer = answer

    result = run(SAMPLE)

    assert result.stopped_with.startswith("Unfinished: italy: ")
    assert reason in result.stopped_with
    assert ANSWERS[0] in result.output
    assert ANSWERS[2] in result.output
    assert service.left_behind() == []


def test_a_request_that_was_refused_is_named(run, service):
    """As one is that a content filter blocks: it stands in the file of errors."""

    def answer(request):
        if request.path.endswith("/files") and request.method == "POST":
            request.body = request.body.replace(
                b"What is the capital of Italy?", b"[content filter: prompt]"
            ).replace(b'"input": "[content', b'"temperature": 3, "input": "[content')
        return None

    service.answer = answer

    result = run(SAMPLE)

    assert result.stopped_with.startswith("Unfinished: italy: ")
    assert "temperature" in result.stopped_with
    assert result.output.splitlines()[-2:] == [ANSWERS[0], ANSWERS[2]]
    assert service.left_behind() == []


def test_what_was_answered_before_time_ran_out_is_shown(run, service):
    """Then the file of errors has a line without a reply for each of the others."""

    def answer(request):
        reply = service.emulator.handle(request)
        if request.method == "GET" and "/batches/" in request.path:
            return json_reply(orjson.loads(reply.body) | {"status": "expired"})
        if not request.path.endswith("/content") or not reply.body:
            return reply
        lines = [json.loads(line) for line in reply.body.splitlines()]
        lines[1]["response"] = None
        lines[1]["error"] = {"code": "batch_expired", "message": "Too late."}
        return Reply(200, reply.headers, "\n".join(map(json.dumps, lines)).encode())

    service.answer = answer

    result = run(SAMPLE)

    assert result.output.splitlines()[-2:] == [ANSWERS[0], ANSWERS[2]]
    assert result.stopped_with.startswith("Unfinished: italy: ")
    assert "Too late." in result.stopped_with
    assert "; expired: " in result.stopped_with
    assert service.left_behind() == []
