"""What an answer cites of what was found in its response."""

from typing import Any

from responses_emulator.model.chat_completions.citations import MAX_CITED, of_answer
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hit, Printed

PAGE = {"title": "T", "url": "https://a.example/b", "content": "C"}
WORDS = "Tigers live alone in the forests of Asia, and swim well."


def hit(id: str, text: str) -> Hit:
    return Hit(id, f"{id}.txt", 1.0, text, {})


def searched(*hits: Hit) -> Result:
    return Result(Call("file_search", {}), (), [*hits])


def quoted(text: str, *hits: Hit) -> list[tuple[str, str]]:
    """The file of each citation, and the end of what stands before it."""
    found = of_answer(text, [searched(*hits)])
    for each in found:
        assert each["type"] == "file_citation"
        assert each["filename"] == f"{each['file_id']}.txt"
    return [(each["file_id"], text[: each["index"]][-4:]) for each in found]


def test_a_file_is_cited_at_the_end_of_what_is_repeated() -> None:
    asia, africa = hit("asia", WORDS), hit("africa", "Lions sleep nearly all day long.")
    for text in ("tigers LIVE alone: in the", f"So: {WORDS}"):
        [(file, _)] = quoted(text, africa, asia)
        assert file == "asia"
    assert quoted("They live alone in the forests of Asia!", asia) == [("asia", "Asia")]
    assert quoted("Tigers live alone in a forest.", asia) == []  # four words
    both = "Lions sleep nearly all day. Tigers live alone in the jungle."
    assert quoted(both, asia, africa) == [("africa", " day"), ("asia", " the")]
    # Of two that say the same the first, which is the best; of two places each.
    assert quoted(WORDS, asia, hit("copy", WORDS)) == [("asia", "well")]
    twice = "Tigers live alone in the zoo. Tigers live alone in the zoo."
    assert [file for file, _ in quoted(twice, asia)] == ["asia", "asia"]
    assert quoted("", asia) == quoted(WORDS) == []


def pages(text: str, *found: dict[str, Any]) -> list[str]:
    """The places that are cited."""
    result = Result(Call("web_search", {}), (), [*found])
    cited = of_answer(text, [result])
    for each in cited:
        assert each["type"] == "url_citation"
        assert (each["title"], each["url"]) == ("T", PAGE["url"])
    return [text[each["start_index"] : each["end_index"]] for each in cited]


def test_a_page_is_cited_where_it_is_linked() -> None:
    url = PAGE["url"]
    for link in (f"([b]({url}))", f"[b]({url})", f"[]({url})", url):
        assert pages(f"See {link}, or not.", PAGE) == [link]
        assert pages(f"See {link}", PAGE, PAGE) == [link]
    assert pages(f"{url} and [x]({url})", PAGE) == [url, f"[x]({url})"]
    for other in (f"{url}/c", f"{url}-c", f"{url}c", "https://a_example/b", "b"):
        assert pages(f"See {other}.", PAGE) == []


def test_a_file_that_was_written_is_cited_where_it_is_linked() -> None:
    done = Printed("", {"a.csv": "f1", "b.csv": "f2"}, "cntr_1")
    result = Result(Call("code_interpreter", {}), (), done)
    text = "It is [here](sandbox:/mnt/data/b.csv)."
    assert of_answer(text, [result]) == (
        {
            "type": "container_file_citation",
            "container_id": "cntr_1",
            "file_id": "f2",
            "filename": "b.csv",
            "start_index": text.index("sandbox"),
            "end_index": text.index(")"),
        },
    )
    begins = "sandbox:/mnt/data/a.csv"
    assert of_answer(begins, [result])[0]["start_index"] == 0


def test_citations_stand_in_their_order_and_are_bounded() -> None:
    done = Result(Call("code_interpreter", {}), (), Printed("", {"a": "f"}, "c"))
    page = Result(Call("web_search", {}), (), [PAGE])
    nothing = Result(Call("web_search", {}), (), None)
    text = f"sandbox:/mnt/data/a {PAGE['url']} {WORDS}"
    found = of_answer(text, [nothing, searched(hit("asia", WORDS)), page, done])
    assert [each["type"].partition("_")[0] for each in found] == [
        *("container", "url", "file"),
    ]
    many = f"{PAGE['url']} " * (MAX_CITED + 1)
    assert len(of_answer(many, [page])) == MAX_CITED == 64
