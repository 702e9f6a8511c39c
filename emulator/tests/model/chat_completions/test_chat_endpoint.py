"""Addresses of models: what is one, and whose key goes where."""

from typing import Any

import pytest

from responses_emulator.errors import ServiceError
from responses_emulator.model.chat_completions.chat_model import ChatModel
from responses_emulator.model.chat_completions.endpoint import (
    endpoint,
    named,
    origin,
)
from responses_emulator.model.chat_completions.served import Served, served

HERE = "http://127.0.0.1:11434/v1"
THERE = "http://127.0.0.1:11435/v1"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (HERE, HERE),
        (f"{HERE}/", HERE),
        (f"{HERE}/chat/completions", HERE),
        (f"{HERE}/models/", HERE),
        ("http://LOCALHOST:1", "http://LOCALHOST:1"),
        ("https://[::1]/v1", "https://[::1]/v1"),
    ],
)
def test_an_address_is_what_all_else_lies_below(url: str, kept: str) -> None:
    known = endpoint(url)
    assert known.url == kept
    assert known.is_here
    assert (known.model, known.key, known.timeout, known.parallel) == (None, "", 120, 4)


def test_another_machine_is_named_whatever_its_letters() -> None:
    known = endpoint("https://Models.Example/v1", allow=["models.EXAMPLE"])
    assert known.host == "models.example"
    assert not known.is_here


@pytest.mark.parametrize(
    ("url", "more", "why"),
    [
        (
            "https://models.example/v1",
            {},
            "models.example is another machine",
        ),
        ("https://models.example/v1", {"allow": ["example"]}, "is another machine"),
        ("ftp://127.0.0.1/v1", {}, "'ftp://127.0.0.1/v1' is no address of a model"),
        ("127.0.0.1:1/v1", {}, "is no address of a model"),
        ("http://", {}, "is no address of a model"),
        ("http://127.0.0.1:x/v1", {}, "is no address of a model"),
        ("http://[::1/v1", {}, "is no address of a model"),
        ("ftp://me:s3cret@127.0.0.1/v1", {}, "'ftp://***@127.0.0.1/v1' is no address"),
        ("ftp://127.0.0.1/?key=s3cret", {}, "'ftp://127.0.0.1/' is no address"),
        ("http://me:s3cret@127.0.0.1/v1", {}, "holds no password"),
        ("http://:s3cret@127.0.0.1/v1", {}, "holds no password"),
        ("http://me@127.0.0.1/v1", {}, "holds no password"),
        (f"{HERE}?key=s3cret", {}, f"'{HERE}': a model's address has nothing after"),
        (f"{HERE}#qwen3", {}, "has nothing after its path"),
        (HERE, {"timeout": 0}, "A model's timeout is from 0 to 86400 seconds, not 0."),
        (HERE, {"timeout": 86_401}, "not 86401."),
        (HERE, {"parallel": 0}, "A model takes from 1 to 32 requests at once, not 0."),
        (HERE, {"parallel": 33}, "not 33."),
        (HERE, {"key": "s3cr\u00e9t"}, "letters that no header can carry"),
        (HERE, {"key": "s3cret\n"}, "letters that no header can carry"),
    ],
)
def test_what_is_no_address_is_told_without_a_secret(
    url: str, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError) as told:
        endpoint(url, **more)
    assert why in str(told.value)
    assert "s3cr" not in str(told.value)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize(
    "more", [{"timeout": 86_400}, {"timeout": 0.1}, {"parallel": 1}, {"parallel": 32}]
)
def test_what_is_within_bounds_is_taken(more: dict[str, Any]) -> None:
    known = endpoint(HERE, key="s3cret", model="qwen3", **more)
    assert {name: getattr(known, name) for name in more} == more
    assert (known.key, known.model) == ("s3cret", "qwen3")
    assert "s3cret" not in repr(known)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"gpt-4.1={HERE}", ("gpt-4.1", HERE, None)),
        (f"gpt-4.1={HERE}#qwen3", ("gpt-4.1", HERE, "qwen3")),
        (f"gpt-4.1={HERE}#", ("gpt-4.1", HERE, None)),
        ("a=http://b/?c=d", ("a", "http://b/?c=d", None)),
        ("gpt-4.1", None),
        (f"={HERE}", None),
        ("gpt-4.1=", None),
        ("gpt-4.1=#qwen3", None),
    ],
)
def test_a_deployment_has_an_address(text: str, parts: Any) -> None:
    if parts:
        assert named(text) == parts
        return
    with pytest.raises(ValueError, match="expected NAME=URL or NAME=URL#MODEL"):
        named(text)


def test_an_origin_is_a_scheme_a_host_and_a_port() -> None:
    assert origin("http://LocalHost:1/v1") == ("http", "localhost", 1)
    assert origin("https://models.example/v1") == ("https", "models.example", None)


# Those that were named


def keys(found: Served) -> list[str]:
    models = [found.default, *found.of.values()]
    return [each.endpoint.key for each in models if isinstance(each, ChatModel)]


def test_a_key_goes_to_one_place_and_all_that_is_there() -> None:
    both = {"a": f"{HERE}#one", "b": THERE}
    assert keys(served(url=HERE, key="k", models=both)) == ["k", "k", ""]
    assert keys(served(url=THERE, key="k", models=both)) == ["k", "", "k"]
    assert keys(served(key="k", models={"a": HERE, "b": f"{HERE}#x"})) == ["k", "k"]
    assert keys(served(models=both)) == ["", ""]
    for models in (both, {}, None):
        with pytest.raises(ValueError, match="Whose key it is"):
            served(key="k", models=models)


def test_who_is_named_answers() -> None:
    assert served() == Served()
    mine = ChatModel(endpoint(HERE))
    found = served(url=HERE, name="qwen3", models={"a": f"{THERE}#b", "c": mine})
    assert isinstance(found.default, ChatModel)
    assert found.default.endpoint.model == "qwen3"
    first = found.of["a"]
    assert isinstance(first, ChatModel)
    assert (first.endpoint.url, first.endpoint.model) == (THERE, "b")
    assert found.of["c"] is mine
    names = [each.name for each in found.deployments([])]
    assert names == ["a", "c"]
    known = found.deployments([])[:1]
    assert found.deployments(known)[0] is known[0]
    assert [each.name for each in found.deployments(known)] == ["a", "c"]


def test_what_lacks_its_address_is_told() -> None:
    with pytest.raises(ValueError, match="name without its address"):
        served(name="qwen3")
    with pytest.raises(ValueError, match="host without its address"):
        served(allow=["models.example"])
    there = "https://models.example/v1"
    assert served(allow=["models.example"], models={"a": there}).of
    assert served(allow=["models.example"], url=there, timeout=3, parallel=2).default


def greetings(
    monkeypatch: pytest.MonkeyPatch, listed: list[str] | ServiceError, **more: Any
) -> list[str]:
    def told(_self: Any) -> list[str]:
        if isinstance(listed, list):
            return listed
        raise listed

    name = "responses_emulator.model.chat_completions.client.Client.listed"
    monkeypatch.setattr(name, told)
    return list(served(**more).greetings())


def test_each_is_greeted(monkeypatch: pytest.MonkeyPatch) -> None:
    there = "https://models.example/v1"
    listed = [f"m{number}" for number in range(9)]
    assert greetings(
        monkeypatch,
        listed,
        url=HERE,
        models={"a": f"{HERE}#m1", "b": f"{there}#other", "c": object()},
        allow=["models.example"],
    ) == [
        f"Answers come from m0 at {HERE}.",
        f"Answers of a come from m1 at {HERE}.",
        f"Answers of b come from other at {there}: what you ask goes to "
        "models.example, another machine, which lists other models: "
        "m0, m1, m2, m3, m4, m5, m6, m7.",
    ]
    of_version = greetings(monkeypatch, ["x", "qwen3:latest"], url=HERE, name="qwen3")
    assert of_version == [f"Answers come from qwen3 at {HERE}."]
    other = greetings(monkeypatch, ["qwen3-coder"], url=HERE, name="qwen3")
    assert "lists other models: qwen3-coder." in other[0]
    assert greetings(monkeypatch, listed) == []


def test_who_is_not_there_is_greeted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = ServiceError(503, {"error": {"message": "It is down."}})
    ends = "It is down. Served all the same."
    assert greetings(monkeypatch, error, url=HERE) == [
        f"Answers come at {HERE}. {ends}"
    ]
    assert greetings(monkeypatch, error, url=HERE, name="qwen3") == [
        f"Answers come from qwen3 at {HERE}. {ends}"
    ]
