import pytest

from emulator.tests.conftest import Client
from responses_emulator.account import deployment
from responses_emulator.core import Emulator
from responses_emulator.model.context.prompt_cache import (
    Ends,
    Piece,
    Prefixes,
    PromptCache,
)

RULES = "Answer with care, and never guess. " * 200  # about 1,750 tokens


def cached(client, input="Hello.", **body):
    usage = client.create(input, instructions=RULES, **body)["usage"]
    tokens = usage["input_tokens_details"]["cached_tokens"]
    assert tokens <= usage["input_tokens"]
    return tokens


def test_the_second_identical_prefix_is_cached_in_steps_of_128(client):
    assert cached(client) == 0
    tokens = cached(client, "Something else.")

    assert tokens >= 1024
    assert tokens % 128 == 0


def test_a_short_prompt_is_never_cached(client):
    for _ in range(2):
        usage = client.create("Hello.")["usage"]
        assert usage["input_tokens_details"]["cached_tokens"] == 0
    assert len(client.emulator.world.prompt_cache) == 0


def test_a_prefix_that_differs_early_is_not_cached(client):
    client.create(instructions=f"A. {RULES}")
    usage = client.create(instructions=f"B. {RULES}")["usage"]

    assert usage["input_tokens_details"]["cached_tokens"] == 0


def test_each_deployment_and_cache_key_has_its_own(client):
    cached(client, prompt_cache_key="a")

    assert cached(client) == 0
    assert cached(client, model="gpt-5.4-mini") == 0
    assert cached(client, prompt_cache_key="a") >= 1024


@pytest.mark.parametrize(("retention", "hours"), [(None, 0), ("24h", 23)])
def test_a_prefix_is_forgotten_by_the_clock(client, retention, hours):
    cached(client, prompt_cache_retention=retention)
    client.clock.now += hours * 3600 + 299
    assert cached(client, prompt_cache_retention=retention) >= 1024
    client.clock.now += hours * 3600 + 3601
    assert cached(client, prompt_cache_retention=retention) == 0


def prompt(*pieces: bytes) -> Prefixes:
    return Prefixes("scope").plus(map(Piece, pieces))


def test_what_is_kept_is_bounded_and_the_oldest_goes_first():
    cache = PromptCache(limit=100)
    prompts = [prompt(b"%d" % n + b"word " * 4000) for n in range(10)]

    for n, each in enumerate(prompts):
        assert cache.use(each, 5000, now=float(n)) == 0
        assert len(cache) <= 100

    assert cache.use(prompts[9], 5000, now=10.0) == 4992
    assert cache.use(prompts[0], 5000, now=10.0) == 0


def test_prefixes_do_not_depend_on_how_a_prompt_has_grown():
    pieces = [b"%d " % n * 700 for n in range(20)]
    whole, grown = prompt(*pieces), Prefixes("scope")
    for piece in pieces:
        grown = grown.plus([Piece(piece)])

    assert grown.of(5000) == whole.of(5000)
    assert len(whole.of(5000)) == 32  # of 1,024 tokens and 31 steps of 128
    assert whole.of(1023) == []


def test_a_longer_prompt_renews_what_it_begins_with():
    cache = PromptCache()
    short = prompt(b"word " * 1000)
    long = short.plus([Piece(b"more " * 1000)])
    cache.use(short, 1250, now=0.0)
    assert cache.use(long, 2500, now=200.0) == 1152

    assert cache.use(short, 1250, now=499.0) == 1152
    assert cache.use(long, 2500, now=502.0) == 1152  # the rest of it has gone


def test_what_has_expired_at_the_end_is_passed_over_step_by_step():
    cache = PromptCache()
    long = prompt(b"word " * 3000)
    for tokens, now in ((3500, 0.0), (1300, 200.0)):
        cache.use(long, tokens, now=now)
    # Of 3,500 tokens, 1,280 were used again since: the rest has gone.
    assert cache.use(long, 3500, now=400.0) == 1280


def test_prompts_that_part_within_the_first_1024_tokens_share_nothing(client):
    head = "Answer with care, and never guess. " * 110  # about 960 tokens
    client.create(instructions=head + "Be brief. " * 100)
    usage = client.create(instructions=head + "Be kind. " * 100)["usage"]
    assert usage["input_tokens"] > 1024
    assert usage["input_tokens_details"]["cached_tokens"] == 0


def test_where_there_is_room_nothing_is_forgotten_and_else_a_tenth():
    cache = PromptCache(limit=20)
    for n in range(20):
        each = Prefixes(f"{n}").plus([Piece(b"word " * 4000, Ends.MESSAGE)])
        cache.use_breakpoints(each, 5000, now=float(n), implicit=True)
    assert len(cache) == len(cache._sizes) == 20

    each = Prefixes("20").plus([Piece(b"word " * 4000, Ends.MESSAGE)])
    cache.use_breakpoints(each, 5000, now=20.0, implicit=True)
    assert len(cache) == len(cache._sizes) == 18


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt_cache_options": {"mode": "explicit"}}, "prompt_cache_options"),
        (
            {
                "input": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "input_text",
                                "text": "Hello.",
                                "prompt_cache_breakpoint": {"mode": "explicit"},
                            }
                        ],
                    }
                ]
            },
            "input[0].content[0].prompt_cache_breakpoint",
        ),
    ],
)
def test_options_of_the_cache_are_refused_before_gpt_5_6(client, body, param):
    error = client.refused(**body)
    assert (error["param"], error["code"]) == (param, "unsupported_parameter")
    assert client.create(**body, model="gpt-5.6-sol")["status"] == "completed"


# From gpt-5.6 on: up to a breakpoint, and no further


LUNA = "gpt-6-luna"


def marked(text: str = RULES, role: str = "developer"):
    part = {"type": "input_text", "text": text}
    mark = {"prompt_cache_breakpoint": {"mode": "explicit"}}
    return {"role": role, "content": [{**part, **mark}]}


def asked(text: str):
    return {"role": "user", "content": text}


def used(client, input, **body):
    """Tokens read from the cache and written to it."""
    usage = client.create(input, model=LUNA, **body)["usage"]
    details = usage["input_tokens_details"]
    assert sum(details.values()) <= usage["input_tokens"]
    return details["cached_tokens"], details["cache_write_tokens"]


def test_a_stable_prefix_without_a_breakpoint_is_not_found_again(client):
    cached_at_first, written = used(client, "One.", instructions=RULES)
    assert (cached_at_first, written > 1024) == (0, True)
    assert used(client, "Two.", instructions=RULES) == (0, written)
    assert used(client, "One.", instructions=RULES) == (written, 0)  # all of it


def test_up_to_a_breakpoint_it_is(client):
    _, written = used(client, [marked(), asked("One.")])
    cached, more = used(client, [marked(), asked("Two.")])
    assert 1024 < cached < written
    assert 0 < more < 128  # the latest message
    assert used(client, [marked(RULES + "!"), asked("Two.")])[0] == 0


def test_a_breakpoint_may_be_within_a_message(client):
    def told(word: str):
        [part] = marked()["content"]
        return {"role": "user", "content": [part, {**part, "text": word}]}

    explicit = {"prompt_cache_options": {"mode": "explicit"}}
    assert used(client, [told("One.")], **explicit)[0] == 0
    assert used(client, [told("Two.")], **explicit)[0] > 1024


def test_explicit_mode_writes_no_more_than_its_breakpoints(client):
    explicit = {"prompt_cache_options": {"mode": "explicit", "ttl": "30m"}}
    assert used(client, [asked(RULES)], **explicit) == (0, 0)
    assert used(client, [asked(RULES)], **explicit) == (0, 0)
    _, written = used(client, [marked(), asked("One.")], **explicit)
    assert used(client, [marked(), asked("Two.")], **explicit) == (written, 0)


def test_a_conversation_finds_what_its_earlier_turns_wrote(client):
    first = client.create("One.", model=LUNA, instructions=RULES)
    written = first["usage"]["input_tokens_details"]["cache_write_tokens"]
    for _ in range(2):
        cached, more = used(
            client, "Two.", instructions=RULES, previous_response_id=first["id"]
        )
        assert cached >= written
    assert more == 0
    by_hand = [asked("One."), *first["output"], asked("Three.")]
    assert used(client, by_hand, instructions=RULES)[0] == written


def test_a_request_writes_four_breakpoints_at_most(client):
    explicit = {"prompt_cache_options": {"mode": "explicit"}}
    six = [marked(f"{n}. {RULES}") for n in range(6)]
    used(client, [*six, asked("One.")], **explicit)
    found = [used(client, [*six[:n], asked("Two.")], **explicit)[0] for n in (2, 3)]
    assert found[0] == 0 < found[1]


def test_of_several_breakpoints_the_last_that_is_known_counts(client):
    one, two, three = (marked(f"{n}. {RULES}") for n in range(3))
    explicit = {"prompt_cache_options": {"mode": "explicit"}}
    _, first = used(client, [one, asked("Hi.")], **explicit)
    cached, more = used(client, [one, two, asked("Hi.")], **explicit)
    assert (cached, more > 1024) == (first, True)
    assert used(client, [one, two, three, asked("Hi.")], **explicit)[0] == first + more


def test_a_short_prefix_does_not_keep_a_longer_one_from_being_written(client):
    _, written = used(client, [marked("Be brief."), marked(), asked("One.")])
    assert written > 1024
    cached, _ = used(client, [marked("Be brief."), marked(), asked("Two.")])
    assert cached > 1024


@pytest.mark.parametrize(("messages", "found"), [(48, True), (49, False)])
def test_the_latest_fifty_breakpoints_are_looked_up(client, messages, found):
    first = [asked(RULES)]
    used(client, first)
    # Its own message, those in between and the newest one end with a breakpoint each.
    later = [asked(f"{n}.") for n in range(messages)]
    cached, _ = used(client, [*first, *later, asked("The last.")])
    assert (cached > 0) is found


@pytest.mark.parametrize(
    ("model", "writes"),
    [("gpt-5.5", False), ("gpt-5.6", True), ("gpt-5.6-sol", True), ("gpt-6", True)],
)
def test_from_gpt_5_6_on_usage_tells_what_was_written(client, model, writes):
    client.emulator = Emulator(deployments=[deployment(model)])
    for input in ("Hello.", RULES):
        usage = client.create(input, model=model)["usage"]
        told = usage["input_tokens_details"]
        assert ("cache_write_tokens" in told) is writes
        assert told["cached_tokens"] == 0
    if writes:
        assert told["cache_write_tokens"] > 1024


def test_a_breakpoint_lives_for_half_an_hour_and_longer_if_used(client):
    for _ in range(3):
        used(client, [marked(), asked("One.")])
        client.clock.now += 1_790
    assert used(client, [marked(), asked("One.")])[0] > 1024
    client.clock.now += 1_801
    assert used(client, [marked(), asked("One.")])[0] == 0


def test_a_short_prefix_is_not_written(client):
    assert used(client, [marked("Be brief."), asked("One.")]) == (0, 0)


@pytest.mark.parametrize(("tokens", "written"), [(1023, 0), (1024, 1024)])
def test_from_1024_tokens_on_a_prefix_is_written(tokens, written):
    whole = Prefixes("scope").plus([Piece(b"word " * 820, Ends.MESSAGE)])
    usage = PromptCache().use_breakpoints(whole, tokens, now=0.0, implicit=True)
    assert usage == (0, written)


def test_options_are_told_as_applied(client):
    told = client.create(model=LUNA, prompt_cache_options={"mode": "explicit"})
    assert told["prompt_cache_options"] == {"mode": "explicit", "ttl": "30m"}


def test_breakpoints_that_are_kept_are_bounded():
    cache = PromptCache(limit=20)
    for n in range(200):
        each = Prefixes(f"{n}").plus([Piece(b"word " * 4000, Ends.MESSAGE)])
        cache.use_breakpoints(each, 5000, now=float(n), implicit=True)
    assert len(cache) <= 20
    assert len(cache._sizes) <= 20


def test_breakpoints_do_not_depend_on_how_a_prompt_has_grown():
    pieces = [Piece(b"%d " % n * 700, Ends.MESSAGE) for n in range(20)]
    whole, grown = Prefixes("scope").plus(pieces), Prefixes("scope")
    for piece in pieces:
        grown = grown.plus([piece])
    assert grown.to_read(implicit=True) == whole.to_read(implicit=True)
    assert len(whole.to_write(implicit=True)) == 1
    assert whole.to_read(implicit=False) == []


@pytest.mark.parametrize(
    ("asked", "served"),
    [(None, "default"), ("auto", "default"), ("priority", "priority")],
)
def test_the_tier_that_served_is_told(client, asked, served):
    assert client.create(service_tier=asked)["service_tier"] == served


@pytest.mark.parametrize(
    ("asked", "told"),
    [(None, ["auto", "auto", "default"]), ("priority", ["priority"] * 3)],
)
def test_a_stream_tells_the_tier_as_asked_and_then_as_served(client, asked, told):
    events = client.events(service_tier=asked)
    assert [e["response"]["service_tier"] for e in events if "response" in e] == told


@pytest.mark.parametrize("asked", [{"mode": "implicit"}, {"ttl": "30m"}])
def test_options_of_the_cache_are_echoed_as_a_whole(client, asked):
    response = client.create(model="gpt-6-luna", prompt_cache_options=asked)
    assert response["prompt_cache_options"] == {"mode": "implicit", "ttl": "30m"}


@pytest.mark.parametrize("tier", ["flex", "ultrafast"])
def test_some_tiers_are_for_one_model(client, tier):
    error = client.refused(service_tier=tier)
    assert (error["param"], error["code"]) == ("service_tier", "unsupported_value")

    sol = deployment("sol=gpt-5.6-sol")
    client.emulator = Emulator(clock=client.clock, deployments=[sol])
    if tier == "flex":  # the published contract does not know the other one
        response = client.create(model="sol", service_tier=tier)
        assert response["service_tier"] == tier


def test_an_emulator_knows_nothing_of_anothers_prompts(client):
    cached(client)

    assert cached(Client()) == 0
