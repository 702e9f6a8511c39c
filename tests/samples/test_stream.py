import pytest

from tests.samples.faults import sse, without_terminal_event

SSE_SAMPLES = ["responses-stream-sse-aoai.py", "responses-stream-sse-aoai-v1.py"]
ASYNC_SAMPLES = ["responses-stream-async-aoai.py", "responses-stream-async-aoai-v1.py"]
SAMPLES = SSE_SAMPLES + ASYNC_SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_prints_each_piece_when_it_arrives(name, finish, service, monkeypatch):
    printed = []
    real = print

    def spy(*values, **options):
        printed.append((*values, options))
        real(*values, **options)

    monkeypatch.setattr("builtins.print", spy)

    output = finish(name)

    assert service.created() == [
        {
            "model": "gpt-6-luna",
            "input": "Write me a poem about the sea.",
            "stream": True,
        }
    ]
    [stored] = service.emulator.store.responses
    text = stored.body["output"][-1]["content"][0]["text"]
    tokens = stored.body["usage"]["output_tokens"]
    assert output == f"{text}\n({tokens} tokens)\n"
    pieces = [options for *_, options in printed if options]
    assert len(pieces) > 20
    assert all(options == {"end": "", "flush": True} for options in pieces)


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_says_so_when_it_breaks_off(name, run, service):
    service.answer = without_terminal_event(service.emulator)

    result = run(name)

    assert str(result.error) == "Didn't receive a `response.completed` event."
    assert len(result.output) > 20  # what arrived is shown


CREATED = {"type": "response.created", "response": {"id": "resp_1", "output": []}}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            {
                "type": "response.failed",
                "response": {"error": {"code": "server_error", "message": "Sorry."}},
            },
            "Sorry.",
        ),
        (
            {
                "type": "response.incomplete",
                "response": {"incomplete_details": {"reason": "content_filter"}},
            },
            "content_filter",
        ),
        ({"type": "error", "message": "Too much.", "code": None}, "Too much."),
    ],
    ids=["failed", "incomplete", "error"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_stream_tells_why_the_answer_is_unfinished(name, event, reason, run, service):
    if "response" in event:
        event = event | {"response": {"id": "resp_1", "output": []} | event["response"]}
    service.answer = lambda _: sse(CREATED, event)

    assert reason in run(name).stopped_with


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_that_failed_without_a_reason_is_not_taken_for_whole(name, run, service):
    failed = {"id": "resp_1", "output": [], "error": None}
    service.answer = lambda _: sse(
        CREATED, {"type": "response.failed", "response": failed}
    )

    assert isinstance(run(name).error, RuntimeError)


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_raises_what_the_service_reports_in_the_middle(name, run, service):
    error = {"code": "rate_limit_exceeded", "message": "Try again in 26 seconds."}
    service.answer = lambda _: sse(CREATED, {"type": "error", "error": error})

    result = run(name)

    assert type(result.error).__name__ == "APIError"
    assert "Try again in 26 seconds." in str(result.error)
