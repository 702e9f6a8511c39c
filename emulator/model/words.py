"""English words as the stand-in model's rules need them: stems, lists, subjects."""

import re
from collections.abc import Callable
from functools import cache


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text that is a table."""
    return tuple(text.split())


def lazy_pattern(text: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A regular expression, compiled when first called for: the start shall be quick."""
    return cache(lambda: re.compile(text, flags))


STOP_WORDS = frozenset(
    word_list(
        "a about above after again all also am an and any are as at be because been "
        "before being but by can could did do does doing down during each few for "
        "from further get give given had has have having he hello hey hi her here "
        "hers him his how i if in into is it its just know let like make many may "
        "me more most much my need no nor not now of off ok on once only or other "
        "our out over own please right same say she should show so some such tell "
        "than thank thanks that the their them then there these they this those to "
        "today too two under until up us use using very want was we were what when "
        "where which while who whom why will with would yes you your yours"
    )
)
_TYPOGRAPHY = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2010: "-", 0x2011: "-"}
)
_CONTRACTION = lazy_pattern(r"'(?:s|re|ve|ll|d|m|t)$")
_WORD = lazy_pattern(r"[^\W_]+(?:'[^\W\d_]+)?")
_LEAD_IN = lazy_pattern(
    r"(?ix)^\s*(?:"
    r"(?:hello|hi|hey|ok|okay|so|well|now)[,!.]?\s+"
    r"|please[,]?\s+"
    r"|(?:can|could|would|will)\s+you\s+(?:please\s+|kindly\s+)?"
    r"|i\s+(?:want|need|would\s+like|'d\s+like)\s+(?:you\s+)?to\s+"
    r"|(?:who|what|where|when|which|how)(?:'s|'re|\s+(?:is|are|was|were))\s+"
    r"|(?:what|why|how|when|where)\s+(?:do|does|did|can|should|would)\s+"
    r"|how\s+(?:to|much|many)\s+"
    r"|what\s+"
    r"|(?:tell|give|show|write|send|find|get)\s+(?:me|us)\s+"
    r"|(?:explain|describe|define|summari[sz]e|discuss|analy[sz]e|write|find|get"
    r"|search(?:\s+for)?|look\s+up|list|create|generate|draw|make|calculate|compute"
    r"|solve|translate|compare)\s+"
    r"|(?:to\s+me|for\s+me|about|on)\s+"
    r")"
)
_TRAILING = lazy_pattern(
    r"(?ix)[,\s]+(?:right\s+now|now|today|currently|please|for\s+me|to\s+me"
    r"|at\s+the\s+moment|in\s+(?:one|a|two|three|\d+)\s+(?:short\s+)?"
    r"(?:sentences?|words?|paragraphs?))$"
)


def plain(text: str) -> str:
    """The text with typewriter quotes and hyphens, which the rules look for."""
    return text.translate(_TYPOGRAPHY)


def words(text: str) -> list[str]:
    """The words of a text in lower case, contractions cut: what's -> what."""
    return [
        _CONTRACTION().sub("", word) for word in _WORD().findall(plain(text).lower())
    ]


def name_words(name: str) -> list[str]:
    """The words in an identifier: eventName, event_name -> event, name."""
    return words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " "))


def stem(word: str) -> str:
    """A word without its commonest endings, so that forms of one word meet."""
    word = word.lower().replace("favorite", "favourite").replace("color", "colour")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word.removesuffix(ending)
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order, each once."""
    kept = (stem(word) for word in words(text) if word not in STOP_WORDS)
    return list(dict.fromkeys(kept))


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
    parts = re.split(r"(?<=[.!?])\s+|\s*\n\s*", text)
    return [part.strip() for part in parts if part.strip()]


def subject(prompt: str) -> str:
    """What a prompt is about: its first sentence without "please tell me about"."""
    first = (sentences(plain(prompt[:2000])) or [""])[0].rstrip("?!. ")
    rest = first
    while match := _LEAD_IN().match(rest):
        rest = rest[match.end() :]
    while match := _TRAILING().search(rest):
        rest = rest[: match.start()]
    return shortened(rest.strip(" ,:;\"'") or first, 120)
