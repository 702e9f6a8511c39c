"""The content filter, brought about by test phrases."""

from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import Client
from emulator.tests.exchanges import violations
from responses_emulator.faults import PHRASES
from responses_emulator.faults.findings import CATEGORIES, NOTES

ROOT = Path(__file__).resolve().parents[3]
HARMS = ("hate", "sexual", "violence", "self_harm")
SAFE = {"filtered": False, "severity": "safe"}


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
    error = client.refused("[content filter: jailbreak]")
    assert set(error) == {"message", "type", "param", "code", "content_filters"}
    assert error["type"] == "invalid_request_error"
    [report] = error["content_filters"]
    results = report["content_filter_results"]
    assert set(results) == {*HARMS, "jailbreak"}
    assert results["jailbreak"] == {"detected": True, "filtered": True}
    assert results["violence"] == results["hate"] == SAFE
    offsets = report["content_filter_offsets"]
    assert set(offsets) == {"start_offset", "end_offset", "check_offset"}


def test_the_older_shape_has_an_innererror(client: Client) -> None:
    error = client.refused("[content filter: older shape]")
    assert set(error) == {"message", "type", "param", "code", "status", "innererror"}
    assert (error["code"], error["status"]) == ("content_filter", 400)
    assert error["type"] is None
    inner = error["innererror"]
    assert inner["code"] == "ResponsibleAIPolicyViolation"
    assert set(inner["content_filter_result"]) == {*HARMS, "jailbreak"}
    assert inner["content_filter_result"]["violence"]["filtered"] is True
    assert "content_filters" not in error


def test_where_nothing_is_filtered_both_sides_are_reported_safe(client: Client) -> None:
    created, *_, completed = client.events()
    assert created["response"]["content_filters"] is None
    entries = completed["response"]["content_filters"]
    assert [entry["source_type"] for entry in entries] == ["prompt", "completion"]
    for entry in entries:
        assert entry["blocked"] is False
        assert entry["content_filter_results"]["violence"] == SAFE


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


def results_of(response: dict[str, Any], source: str) -> dict[str, Any]:
    [report] = [r for r in response["content_filters"] if r["source_type"] == source]
    return report["content_filter_results"]


def test_every_entry_of_the_contract_can_be_had(client: Client) -> None:
    response = client.create("[content filter: every note]")

    entries = results_of(response, "prompt")
    assert set(entries) == set(CATEGORIES)
    assert entries["custom_blocklists"] == {
        "filtered": False,
        "details": [{"id": "emulator-blocklist", "filtered": False}],
    }
    assert entries["task_adherence"] == {"detected": True, "filtered": False}
    personal = entries["personally_identifiable_information"]
    [email] = personal["sub_categories"]
    assert email["sub_category"] == "Email"
    assert (email["detected"], email["filtered"], email["redacted"]) == (
        True,
        False,
        True,
    )
    assert entries["protected_material_code"]["citation"]["license"] == "MIT"
    assert entries["ungrounded_material"]["details"]


@pytest.mark.parametrize("category", [*CATEGORIES, "all"])
def test_whatever_is_found_can_block_and_cut(client: Client, category: str) -> None:
    client.emulator.faults.add("filter-prompt", category=category)
    [report] = client.refused()["content_filters"]
    blocked = {
        name
        for name, entry in report["content_filter_results"].items()
        if entry["filtered"]
    }
    assert blocked == (set(CATEGORIES) if category == "all" else {category})

    client.emulator.faults.add("filter-output", category=category)
    cut = client.create()
    assert cut["incomplete_details"] == {"reason": "content_filter"}
    for name in blocked:
        assert results_of(cut, "completion")[name]["filtered"]
        assert (
            name not in results_of(cut, "prompt")
            or not (results_of(cut, "prompt")[name]["filtered"])
        )


@pytest.mark.parametrize("source", ["prompt", "completion"])
@pytest.mark.parametrize("note", NOTES)
def test_a_note_is_on_the_prompt_or_on_the_answer(
    client: Client, note: str, source: str
) -> None:
    client.emulator.faults.add("filter-annotates", category=note, source=source)
    response = client.create()

    assert response["status"] == "completed"
    if note == "no-report":
        assert response["content_filters"] is None
        return
    entries = results_of(response, source)
    if note == "error":
        assert set(entries["error"]) == {"code", "message"}
    elif note == "null":
        assert entries["custom_blocklists"] is None
    else:
        assert note == "all" or note in entries
        assert not any(entry["filtered"] for entry in entries.values())
    other = "completion" if source == "prompt" else "prompt"
    assert results_of(response, other) == results_of(client.create(), other)


@pytest.mark.parametrize(("shape", "given"), [("none", False), ("null", True)])
def test_a_blocked_prompt_may_name_no_category(
    client: Client, shape: str, given: bool
) -> None:
    client.emulator.faults.add("filter-prompt", shape=shape)
    error = client.refused()

    assert error["code"] == "content_filter"
    assert ("content_filters" in error) is given
    assert not error.get("content_filters")
    assert "innererror" not in error


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
            # An entry that is null is none of the contract's.
            if phrase != b"[content filter: null]"
            # Azure itself breaks its contract here: its error is nested.
            and not (stream and phrase == b"[content filter: stream]")
        ],
    )


def test_the_readme_lists_every_phrase() -> None:
    text = (ROOT / "emulator" / "README.md").read_text("utf-8")
    for phrase, fault in PHRASES.items():
        assert f"| `{phrase.decode()}` | `{fault}` |" in text
