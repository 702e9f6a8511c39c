"""Take wire.png, the README's picture of `run --wire`, from a real terminal's output.

    python docs/wire.py        (needs Chromium: /usr/bin/chromium)

The command runs on a pseudo-terminal, as on a reader's screen. Long stretches of the
stream are left out, at the places marked with dots.
"""

import html
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from fcntl import ioctl
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "wire.png"
COMMAND = ["-m", "responses_emulator", "run", "--wire", "--delay", "0"]
SCRIPT = "python/responses-stream-sse-aoai-v1.py"
COLUMNS, LINES = 108, 400
FIRST, LAST = 31, 9  # lines of the output that are shown

COLOURS = {
    "1": "font-weight:bold",
    "2": "color:#7d8590",
    "31": "color:#ff7b72",
    "32": "color:#7ee787",
    "33": "color:#e3b341",
    "34": "color:#79c0ff",
    "35": "color:#d2a8ff",
    "36": "color:#56d4dd",
    "90": "color:#7d8590",
}
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0d1117; }}
pre {{ margin: 0; padding: 22px 26px; color: #e6edf3;
  font: 14px/1.42 "DejaVu Sans Mono",
  monospace; }}
</style><pre>{}</pre>"""


def main() -> None:
    """Run the command, turn its output into a page, and the page into a picture."""
    lines = output().replace("\r", "").rstrip("\n").split("\n")
    shown = [*lines[:FIRST], "  \x1b[2m⋮\x1b[0m", *lines[-LAST:]]
    prompt = f"$ python {' '.join(COMMAND[:-2])} {SCRIPT}"
    picture(PAGE.format(coloured("\n".join([prompt, "", *shown]))), len(shown) + 2)


def output() -> str:
    """What the command writes to a terminal of this size."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    settings.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, *COMMAND, SCRIPT],
        cwd=ROOT,
        env=settings,
        stdout=subprocess.DEVNULL,  # the poem itself would mix with the lines
        stderr=slave,
    )
    os.close(slave)
    pieces: list[bytes] = []
    try:
        while piece := os.read(master, 65536):
            pieces.append(piece)
    except OSError:  # the other end is closed
        pass
    if process.wait() != 0:
        raise SystemExit("The sample failed.")
    return b"".join(pieces).decode()


def coloured(text: str) -> str:
    """Terminal colours as HTML."""
    parts: list[str] = []
    style = ""
    for piece in re.split(r"(\x1b\[[\d;]*m)", text):
        if piece.startswith("\x1b["):
            codes = piece[2:-1].split(";")
            found = ";".join(COLOURS[code] for code in codes if code in COLOURS)
            style = "" if codes in (["0"], [""]) else f"{style};{found}".strip(";")
        elif piece:
            parts.append(f'<span style="{style}">{html.escape(piece)}</span>')
    return "".join(parts)


def picture(page: str, lines: int) -> None:
    """Write docs/wire.png, at twice the size for sharp screens."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "wire.html"
        source.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                "/usr/bin/chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--force-device-scale-factor=2",
                f"--user-data-dir={folder}/profile",
                f"--window-size={COLUMNS * 8 + 88},{round(lines * 19.88) + 48}",
                f"--screenshot={PICTURE}",
                source.as_uri(),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    with Image.open(PICTURE) as taken:  # a few colours: a tenth of the bytes
        taken.convert("RGB").quantize(48).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
