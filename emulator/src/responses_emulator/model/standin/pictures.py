"""What the stand-in says of a picture: what is measured, and that it sees nothing."""

from urllib.parse import unquote, urlsplit

from responses_emulator.model.prompt.words import shortened
from responses_emulator.model.turn import Picture
from responses_emulator.readers.picture import facts

_DOES_NOT_SEE = "The emulator's stand-in model does not see pictures."


def describe(picture: Picture, prompt: str) -> str:
    """What can be said of a picture, and that this is measured, not seen.

    Never raises: of a broken file it says that nothing can be measured.
    """
    asked = shortened(prompt, 100)
    closing = f" So it cannot answer “{asked}” as a real one would." if asked else ""
    if picture.content is None:
        return f"{_of_url(picture.url or '')}{closing}"
    measured = facts(picture.content)
    if not measured:
        return (
            f"{_DOES_NOT_SEE} This file is no PNG, JPEG, WebP or GIF picture, or a "
            f"broken one, so nothing can be measured.{closing}"
        )
    return f"{_DOES_NOT_SEE} What it can measure: {measured}.{closing}"


def _of_url(url: str) -> str:
    try:
        parts = urlsplit(url if len(url) < 10_000 else "")
    except ValueError:
        parts = urlsplit("")
    name = shortened(unquote(parts.path.rpartition("/")[2]), 80)
    what = f"a picture named “{name}”" if name else "a picture"
    where = f" on {parts.hostname}" if parts.hostname else ""
    return (
        f"{_DOES_NOT_SEE} You gave it the address of {what}{where}; the emulator "
        "fetches no pictures, so nothing more is known of it. Sent as a data URL, its "
        "size and colours could be measured."
    )
