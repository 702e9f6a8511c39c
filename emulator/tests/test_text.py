"""Plain chat: what the rules answer, and that they say what they are."""

import re
import time

import pytest

from responses_emulator.model import text
from responses_emulator.model.text import answer, reasoning_steps, refuses
from responses_emulator.model.words import plain, shortened, stem, subject

JOKE = "Tell me a joke."


def test_a_joke_is_a_joke_and_the_same_every_time():
    assert answer(JOKE, []) == answer(JOKE, [])
    assert answer(JOKE, []) in {joke for joke, _ in text.tales.JOKES}


def test_another_joke_is_another():
    first, second = answer(JOKE, []), answer("Tell me another one", [JOKE])
    third = answer("another joke please", [JOKE, "Tell me another one"])
    assert len({first, second, third}) == 3


def test_a_joke_is_explained():
    joke = answer(JOKE, [])
    why = answer("Explain why this is funny.", [JOKE])
    assert (joke, why) in text.tales.JOKES


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Write me a poem about the sea.", ["foam", "harbour", "wave"]),
        ("A poem about autumn, please", ["leaves", "maples"]),
        ("Write a poem about fall", ["leaves", "maples"]),
        ("Write a love poem", ["hand to hold"]),
        ("Give me a rhyme about programming in Python", ["loop", "tests"]),
        ("A song about a night full of stars", ["stars", "moon"]),
        ("poem about the rain", ["umbrellas", "puddle"]),
        ("Write a poem on spring.", ["crocus", "blackbird"]),
    ],
)
def test_a_poem_on_a_common_topic_is_about_it(prompt: str, words: list[str]):
    poem = answer(prompt, [])
    assert all(word in poem for word in words)
    assert 8 <= len([line for line in poem.splitlines() if line]) <= 12
    assert poem == answer(prompt, [])


@pytest.mark.parametrize("topic", ["the sea", "rust", "two old friends", "Köln"])
def test_a_poem_names_its_topic(topic: str):
    poem = answer(f"Write me a poem about {topic}.", [])
    assert topic.lower() in poem.lower()
    assert 8 <= len([line for line in poem.split("\n") if line]) <= 12


def test_a_novel_is_long_and_a_story_shorter():
    novel = answer("Write a very long novel about otters in space", [])
    story = answer("Tell me a short story about a dragon.", [])
    assert len(novel.split()) > 500
    assert len(novel) > len(story) > 300
    assert novel.count("otters in space") > 3
    assert "a dragon" in story


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (["My name is Ada."], "What is my name?", "Your name is Ada."),
        (["Hi, I'm Bob.", JOKE, "Hello"], "What's my name?", "Your name is Bob."),
        (["call me Zoë"], "Do you remember my name?", "Your name is Zoë."),
        (["I\u2019m Ada"], "What\u2019s my name?", "Your name is Ada."),
        (["My name is Al.", "Call me Bo."], "What is my name?", "Your name is Bo."),
        (
            ["My favorite color is green."],
            "What is my favourite colour?",
            "Your favorite color is green.",
        ),
        (["I live in Oslo and I like tea"], "Where do I live?", "You live in Oslo."),
        (
            ["I have two cats. I like tea."],
            "How many cats do I have?",
            "You have two cats.",
        ),
        (["I have two cats. I like tea."], "What do I like?", "You like tea."),
        (
            ["My sister's name is Eve."],
            "What is my sister's name?",
            "Your sister's name is Eve.",
        ),
        ([], "What is my name?", "You have not told me your name."),
        (
            ["I like tea."],
            "What is my shoe size?",
            "You have not told me your shoe size.",
        ),
        (["Hi"], "What did I ask first?", "You said: “Hi”."),
    ],
)
def test_what_was_told_is_remembered(said: list[str], question: str, expected: str):
    assert answer(question, [plain(text) for text in said]) == expected


def test_what_is_told_is_acknowledged():
    assert answer("Hi, my name is Bob.", []) == "Nice to meet you, Bob."
    assert "two cats" in answer("I have two cats.", [])


def test_everything_known_is_told():
    told = answer("What do you know about me?", ["I have two cats.", "My dog is old."])
    assert told == "You have two cats. Your dog is old."


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "A bat and a ball cost $1.10 in all. The bat costs $1 more than the ball. "
            "How much does the ball cost?",
            r"ball costs \$0\.05",
        ),
        (
            "A racket and a net cost £30. The racket costs £20 more than the net.",
            r"net costs £5\.",
        ),
        ("What is 2 + 2?", r"\b4$"),
        ("how can I solve 8x + 7 = -23", r"x = -3\.75"),
        ("Solve x = x + 1", "no single solution"),
        ("Count to 5", "1, 2, 3, 4, 5"),
        ("count from 3 down to 1", "3, 2, 1"),
        ("Count to 999999999", "too far"),
        ("Name the days of the week.", "Monday, .* and Sunday"),
        ("List three fruits", r"3\. "),
        ("Hello!", "^Hello"),
        ("Thanks a lot", "welcome"),
        ("Goodbye", "Goodbye"),
        ("Who are you?", "stand-in model"),
        ("What time is it?", "no clock"),
        ("Translate 'hello' to French.", "cannot translate"),
        ("Explain quantum computing.", "quantum computing.*stand-in"),
        ("What's the weather in London?", "needs a tool"),
        ("This is a test.", "stand-in model.*“This is a test.”"),
        ("", "empty message"),
        ("🙂", "🙂"),
    ],
)
def test_answers(prompt: str, expected: str):
    assert re.search(expected, answer(prompt, []))


def test_a_conversation_is_summed_up():
    told = answer("Please summarize our conversation so far", ["Hi", "What is 2+2?"])
    assert "“Hi”" in told
    assert "“What is 2+2?”" in told
    assert "only just begun" in text.summarise_conversation([])
    assert "after 30 earlier" in text.summarise_conversation(["x"] * 50)


def test_instructions_can_make_a_pirate():
    told = answer("Hello", [], "You are a coding assistant that talks like a pirate.")
    assert told.startswith("Arr!")


def test_harm_is_refused_and_nothing_else():
    for prompt in ["How do I build a bomb?", "Write ransomware for me"]:
        assert refuses(prompt)
        assert "can't help" in answer(prompt, [])
    for prompt in ["Solve 8x = 1", "How do I make a bath bomb calorimeter?", "Hi", ""]:
        assert not refuses(prompt)


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        (
            "A bat and a ball cost $1.10 in all. The bat costs $1 more than the ball.",
            ["1.10", "bat", "0.05"],
        ),
        ("how can I solve 8x + 7 = -23", ["8x + 7 = -23", "-3.75"]),
        ("What is 12 * 12?", ["144"]),
        ("Plan a trip from Oslo to Paris for 3 people.", ["Oslo", "Paris", "3"]),
        ("", []),
        ("🙂" * 10_000, []),
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
    assert stem("favorite") == stem("favourites")
    assert subject("Please tell me about the sea.") == "the sea"
    assert shortened("one two three four", 10) == "one two…"


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("How do I make bioweapons?", "I'm sorry, but I can't help with that."),
        ("Please name (the) weekdays", "Monday, Tuesday, Wednesday"),
        ("STORIES! Tell me one", "a secret\n\n"),
        ("...what's today's date", "I have no clock"),
        ("I'm Ada.", "Nice to meet you, Ada."),
    ],
)
def test_a_rule_is_found_by_how_any_word_of_the_prompt_begins(prompt: str, said: str):
    assert said.casefold() in answer(prompt, []).casefold()
