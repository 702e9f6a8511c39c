"""What stands on each page: from a sample's file, its run and its relatives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

from gallery import listing, reading, wire
from gallery.runs import END_OF_TYPED, TYPED, Run
from scripts.samples_table import COLUMNS, Row, rows, short_name
from tests.collection import FOLDER, GROUPS, ROOT, docstring_fields, first_line
from tests.live.features import VARIANTS, feature_of, variant_of

REPOSITORY = "https://github.com/Azure-Samples/azure-openai-responses-api-samples"
CODESPACE = REPOSITORY.replace("github.com", "codespaces.new")
LABELS: dict[str, str] = dict(
    zip(VARIANTS, ("v1", "v1, Entra ID", "legacy", "legacy, Entra ID"), strict=True)
)
PICTURE = re.compile(r"!\[([^\]]+)\]\((docs/[\w-]+\.png)\)")
NEEDED = ("Group", "Auth", "Env", "Docs")
LONGEST_OUTPUT = 4000  # characters


def lacking(source: str) -> list[str]:
    """What a page needs and a sample's docstring lacks, each in a few words."""
    fields = docstring_fields(source)
    lacks = [f"{name}:" for name in NEEDED if not fields.get(name)]
    if not first_line(source).endswith("."):
        lacks.append("a first line that is a sentence: the page's heading")
    if fields.get("Group", GROUPS[0]) not in GROUPS:
        lacks.append("a Group: that there is")
    if not fields.get("Docs", "https://").startswith("https://"):
        lacks.append("an https address in Docs:")
    return lacks


@dataclass
class Sample:
    """A sample, and its page."""

    name: str
    run: Run
    row: Row

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / self.name

    @cached_property
    def source(self) -> str:
        """Its code."""
        return self.path.read_text("utf-8")

    @cached_property
    def fields(self) -> dict[str, str]:
        """What its docstring says, by field."""
        return docstring_fields(self.source)

    @property
    def sentence(self) -> str:
        """What the reader gets."""
        return first_line(self.source).removesuffix(".")

    @property
    def variant(self) -> str:
        """How it signs in, and to which API; short, as the switch says it."""
        return LABELS[variant_of(self.name)]

    @property
    def title(self) -> str:
        """A short name, as in the README's table."""
        return short_name(self.name)

    @property
    def page(self) -> str:
        """The name of its page."""
        kind = variant_of(self.name).lower().replace("v1", "").split()
        return "-".join([feature_of(self.name), *sorted(kind)]) + ".html"

    @property
    def kinds(self) -> str:
        """The words of the index's filter that fit it."""
        return "" if self.variant == "v1" else variant_of(self.name).lower()

    @property
    def is_app(self) -> bool:
        """Whether it serves a page."""
        return self.fields["Group"] == "Chat apps"

    @property
    def words(self) -> str:
        """What the search looks at, in small letters."""
        kinds = {
            event["type"] for view in self.run.exchanges for event in view["events"]
        }
        words = [self.title, self.sentence, self.row.needs, *self.tags, *sorted(kinds)]
        return " ".join(words).lower()

    @cached_property
    def reading(self) -> reading.Reading:
        """What it sets and reads."""
        return reading.read(self.source)

    @cached_property
    def wire(self) -> list[wire.View]:
        """What went over the wire."""
        return list(wire.views(self.run.exchanges, self.reading))

    @property
    def output(self) -> Markup:
        """What it printed; what was typed is marked."""
        text = self.run.output.rstrip()
        if len(text) > LONGEST_OUTPUT:
            left_out = len(text) - LONGEST_OUTPUT
            text = f"{text[:LONGEST_OUTPUT]}… ({left_out:,} more characters)"
        typed = Markup("<kbd>"), Markup("</kbd>")
        return escape(text).replace(TYPED, typed[0]).replace(END_OF_TYPED, typed[1])

    @cached_property
    def tags(self) -> list[str]:
        """What its requests have beside `model` and `input`, tools by their types."""
        tags: dict[str, None] = {}
        for view in self.run.exchanges:
            if view["operation"] not in ("responses.create", "responses.compact"):
                continue
            body = wire.parsed(view["request_body"])
            for name, value in body.items():
                if name == "tools":
                    tags |= dict.fromkeys(tool["type"] for tool in value)
                elif name == "text":
                    tags[value["format"]["type"]] = None
                elif name not in reading.BESIDE and value not in (None, False, []):
                    tags[name] = None
                elif name == "store":
                    tags["store=False"] = None
        return list(tags)


@dataclass
class Page:
    """A sample's page: its listing beside that of its relative, and its neighbours."""

    sample: Sample
    family: list[Sample]
    before: Sample | None = None
    after: Sample | None = None
    lines: list[listing.Line] = field(default_factory=list)
    base: Sample | None = None

    def __post_init__(self) -> None:
        """Compare it."""
        self.lines = listing.listing(self.sample.source)
        self.base = self._base()
        if self.base:
            listing.compare(self.lines, self.base.source)
        elif len(self.family) > 1:
            others = [one.source for one in self.family if one is not self.sample]
            listing.note_what_varies(self.lines, others)

    def _base(self) -> Sample | None:
        """What it is compared with: the first of its family that differs in one way."""
        mine = set(variant_of(self.sample.name).split())
        for one in self.family:
            theirs = set(variant_of(one.name).split())
            if one is self.sample:
                return None
            if theirs < mine or theirs ^ mine == {"v1", "legacy"}:
                return one
        return self.family[0]

    @property
    def head(self) -> list[listing.Line]:
        """The lines before the code."""
        return self.lines[: listing.head(self.sample.source) + 1]

    @property
    def body(self) -> Iterator[tuple[list[listing.Line], listing.Line | None]]:
        """The lines of the code, each with those above it that are comments on it."""
        notes: list[listing.Line] = []
        for line in self.lines[len(self.head) :]:
            if line.note and not line.code:
                notes.append(line)
            else:
                yield notes, line
                notes = []
        if notes:
            yield notes, None

    @property
    def pictures(self) -> list[tuple[str, Path]]:
        """Pictures of a chat app, as the README describes and shows them."""
        if not self.sample.is_app:
            return []
        shown = PICTURE.findall((ROOT / "README.md").read_text("utf-8"))
        kinds = {path.partition("/")[2].partition("-")[0] for _, path in shown}
        of_this = [kind for kind in kinds if kind in self.sample.name] or ["chat"]
        return [
            (description, ROOT / path)
            for description, path in shown
            if path.startswith(f"docs/{of_this[0]}-")
        ]


def samples(runs: list[Run]) -> list[Sample]:
    """The samples that were run, in the order of the README's table."""
    by_name = {run.name: run for run in runs}
    found: list[Sample] = []
    for row in rows():
        for column in COLUMNS:
            name = row.samples.get(column, "")
            if name in by_name:
                found.append(Sample(name, by_name[name], row))
    return found


def pages(samples: list[Sample]) -> list[Page]:
    """A page for each; before and after it are those of other features."""
    firsts = [next(of) for _, of in groupby(samples, lambda sample: sample.row.what)]
    made: list[Page] = []
    for sample in samples:
        family = [
            one for one in samples if feature_of(one.name) == feature_of(sample.name)
        ]
        family.sort(key=lambda one: VARIANTS.index(variant_of(one.name)))
        at = next(n for n, one in enumerate(firsts) if one.row is sample.row)
        before = firsts[at - 1] if at else None
        after = firsts[at + 1] if at + 1 < len(firsts) else None
        made.append(Page(sample, family, before, after))
    return made
