"""What goes together with which model: one table, each row with its source.

A request that asks for what a model is known not to have is refused. Of what no source
tells, nothing is known, and it is accepted. `emulator/README.md` shows the whole table,
which `as_markdown` writes, the cells that nobody knows among it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from responses_emulator.families import family

# What is asked for. `text` is what the table's head says of it.
COLUMNS = {
    "sampling": "`temperature`, `top_p`, `logprobs` without thoughts",
    "sampling_thinking": "the same with thoughts",
    "stream": "`stream`",
    "parallel": "calls in parallel",
    "summary": "summaries",
    "sealed": "`reasoning.encrypted_content`",
    "mode_pro": "`reasoning.mode` `pro`",
    "mode_standard": "the same `standard`",
    "verbosity": "`verbosity` `low`, `high`",
    "json_schema": "`json_schema`",
    "unions": "`anyOf` and the like at the top of a function's parameters",
    "custom": "custom tools",
    "web_search": "`web_search`",
    "image_generation": "`image_generation`",
    "minimal": "either with effort `minimal`",
    "tool_search": "`tool_search`",
    "computer": "`computer`",
    "multi_agent": "`multi_agent`",
    "cache_options": "cache options",
    "cache_retention": "cache for 24 hours",
}

SOURCES = {
    "R": "Microsoft Learn, reasoning models (state of gpt-5.4)",
    "H": "Microsoft Learn, how to use the Responses API (June and August 2026)",
    "W": "Microsoft Learn, web search with the Responses API (May 2026)",
    "T": "Microsoft Learn, tool search (July 2026)",
    "C": "Microsoft Learn, computer use (March 2026)",
    "A": "Microsoft Learn, multi-agent orchestration (August 2026): gpt-5.6",
    "P": "Microsoft Learn, prompt caching (August 2026)",
    "M": "measured on Azure by others, 18 models in January 2026 "
    "(Eric-CN-MS/azure-openai-api-test)",
    "G": "OpenAI's guides to its models: sampling with effort `none` alone",
    "E": "the service's own error as users quote it: codex#22637, and for the effort "
    "`minimal` what clients of `web_search` and `image_generation` got",
    "V": "the service's own error for `verbosity`: codex#19188 on Azure, codex#9055, "
    "opencode#1984; Microsoft Learn has it from gpt-5 on",
    "S": "`Encrypted content is not supported with this model` on Azure: amplifier#199 "
    "(January 2026), agent-framework#7483; or sealed thoughts that were served there: "
    "codex#8100, codex#6375",
    "O": "measured at OpenAI by others: pydantic-ai's recorded probes (2026)",
    "B": "refused on Azure: browser-use#2990 (September 2025)",
    "L": "seen on Azure by BerriAI/litellm#38837 (August 2026)",
    "F": "facts on Azure that others collected: no pictures with o3-pro",
}


class Rule(NamedTuple):
    """Whether models of a pattern take something, and who says so."""

    column: str
    models: str  # a regular expression of a model's name, all of it
    taken: bool
    source: str


_DATED = r"(-\d{4}-\d{2}-\d{2})?"
_FIRST_GPT_5 = rf"gpt-5(-mini|-nano|-codex)?{_DATED}"
# The models that the page on reasoning lists.
_LISTED = (
    r"gpt-5(-mini|-nano|-codex|-pro|\.1(-chat|-codex(-mini|-max)?)?|\.2(-codex)?"
    rf"|\.3-codex|\.4(-mini|-nano|-pro)?)?{_DATED}"
)
_FROM_5_4 = r"gpt-(5\.[4-9]|[6-9](\.\d)?)(-.*)?"
_FROM_5_6 = r"gpt-(5\.[6-9]|[6-9](\.\d)?)(-.*)?"
_O = rf"o\d(-mini|-pro)?{_DATED}"
_ANY = r".*"

# The first that fits counts, so what is special stands above what is general.
RULES: tuple[Rule, ...] = (
    # A model that can do without thoughts takes these when it does.
    Rule("sampling", r"gpt-4.*|gpt-5-chat.*", True, "M"),
    Rule("sampling", rf"gpt-5\.3-codex{_DATED}", True, "O"),
    Rule("sampling", r"gpt-5\.\d-(chat|codex).*", False, "M"),
    Rule("sampling", rf"gpt-5\.[12]{_DATED}", True, "M"),
    Rule("sampling", r"gpt-(5\.[3-9]|6(\.\d)?)(-.*)?", True, "G"),
    Rule("sampling_thinking", r"o\d(-.*)?", False, "R"),
    Rule("sampling_thinking", rf"{_FIRST_GPT_5}|gpt-5-pro.*", False, "M"),
    Rule("sampling_thinking", r"gpt-5\.\d-(chat|codex).*", False, "M"),
    Rule("sampling_thinking", r"gpt-(5\.\d|6(\.\d)?)(-.*)?", False, "G"),
    # The rows of the page on reasoning.
    Rule("stream", r"gpt-5-pro.*|o3-pro.*|o1.*", False, "R"),
    Rule("stream", rf"{_LISTED}|{_O}", True, "R"),
    Rule("parallel", rf"gpt-5-pro.*|gpt-5\.4-pro.*|{_O}", False, "R"),
    Rule("parallel", _LISTED, True, "R"),
    Rule("summary", r"o3-pro.*|o3-mini.*|o1.*", False, "R"),
    Rule("summary", r"gpt-5-chat.*", False, "M"),
    Rule("summary", rf"{_LISTED}|{_O}", True, "R"),
    Rule("sealed", r"gpt-4.*|gpt-5-chat.*|gpt-5\.2-chat.*|o4-mini.*", False, "S"),
    Rule("sealed", rf"gpt-5(\.[12])?-codex(-max)?{_DATED}", True, "S"),
    Rule("mode_pro", r"gpt-5\.[45]-pro.*", True, "O"),
    Rule("mode_pro", r"gpt-5\.[45](-mini|-nano)?" + _DATED, False, "O"),
    Rule("mode_pro", r"gpt-5\.6.*", True, "O"),
    Rule("mode_standard", r"gpt-5\.[45]-pro.*", False, "O"),
    Rule("mode_standard", r"gpt-5\.[456].*", True, "O"),
    Rule("verbosity", r"gpt-4.*|gpt-5-chat.*", False, "V"),
    Rule("verbosity", rf"gpt-5(\.[12])?-codex(-mini|-max)?{_DATED}", False, "V"),
    Rule("verbosity", rf"gpt-5(\.[124])?(-mini|-nano|-pro)?{_DATED}", True, "V"),
    Rule("json_schema", r"gpt-5-chat.*", False, "B"),
    Rule("json_schema", rf"{_LISTED}|{_O}", True, "R"),
    Rule("unions", r"gpt-[34].*|o\d.*", False, "L"),
    Rule("unions", r"gpt-[5-9].*", True, "L"),
    Rule("custom", _LISTED, True, "R"),
    # Tools
    Rule("web_search", r"gpt-[4-9].*|o\d-deep-research.*", True, "W"),
    Rule("image_generation", r"o3-pro.*", False, "F"),
    Rule("image_generation", r"gpt-5\.3-codex-spark.*", False, "E"),
    Rule("image_generation", r"gpt-[4-6].*|o[134](-mini)?", True, "H"),
    Rule("minimal", rf"gpt-5(-mini|-nano)?{_DATED}", False, "E"),
    Rule("tool_search", r"gpt-5\.4-nano.*", False, "T"),
    Rule("tool_search", _FROM_5_4, True, "T"),
    Rule("tool_search", _ANY, False, "T"),
    Rule("computer", rf"gpt-5\.4{_DATED}", True, "C"),
    Rule("multi_agent", r"gpt-5\.[6-9].*", True, "A"),
    Rule("multi_agent", r"gpt-(4|5(?!\.[6-9])).*|o\d.*", False, "A"),
    Rule("cache_options", _FROM_5_6, True, "P"),
    Rule("cache_options", _ANY, False, "P"),
    Rule("cache_retention", _FROM_5_6, False, "P"),
    Rule("cache_retention", r"gpt-(4\.1|5(\.[1-5])?)" + _DATED, True, "P"),
)

# The rows of the table in the README: what Azure serves, oldest first.
SHOWN = (
    *("o3-pro", "o3-deep-research"),
    *("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-codex", "gpt-5-pro", "gpt-5-chat"),
    *("gpt-5.1", "gpt-5.1-chat", "gpt-5.1-codex", "gpt-5.1-codex-mini"),
    *("gpt-5.1-codex-max", "gpt-5.2", "gpt-5.2-chat", "gpt-5.2-codex"),
    *("gpt-5.3-chat", "gpt-5.3-codex"),
    *("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.4-pro", "gpt-5.5"),
    *("gpt-5.6-luna", "gpt-5.6-terra", "gpt-5.6-sol"),
    *("gpt-6-luna", "gpt-6-sol", "gpt-6-astra"),
)


@cache
def rule(model: str, column: str) -> Rule | None:
    """What is known of a model and a column of `COLUMNS`; None: nothing."""
    for each in RULES:
        if each.column == column and re.fullmatch(each.models, model):
            return each
    return None


def takes(model: str, column: str) -> bool:
    """Whether a model takes something, as far as is known: if nothing is, it does."""
    known = rule(model, column)
    return known is None or known.taken


def as_markdown() -> str:
    """The table for the README: yes and no with their sources, and `?`."""
    head = ["model", "efforts, **unless told**", *COLUMNS.values()]
    rows = [head, ["---"] * len(head), *(list(_row(model)) for model in SHOWN)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    sources = "\n".join(f"- {letter}: {said}" for letter, said in SOURCES.items())
    return f"{table}\n\nSources:\n\n{sources}"


def _row(model: str) -> Iterator[str]:
    found = family(model)
    assert found is not None
    efforts = found.efforts
    yield model
    yield ", ".join(f"**{e}**" if e == found.default_effort else e for e in efforts)
    for column in COLUMNS:
        if not _applies(column, efforts):
            yield "-"
            continue
        known = rule(model, column)
        if known is None:
            yield "?"
        else:
            yield f"{'yes' if known.taken else 'no'} {known.source}"


def _applies(column: str, efforts: tuple[str, ...]) -> bool:
    """Whether a model with these efforts can be asked for it at all."""
    if column == "sampling":
        return not efforts or "none" in efforts
    if column == "sampling_thinking":
        return efforts != () and efforts != ("none",)
    return column != "minimal" or "minimal" in efforts
