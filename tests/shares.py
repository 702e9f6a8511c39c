"""How a run with `-n` shares its tests out to the workers.

A plugin of pytest. The tests of a file go to one worker together, and so do all that
share the browser: to hand them out one by one took longer than most of them take, and
each worker started the chat apps anew. Only where single tests are long is each on its
own. What takes longest comes first, so that in the end no worker is still at it when
the others have nothing left to do.

The marks of pytest-xdist, `xdist_group`, have no part in this: with pytest 9.2 its
scheduler does not see them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

# A folder whose tests all go together, and a file in which each goes on its own.
TOGETHER = "browser"
ONE_BY_ONE = "test_fault_matrix.py"
# Folders and files, those that take longest first.
LONGEST = (
    TOGETHER,
    "test_installed.py",
    ONE_BY_ONE,
    "test_gallery_site.py",
    "test_tour_traffic.py",
    "test_chat_samples.py",
    "test_live.py",
    "test_processes.py",
    "test_grammar.py",
    "test_any_moment.py",
    "test_secrets.py",
    "test_gradio.py",
)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """In a worker, the tests are in the order in which they are handed out."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place(item.path))


def place(path: Path) -> int:
    """When the tests of a file have their turn, the lowest first."""
    names = (path.parent.name, path.name)
    return min(LONGEST.index(n) if n in LONGEST else len(LONGEST) for n in names)


def share(nodeid: str) -> str:
    """What a test is handed out with: a folder, its file or nothing but itself."""
    file = Path(nodeid.partition("::")[0])
    if file.parent.name == TOGETHER:
        return TOGETHER
    return nodeid if file.name == ONE_BY_ONE else str(file)


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> "LoadScopeScheduling | None":
    """Share the tests out so, unless another way is asked for by `--dist`."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share(nodeid)

    config.option.loadscopereorder = False  # by the number of tests
    return Shares(config, log)
