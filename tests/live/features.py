"""What a live run has to know of each feature: one table, one row a feature.

What a sample needs is said by its docstring (`Needs:`), what it reads by its code; a
feature stands here only for what neither says. Without a row a sample is expected to
ask nothing and to print something.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.collection import docstring_fields

YES = "y\n" * 20
ANYTHING = r"\w[^\n]{10,}"
VARIANTS = ("v1", "v1 Entra", "legacy", "legacy Entra")


@dataclass(frozen=True)
class Feature:
    """How to run the samples of one feature, and how to tell that they worked.

    `prints` is a regular expression for what an answer cannot do without; `typed` goes
    to stdin; `seconds` is how long one may take; `responses` how many responses it asks
    for. What is `billed_extra` runs only with --costly. A sample that stops with
    `missing`, a regular expression, lacks a program on this machine, or time: that is
    no failure.
    """

    prints: str = ANYTHING
    typed: str = ""
    seconds: int = 300
    responses: int = 1
    billed_extra: bool = False
    missing: str = ""


CONVERSATION = "My name is Ada.\nWhat is my name?\nexit\n"
FEATURES = {
    "background": Feature(seconds=700),
    "background-stream": Feature(
        prints=r"--- Lost after event \d+.*\n(?s:.*)characters in all"
    ),
    "batch": Feature(
        prints=r"france: .*Paris(?s:.*)sum: .*391",
        seconds=1300,
        responses=0,
        missing=r"Run this again",
    ),
    "basic-stateless": Feature(prints=r"\bAda\b", responses=2),
    "cache": Feature(prints=r"(?s:.*)\(\d+ tokens: \d{4} cached", responses=2),
    "codeinterpreter": Feature(
        prints=r"--- The model ran:\n(?s:.*)--- Answer:\n.*\S", billed_extra=True
    ),
    "codeinterpreter-files": Feature(prints=r"Saved .+\.csv", billed_extra=True),
    "compact": Feature(
        prints=r"\bAda\b(?s:.*)\n\(\d{2,3} input tokens instead of \d{4}\)", responses=2
    ),
    "computer": Feature(
        prints=r'"type":"click".*\n(?s:.*)\w{3}',
        typed=YES,
        responses=4,
        missing=r"^No browser: ",
    ),
    "conversation": Feature(
        prints=r"Model: .*\bAda\b", typed=CONVERSATION, responses=2
    ),
    "custom-grammar": Feature(prints=r"adder: [\d +]+ = \d+\n(?s:.*)\d", responses=2),
    "filesearch": Feature(prints=r"Cited: \S*handbook"),
    "filesearch-filters": Feature(prints=r"policy-2026\.txt, score"),
    "flex": Feature(prints="Served by the tier: (flex|default)"),
    "function-choice": Feature(prints=r"get_time\(\{.*\}\)", responses=5),
    "function-pydantic": Feature(prints=r"get_weather for .+ in degrees celsius"),
    "function-stateless": Feature(prints=r"get_stock\(.*\)\n(?s:.*)\w{3}", responses=2),
    "function-stream": Feature(prints=r"Ready to run: send_email with"),
    "function-weather": Feature(prints=r"get_weather\(.*\)\n(?s:.*)\w{3}", responses=2),
    "image-generate": Feature(prints=r"Saved .+\.png", billed_extra=True),
    "image-upload": Feature(prints=r"book\?\n\w{2}", responses=2),
    "mcp": Feature(prints=r"\w+\(\{.*\}\): (?:completed|done)\n(?s:.*)\w{3}"),
    "mcp-approval": Feature(
        prints=r"\w+\(\{.*\}\)\n(?s:.*)\w{3}", typed=YES, responses=2
    ),
    "mcp-auth": Feature(prints=r"\w+\(\{.*\}\): (?:completed|done)\n(?s:.*)\b2021\b"),
    "multi-agent": Feature(prints=r"spawn_agent: \{.*\n(?s:.*)\w{3}"),
    "priority": Feature(prints="Served by the tier: (priority|default)"),
    "ratelimit-async": Feature(responses=30),
    "reasoning": Feature(prints=r"\d+ of \d+ output tokens were thinking"),
    "reasoning-stream": Feature(prints=r"\d+ of \d+ output tokens were thinking"),
    "research": Feature(
        prints=r"Searches and pages opened: [1-9](?s:.*)Source: ",
        seconds=1300,
        billed_extra=True,
    ),
    "shell-hosted": Feature(
        prints=r"\$ .*\n(?s:.*)Saved .+totals\.csv", billed_extra=True
    ),
    "shell-local": Feature(
        prints=r"Run ls.*\? \[y/n\] (?s:.*)\w{3}", typed=YES, responses=2
    ),
    "skills": Feature(prints=r"\$ .*price\.py.*\n(?s:.*)13[.,]90", billed_extra=True),
    "stored": Feature(prints=r"It is deleted\."),
    "structured": Feature(prints=r"name='.+' date='.+' participants=\[.+\]"),
    "tool-search": Feature(prints=r"Called: crm\.list_orders\("),
    "webhook": Feature(prints=r"Told: response\.completed\n", seconds=700),
    "websearch": Feature(prints=r"Source: .+ <https?://", billed_extra=True),
    "websearch-stream-sse": Feature(prints=r"Source: .+ <https?://", billed_extra=True),
    "websocket": Feature(prints=r"\bAda\b", responses=2),
}


def feature_of(name: str) -> str:
    """What a sample shows: `mcp` is what `responses-mcp-entra-aoai-v1.py` shows."""
    words = Path(name).stem.split("-")[1:]
    return "-".join(word for word in words if word not in ("aoai", "entra", "v1"))


def variant_of(name: str) -> str:
    """Which of the `VARIANTS` of its feature a sample is."""
    words = Path(name).stem.split("-")
    layout = "v1" if "v1" in words else "legacy"
    return f"{layout} Entra" if "entra" in words else layout


def of(name: str) -> Feature:
    """The row of a sample's feature, or that of one that needs none."""
    return FEATURES.get(feature_of(name), Feature())


def needs_of(path: Path) -> str:
    """What a sample says that it needs: a fee, a preview, a special deployment."""
    return docstring_fields(path.read_text(encoding="utf-8")).get("Needs", "")
