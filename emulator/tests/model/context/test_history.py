from collections.abc import Iterator

import orjson
import pytest

from emulator.tests.conftest import text
from responses_emulator.account import KEY
from responses_emulator.core import Emulator
from responses_emulator.http import Request
from responses_emulator.model.context import history as histories
from responses_emulator.model.context.grown import Grown
from responses_emulator.model.context.history import History, all_as_read, as_read
from responses_emulator.model.context.prompt_cache import Piece, Prefixes
from responses_emulator.model.estimates import tokens
from responses_emulator.model.turn import Turn

PATH = "/openai/v1/responses"


def message(role: str, text: str) -> dict:
    kind = "output_text" if role == "assistant" else "input_text"
    content = [{"type": kind, "text": text}]
    return {"id": f"msg_{text}", "type": "message", "role": role, "content": content}


def send(emulator: Emulator, method: str, path: str, **body: object) -> dict:
    headers, content = {"api-key": KEY}, b""
    if method == "POST":
        headers["content-type"] = "application/json"
        content = orjson.dumps(body)
    return orjson.loads(emulator.handle(Request(method, path, headers, content)).body)


def test_a_list_stays_as_it_is_when_two_grow_from_it():
    first = Grown[int]().plus([1, 2])
    second, third = first.plus([3]), first.plus([4, 5])

    assert (first.all(), second.all(), third.all()) == ([1, 2], [1, 2, 3], [1, 2, 4, 5])
    assert (len(first), len(second.plus([6])), len(third)) == (2, 4, 4)
    assert len(Grown[int]()) == 0


def test_a_list_that_is_grown_once_shares_its_entries():
    first = Grown[int]().plus([1, 2])
    assert first.plus([3])._entries is first._entries
    assert first.plus([4])._entries is not first._entries  # which has a 3 by now


def test_a_digest_tells_what_reading_all_items_would():
    call = {"id": "fc_1", "type": "function_call", "call_id": "c", "arguments": "{}"}
    picture = {"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}
    items = [
        message("user", "one"),
        {"id": "rs_1", "type": "reasoning", "summary": []},
        message("assistant", "two"),
        {"id": "msg_p", "type": "message", **picture},
        call,
        message("user", "three"),
    ]
    items[2]["content"][0]["text"] = "two " * 2000
    head = [as_read("rules"), as_read([])]
    prompt = Prefixes("scope").plus([*head, *all_as_read(items)])
    for at in range(len(items)):
        history = History().plus(items[:at])
        digest = history.digest(items[at:])
        turn, read = Turn(items, digest=digest), Turn(items)

        assert turn.said_before == read.said_before == ["one", ""]
        assert turn.special == read.special == [items[3], call]
        assert digest.tokens == tokens.count_items(items)
        assert digest.prefixes("scope", head).of(2000) == prompt.of(2000) != []
        longer = history.plus(items[at:])
        assert longer.prefixes("scope", head).of(2000) == prompt.of(2000)
        assert longer.prefixes("scope", [as_read("others")]).of(2000) != prompt.of(2000)
        assert history.plus(items[at:]).items.all() == items


@pytest.fixture
def chain() -> tuple[Emulator, list[dict]]:
    """Three turns by `previous_response_id`."""
    emulator, turns = Emulator(), []
    for said in ("My name is Ada.", "I live in Oslo.", "Hello"):
        previous = turns[-1]["id"] if turns else None
        asked = {"model": "gpt-5-mini", "input": said, "previous_response_id": previous}
        turns.append(send(emulator, "POST", PATH, **asked))
    return emulator, turns


def ask(emulator: Emulator, previous: dict, text: str) -> dict:
    asked = {"model": "gpt-5-mini", "input": text}
    return send(emulator, "POST", PATH, **asked, previous_response_id=previous["id"])


def test_each_turn_counts_the_tokens_of_all_before_it(chain):
    emulator, turns = chain
    used = [turn["usage"]["input_tokens"] for turn in turns]

    assert used == sorted(used)
    again = ask(emulator, turns[1], "Hello")  # branches off where the third turn did
    assert again["usage"]["input_tokens"] == used[2]
    assert again["output"][-1]["content"] == turns[2]["output"][-1]["content"]


def test_a_branch_knows_nothing_of_the_other(chain):
    emulator, turns = chain
    told = ask(emulator, turns[0], "Where do I live?")

    assert "Oslo" not in text(told)
    told = ask(emulator, turns[2], "Where do I live?")
    assert "Oslo" in text(told)


def test_a_chain_breaks_where_a_response_was_deleted(chain):
    emulator, turns = chain
    assert ask(emulator, turns[2], "Hi")["status"] == "completed"
    send(emulator, "DELETE", f"{PATH}/{turns[1]['id']}")

    assert ask(emulator, turns[2], "Hi")["error"]["code"] == (
        "previous_response_not_found"
    )
    assert ask(emulator, turns[0], "Hi")["status"] == "completed"


def test_a_conversation_forgets_what_was_deleted_from_it():
    emulator = Emulator()
    conversation = send(emulator, "POST", "/openai/v1/conversations")
    asked = {"model": "gpt-5-mini", "conversation": conversation["id"]}
    send(emulator, "POST", PATH, **asked, input="I\u2019m Ada.")
    known = send(emulator, "POST", PATH, **asked, input="What is my name?")
    items = f"/openai/v1/conversations/{conversation['id']}/items"
    first = send(emulator, "GET", f"{items}?order=asc")["data"][0]
    send(emulator, "DELETE", f"{items}/{first['id']}")
    forgotten = send(emulator, "POST", PATH, **asked, input="What is my name?")

    assert text(known) == "You said: \u201cI'm Ada.\u201d"
    assert "Ada" not in text(forgotten)


@pytest.mark.parametrize("shared", [True, False])
def test_a_long_chain_reads_no_item_of_its_past(monkeypatch, shared):
    emulator, read = Emulator(), 0
    count, as_hashed = tokens.count_items, histories.all_as_read

    def counted(items: list[dict]) -> int:
        nonlocal read
        read += len(items)
        return count(items)

    def hashed(items: list[dict]) -> Iterator[Piece]:
        nonlocal read
        pieces = list(as_hashed(items))
        read += len(pieces)
        return iter(pieces)

    monkeypatch.setattr(tokens, "count_items", counted)
    monkeypatch.setattr(histories, "all_as_read", hashed)
    asked: dict[str, object] = {"model": "gpt-5-mini", "input": "Hello. " * 200}
    if shared:
        conversation = send(emulator, "POST", "/openai/v1/conversations")
        asked["conversation"] = conversation["id"]
    costs: list[int] = []
    for _ in range(60):
        before = read
        last = send(emulator, "POST", PATH, **asked)
        costs.append(read - before)
        if not shared:
            asked["previous_response_id"] = last["id"]

    assert last["usage"]["input_tokens_details"]["cached_tokens"] > 20_000
    assert costs[-1] == costs[10] < 15
