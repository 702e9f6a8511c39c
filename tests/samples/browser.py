"""A browser that starts at once and notes what is done with it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJ"
    "RU5ErkJggg=="
)


@dataclass
class Browser:
    """Playwright, its browser and its page in one: whatever is called is noted.

    `fails` is what a call raises, by its name.
    """

    done: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    launched: list[dict[str, Any]] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    open: int = 0
    absent: Exception | None = None  # what starting an installed browser raises

    def start(self) -> "Browser":
        """What stands in for `sync_playwright`."""
        return self

    def __enter__(self) -> "Browser":
        self.open += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.open -= 1

    @property
    def chromium(self) -> "Browser":
        return self

    @property
    def context(self) -> "Browser":
        return self

    @property
    def mouse(self) -> "Browser":
        return self

    @property
    def keyboard(self) -> "Browser":
        return self

    def launch(self, **options: Any) -> "Browser":
        self.launched.append(options)
        if self.absent:
            raise self.absent
        return self

    def new_page(self, **_: Any) -> "Browser":
        return self

    def screenshot(self) -> bytes:
        self.done.append(("screenshot", ()))
        return PICTURE

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def act(*given: Any, **_: Any) -> None:
            self.done.append((name, given))
            if name in self.fails:
                raise self.fails[name]

        return act
