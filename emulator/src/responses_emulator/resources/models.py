"""`/models`: what this resource could deploy, each model that is deployed."""

from responses_emulator.account import Deployment
from responses_emulator.errors import not_found
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.world import World

CREATED_AT = 1_754_611_200  # the models' day of release does not matter here


def list_models(world: World, _request: Request) -> Reply:
    """`GET /models`."""
    models = {each.model: _model(each) for each in world.deployments.values()}
    data = list(models.values())
    return json_reply({"object": "list", "data": data})


def retrieve(world: World, _request: Request, id: str) -> Reply:
    """`GET /models/{model}`."""
    for deployment in world.deployments.values():
        if deployment.model == id:
            return json_reply(_model(deployment))
    raise not_found(f"The model '{id}' does not exist.", "model")


def _model(deployment: Deployment) -> Json:
    return {
        "id": deployment.model,
        "object": "model",
        "created": CREATED_AT,
        "owned_by": "emulator",
    }
