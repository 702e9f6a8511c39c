"""Thoughts and tool calls: shown while they go on, folded up once they are done."""

from playwright.sync_api import expect

from long_tests.browser.scripted import held, mcp_call, saying


def test_thoughts_are_read_while_the_model_thinks_and_fold_up_when_it_answers(
    chat, service
):
    answer = saying("So be it. " * 20, thoughts="**Pondering**\n\nTo be or not.")
    answer, go_on = held(answer, "response.output_text.delta")
    service.answer, end = held(answer, "response.output_text.done")
    service.app.delay = 0.005

    chat.send("Well?")
    chat.thoughts.get_by_text("To be").wait_for()
    chat.wait_for(lambda: chat.is_open(chat.thoughts))
    expect(chat.answers).to_have_count(0)
    go_on()
    chat.answers.last.get_by_text("So be it").wait_for()
    chat.thoughts.locator(".content").wait_for(state="detached")
    expect(chat.stop).to_be_visible()
    end()
    chat.wait_until_ready()

    expect(chat.answers.last).to_have_text(("So be it. " * 20).strip())
    chat.unfold()
    expect(chat.thoughts.locator("strong")).to_have_text("Pondering")
    expect(chat.thoughts).to_contain_text("To be or not.")
    [body] = service.bodies()
    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}


def test_an_answer_without_thoughts_shows_none(chat, service):
    service.answer = saying("So be it.")

    expect(chat.ask("Well?")).to_have_text("So be it.")

    expect(chat.thoughts).to_have_count(0)


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

    expect(learn.answers.last).to_have_text("They are functions.")
    expect(learn.spinners).to_have_count(0)
    learn.unfold()
    expect(learn.thoughts).to_contain_text('{"query": "Azure Functions"}')


def test_a_tool_call_that_failed_says_so(learn, service):
    calls = [
        mcp_call("microsoft_docs_search", '{"query": "a"}', error="It was not found."),
        mcp_call("microsoft_docs_fetch", '{"url": "b"}'),
    ]
    service.answer = saying("Nothing.", calls=calls)

    learn.ask("What is Azure Functions?")

    titles = ["microsoft_docs_search failed", "microsoft_docs_fetch"]
    expect(learn.thoughts.locator(".title")).to_have_text(titles, use_inner_text=True)
    learn.unfold()
    expect(learn.thoughts.first).to_contain_text("It was not found.")


def test_the_emulator_answers_from_its_catalogue_of_microsoft_learn(learn, service):
    answer = learn.ask("What are structured outputs in Azure OpenAI?")

    expect(learn.thoughts.first).to_be_visible()
    expect(learn.spinners).to_have_count(0)
    expect(answer.get_by_role("link").first).to_be_visible()
    expect(learn.ask("Thanks!")).not_to_be_empty()
    assert service.bodies()[1]["previous_response_id"] == service.ids()[0]
