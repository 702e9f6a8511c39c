from itertools import pairwise
from math import log

import pytest

from responses_emulator.model.prompt.words import search_terms
from responses_emulator.model.turn import Document
from responses_emulator.readers import passages as passages_module
from responses_emulator.readers.passages import Index, Passage, split


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
