"""Write the gallery into a folder: `make gallery`, then open site/index.html.

It takes a minute: every sample is run on an emulator, some at once.
"""

import argparse
import shutil
import sys
import time
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from gallery import listing
from gallery.pages import CODESPACE, REPOSITORY, Page, lacking, pages, samples
from gallery.runs import Run, run_all
from responses_emulator.commands.command_line import add_models, model_options
from responses_emulator.commands.options import ModelOptions, greet, served_by
from responses_emulator.errors import ServiceError
from responses_emulator.model.chat_completions.chat_model import ChatModel
from tests.collection import FOLDER, PUBLISHED, ROOT

HERE = Path(__file__).parent
STAND_IN = "the stand-in"


def main() -> int:
    """Run the samples and write the pages; 1 if any sample did not end well."""
    parser = argparse.ArgumentParser(prog="python -m gallery", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "site", help="the folder")
    parser.add_argument("samples", nargs="*", help="their files; all, if none is named")
    add_models(parser)
    arguments = parser.parse_args()
    models = model_options(arguments)
    if any(arguments.to.glob("*")) and not (arguments.to / "gallery.js").exists():
        print(f"{arguments.to} holds something else: choose another.", file=sys.stderr)
        return 2
    scripts = [FOLDER / Path(name).name for name in arguments.samples or PUBLISHED]
    lacks = {path.name: lacking(path.read_text("utf-8")) for path in scripts}
    for name, what in lacks.items():
        if what:
            print(f"The docstring of {name} lacks {', '.join(what)}", file=sys.stderr)
    if any(lacks.values()):
        return 2
    try:
        answers = who_answers(models)
    except (ValueError, ServiceError) as error:
        print(error, file=sys.stderr)
        return 2

    start = time.monotonic()
    runs: list[Run] = []
    for run in run_all(scripts, models):
        runs.append(run)
        trouble = f"  {run.stopped}" if run.stopped else ""
        print(f"[{len(runs):2}/{len(scripts)}] {run.name}{trouble}", flush=True)
    write(runs, arguments.to, answers)
    seconds = time.monotonic() - start
    print(f"{arguments.to / 'index.html'}: {len(runs)} pages in {seconds:.0f} s")
    failed = [run.name for run in runs if run.stopped and not run.lacks]
    if failed:
        print(f"Did not end well: {', '.join(failed)}", file=sys.stderr)
    # A model may do what it likes, and the page then says how that ended.
    return 1 if failed and not models.any else 0


def who_answers(models: ModelOptions) -> str:
    """Who answers, as pages name it. Raises ValueError, and ServiceError if nobody."""
    real = served_by(models)
    greet(real)
    if real and isinstance(real.default, ChatModel):
        return f"the model {real.default.client.name()}"
    return STAND_IN


def write(runs: list[Run], to: Path, answers: str = STAND_IN) -> None:
    """Write the site for these runs; what stood in the folder goes.

    `answers` says whose answers they are.
    """
    shutil.rmtree(to, ignore_errors=True)
    (to / "pictures").mkdir(parents=True)
    for name in ("style.css", "gallery.js"):
        shutil.copy(HERE / name, to)
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        repository=REPOSITORY, codespace=CODESPACE, answers=answers, stand_in=STAND_IN
    )
    environment.filters["indentation"] = listing.indentation
    found = pages(samples(runs))
    for page in found:
        template = environment.get_template("page.html")
        text = template.render(page=page, pictures=pictures(page, to))
        (to / page.sample.page).write_text(text, "utf-8")
    by_group = groupby(found, lambda page: page.sample.fields["Group"])
    groups = {
        group: [
            [page.sample for page in of]
            for _, of in groupby(those, lambda page: page.sample.row.what)
        ]
        for group, those in by_group
    }
    text = environment.get_template("index.html").render(groups=groups)
    (to / "index.html").write_text(text, "utf-8")


def pictures(page: Page, to: Path) -> list[tuple[str, str, tuple[int, int]]]:
    """Copy the pictures of a page; gives the description, address and size of each."""
    shown: list[tuple[str, str, tuple[int, int]]] = []
    for description, source in page.pictures:
        shutil.copy(source, to / "pictures")
        shown.append((description, source.name, _size(source)))
    for name, content in page.sample.run.pictures.items():
        path = to / "pictures" / f"{page.sample.page.removesuffix('.html')}-{name}"
        path.write_bytes(content)
        shown.append((f"The picture that was saved as {name}", path.name, _size(path)))
    return [(text, f"pictures/{name}", size) for text, name, size in shown]


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


if __name__ == "__main__":
    sys.exit(main())
