"""English words as the stand-in model's rules need them: stems, lists, subjects."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text that is a table."""
    return tuple(text.split())


def lazy_pattern(text: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A pattern that is compiled when first called for: starting shall be quick."""
    return cache(lambda: re.compile(text, flags))


LONGEST_WORD = 64  # letters
_FUNCTION_WORDS = frozenset(
    word_list(
        "a about all also am an and any are as at be been but by can could did do does "
        "each for from get give had has have he her his how i if in into is it its "
        "many may me more much my no not of on or our please shall she should show so "
        "some such tell than that the their them then there these they this those to "
        "us was we were what when where which while who whom whose why will with would "
        "you your"
    )
)
# What says nothing of a chat's matter.
STOP_WORDS = _FUNCTION_WORDS | frozenset(
    word_list(
        "above after again because before being doing down during few further given "
        "having hello here hers hey hi him just know let like make most need nor now "
        "off ok once only other out over own right same say thank thanks today too "
        "under until up use using very want yes yours"
    )
)
# What a request begins with: it says what is to be done, and not with what.
REQUEST_WORDS = frozenset(
    word_list(
        "add analyse analyze ask book browse buy calculate call click compare compute "
        "convert create define delete describe discuss draw email explain extract "
        "fetch find forecast generate greet invite list look mail make move navigate "
        "open order plan play post read remind remove reply review schedule search "
        "send set solve sort start stop summarise summarize translate type update "
        "visit write"
    )
)
QUESTION_WORDS = frozenset(
    word_list(
        "am are can did do does has have how is was were what when where which who "
        "whose why will"
    )
)
_BEFORE_SUBJECT = REQUEST_WORDS | STOP_WORDS - frozenset(
    word_list("a all an any each his her its my no our some that the their this your")
)
_AFTER_SUBJECT = frozenset(word_list("right now today currently please"))
# What says nothing of what is sought: "after" and "other" do, in a heading.
_NOT_SOUGHT = _FUNCTION_WORDS | frozenset(word_list("explain find list mean one"))
_TYPOGRAPHY = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2010: "-", 0x2011: "-"}
)
_CONTRACTION = lazy_pattern(r"(?<=\w)'(?:s|re|ve|ll|d|m|t)\b")
_WORD = lazy_pattern(r"[^\W_]+(?:'[^\W\d_]+)?")
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TERM = lazy_pattern(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")
_SENTENCE_END = lazy_pattern(r"(?<=[.!?])\s+|\s*\n\s*")


def plain(text: str) -> str:
    """The text with typewriter quotes and hyphens, which the rules look for."""
    return text if text.isascii() else text.translate(_TYPOGRAPHY)


def without_accents(text: str) -> str:
    """The text with plain letters: café -> cafe."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    accents = {ord(c): None for c in set(decomposed) if unicodedata.combining(c)}
    return decomposed.translate(accents) if accents else decomposed


def words(text: str) -> list[str]:
    """The words of a text in lower case, contractions cut: what's -> what."""
    return _WORD().findall(_CONTRACTION().sub("", plain(text).lower()))


def name_words(name: str) -> list[str]:
    """The words in an identifier: eventName, event_name -> event, name."""
    return words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " "))


def stem(word: str) -> str:
    """A word without its commonest endings, so that forms of one word meet.

    Of what is longer than any word, the beginning is taken for all of it.
    """
    return _stem(word[:LONGEST_WORD])


@lru_cache(20_000)
def _stem(word: str) -> str:
    word = word.lower()
    if len(word) > 4 and word.endswith(("ies", "ied")):
        word = word[:-3] + "y"
    elif len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and re.search("[aeiouy]", rest):
            word = rest
            break
    if len(word) > 3:
        word = word.removesuffix("e")
    if len(word) > 2 and word[-1] == word[-2] and word[-1].isalpha():
        word = word[:-1]  # so that "planned" meets "plan", and "call" meets "calling"
    return word


def terms(text: str, stop_words: frozenset[str] = STOP_WORDS) -> list[str]:
    """The stems of the words that carry meaning, in order, without accents.

    "What are the company's values?" gives `["company", "valu"]`. Writing without spaces
    is taken letter by letter.
    """
    lower = plain(text).casefold()
    if "'" in lower:
        lower = _CONTRACTION().sub("", lower)
    found = _TERM().findall(without_accents(lower))
    return [_stem(word[:LONGEST_WORD]) for word in found if word not in stop_words]


def search_terms(text: str) -> list[str]:
    """The terms that a text can be found by, or that a question looks for."""
    return terms(text, _NOT_SOUGHT)


def listed(parts: list[str]) -> str:
    """Parts as prose: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def shortened(text: str, limit: int = 80) -> str:
    """A text on one line of at most `limit` characters, cut between words."""
    text = " ".join(text[: limit * 20].split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(",;:. ") + "…"


def capital_first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the white space between them."""
    parts = _SENTENCE_END().split(text)
    return [part.strip() for part in parts if part.strip()]


def subject(prompt: str) -> str:
    """What a prompt is about: its first sentence without "please tell me about"."""
    first = (sentences(plain(prompt[:2000])) or [""])[0].rstrip("?!. ")
    parts = first.split()
    while len(parts) > 1 and _is_one_of(parts[0], _BEFORE_SUBJECT):
        parts.pop(0)
    while len(parts) > 1 and _is_one_of(parts[-1], _AFTER_SUBJECT):
        parts.pop()
    return shortened(" ".join(parts).strip(" ,:;\"'"), 120)


def is_request(text: str) -> bool:
    """Whether a text begins as a request does."""
    return not REQUEST_WORDS.isdisjoint(words(text[:40])[:3])


def is_question(text: str) -> bool:
    """Whether a text has a question mark, or begins as a question does."""
    return "?" in text or not QUESTION_WORDS.isdisjoint(words(text[:40])[:1])


def _is_one_of(part: str, known: frozenset[str]) -> bool:
    found = words(part)
    return bool(found) and all(word in known for word in found)
