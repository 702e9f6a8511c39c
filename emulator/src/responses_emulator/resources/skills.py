"""`/skills`: bundles of files with instructions, in versions, for a hosted shell.

A version is never changed. The default one is mounted where a request names none; it
goes last, and the skill goes with it. What a container has mounted it keeps.
"""

import base64
import binascii

from responses_emulator import contract
from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    missing_parameter,
    not_found,
    unknown_parameter,
)
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import new_id
from responses_emulator.multipart import Upload, read_parts
from responses_emulator.programs import bundles
from responses_emulator.resources.paging import page
from responses_emulator.store import (
    MAX_SKILL_BYTES,
    MAX_SKILLS,
    SkillVersion,
    StoredSkill,
)
from responses_emulator.world import World

FILES = ("files", "files[]")


def create(world: World, request: Request) -> Reply:
    """`POST /skills`: a form with a zip, or with the files of one folder."""
    bundle, fields = _read(request)
    for name in fields:
        raise unknown_parameter(name)
    with world.store.skills.lock:
        _check_room(world, bundle)
        skill = StoredSkill(new_id("skill"), int(world.clock()))
        _add(world, skill, bundle)
        world.store.skills.put(skill.id, skill)
    return json_reply(_body(skill))


def list_skills(world: World, request: Request) -> Reply:
    """`GET /skills`."""
    contract.check_query("skills.list", request.query_lists)
    return json_reply(page(request, [_body(skill) for skill in world.store.skills]))


def retrieve(world: World, _request: Request, id: str) -> Reply:
    """`GET /skills/{id}`."""
    return json_reply(_body(find(world, id)))


def update(world: World, request: Request, id: str) -> Reply:
    """`POST /skills/{id}`: another version becomes the default."""
    body = request.json()
    contract.check("skills.update", body)
    skill = find(world, id)
    skill.default = _version(skill, body["default_version"], "default_version").number
    return json_reply(_body(skill))


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /skills/{id}`, all versions of it."""
    find(world, id)
    world.store.skills.pop(id)
    return json_reply({"id": id, "object": "skill.deleted", "deleted": True})


def content(world: World, _request: Request, id: str) -> Reply:
    """`GET /skills/{id}/content`: the default version as a zip."""
    skill = find(world, id)
    return _zip(skill.versions[skill.default])


def create_version(world: World, request: Request, id: str) -> Reply:
    """`POST /skills/{id}/versions`: a form as for a new skill, and maybe `default`."""
    skill = find(world, id)
    bundle, fields = _read(request)
    default = fields.pop("default", "false")
    for name in fields:
        raise unknown_parameter(name)
    if default not in ("true", "false"):
        raise invalid_request(
            "Invalid type for 'default': expected a boolean.", "default", "invalid_type"
        )
    with world.store.skills.lock:
        _check_room(world, bundle)
        version = _add(world, skill, bundle)
        if default == "true":
            skill.default = version.number
    return json_reply(_version_body(version))


def list_versions(world: World, request: Request, id: str) -> Reply:
    """`GET /skills/{id}/versions`."""
    contract.check_query("skills.versions.list", request.query_lists)
    versions = find(world, id).versions.values()
    return json_reply(page(request, [_version_body(version) for version in versions]))


def retrieve_version(world: World, _request: Request, id: str, version: str) -> Reply:
    """`GET /skills/{id}/versions/{version}`."""
    return json_reply(_version_body(_version(find(world, id), version, "version")))


def delete_version(world: World, _request: Request, id: str, version: str) -> Reply:
    """`DELETE /skills/{id}/versions/{version}`; with the last one goes the skill."""
    skill = find(world, id)
    number = _version(skill, version, "version").number
    with world.store.skills.lock:
        if len(skill.versions) == 1:
            world.store.skills.pop(id)
        elif number == skill.default:
            raise invalid_request(
                f"Version {number} is the default version of the skill. Make another "
                "one the default before you delete it.",
                "version",
                "invalid_value",
            )
        else:
            del skill.versions[number]
    return json_reply(
        {
            "id": id,
            "object": "skill.version.deleted",
            "version": str(number),
            "deleted": True,
        }
    )


def version_content(world: World, _request: Request, id: str, version: str) -> Reply:
    """`GET /skills/{id}/versions/{version}/content`: that version as a zip."""
    return _zip(_version(find(world, id), version, "version"))


def find(world: World, id: str, param: str | None = None) -> StoredSkill:
    """The skill with this id, or the service's 404 that blames `param`."""
    skill = world.store.skills.get(id)
    if skill is None:
        raise not_found(f"Skill with id '{id}' not found.", param)
    return skill


# For containers


def mounted(world: World, wanted: list[Json], place: str) -> list[SkillVersion]:
    """The versions that a container asks for: references, or bundles within them.

    Raises the service's 400 or 404 for one that is not there or not usable; `place` is
    where the request has the list.
    """
    found: list[SkillVersion] = []
    for index, each in enumerate(wanted):
        here = f"{place}[{index}]"
        if each["type"] == "skill_reference":
            skill = find(world, each["skill_id"], f"{here}.skill_id")
            number: str = each.get("version") or str(skill.default)
            version = _version(skill, number, f"{here}.version")
        else:
            version = _inline(world, each, here)
        if version.bundle.name in [other.bundle.name for other in found]:
            raise invalid_request(
                f"Two skills are named '{version.bundle.name}'.", here, "invalid_value"
            )
        found.append(version)
    return found


def _inline(world: World, skill: Json, place: str) -> SkillVersion:
    place = f"{place}.source.data"
    try:
        data = base64.b64decode(skill["source"]["data"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid_request(
            f"Invalid '{place}'. Expected a base64-encoded zip.", place, "invalid_value"
        ) from None
    try:
        bundle = bundles.read_zip(data)
    except bundles.UnusableBundle as error:
        raise _unusable(error, place) from None
    return SkillVersion("", "", 1, int(world.clock()), bundle)


def _read(request: Request) -> tuple[bundles.Bundle, dict[str, str]]:
    """The bundle in a form, and the form's other fields."""
    uploads: list[Upload] = []
    fields: dict[str, str] = {}
    for name, value in read_parts(request, bundles.MAX_FILES + 10):
        if name not in FILES:
            if not isinstance(value, str):
                raise unknown_parameter(name)
            fields[name] = value
        elif not isinstance(value, Upload) or not value.filename:
            raise invalid_request(
                "Invalid type for 'files': expected files with file names.",
                "files",
                "invalid_type",
            )
        else:
            uploads.append(value)
    if not uploads:
        raise missing_parameter("files")
    is_zip = len(uploads) == 1 and uploads[0].content.startswith(bundles.FIRST_BYTES)
    try:
        if is_zip:
            return bundles.read_zip(uploads[0].content), fields
        files = [(upload.filename, upload.content) for upload in uploads]
        return bundles.read_files(files), fields
    except bundles.UnusableBundle as error:
        raise _unusable(error, "files") from None


def _unusable(error: bundles.UnusableBundle, param: str) -> ServiceError:
    return invalid_request(f"Invalid skill: {error}.", param, "invalid_skill")


def _check_room(world: World, bundle: bundles.Bundle) -> None:
    """A 400 if there are too many skills, or too much in them."""
    skills = world.store.skills
    held = sum(v.bundle.size for skill in skills for v in skill.versions.values())
    if len(skills) >= MAX_SKILLS or held + bundle.size > MAX_SKILL_BYTES:
        raise invalid_request(
            f"The emulator holds at most {MAX_SKILLS:,} skills and "
            f"{MAX_SKILL_BYTES // 2**20} MB in all their versions. Delete skills to "
            "make room.",
            "files",
            "storage_limit_exceeded",
        )


def _add(world: World, skill: StoredSkill, bundle: bundles.Bundle) -> SkillVersion:
    skill.latest += 1
    now = int(world.clock())
    version = SkillVersion(new_id("skillver"), skill.id, skill.latest, now, bundle)
    skill.versions[version.number] = version
    return version


def _version(skill: StoredSkill, named: str, param: str) -> SkillVersion:
    """A version by its number or as 'latest', or the service's 400 or 404."""
    if named == "latest":
        return skill.versions[max(skill.versions)]
    if not (named.isascii() and named.isdigit() and 0 < len(named) < 10):
        raise invalid_request(
            f"Invalid '{param}'. Expected a positive integer or 'latest'.",
            param,
            "invalid_value",
        )
    version = skill.versions.get(int(named))
    if version is None:
        raise not_found(f"Skill '{skill.id}' has no version {int(named)}.", param)
    return version


def _zip(version: SkillVersion) -> Reply:
    headers = {"content-type": "application/zip"}
    return Reply(200, headers, bundles.write_zip(version.bundle))


def _body(skill: StoredSkill) -> Json:
    default = skill.versions[skill.default].bundle
    return {
        "id": skill.id,
        "object": "skill",
        "created_at": skill.created_at,
        "name": default.name,
        "description": default.description,
        "default_version": str(skill.default),
        "latest_version": str(max(skill.versions)),
    }


def _version_body(version: SkillVersion) -> Json:
    return {
        "id": version.id,
        "object": "skill.version",
        "skill_id": version.skill_id,
        "version": str(version.number),
        "created_at": version.created_at,
        "name": version.bundle.name,
        "description": version.bundle.description,
    }
