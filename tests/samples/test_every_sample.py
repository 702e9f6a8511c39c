"""What holds for each sample, whatever it shows."""

import ast
from pathlib import Path
from subprocess import CompletedProcess

import openai
import pytest

from tests.live import features
from tests.live.test_samples import verdict
from tests.samples.conftest import HOST, SAMPLES
from tests.samples.faults import ending_as

NAMES = sorted(path.name for path in SAMPLES.glob("*.py") if "gradio" not in path.name)
# It says in words of its own what the others leave to the SDK's exceptions.
EXPLAINS = [name for name in NAMES if "-errors-" in name]
STREAMS = [name for name in NAMES if "-stream-" in name]
# It has no HTTP whose errors the SDK could raise: it reads them as events.
WEBSOCKET = [name for name in NAMES if "-websocket-" in name]
ENTRA = [name for name in NAMES if "-entra-" in name]
# Whose answers come in no reply to a request for a response.
IN_BATCHES = [name for name in NAMES if "-batch-" in name]
TOLD_LATER = [*IN_BATCHES, *(name for name in NAMES if "-webhook-" in name)]
MODELS = ("MODEL", "BATCH_MODEL", "FLEX_MODEL")  # the deployments that answer


def test_every_sample_has_a_test_of_its_own():
    """A file that no parametrisation names is not proven."""
    named = {
        node.value
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [name for name in NAMES if name not in named] == []


@pytest.mark.parametrize("name", NAMES)
def test_wrong_key_or_token_is_named_and_nothing_is_left(
    name, run, service, monkeypatch
):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "wrong")
    if name in ENTRA:
        monkeypatch.setattr(service.emulator.world.auth, "_secret", b"another tenant")
        service.handles = dict(service.handles)
        issuer = type(service.emulator.world.auth)(service.clock)
        monkeypatch.setattr(service.emulator.world.auth, "issue", issuer.issue)

    result = run(name)

    if name in EXPLAINS:
        assert "HTTP 401" in result.stopped_with
    elif name in WEBSOCKET:
        assert "HTTP 401" in str(result.error)
    else:
        assert isinstance(result.error, openai.AuthenticationError)
    at_once = 10 if "ratelimit" in name else 1
    assert len(service.sent) <= at_once
    assert service.sent or name in WEBSOCKET  # whose handshake is refused
    assert service.left_behind() == []
    assert "wrong" not in result.output


@pytest.mark.parametrize("name", NAMES)
def test_unknown_deployment_is_named_and_nothing_is_left(
    name, run, service, monkeypatch
):
    for kind in MODELS:
        monkeypatch.setenv(f"AZURE_OPENAI_API_{kind}", "no-such-deployment")

    result = run(name)

    if name in IN_BATCHES:
        assert "model_not_found" in result.stopped_with
    elif name in EXPLAINS:
        assert "HTTP 404, DeploymentNotFound" in result.stopped_with
    elif name in WEBSOCKET:
        assert "deployment for this resource does not exist" in result.stopped_with
    else:
        assert isinstance(result.error, openai.NotFoundError)
        assert result.error.code == "DeploymentNotFound"
    assert service.left_behind() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
            },
            "max_output_tokens",
        ),
        (
            {
                "status": "incomplete",
                "incomplete_details": {"reason": "content_filter"},
            },
            "content_filter",
        ),
        (
            {
                "status": "failed",
                "error": {"code": "server_error", "message": "Something broke."},
            },
            "Something broke.",
        ),
    ],
    ids=["cut off", "filtered", "failed"],
)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in TOLD_LATER])
@pytest.mark.usefixtures("few_pieces")
def test_unfinished_answer_is_never_passed_off_as_whole(
    name, changes, reason, run, service
):
    service.answer = ending_as(service.emulator, **changes)

    result = run(name)

    assert result.stopped_with.startswith("Unfinished: ")
    assert reason in result.stopped_with
    assert service.left_behind() == []


@pytest.mark.parametrize("name", NAMES)
def test_sample_speaks_to_the_configured_host_alone(name, finished):
    hosts = {sent.host for sent in finished(name).sent}
    if "weather" in name:
        hosts -= {"api.open-meteo.com"}
    assert hosts == {HOST}


@pytest.mark.parametrize("name", NAMES)
def test_sample_does_what_a_live_run_looks_for(name, finished):
    feature = features.of(name)
    printed = finished(name).printed

    whole = verdict(name, CompletedProcess([], 0, printed, ""), left=set())
    halved = verdict(name, CompletedProcess([], 0, printed[:9], ""), left=set())
    assert whole == ("worked", "")
    assert halved[0] == "failed"
    asked = len(finished(name).created)
    assert asked == feature.responses, f"{asked} stands in tests/live/features.py"


@pytest.mark.parametrize("name", NAMES)
def test_sample_works_from_any_folder(name, finished):
    run = finished(name)  # which the `service` fixture starts in an empty folder

    assert run.sent
    written = sorted(path.suffix for path in run.written)
    promised = {
        "image-generate": [".png"],
        "ratelimit": [".jsonl", ".lock"],
    }
    assert written == next((w for part, w in promised.items() if part in name), [])
