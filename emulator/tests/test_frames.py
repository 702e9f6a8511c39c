"""An event is a dict until it is written, over HTTP and a WebSocket alike."""

from responses_emulator.frames import server_sent, text
from responses_emulator.http import Pause

EVENT = {"type": "response.created", "sequence_number": 0, "text": "é\n\nevent: x"}
JSON = '{"type":"response.created","sequence_number":0,"text":"é\\n\\nevent: x"}'


def test_over_http_an_event_is_named_by_its_type():
    assert server_sent(EVENT).decode() == f"event: response.created\ndata: {JSON}\n\n"


def test_over_a_websocket_an_event_is_its_json_alone():
    told = text(EVENT)
    assert isinstance(told, bytes)
    assert told.decode() == JSON


def test_what_is_no_event_passes():
    for write in (server_sent, text):
        assert write(b"as it is") == b"as it is"
        assert write(Pause(1)) == Pause(1)


def test_the_core_gives_events_and_no_bytes(client):
    body = {"model": client.model, "input": "Hello.", "stream": True}
    events = list(client.send("POST", "/responses", body).body)
    assert all(isinstance(event, dict) for event in events)
    assert events[-1]["type"] == "response.completed"


def test_faults_change_events_and_no_bytes(client):
    body = {"model": client.model, "input": "Hello.", "stream": True}
    for fault in ("stream-error", "filter-stream", "incomplete", "failed", "refusal"):
        client.emulator.faults.add(fault)
        events = list(client.send("POST", "/responses", body).body)
        assert all(isinstance(event, dict) for event in events), fault
