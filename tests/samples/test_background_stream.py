import re

import pytest

NAME = "responses-background-stream-aoai-v1.py"


def test_background_stream_goes_on_after_the_last_event_it_dealt_with(finish, service):
    output = finish(NAME)

    [body] = service.created()
    assert (body["background"], body["stream"]) == (True, True)
    [stored] = service.emulator.store.responses
    _create, follow = service.sent
    assert follow.method == "GET" and follow.path.endswith(stored.body["id"])
    assert follow.query["stream"] == "true"
    lost = int(re.search(r"Lost after event (\d+)", output)[1])
    assert lost >= 10
    text = stored.body["output"][-1]["content"][0]["text"]
    line = f"\n--- Lost after event {lost}: going on from there ---\n"
    assert line in output
    assert output.replace(line, "") == (
        f"{text}\n({len(text)} characters in all)\n"  # not a word twice or missing
    )


@pytest.mark.parametrize("at", ["GET responses.retrieve", "print"])
def test_background_stream_is_cancelled_when_it_is_interrupted(at, run, service):
    def moment(kind):
        if kind == at and len(service.sent) == 2:
            raise KeyboardInterrupt

    service.moment = moment

    result = run(NAME)

    if isinstance(result.error, KeyboardInterrupt):
        assert service.calls()[-1][1].endswith("/cancel")
    assert service.left_behind() == []


def test_background_stream_says_so_when_it_has_not_begun(run, service):
    from tests.samples.faults import sse

    service.answer = lambda _: sse()

    result = run(NAME)

    assert "before it had begun" in result.stopped_with
