import pytest

from emulator.errors import gateway_error
from emulator.http import Reply
from tests.samples.faults import refusing

NAME = "responses-contentfilter-aoai-v1.py"


def test_a_good_answer_comes_with_what_was_looked_for_and_not_found(finish, service):
    lines = finish(NAME).splitlines()

    assert "prompt      violence                  safe" in lines
    assert "completion  hate                      safe" in lines
    assert "prompt      jailbreak                 detected: False" in lines
    assert "blocked" not in " ".join(lines)
    assert service.created()[0]["stream"] is True


@pytest.mark.parametrize("shape", ["content_filters", "innererror"])
def test_a_blocked_prompt_is_told_with_its_category_in_either_shape(
    shape, run, service
):
    service.emulator.faults.add("filter-prompt", shape=shape, category="sexual")

    result = run(NAME)

    assert "prompt      sexual                    high             blocked" in (
        result.output.splitlines()
    )
    assert result.stopped_with.startswith("Unfinished: Error code: 400")
    assert len(service.sent) == 1


def test_a_cut_answer_is_shown_as_far_as_it_came(run, service):
    service.emulator.faults.add("filter-output", category="hate")

    result = run(NAME)

    text, *report = result.output.strip().splitlines()
    assert len(text) > 5
    assert "completion  hate                      high             blocked" in report
    assert "content_filter" in result.stopped_with


def test_a_blocked_stream_is_told_although_its_end_says_nothing(run, service):
    service.emulator.faults.add("filter-stream")

    stopped_with = run(NAME).stopped_with

    assert stopped_with.startswith("Unfinished: ")
    assert "filtered" in stopped_with


def test_a_stream_that_breaks_off_is_not_taken_for_an_answer(run, service):
    service.emulator.faults.add("stream-stops", events=6)

    assert run(NAME).stopped_with == "Unfinished: the stream broke off"


def test_other_errors_are_left_to_the_sdk(run, service):
    service.answer = refusing(400, gateway_error(400, "BadRequest", "No.").body)

    assert type(run(NAME).error).__name__ == "BadRequestError"


def test_a_report_of_nothing_is_no_error(finish, service):
    def answer(request) -> Reply | None:
        reply = service.emulator.answer(request)
        body = b"".join(reply.body)
        start = body.index(b'"content_filters":[')
        end = body.index(b'"error"', start)
        whole = body[:start] + b'"content_filters":null,' + body[end:]
        return Reply(200, reply.headers, iter([whole]))

    service.answer = answer
    assert len(finish(NAME).strip().splitlines()) == 1
