"""File search in responses: its results, filters and ranking options."""

from typing import Any

import pytest

from emulator.tests.conftest import Client
from emulator.tests.resources.test_container_files import uploaded

QUESTION = "Where do lions live, and where do tigers live?"
RESULTS = ["file_search_call.results"]
TEXTS = {
    "africa": b"Lions live in prides in Africa. A lion sleeps twenty hours a day.",
    "asia": b"Tigers live alone in Asia. A tiger can swim well.",
}


@pytest.fixture
def tool(client: Client) -> dict[str, Any]:
    """A file_search tool on a vector store of two files with attributes."""
    store = client.json("POST", "/vector_stores", {})["id"]
    for region, text in TEXTS.items():
        file = uploaded(client, text, f"{region}.txt")
        body = {"file_id": file, "attributes": {"region": region}}
        client.json("POST", f"/vector_stores/{store}/files", body)
    return {"type": "file_search", "vector_store_ids": [store]}


def found(client: Client, tool: dict[str, Any], include: Any = RESULTS) -> Any:
    response = client.create(QUESTION, tools=[tool], include=list(include))
    [call] = [i for i in response["output"] if i["type"] == "file_search_call"]
    return call["results"]


def names(results: list[dict[str, Any]]) -> set[str]:
    return {result["filename"] for result in results}


def test_results_come_only_when_asked_for(client: Client, tool: dict[str, Any]):
    assert found(client, tool, ()) is None
    results = found(client, tool)
    assert names(results) == {"africa.txt", "asia.txt"}
    for result in results:
        region = result["filename"].removesuffix(".txt")
        assert result["attributes"] == {"region": region}
        assert result["text"] == TEXTS[region].decode()
        assert 0 < result["score"] <= 1
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)


def test_a_filter_leaves_only_files_with_its_attributes(
    client: Client, tool: dict[str, Any]
):
    asia = {"type": "eq", "key": "region", "value": "asia"}
    assert names(found(client, {**tool, "filters": asia})) == {"asia.txt"}
    both = {"type": "or", "filters": [asia, {**asia, "value": "africa"}]}
    assert len(names(found(client, {**tool, "filters": both}))) == 2
    none = {"type": "and", "filters": [asia, {**asia, "type": "ne"}]}
    assert found(client, {**tool, "filters": none}) == []


def test_threshold_and_number_bound_the_results(client: Client, tool: dict[str, Any]):
    scores = [result["score"] for result in found(client, tool)]
    limit = {"score_threshold": scores[0]}
    kept = found(client, {**tool, "ranking_options": limit})
    assert [result["score"] for result in kept] == [s for s in scores if s >= scores[0]]
    assert len(found(client, {**tool, "max_num_results": 1})) == 1
    response = client.create("x", tools=[{**tool, "ranking_options": limit}])
    assert response["tools"][0]["ranking_options"] == {"ranker": "auto", **limit}


def test_weights_of_a_hybrid_search_are_refused_by_name(
    client: Client, tool: dict[str, Any]
):
    weights = {"hybrid_search": {"embedding_weight": 1, "text_weight": 1}}
    error = client.refused(tools=[{**tool, "ranking_options": weights}])
    assert error["param"] == "tools[0].ranking_options.hybrid_search"
    assert error["code"] == "not_supported_by_emulator"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("On which day is Gerda watered?", "Gerda is watered on Thursdays."),
        ("How long is a lunch break?", "A lunch break is 45 minutes."),
        ("Who repairs the printer?", "Ms Okafor repairs the printer."),
        ("What is the office plant called?", "The office plant is called Gerda."),
        ("On which day is the meeting?", "The files do not say anything about that."),
    ],
)
def test_a_question_of_any_kind_is_answered_from_its_passage(
    client: Client, question: str, answer: str
):
    facts = (
        b"The office plant is called Gerda.\n\nGerda is watered on Thursdays.\n\n"
        b"A lunch break is 45 minutes.\n\nMs Okafor repairs the printer.\n"
    )
    file = uploaded(client, facts, "office.txt")
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
    tool = {"type": "file_search", "vector_store_ids": [store]}
    message = client.create(question, tools=[tool])["output"][-1]
    assert message["content"][0]["text"] == answer
    cited = [each["file_id"] for each in message["content"][0]["annotations"]]
    assert cited == ([] if answer.startswith("The files") else [file])
