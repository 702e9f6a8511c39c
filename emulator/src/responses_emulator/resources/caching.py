"""What the prompt cache had of a prompt, and what it got of it."""

from responses_emulator import combinations
from responses_emulator.http import Json
from responses_emulator.model.context.history import all_as_read, as_read
from responses_emulator.model.context.prompt_cache import (
    EXTENDED,
    FIRST,
    IN_MEMORY,
    Prefixes,
    Usage,
)
from responses_emulator.model.turn import Turn
from responses_emulator.world import World


def cache_usage(world: World, response: Json, turn: Turn, input_tokens: int) -> Json:
    """The details of the input tokens; from gpt-5.6 on, what was written as well."""
    counts_writes = combinations.takes(response["model"], "cache_options")
    cached = written = 0
    if input_tokens >= FIRST:  # else it is neither looked up nor kept, and not read
        if counts_writes:
            cached, written = _use_breakpoints(world, response, turn, input_tokens)
        else:
            cached = _use(world, response, turn, input_tokens)
    if counts_writes:
        return {"cached_tokens": cached, "cache_write_tokens": written}
    return {"cached_tokens": cached}


def _use_breakpoints(
    world: World, response: Json, turn: Turn, input_tokens: int
) -> Usage:
    options: Json = response.get("prompt_cache_options") or {}
    return world.prompt_cache.use_breakpoints(
        _prefixes(response, turn),
        input_tokens,
        now=world.clock(),
        implicit=options.get("mode") != "explicit",
    )


def _use(world: World, response: Json, turn: Turn, input_tokens: int) -> int:
    extended = response["prompt_cache_retention"] == "24h"
    return world.prompt_cache.use(
        _prefixes(response, turn),
        input_tokens,
        now=world.clock(),
        lifetime=EXTENDED if extended else IN_MEMORY,
    )


def _prefixes(response: Json, turn: Turn) -> Prefixes:
    """What the prompt cache compares of a prompt."""
    scope = f"{response['model']}\n{response['prompt_cache_key'] or ''}"
    head = [as_read(turn.instructions), as_read(turn.tools)]
    if turn.digest:
        return turn.digest.prefixes(scope, head)
    # A summary reads unlike any prompt before it, and unlike any other summary.
    summary = [item["id"] for item in turn.items[: turn.folded]]
    read = all_as_read(turn.items[turn.folded :])
    return Prefixes(scope).plus([*head, *map(as_read, summary), *read])
