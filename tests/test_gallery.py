"""The gallery's pages: what they are made of, for a handful of samples.

All pages, in a browser: long_tests/test_gallery_site.py.
"""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from emulator.tests.model.chat_completions.chat_server import chat_server, says
from gallery import listing, reading, wire
from gallery.__main__ import main, write
from gallery.pages import lacking
from gallery.runs import END_OF_TYPED, TYPED, Run, run
from responses_emulator.account import IDENTITY_HEADER, KEY, MCP_KEY, WEBHOOK_SECRET
from tests.collection import SAMPLES

HANDFUL = (
    "responses-basic-aoai-v1.py",
    "responses-basic-aoai.py",
    "responses-basic-entra-aoai-v1.py",
    "responses-conversation-aoai-v1.py",
    "responses-filesearch-aoai-v1.py",
    "responses-function-weather-aoai-v1.py",
    "responses-image-aoai-v1.py",
    "responses-image-generate-aoai-v1.py",
    "responses-mcp-approval-aoai-v1.py",
    "responses-stream-sse-aoai-v1.py",
)
SECRETS = (KEY, MCP_KEY, IDENTITY_HEADER, WEBHOOK_SECRET)
every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)


class Text(HTMLParser):
    """The text of a page, and that within `mark`, `kbd` and `ins` apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.within: dict[str, list[str]] = {"mark": [], "kbd": [], "ins": [], "s": []}
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)
        if tag in self.within:
            self.within[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        for tag in self.within.keys() & self.open:
            self.within[tag][-1] += data


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    folder = SAMPLES[0].parent
    return {name: run(folder / name) for name in HANDFUL}


@pytest.fixture(scope="module")
def site(
    runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("site")
    write([*runs.values()], folder)
    return folder


def text(code: str) -> str:
    """What a piece of HTML shows."""
    return html.unescape(re.sub(r"<[^>]+>", "", code))


def page(site: Path, name: str) -> Text:
    return Text((site / f"{name}.html").read_text("utf-8"))


# Running


def test_each_sample_ends_well(runs: dict[str, Run]) -> None:
    assert {run.name: run.stopped for run in runs.values()} == dict.fromkeys(runs, "")


def test_what_was_typed_stands_where_a_terminal_shows_it(runs: dict[str, Run]) -> None:
    output = runs["responses-conversation-aoai-v1.py"].output
    assert f"You: {TYPED}What is my name?{END_OF_TYPED}\nModel: " in output


def test_no_other_host_is_asked(runs: dict[str, Run]) -> None:
    assert "8.5 °C" in runs["responses-function-weather-aoai-v1.py"].output


def test_a_sample_that_stops_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    for name, text in {
        "a.py": "raise SystemExit('Unfinished: x')",
        "b.py": "1 / 0",
    }.items():
        (tmp_path / name).write_text(text)

    assert run(tmp_path / "a.py").stopped == "Unfinished: x"
    assert run(tmp_path / "b.py").stopped == "ZeroDivisionError: division by zero"


def test_a_saved_picture_is_kept(site: Path, runs: dict[str, Run]) -> None:
    [name] = runs["responses-image-generate-aoai-v1.py"].pictures
    assert (site / "pictures" / f"image-generate-{name}").exists()


# The code


@every_sample
def test_a_listing_is_the_whole_file(path: Path) -> None:
    source = path.read_text("utf-8")
    lines = listing.listing(source)

    assert [f"{text(line.code)}{line.note}" for line in lines if line.code] == [
        line.text for line in lines if line.code
    ]
    for line in lines:
        assert line.code or line.text in ("", f"{line.indent}{line.note}")
    assert [line.text for line in lines] == source.splitlines()


def test_a_hash_in_a_text_begins_no_comment() -> None:
    [line] = listing.listing('x = "# 1"  # one')
    assert (text(line.code), line.note) == ('x = "# 1"  ', "# one")


def test_the_lines_that_entra_changes_are_marked(site: Path) -> None:
    changed = page(site, "basic-entra").within

    assert "SCOPE = " in "".join(changed["ins"])
    assert 'api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),' in changed["s"]
    assert "client.responses.create" not in "".join(changed["ins"])


# What a sample sets and reads


def test_reading_follows_values_through_loops_lists_and_functions() -> None:
    found = reading.read(
        """
client = OpenAI()
response = client.responses.create(model=M, input="x", tools=[1], **more)
calls = [item for item in response.output if item.type == "call"]
call = calls[0]
for one in calls:
    print(one.name, response.output_text[:9])
def show(reply):
    return reply.usage
print(show(response).total, call.arguments)
with client.responses.stream(input="y", store=False) as stream:
    for event in stream:
        print(event.delta)
print(stream.get_final_response().id)
client.vector_stores.files.create("vs", file_id=response.id)
"""
    )

    assert found.sets["responses"] == {"tools": 3, "store": 11}
    assert found.sets["vector_stores.files"] == {"file_id": 15}
    paths = {".".join(path): line for path, line in found.reads["responses"].items()}
    assert paths == {
        "output": 4,
        "output.*.type": 4,
        "output.*.name": 7,
        "output.*.content.*.text": 7,
        "usage": 9,
        "usage.total": 10,
        "output.*.arguments": 10,
        "*.delta": 13,
        "id": 14,
    }


def test_the_wire_is_marked_where_the_sample_sets_and_reads(site: Path) -> None:
    marked = page(site, "mcp-approval").within["mark"]

    assert marked.count('"tools"') == 2  # of the two requests; none of the replies
    assert {'"previous_response_id"', '"status"', '"arguments"', '"text"'} <= {*marked}
    assert not {'"model"', '"input"', '"created_at"', '"usage"'} & {*marked}


def test_what_an_item_of_another_type_holds_is_not_read(site: Path) -> None:
    text = (site / "mcp-approval.html").read_text("utf-8")
    assert re.search(r'read in line \d+">&#34;id&#34;</mark>: &#34;mcpr_', text)
    assert re.search(r"<b>&#34;id&#34;</b>: &#34;mcpl_", text)


def test_events_are_folded_by_their_kind(site: Path) -> None:
    shown = page(site, "stream-sse")

    assert re.search(r"response\.output_text\.delta . \d\d+ The sea", shown.text)
    assert re.search(r"… \d\d+ more …", shown.text)
    assert "response.output_text.delta" in shown.within["mark"]
    assert "response.created" not in shown.within["mark"]
    assert "delta in line 32" in shown.text
    assert "response.usage.output_tokens in line 46" in shown.text  # in the last one


def exchange(**changed: object) -> dict[str, object]:
    return {
        "method": "GET",
        "url": "/openai/v1/responses/resp_1",
        "operation": "responses.retrieve",
        "query": {},
        "request_headers": {},
        "request_body": "",
        "form": None,
        "events": [],
        "status": 200,
        "response_headers": {},
        "response_body": '{"status": "queued"}',
        "curl": "curl x",
        "delivery": False,
        "socket": False,
    } | changed


def test_of_many_requests_in_a_row_some_are_shown_and_the_others_counted() -> None:
    many = [exchange(url=f"/{number}") for number in range(9)]
    shown = [*wire.views([*many, exchange(operation="other")], reading.Reading())]

    assert [(view.exchange["url"], view.alike) for view in shown] == [
        ("/0", 0),
        ("/1", 0),
        ("/2", 0),
        ("/2", 5),
        ("/8", 0),
        ("/openai/v1/responses/resp_1", 0),
    ]


def test_of_what_is_answered_to_a_delete_nothing_is_read() -> None:
    found = reading.read("file = client.files.create()\nprint(file.id)")
    body = '{"id": "file-1"}'
    asked = ("files.create", "files.delete")
    shown = wire.views(
        [exchange(operation=name, response_body=body) for name in asked], found
    )

    assert [view.reads for view in shown] == [{"id": 2}, {}]


def test_of_a_webhook_it_is_the_request_that_is_read() -> None:
    found = reading.read("event = client.webhooks.unwrap(body)\nprint(event.type)")
    delivered = exchange(
        delivery=True, request_body='{"type": "x"}', response_body="", method="POST"
    )
    [shown] = wire.views([delivered], found)

    assert (shown.sets, shown.reads) == ({}, {"type": 2})
    assert '<mark class="r" title="read in line 2">' in shown.request


# What is not shown


def test_a_long_command_is_cut_and_its_length_told() -> None:
    base64 = f"-d '{'QUJD' * 100}'"
    [short] = wire.views([exchange(curl=base64)], reading.Reading())
    [long] = wire.views([exchange(curl="x y " * 2000)], reading.Reading())

    assert short.curl == f"-d '{'QUJD' * 10}…(400)'"
    assert long.curl.endswith("… (8,000 characters)")
    assert len(long.curl) < 3100


def test_a_sample_that_this_machine_cannot_run_has_its_page(tmp_path: Path) -> None:
    stopped = "No browser: install one."
    write([Run("responses-computer-aoai-v1.py", "", stopped, lacks=True)], tmp_path)

    text = page(tmp_path, "computer").text
    assert "It was not run here. No browser: install one." in text
    assert "Answers from" not in text.partition("Run it")[0].partition("prints")[2]


def test_no_secret_is_on_any_page(site: Path) -> None:
    for path in site.glob("*.html"):
        text = path.read_text("utf-8")
        assert not [secret for secret in SECRETS if secret in text], path.name
        assert not re.search(r"eyJ[\w-]{9,}\.", text), f"{path.name} shows a token"


def test_base64_is_cut_and_its_length_told(site: Path) -> None:
    text = page(site, "image").text

    assert re.search(r"base64,.{1,60}… \([\d,]+ characters\)", text)
    assert not re.search(r"[\w+/]{200}", text)


# The command


def gallery(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["gallery", *arguments])
    return main()


def test_a_folder_with_something_else_in_it_is_left_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "letters.txt").touch()

    assert gallery(monkeypatch, "--to", str(tmp_path)) == 2
    assert (
        capsys.readouterr().err == f"{tmp_path} holds something else: choose another.\n"
    )
    assert (tmp_path / "letters.txt").exists()


def test_a_page_names_the_model_that_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "gallery.__main__.run_all", lambda scripts, models: [run(scripts[0], models)]
    )
    with chat_server(says("An answer of its own.")) as server:
        asked = ("--model-url", server.url, "--to", str(tmp_path / "site"), HANDFUL[0])
        assert gallery(monkeypatch, *asked) == 0

    text = page(tmp_path / "site", "basic").text
    assert "An answer of its own." in text
    assert f"Answers from the model {server.models[0]}.\n" in text
    assert "stand-in" not in text


def test_a_model_that_is_not_there_is_said_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server() as server:
        gone = server.url
    to = str(tmp_path / "site")

    assert gallery(monkeypatch, "--model-url", gone, "--to", to) == 2
    assert gallery(monkeypatch, "--model-url", "ftp://x", "--to", to) == 2
    assert not (tmp_path / "site").exists()


# The docstring


@every_sample
def test_a_docstring_has_what_the_page_needs(path: Path) -> None:
    assert lacking(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("docstring", "lacks"),
    [
        ("Ask.\n\nGroup: MCP\nAuth: x\nEnv: X\nDocs: https://a.b", []),
        ("Ask.\n\nGroup: MCP\nEnv: X", ["Auth:", "Docs:"]),
        (
            "Ask.\n\nGroup: Mine\nAuth: x\nEnv: X\nDocs: a.b",
            ["a Group: that there is", "an https address in Docs:"],
        ),
        (
            "\n\nGroup: MCP\nAuth: x\nEnv: X\nDocs: https://a.b",
            ["Group:", "a first line that is a sentence: the page's heading"],
        ),
    ],
)
def test_what_a_docstring_lacks_is_said(docstring: str, lacks: list[str]) -> None:
    assert lacking(f'"""{docstring}\n"""\n') == lacks


def test_nothing_is_run_where_a_docstring_lacks_something(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "x.py").write_text('"""Ask."""\n')
    monkeypatch.setattr("gallery.__main__.FOLDER", tmp_path)

    assert gallery(monkeypatch, "python/x.py") == 2
    told = "The docstring of x.py lacks Group:, Auth:, Env:, Docs:\n"
    assert capsys.readouterr().err == told
