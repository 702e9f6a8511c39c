"""Plain chat by rules: pleasant, the same every time, and honest about being rules."""

import re
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache

from responses_emulator.model import extraction, gazetteer, lexicon, sums, tales
from responses_emulator.model.arithmetic import shown
from responses_emulator.model.items import MAX_SAID
from responses_emulator.model.words import (
    STOP_WORDS,
    capital_first,
    lazy_pattern,
    listed,
    mentions,
    plain,
    sentences,
    shortened,
    stem,
    subject,
    terms,
    word_list,
    words,
)

MAX_COUNT = 1000  # that is counted to

_HARMFUL = lazy_pattern(
    r"\b(?:how (?:do|can|would|to|could)|instructions|steps|recipe|guide|teach me"
    r"|help me|make|build|write|create|tell me|explain)\b.{0,80}?\b(?:"
    r"(?:pipe |nail |dirty |car |nuclear |petrol )?bombs?\b(?! (?:calorimeter|shelter))"
    r"|explosive devices?|nerve (?:gas|agents?)|bioweapons?|biological weapons?"
    r"|chemical weapons?|(?:crystal )?meth(?:amphetamine)?|ransomware|computer virus"
    r"|poison (?:my|him|her|them|someone|somebody|a person)"
    r"|(?:kill|murder|stalk) (?:my|him|her|them|someone|somebody|a person)"
    r"|hack into (?:my|his|her|their|someone|somebody|a)"
    r"|steal (?:a|someone)[\w' ]* (?:car|identity|card)|kill myself|hurt myself)",
    re.IGNORECASE | re.DOTALL,
)
# One of these is in whatever the pattern matches.
_HARM = (
    *(
        "bomb",
        "explosive",
        "nerve",
        "weapon",
        "bioweapon",
        "meth",
        "ransomware",
        "virus",
        "poison",
    ),
    *("kill", "murder", "stalk", "hack", "steal", "hurt"),
)
_FLIPS = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    "we": "you",
    "our": "your",
    "was": "were",
}
_FIRST_PERSON = lazy_pattern(r"\b(?:my|i|me|mine|i've|i'm)\b", re.IGNORECASE)
_QUESTION = lazy_pattern(
    r"(?:what|who|where|when|which|how|do|did|am|have|is|are|can|tell me|remind)\b",
    re.IGNORECASE,
)
_EXPLAIN = lazy_pattern(
    r"(?:please |can you |could you )*(?:explain|describe|define"
    r"|(?:what|who)(?:'s| is| are| was| were)|tell me (?:more )?about)\b",
    re.IGNORECASE,
)
# How a statement of the user's about themselves begins, what may stand before it, and
# what looks like one and is none.
_SELF = lazy_pattern(r"(?:i|i'm|i've|my|we|our|call me)\b", re.IGNORECASE)
_SELF_ANYWHERE = lazy_pattern(r"\b(?:i|my|we|our|call me)\b", re.IGNORECASE)
_SELF_PARTS = lazy_pattern(r"\s+and\s+(?=(?:I|my|we)\b)|;\s+|,\s+(?=(?:I|my)\b)")
_SELF_LEAD = lazy_pattern(
    r"^(?:hello|hi|hey|well|also|and|but|by the way|please remember|remember|note)"
    r"[,!:]?\s+(?:that\s+)?",
    re.IGNORECASE,
)
_WISH = lazy_pattern(r"i (?:want|need|would like) (?:you|to)|i'd like", re.IGNORECASE)
_NOT_NAMES = STOP_WORDS | {"fine", "sorry", "sure", "happy", "glad", "new", "going"}
_WHAT = "The emulator's stand-in model"


def answer(prompt: str, said_before: list[str], instructions: str | None = None) -> str:
    """The answer to a prompt after the user's earlier messages, oldest first.

    They are as `items.said_in` gives them.
    """
    asked = plain(prompt[:MAX_SAID]).strip()
    text = (
        _said(asked, said_before) or _fallback(asked) if said_before else _first(asked)
    )
    if instructions and re.search(r"\bpirate\b", instructions, re.IGNORECASE):
        text = f"Arr! {text}"
    return text


@lru_cache(1_000)  # tests ask the same questions again and again
def _first(asked: str) -> str:
    """The answer to a prompt with which a conversation begins."""
    return _said(asked, []) or _fallback(asked)


def _said(asked: str, earlier: list[str]) -> str | None:
    """What the first rule says that has something to say."""
    low = asked.casefold()
    heads = {*_HEAD().findall(low), ""}
    for rule, cues, begun in _RULES:
        # To compare how words begin is cheapest, to look for a word is cheaper than a
        # pattern, and most rules end here.
        if (
            not heads.isdisjoint(begun)
            and mentions(low, cues)
            and (said := rule(asked, earlier))
        ):
            return said
    return None


def recall(prompt: str, said_before: list[str]) -> str | None:
    """The answer to a question about what the user has said of themselves, or None."""
    asked = plain(prompt[:MAX_SAID]).strip()
    return _memory(asked, said_before) if said_before else None


def refuses(prompt: str) -> bool:
    """Whether the prompt asks for plain harm: by a short list, not a filter."""
    asked = plain(prompt[:MAX_SAID])
    low = asked.casefold()
    return mentions(low, _HARM) and bool(_HARMFUL().search(asked))


def summarise_conversation(said_before: list[str]) -> str:
    """What the user said and asked so far, oldest first."""
    told = [f"“{shortened(text, 100)}”" for text in said_before if text.strip()]
    if not told:
        return "This conversation has only just begun: there is nothing to sum up yet."
    left_out = len(told) - 20
    lead = f"(after {left_out} earlier messages) " if left_out > 0 else ""
    return f"So far you said, in this order: {lead}{listed(told[-20:])}."


def reasoning_steps(prompt: str) -> list[str]:
    """A summary of thinking about a prompt: 2 to 4 parts, each with a bold title."""
    asked = plain(prompt[:MAX_SAID]).strip()
    about = shortened(subject(asked), 80) if asked else "nothing in particular"
    steps = [("Understanding the question", f"The user asks about {about}.")]
    if puzzle := sums.difference_puzzle(asked):
        dearer, cheaper, total, difference = puzzle
        steps = [
            (
                "Setting up the problem",
                f"The {dearer} and the {cheaper} cost {_decimal(total)} together, and "
                f"the {dearer} costs {_decimal(difference)} more. The quick answer, "
                f"{_decimal(total - difference)}, is tempting, but then the two would "
                f"come to {_decimal(2 * total - difference)} altogether.",
            ),
            (
                f"Solving for the {cheaper}",
                f"Let x be the price of the {cheaper}. Then x + (x + "
                f"{_decimal(difference)}) = {_decimal(total)}, so 2x = "
                f"{_decimal(total - difference)} and x = "
                f"{_decimal((total - difference) / 2)}.",
            ),
        ]
    elif (equation := sums.equation(asked)) and equation.solution is not None:
        solution = shown(equation.solution)
        steps = [
            (
                "Setting up the equation",
                f"The equation is {equation.text}, with one unknown, "
                f"{equation.unknown}. I gather {equation.unknown} on one side and the "
                "numbers on the other.",
            ),
            (
                f"Solving for {equation.unknown}",
                f"That gives {equation.unknown} = {solution}. Putting it back in makes "
                "both sides equal.",
            ),
        ]
    elif found := sums.results(asked):
        told = [f"{text} comes to {shown(value)}" for text, value in found]
        steps.append(("Working it out", f"{capital_first(listed(told))}."))
    else:
        steps += _steps_in_general(asked)
    return [f"**{title}**\n\n{text}" for title, text in steps]


def _steps_in_general(asked: str) -> list[tuple[str, str]]:
    steps: list[tuple[str, str]] = []
    numbers = [_number(number.value) for number in extraction.numbers(asked[:4000])][:6]
    names = extraction.people(asked[:4000])[:4]
    names += [mention.city.name for mention in gazetteer.mentions(asked[:4000])][:4]
    if numbers or names:
        given = listed([*dict.fromkeys(names), *dict.fromkeys(numbers)])
        steps.append(("Gathering what is given", f"The prompt mentions {given}."))
    nouns = [word for word in words(asked[:4000]) if word not in STOP_WORDS]
    nouns = list(dict.fromkeys(word for word in nouns if len(word) > 3))[:3]
    matter = f"what was said of {listed(nouns)}" if nouns else "what was said"
    steps.append(
        (
            "Choosing an answer",
            f"I look at {matter} and keep the answer short and plain.",
        )
    )
    return steps


# The rules, in the order in which they are tried: each gives an answer or None.


def _refusal(asked: str, earlier: list[str]) -> str | None:
    del earlier
    return "I'm sorry, but I can't help with that." if refuses(asked) else None


def _nothing(asked: str, earlier: list[str]) -> str | None:
    del earlier
    return None if asked else "You sent an empty message. What would you like to know?"


def _conversation(asked: str, earlier: list[str]) -> str | None:
    if re.search(
        r"\b(?:summari[sz]e|sum up|recap)\b.*\b(?:conversation|chat|discussion|so far"
        r"|we (?:have )?(?:said|talked|discussed))|what have we (?:talked|discussed)",
        asked,
        re.IGNORECASE,
    ):
        return summarise_conversation(earlier)
    match = re.search(
        r"\bwhat (?:was|did i) (?:my )?(first|last|previous|just)?\b ?"
        r"(?:thing )?(?:i )?"
        r"(?:question|message|ask|say|asked|said)\b",
        asked,
        re.IGNORECASE,
    )
    if not match:
        return None
    if not earlier:
        return "You have not asked me anything before this."
    which = (match[1] or "last").lower()
    text = earlier[0] if which == "first" or " first" in asked.lower() else earlier[-1]
    return f"You said: “{shortened(text, 200)}”."


def _memory(asked: str, earlier: list[str]) -> str | None:
    """An answer from what the user said of themselves."""
    question = asked.endswith("?") or _QUESTION().match(asked)
    if not question or not _FIRST_PERSON().search(asked):
        return None
    everything = re.search(
        r"\b(?:know|remember|told you|tell you)\b.*\b(?:about )?(?:me|i)\b|"
        r"\bwhat (?:did|have) i (?:tell|told)\b|\bwho am i\b",
        asked,
        re.IGNORECASE,
    )
    told = _statements(earlier + _before_the_question(asked))
    if re.search(r"\b(?:my name|am i called|do you call me|who am i)\b", asked.lower()):
        name = _name(earlier + _before_the_question(asked))
        if name:
            return f"Your name is {name}."
        if "who am i" not in asked.lower():
            return "You have not told me your name."
    if everything:
        if not told:
            return "You have not told me anything about yourself yet."
        facts = [_second_person(text) for text in told[-8:]]
        return " ".join(f"{capital_first(fact)}." for fact in facts)
    if re.match(
        r"(?i)(?:tell|give|show|write|can|could|help)\b(?! me my| me what my)", asked
    ):
        return None
    question_text = _last_question(asked)
    wanted = set(terms(question_text)) - {"nam", "remember", "tell", "again"}
    best = max(
        enumerate(told),
        key=lambda pair: (_overlap(wanted, question_text, pair[1]), pair[0]),
        default=(0, ""),
    )[1]
    if best and _overlap(wanted, question_text, best) > 0:
        return f"{capital_first(_second_person(best))}."
    mine = re.search(
        r"(?i)\b(?:what|who|where|when|which)(?:'s| is| are| was) my ([\w' ]+)", asked
    )
    if mine:
        what = mine[1].strip()
        plain_noun = len(what.split()) < 3 and not what.endswith(("called", "named"))
        return f"You have not told me {'your ' + what if plain_noun else 'that'}."
    return None


def _last_question(asked: str) -> str:
    return sentences(asked)[-1]


def _before_the_question(asked: str) -> list[str]:
    return sentences(asked)[:-1]


def _overlap(wanted: set[str], question: str, statement: str) -> float:
    said = set(terms(statement))
    score = float(len(wanted & said))
    # "Where do I live?" asks for a place, "how many" for a number.
    low = question.lower()
    if score and low.startswith("how many") and extraction.numbers(statement):
        score += 0.5
    if (
        score
        and low.startswith("where")
        and re.search(r"\b(?:in|at|from)\b", statement)
    ):
        score += 0.5
    if not wanted and re.search(r"(?i)\bwhat do i like\b", question):
        score = 1.0 if re.search(r"(?i)\bi (?:like|love)\b", statement) else 0.0
    if re.search(r"(?i)\bdo i (?:like|love)\b", question) and re.search(
        r"(?i)\bi (?:really )?(?:like|love|enjoy)\b", statement
    ):
        score += 0.5
    if re.search(r"(?i)\bdo i have\b", question) and score:
        score += 0.25 if re.search(r"(?i)\bi(?:'ve| have)\b", statement) else 0
    if re.search(r"(?i)\bhow old am i\b|\bmy age\b", question) and re.search(
        r"(?i)\b(?:i am|i'm) \d+|years? old", statement
    ):
        score += 1
    return score


def _statements(texts: list[str]) -> list[str]:
    """What the user told of themselves: "my cat is old", "I live in Oslo"."""
    found: list[str] = []
    for text in texts[-200:]:
        if not _SELF_ANYWHERE().search(text):
            continue
        for sentence in sentences(text):
            if sentence.endswith("?"):
                continue
            for part in _SELF_PARTS().split(sentence):
                part = _SELF_LEAD().sub("", part.strip())
                if _SELF().match(part) and not _WISH().match(part):
                    found.append(part.rstrip(" .!,"))
    return found


def _second_person(statement: str) -> str:
    """The same fact said to the user: I live -> you live."""
    named = re.match(r"(?i)call me (.+)", statement)
    if named:
        return f"your name is {named[1]}"
    flipped: list[str] = []
    for word in statement.split():
        core = word.strip(',.;:!?"')
        new = _FLIPS.get(core.lower())
        if core.lower() == "was" and flipped[-1:] != ["you"]:
            new = None
        flipped.append(word.replace(core, new) if new and core else word)
    return " ".join(flipped)


def _name(texts: list[str]) -> str | None:
    """The name that the user gave last."""
    capitals = r"([^\W\d_a-z][\w'-]*(?: [^\W\d_a-z][\w'-]*){0,3})"
    patterns = (
        rf"\b[Mm]y name(?: is|'s) {capitals}",
        rf"\b[Cc]all me {capitals}",
        rf"\b(?:I'm|I am|[Tt]his is) {capitals}",
        r"\b(?:[Mm]y name(?: is|'s)|[Cc]all me) ([a-z][\w'-]*)",
    )
    for text in reversed(texts):
        for pattern in patterns:
            found = re.findall(pattern, text)
            if found and found[-1].lower() not in _NOT_NAMES:
                return capital_first(found[-1])
    return None


def _greeting(asked: str, earlier: list[str]) -> str | None:
    del earlier
    low = asked.casefold()
    for cues, pattern, said in _GREETINGS:
        if mentions(low, cues) and pattern().match(asked):
            if len(words(asked)) > 5 or _statements([asked]):
                return None
            return said
    return None


# With each, as with the rules, the pieces of which a prompt has at least one.
_GREETINGS = (
    (
        ("hello", "hi", "hey", "greetings", "good"),
        lazy_pattern(
            r"(?i)(?:hello|hi|hey|greetings|good (?:morning|afternoon|evening))\b"
        ),
        "Hello! What can I do for you?",
    ),
    (
        ("bye", "good night", "see you"),
        lazy_pattern(r"(?i)(?:bye|goodbye|good night|see you)\b"),
        "Goodbye! It was a pleasure.",
    ),
    (
        ("how are you",),
        lazy_pattern(r"(?is).*\bhow are you\b"),
        "All my rules are in place, thank you. What can I do for you?",
    ),
    (
        ("thank", "cheers", "thx"),
        lazy_pattern(r"(?i)(?:thanks|thank you|cheers|thx)\b"),
        "You're welcome!",
    ),
)


def _identity(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if re.search(
        r"(?i)\b(?:who|what) are you\b|\bare you (?:a |an |the )?(?:real|human|ai|bot"
        r"|model|robot|gpt|person|chatgpt)|\byour name\b"
        r"|\bwhat (?:model|version)\b.*\byou\b"
        r"|\bwho (?:made|built|created) you\b|\bwhat can you do\b"
        r"|\bintroduce yourself\b",
        asked,
    ):
        return (
            "I am the stand-in model of a local emulator of the Azure OpenAI Responses "
            "API. No language model is at work here: my answers are made by rules, so "
            "that programs can be tried out without an Azure subscription."
        )
    return None


def _puzzle(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if not sums.has_any(asked):
        return None
    puzzle = sums.difference_puzzle(asked)
    if puzzle:
        dearer, cheaper, total, difference = puzzle
        sign = next((sign for sign in "$£€" if sign in asked), "")
        price = (total - difference) / 2
        low, high = (f"{sign}{_decimal(each)}" for each in (price, price + difference))
        return (
            f"The {cheaper} costs {low}. The {dearer} then costs {high}, which is "
            f"{sign}{_decimal(difference)} more, and together they cost "
            f"{sign}{_decimal(total)}."
        )
    equation = sums.equation(asked)
    if equation:
        if equation.solution is not None:
            solution = shown(equation.solution)
            return (
                f"{equation.unknown} = {solution}. From {equation.text}, bring "
                f"{equation.unknown} to one side and the numbers to the other, then "
                "divide."
            )
        return f"{equation.text} has no single solution for {equation.unknown}."
    found = [f"{text} = {shown(value)}" for text, value in sums.results(asked)]
    return listed(found) if found else None


def _joke(asked: str, earlier: list[str]) -> str | None:
    history = [*earlier, asked]
    heard = _asked_for_jokes(history)
    if heard and heard[-1] == len(earlier):
        return tales.JOKES[_joke_number(history, heard)][0]
    if heard and re.search(
        r"(?i)\b(?:why|explain|what)\b.*\b(?:funny|joke|get it|that|this|it|pun)\b",
        asked,
    ):
        return tales.JOKES[_joke_number(history, heard)][1]
    return None


def _asked_for_jokes(history: list[str]) -> list[int]:
    """Where in a conversation a joke was asked for, another one included."""
    # Long conversations without a joke are looked through in one go.
    everything = "\n".join(history).lower()
    if not mentions(everything, ("joke", "make me laugh", "funny")):
        return []
    found: list[int] = []
    mentioned = False
    for at, text in enumerate(map(str.lower, history)):
        has_joke = "joke" in text
        perhaps = has_joke or mentioned or "make me laugh" in text or "funny" in text
        if perhaps and _asks_joke(text, mentioned):
            found.append(at)
        mentioned = mentioned or has_joke
    return found


def _asks_joke(text: str, mentioned: bool) -> bool:
    if re.search(r"\b(?:explain|why)\b", text):
        return False
    if re.search(r"\bjokes?\b|\bmake me laugh\b|\bsomething funny\b", text):
        return True
    return mentioned and bool(
        re.match(r"(?:and )?(?:another|one more|next)\b|tell me another", text)
    )


def _joke_number(history: list[str], heard: list[int]) -> int:
    """Which joke it is: no joke comes twice before all have come once."""
    return (_hash(history[: heard[0] + 1]) + len(heard) - 1) % len(tales.JOKES)


def _poem(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if re.search(r"(?i)\bhaiku\b", asked):
        topic = _topic(asked, r"haiku") or "a quiet machine"
        return tales.HAIKU.format(topic=capital_first(topic))
    kind = r"(?:poem|poetry|verses?|rhyme|sonnet|limerick|song)"
    if not re.search(rf"(?i)\b{kind}\b", asked):
        return None
    topic = _topic(asked, kind)
    before = re.search(rf"(?i)(\w+) {kind}\b", asked)  # "a love poem"
    named = topic or (before[1] if before else "")
    for about, poem in tales.POEMS_ABOUT:
        if re.search(rf"(?i)\b(?:{about})\b", named):
            return poem
    if not topic:
        return tales.POEMS[0].format(topic="a thought")
    return "\n".join(
        capital_first(line)
        for line in tales.POEMS[_hash([topic]) % len(tales.POEMS)]
        .format(topic=topic)
        .split("\n")
    )


def _story(asked: str, earlier: list[str]) -> str | None:
    del earlier
    kind = re.search(
        r"(?i)\b(?:story|stories|tale|novel|novella|book|fable|essay|saga"
        r"|fairy tale)\b",
        asked,
    )
    if not kind or not re.search(
        r"(?i)\b(?:write|tell|make up|invent|compose|give|story|novel)\b", asked
    ):
        return None
    if kind[0].lower() == "book" and not re.search(r"(?i)\bwrite\b", asked):
        return None
    topic = _topic(asked, re.escape(kind[0])) or "a secret"
    short = re.search(r"(?i)\b(?:short|brief|tiny|bedtime|one[- ]paragraph)\b", asked)
    long = re.search(r"(?i)\b(?:long|novel|saga|detailed|\d+ pages)\b", asked)
    chapters = list(tales.CHAPTERS)
    if short or not long:
        chapters = [
            tales.CHAPTERS[at] for at in ((2, 4, 6) if short else (0, 2, 4, 6, 8))
        ]
    parts = [tales.OPENINGS[_hash([topic]) % len(tales.OPENINGS)], *chapters]
    told = [part.format(topic=topic) for part in parts]
    if long and not short:
        told = [f"{at}.\n\n{part}" for at, part in enumerate(told, 1)]
    return "\n\n".join([f"{capital_first(topic)}", *told])


_ABOUT = lazy_pattern(
    r"(?i)\b(?:about|on|of|for|featuring|describing|in which)\s+(.+?)"
    r"(?=[.!?]|,? (?:in (?:\d+|the style|rhyme|under|less)|with \d+|using"
    r"|please)\b"
    r"|$)"
)


def _topic(asked: str, kind: str) -> str | None:
    """What a poem or story shall be about."""
    for line in asked.split("\n"):
        named = re.search(rf"(?i)\b{kind}\b", line)
        match = named and _ABOUT().search(line, named.end())
        if match:
            return shortened(match[1].strip(" \"'"), 60)
    return None


def _counting(asked: str, earlier: list[str]) -> str | None:
    del earlier
    match = re.search(
        r"(?i)\bcount\b(?: up)?(?: from (?:\d{1,9}|one))? (?:up |down )?to "
        r"(?:\d{1,9}|[a-z]+)\b",
        asked,
    )
    if not match:
        return None
    numbers = [
        int(n.value) for n in extraction.numbers(asked[match.start() : match.end()])
    ]
    if not numbers:
        return None
    low, high = (numbers[0], numbers[-1]) if len(numbers) > 1 else (1, numbers[0])
    if abs(high - low) >= MAX_COUNT:
        return f"That is too far for me: I count at most {MAX_COUNT} numbers."
    step = 1 if low <= high else -1
    return ", ".join(str(number) for number in range(low, high + step, step))


def _known_list(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if not re.search(r"(?i)\b(?:list|name|what are|give|tell|recite|say)\b", asked):
        return None
    low = asked.lower()
    for cue, pattern, members in _known_lists():
        if cue in low and pattern.search(asked):
            told = [member.replace("_", " ") for member in members]
            return f"{capital_first(listed(told))}."
    return None


def _list_form(asked: str, earlier: list[str]) -> str | None:
    del earlier
    match = re.search(
        r"(?i)\b(?:list|name|give me|tell me)\s+(\w+)\s+([a-z][\w' -]{2,60})", asked
    )
    numbers = extraction.numbers(match[1]) if match else []
    if not match or not numbers or not 1 <= numbers[0].value <= 20:
        return None
    things = match[2].strip()
    return "\n".join(
        [
            f"{_WHAT} knows no {shortened(things, 60)}, but a list of them has "
            "this form:",
            "",
            *(f"{at}. Item {at}" for at in range(1, int(numbers[0].value) + 1)),
        ]
    )


@cache
def _known_lists() -> list[tuple[str, re.Pattern[str], tuple[str, ...]]]:
    """A word that is in each match, the pattern, and what is on the list."""
    known: dict[tuple[str, str], tuple[str, ...]] = {
        ("days", r"days of the week|weekdays"): lexicon.DAYS,
        ("months", r"months(?: of the year)?\b"): lexicon.MONTHS,
        ("seasons", "seasons"): word_list("spring summer autumn winter"),
        ("planets", "planets"): word_list(
            "Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune"
        ),
        ("primary", r"primary colou?rs"): word_list("red yellow blue"),
        ("rainbow", r"colou?rs of the rainbow"): word_list(
            "red orange yellow green blue indigo violet"
        ),
        ("continents", "continents"): word_list(
            "Africa Antarctica Asia Australia Europe North_America South_America"
        ),
        ("alphabet", "alphabet"): tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    }
    return [
        (cue, re.compile(rf"\b(?:{pattern})", re.IGNORECASE), members)
        for (cue, pattern), members in known.items()
    ]


def _translation(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if re.search(
        r"(?i)\btranslat\w+\b|\bhow do you say\b|\bin (?:french|german|spanish|italian"
        r"|japanese|chinese|portuguese)\b",
        asked,
    ):
        return "I am a stand-in that works by rules and cannot translate."
    return None


def _clock(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if re.search(
        r"(?i)\bwhat(?:'s| is)? (?:the )?(?:current )?(?:time|date|day|year|month)\b"
        r"(?! (?:of|when|does|did))|\bwhat day is it\b|\btoday's date\b",
        asked,
    ):
        return "I have no clock and no calendar, so I cannot know the date or the time."
    return None


def _news(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if re.search(r"(?i)\b(?:weather|forecast|temperature|news|stock price)\b", asked):
        return (
            f"{_WHAT} cannot look up {shortened(subject(asked), 80)}: for that the "
            "request needs a tool, for instance a function."
        )
    return None


def _noted(asked: str, earlier: list[str]) -> str | None:
    """A statement of the user's about themselves is acknowledged."""
    del earlier
    if "?" in asked or len(asked) > 500:
        return None
    told = _statements([asked])
    if not told:
        return None
    name = _name([asked])
    others = [fact for fact in told if not (name and name in fact and len(fact) < 40)]
    greeting = f"Nice to meet you, {name}." if name else "Thank you, I will remember:"
    if not others:
        return greeting
    facts = listed([_second_person(fact) for fact in others[:5]])
    return f"{greeting} {capital_first(facts)}." if name else f"{greeting} {facts}."


def _explanation(asked: str, earlier: list[str]) -> str | None:
    del earlier
    if not _EXPLAIN().match(asked):
        return None
    return (
        f"You ask about {shortened(subject(asked), 100)}. {_WHAT} follows rules and "
        "knows no facts, so it cannot tell you more; on Azure, a real model "
        "would do so here."
    )


def _fallback(asked: str) -> str:
    return (
        "This is the emulator's stand-in model, which answers by rules: on Azure a "
        f"real model would answer “{shortened(asked, 120)}” here."
    )


_Rule = Callable[[str, list[str]], str | None]

# With each rule, what a prompt has at least one of where the rule has an answer: words,
# or beginnings of words; the empty one, which all have, where it is always tried.
_CUES: tuple[tuple[_Rule, tuple[str, ...]], ...] = (
    (_nothing, ("",)),
    (_refusal, _HARM),
    (
        _joke,
        (
            *("joke", "make me laugh", "funny", "another", "one more", "next"),
            *("why", "explain", "what"),
        ),
    ),
    (_conversation, ("summari", "sum up", "recap", "what")),
    (_memory, ("my", "i", "me", "mine")),
    (
        _greeting,
        (
            *("hello", "hi", "hey", "greetings", "good", "bye", "see you"),
            *("how are you", "thank", "cheers", "thx"),
        ),
    ),
    (
        _identity,
        (
            *("are you", "your name", "model", "version", "made you", "built you"),
            *("created you", "can you do", "introduce yourself"),
        ),
    ),
    (
        _translation,
        (
            *("translat", "how do you say", "in french", "in german", "in spanish"),
            *("in italian", "in japanese", "in chinese", "in portuguese"),
        ),
    ),
    (
        _poem,
        ("haiku", "poem", "poetry", "verse", "rhyme", "sonnet", "limerick", "song"),
    ),
    (_story, ("stor", "tale", "novel", "book", "fable", "essay", "saga")),
    (_puzzle, ("",)),
    (_counting, ("count",)),
    (
        _known_list,
        (
            *("days", "weekdays", "months", "seasons", "planets", "primary"),
            *("rainbow", "continents", "alphabet"),
        ),
    ),
    (_list_form, ("list", "name", "give me", "tell me")),
    (_clock, ("what", "today's date")),
    (_news, ("weather", "forecast", "temperature", "news", "stock price")),
    (_noted, ("i", "my", "we", "our", "call me")),
    (_explanation, ("explain", "describe", "define", "what", "who", "tell me")),
)
_HEAD = lazy_pattern("([a-z]{1,3})[a-z]*")  # the first letters of each word
_RULES = [
    (rule, cues, frozenset(cue.split(" ")[0][:3] for cue in cues))
    for rule, cues in _CUES
]


def _decimal(value: Fraction) -> str:
    """An amount of money with two decimals, whole ones without."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _hash(texts: list[str]) -> int:
    """The same number for the same texts, in every process."""
    joined = "\n".join(" ".join(map(stem, words(text[:2000]))) for text in texts)
    return zlib.crc32(joined.encode("utf-8", "replace"))
