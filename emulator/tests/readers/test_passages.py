from itertools import pairwise
from math import log
from typing import Any

import pytest

from responses_emulator.model.prompt.words import search_terms
from responses_emulator.model.turn import Document
from responses_emulator.readers import passages as passages_module
from responses_emulator.readers.passages import Full, Index, Passage, split


def passages(*texts: str) -> list[Passage]:
    return [Passage("a.txt", 1, text) for text in texts]


def rank(
    question: str, passages: list[Passage], limit: int
) -> list[tuple[Passage, float]]:
    """The passages ranked, each a document of its own."""
    documents = [[passage] for passage in passages]
    index = Index()
    index.update(documents)
    return index.rank(question, limit, documents)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("value", "values"),
        ("policy", "policies"),
        ("plan", "planned"),
        ("call", "calling"),
        ("agree", "agrees"),
        ("expense", "expenses"),
        ("box", "boxes"),
        ("class", "classes"),
        ("employee", "Employees'"),
        ("manager", "manager\u2019s"),
        ("cafe", "Café"),
        ("work", "working"),
    ],
)
def test_inflections_share_a_form(one: str, other: str):
    assert search_terms(one) == search_terms(other) != []


@pytest.mark.parametrize("word", ["bus", "this", "sing", "red", "need", "was", "is"])
def test_short_words_survive_or_are_stop_words(word: str):
    assert all(search_terms(word))


def test_stop_words_are_no_terms():
    assert search_terms("What are the company values?") == ["company", "valu"]


def test_writing_without_spaces_is_taken_letter_by_letter():
    assert search_terms("価値観") == ["価", "値", "観"]


def test_short_document_is_one_passage():
    document = Document("a.txt", ("Hello\nworld",))
    assert split(document, file_id="f") == [Passage("a.txt", 1, "Hello\nworld", "f")]


def test_passage_knows_where_in_the_document_it_begins():
    document = Document("a.txt", ("  One two.\n" * 100, "Page two. " * 100))
    text = "\n".join(document.pages)
    found = split(document, max_tokens=50, overlap=25)
    assert len(found) > 10
    for passage in found:
        end = passage.start + len(passage.text)
        assert text[passage.start : end] == passage.text


@pytest.mark.parametrize("pages", [(), ("",), ("", " \n ", "")])
def test_document_without_text_has_no_passages(pages: tuple[str, ...]):
    assert split(Document("a.pdf", pages)) == []


def test_passages_are_bounded_overlap_and_miss_nothing():
    words = [f"word{n}" for n in range(3000)]
    found = split(Document("a.txt", (" ".join(words),)), max_tokens=100, overlap=50)
    assert all(len(passage.text) <= 400 for passage in found)
    seen = [passage.text.split() for passage in found]
    assert {word for part in seen for word in part} == set(words)
    assert all(set(a) & set(b) for a, b in pairwise(seen))
    assert len(found) < 3 * len(" ".join(words)) / 400


def test_passages_without_overlap_share_nothing():
    text = "\n".join(f"line{n}" for n in range(500))
    found = split(Document("a.txt", (text,)), max_tokens=100, overlap=0)
    assert "\n".join(passage.text for passage in found) == text


def test_text_without_any_space_is_cut_all_the_same():
    found = split(Document("a.txt", ("x" * 10_000,)), max_tokens=100, overlap=50)
    assert max(len(passage.text) for passage in found) == 400


def test_passage_knows_its_page():
    pages = tuple(f"Page {n}. " + "x " * 190 for n in range(1, 6))
    found = split(Document("a.pdf", pages), max_tokens=100, overlap=0)
    for number in range(1, 6):
        holders = [p for p in found if f"Page {number}." in p.text]
        assert holders[0].page in (number, number - 1)
    assert found[0].page == 1
    assert found[-1].page == 5


def test_best_passage_comes_first_and_passages_without_a_match_not_at_all():
    ranked = rank(
        "What are the company values?",
        passages(
            "The company has a canteen.",
            "Nothing to see here.",
            "Our company's values: integrity and curiosity.",
        ),
        10,
    )
    assert [passage.text[:3] for passage, _ in ranked] == ["Our", "The"]
    scores = [score for _, score in ranked]
    assert scores[0] == 1.0
    assert 0 < scores[1] < 1


def test_score_tells_how_much_of_the_question_was_found():
    [(_, score)] = rank("bereavement leave in Peru", passages("Annual leave."), 10)
    assert score == pytest.approx(1 / 3, abs=0.001)


@pytest.mark.parametrize("question", ["", "the of and", "zebra", "\u2603"])
def test_nothing_found_is_an_empty_list(question: str):
    assert rank(question, passages("Annual leave."), 10) == []


def test_nothing_to_search_in_is_an_empty_list():
    assert rank("leave", [], 10) == []
    assert rank("leave", passages("", "?!"), 10) == []


def test_limit_is_kept_and_order_is_stable():
    same = passages(*["annual leave"] * 5)
    ranked = rank("leave", same, 3)
    assert [passage for passage, _ in ranked] == same[:3]
    assert ranked == rank("leave", same, 3)


def documents() -> list[list[Passage]]:
    texts = [
        "\n".join(f"Line {n * m} of the café's plans, calling {m}." for m in range(300))
        for n in range(1, 6)
    ]
    return [
        split(Document(f"{n}.txt", (text,)), 100, 50) for n, text in enumerate(texts)
    ]


def test_what_passages_share_is_read_once_and_counts_in_each(
    monkeypatch: pytest.MonkeyPatch,
):
    read = 0

    def counted(text: str) -> list[str]:
        nonlocal read
        read += len(text)
        return search_terms(text)

    monkeypatch.setattr(passages_module, "search_terms", counted)
    document = documents()[0]
    terms = list(passages_module._terms(document))
    assert terms == [search_terms(passage.text) for passage in document]
    assert read <= document[-1].start + len(document[-1].text)


def test_document_that_is_in_the_index_is_not_read_again(
    monkeypatch: pytest.MonkeyPatch,
):
    some = documents()
    index = Index()
    index.update(some[:4])
    read: list[str] = []

    def counted(text: str) -> list[str]:
        read.append(text)
        return search_terms(text)

    monkeypatch.setattr(passages_module, "search_terms", counted)
    index.update(some[:4])
    assert not read
    index.update(some)
    assert read
    assert all(any(text in passage.text for passage in some[4]) for text in read)


@pytest.mark.parametrize("gone", [0, 1, 4])
def test_ranking_is_that_of_the_documents_searched_whatever_else_there_was(gone: int):
    some = documents()
    index = Index()
    index.update(some)
    index.update(some[gone:])
    fresh = Index()
    fresh.update(some[gone:])
    within = some[gone:][:2]
    alone = Index()
    alone.update(within)
    question = "line 20 of the plans, called 7"
    ranked = index.rank(question, 30, within)
    assert ranked
    assert ranked == fresh.rank(question, 30, within)
    assert ranked == alone.rank(question, 30, within)


def test_document_that_has_gone_is_not_found_and_is_read_anew_when_it_comes_back():
    some = documents()
    index = Index()
    index.update(some)
    before = index.rank("line", 100, some)
    index.update(some[:1])
    assert {p.filename for p, _ in index.rank("line", 100, some)} == {"0.txt"}
    index.update(some)
    assert sorted(p.filename for p, _ in index.rank("line", 100, some)) == sorted(
        p.filename for p, _ in before
    )


def test_scores_are_those_of_bm25():
    # By hand: 3 passages of 2, 3 and 4 terms, k1 1.5, b 0.75; "leave" is in two of
    # them, "annual" in one. idf = ln(1 + (3 - df + 0.5) / (df + 0.5)).
    ranked = rank(
        "annual leave",
        passages("annual leave", "leave leave early", "four words quite different"),
        10,
    )
    leave, annual = log(1 + 1.5 / 2.5), log(1 + 2.5 / 1.5)
    first = (leave + annual) * 1 / (1 + 1.5 * (0.25 + 0.75 * 2 / 3))
    second = leave * 2 / (2 + 1.5 * (0.25 + 0.75 * 3 / 3))
    assert [score for _, score in ranked] == [
        1.0,
        pytest.approx(second / first, abs=1e-4),
    ]
    assert all(score == round(score, 4) for _, score in ranked)


# Where passages are cut


def cuts(text: str, **options: Any) -> list[tuple[int, int]]:
    """Where each passage begins, and how long it is."""
    found = split(Document("a.txt", (text,)), **options)
    return [(passage.start, len(passage.text)) for passage in found]


def test_passages_of_text_without_any_space_are_as_long_as_is_asked_for():
    twelve_apart = [(12 * n, 20) for n in range(7)]
    assert cuts("x" * 100, max_tokens=5, overlap=2) == [*twelve_apart, (84, 16)]
    assert cuts("x" * 20, max_tokens=5, overlap=2) == [(0, 20)]
    # Never more than half of one is shared, and one is never empty.
    assert cuts("x" * 40, max_tokens=5, overlap=9) == [(0, 20), (10, 20), (20, 20)]
    assert cuts("x" * 12, max_tokens=0, overlap=0) == [(0, 4), (4, 4), (8, 4)]


def test_passages_are_of_800_tokens_and_share_400_as_the_service_has_it():
    assert cuts("x" * 6_400) == [(0, 3200), (1600, 3200), (3200, 3200)]


def test_passages_end_and_begin_at_a_line_or_a_word_where_one_is_near():
    words = "aaaa bbbb cccc dddd eeee ffff gggg"
    assert cuts(words, max_tokens=5, overlap=2) == [(0, 19), (12, 17), (22, 12)]
    line = "aaaa bbbb cccccc\ndd eeee ffff gggg"  # the line's end, not the last space
    assert cuts(line, max_tokens=5, overlap=0) == [(0, 16), (17, 17)]


@pytest.mark.parametrize(
    ("text", "latest", "earliest", "cut"),
    [
        ("ab cd", 5, 0, 5),
        ("ab cd", 4, 0, 3),
        ("ab cd", 4, 2, 3),
        ("ab cd", 4, 3, 4),
        ("ab\ncd e", 6, 0, 3),
        (" bcde", 3, -5, 1),
        ("abcde", 3, -5, 3),
        ("a b\n", 3, 0, 2),
    ],
)
def test_cut_between_two_offsets(text: str, latest: int, earliest: int, cut: int):
    assert passages_module._boundary(text, latest, earliest) == cut


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        (("ab", "cd", "ef"), [(1, "ab\nc"), (2, "d\nef")]),
        (("abc", "d", "", "ef"), [(1, "abc"), (2, "d\n\ne"), (4, "f")]),
    ],
)
def test_passage_is_on_the_page_of_its_first_letter(
    pages: tuple[str, ...], found: list[tuple[int, str]]
):
    passages = split(Document("a.pdf", pages), max_tokens=1, overlap=0)
    assert [(passage.page, passage.text) for passage in passages] == found


# What an index holds


def test_what_an_index_holds_is_counted_and_bounded():
    [one], [two] = passages("annual leave, annual"), passages("leave early")
    index = Index()
    assert index.held == 0
    index.update([[one]])
    assert index.held == 50 + 2 * 10 + 2 * 500
    index.update([[one], [two]], most=1_070 + 50 + 2 * 10 + 500)
    assert index.held == 1_070 + 570
    assert index.rank("early", 9, [[two]]) == []  # another list, which is not in it


def test_index_that_is_full_is_empty():
    documents = [passages("annual leave"), passages("leave early")]
    index = Index()
    with pytest.raises(Full):
        index.update(documents, most=1_070 + 569)
    assert index.held == 0
    assert index.rank("leave", 9, documents) == []
    index.update(documents)
    assert len(index.rank("leave", 9, documents)) == 2


def test_most_of_an_index_has_to_go_before_the_rest_is_read_anew():
    some = [passages(f"word{n}") for n in range(4)]
    index = Index()
    index.update(some)
    held = index.held
    index.keep(some[2:])
    assert index.held == held
    assert index.rank("word0", 9, some) == []
    assert [p.text for p, _ in index.rank("word3", 9, some)] == ["word3"]
    index.keep(some[3:])
    assert index.held == 0
    index.update(some[3:])
    assert 0 < index.held < held


def test_ranking_is_of_what_is_searched_whatever_was_searched_before():
    one = passages("leave early", "leave")
    two = passages("leave at noon today", "leave")
    three = passages("leave late", "leave")  # on average as long as the first
    index = Index()
    index.update([one, two])
    for within in ([one], [two], [one, two], [one]):
        fresh = Index()
        fresh.update(within)
        assert index.rank("leave", 9, within) == fresh.rank("leave", 9, within)
    index.update([one, two, three])
    assert len(index.rank("leave", 9, [three])) == 2
    assert len(index.rank("leave", 9, [one, three])) == 4
