from pathlib import Path

import pytest
import yaml

from responses_emulator.model.standin.document_answers import (
    MAX_CHARACTERS,
    answer_from,
)
from responses_emulator.model.standin.headings import heading_levels

MARKED = """\
# Employee handbook
Acme Ltd., edition 2026. The company values its people and has written this for them.
## 1. Welcome
The company is glad that you are here. Its values are explained below.
## 2. Our values
Four values guide the company:
- Integrity: we keep our promises.
- Curiosity: we ask before we answer.
## 3. Leave
Everybody needs rest.
### Annual leave
You have thirty days a year. Ask your manager two weeks ahead.
### Other leave
Type of leave  Days
Bereavement  5
Moving house  1
### Notice
Tell your team in the calendar.
## 4. Money
Salaries are paid on the 25th. Travel is refunded within ten days of your claim.
"""


def test_section_under_the_heading_that_the_question_names():
    assert answer_from("What are the company values?", [MARKED]) == (
        "2. Our values\n"
        "Four values guide the company:\n"
        "- Integrity: we keep our promises.\n"
        "- Curiosity: we ask before we answer."
    )


def test_section_comes_with_its_subsections():
    answer = answer_from("Tell me about leave", [MARKED])
    assert answer.startswith("3. Leave\nEverybody needs rest.\nAnnual leave\n")
    assert "Bereavement  5" in answer
    assert "Money" not in answer


def test_matching_paragraph_where_no_heading_names_it():
    answer = answer_from("When are salaries paid?", [MARKED])
    assert answer in MARKED
    assert answer.startswith("Salaries are paid on the 25th. Travel is refunded")


def test_table_is_given_whole():
    answer = answer_from("How many days for bereavement?", [MARKED])
    assert answer == "Type of leave  Days\nBereavement  5\nMoving house  1"


def test_heading_above_helps_to_tell_sections_apart():
    other = MARKED + "## 5. Projects\n### Notice\nPut up a notice in the hall.\n"
    answer = answer_from("How do I give notice of my leave?", [other])
    assert "calendar" in answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Wie hoch ist die Zugspitze?",
        "",
        "the",
        "\u2603 \U0001f600",
        "How do I solve the quadratic equation?",
    ],
)
def test_nothing_relevant_is_an_empty_answer(question: str):
    assert answer_from(question, [MARKED]) == ""


@pytest.mark.parametrize("texts", [[], [""], [" \n\n ", ""], ["###", "-"]])
@pytest.mark.parametrize("question", ["What are the values?", "Summarize this"])
def test_texts_without_words_give_no_answer_and_no_error(
    question: str, texts: list[str]
):
    assert len(answer_from(question, texts)) <= 3


@pytest.mark.parametrize(
    "question",
    [
        "Summarize this document",
        "What is this PDF about?",
        "Give me an overview of the employee handbook.",
        "what's in the attached file, in three bullet points? A summary please",
    ],
)
def test_overview_lists_the_headings(question: str):
    answer = answer_from(question, [MARKED])
    assert answer.startswith("Employee handbook\nAcme Ltd., edition 2026.")
    assert "It covers:\n- 1. Welcome\n- 2. Our values\n" in answer


def test_summary_of_a_topic_is_about_the_topic():
    assert answer_from("Summarize the annual leave policy", [MARKED]).startswith(
        "Annual leave\nYou have thirty days"
    )


def test_longest_of_passages_that_overlap_wins():
    cut = MARKED[: MARKED.index("- Curiosity")]
    assert "Curiosity" in answer_from("company values", [cut, MARKED[300:], MARKED])


def test_answer_is_bounded_and_ends_with_a_sentence():
    text = "# Values\n" + "We hold many values dear to us. " * 200
    answer = answer_from("What are the values?", [text])
    assert 500 < len(answer) <= MAX_CHARACTERS + 10
    assert answer.endswith("dear to us.")


def test_one_word_without_end_is_bounded_too():
    assert (
        len(answer_from("values", ["# Values\n" + "x" * 50_000])) < 2 * MAX_CHARACTERS
    )


def test_long_prose_without_headings_gives_its_best_part():
    filler = "Nothing of interest happened on that day either. " * 40
    text = filler + "The treaty was signed in Vienna by both kings. " + filler
    answer = answer_from("Where was the treaty signed?", [text])
    assert "Vienna" in answer
    assert len(answer) < 800


def test_comments_in_code_are_no_headings():
    text = "# Setup\nRun this:\n```\n# values come here\nmake\n```\n# Values\nBe kind."
    assert answer_from("values", [text]) == "Values\nBe kind."


FACTS = """\
# Plants
The office plant is called Gerda.

Gerda is watered on Thursdays.
# Party
The garden party takes place on 14 June at 3 pm.

It lasts four hours. Maria Lopez organises it.

120 guests are expected.
# Canteen
The canteen is in the Blue Building, on the second floor.

A lunch costs 6.50 euros.

It opens at noon.
# The Elm
The river is 340 km long. It rises in the Harz.

It flows north, because the land falls that way.
# Visitors
Parking is free for two hours.

Ask Mr Brown for a badge.
"""
ASKED = {
    "On which day is Gerda watered?": "Gerda is watered on Thursdays.",
    "Which weekday is the plant watered on?": "Gerda is watered on Thursdays.",
    "When is Gerda watered?": "Gerda is watered on Thursdays.",
    "What is the name of the office plant?": "The office plant is called Gerda.",
    "What is the plant called?": "The office plant is called Gerda.",
    "On which date is the garden party?": "The garden party takes place on 14 June",
    "At what time does the party start?": "The garden party takes place on 14 June",
    "How long does the party last?": "It lasts four hours. Maria Lopez organises it.",
    "How long is the party?": "It lasts four hours. Maria Lopez organises it.",
    "Who organises the party?": "It lasts four hours. Maria Lopez organises it.",
    "Which person organises the party?": "It lasts four hours. Maria Lopez",
    "How many guests are expected?": "120 guests are expected.",
    "How many guests come to the party?": "120 guests are expected.",
    "Where is the canteen?": "The canteen is in the Blue Building",
    "On which floor is the canteen?": "The canteen is in the Blue Building",
    "How much does a lunch cost?": "A lunch costs 6.50 euros.",
    "What time does the canteen open?": "It opens at noon.",
    "How long is the river Elm?": "The river is 340 km long.",
    "Where does the Elm rise?": "The river is 340 km long. It rises in the Harz.",
    "Why does the Elm flow north?": "It flows north, because the land falls that way.",
    "How long may visitors park?": "Parking is free for two hours.",
}


@pytest.mark.parametrize("question", ASKED)
def test_what_is_quoted_holds_the_answer_and_no_other_section(question: str):
    answer = answer_from(question, [FACTS])
    assert ASKED[question] in answer
    assert len(answer.splitlines()) <= 4


@pytest.mark.parametrize(
    "question",
    [
        "On which day is the meeting?",
        "When was the treaty signed?",
        "Who is the CEO?",
        "How many days of leave do I have?",
        "How long is the flight to Rome?",
        "Where is the swimming pool?",
        "What is the price of gold?",
        "On which day?",
    ],
)
def test_what_shares_too_few_words_with_a_question_is_no_answer(question: str):
    assert answer_from(question, [FACTS]) == ""


PLAIN = yaml.safe_load(Path(__file__).with_name("plain_texts.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        pytest.param(each["text"], question, answer, id=f"{each['what']}: {question}")
        for each in PLAIN
        for question, answer in each["asked"].items()
    ],
)
def test_a_plain_text_answers_with_what_stands_below_its_headings(
    text: str, question: str, answer: str
):
    said = answer_from(question, [text])
    assert answer in said
    assert len(said) < 300


@pytest.mark.parametrize(
    "text",
    [
        "We close at six. The\nannex stays open.\n",
        "Nothing\nis a heading\nwithout a sentence\n",
        "Dear Ada,\n\nThe parcel is here.\n",
        "Single  80\n\nDouble  110\n",
        "```\nmake it\n```\n",
    ],
)
def test_what_is_no_heading(text: str):
    assert not any(heading_levels(text.splitlines()))


def test_same_question_same_answer():
    assert len({answer_from("company values", [MARKED]) for _ in range(5)}) == 1


def test_heading_without_the_question_s_other_words_will_do():
    text = "# Acme manual\n# Our values\nWe ask before we answer."
    answer = answer_from("What are the company values?", [text])
    assert answer == "Our values\nWe ask before we answer."


def test_long_section_is_given_without_its_subsections():
    own = "We hold these values. " * 20
    text = f"# Values\n{own}\n## More\n" + "And there is more to say. " * 60
    answer = answer_from("values", [text])
    assert answer == f"Values\n{own.strip()}"


@pytest.mark.parametrize("line", ["Short line", "", "What is it about", "a. b! c?"])
def test_large_texts_and_questions_take_no_time(line: str):
    text = f"{line}\n" * 20_000
    answer_from("What are the company values?", [text])
    answer_from(text, ["# Values\nBe kind."])
