"""How an event is written: as a server-sent event, or as the text of a WebSocket frame.

Above the adapters an event is a dict. What is no event passes: a pause, and bytes. Each
is written in the moment it is made, for what it tells of may go on changing.
"""

from collections.abc import Iterator
from typing import overload

import orjson

from responses_emulator.http import Json, Pause

Frames = Iterator[bytes | Pause]


@overload
def server_sent(piece: Json | bytes) -> bytes: ...
@overload
def server_sent(piece: Json | bytes | Pause) -> bytes | Pause: ...
def server_sent(piece: Json | bytes | Pause) -> bytes | Pause:
    """An event as HTTP carries it, named by its type."""
    if isinstance(piece, dict):
        name: str = piece["type"]
        return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(piece))
    return piece


def text(piece: Json | bytes | Pause) -> bytes | Pause:
    """An event as a WebSocket carries it."""
    return orjson.dumps(piece) if isinstance(piece, dict) else piece
