"""The closing table: a row a feature, whatever number of samples shows it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from tests.live.features import VARIANTS, feature_of, variant_of

# The worst first: what a row says in a word if its samples did not all end alike.
RESULTS = ("failed", "refused", "lacking", "not tried", "worked")


class Result(NamedTuple):
    """How one sample went."""

    sample: str
    result: str  # one of RESULTS
    why: str = ""


def rows(results: Sequence[Result]) -> Iterator[tuple[str, str, str]]:
    """Feature, result, details: which variants, and why one did not work."""
    in_order = sorted(results, key=lambda one: feature_of(one.sample))
    for feature, group in groupby(in_order, key=lambda one: feature_of(one.sample)):
        alike: dict[tuple[str, str], list[str]] = {}
        for one in sorted(group, key=_variant):
            key = one.result, one.why
            alike.setdefault(key, []).append(variant_of(one.sample))
        words = [result for result, _ in alike]
        worst = min(words, key=RESULTS.index)
        mixed = len(set(words)) > 1
        details = [
            _details(variants, result if mixed else "", why)
            for (result, why), variants in alike.items()
        ]
        yield (
            feature,
            "partly" if mixed and worst == "not tried" else worst,
            ("; ".join(details)),
        )


def _variant(one: Result) -> int:
    return VARIANTS.index(variant_of(one.sample))


def _details(variants: list[str], result: str, why: str) -> str:
    text = f"{result}: " if result else ""
    text += ", ".join(variants)
    return f"{text} ({why})" if why else text


def table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The lines under their heads, in columns."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        cells = zip(line, widths, strict=True)
        yield "  ".join(f"{cell:{width}}" for cell, width in cells).rstrip()
