"""What is said where nothing else answers: a few rules that say what they are."""

import re
import time

import pytest

from responses_emulator.model.prompt.words import plain, shortened, stem, subject
from responses_emulator.model.standin.plain_answers import (
    MAX_PIECES,
    answer,
    reasoning_steps,
)


@pytest.mark.parametrize(
    ("said", "question", "quoted"),
    [
        (["My name is Ada."], "What is my name?", "My name is Ada."),
        (["Hi, I'm Bob.", "A riddle, please.", "Hello"], "What's my name?", "I'm Bob."),
        (["hi! i'm zeynep"], "whats my name", "i'm zeynep"),
        (["I\u2019m Ada"], "What\u2019s my name?", "I'm Ada"),
        (["My name is Al.", "Call me Bo."], "What is my name?", "Call me Bo."),
        (["I live in Oslo. I like tea."], "Where do I live?", "I live in Oslo."),
        (["I have two cats. I like tea."], "How many cats do I have?", "two cats"),
        (["I have two cats. I like tea."], "What do I like?", "I like tea."),
        (["My sister is called Eve."], "What is my sister called?", "Eve"),
        (["The code is 4711.", "Thanks."], "What is the code?", "The code is 4711."),
        ([], "My dog is called Rex. What is my dog called?", "Rex"),
    ],
)
def test_what_was_said_is_found_again(said: list[str], question: str, quoted: str):
    told = answer(question, [plain(text) for text in said])
    assert told.startswith("You said: ")
    assert quoted in told


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ([], "What is my name?"),
        (["I like tea."], "What is my shoe size?"),
        (["The company is old."], "What are the company values?"),
        (["What is my name?"], "What is my name?"),
        (["My name is Ada."], "Write my name backwards."),
    ],
)
def test_what_was_not_said_is_not_found(said: list[str], question: str):
    assert "stand-in" in answer(question, said)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("What is 2 + 2?", "2 + 2 = 4"),
        ("whats 8 * 7", "8 * 7 = 56"),
        ("Count to 5", "1, 2, 3, 4, 5"),
        ("Count from 1 to 3, please", "1, 2, 3"),
    ],
)
def test_answers(prompt: str, expected: str):
    assert answer(prompt, []) == expected


@pytest.mark.parametrize(
    "prompt", ["Hello!", "Explain rust.", "\U0001f642", "Hi " * 99]
)
def test_everything_else_says_what_was_asked_and_what_answers(prompt: str):
    told = answer(prompt, [])
    assert prompt[:20].strip() in told
    assert "stand-in" in told and "--replies" in told
    assert len(told) < 400
    assert told == answer(prompt, [])


def test_an_empty_message_is_said_to_be_one():
    assert answer(" ", []).startswith("Your message is empty.")


def test_instructions_are_repeated():
    assert "Talk like a pirate." in answer("Hello", [], "Talk like a pirate.")


def test_a_long_text_is_as_long_as_it_is_asked_for():
    story = answer("Write a long story about two goats.", [])
    assert len(story.split()) > 300 and story.count("goats") > 20
    assert len(answer("Tell me about rust in 120 words.", []).split()) == 120
    assert answer("Give me 7 sentences on rust.", []).count("rust.") == 7
    assert answer("count to 99999999", []).endswith(f" {MAX_PIECES}")


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("A pen and a cap cost $1.10.", ["pen"]),
        ("What is 12 * 12?", ["144"]),
        ("", []),
        ("\U0001f642" * 10_000, []),
    ],
)
def test_reasoning_is_summed_up_in_titled_steps(prompt: str, named: list[str]):
    steps = reasoning_steps(prompt)
    assert 2 <= len(steps) <= 4
    assert all(re.fullmatch(r"\*\*[^*]+\*\*\n\n.{10,}", step) for step in steps)
    assert all(name in " ".join(steps) for name in named)


def test_rules_stay_fast_on_hostile_text():
    started = time.process_time()
    for unit in ["summarize ", "what was ", "story about ", "my ", "a, I ", "(", "1+"]:
        hostile = unit * 20_000
        answer(hostile, [hostile] * 10)
        answer("What is my name?", [hostile] * 10)
        reasoning_steps(hostile)
    assert time.process_time() - started < 5


def test_words():
    assert stem("cities") == stem("city")
    assert stem("Raining") == stem("rain")
    for one, other in (
        ("studied", "study"), ("classes", "class"), ("boxes", "box"),
        ("searches", "search"), ("wishes", "wish"), ("prices", "price"),
        ("planned", "plan"), ("calling", "call"), ("moved", "moving"),
        ("days", "day"), ("makes", "making"),
    ):  # fmt: skip
        assert stem(one) == stem(other)
    for one, other in (("bus", "bu"), ("this", "thi"), ("sing", "s"), ("red", "r")):
        assert stem(one) != stem(other)
    assert subject("Please tell me about the sea.") == "the sea"
    assert shortened("one two three four", 10) == "one two…"
