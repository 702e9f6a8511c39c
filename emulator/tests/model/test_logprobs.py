import math

import pytest

from emulator.tests.models import Says
from responses_emulator.core import Emulator
from responses_emulator.model.steps import Text

ASKED = {"model": "gpt-5.4-mini", "include": ["message.output_text.logprobs"]}


def part(response):
    return response["output"][-1]["content"][0]


@pytest.mark.parametrize("top", [0, 3, 20])
def test_every_token_has_its_log_probability(client, top):
    response = client.create("Tell me a joke.", **ASKED, top_logprobs=top)

    entries = part(response)["logprobs"]
    assert response["top_logprobs"] == top
    assert "".join(entry["token"] for entry in entries) == part(response)["text"]
    for entry in entries:
        assert bytes(entry["bytes"]).decode() == entry["token"]
        tops = entry["top_logprobs"]
        assert len({other["token"] for other in tops}) == len(tops) == top
        assert sorted(tops, key=lambda other: -other["logprob"]) == tops
        assert sum(math.exp(other["logprob"]) for other in tops) <= 1.001
        assert not tops or tops[0]["token"] == entry["token"]


def test_nothing_is_told_unasked(client):
    assert part(client.create(model="gpt-5.4-mini"))["logprobs"] == []


def test_none_are_made_up_for_a_model_that_counts_its_own_tokens(client):
    class Counts(Says):
        minds_bounds = True

    told = {"token": "Yes.", "bytes": list(b"Yes."), "logprob": -1, "top_logprobs": []}
    for likely in ((), (told,)):
        model = Counts([Text("Yes.", logprobs=likely)], waits=True)
        client.emulator = Emulator(clock=client.clock, model=model)
        assert part(client.create(**ASKED))["logprobs"] == list(likely)


def test_a_cut_answer_has_those_of_what_is_left(client):
    response = client.create(
        "Write a long story about otters.", **ASKED, max_output_tokens=16
    )

    told = "".join(entry["token"] for entry in part(response)["logprobs"])
    assert told == part(response)["text"]


def test_a_stream_brings_them_with_each_delta(client):
    events = client.events("Tell me a joke.", **ASKED, top_logprobs=2)

    deltas = [e for e in events if e["type"] == "response.output_text.delta"]
    [done] = [e for e in events if e["type"] == "response.output_text.done"]
    for event in deltas:
        [entry] = event["logprobs"]
        assert entry["token"] == event["delta"]
    assert done["logprobs"] == [event["logprobs"][0] for event in deltas]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"top_logprobs": 2}, "top_logprobs"),
    ],
)
def test_a_model_that_reasons_has_none(client, body, param):
    assert client.refused(**body)["param"] == param


def test_asking_for_none_is_fine_with_every_model(client):
    assert client.create(top_logprobs=0)["top_logprobs"] == 0
