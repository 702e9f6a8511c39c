import json
import re
import time

import pytest

from responses_emulator.http import json_reply

SAMPLE = "responses-background-aoai-v1.py"


def test_background_shows_progress_and_then_the_answer(finish, service):
    output = finish(SAMPLE)

    [body] = service.created()
    assert body["background"] is True
    [stored] = service.emulator.store.responses
    progress, _, answer = output.partition(
        "\n" + stored.body["output"][-1]["content"][0]["text"]
    )
    # Real time passes as well: how long a run takes is not told in advance.
    assert re.search(r"(?m)^ *\d+\.\d s  queued$", progress)
    assert re.search(r"(?m)^ *[2-9]\d*\.\d s  in_progress$", progress)
    assert answer == "\n"
    assert all(method != "DELETE" for method, _ in service.calls())


def test_background_cancels_what_takes_too_long(run, service):
    service.emulator.world.background_seconds = 10_000

    result = run(SAMPLE)

    assert result.stopped_with == "Unfinished: cancelled"
    assert service.calls()[-1][1].endswith("/cancel")
    assert 590 < service.clock.slept < 610  # and real time passes, too
    assert service.left_behind() == []


def test_background_cancels_on_ctrl_c(run, service, monkeypatch):
    def interrupted(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)

    result = run(SAMPLE)

    assert "Interrupted." in result.output
    assert result.stopped_with == "Unfinished: cancelled"
    assert service.left_behind() == []


def test_background_cancels_when_it_cannot_be_polled(run, service):
    def answer(request):
        if request.method == "GET":
            return json_reply({"error": {"message": "No.", "code": "no"}}, 403)
        return None

    service.answer = answer

    result = run(SAMPLE)

    assert type(result.error).__name__ == "PermissionDeniedError"
    assert service.left_behind() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {
                "status": "failed",
                "error": {"code": "server_error", "message": "Sorry."},
            },
            "Sorry.",
        ),
        (
            {
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
            },
            "max_output_tokens",
        ),
    ],
    ids=["failed", "incomplete"],
)
def test_background_tells_failed_and_incomplete_from_completed(
    change, message, run, service
):
    def answer(request):
        if request.method == "GET":
            reply = service.emulator.handle(request)
            return json_reply(json.loads(reply.body) | change)
        return None

    service.answer = answer

    assert message in run(SAMPLE).stopped_with
