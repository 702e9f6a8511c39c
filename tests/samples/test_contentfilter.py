import pytest

from responses_emulator.errors import gateway_error
from tests.samples.faults import ending_as, refusing

NAME = "responses-contentfilter-aoai-v1.py"


def test_a_good_answer_comes_with_what_was_looked_for_and_not_found(finish, service):
    lines = table(finish(NAME))

    assert "prompt violence safe" in lines
    assert "completion hate safe" in lines
    assert "prompt jailbreak detected: False" in lines
    assert "blocked" not in " ".join(lines)
    assert service.created()[0]["stream"] is True


@pytest.mark.parametrize("shape", ["content_filters", "innererror"])
def test_a_blocked_prompt_is_told_with_its_category_in_either_shape(
    shape, run, service
):
    service.emulator.faults.add("filter-prompt", shape=shape, category="sexual")

    result = run(NAME)

    assert "prompt sexual high blocked" in (table(result.output))
    assert result.stopped_with.startswith("Unfinished: Error code: 400")
    assert len(service.sent) == 1


def test_a_cut_answer_is_shown_as_far_as_it_came(run, service):
    service.emulator.faults.add("filter-output", category="hate")

    result = run(NAME)

    text, *report = table(result.output.strip())
    assert len(text) > 5
    assert "completion hate high blocked" in report
    assert "content_filter" in result.stopped_with


def test_a_blocked_stream_is_told_although_its_end_says_nothing(run, service):
    service.emulator.faults.add("filter-stream")

    stopped_with = run(NAME).stopped_with

    assert stopped_with.startswith("Unfinished: ")
    assert "filtered" in stopped_with


def test_a_stream_that_breaks_off_is_not_taken_for_an_answer(run, service):
    service.emulator.faults.add("stream-stops", events=6)

    assert isinstance(run(NAME).error, RuntimeError)


def test_other_errors_are_left_to_the_sdk(run, service):
    service.answer = refusing(400, gateway_error(400, "BadRequest", "No.").body)

    assert type(run(NAME).error).__name__ == "BadRequestError"


def table(output):
    """The lines of what was printed, their columns one space apart."""
    return [" ".join(line.split()) for line in output.splitlines()]


def with_results(service, results):
    """Every answer comes with one report, which has these results."""
    report = {
        "blocked": False,
        "source_type": "prompt",
        "content_filter_results": results,
    }
    return ending_as(service.emulator, status="completed", content_filters=[report])


@pytest.mark.parametrize(
    ("category", "entry", "told"),
    [
        ("violence", {"filtered": False, "severity": "low"}, "low"),
        ("jailbreak", {"filtered": False, "detected": False}, "detected: False"),
        ("task_adherence", {"filtered": False, "detected": True}, "detected: True"),
        ("profanity", None, "not looked at"),
        ("error", {"code": 42, "message": "Timed out."}, "could not look: Timed out."),
        ("custom_blocklists", {"filtered": False}, "found nothing"),
        (
            "custom_blocklists",
            {
                "filtered": True,
                "details": [
                    {"id": "rivals", "filtered": True},
                    {"id": "names", "filtered": False},
                ],
            },
            "found something, rivals blocked",
        ),
        (
            "custom_topics",
            {"filtered": False, "details": [{"id": "money", "detected": True}]},
            "found something, money",
        ),
        (
            "personally_identifiable_information",
            {
                "filtered": False,
                "detected": True,
                "redacted_text": "*****",
                "sub_categories": [
                    {"sub_category": "Email", "detected": True, "filtered": False}
                ],
            },
            "detected: True, Email",
        ),
        (
            "ungrounded_material",
            {
                "filtered": False,
                "detected": True,
                "details": [{"completion_start_offset": 0, "completion_end_offset": 9}],
            },
            "detected: True",
        ),
        ("protected_material_code", {"filtered": True}, "found something blocked"),
    ],
)
def test_every_kind_of_entry_is_read(category, entry, told, finish, service):
    service.answer = with_results(service, {category: entry})

    *_, line = table(finish(NAME))

    assert line == f"prompt {category} {told}"


@pytest.mark.parametrize("reports", [None, [], [None], [{}]])
def test_no_report_is_said_and_is_no_error(reports, finish, service):
    service.answer = ending_as(
        service.emulator, status="completed", content_filters=reports
    )

    _answer, line = finish(NAME).splitlines()

    assert line == "No report of the content filter came with it."


def test_a_report_of_nothing_is_no_error(finish, service):
    service.answer = with_results(service, None)

    assert len(finish(NAME).strip().splitlines()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"content_filters": None, "innererror": None},
        {"content_filters": [{"content_filter_results": None}]},
        {"content_filters": [{"content_filter_results": {"hate": None}}]},
        {"innererror": {"content_filter_result": None}},
    ],
)
def test_a_blocked_prompt_whose_body_has_no_categories_is_told(body, run, service):
    error = {"code": "content_filter", "message": "Filtered.", "param": "prompt"}
    service.answer = refusing(400, {"error": error | body})

    assert "Filtered." in run(NAME).stopped_with
