"""What the model says is read, never obeyed; Markdown, code and maths are rendered."""

import pytest
from playwright.sync_api import expect

from long_tests.browser.scripted import breaking_off, error_event, mcp_call, saying

IMAGE = "<img src=http://127.0.0.1:9/x onerror=window.hit=1>"
PLAIN_IMAGE = "<img src=http://127.0.0.1:9/x>"  # nothing in it that a filter must drop
SHOWN = (  # word for word
    "Look: <script>window.hit=1</script> done",
    f"Look: {IMAGE} done",
    f"Look: {IMAGE.upper()} done",
    "Look: <svg onload=window.hit=1><circle r=5></svg> done",
    'Look: <iframe srcdoc="<script>parent.hit=1</script>"></iframe> done',
    'Look: <a href="javascript:window.hit=1">press</a> done',
    "Look: <style>body{display:none}</style> done",
    "Look: <form action=/x><input autofocus onfocus=window.hit=1> done",
    "Look: <b>not bold</b> <br> <!-- a comment --> done",
)
LINKS_AND_PICTURES = "\n\n".join(
    [
        f"In code: `{IMAGE}` done",
        f"$$`$$ {PLAIN_IMAGE} ` $${PLAIN_IMAGE}$$",
        "![x](http://127.0.0.1:9/x) ![x][1] done",
        "[1]: http://127.0.0.1:9/x",
        "[press](javascript:window.hit=1) [more](<javascript:window.hit=1>) done",
        "[press](data:text/html,<script>opener.hit=1</script>) done",
        "[2]: javascript:window.hit=1",
        "[press][2] <javascript:window.hit=1> done",
        "[press](java&#115;cript:window.hit=1) [more](java\tscript:window.hit=1) done",
        "[press](java&#00115;cript:window.hit=1) [more](java$$s$$cript:window.hit=1)",
        '\\(" onclick="window.hit=1\\) [press](%%%LATEX_BLOCK_0%%%) done',
    ]
)
# Each needs an answer of its own: it may change how all that follows is read.
TRICKS = {
    "a tag without end": IMAGE.rstrip(">"),
    "a block": f"<div>\n\n{PLAIN_IMAGE}\n\n</div>",
    "a fence half open": f"```html\n{IMAGE}",
    "a fence in a line": f"So ```{PLAIN_IMAGE} done",
    "an escaped backtick": f"\\`{PLAIN_IMAGE}` done",
    "unequal backticks": f"`{PLAIN_IMAGE}`` done",
    "a fence in a fence": f"````\n```\n````\n{PLAIN_IMAGE}\n```\ndone",
    "two kinds of fence": f"~~~\n```\n~~~\n{PLAIN_IMAGE}\n```\ndone",
    "an indented fence": f"```\ncode\n  ```\n{PLAIN_IMAGE}\n```\ndone",
    "a table": f"|a|b|\n|-|-|\n| `a | {PLAIN_IMAGE}` |\n\ndone",
    "a fence in maths": f"$$\n```\n{PLAIN_IMAGE}\n```\n$$ done",
    "maths across a fence": f"\\( $$ \\)\n```\n $$ {PLAIN_IMAGE}\n```\ndone",
    "a backtick in maths": f"`\\(` \\) ` {PLAIN_IMAGE} ` done",
    "a diagram": f"```mermaid\n{PLAIN_IMAGE}\n```\ndone",
    "a diagram in a list": f"- a\n\n  ```mermaid\n  {PLAIN_IMAGE}\n  ```\ndone",
    "an entity": "&#0060;img src=http&#0062; &lt;img src=http&gt;",
    "an entity in code": "```\n&#0060;img src=http&#0062;\n```\ndone",
    "what stands for maths": f"$$ {PLAIN_IMAGE} $$ %%%LATEX_BLOCK_0%%% done",
    "a fence after a bullet": f"- ```\n  a\n  ```\n{PLAIN_IMAGE}\n\ndone",
    "a fence that is too far in": f"a\n      ```\n{PLAIN_IMAGE}\n\ndone",
    "a fence under lines": f"a\n```\n{PLAIN_IMAGE}\n---\n\ndone",
    "a link's address": f"[x](a`b) {PLAIN_IMAGE} ` done",
    "a link's title": f'[x](a "y `b") {PLAIN_IMAGE} ` done',
    "a bare link": f"http://a.b/`x {PLAIN_IMAGE} ` done",
    "a link's definition": f'[a]: x "t\n```\n"\n{PLAIN_IMAGE}\n\ndone',
    "an odd end of line": f"```\na\r```\r{PLAIN_IMAGE}\r```\rdone",
    "what is struck out": f"~~a `b~~ {PLAIN_IMAGE}` done",
}
HARM = """() => [
    window.hit ? 'executed' : '',
    ...[...document.querySelectorAll('[data-testid=bot]')].flatMap(bot => [
        ...bot.querySelectorAll('script,iframe,style,form,input,object,embed,link'),
        ...[...bot.querySelectorAll('img')].filter(picture => picture.naturalWidth),
        ...[...bot.querySelectorAll('a[href]')].filter(
            link => !['http:', 'https:'].includes(link.protocol)
        ),
    ]).map(found => found.outerHTML),
].filter(Boolean)"""


def harm(chat):
    """What has become live HTML, once everything is unfolded and every link pressed.

    To be asked once the page shows what could do harm.
    """
    chat.unfold()
    chat.bubbles.locator("a").evaluate_all("all => all.forEach(link => link.click())")
    chat.unfold()  # again: a link may stand where one folds a tool call
    return [*chat.page.evaluate(HARM), *chat.elsewhere]


def test_html_in_answer_and_thoughts_is_shown_word_for_word(chat, service):
    text = "\n\n".join(SHOWN)
    service.answer = saying(text, thoughts=text)

    chat.ask("Attack!")

    chat.unfold()
    for part in (chat.thoughts, chat.answers.last):
        for line in SHOWN:
            expect(part).to_contain_text(line, use_inner_text=True)
    assert harm(chat) == []


def test_links_and_pictures_do_nothing_by_themselves(chat, service):
    service.answer = saying(LINKS_AND_PICTURES, thoughts=LINKS_AND_PICTURES)

    chat.ask("Attack!")

    chat.unfold()
    expect(chat.thoughts).to_contain_text(IMAGE, use_inner_text=True)
    expect(chat.answers.last).to_contain_text(IMAGE, use_inner_text=True)
    assert harm(chat) == []


def test_no_trick_with_code_runs_or_fetches_anything(chat, service):
    """In a conversation: an answer stays on the page while the next one comes.

    Some of them do become a picture: it has no address that the browser would go to.
    """
    for number, (name, trick) in enumerate(TRICKS.items()):
        if number % 6 == 5:  # a long page takes long
            chat.reload()
        service.answer = saying(trick)
        expect(chat.ask(name)).not_to_be_empty()

        assert chat.page.evaluate(HARM) == [], name
        assert chat.elsewhere == [], name


def test_html_in_an_error_is_shown_word_for_word(chat, service):
    text = SHOWN[1]
    service.answer = breaking_off("So far.", then=error_event(text))

    chat.ask("Attack!")

    expect(chat.told).to_contain_text(text, use_inner_text=True)
    assert harm(chat) == []


def test_links_in_a_tool_call_and_its_result_do_nothing_by_themselves(learn, service):
    call = mcp_call(LINKS_AND_PICTURES, LINKS_AND_PICTURES)
    service.answer = saying(LINKS_AND_PICTURES, calls=[call | {"output": IMAGE}])

    learn.ask("Attack!")

    learn.unfold()
    expect(learn.thoughts).to_contain_text(IMAGE, use_inner_text=True)
    expect(learn.answers.last).to_contain_text(IMAGE, use_inner_text=True)
    assert harm(learn) == []


@pytest.mark.parametrize("error", [None, f"No. {IMAGE}\n```\n{PLAIN_IMAGE}"])
def test_html_in_a_tool_call_is_shown_word_for_word(learn, service, error):
    call = mcp_call(f"find {IMAGE}", f'{{"query": "{IMAGE}\n```\n{IMAGE}"}}', error)
    service.answer = saying(SHOWN[1], calls=[call])

    expect(learn.ask("Attack!")).to_have_text(SHOWN[1], use_inner_text=True)

    def seen() -> int:
        learn.unfold()  # again, if it was just then folding up
        return learn.thoughts.inner_text().count(IMAGE)

    learn.wait_for_value(seen, 4 if error else 3)
    assert harm(learn) == []


def test_markdown_is_rendered(chat, service):
    service.answer = saying(
        "# Head\n\n**bold** and [Learn](https://learn.microsoft.com/)\n\n"
        "- one\n- two\n\n|a|b|\n|-|-|\n|1|2|"
    )

    answer = chat.ask("Show me.")

    expect(answer.locator("h1")).to_have_text("Head")
    expect(answer.locator("strong")).to_have_text("bold")
    expect(answer.locator("li")).to_have_text(["one", "two"])
    expect(answer.locator("td")).to_have_text(["1", "2"])
    link = answer.get_by_role("link", name="Learn")
    expect(link).to_have_attribute("href", "https://learn.microsoft.com/")


def test_code_is_shown_as_it_was_written(chat, service):
    code = 'if a < b && "c" > d:\n    print("<p>&amp;</p>", `x`)'
    inner = code.replace("\n", "\n   ")
    service.answer = saying(
        f"~~~ python\n{code}\n~~~\n\nThat is `a[0]`, `a<b>` of 1 < 2.\n\n"
        f"1. In a list:\n\n   ```python\n   {inner}\n   ```\n"
    )

    answer = chat.ask("Show me.")

    chat.wait_for_value(lambda: written(answer.locator("pre code")), [code, code])
    expect(answer.locator("p code")).to_have_text(["a[0]", "a<b>"])
    expect(answer).to_contain_text("of 1 < 2.")


def written(blocks):
    """Each block of code, with its lines and their indents."""
    return [text.strip() for text in blocks.all_inner_texts()]


def test_maths_is_rendered(chat, service):
    service.answer = saying(
        "So:\n\n$$\\frac{a}{b} < 2$$\n\n"
        "That is $5 and $6, or \\(n! < x_1*x_2*x_3\\).\n\n"
        "\\[\na^2 \\neq\nb^2\n\\]\n\n```\ngrep '\\(a\\)' $$ $$\n```"
    )

    answer = chat.ask("Show me.")

    formulas = answer.locator(".katex")
    expect(formulas).to_have_count(3)
    expect(answer.locator(".katex-display")).to_have_count(2)
    expect(answer.locator(".katex-error")).to_have_count(0)
    expect(formulas.first).to_contain_text("<")
    expect(answer.locator("annotation").nth(1)).to_have_text("n! < x_1*x_2*x_3")
    expect(answer).to_contain_text("That is $5 and $6")
    expect(answer.locator("pre code")).to_have_text("grep '\\(a\\)' $$ $$")
