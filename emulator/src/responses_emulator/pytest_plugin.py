"""The pytest plugin: a fixture with an emulator in place of the service.

    def test_x(responses_emulator):
        responses_emulator.reply_with("It is raining.")

It is loaded with every run of pytest, for whatever project: nothing but pytest is
imported here until a test asks for the fixture.
"""

import pytest

TYPE_CHECKING = False  # to import `typing` for that is not needed
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from responses_emulator.testing import RunningEmulator

NAME = "responses_emulator"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, as `--strict-markers` demands."""
    config.addinivalue_line(
        "markers",
        f"{NAME}(**parameters): how the emulator of a test is run; the parameters are "
        "those of responses_emulator.testing.running",
    )


@pytest.fixture
def responses_emulator(
    request: pytest.FixtureRequest,
) -> "Generator[RunningEmulator]":
    """A fresh emulator in place of the service, as `testing.running()` yields it."""
    from contextlib import ExitStack

    from responses_emulator.testing import running

    parameters = _parameters(request.node)
    with ExitStack() as stack:
        try:
            emulator = stack.enter_context(running(**parameters))
        except ValueError as error:  # a parameter that makes no sense: no traceback
            pytest.fail(f"@pytest.mark.{NAME}: {error}", pytrace=False)
        yield emulator


def _parameters(test: pytest.Item) -> "dict[str, Any]":
    """What the markers of a test say, of its class and module as well; its own wins."""
    parameters: dict[str, Any] = {}
    for marker in reversed(list(test.iter_markers(NAME))):
        _check(marker)
        parameters |= marker.kwargs
    return parameters


def _check(marker: pytest.Mark) -> None:
    """Fail the test whose marker says what `running()` does not know."""
    import inspect

    from responses_emulator.testing import running

    known = inspect.signature(running).parameters
    unknown = [name for name in marker.kwargs if name not in known]
    if marker.args:
        said = f"takes parameters by their names, not {marker.args[0]!r}"
    elif unknown:
        said = f"has no parameter {unknown[0]!r}"
    else:
        return
    there_are = ", ".join(known)
    pytest.fail(f"@pytest.mark.{NAME} {said}; there are: {there_are}.", pytrace=False)
