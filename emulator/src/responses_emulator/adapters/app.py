"""What a server serves: an emulator, who looks on, and how fast it writes."""

from responses_emulator.adapters import courier
from responses_emulator.core import Emulator
from responses_emulator.http import Handle


class App:
    """Serves `handle`, by default the emulator's own.

    `delay` is the pause in seconds before each piece of a streamed reply: a served
    emulator can then be watched while it writes.
    """

    def __init__(
        self,
        emulator: Emulator,
        *,
        handle: Handle | None = None,
        delay: float = 0.0,
        send: Handle = courier.post,
    ) -> None:
        """Wrap an emulator; `handle` may observe what goes in and out of it.

        `send` may observe what it sends to webhook endpoints.
        """
        self.emulator = emulator
        self.handle = handle or emulator.handle
        # Otherwise somebody looks on, who might take their time.
        self.is_plain = self.handle == emulator.handle
        self.delay = delay
        self.send = send
