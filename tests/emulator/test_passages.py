from itertools import pairwise

import pytest

from emulator.model.turn import Document
from emulator.model.words import search_terms
from emulator.passages import Passage, rank, split


def passages(*texts: str) -> list[Passage]:
    return [Passage("a.txt", 1, text) for text in texts]


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


def test_ranking_prints_nothing(capfd: pytest.CaptureFixture[str]):
    rank("leave", passages(*[f"leave {n}" for n in range(500)]), 3)
    assert capfd.readouterr() == ("", "")
