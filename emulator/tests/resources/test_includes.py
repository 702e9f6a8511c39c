"""`include`: stored whole, and shown by every place as it is asked to."""

import pytest

from emulator.tests.conftest import parse
from emulator.tests.resources.test_container_files import uploaded

CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
RESULTS = "file_search_call.results"
OUTPUTS = "code_interpreter_call.outputs"
SOURCES = "web_search_call.action.sources"
SEALED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"
SCREENSHOT = "computer_call_output.output.image_url"
KINDS = {
    RESULTS: "file_search_call",
    OUTPUTS: "code_interpreter_call",
    SOURCES: "web_search_call",
    SEALED: "reasoning",
    LOGPROBS: "message",
}


@pytest.fixture
def question(client):
    """What to ask so that an answer has what can be included."""
    store = client.json("POST", "/vector_stores", {})["id"]
    file = uploaded(client, b"Lions live in prides in Africa. " * 40, "lions.txt")
    client.json("POST", f"/vector_stores/{store}/files", {"file_id": file})
    search = {"type": "file_search", "vector_store_ids": [store]}

    def question(name):
        return {
            RESULTS: {"input": "Where do lions live?", "tools": [search]},
            OUTPUTS: {"input": "What is 17 * 23?", "tools": [CODE]},
            SOURCES: {
                "input": "How tall is the Eiffel Tower?",
                "tools": [{"type": "web_search"}],
                "model": "gpt-5.4-mini",
            },
            SEALED: {"input": "Hello."},
            LOGPROBS: {"input": "Hello.", "model": "gpt-5.4-mini"},
        }[name]

    return question


def item_of(items, name):
    [item] = [i for i in items if i["type"] == KINDS[name] and i.get("role") != "user"]
    return item


def included(items, name):
    """What may be included, wherever its item has it; empty if it is hidden."""
    item = item_of(items, name)
    if name == LOGPROBS:
        return item["content"][0]["logprobs"]
    if name == SOURCES:
        return item["action"].get("sources")
    return item.get(name.rpartition(".")[2])


@pytest.mark.parametrize("name", [RESULTS, OUTPUTS, SOURCES, SEALED])
def test_what_was_not_asked_for_at_first_is_shown_later(client, question, name):
    created = client.create(**question(name))
    path = f"/responses/{created['id']}"
    asked = client.create(**question(name), include=[name])

    assert not included(created["output"], name)
    assert not included(client.json("GET", path)["output"], name)
    later = included(client.json("GET", f"{path}?include[]={name}")["output"], name)
    assert later
    if name not in (SEALED, OUTPUTS):  # sealed anew each time; a program of its own
        assert later == included(asked["output"], name)


@pytest.mark.parametrize("name", [RESULTS, OUTPUTS, SOURCES, SEALED, LOGPROBS])
def test_what_was_asked_for_is_hidden_from_who_does_not_ask(client, question, name):
    created = client.create(**question(name), include=[name])
    path = f"/responses/{created['id']}"

    assert included(created["output"], name)
    assert not included(client.json("GET", path)["output"], name)
    again = client.json("GET", f"{path}?include[]={name}")
    assert included(again["output"], name)


@pytest.mark.parametrize("name", [RESULTS, OUTPUTS, SOURCES, SEALED, LOGPROBS])
def test_item_lists_show_it_as_asked(client, question, name):
    conversation = client.json("POST", "/conversations")["id"]
    body = question(name) | {"include": [name], "conversation": conversation}
    output = client.create(**body)["output"]
    model = body.get("model", "gpt-5-mini")
    thanks = {"role": "user", "content": "Thanks."}
    sent = client.create([*output, thanks], model=model)

    for path in (
        f"/conversations/{conversation}/items",
        f"/responses/{sent['id']}/input_items",
    ):
        plain = client.json("GET", path)["data"]
        whole = client.json("GET", f"{path}?include[]={name}")["data"]
        assert not included(plain, name)
        assert included(whole, name)
    [id] = [item["id"] for item in plain if item == item_of(plain, name)]
    one = f"/conversations/{conversation}/items/{id}"
    assert not included([client.json("GET", one)], name)
    assert included([client.json("GET", f"{one}?include[]={name}")], name)


@pytest.mark.parametrize("name", [RESULTS, OUTPUTS, SOURCES, SEALED, LOGPROBS])
@pytest.mark.parametrize("background", [False, True])
def test_a_stream_shows_it_in_the_item_and_at_the_end(
    client, question, name, background
):
    for include in ([], [name]):
        events = client.events(**question(name), include=include, background=background)
        done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
        end = events[-1]["response"]

        assert bool(included(done, name)) == bool(include)
        assert end["output"] == done


def test_a_resumed_stream_has_what_the_first_one_had_and_what_is_asked_for(
    client, question
):
    first = client.events(**question(OUTPUTS), include=[OUTPUTS], background=True)
    plain = client.events(**question(OUTPUTS), background=True)

    for events, query in ((first, ""), (plain, f"&include[]={OUTPUTS}")):
        path = f"/responses/{events[0]['response']['id']}?stream=true"
        resumed = list(parse(client.send("GET", path + query)))
        assert len(resumed) == len(events)
        assert included(resumed[-1]["response"]["output"], OUTPUTS)


def test_a_screenshot_is_listed_only_when_asked_for(client):
    url = "data:image/png;base64,AAAA"
    call = {
        "type": "computer_call",
        "id": "cu_1",
        "call_id": "call_1",
        "status": "completed",
        "action": {"type": "screenshot"},
        "pending_safety_checks": [],
    }
    output = {
        "type": "computer_call_output",
        "call_id": "call_1",
        "output": {"type": "computer_screenshot", "image_url": url},
    }
    items = [{"role": "user", "content": "Go on."}, call, output]
    id = client.json("POST", "/conversations", {"items": items})["id"]
    path = f"/conversations/{id}/items"

    assert "image_url" not in client.json("GET", path)["data"][0]["output"]
    [shown, *_] = client.json("GET", f"{path}?include[]={SCREENSHOT}")["data"]
    assert shown["output"]["image_url"] == url


def test_usage_does_not_depend_on_what_is_shown(client, question):
    plain = client.create(**question(RESULTS))
    whole = client.create(**question(RESULTS), include=[RESULTS])

    assert plain["usage"] == whole["usage"]
    usage = whole["usage"]
    written = (
        usage["output_tokens"] - usage["output_tokens_details"]["reasoning_tokens"]
    )
    [result, *_] = included(whole["output"], RESULTS)
    assert written < len(result["text"]) / 4  # the model reads results, it writes none


def test_what_cannot_be_included_is_refused_by_name_everywhere(client):
    conversation = client.json(
        "POST", "/conversations", {"items": [{"role": "user", "content": "Hello."}]}
    )["id"]
    id = client.create()["id"]

    for path in (
        f"/responses/{id}",
        f"/responses/{id}/input_items",
        f"/conversations/{conversation}/items",
    ):
        status, error = client.error("GET", f"{path}?include[]=web_search_call.results")
        assert (status, error["param"]) == (400, "include[0]")
        assert error["code"] == "not_supported_by_emulator"
