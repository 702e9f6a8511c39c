import pytest

from emulator.account import deployment
from emulator.core import Emulator
from emulator.model.prompt_cache import Prefixes, PromptCache
from tests.emulator.conftest import Client

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
    assert len(client.emulator.prompt_cache) == 0


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
    return Prefixes("scope").plus(pieces)


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
        grown = grown.plus([piece])

    assert grown.of(5000) == whole.of(5000)
    assert len(whole.of(5000)) == 32  # of 1,024 tokens and 31 steps of 128
    assert whole.of(1023) == []


def test_a_longer_prompt_renews_what_it_begins_with():
    cache = PromptCache()
    short = prompt(b"word " * 1000)
    long = short.plus([b"more " * 1000])
    cache.use(short, 1250, now=0.0)
    assert cache.use(long, 2500, now=200.0) == 1152

    assert cache.use(short, 1250, now=499.0) == 1152
    assert cache.use(long, 2500, now=502.0) == 1152  # the rest of it has gone


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

    client.emulator.deployments["new"] = deployment("new=gpt-5.6-sol")
    error = client.refused(**body, model="new")
    assert (error["param"], error["code"]) == (param, "not_supported_by_emulator")


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


def test_flex_is_for_one_model(client):
    error = client.refused(service_tier="flex")
    assert (error["param"], error["code"]) == ("service_tier", "unsupported_value")

    sol = deployment("sol=gpt-5.6-sol")
    client.emulator = Emulator(clock=client.clock, deployments=[sol])
    response = client.create(model="sol", service_tier="flex")
    assert response["service_tier"] == "flex"


def test_an_emulator_knows_nothing_of_anothers_prompts(client):
    cached(client)

    assert cached(Client()) == 0
