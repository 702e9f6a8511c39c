"""Tables of words: what names of properties mean, and words of known kinds.

A name's words are compared by their stems (`words.stem`): a row stands for all forms
of its words.
"""

from responses_emulator.model.prompt.words import (
    REQUEST_WORDS,
    STOP_WORDS,
    stem,
    word_list,
)

KINDS = {
    "email": "email mail cc bcc",
    "url": "url link website uri href homepage webpage",
    "phone": "phone telephone mobile",
    "datetime": "datetime timestamp",
    "date": "date day when deadline birthday weekday due",
    "time": "time hour clock",
    "place": "city town place location venue address destination origin where "
    "departure arrival locality",
    "spot": "room area zone floor",
    "event": "event activity occasion meeting appointment",
    "thing": "device appliance item product object thing",
    "country": "country nation state region province",
    "person": "person people participant attendee author customer guest user member "
    "employee friend recipient sender patient student speaker owner assignee invitee "
    "contact team colleague candidate",
    "name": "name label title",
    "subject": "query topic subject search keyword q theme term",
    "gist": "summary description explanation reason reasoning note overview",
    "whole": "text prompt message content body input request sentence review comment "
    "question",
    "sum": "expression equation formula calculation expr math",
    "answer": "answer result solution output",
    "language": "language lang locale",
    "code": "currency ticker symbol",
}
KIND_OF = {stem(word): kind for kind, row in KINDS.items() for word in word_list(row)}
DAYS = word_list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = word_list(
    "January February March April May June July August September October November "
    "December"
)
LANGUAGES = word_list(
    "Arabic Chinese Czech Danish Dutch English Finnish French German Greek Hebrew "
    "Hindi Hungarian Italian Japanese Korean Norwegian Polish Portuguese Romanian "
    "Russian Spanish Swedish Thai Turkish Ukrainian Vietnamese"
)
SMALL_NUMBERS = {
    word: value
    for value, word in enumerate(
        word_list("zero one two three four five six seven eight nine ten eleven twelve")
    )
} | {"dozen": 12, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}


# What the values of properties with these words are measured in, or marked with.
MEASURES = {
    "price cost amount total budget fee salary paid spend sum value": (
        "$ \u00a3 \u20ac \u00a5 dollar euro pound cent usd eur gbp"
    ),
    "percent percentage pct rate discount": "% percent",
    "age old": "year",
}
MEASURED_IN = {
    stem(word): frozenset(map(stem, word_list(units)))
    for row, units in MEASURES.items()
    for word in word_list(row)
}
# Words of a property's name that say nothing of what it holds.
VAGUE = frozenset(
    map(stem, word_list("the of in is has should include enabled for flag be"))
)
# Capitalised at the start of a sentence without being anyone's name.
STARTERS = (
    STOP_WORDS | REQUEST_WORDS | frozenset(word_list("against around between near"))
)
NO_NAMES = frozenset(word.lower() for word in (*DAYS, *MONTHS, *LANGUAGES))
