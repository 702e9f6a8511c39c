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
            "model": "gpt-5-mini",
            "input": "Write me a poem about the sea.",
            "stream": True,
        }
    ]
    [stored] = service.emulator.store.responses
    text = stored.body["output"][-1]["content"][0]["text"]
    assert output == text + "\n"
    pieces = [options for *_, options in printed if options]
    assert len(pieces) > 20
    assert all(options == {"end": "", "flush": True} for options in pieces)


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_says_so_when_it_breaks_off(name, run, service):
    service.answer = without_terminal_event(service.emulator)

    result = run(name)

    assert result.stopped_with == "Unfinished: the stream broke off"
    assert len(result.output) > 20  # what arrived is shown


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "response.failed", "response": {"error": None}}, "failed"),
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
    ids=["failed without a reason", "failed", "incomplete", "error"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_stream_tells_why_the_answer_is_unfinished(name, event, reason, run, service):
    service.answer = lambda _: sse(event)

    assert reason in run(name).stopped_with


@pytest.mark.parametrize("name", SAMPLES)
def test_stream_raises_what_the_service_reports_in_the_middle(name, run, service):
    error = {"code": "rate_limit_exceeded", "message": "Try again in 26 seconds."}
    service.answer = lambda _: sse({"type": "error", "error": error})

    result = run(name)

    assert type(result.error).__name__ == "APIError"
    assert "Try again in 26 seconds." in str(result.error)
