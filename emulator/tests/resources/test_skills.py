"""`/skills`: versions, what is deleted, and skills mounted in a container."""

import base64
import io
import zipfile
from typing import Any

import httpx2
import openai
import orjson
import pytest
from openai import OpenAI

from emulator.tests.conftest import Client, steps, text
from responses_emulator import store
from responses_emulator.account import KEY
from responses_emulator.adapters.transport import Transport
from responses_emulator.http import Request
from responses_emulator.resources import skills, workspaces

PYTHON = b"import sys\nprint(sum(map(float, sys.argv[1:])))\n"


def manifest(name: str = "basic-math", description: str = "Add numbers.") -> bytes:
    head = f"---\nname: {name}\ndescription: {description}\n---\n\n"
    return f"{head}Run this:\n\n```sh\npython add.py NUMBERS...\n```\n".encode()


def zipped(text: bytes = manifest()) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("basic_math/SKILL.md", text)
        archive.writestr("basic_math/add.py", PYTHON)
    return written.getvalue()


@pytest.fixture
def sdk(client: Client) -> OpenAI:
    return OpenAI(
        api_key=KEY,
        base_url="https://example.openai.azure.com/openai/v1/",
        http_client=httpx2.Client(transport=Transport(client.emulator.handle)),
        max_retries=0,
    )


def inline(name: str = "basic-math", data: bytes | None = None) -> dict[str, Any]:
    content = base64.b64encode(zipped() if data is None else data).decode()
    return {
        "type": "inline",
        "name": name,
        "description": "Add numbers.",
        "source": {"type": "base64", "media_type": "application/zip", "data": content},
    }


def reference(id: str, **more: str) -> dict[str, str]:
    return {"type": "skill_reference", "skill_id": id, **more}


def shell(*mounted: dict[str, Any], **more: Any) -> dict[str, Any]:
    environment = {"type": "container_auto", "skills": list(mounted), **more}
    return {"type": "shell", "environment": environment}


def test_a_skill_is_made_of_a_zip_or_of_a_folders_files(sdk: OpenAI):
    zip_made = sdk.skills.create(files=("basic_math.zip", zipped()))
    folder_made = sdk.skills.create(
        files=[
            ("basic_math/SKILL.md", manifest()),
            ("basic_math/add.py", PYTHON),
        ]
    )
    for skill in (zip_made, folder_made):
        assert skill.id.startswith("skill_")
        assert (skill.object, skill.name) == ("skill", "basic-math")
        assert skill.description == "Add numbers."
        assert (skill.default_version, skill.latest_version) == ("1", "1")
        assert sdk.skills.retrieve(skill.id) == skill
        content = sdk.skills.content.retrieve(skill.id).read()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("basic_math/add.py") == PYTHON
    listed = sdk.skills.list(order="asc", limit=1)
    assert [skill.id for skill in listed] == [zip_made.id, folder_made.id]


def test_versions_are_added_chosen_and_deleted(sdk: OpenAI):
    skill = sdk.skills.create(files=zipped())
    second = sdk.skills.versions.create(skill.id, files=zipped(manifest("more-math")))
    assert (second.object, second.version) == ("skill.version", "2")
    assert (second.skill_id, second.name) == (skill.id, "more-math")
    now = sdk.skills.retrieve(skill.id)
    assert (now.default_version, now.latest_version) == ("1", "2")
    assert now.name == "basic-math"
    assert sdk.skills.versions.retrieve("latest", skill_id=skill.id) == second
    with pytest.raises(openai.BadRequestError, match="default version"):
        sdk.skills.versions.delete("1", skill_id=skill.id)

    assert sdk.skills.update(skill.id, default_version="2").name == "more-math"
    gone = sdk.skills.versions.delete("1", skill_id=skill.id)
    assert (gone.object, gone.version, gone.deleted) == (
        "skill.version.deleted",
        "1",
        True,
    )
    third = sdk.skills.versions.create(skill.id, default=True, files=zipped())
    assert third.version == "3"
    assert sdk.skills.retrieve(skill.id).default_version == "3"
    listed = sdk.skills.versions.list(skill.id, order="asc")
    assert [version.version for version in listed] == ["2", "3"]
    content = sdk.skills.versions.content.retrieve("2", skill_id=skill.id).read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"more-math" in archive.read("basic_math/SKILL.md")


def test_with_the_last_version_goes_the_skill_and_with_the_skill_all_of_them(
    sdk: OpenAI,
):
    skill = sdk.skills.create(files=zipped())
    sdk.skills.versions.delete("1", skill_id=skill.id)
    with pytest.raises(openai.NotFoundError):
        sdk.skills.retrieve(skill.id)
    other = sdk.skills.create(files=zipped())
    sdk.skills.versions.create(other.id, files=zipped())
    gone = sdk.skills.delete(other.id)
    assert (gone.object, gone.id, gone.deleted) == ("skill.deleted", other.id, True)
    with pytest.raises(openai.NotFoundError):
        sdk.skills.versions.list(other.id)


def test_a_number_is_not_used_again(sdk: OpenAI):
    skill = sdk.skills.create(files=zipped())
    sdk.skills.versions.create(skill.id, files=zipped())
    sdk.skills.versions.delete("2", skill_id=skill.id)
    assert sdk.skills.versions.create(skill.id, files=zipped()).version == "3"


@pytest.mark.parametrize("version", ["0", "x", "-1", "1.0", "\u0661", "9" * 12])
def test_a_version_is_a_positive_number_or_latest(sdk: OpenAI, version: str):
    skill = sdk.skills.create(files=zipped())
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)):
        sdk.skills.versions.retrieve(version, skill_id=skill.id)
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)):
        sdk.skills.update(skill.id, default_version=version)


def form(client: Client, *parts: bytes, path: str = "/skills") -> tuple[int, Any]:
    head = b"--b\r\nContent-Disposition: form-data; "
    body = b"".join(head + part + b"\r\n" for part in parts) + b"--b--\r\n"
    kind = "multipart/form-data; boundary=b"
    headers = {"api-key": KEY, "content-type": kind}
    reply = client.emulator.handle(Request("POST", client.base + path, headers, body))
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body).get("error")


@pytest.mark.parametrize(
    ("parts", "param", "code"),
    [
        ((), "files", "missing_required_parameter"),
        ((b'name="files"\r\n\r\ntext',), "files", "invalid_type"),
        ((b'name="files"; filename=""\r\n\r\nx',), "files", "invalid_type"),
        ((b'name="name"\r\n\r\nx',), "files", "missing_required_parameter"),
        (
            (b'name="files[]"; filename="a/SKILL.md"\r\n\r\n' + manifest(),
             b'name="name"\r\n\r\nx'),
            "name",
            "unknown_parameter",
        ),
        ((b'name="file"; filename="a/b"\r\n\r\nx',), "file", "unknown_parameter"),
        ((b'name="files"; filename="a.zip"\r\n\r\nPKx',), "files", "invalid_skill"),
        ((b'name="files"; filename="../a"\r\n\r\nx',), "files", "invalid_skill"),
    ],
)  # fmt: skip
def test_a_form_that_makes_no_skill_is_a_400(
    client: Client, parts: tuple[bytes, ...], param: str, code: str
):
    status, error = form(client, *parts)
    assert (status, error["param"], error["code"]) == (400, param, code)
    assert len(client.emulator.store.skills) == 0


def test_a_skill_may_have_more_files_than_another_form_has_parts(client: Client):
    part = b'name="files[]"; filename="a/%d"\r\n\r\nx'
    first = b'name="files[]"; filename="a/SKILL.md"\r\n\r\n' + manifest()
    assert form(client, first, *(part % n for n in range(499)))[0] == 200
    status, error = form(client, first, *(part % n for n in range(500)))
    assert status == 400 and "more than 500 files" in error["message"]
    status, error = form(client, *(part % n for n in range(600)))
    assert status == 400 and "more than 510 parts" in error["message"]


def test_a_default_is_a_boolean(client: Client, sdk: OpenAI):
    skill = sdk.skills.create(files=zipped())
    file = b'name="files[]"; filename="a/SKILL.md"\r\n\r\n' + manifest()
    path = f"/skills/{skill.id}/versions"
    _, error = form(client, file, b'name="default"\r\n\r\nmaybe', path=path)
    assert (error["param"], error["code"]) == ("default", "invalid_type")


def test_room_for_skills_is_bounded(
    client: Client, sdk: OpenAI, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(skills, "MAX_SKILL_BYTES", 2_000)
    skill = sdk.skills.create(files=zipped())
    with pytest.raises(openai.BadRequestError) as caught:
        for _ in range(10):
            sdk.skills.versions.create(skill.id, files=zipped())
    assert caught.value.code == "storage_limit_exceeded"
    sdk.skills.delete(skill.id)
    sdk.skills.create(files=zipped())
    assert len(client.emulator.store.skills) == 1


# Mounted


def test_a_mounted_skill_is_read_and_its_command_run(client: Client, sdk: OpenAI):
    skill = sdk.skills.create(files=zipped())
    response = client.create(
        "Use the basic-math skill to add 17, 25 and -0.5.",
        tools=[shell(reference(skill.id))],
    )
    calls = [item for item in response["output"] if item["type"] == "shell_call"]
    outputs = [i for i in response["output"] if i["type"] == "shell_call_output"]
    assert [call["action"]["commands"] for call in calls] == [
        ["cat skills/basic-math/SKILL.md"],
        ["python skills/basic-math/add.py 17 25 -0.5"],
    ]
    assert outputs[0]["output"][0]["stdout"] == manifest().decode()
    assert outputs[1]["output"][0] == {
        "stdout": "41.5\n",
        "stderr": "",
        "outcome": {"type": "exit", "exit_code": 0},
    }
    assert "41.5" in text(response)


def test_the_version_that_is_named_is_mounted(client: Client, sdk: OpenAI):
    skill = sdk.skills.create(files=zipped())
    sdk.skills.versions.create(skill.id, files=zipped(manifest(description="Newer.")))
    for version, told in (({}, "Add numbers."), ({"version": "latest"}, "Newer.")):
        response = client.create(
            "Run `cat skills/basic-math/SKILL.md`.",
            tools=[shell(reference(skill.id, **version))],
        )
        assert told in str(response["output"])


def test_a_skill_is_chosen_by_its_description_and_left_alone_by_small_talk(
    client: Client,
):
    tool = shell(inline())
    used = client.create("Please add the numbers 2 and 3.", tools=[tool])
    assert "5.0" in text(used)
    talk = client.create("Tell me a joke.", tools=[tool])
    assert steps(talk) == ["message"]


def test_a_manifest_without_a_command_is_read_all_the_same(client: Client):
    manifest = b"---\nname: style\ndescription: The house style.\n---\n\nBe brief.\n"
    response = client.create(
        "Use the style skill.", tools=[shell(inline("style", zipped(manifest)))]
    )
    assert steps(response) == ["shell_call", "shell_call_output", "message"]
    assert "I have read the skill" in text(response)


def test_a_container_has_skills_that_outlive_their_deletion(
    client: Client, sdk: OpenAI
):
    skill = sdk.skills.create(files=zipped())
    made = sdk.containers.create(
        name="mine", skills=[{"type": "skill_reference", "skill_id": skill.id}]
    )
    sdk.skills.delete(skill.id)
    environment = {"type": "container_reference", "container_id": made.id}
    response = client.create(
        "Use the basic-math skill to add 1 and 2.",
        tools=[{"type": "shell", "environment": environment}],
    )
    assert "3.0" in text(response)
    assert list(sdk.containers.files.list(made.id)) == []  # they are no files of it


@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_mounted_is_refused_before_anything_is_made(
    client: Client, sdk: OpenAI, stream: bool
):
    skill = sdk.skills.create(files=zipped())
    place = "tools[0].environment.skills"
    cases: list[tuple[list[dict[str, Any]], int, str]] = [
        ([reference("skill_0")], 404, f"{place}[0].skill_id"),
        ([reference(skill.id, version="2")], 404, f"{place}[0].version"),
        ([reference(skill.id, version="x")], 400, f"{place}[0].version"),
        ([inline(), inline()], 400, f"{place}[1]"),
        ([inline(), inline("b", b"PKx")], 400, f"{place}[1].source.data"),
        ([{"type": "inline", "name": "a"}], 400, f"{place}[0].description"),
        ([{"type": "other"}], 400, f"{place}[0].type"),
        ([{}], 400, f"{place}[0].type"),
        ([reference(skill.id)] * 201, 400, place),
    ]
    for data in ("no base64!", f"{inline()['source']['data']}!"):
        broken = inline()
        broken["source"]["data"] = data
        cases.append(([broken], 400, f"{place}[0].source.data"))
    for mounted, wanted, param in cases:
        body = {"input": "Hi.", "tools": [shell(*mounted)], "stream": stream}
        status, error = client.error(
            "POST", "/responses", {"model": "gpt-5-mini", **body}
        )
        assert (status, error["param"]) == (wanted, param)
    assert len(client.emulator.store.containers) == 0
    assert len(client.emulator.store.responses) == 0


def test_an_inline_skill_has_the_name_of_its_manifest(client: Client):
    container = client.json("POST", "/containers", {"name": "m", "skills": [inline()]})
    [mounted] = client.emulator.store.containers.get(container["id"]).skills
    assert mounted.bundle.name == "basic-math"


def test_skills_count_towards_what_containers_hold(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workspaces, "MAX_CONTAINER_BYTES", 1_500)
    body = {"name": "m", "skills": [inline()]}
    statuses = [client.send("POST", "/containers", body).status for _ in range(5)]
    assert statuses[0] == 200 and statuses[-1] == 400
    assert store.MAX_CONTAINER_BYTES > 1_500
