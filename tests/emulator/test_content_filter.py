"""The content filter, brought about by test phrases."""

from pathlib import Path

import pytest

from emulator.faults import PHRASES
from tests.emulator.conftest import Client
from tests.emulator.exchanges import violations

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_prompt_is_a_400_with_the_filters_report(
    client: Client, stream: bool
) -> None:
    error = client.refused("Hello. [content filter: prompt]", stream=stream)
    assert (error["code"], error["param"]) == ("content_filter", "prompt")
    [report] = error["content_filters"]
    assert (report["blocked"], report["source_type"]) == (True, "prompt")
    violence = report["content_filter_results"]["violence"]
    assert violence == {"filtered": True, "severity": "high"}
    assert "innererror" not in error
    assert len(client.emulator.store.responses) == 0


def test_a_jailbreak_is_detected_and_filtered(client: Client) -> None:
    [report] = client.refused("[content filter: jailbreak]")["content_filters"]
    results = report["content_filter_results"]
    assert results["jailbreak"] == {"detected": True, "filtered": True}
    assert results["violence"] == {"filtered": False, "severity": "safe"}


def test_the_older_shape_has_an_innererror(client: Client) -> None:
    error = client.refused("[content filter: older shape]")
    assert (error["code"], error["status"]) == ("content_filter", 400)
    inner = error["innererror"]
    assert inner["code"] == "ResponsibleAIPolicyViolation"
    assert inner["content_filter_result"]["violence"]["filtered"] is True
    assert "content_filters" not in error


def test_a_filtered_output_is_cut_and_says_why(client: Client) -> None:
    response = client.create("[content filter: output]")
    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "content_filter"}
    reports = {one["source_type"]: one for one in response["content_filters"]}
    assert (reports["prompt"]["blocked"], reports["completion"]["blocked"]) == (
        False,
        True,
    )
    *_, last = client.events("[content filter: output]")
    assert last["type"] == "response.incomplete"


def test_a_blocked_stream_has_three_frames(client: Client) -> None:
    created, failed, error = client.events("[content filter: stream]")
    assert created["type"] == "response.created"
    assert failed["type"] == "response.failed"
    assert failed["response"]["error"] is None
    assert error["type"] == "error"
    assert error["error"]["code"] == "content_policy_violation"
    numbers = [event["sequence_number"] for event in (created, failed, error)]
    assert numbers == [0, 1, 2]
    id = created["response"]["id"]
    assert client.json("GET", f"/responses/{id}")["status"] == "failed"


def test_a_note_comes_with_a_whole_answer(client: Client) -> None:
    response = client.create("[content filter: note]")
    assert response["status"] == "completed"
    [prompt, _] = response["content_filters"]
    found = prompt["content_filter_results"]["jailbreak"]
    assert found == {"detected": True, "filtered": False}
    assert prompt["blocked"] is False


def test_what_is_wrong_with_the_request_is_said_first(client: Client) -> None:
    error = client.refused("[content filter: prompt]", temperature=9)
    assert error["code"] != "content_filter"


def test_a_phrase_elsewhere_means_nothing(client: Client) -> None:
    body = {"metadata": {"about": "[content filter: prompt]"}}
    assert client.json("POST", "/conversations", body)["metadata"]
    assert client.create("[content filter: other]")["status"] == "completed"


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_filtered_reply_keeps_the_headers_of_the_gateway(
    client: Client, phrase: bytes
) -> None:
    body = {"model": "gpt-5-mini", "input": phrase.decode(), "stream": True}
    headers = client.send("POST", "/responses", body).headers
    assert headers["x-ms-rai-invoked"] == "true"
    assert "x-ratelimit-remaining-tokens" in headers


def test_filtered_replies_keep_to_azures_contract(client: Client) -> None:
    body = {"model": "gpt-5-mini"}
    assert not violations(
        client,
        "azure",
        [
            ("POST", "/responses", {**body, "input": phrase.decode(), "stream": stream})
            for phrase in PHRASES
            for stream in (False, True)
            # Azure itself breaks its contract here: its error is nested.
            if not (stream and phrase == b"[content filter: stream]")
        ],
    )


def test_the_readme_lists_every_phrase() -> None:
    text = (ROOT / "emulator" / "README.md").read_text("utf-8")
    for phrase, fault in PHRASES.items():
        assert f"| `{phrase.decode()}` | `{fault}` |" in text
