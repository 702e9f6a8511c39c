"""Thoughts and tool calls: shown while they go on, folded up once they are done."""

from tests.browser.scripted import held, mcp_call, saying


def test_thoughts_are_read_while_the_model_thinks_and_fold_up_when_it_answers(
    chat, service
):
    answer = saying("So be it. " * 20, thoughts="**Pondering**\n\nTo be or not.")
    answer, go_on = held(answer, "response.output_text.delta")
    service.answer, end = held(answer, "response.output_text.done")
    service.app.delay = 0.005

    chat.send("Well?")
    chat.thoughts.get_by_text("To be").wait_for()
    assert chat.is_open(chat.thoughts)
    assert chat.answers.count() == 0
    go_on()
    chat.answers.last.get_by_text("So be it").wait_for()
    chat.thoughts.locator(".content").wait_for(state="detached")
    assert chat.stop.is_visible()
    end()
    chat.wait_until_ready()

    assert chat.last_answer == ("So be it. " * 20).strip()
    chat.unfold()
    assert chat.thoughts.locator("strong").inner_text() == "Pondering"
    assert "To be or not." in chat.thoughts.inner_text()
    [body] = service.bodies()
    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}


def test_an_answer_without_thoughts_shows_none(chat, service):
    service.answer = saying("So be it.")

    assert chat.ask("Well?") == "So be it."

    assert chat.thoughts.count() == 0


def test_a_tool_call_is_shown_with_its_arguments_while_it_runs(learn, service):
    call = mcp_call("microsoft_docs_search", '{"query": "Azure Functions"}')
    answer = saying("They are functions.", calls=[call])
    service.answer, go_on = held(answer, "response.mcp_call.completed")

    learn.send("What is Azure Functions?")
    learn.thoughts.get_by_text("microsoft_docs_search").wait_for()
    learn.spinners.wait_for()
    learn.thoughts.get_by_text("Azure Functions").wait_for()
    go_on()
    learn.wait_until_ready()

    assert learn.spinners.count() == 0
    assert learn.last_answer == "They are functions."
    learn.unfold()
    assert '{"query": "Azure Functions"}' in learn.thoughts.inner_text()


def test_a_tool_call_that_failed_says_so(learn, service):
    calls = [
        mcp_call("microsoft_docs_search", '{"query": "a"}', error="It was not found."),
        mcp_call("microsoft_docs_fetch", '{"url": "b"}'),
    ]
    service.answer = saying("Nothing.", calls=calls)

    learn.ask("What is Azure Functions?")

    titles = learn.thoughts.locator(".title").all_inner_texts()
    assert [title.strip() for title in titles] == [
        "microsoft_docs_search failed",
        "microsoft_docs_fetch",
    ]
    learn.unfold()
    assert "It was not found." in learn.thoughts.first.inner_text()


def test_the_emulator_answers_from_its_catalogue_of_microsoft_learn(learn, service):
    answer = learn.ask("What are structured outputs in Azure OpenAI?")

    assert learn.thoughts.count() >= 1
    assert learn.spinners.count() == 0
    assert (
        "learn.microsoft.com" in answer
        or learn.answers.last.get_by_role("link").count()
    )
    assert learn.ask("Thanks!")
    assert service.bodies()[1]["previous_response_id"] == service.ids()[0]
