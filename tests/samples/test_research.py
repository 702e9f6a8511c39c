"""Deep research: searched for in the background, its sources listed."""

import re
import time

SAMPLE = "responses-research-aoai-v1.py"


def test_research_shows_progress_the_report_and_every_source(finish, service):
    output = finish(SAMPLE)

    [body] = service.created()
    assert body["background"] is True
    assert body["max_tool_calls"] == 20
    assert body["reasoning"] == {"effort": "high"}
    assert body["tools"] == [{"type": "web_search"}]
    assert re.search(r"(?m)^ *\d+\.\d s  queued$", output)
    [stored] = service.emulator.store.responses
    [part] = stored.body["output"][-1]["content"]
    assert part["text"] in output
    calls = [i for i in stored.body["output"] if i["type"] == "web_search_call"]
    assert f"\nSearches and pages opened: {len(calls)}\n" in output
    assert len(calls) > 2
    listed = re.findall(r"(?m)^Source: .+ <(\S+)>$", output)
    assert listed == list({note["url"]: 0 for note in part["annotations"]})
    assert len(listed) > 1


def test_research_that_takes_too_long_is_cancelled(run, service):
    service.emulator.world.background_seconds = 10_000

    result = run(SAMPLE)

    assert result.stopped_with == "Unfinished: cancelled"
    assert service.calls()[-1][1].endswith("/cancel")
    assert 1190 < service.clock.slept < 1210
    assert service.left_behind() == []


def test_ctrl_c_cancels_the_research(run, service, monkeypatch):
    def interrupted(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)

    result = run(SAMPLE)

    assert "Interrupted." in result.output
    assert result.stopped_with == "Unfinished: cancelled"
    assert service.left_behind() == []
