import base64

import orjson
import pytest
from openai.types.responses import CompactedResponse

from emulator.tests.conftest import Client, kinds, narrow_deployment, text
from responses_emulator.core import Emulator

ADA = {"role": "user", "content": "My name is Ada."}
NAME = {"role": "user", "content": "What is my name?"}
LONG = {"role": "user", "content": "Hello. " * 1000}
TRIGGER = {"type": "compaction_trigger"}
MANAGED = [{"type": "compaction", "compact_threshold": 1000}]


def compact(client, **body):
    body = {"model": "gpt-5-mini", **body}
    return client.json("POST", "/responses/compact", body)


def test_a_compacted_conversation_is_still_known(client):
    said = [ADA, {"role": "assistant", "content": "Hello Ada."}]

    compacted = compact(client, input=said, instructions="Be brief.")

    assert kinds(compacted) == ["message", "compaction"]
    assert compacted["output"][0]["role"] == "user"
    assert "Ada" not in compacted["output"][-1]["encrypted_content"]
    assert compacted["usage"]["total_tokens"] > compacted["usage"]["input_tokens"] > 0
    CompactedResponse.construct(**compacted)
    for kept in (compacted["output"], compacted["output"][-1:]):
        assert "Ada" in text(client.create([*kept, NAME], store=False))


def test_a_chain_can_be_compacted_and_compacted_again(client):
    first = client.create([ADA])

    once = compact(client, previous_response_id=first["id"])
    twice = compact(client, input=[*once["output"], {"role": "user", "content": "Hi."}])

    assert len(twice["output"]) == 3
    assert twice["usage"]["input_tokens"] == 64 + 4 + 1  # a summary and one message
    assert "Ada" in text(client.create([twice["output"][-1], NAME]))


def test_thoughts_are_not_folded(client):
    first = client.create([ADA])
    assert "reasoning" in kinds(first)

    sealed = compact(client, previous_response_id=first["id"])["output"][-1]

    folded = client.emulator.world.cipher.open(sealed["encrypted_content"])
    assert folded is not None
    assert {item["type"] for item in orjson.loads(folded.text)} == {"message"}


def test_a_compaction_of_another_emulator_is_refused(client):
    foreign = compact(Client(), input=[ADA])["output"]

    error = client.refused([*foreign, NAME])

    assert error["code"] == "invalid_encrypted_content"
    assert error["param"] is None


def test_nothing_to_compact_is_refused(client):
    body = {"model": "gpt-5-mini"}

    status, error = client.error("POST", "/responses/compact", body)

    assert (status, error["code"]) == (400, "missing_required_parameter")


def test_a_long_context_is_compacted_while_it_is_answered(client):
    first = client.create([ADA, LONG], context_management=MANAGED)
    next = client.create(
        [NAME], previous_response_id=first["id"], context_management=MANAGED
    )

    assert kinds(first) == ["reasoning", "message", "compaction"]
    assert kinds(next) == ["reasoning", "message"]
    assert "Ada" in text(next)
    assert "Ada" in text(client.create([*first["output"], NAME], store=False))
    # The item holds all there was, so what came before it may be left out.
    assert "Ada" in text(client.create([first["output"][-1], NAME], store=False))
    assert "compaction" not in kinds(client.create(context_management=MANAGED))


def test_what_is_compacted_costs_its_summary_alone(client):
    def second(**first):
        first = client.create([ADA, LONG], **first)
        next = client.create([NAME], previous_response_id=first["id"])
        assert "Ada" in text(next)
        return next["usage"]["input_tokens"]

    assert second() > 1700
    assert 64 < second(context_management=MANAGED) < 200
    sealed = compact(client, input=[ADA, LONG])["output"][-1]
    assert 64 < client.create([sealed, NAME])["usage"]["input_tokens"] < 100


def test_what_is_compacted_is_no_cached_prefix_any_more(client):
    def cached(**body):
        first = client.create([ADA, LONG], **body)
        next = client.create([LONG, NAME], previous_response_id=first["id"], **body)
        return next["usage"]["input_tokens_details"]["cached_tokens"]

    assert cached(prompt_cache_key="plain") > 1024
    assert cached(prompt_cache_key="managed", context_management=MANAGED) == 0


def test_a_file_that_is_compacted_costs_no_more_than_that(client):
    data = base64.b64encode(b"The secret is a blue door.\n" * 300).decode()
    file = {"filename": "a.txt", "file_data": f"data:text/plain;base64,{data}"}
    asked = {"role": "user", "content": [{"type": "input_file", **file}]}

    first = client.create([asked, LONG], context_management=MANAGED)
    next = client.create([NAME], previous_response_id=first["id"])

    assert first["usage"]["input_tokens"] > 3700
    assert next["usage"]["input_tokens"] < 200


def test_a_compacted_chain_fits_where_it_did_not(client):
    small = narrow_deployment(2500)
    client.emulator = Emulator(clock=client.clock, deployments=[small])
    for manage, fits in ((None, False), (MANAGED, True)):
        first = client.create([ADA, LONG], context_management=manage)
        body = {"input": [LONG, NAME], "previous_response_id": first["id"]}
        if fits:
            assert "Ada" in text(client.create(**body))
        else:
            assert client.refused(**body)["code"] == "context_length_exceeded"


@pytest.mark.parametrize("folded", [[ADA, ADA], [LONG, ADA], [ADA, LONG]])
def test_truncation_drops_a_compaction_like_any_other_item(client, folded):
    small = narrow_deployment(1000)
    client.emulator = Emulator(clock=client.clock, deployments=[small])
    sealed = compact(client, input=folded)["output"][-1]
    much = {"role": "user", "content": "Hello. " * 540}

    response = client.create([sealed, much, NAME], truncation="auto")

    # What is folded is as large as its summary, and goes as a whole; no more has to.
    assert "Ada" not in text(response)
    assert 950 < response["usage"]["input_tokens"] < 1000


@pytest.mark.parametrize(("characters", "left"), [(988 * 4, 1000), (988 * 4 + 1, 8)])
def test_what_is_folded_makes_room_for_its_summary_and_no_more(
    client, characters, left
):
    small = narrow_deployment(1000)
    client.emulator = Emulator(clock=client.clock, deployments=[small])
    sealed = compact(client, input=[ADA, ADA])["output"][-1]
    much = {"role": "user", "content": "a" * characters}

    # 64 tokens of the summary, 8 of the question, and 4 more than the text's.
    response = client.create([sealed, much, NAME], truncation="auto")

    assert response["usage"]["input_tokens"] == left


# A trigger: compact now, and answer nothing


def test_a_trigger_compacts_instead_of_answering(client):
    first = client.create([ADA])
    compacted = client.create([TRIGGER], previous_response_id=first["id"])

    assert kinds(compacted) == ["compaction"]
    assert compacted["status"] == "completed"
    usage = compacted["usage"]
    assert (usage["output_tokens"], usage["output_tokens_details"]) == (
        64,
        {"reasoning_tokens": 0},
    )
    assert "Ada" in text(client.create([*compacted["output"], NAME]))
    chained = client.create([NAME], previous_response_id=compacted["id"])
    assert "Ada" in text(chained)
    path = f"/responses/{compacted['id']}/input_items"
    assert client.json("GET", path)["data"] == []


def test_a_trigger_compacts_in_a_stream(client):
    events = client.events([ADA, TRIGGER])

    assert [event["type"] for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.compaction.compacting",
        "response.output_item.done",
        "response.completed",
    ]


def test_a_trigger_must_come_last_and_have_something_to_compact(client):
    error = client.refused([TRIGGER, ADA])
    assert (error["param"], error["code"]) == ("input[0]", "invalid_value")

    error = client.refused([TRIGGER])
    assert (error["param"], error["code"]) == (
        "input",
        "missing_required_parameter",
    )


def test_a_compaction_is_told_in_the_stream(client):
    events = client.events([ADA, LONG], context_management=MANAGED)

    told = [event for event in events if event.get("output_index") == 2]
    assert [event["type"] for event in told] == [
        "response.output_item.added",
        "response.compaction.compacting",
        "response.output_item.done",
    ]
    assert told[1]["item_id"] == told[2]["item"]["id"]


def test_only_compaction_manages_the_context(client):
    error = client.refused(context_management=[{"type": "magic"}])

    assert error["param"] == "context_management[0].type"
