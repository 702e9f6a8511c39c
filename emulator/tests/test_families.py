"""What each family of models takes, and what it does unless told otherwise."""

import re

import pytest

from emulator.tests.conftest import Client, kinds
from responses_emulator.account import DEPLOYMENTS, IMAGE_MODEL, MODEL, deployment
from responses_emulator.families import EXAMPLES, FAMILIES, family

TO_XHIGH = "none low medium high xhigh"
TO_MAX = f"{TO_XHIGH} max"
# Model, the efforts that it knows, what it does unless asked.
EFFORTS = [
    ("gpt-5-mini", "minimal low medium high", "medium"),
    ("gpt-5-2025-08-07", "minimal low medium high", "medium"),
    ("gpt-5-codex", "low medium high", "medium"),
    ("gpt-5-pro", "high", "high"),
    ("gpt-5.1", "none low medium high", "none"),
    ("gpt-5.1-chat", "medium", "medium"),
    ("gpt-5.1-codex", "low medium high", "medium"),
    ("gpt-5.1-codex-max", "low medium high xhigh", "medium"),
    ("gpt-5.3-codex", TO_XHIGH, "none"),
    ("gpt-5.2-codex", "low medium high xhigh", "medium"),
    ("gpt-5.2", TO_XHIGH, "none"),
    ("gpt-5.4", TO_XHIGH, "none"),
    ("gpt-5.4-mini", TO_XHIGH, "none"),
    ("gpt-5.4-nano-2026-03-17", TO_XHIGH, "none"),
    ("gpt-5.4-pro", "medium high xhigh", "medium"),
    ("gpt-5.5", TO_XHIGH, "medium"),
    ("gpt-5.6-sol", TO_MAX, "medium"),
    ("gpt-6-luna", TO_MAX, "medium"),
    ("gpt-6-astra", "low medium high xhigh max", "medium"),
    ("gpt-5-nano", "minimal low medium high", "medium"),
    ("gpt-5-codex-mini", "low medium high", "medium"),
    ("gpt-5.1-2025-11-13", "none low medium high", "none"),
    ("gpt-5.1-codex-mini", "low medium high", "medium"),
    ("gpt-5.2-pro", "medium high xhigh", "medium"),
    ("gpt-5.3-chat", "medium", "medium"),
    ("gpt-5.3-codex-2026-02-24", TO_XHIGH, "none"),
    ("gpt-5.3-codex-spark", "low medium high xhigh", "medium"),
    ("gpt-5.3", TO_XHIGH, "none"),
    ("gpt-6.1-astra", "low medium high xhigh max", "medium"),
    ("gpt-6.1-sol", "low medium high xhigh max", "medium"),
    ("gpt-6.1-luna", TO_MAX, "medium"),
    ("gpt-5.6", TO_MAX, "medium"),
    ("gpt-6", TO_MAX, "medium"),
    ("o3", "low medium high", "medium"),
    ("o4-mini-2025-04-16", "low medium high", "medium"),
]
# Model, all the tokens that it can hold, and how many of them an answer may have, as
# Microsoft Learn lists them; what is left is for the input. Where the pages say nothing
# of a newer model yet, it is as the last one of its kind.
WINDOWS = [
    ("gpt-4.1-mini", 1_047_576, 0),  # the answer comes on top
    ("gpt-4o-mini", 128_000, 0),
    ("o1", 200_000, 0),
    ("o3-pro", 200_000, 0),
    ("o4-mini", 200_000, 0),
    ("o3-deep-research", 200_000, 0),
    ("gpt-5-chat", 128_000, 0),
    ("gpt-5.1-chat", 128_000, 16_384),
    ("gpt-5.3-chat", 128_000, 16_384),
    ("gpt-5-pro", 400_000, 128_000),
    ("gpt-5-codex", 400_000, 128_000),
    ("gpt-5-mini", 400_000, 128_000),
    ("gpt-5.1", 400_000, 128_000),
    ("gpt-5.1-codex", 400_000, 128_000),
    ("gpt-5.1-codex-max", 400_000, 128_000),
    ("gpt-5.2", 400_000, 128_000),
    ("gpt-5.2-codex", 400_000, 128_000),
    ("gpt-5.2-pro", 400_000, 128_000),
    ("gpt-5.3-codex", 400_000, 128_000),
    ("gpt-5.3-codex-spark", 400_000, 128_000),
    ("gpt-5.4-mini", 400_000, 128_000),
    ("gpt-5.4-nano-2026-03-17", 400_000, 128_000),
    ("gpt-5.4", 1_050_000, 128_000),
    ("gpt-5.4-pro", 1_050_000, 128_000),
    ("gpt-5.5", 1_050_000, 128_000),
    ("gpt-5.6-sol", 1_050_000, 128_000),
    ("gpt-6-luna", 1_050_000, 128_000),
    ("gpt-6-astra", 1_050_000, 128_000),
]
ALL = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
THINKING = {"effort": "low"}


def with_model(client: Client, model: str) -> Client:
    client.emulator.world.deployments[model] = deployment(model)
    return client


def test_what_is_built_in() -> None:
    assert [each.name for each in DEPLOYMENTS] == [
        "gpt-6-luna",
        "gpt-5.4-mini",
        "gpt-5.6-sol",
        "gpt-5-mini",
        "gpt-image-2.5-flare",
        "gpt-6-luna-batch",
    ]
    assert (MODEL, IMAGE_MODEL) == ("gpt-6-luna", "gpt-image-2.5-flare")
    *online, batch = DEPLOYMENTS
    assert all(each.name == each.model and not each.is_batch for each in online)
    assert (batch.model, batch.is_batch) == (MODEL, True)


@pytest.mark.parametrize(("model", "efforts", "default"), EFFORTS)
def test_a_model_takes_the_efforts_that_it_knows(client, model, efforts, default):
    with_model(client, model)
    known = efforts.split()

    for effort in known:
        response = client.create(model=model, reasoning={"effort": effort})
        assert response["reasoning"]["effort"] == effort
    for effort in set(ALL) - set(known):
        error = client.refused(model=model, reasoning={"effort": effort})
        assert (error["param"], error["code"]) == (
            "reasoning.effort",
            "unsupported_value",
        )
        told = re.findall(r"'(\w+)'", error["message"].partition("values are")[2])
        assert told == known
    assert client.create(model=model)["reasoning"]["effort"] == default


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("model", "_efforts", "default"), EFFORTS)
def test_only_a_model_that_thinks_has_a_reasoning_item(
    client, model, _efforts, default, stream
):
    with_model(client, model)
    if stream and model == "gpt-5-pro":
        return  # which has no streams
    asked = {"model": model, "reasoning": {"summary": "auto"}}
    response = (
        client.events(**asked)[-1]["response"] if stream else client.create(**asked)
    )

    thought = response["usage"]["output_tokens_details"]["reasoning_tokens"]
    assert kinds(response) == (
        ["message"] if default == "none" else ["reasoning", "message"]
    )
    assert (thought > 0) is (default != "none")


@pytest.mark.parametrize(
    ("model", "reasoning", "taken"),
    [
        ("gpt-5-mini", None, False),
        ("gpt-5-mini", {"effort": "minimal"}, False),
        ("gpt-5.1", None, True),
        ("gpt-5.1-chat", None, False),
        ("gpt-5.2-codex", None, False),
        ("gpt-5.3-codex", None, True),
        ("gpt-5.4-mini", None, True),
        ("gpt-5.4-mini", {"effort": "none"}, True),
        ("gpt-5.4-mini", THINKING, False),
        ("gpt-5.6-sol", None, False),
        ("gpt-5.6-sol", {"effort": "none"}, True),
        ("gpt-6-luna", None, False),
        ("gpt-6-luna", {"effort": "none"}, True),
        ("gpt-6-astra", None, False),
        ("o4-mini", None, False),
        ("gpt-4.1", None, True),
    ],
)
def test_sampling_is_for_models_that_do_not_think(client, model, reasoning, taken):
    with_model(client, model)
    for sampling, param in (
        ({"temperature": 0.5}, "temperature"),
        ({"top_p": 0.5}, "top_p"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
    ):
        body = {"model": model, "reasoning": reasoning, **sampling}
        if taken:
            response = client.create(**body)
            assert response.get(param, sampling[param]) == sampling[param]
        else:
            assert client.refused(**body)["param"] == param


@pytest.mark.parametrize(
    ("model", "asked", "place", "supported"),
    [
        (
            "gpt-5-mini",
            {"reasoning": {"summary": "concise"}},
            "reasoning.summary",
            "'detailed'",
        ),
        ("gpt-4.1", {"text": {"verbosity": "low"}}, "text.verbosity", "'medium'"),
    ],
)
def test_a_model_takes_only_the_values_that_it_knows(
    client, model, asked, place, supported
):
    error = with_model(client, model).refused(model=model, **asked)

    assert (error["param"], error["code"]) == (place, "unsupported_value")
    assert error["message"].endswith(f"Supported values are: {supported}.")


def test_a_newer_model_takes_a_concise_summary(client):
    reasoning = {"effort": "low", "summary": "concise"}
    response = client.create(model="gpt-5.4-mini", reasoning=reasoning)

    assert response["reasoning"] == reasoning
    assert response["output"][0]["summary"]


def test_a_model_that_cannot_think_takes_no_effort(client):
    with_model(client, "gpt-4.1")

    assert client.create(model="gpt-4.1")["reasoning"]["effort"] is None
    error = client.refused(model="gpt-4.1", reasoning=THINKING)
    assert (error["param"], error["code"]) == (
        "reasoning.effort",
        "unsupported_parameter",
    )
    sealed = client.refused(model="gpt-4.1", include=["reasoning.encrypted_content"])
    assert sealed["param"] == "include"


@pytest.mark.parametrize("context", ["auto", "current_turn", "all_turns"])
def test_how_many_thoughts_are_read_again_is_taken_and_told(client, context):
    response = client.create(model="gpt-6-luna", reasoning={"context": context})

    assert response["reasoning"]["context"] == context
    assert "context" not in client.create(model="gpt-6-luna")["reasoning"]


@pytest.mark.parametrize("effort", [None, "low"])
def test_what_a_newer_model_thought_can_be_sealed(client, effort):
    response = client.create(
        model="gpt-5.4-mini",
        reasoning={"effort": effort},
        store=False,
        include=["reasoning.encrypted_content"],
    )

    thoughts = [item for item in response["output"] if item["type"] == "reasoning"]
    assert len(thoughts) == (1 if effort else 0)
    assert all(item["encrypted_content"] for item in thoughts)


@pytest.mark.parametrize(
    ("model", "has_it"),
    [
        ("gpt-5-mini", False),
        ("gpt-5.2", False),
        ("gpt-5.3-codex", False),
        ("gpt-5.4-nano", False),
        ("gpt-5.4", True),
        ("gpt-5.4-mini", True),
        ("gpt-5.4-pro", True),
        ("gpt-5.6-sol", True),
        ("gpt-6-luna", True),
        ("gpt-4.1", False),
    ],
)
def test_tools_are_searched_from_gpt_5_4_on(client, model, has_it):
    with_model(client, model)
    body = {"model": model, "tools": [{"type": "tool_search"}]}
    if has_it:
        assert client.create(**body)["status"] == "completed"
        return

    assert client.refused(**body) == {
        "message": f"Tool 'tool_search' is not supported with {model}.",
        "type": "invalid_request_error",
        "param": "tools",
        "code": None,
    }


@pytest.mark.parametrize(("model", "holds", "answers"), WINDOWS)
def test_a_model_reads_so_many_tokens(model, holds, answers):
    found = family(model)
    assert found is not None
    assert found.context_window == holds - answers


def test_the_last_token_of_a_window_is_read_and_no_more(client):
    with_model(client, "gpt-5.1-chat")
    most = 128_000 - 16_384
    beside = client.create("abc ", model="gpt-5.1-chat")["usage"]["input_tokens"] - 1
    fits = client.create("abc " * (most - beside), model="gpt-5.1-chat")
    assert fits["usage"]["input_tokens"] == most
    error = client.refused("abc " * (most - beside + 1), model="gpt-5.1-chat")
    assert error["code"] == "context_length_exceeded"


@pytest.mark.parametrize(
    ("model", "tells"),
    [
        *(("gpt-4.1", False), ("o3", False), ("gpt-5-mini", False), ("gpt-5.1", False)),
        *(("gpt-5.2", False), ("gpt-5.2-pro", False), ("gpt-5.2-codex", False)),
        *(("gpt-5.3-codex", True), ("gpt-5.3-codex-spark", True), ("gpt-5.4", True)),
        *(("gpt-5.4-mini", True), ("gpt-5.4-nano", True), ("gpt-5.4-pro", True)),
        *(("gpt-5.5", True), ("gpt-5.6-sol", True), ("gpt-6-luna", True)),
        ("gpt-6-astra", True),
    ],
)
def test_a_newer_model_tells_which_message_is_the_answer(client, model, tells):
    [*_, message] = with_model(client, model).create(model=model)["output"]
    assert message.get("phase") == ("final_answer" if tells else None)


@pytest.mark.parametrize(("model", "efforts", "_default"), EFFORTS)
def test_a_model_sums_up_in_the_ways_that_it_knows(client, model, efforts, _default):
    with_model(client, model)
    effort = efforts.split()[-1]
    for summary in ("auto", "detailed", "concise"):
        asked = {"effort": effort, "summary": summary}
        if summary == "concise" and efforts.startswith("minimal"):
            error = client.refused(model=model, reasoning=asked)
            assert error["message"].endswith("Supported values are: 'detailed'.")
        else:
            response = client.create(model=model, reasoning=asked)
            assert response["output"][0]["summary"]


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-2.5-flare"])
def test_a_model_that_draws_does_nothing_else(client, model):
    found = family(model)
    assert found is not None and found.draws and not found.reasons
    with_model(client, model)
    status, error = client.error("POST", "/responses", {"model": model, "input": "Hi."})
    assert status == 400
    assert error["code"] == "OperationNotSupported"


@pytest.mark.parametrize(
    ("model", "researches"),
    [
        *(("o3-deep-research", True), ("o4-mini-deep-research", True)),
        *(("o3-deep-research-2025-06-26", True), ("o3", False), ("o4-mini", False)),
    ],
)
def test_some_models_do_nothing_but_research(client, model, researches):
    with_model(client, model)
    body = {"model": model, "input": "Hi."}
    reply = client.send("POST", "/responses", body)
    assert (reply.status == 400) is researches  # it has nothing to search


@pytest.mark.parametrize(
    "model", ["gpt-40", "gpt-9", "gpt-5x", "o2", "gpt-6luna", "", "model-router"]
)
def test_what_is_no_model_has_no_family(model):
    assert family(model) is None


def test_the_examples_are_models_and_each_default_is_an_effort_of_its_model():
    assert all(family(model) for model in EXAMPLES.split(", "))
    for each in FAMILIES:
        assert each.default_effort in (*each.efforts, None)
        assert bool(each.default_effort) == each.reasons
