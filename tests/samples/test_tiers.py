"""The tiers of processing: priority, and flex with a way out."""

import json

import pytest

from responses_emulator.http import json_reply

PRIORITY = "responses-priority-aoai-v1.py"
FLEX = "responses-flex-aoai-v1.py"


def test_priority_is_asked_for_and_told(finish, service):
    output = finish(PRIORITY)

    [body] = service.created()
    assert body["service_tier"] == "priority"
    assert output.endswith("Served by the tier: priority\n")


def test_priority_tells_when_the_service_fell_back(finish, service):
    def answer(request):
        reply = service.emulator.handle(request)
        return json_reply(json.loads(reply.body) | {"service_tier": "default"})

    service.answer = answer

    assert finish(PRIORITY).endswith("Served by the tier: default\n")


def test_flex_is_asked_for_with_time_enough(finish, service):
    output = finish(FLEX)

    [body] = service.created()
    assert (body["model"], body["service_tier"]) == ("gpt-5.6-sol", "flex")
    [sent] = service.sent
    assert sent.headers["x-stainless-read-timeout"] == "900"
    assert output.endswith("Served by the tier: flex\n")


@pytest.mark.parametrize("fault", ["at-capacity", "timeout"])  # 429 and 408
def test_without_room_or_time_for_flex_the_default_tier_answers(fault, finish, service):
    service.emulator.faults.add(fault, times=3)  # the SDK asks three times

    output = finish(FLEX)

    assert output.endswith("Served by the tier: default\n")
    tiers = [body["service_tier"] for body in service.created()]
    assert tiers == ["flex", "flex", "flex", "default"]


@pytest.mark.parametrize("fault", ["at-capacity", "timeout", "server-error"])
def test_flex_is_tried_again_before_it_is_paid_in_full(fault, finish, service):
    service.emulator.faults.add(fault, times=2)

    assert finish(FLEX).endswith("Served by the tier: flex\n")


def test_another_fault_of_flex_is_not_paid_in_full(run, service):
    service.emulator.faults.add("server-error", times=3)

    result = run(FLEX)

    assert type(result.error).__name__ == "InternalServerError"
    assert {body["service_tier"] for body in service.created()} == {"flex"}


def test_flex_on_another_model_is_refused_and_not_paid_in_full(
    run, service, monkeypatch
):
    monkeypatch.setenv("AZURE_OPENAI_API_FLEX_MODEL", "gpt-6-luna")

    result = run(FLEX)

    assert type(result.error).__name__ == "BadRequestError"
    assert len(service.created()) == 1
