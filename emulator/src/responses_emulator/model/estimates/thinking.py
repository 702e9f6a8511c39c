"""How much is thought before an answer: as much as a request asks for."""

from responses_emulator.model.turn import Turn

# Tokens that the stand-in claims to have thought, by effort: the service bills
# reasoning in steps of 64.
REASONING_TOKENS = {
    "none": 0,
    "minimal": 0,
    "low": 64,
    "medium": 256,
    "high": 512,
    "xhigh": 1024,
    "max": 2048,
}


def reasoning_tokens(turn: Turn) -> int:
    """How many tokens the stand-in spends on thinking before it answers this turn."""
    if turn.reasoning is None or turn.since_prompt:
        return 0
    return REASONING_TOKENS[turn.reasoning["effort"]]
