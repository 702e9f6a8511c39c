"""A property of a schema, which wants a value, and the prompt that it is drawn from.

What sort of value it wants is told by the words of its name (`lexicon.KINDS`).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from responses_emulator.model.prompt import lexicon
from responses_emulator.model.prompt.spans import MAX_PROMPT
from responses_emulator.model.prompt.words import (
    name_words,
    plain,
    stem,
    word_list,
    words,
)

LONGEST_NAME = 200  # characters: patterns are made of its words, and remembered

# Of two values that a prompt names, properties with these words want the first or last.
FIRST = frozenset(word_list("from origin source start departure old begin sender"))
LAST = frozenset(
    word_list(
        "to destination target end finish until return arrival new out checkout "
        "recipient receiver"
    )
)
ROLES = FIRST | LAST
# What something has that is known by an id.
ID_WORDS = frozenset(
    ("id", "code", "key", "no", "number", "ref", "reference", "sku", "account")
)
_HAVE_IDS = frozenset(("person", "event", "thing", "spot"))


@dataclass
class Source:
    """A prompt, and what of it was given out already."""

    text: str
    used: set[int | str] = field(default_factory=set[int | str])
    """Where numbers start, and texts as they are."""

    @classmethod
    def of(cls, prompt: str) -> "Source":
        """A prompt of which nothing was given out; of a long one, its beginning."""
        return cls(plain(prompt[:MAX_PROMPT]))


class Property(NamedTuple):
    """What a schema says about the value it wants."""

    name: str  # as in the schema, may be empty
    about: str = ""  # title and description
    siblings: frozenset[str] = frozenset()  # the kinds of the properties beside it
    needed: bool = True  # whether there has to be a value, and not null
    numbers: tuple[str, ...] = ()  # the names of the object's properties that are some

    @property
    def words(self) -> tuple[str, ...]:
        """The words in its name; of an endless one, those at its beginning."""
        return _words_of(self.name[:LONGEST_NAME])


@lru_cache(1_000)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(name_words(name))


def kind_of(prop: Property) -> str | None:
    """What sort of value is wanted: "person", "date", ...; by the name's last words."""
    named = prop.words
    kinds = [kind for word in named if (kind := lexicon.KIND_OF.get(stem(word)))]
    if kinds and kinds[-1] == "name":  # a customer's, say
        return kinds[-2] if kinds[:-1] else _whose_name(named)
    if named and named[-1] in ID_WORDS and _HAVE_IDS.issuperset(kinds[-1:]):
        return "id"
    if kinds or (named and len(named[-1]) > 2):
        return kinds[-1] if kinds else None
    about = (lexicon.KIND_OF.get(stem(word)) for word in words(prop.about[:300]))
    return next(filter(None, about), None)


def _whose_name(named: tuple[str, ...]) -> str:
    is_a_persons = {"first", "last", "family", "full"}.intersection(named)
    return "person" if is_a_persons else "name"
