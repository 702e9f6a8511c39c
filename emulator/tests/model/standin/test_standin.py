import orjson
import pytest

from emulator.tests.conftest import kinds, parse, text

LEARN = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",
}
QUESTION = "Look up how to use structured outputs."


# MCP


def test_mcp_lists_its_tools_once_in_a_conversation(client):
    first = client.create(QUESTION, tools=[LEARN])
    second = client.create(QUESTION, tools=[LEARN], previous_response_id=first["id"])

    assert kinds(first) == ["reasoning", "mcp_list_tools", "mcp_call", "message"]
    assert "mcp_list_tools" not in kinds(second)
    assert "mcp_call" in kinds(second)


def test_no_tool_is_asked_what_the_user_has_said(client):
    first = client.create("My name is Ada.", tools=[LEARN])
    again = {"tools": [LEARN], "previous_response_id": first["id"]}

    answer = client.create("What is my name?", **again)
    assert "Ada" in text(answer)
    assert "mcp_call" not in kinds(answer)
    forced = client.create(
        "What is my name?",
        tool_choice={"type": "mcp", "server_label": "mslearn"},
        **again,
    )
    assert "mcp_call" in kinds(forced)


@pytest.mark.parametrize("rule", [None, "always", {"never": {"tool_names": ["other"]}}])
def test_mcp_asks_for_approval_unless_told_otherwise(client, rule):
    tool = {k: v for k, v in LEARN.items() if k != "require_approval"}
    if rule is not None:
        tool["require_approval"] = rule
    first = client.create(QUESTION, tools=[tool])
    assert kinds(first)[-1] == "mcp_approval_request"
    request = first["output"][-1]

    def decide(approve):
        answer = {
            "type": "mcp_approval_response",
            "approval_request_id": request["id"],
            "approve": approve,
        }
        return client.create([answer], tools=[tool], previous_response_id=first["id"])

    assert kinds(decide(True)) == ["mcp_call", "message"]
    assert kinds(decide(False)) == ["message"]


def test_mcp_never_asks_for_tools_that_are_named_as_safe(client):
    rule = {"never": {"tool_names": ["microsoft_docs_search"]}}
    response = client.create(QUESTION, tools=[LEARN | {"require_approval": rule}])

    assert "mcp_approval_request" not in kinds(response)


def test_mcp_offers_only_the_allowed_tools(client):
    allowed = ["microsoft_docs_search"]
    response = client.create(QUESTION, tools=[LEARN | {"allowed_tools": allowed}])

    [listed] = [i for i in response["output"] if i["type"] == "mcp_list_tools"]
    assert [tool["name"] for tool in listed["tools"]] == allowed


def test_mcp_servers_that_cannot_be_reached_get_a_424(client):
    tool = LEARN | {"server_url": "https://example.com/mcp"}
    status, error = client.error(
        "POST", "/responses", {"model": "gpt-5-mini", "input": "x", "tools": [tool]}
    )

    assert status == 424
    assert "mslearn" in error["message"]
    assert len(client.emulator.store.responses) == 0


def test_mcp_credentials_are_neither_echoed_nor_stored(client):
    tool = LEARN | {
        "authorization": "secret-token",
        "headers": {"x-api-key": "secret-header"},
    }
    response = client.create(QUESTION, tools=[tool])

    shown = orjson.dumps([response, client.json("GET", f"/responses/{response['id']}")])
    assert b"secret" not in shown
    assert response["tools"][0]["headers"] == {"x-api-key": "<redacted>"}


# Image generation


def draw(client, **tool):
    return client.send(
        "POST",
        "/responses",
        {
            "model": "gpt-5-mini",
            "input": "Draw a red house.",
            "tools": [{"type": "image_generation", **tool}],
        },
        x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
    )


@pytest.mark.parametrize(
    ("asked", "size", "kind"),
    [
        ({}, (1024, 1024), "PNG"),
        ({"size": "1536x1024", "output_format": "jpeg"}, (1536, 1024), "JPEG"),
        ({"size": "auto", "output_format": "webp"}, (1024, 1024), "WEBP"),
    ],
)
def test_a_picture_has_the_size_and_format_asked_for(client, asked, size, kind):
    import base64
    import io

    from PIL import Image

    response = orjson.loads(draw(client, **asked).body)

    [call] = [i for i in response["output"] if i["type"] == "image_generation_call"]
    picture = Image.open(io.BytesIO(base64.b64decode(call["result"])))
    assert (picture.size, picture.format) == (size, kind)


@pytest.mark.parametrize(
    "asked",
    [
        {"size": "7x7"},
        {"partial_images": 4},
        {"quality": "superb"},
        {"output_format": "gif"},
        {"output_format": "jpeg", "background": "transparent"},
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused(client, asked):
    assert draw(client, **asked).status == 400


@pytest.mark.parametrize(("name", "status"), [("nothing", 404), ("gpt-5.4-mini", 400)])
def test_the_image_header_must_name_an_image_deployment(client, name, status):
    body = {
        "model": "gpt-5-mini",
        "input": "Draw a house.",
        "tools": [{"type": "image_generation"}],
    }
    answered, _ = client.error(
        "POST", "/responses", body, x_ms_oai_image_generation_deployment=name
    )

    assert answered == status


def test_no_picture_is_drawn_when_none_is_asked_for(client):
    body = {
        "model": "gpt-5-mini",
        "input": "Hello.",
        "tools": [{"type": "image_generation"}],
    }
    reply = client.send(
        "POST",
        "/responses",
        body,
        x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
    )

    assert "image_generation_call" not in kinds(orjson.loads(reply.body))


# File search


def upload(client, name, content):
    boundary = b"----boundary"
    parts = [
        b'Content-Disposition: form-data; name="purpose"\r\n\r\nassistants',
        b'Content-Disposition: form-data; name="file"; filename="%b"\r\n'
        b"Content-Type: text/plain\r\n\r\n%b" % (name.encode(), content),
    ]
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    from responses_emulator.account import KEY
    from responses_emulator.http import Request

    reply = client.emulator.handle(
        Request(
            "POST",
            "/openai/v1/files",
            {
                "api-key": KEY,
                "content-type": f"multipart/form-data; boundary={boundary.decode()}",
            },
            body + b"--%b--\r\n" % boundary,
        )
    )
    assert reply.status == 200, reply.body
    return orjson.loads(reply.body)["id"]


def test_file_search_cites_the_file_that_answers(client):
    ids = [
        upload(client, "garden.txt", b"Garden\n\nThe tulips are planted in October.\n"),
        upload(client, "office.txt", b"Office\n\nThe printer stands in room twelve.\n"),
    ]
    store = client.json("POST", "/vector_stores", {"file_ids": ids})
    tool = {"type": "file_search", "vector_store_ids": [store["id"]]}
    response = client.create(
        "Where does the printer stand?",
        tools=[tool],
        include=["file_search_call.results"],
    )

    assert "room twelve" in text(response)
    annotations = response["output"][-1]["content"][0]["annotations"]
    assert [a["filename"] for a in annotations] == ["office.txt"]
    [call] = [i for i in response["output"] if i["type"] == "file_search_call"]
    assert call["results"][0]["file_id"] == ids[1]


def test_file_search_says_so_when_nothing_is_found(client):
    store = client.json("POST", "/vector_stores", {})
    tool = {"type": "file_search", "vector_store_ids": [store["id"]]}
    response = client.create("Where is the printer?", tools=[tool])

    message = response["output"][-1]["content"][0]
    assert message["annotations"] == []
    assert "not" in message["text"]


def test_a_file_search_is_streamed_in_the_services_order(client):
    id = upload(client, "office.txt", b"Office\n\nThe printer stands in room twelve.\n")
    store = client.json("POST", "/vector_stores", {"file_ids": [id]})
    tool = {"type": "file_search", "vector_store_ids": [store["id"]]}
    body = {
        "model": "gpt-5.4-mini",
        "input": "Where does the printer stand?",
        "tools": [tool],
        "stream": True,
    }
    events = parse(client.send("POST", "/responses", body))

    seen = [event["type"] for event in events if not event["type"].endswith(".delta")]
    assert seen == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.file_search_call.in_progress",
        "response.file_search_call.searching",
        "response.file_search_call.completed",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
