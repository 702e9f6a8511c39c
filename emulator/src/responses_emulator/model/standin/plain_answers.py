"""What the stand-in says where nothing else answers: by a few rules, and it says so.

What was said before is found again by the words that a question shares with it;
arithmetic is worked out; where a long text is asked for, a long text comes. Everything
else gets one sentence that says what was asked and what answers.
"""

import re
from functools import lru_cache

from responses_emulator.model.items import MAX_SAID
from responses_emulator.model.prompt import expressions
from responses_emulator.model.prompt.words import (
    lazy_pattern,
    listed,
    plain,
    sentences,
    shortened,
    subject,
    terms,
    words,
)

MAX_REMEMBERED = 200  # messages of the user's that are looked through
MAX_SENTENCES = 40  # of one message
MAX_SENTENCE = 300  # characters of one of them
MAX_PIECES = 2_000  # of a text whose length is asked for
LONG = 40  # sentences of a long text
IN_A_PARAGRAPH = 5

_QUESTION = lazy_pattern(
    r"(?:(?:what|who|where|when|how)(?:'?s)?|which|do|did|am|have|is|are|can|tell me"
    r"|remind)\b",
    re.IGNORECASE,
)
_ME = frozenset(("i", "me", "my", "mine", "we", "our"))
_INTRODUCTION = lazy_pattern(r"\b(?:i'm|i am|call me|this is) \w+[^\w ]*$", re.I)
_SO_MANY = lazy_pattern(
    r"\bcount\b[^.?!\n]{0,40}?\bto (?P<numbers>\d{1,9})\b"
    r"|\b(?P<words>\d{1,9})[- ]words?\b"
    r"|\b(?P<sentences>\d{1,9}) (?:sentences|lines|items|points|paragraphs)\b",
    re.IGNORECASE,
)
_LONG = lazy_pattern(
    r"\b(?:story|poem|novel|essay|article|report|tale|long|detailed|in detail)\b",
    re.IGNORECASE,
)


def answer(prompt: str, said_before: list[str], instructions: str | None = None) -> str:
    """The answer to a prompt after the user's earlier messages, oldest first.

    They are as `items.said_in` gives them.
    """
    asked = plain(prompt[:MAX_SAID]).strip()
    if not said_before and _is_for_no_rule(asked):
        return _what_this_is(asked, instructions)
    return (
        recall(prompt, said_before, of_all=True)
        or _worked_out(asked)
        or _long_text(asked)
        or _what_this_is(asked, instructions)
    )


@lru_cache(1_000)  # tests ask the same questions again and again
def _is_for_no_rule(asked: str) -> bool:
    """Whether no rule has an answer to what a conversation begins with."""
    return not (
        recall(asked, [], of_all=True) or _worked_out(asked) or _long_text(asked)
    )


def recall(prompt: str, said_before: list[str], *, of_all: bool = False) -> str | None:
    """What the user has said about what they now ask, quoted; None for nothing.

    They ask about themselves, or, with `of_all`, about what shares all of its words.
    Of what shares as many words with the question the last counts: things change.
    """
    *before, question = sentences(plain(prompt[:MAX_SAID])) or [""]
    if not (question.endswith("?") or _QUESTION().match(question)):
        return None
    of_me = not _ME.isdisjoint(words(question))
    if not (of_me or of_all):
        return None
    wanted = _sought(question)
    best, most = "", 0.0
    for message in [*said_before[-MAX_REMEMBERED:], *before]:
        for sentence in sentences(message)[:MAX_SENTENCES]:
            if sentence.endswith("?"):
                continue
            sentence = sentence[:MAX_SENTENCE]
            share = len(wanted & _told(sentence)) / max(1, len(wanted))
            if share >= max(most, 0.5 if of_me else 1.0):
                best, most = sentence, share
    return f"You said: \u201c{shortened(best, 300)}\u201d" if best else None


def _sought(question: str) -> set[str]:
    """What a question looks for: its telling words, or all where it has none."""
    return set(terms(question)) or _plainly(question)


@lru_cache(4_000)  # a conversation is looked through at each of its questions
def _told(sentence: str) -> frozenset[str]:
    told = set(terms(sentence)) | _plainly(sentence)
    if _INTRODUCTION().search(sentence):
        told.update(terms("name"))
    return frozenset(told)


def _plainly(text: str) -> set[str]:
    """All words of a text; who asks and who is told about are the same person."""
    return {"i" if word in _ME else word for word in words(text)}


def _worked_out(asked: str) -> str | None:
    found = [f"{one.text} = {one.result}" for one in expressions.find(asked)]
    return listed(found) if found else None


def _long_text(asked: str) -> str | None:
    """A text of the length that is asked for: to be streamed, cut and counted."""
    wanted = _SO_MANY().search(asked)
    if wanted is None:
        return _sentences(LONG, asked) if _LONG().search(asked) else None
    count = min(int(wanted[wanted.lastgroup or 0]), MAX_PIECES)
    if wanted.lastgroup == "numbers":
        return ", ".join(str(number) for number in range(1, count + 1))
    if wanted.lastgroup == "sentences":
        return _sentences(count, asked)
    return " ".join(_sentences(count, asked).split()[:count])


def _sentences(count: int, asked: str) -> str:
    about = shortened(subject(asked), 60)
    told = [
        f"This is sentence {number} of {count} that the stand-in writes on {about}."
        for number in range(1, count + 1)
    ]
    paragraphs = [
        " ".join(told[start : start + IN_A_PARAGRAPH])
        for start in range(0, count, IN_A_PARAGRAPH)
    ]
    return "\n\n".join(paragraphs)


def _what_this_is(asked: str, instructions: str | None) -> str:
    told = [f"You asked: \u201c{shortened(asked, 120)}\u201d"]
    if not asked:
        told = ["Your message is empty."]
    if instructions:
        told.append(f"I was told: \u201c{shortened(instructions, 120)}\u201d")
    told.append(
        "This is the emulator's stand-in, which is no language model: it says what you "
        "need from a file of replies (--replies)."
    )
    return " ".join(told)


def reasoning_steps(prompt: str) -> list[str]:
    """A summary of thinking about a prompt, in parts with a bold title each."""
    asked = plain(prompt[:MAX_SAID]).strip()
    about = shortened(subject(asked), 80) if asked else "nothing in particular"
    steps = [("Understanding the question", f"The user asks about {about}.")]
    if worked_out := _worked_out(asked):
        steps.append(("Working it out", f"{worked_out}."))
    steps.append(("Choosing an answer", "I keep the answer short and plain."))
    return [f"**{title}**\n\n{text}" for title, text in steps]
