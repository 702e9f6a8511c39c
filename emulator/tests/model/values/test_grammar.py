import re
import threading
import time
from collections.abc import Iterator

import orjson
import pytest
import regex
from lark import Lark

from emulator.tests.conftest import Client
from responses_emulator.model.values import grammar
from responses_emulator.processes import Processes

SUMS = """
start: expr
expr: term (SP ADD SP term)* -> add
    | term
term: factor (SP MUL SP factor)* -> mul
    | factor
factor: INT
SP: " "
ADD: "+"
MUL: "*"
%import common.INT
"""
QUERY = """
start: "SELECT" columns "FROM" NAME [where] ";"
columns: NAME ("," NAME)* | "*"
where: "WHERE" NAME OP (NUMBER | ESCAPED_STRING)
OP: ">" | "<" | "="
%import common.CNAME -> NAME
%import common.NUMBER
%import common.ESCAPED_STRING
%import common.WS
%ignore WS
"""
MOVES = """
start: move+
move: "forward" NUMBER "\\n" | "turn" SIDE "\\n" | "stop" "\\n"
SIDE: " left" | " right"
NUMBER: / [0-9]{1,3}/
"""
NESTED = """
?start: value
value: object | array | STRING | NUMBER
array: "[" [value ("," value)*] "]"
object: "{" [pair ("," pair)*] "}"
pair: STRING ":" value
STRING: /"[a-z]+"/
NUMBER: /-?[0-9]+/
%ignore /[ \\t]+/
"""
DATE = (
    r"^(?P<month>January|February)\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+"
    r"(?P<year>\d{4})\s+at\s+(?P<hour>0?[1-9]|1[0-2])(?P<ampm>AM|PM)$"
)


@pytest.mark.parametrize("rules", [QUERY, MOVES, NESTED])
@pytest.mark.parametrize(
    "prompt", ["", "Hello.", "Turn right, go forward 12, then stop.", "Where is 7 > 3?"]
)
def test_lark_itself_parses_what_is_written(rules, prompt):
    Lark(rules).parse(grammar.write("lark", rules, prompt))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Use the tool to add 4 plus 7.", "4 + 7"),
        ("What is 6 times 8?", "6 * 8"),
        ("Say `1 + 2 * 3`.", "1 + 2 * 3"),
        ("Compute: 5 * 5", "5 * 5"),
        ("Say `1 - 2`.", "1"),
    ],
)
def test_rules_are_filled_with_what_the_prompt_says(prompt, expected):
    assert grammar.write("lark", SUMS, prompt) == expected


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ("plus", "+"),
        ("minus", "-"),
        ("times", "*"),
        ("multiplied by", "*"),
        ("divided by", "/"),
        ("equals", "="),
        ("over", ">"),
        ("above", ">"),
        ("under", "<"),
        ("below", "<"),
    ],
)
def test_a_word_says_a_sign(said, sign):
    others = "".join(f'| "{each}"' for each in "+-*/=><" if each != sign)
    rules = f'start: N op N\nop: "?" {others} | "{sign}"\nN: /[0-9]+/\n%ignore " "'
    said = f"9 {said} 4"
    if sign in "><":  # a comparison is not only "is"
        rules = rules.replace('| "="', "")
    assert grammar.write("lark", rules, said).replace(" ", "") == f"9{sign}4"


def test_a_word_of_the_prompt_chooses_the_alternative():
    assert grammar.write("lark", MOVES, "Please turn.").startswith("turn")
    assert " WHERE " in grammar.write("lark", QUERY, "Rows where it is 5?")


@pytest.mark.parametrize("expression", [DATE, r"\d{4}-\d{2}", r"[A-Z]{3}-?x*", "a|b"])
@pytest.mark.parametrize("prompt", ["", "Hello.", "On 2026-11, or ABC-xx."])
def test_a_regular_expression_matches_all_that_is_written(expression, prompt):
    assert re.fullmatch(expression, grammar.write("regex", expression, prompt))


@pytest.mark.parametrize(
    "expression",
    [
        "0x[[:xdigit:]]{4}",
        "[[:alpha:]]+[[:digit:]]{2}",
        "[[:^alpha:][:upper:]]{3}",
        "[^[:space:]]{3}",
        "[a-z&&[^aeiou]]{4}",
        "[^a-z&&[^aeiou]]",
        r"[\w--\d]{3}",
        "[a-g~~b-h]{2}",
        r"[\p{L}&&\p{Lu}]{3}",
        "[a-c[x-z]]y",
        "[]a][^]a]",
        r"[a\]b&|^]{2}",
        "(?x) [ a b ] [0-9] # a digit )",
        "a(?i:B)|c",
        "(x(?i:y)|z)w",
        "(?P<year>[[:digit:]]{4})-(?<day>a)",
    ],
)
def test_an_expression_is_read_as_rust_reads_it(expression):
    text = grammar.write_here("regex", expression, "")
    assert regex.fullmatch(expression, text, regex.V1)
    assert grammar.fault_here("regex", expression, text) is None


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (r"\x{1F600}\U0001F34E[\x{41}-\x{43}]", "\U0001f600\U0001f34eA"),
        ("(?U)a+b", "ab"),
        ("(?i-u:K)(?-u:b)", "kb"),
        ("a(?i)b|C", "c"),
        (r"\<word\b{end} \b{start}x\>", "word x"),
        ("[a--[a]]|bb", "bb"),
    ],
)
def test_what_rust_alone_writes_is_understood(expression, written):
    assert grammar.write_here("regex", expression, "") == written


# What the service takes, and Lark itself does not: a word that may be nothing.
PATCH = """
start: begin hunk+ end
begin: "*** Begin Patch" LF
end: "*** End Patch" LF?
hunk: "*** Add File: " filename LF add_line+ | "*** Delete File: " filename LF
filename: /(.+)/
add_line: "+" /(.*)/ LF -> line
%import common.LF
"""


@pytest.mark.parametrize(
    ("rules", "written"),
    [
        (PATCH, "*** Begin Patch\n*** Delete File: a\n*** End Patch"),
        (
            PATCH.replace('| "*** Delete File: " filename LF', ""),
            "*** Begin Patch\n*** Add File: a\n+\n*** End Patch",
        ),
        ('start: "<" /[^>]*/ ">"', "<>"),
        ('start: "a" TEXT "b" // TEXT\nTEXT: /x*/', "ab"),
        ('start: A B "."\nA: /[a-z]*/i\nB: "y"? A', "."),
        ('start: WORD+ ";"\nWORD.2: /(?P<w>a*)(b|c*)?/\n%ignore / */', ";"),
        ("start: /a?b{0,2}(c|d*)/", ""),
        ('start: /[a-z]/~300 "!"', "a" * 300 + "!"),
    ],
)
def test_a_word_that_may_be_nothing_is_one_that_may_be_left_out(rules, written):
    assert grammar.write_here("lark", rules, "") == written
    assert grammar.fault_here("lark", rules, written) is None
    assert grammar.fault_here("lark", rules, f"{written}\x00\n?") is not None


@pytest.mark.parametrize(
    ("text", "taken"),
    [("+x", True), ("+", True), ("b", True), ("+xbb", True), ("++", False), ("", True)],
)
def test_what_may_be_left_out_may_be_there(text, taken):
    rules = 'start: ("+" /x*/)? /a?b*/'
    assert (grammar.fault_here("lark", rules, text) is None) is taken


def test_ambiguous_rules_do_not_hang_on_a_long_prompt():
    rules = "start: words\nwords: /[a-z ]/ | words words | words words words"
    long = "Say: " + "abc " * 60

    assert len(grammar.write("lark", rules, long)) <= grammar.MAX_SLOW


def test_a_long_text_of_the_prompt_is_taken_where_the_rules_are_clear():
    text = "[" + '"a", ' * 50 + "1]"

    assert grammar.write("lark", NESTED, f"Write `{text}`.") == text


def test_a_match_in_the_prompt_is_taken():
    text = "Save it for February 7th 2026 at 10AM, please."

    assert grammar.write("regex", DATE, text) == "February 7th 2026 at 10AM"


@pytest.mark.parametrize(
    ("syntax", "definition"),
    [
        ("lark", ""),
        ("lark", "start: ("),
        ("lark", "start: unknown"),
        ("lark", 'other: "b"'),
        ("lark", "start: /(/"),
        ("lark", 'start: A\nA: ""'),
        ("regex", "("),
        ("regex", "[z-a]"),
    ],
)
def test_a_definition_that_cannot_be_read_is_a_value_error(syntax, definition):
    with pytest.raises(ValueError) as caught:
        grammar.write(syntax, definition)
    assert not isinstance(caught.value, grammar.NotWritten)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("syntax", "definition"),
    [
        ("lark", "start: start"),
        ("lark", 'start: "a"~1000000'),
        ("lark", "%import .secrets.x\nstart: x"),
        ("lark", 'start: %json {"type": "string"}'),
        ("lark", "start: /(?<=x)y/"),
        ("regex", "(?<=a)b"),
        ("regex", "(?=a)b"),
    ],
)
def test_what_cannot_be_written_is_said(syntax, definition):
    with pytest.raises(grammar.NotWritten):
        grammar.write(syntax, definition)


# What would take for ever

HANGS = 20  # seconds: more than any of these takes on a busy machine


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """Grammars get a second, so that tests of many slow ones are quick."""
    writers = Processes(seconds=1)
    monkeypatch.setattr(grammar, "_writers", lambda: writers)
    grammar.written.clear()
    yield writers
    writers.close()


def asked_for(client: Client, syntax: str, definition: str, prompt: str):
    """The status, the body and the seconds of a request with this grammar."""
    format = {"type": "grammar", "syntax": syntax, "definition": definition}
    tool = {"type": "custom", "name": "c", "format": format}
    body = {"model": "gpt-5-mini", "input": prompt, "tools": [tool]}
    choice = {"type": "custom", "name": "c"}
    started = time.monotonic()
    reply = client.send("POST", "/responses", {**body, "tool_choice": choice})
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body), time.monotonic() - started


@pytest.mark.parametrize(
    ("syntax", "definition"),
    [
        ("regex", "a*a*a*a*a*a*a*b"),
        ("regex", ".*.*.*.*.*b"),
        ("lark", "start: A\nA: /a*a*a*a*a*a*a*a*b/"),
        ("lark", "start: /((a{1,50}){1,50}){1,50}b/"),
    ],
)
@pytest.mark.usefixtures("hasty")
def test_a_prompt_that_a_grammar_would_try_for_ever_does_not_hang(
    client: Client, syntax: str, definition: str
):
    status, body, seconds = asked_for(client, syntax, definition, "Say: " + "a" * 290)

    assert status == 200
    [call] = [item for item in body["output"] if item["type"] == "custom_tool_call"]
    assert grammar.write(syntax, definition) == call["input"]
    assert seconds < HANGS


@pytest.mark.parametrize(
    ("syntax", "definition"),
    [
        ("regex", "a?" * 100 + "a" * 100),
        ("regex", "a" * 1_000_000),
        ("lark", "start: " + '["a"] ' * 24),
        ("lark", "start: " + "|".join(f'"{number}"' for number in range(20_000))),
    ],
)
def test_a_grammar_that_takes_too_long_is_refused_by_name(
    client: Client, hasty: Processes, syntax: str, definition: str
):
    hasty.seconds = 0.4
    status, body, seconds = asked_for(client, syntax, definition, "Hello.")

    assert status == 400
    assert body["error"]["code"] == "not_supported_by_emulator"
    assert body["error"]["param"] == "tools[0].format.definition"
    # Which bound is met first, that of time or that of what is tried, depends on how
    # fast the machine is; each is named.
    named = ("a grammar that takes more than", "for which no text was found")
    assert any(bound in body["error"]["message"] for bound in named)
    assert seconds < HANGS


@pytest.mark.usefixtures("hasty")
def test_while_a_grammar_is_tried_other_threads_run():
    done = threading.Event()

    def write() -> None:
        with pytest.raises(grammar.TooSlow):
            grammar.write("regex", "a?" * 100 + "a" * 100)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    turns = 0
    while not done.wait(0.01):
        turns += 1
    thread.join()
    assert turns > 15  # of 100: Python's own matcher lets no thread have any


@pytest.mark.parametrize("definition", ["(", "[z-a]", "*"])
def test_what_is_no_expression_is_said_to_be_none(definition: str):
    with pytest.raises(ValueError, match="not a regular expression: "):
        grammar.write_here("regex", definition, "x")


@pytest.mark.parametrize(
    ("syntax", "definition", "prompt", "written"),
    [
        ("regex", "[a-z]+", "Say hello", "hello"),
        ("regex", "[0-9]{3}", "Say hello", "000"),
        ("regex", "a{2,3}|b", "", "b"),
        ("lark", 'start: "a" B\nB: /[0-9]+/', "", "a0"),
        ("lark", 'start: ("x" | "yy") "z"*', "", "x"),
    ],
)
def test_a_text_is_written_here(
    syntax: str, definition: str, prompt: str, written: str
):
    assert grammar.write_here(syntax, definition, prompt) == written
    assert grammar.fault_here(syntax, definition, written) is None
    assert grammar.fault_here(syntax, definition, f"{written}!") is not None
