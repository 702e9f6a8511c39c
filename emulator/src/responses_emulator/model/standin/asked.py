"""What kind of answer a question asks for: a time, a person, a place, a number, ...

"On which day is Gerda watered?" asks for a time: a passage that answers it has one, and
need not have the word "day".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from responses_emulator.model.prompt.words import lazy_pattern, search_terms

MAX_QUESTION = 500  # characters that are looked at

_NUMBER = (
    r"(?:\d[\d.,]{0,15}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"fifteen|twenty|thirty|forty|fifty|sixty|ninety|a hundred|a thousand|half an?|an?)"
)
_UNIT = r"(?:second|minute|hour|day|night|week|month|year|decade)s?"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)"
)
_CAPITAL = r"[A-Z][\w'\u2019-]{1,40}"


@dataclass(frozen=True)
class Kind:
    """A kind of answer.

    `asks` finds its questions, `has` the texts that may hold an answer; `words` are how
    a question says the kind: an answer does without them.
    """

    asks: Callable[[], re.Pattern[str]]
    has: Callable[[], re.Pattern[str]]
    words: str

    @property
    def terms(self) -> frozenset[str]:
        """Its words as `search_terms` has them."""
        return _terms(self.words)


@cache
def _terms(words: str) -> frozenset[str]:
    return frozenset(search_terms(words))


def _either(
    *patterns: str, flags: int = re.IGNORECASE
) -> Callable[[], re.Pattern[str]]:
    return lazy_pattern("|".join(patterns), flags)


# The first that fits counts: "how long" before "how many", "what time" before "what".
KINDS = (
    Kind(
        _either(r"\bhow long\b", r"\b(?:what|which) (?:duration|length)\b"),
        _either(
            rf"\b{_NUMBER}[ -](?:\w{{1,20}}[ -])?{_UNIT}\b",
            rf"\b{_NUMBER} ?(?:km|m|cm|mm|kilomet\w+|met(?:er|re)s?|miles?|f[eo]+t)\b",
            r"\b(?:until|from .{1,30} to)\b",
        ),
        "long last lasts take takes duration length",
    ),
    Kind(
        _either(
            r"\bwhen\b",
            r"\bhow (?:often|soon|early|late)\b",
            r"\b(?:what|which) (?:\w{1,20} )?(?:day|date|month|year|time|weekday|week|"
            r"season|hour|century)s?\b",
        ),
        _either(
            r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
            rf"\b{_MONTH} \d|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b",
            rf"\b(?:in|since|until|by|every|each|of) {_MONTH}\b",
            r"\b\d{1,2}(?:st|nd|rd|th)\b|\b1[0-9]\d\d\b|\b20\d\d\b|\b\d{4}-\d\d-\d\d\b",
            r"\b\d{1,2}(?::\d\d| ?(?:am|pm|a\.m|p\.m|o.clock)\b)",
            r"\b(?:daily|weekly|monthly|yearly|annually|noon|midnight|tomorrow|today)\b",
            r"\b(?:every|each|once an?|twice an?|times an?) (?:other )?(?:\w{1,20} )?"
            rf"{_UNIT}\b",
            r"\b(?:in|at|every) (?:the )?(?:morning|evening|afternoon|night|spring|"
            r"summer|autumn|winter)\b",
            r"\b(?:at|from|until|by|before|after) (?:one|two|three|four|five|six|seven|"
            r"eight|nine|ten|eleven|twelve)\b",
            rf"\b(?:within|after|in) {_NUMBER} (?:\w{{1,20}} )?{_UNIT}\b",
        ),
        "day date month year time weekday week season hour often soon start starts "
        "begin begins happen happens take takes place held",
    ),
    Kind(
        _either(
            r"\bhow much\b.{0,60}\b(?:cost|pay|charge|price|earn|spend|is|are)\w*\b",
            r"\b(?:what|which)\b.{0,30}\b(?:price|cost|fee|salary|fare|rent|budget)s?\b",
        ),
        _either(
            r"[$\u20ac\u00a3\u00a5] ?\d|\d ?[$\u20ac\u00a3\u00a5]",
            r"\b\d[\d.,]{0,15} ?(?:dollars?|euros?|pounds?|cents?|usd|eur|gbp|%)",
            r"\bfree\b",
        ),
        "cost costs price fee pay charge spend amount",
    ),
    Kind(
        _either(
            r"\bhow (?:many|much|old|far|tall|high|big|large|heavy|deep|wide|fast)\b",
            r"\b(?:what|which) (?:\w{1,20} )?(?:number|amount|percentage|share|size|"
            r"age)\b",
        ),
        _either(rf"(?<!\w)(?!an? ){_NUMBER}\b"),
        "number amount percentage share size age old far tall high big large heavy "
        "deep wide fast people person persons come comes",
    ),
    Kind(
        _either(
            r"\bwho(?:m|se)?\b",
            r"\b(?:what|which) (?:person|people|team|colleague|author|manager)\b",
        ),
        _either(
            rf"\b(?:Mr|Mrs|Ms|Dr|Prof)\.? {_CAPITAL}",
            rf"\b{_CAPITAL} (?:van |von |de |of )?{_CAPITAL}",
            rf"\b(?:by|with|ask|contact|from|is|was|to) {_CAPITAL}",
            r"\b(?i:manager|director|team|department|president|chief|officer|nobody|"
            r"everybody|anyone|everyone|colleagues?)\b",
            flags=0,
        ),
        "person people name give gives",
    ),
    Kind(
        _either(
            r"\bwhere\b",
            r"\b(?:what|which) (?:place|city|town|country|room|building|address|"
            r"location|office|floor|street)\b",
        ),
        _either(
            rf"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Oo]n|[Bb]ehind|[Oo]pposite|[Tt]o) "
            rf"(?:the )?{_CAPITAL}",
            r"\b(?i:room|floor|building|street|road|hall|desk|entrance|basement|garden|"
            r"corridor|shelf|cupboard|address)\b",
            flags=0,
        ),
        "place city town country room building address location office floor street "
        "find located",
    ),
    Kind(
        _either(r"\bwhy\b", r"\bfor (?:what|which) reason\b"),
        _either(r"\b(?:because|since|due to|so that|in order to|therefore|reason)\b"),
        "reason",
    ),
    Kind(
        _either(r"\bname\b", r"\bcalled\b"),
        _either(r"\b(?:called|named|name is|known as)\b"),
        "name named called",
    ),
)


def kind_of(question: str) -> Kind | None:
    """The kind of answer that a question asks for, if it can be told."""
    asked = question[:MAX_QUESTION]
    return next((kind for kind in KINDS if kind.asks().search(asked)), None)
