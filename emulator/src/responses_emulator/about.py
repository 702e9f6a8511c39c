"""`GET /`: what this is, for whoever opens the address in a browser."""

from responses_emulator.extras import DISTRIBUTION, EXTRAS, is_there
from responses_emulator.http import Reply, json_reply

PATH = "/"


def about() -> Reply:
    """Name, version, and where the API and the emulator's own pages are."""
    return json_reply(
        {
            "name": DISTRIBUTION,
            "version": installed_version(),
            "description": "A local stand-in for the Responses API of Azure OpenAI. "
            "Answers are made up by rules, or come from a model of your own.",
            "api": ["/openai/v1/responses", "/openai/responses?api-version=..."],
            "control": [
                "/emulator/replies",
                "/emulator/faults",
                "/emulator/requests",
                "/emulator/verdict",
                "/emulator/reset",
            ],
            "extras": {extra: is_there(extra) for extra in EXTRAS},
        }
    )


def installed_version() -> str | None:
    """The version that is installed; none of a checkout that is run as it lies."""
    # A sixth of the time that a start takes, for what few ask for.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return None
