"""What is known of the models that Azure deploys, by family: one table.

Sources, read in November 2026: the reasoning and Responses pages of Microsoft Learn
(windows, efforts and defaults up to gpt-5.4). No page of Azure's tells how much a newer
model thinks unless told: from gpt-5.5 on efforts and defaults are those of OpenAI's
guides to its models, which have `medium` for gpt-5.6 (quoted in oh-my-pi#4977). Answers
that others recorded or reported. Nothing of it was tried against a live resource.
What goes together with which model, `combinations` says.
"""

import re
from typing import NamedTuple


class Family(NamedTuple):
    """What the models of one family take, and what they do unless told otherwise."""

    pattern: str  # of the model's name, all of it
    efforts: tuple[str, ...] = ()  # of reasoning; none: the model does not reason
    default_effort: str | None = None
    summaries: tuple[str, ...] = ("concise", "detailed")  # beside `auto`
    researches: bool = False  # by itself: deep research, which needs a source of data
    tells_phase: bool = False  # whether its messages say if they are the final answer
    draws: bool = False  # an image model, reached through image_generation alone
    context_window: int = 272_000  # tokens of input

    @property
    def reasons(self) -> bool:
        """Whether the model can think before it answers."""
        return bool(self.efforts)


_TO_HIGH = ("low", "medium", "high")
_TO_XHIGH = (*_TO_HIGH, "xhigh")
_TO_MAX = (*_TO_XHIGH, "max")
_DATE = r"(-\d{4}-\d{2}-\d{2})?"
_LARGE = 922_000

# The first that fits counts, so what is special stands above what is general.
FAMILIES: tuple[Family, ...] = (
    Family(r"gpt-image-.*", draws=True),
    Family(r"gpt-4\.1.*", context_window=1_047_576),
    Family(r"gpt-4o.*", context_window=128_000),
    Family(
        r"o[34](-mini)?-deep-research.*",
        _TO_HIGH,
        "medium",
        researches=True,
        context_window=200_000,
    ),
    Family(r"o[134](-.*)?", _TO_HIGH, "medium", context_window=200_000),
    # Of gpt-5 on: what is named for chats, for code or for more thought has its own.
    Family(r"gpt-5-chat.*", context_window=128_000),
    Family(r"gpt-5\.\d-chat.*", ("medium",), "medium", context_window=111_616),
    Family(r"gpt-5-pro.*", ("high",), "high"),
    Family(r"gpt-5\.2-pro.*", ("medium", "high", "xhigh"), "medium"),
    Family(
        r"gpt-5\.\d-pro.*",
        ("medium", "high", "xhigh"),
        "medium",
        tells_phase=True,
        context_window=_LARGE,
    ),
    Family(r"gpt-5-codex(-mini)?" + _DATE, _TO_HIGH, "medium"),
    # Microsoft's page says in one place that these have `none`, in another that they
    # do not; the service's own error, quoted in codex#6647, does not list it.
    Family(r"gpt-5\.1-codex(-mini)?" + _DATE, _TO_HIGH, "medium"),
    Family(r"gpt-5\.1-codex-max.*", _TO_XHIGH, "medium"),
    Family(r"gpt-5\.2-codex.*", _TO_XHIGH, "medium"),
    # It can do without, and does unless told: recorded by pydantic-ai at OpenAI.
    Family(r"gpt-5\.3-codex" + _DATE, ("none", *_TO_XHIGH), "none", tells_phase=True),
    Family(r"gpt-5\.\d-codex.*", _TO_XHIGH, "medium", tells_phase=True),
    Family(
        r"gpt-5(-mini|-nano)?" + _DATE,
        ("minimal", *_TO_HIGH),
        "medium",
        summaries=("detailed",),
    ),
    # From here on a model can be told not to think, and some do not unless told to.
    Family(r"gpt-5\.1" + _DATE, ("none", *_TO_HIGH), "none"),
    Family(r"gpt-5\.[23](-.*)?", ("none", *_TO_XHIGH), "none"),
    # Recorded on Azure with gpt-5.4; the SDK says so of gpt-5.3-codex and what follows.
    Family(r"gpt-5\.4-(mini|nano).*", ("none", *_TO_XHIGH), "none", tells_phase=True),
    Family(
        r"gpt-5\.4(-.*)?",
        ("none", *_TO_XHIGH),
        "none",
        tells_phase=True,
        context_window=_LARGE,
    ),
    Family(
        r"gpt-5\.5(-.*)?",
        ("none", *_TO_XHIGH),
        "medium",
        tells_phase=True,
        context_window=_LARGE,
    ),
    Family(
        r"gpt-6(\.\d)?-astra.*|gpt-6\.[1-9]-sol.*",
        _TO_MAX,
        "medium",
        tells_phase=True,
        context_window=_LARGE,
    ),
    Family(
        r"gpt-(5\.[6-9]|6(\.\d)?)(-.*)?",
        ("none", *_TO_MAX),
        "medium",
        tells_phase=True,
        context_window=_LARGE,
    ),
)
EXAMPLES = "gpt-6-luna, gpt-5.4-mini, gpt-4.1, o3, gpt-image-2.5-flare"


def family(model: str) -> Family | None:
    """The family that a model belongs to, or None if there is no such model."""
    for each in FAMILIES:
        if re.fullmatch(each.pattern, model):
            return each
    return None
