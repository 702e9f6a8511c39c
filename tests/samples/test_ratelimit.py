import json
import runpy
import time
from pathlib import Path

import httpx2
import pytest
from filelock import FileLock

from responses_emulator.rate_limits import Limits
from tests.samples.conftest import KEY, SAMPLES

NAME = "responses-ratelimit-async-aoai-v1.py"
PROMPTS = 30


def limited(service, requests):
    service.emulator.world.limits = Limits(service.clock, requests, None)


def answers():
    lines = Path("answers.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_prompt_is_answered_once_and_kept(finish, service):
    output = finish(NAME)

    assert [each["answer"] for each in answers()][-1] == "30^2 = 900"
    asked = [body["input"] for body in service.created()]
    assert sorted(asked) == sorted(each["prompt"] for each in answers())
    assert len(set(asked)) == PROMPTS
    assert f"[{'#' * 40}] 30 of 30" in output


def test_another_run_asks_only_for_what_is_missing(run, finish, service):
    service.emulator.faults.add("bad-request", after=4, times=3)

    stopped_with = run(NAME).stopped_with
    assert stopped_with.startswith("Unfinished: 3; run it again. What is ")
    assert len(answers()) == PROMPTS - 3

    service.sent.clear()
    finish(NAME)
    assert len(service.created()) == 3
    assert len({each["prompt"] for each in answers()}) == PROMPTS == len(answers())


def test_an_answer_that_is_not_whole_is_not_kept(run, service):
    service.emulator.faults.add("incomplete", times=2)

    assert "Unfinished: 2; run it again." in run(NAME).stopped_with
    assert len(answers()) == PROMPTS - 2


def test_a_thousand_prompts_take_little_longer_than_the_limit_demands(
    service, tmp_path, capsys, monkeypatch
):
    limited(service, 600)
    # The sample's clock and the service's are one, and stand still while nobody sleeps.
    monkeypatch.setattr(time, "monotonic", lambda: service.clock.slept)
    source = (SAMPLES / NAME).read_text("utf-8")
    many = tmp_path / "many.py"
    many.write_text(source.replace("range(1, 31)", "range(1, 1001)"), "utf-8")

    runpy.run_path(str(many), run_name="__main__")

    assert len({each["prompt"] for each in answers()}) == 1000
    assert len(service.created()) == 1000  # none lost, none refused, none sent twice
    assert service.clock.slept <= 1.1 * 1000 / 600 * 60
    assert "1000 of 1000" in capsys.readouterr().out


def test_a_limit_that_others_use_up_is_waited_for(finish, service):
    limited(service, 600)
    service.emulator.faults.add("rate-limited", retry_after_ms=7000, times=2)

    finish(NAME)

    assert len(answers()) == PROMPTS
    assert service.clock.slept >= 7


def test_no_key_is_kept_beside_the_answers(finish):
    finish(NAME)

    assert KEY not in Path("answers.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    "tail",
    [
        '{"prompt": "What is 3 squ',
        '{"prompt": "Wh\n{"prompt": "What is 3',
        "\0\0\0",
        "{",
    ],
    ids=["half", "half, twice", "zeros", "one letter"],
)
def test_half_a_line_of_a_run_that_was_killed_is_put_right(tail, finish, service):
    finish(NAME)
    lines = Path("answers.jsonl").read_text("utf-8").splitlines(keepends=True)
    Path("answers.jsonl").write_text("".join(lines[:-2]) + tail, "utf-8")
    service.sent.clear()

    finish(NAME)

    assert len(service.created()) == 2
    assert len({each["prompt"] for each in answers()}) == PROMPTS == len(answers())
    assert sorted(path.name for path in Path.cwd().iterdir()) == [
        "answers.jsonl",
        "answers.lock",
    ]


def test_a_last_line_without_its_end_is_whole(finish, service):
    finish(NAME)
    text = Path("answers.jsonl").read_text("utf-8")
    Path("answers.jsonl").write_text(text.rstrip("\n"), "utf-8")
    service.sent.clear()

    finish(NAME)

    assert service.created() == []
    assert Path("answers.jsonl").read_text("utf-8") == text


def test_a_second_run_at_the_same_time_says_so_and_asks_nothing(run, service):
    with FileLock("answers.lock"):
        stopped_with = run(NAME).stopped_with

    assert (
        stopped_with == f"Another run is writing to {Path('answers.jsonl').absolute()}"
    )
    assert service.sent == []


@pytest.mark.parametrize(
    "raised",
    [httpx2.ReadError(""), httpx2.ReadTimeout(""), httpx2.RemoteProtocolError("")],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_without_a_text_is_named_by_its_kind(raised, run, service):
    def answer(_):
        raise raised

    service.answer = answer

    assert type(raised).__name__ in run(NAME).stopped_with


def test_the_text_of_a_cause_is_not_printed(run, service):
    def answer(_):
        raise httpx2.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'")

    service.answer = answer

    result = run(NAME)

    assert "LocalProtocolError" in result.stopped_with
    assert KEY not in result.stopped_with + result.output + result.errors
