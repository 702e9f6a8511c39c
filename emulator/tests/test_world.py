"""What one emulator holds, and what of it a reset lets go."""

import pytest

from emulator.tests.conftest import Client, text
from emulator.tests.models import Says
from responses_emulator.account import deployment
from responses_emulator.core import Emulator
from responses_emulator.errors import ServiceError
from responses_emulator.faults import parse
from responses_emulator.model.replies.reply_file import load
from responses_emulator.model.standin.standin import STAND_IN
from responses_emulator.signals import Signal
from responses_emulator.world import BATCHES_AT_ONCE

QUICK, SLOW = Says(), Says(waits=True)


def test_a_deployment_may_have_a_model_of_its_own() -> None:
    world = Emulator(models={"mine": SLOW}).world
    assert world.model_of("mine") is SLOW
    assert world.model_of("other") is STAND_IN
    assert Emulator(model=QUICK).world.model_of("mine") is QUICK


def test_it_waits_if_any_of_the_models_may_take_long() -> None:
    assert not Emulator().world.waits
    assert not Emulator(models={"mine": QUICK}).world.waits
    assert Emulator(models={"a": QUICK, "b": SLOW}).world.waits
    assert Emulator(model=SLOW).world.waits
    assert Emulator(model=SLOW, models={"a": QUICK}).world.waits


@pytest.mark.parametrize("name", ["other", "", None, 5, ["mine"]])
def test_what_names_no_deployment_is_not_found(name: object) -> None:
    world = Emulator(deployments=[deployment("mine")]).world
    assert world.deployment("mine").model == "gpt-6-luna"
    with pytest.raises(ServiceError) as raised:
        world.deployment(name)
    assert raised.value.status == 404
    assert raised.value.body["error"]["code"] == "DeploymentNotFound"


def test_a_reset_keeps_what_the_emulator_was_made_with(client: Client) -> None:
    emulator = Emulator(clock=client.clock, rate_limit=1, token_limit=2)
    emulator.reset()
    limits = emulator.world.limits
    assert (limits.requests, limits.tokens) == (1, 2)


def test_a_reset_stops_what_is_still_being_made(client: Client) -> None:
    model = client.emulator.world.model = Says([Signal()], waits=True)
    client.create(background=True)
    assert model.silent.wait(5)
    client.emulator.reset()
    assert model.stopped.wait(5)


def test_a_reset_begins_the_replies_anew_and_tells_nobody_of_the_rest() -> None:
    replies = load([{"reply": {"text": "Once."}, "times": 1}], parse)
    client = Client()
    client.emulator = Emulator(clock=client.clock, replies=replies)
    hook = {"url": "http://127.0.0.1:1/", "event_types": ["response.completed"]}
    client.json("POST", "/dashboard/webhook_endpoints", {"name": "a", **hook})
    assert text(client.create()) == "Once."
    assert client.create(background=True)["status"] == "queued"
    outbox = client.emulator.world.outbox
    assert outbox.next_at() < float("inf")
    client.emulator.reset()
    assert outbox.next_at() == float("inf")
    assert text(client.create()) == "Once."


def test_few_batches_are_answered_at_once_beside_all_others() -> None:
    world = Emulator().world
    assert world.batch_pool is not world.pool
    assert world.batch_pool._most == BATCHES_AT_ONCE == 4
