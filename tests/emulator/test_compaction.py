import pytest
from openai.types.responses import CompactedResponse

from tests.emulator.conftest import Client
from tests.emulator.exchanges import violations
from tests.emulator.test_responses import kinds, text

ADA = {"role": "user", "content": "My name is Ada."}
NAME = {"role": "user", "content": "What is my name?"}
LONG = {"role": "user", "content": "Hello. " * 1000}
MANAGED = [{"type": "compaction", "compact_threshold": 1000}]


def compact(client, **body):
    body = {"model": "gpt-5-mini", **body}
    return client.json("POST", "/responses/compact", body)


def test_a_compacted_conversation_is_still_known(client):
    said = [ADA, {"role": "assistant", "content": "Hello Ada."}]

    compacted = compact(client, input=said, instructions="Be brief.")

    assert [item["type"] for item in compacted["output"]] == ["message", "compaction"]
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
    assert "Ada" in text(client.create([twice["output"][-1], NAME]))


def test_a_compaction_of_another_emulator_is_refused(client):
    foreign = compact(Client(), input=[ADA])["output"]

    error = client.refused([*foreign, NAME])

    assert error["code"] == "invalid_encrypted_content"
    assert error["param"] == "input[1].encrypted_content"


def test_nothing_to_compact_is_refused(client):
    body = {"model": "gpt-5-mini"}

    status, error = client.error("POST", "/responses/compact", body)

    assert (status, error["code"]) == (400, "missing_required_parameter")


def test_a_long_context_is_compacted_while_it_is_answered(client):
    first = client.create([ADA, LONG], context_management=MANAGED)
    next = client.create(
        [NAME], previous_response_id=first["id"], context_management=MANAGED
    )

    assert kinds(first) == ["compaction", "reasoning", "message"]
    assert kinds(next) == ["reasoning", "message"]
    assert "Ada" in text(next)
    assert "Ada" in text(client.create([*first["output"], NAME], store=False))
    assert "compaction" not in kinds(client.create(context_management=MANAGED))


def test_a_compaction_is_told_in_the_stream(client):
    events = client.events([ADA, LONG], context_management=MANAGED)

    told = [event for event in events if event.get("output_index") == 0]
    assert [event["type"] for event in told] == [
        "response.output_item.added",
        "response.compaction.compacting",
        "response.output_item.done",
    ]
    assert told[1]["item_id"] == told[2]["item"]["id"]


def test_only_compaction_manages_the_context(client):
    error = client.refused(context_management=[{"type": "magic"}])

    assert error["param"] == "context_management[0].type"


def test_no_dated_version_compacts():
    dated = Client(base="/openai")
    version = "?api-version=2025-04-01-preview"
    body = {"model": "gpt-5-mini", "input": "Hello."}

    assert dated.error("POST", f"/responses/compact{version}", body)[0] == 404
    managed = body | {"context_management": MANAGED}
    status, error = dated.error("POST", f"/responses{version}", managed)
    assert (status, error["param"]) == (400, "context_management")


@pytest.mark.parametrize(
    ("base", "query", "code"),
    [
        ("/openai/v1", "", "unknown_url"),
        ("/openai", "?api-version=2025-04-01-preview", "404"),
    ],
)
def test_tokens_cannot_be_counted_in_advance(base, query, code):
    body = {"model": "gpt-5-mini", "input": "Hello."}

    status, error = Client(base=base).error(
        "POST", f"/responses/input_tokens{query}", body
    )

    assert (status, error["code"]) == (404, code)


def test_compaction_keeps_to_the_published_contract(client):
    folded = compact(client, input=[ADA])["output"]
    body = {"model": "gpt-4.1", "input": [ADA, LONG], "context_management": MANAGED}

    assert not violations(
        client,
        "openai",
        [
            ("POST", "/responses/compact", {"model": "gpt-5-mini", "input": [ADA]}),
            ("POST", "/responses", body),
            ("POST", "/responses", {"model": "gpt-4.1", "input": [folded[-1], NAME]}),
        ],
    )
