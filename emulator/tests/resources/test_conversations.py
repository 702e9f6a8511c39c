import pytest

from emulator.tests.conftest import parse, text

PICTURE = "https://example.com/cat.png"


def roles(client, id, query="?order=asc"):
    listed = client.json("GET", f"/conversations/{id}/items{query}")
    return [item.get("role") or item["type"] for item in listed["data"]]


def test_a_conversation_is_made_changed_and_deleted(client):
    made = client.json("POST", "/conversations", {"metadata": {"topic": "otters"}})
    path = f"/conversations/{made['id']}"

    assert made == {
        "id": made["id"],
        "object": "conversation",
        "created_at": int(client.clock()),
        "metadata": {"topic": "otters"},
    }
    assert client.json("GET", path) == made
    assert client.json("POST", path, {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    assert client.json("DELETE", path) == {
        "id": made["id"],
        "object": "conversation.deleted",
        "deleted": True,
    }
    assert client.error("GET", path)[0] == 404
    assert client.error("POST", f"{path}/items", {"items": []})[0] == 404


def test_a_conversation_may_be_made_without_a_body(client):
    assert client.json("POST", "/conversations")["metadata"] == {}


def test_items_are_added_listed_in_pages_retrieved_and_deleted(client):
    first = [{"role": "user", "content": f"Number {n}."} for n in range(3)]
    id = client.json("POST", "/conversations", {"items": first})["id"]
    path = f"/conversations/{id}/items"
    added = client.json(
        "POST", path, {"items": [{"role": "assistant", "content": "Four."}]}
    )
    [four] = added["data"]

    page = client.json("GET", f"{path}?limit=2")
    rest = client.json("GET", f"{path}?limit=2&after={page['last_id']}")

    assert (added["object"], added["has_more"]) == ("list", False)
    assert [item["role"] for item in page["data"]] == ["assistant", "user"]
    assert page["data"][0] == four == client.json("GET", f"{path}/{four['id']}")
    assert [page["has_more"], rest["has_more"]] == [True, False]
    assert [item["content"][0]["text"] for item in rest["data"]] == [
        "Number 1.",
        "Number 0.",
    ]
    assert client.json("DELETE", f"{path}/{four['id']}")["id"] == id
    assert client.error("GET", f"{path}/{four['id']}")[0] == 404
    assert roles(client, id) == ["user"] * 3


def test_at_most_twenty_items_are_added_at_once(client):
    items = [{"role": "user", "content": "Again."}] * 21
    id = client.json("POST", "/conversations")["id"]

    for path in ("/conversations", f"/conversations/{id}/items"):
        status, error = client.error("POST", path, {"items": items})
        assert (status, error["param"]) == (400, "items")
        assert error["code"] == "array_above_max_length"


@pytest.mark.parametrize(
    ("item", "place", "code"),
    [
        ({"type": "reasoning", "id": "rs_0", "summary": []}, "items", None),
        (
            {"type": "reasoning", "id": "rs_0", "summary": [], "encrypted_content": ""},
            None,
            "invalid_encrypted_content",
        ),
        ({"type": "item_reference", "id": "msg_0"}, "items", None),
        (
            {"type": "function_call_output", "output": "1"},
            "items[1].call_id",
            "missing_required_parameter",
        ),
        (
            {"type": "compaction_trigger"},
            "items[1].type",
            "not_supported_by_emulator",
        ),
        ({"type": "nonsense"}, "items[1]", "invalid_value"),
    ],
)
def test_an_error_names_the_place_in_the_conversations_items(client, item, place, code):
    items = {"items": [{"role": "user", "content": "Hello."}, item]}
    id = client.json("POST", "/conversations")["id"]

    for path in ("/conversations", f"/conversations/{id}/items"):
        status, error = client.error("POST", path, items)
        assert status in (400, 404)
        assert (error["param"], error["code"]) == (place, code)


def test_an_images_url_is_listed_only_when_asked_for(client):
    part = {"type": "input_image", "image_url": PICTURE}
    item = {"role": "user", "content": [part]}
    id = client.json("POST", "/conversations", {"items": [item]})["id"]
    path = f"/conversations/{id}/items"
    response = client.create([item])

    for place in (path, f"/responses/{response['id']}/input_items"):
        for query, url in (
            ("", None),
            ("?include[]=message.input_image.image_url", PICTURE),
        ):
            [listed] = client.json("GET", place + query)["data"]
            assert listed["content"][0]["image_url"] == url


@pytest.mark.parametrize("form", ["string", "object"])
def test_a_response_reads_its_conversation_and_adds_to_it(client, form):
    id = client.json(
        "POST",
        "/conversations",
        {"items": [{"role": "user", "content": "My name is Ada."}]},
    )["id"]
    named = id if form == "string" else {"id": id}

    first = client.create("What is my name?", conversation=named)
    client.create("Hello.", conversation=named, stream=False)

    assert "Ada" in text(first)
    assert first["conversation"] == {"id": id}
    assert first["previous_response_id"] is None
    assert roles(client, id) == [
        "user",
        *("user", "reasoning", "assistant"),
        *("user", "reasoning", "assistant"),
    ]


def test_a_streamed_response_adds_to_its_conversation_when_it_is_complete(client):
    id = client.json("POST", "/conversations")["id"]

    events = client.events("Hello.", conversation=id)

    assert events[-1]["response"]["conversation"] == {"id": id}
    assert roles(client, id) == ["user", "reasoning", "assistant"]


def test_a_background_response_adds_to_its_conversation_when_the_clock_says_so(client):
    id = client.json("POST", "/conversations")["id"]
    cancelled = client.create("Never mind.", conversation=id, background=True)
    client.json("POST", f"/responses/{cancelled['id']}/cancel")
    client.create("Hello.", conversation=id, background=True)

    assert roles(client, id) == []
    client.clock.now += client.emulator.world.background_seconds
    assert roles(client, id) == ["user", "reasoning", "assistant"]


@pytest.mark.parametrize("how", ["background", "stream"])
def test_a_conversation_makes_one_response_at_a_time(client, how):
    id = client.json("POST", "/conversations")["id"]
    other = client.json("POST", "/conversations")["id"]
    body = {"model": "gpt-5-mini", "input": "Hello.", "conversation": id, how: True}
    first = client.send("POST", "/responses", body)
    if how == "stream":
        assert next(parse(first))["type"] == "response.created"

    for named in (id, {"id": id}):
        status, error = client.error(
            "POST", "/responses", body | {"conversation": named}
        )
        assert (status, error) == (
            400,
            {
                "message": "Another process is currently operating on this "
                "conversation. Please retry in a few seconds.",
                "type": "invalid_request_error",
                "param": "conversation",
                "code": "conversation_locked",
            },
        )
    assert client.create("Hello.", conversation=other)["status"] == "completed"

    if how == "stream":
        list(parse(first))
    else:
        client.clock.now += client.emulator.world.background_seconds
    assert client.create("Hello.", conversation=id)["status"] == "completed"
    assert roles(client, id) == ["user", "reasoning", "assistant"] * 2


@pytest.mark.parametrize("how", ["left", "cancelled", "failed"])
def test_a_conversation_is_free_again_when_its_response_came_to_nothing(client, how):
    id = client.json("POST", "/conversations")["id"]
    body = {"model": "gpt-5-mini", "input": "Hello.", "conversation": id}
    if how == "failed":
        headers = {"x-emulator-fault": "failed"}
        client.send("POST", "/responses", body, **headers)
    elif how == "cancelled":
        made = client.create("Hello.", conversation=id, background=True)
        client.json("POST", f"/responses/{made['id']}/cancel")
    else:
        reply = client.send("POST", "/responses", body | {"stream": True})
        next(parse(reply))
        reply.body.close()

    assert client.create("Hello.", conversation=id)["status"] == "completed"


def test_a_conversations_item_can_be_sent_by_reference(client):
    item = {"role": "user", "content": "My name is Ada."}
    id = client.json("POST", "/conversations", {"items": [item]})["id"]
    [item] = client.json("GET", f"/conversations/{id}/items")["data"]
    reference = {"type": "item_reference", "id": item["id"]}
    question = {"role": "user", "content": "What is my name?"}

    assert "Ada" in text(client.create([reference, question]))


def test_an_item_that_was_deleted_cannot_be_sent_by_reference(client):
    item = {"role": "user", "content": "My name is Ada."}
    id = client.json("POST", "/conversations", {"items": [item]})["id"]
    [item] = client.json("GET", f"/conversations/{id}/items")["data"]
    client.json("DELETE", f"/conversations/{id}/items/{item['id']}")
    reference = {"type": "item_reference", "id": item["id"]}
    body = {"model": "gpt-5-mini", "input": [reference]}

    assert client.error("POST", "/responses", body)[0] == 400


def test_a_conversation_is_not_mixed_with_a_chain(client):
    id = client.json("POST", "/conversations")["id"]
    previous = client.create()["id"]

    error = client.refused(conversation=id, previous_response_id=previous)

    assert error["code"] == "mutually_exclusive_parameters"


def test_an_unknown_conversation_is_not_found(client):
    body = {"model": "gpt-5-mini", "input": "Hello.", "conversation": "conv_none"}

    assert client.error("POST", "/responses", body)[0] == 404


def test_a_deleted_item_is_held_by_nothing(client):
    first = [{"role": "user", "content": "a" * 1_000}, {"role": "user", "content": "b"}]
    id = client.json("POST", "/conversations", {"items": first})["id"]
    stored = client.emulator.store.conversations.get(id)
    item, left = list(stored.items)
    held = client.emulator.store.conversations.held
    client.json("DELETE", f"/conversations/{id}/items/{item['id']}")
    assert list(stored.items) == [left]
    assert stored.history.items.all() == [left]
    assert client.emulator.store.conversations.held < held - 1_000
