"""openai-python's generated tests, with real ids in place of the made-up ones.

A pytest plugin, loaded by test_suites.py in the folder of openai's source package. Its
tests are written for a server that answers anything: they ask for `file_id` and send
`limit=0`. Just before a request leaves, the plugin creates what the path names and
puts its id there, and applies the rows of `CHANGES`.

Neither may hide a fault of the emulator. So each is tried the other way, once for each
operation: the made-up id, and what a row replaces, have to be refused. A row without
use, a row whose old value is accepted, or a test of `ABSENT` that passes is a failure;
of what is absent, each method is called once.
"""

import copy
import functools
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

import pytest
from openai import APIResponseValidationError, APIStatusError, AsyncOpenAI, OpenAI

KEY = os.environ["EMULATOR_KEY"]
MODEL = "gpt-6-luna"

# -- what does not pass, by file or folder or test, and why ----------------------------

ELSEWHERE = "Azure serves it, the emulator is one of the Responses API: refused by name"
LACKING = "not in Azure's v1 contract"
ABSENT: dict[str, str] = {
    "admin/": LACKING,
    "audio/": ELSEWHERE,
    "beta/agents/": LACKING,
    "beta/chatkit/": LACKING,
    "beta/responses/": "the beta of Responses is OpenAI's own: " + LACKING,
    "beta/test_agents": LACKING,
    "beta/test_assistants": ELSEWHERE,
    "beta/test_responses": "the beta of Responses is OpenAI's own: " + LACKING,
    "beta/test_threads": ELSEWHERE,
    "beta/threads/": ELSEWHERE,
    "chat/": ELSEWHERE,
    "evals/": ELSEWHERE,
    "fine_tuning/": ELSEWHERE,
    "live/": LACKING,
    "realtime/": ELSEWHERE,
    "responses/test_input_tokens": "Azure answers 404 (inspect_ai#3371)",
    "safety/": LACKING,
    "test_completions": ELSEWHERE,
    "test_content_provenance_checks": LACKING,
    "test_decisions": LACKING,
    "test_embeddings": ELSEWHERE,
    "test_evals": ELSEWHERE,
    "test_images": ELSEWHERE,
    "test_live": LACKING,
    "test_models.py::.*_delete": "for models that one has tuned, which is not emulated",
    "test_moderations": LACKING,
    "test_uploads": LACKING,
    "test_videos": ELSEWHERE,
    "test_webhooks": "Azure's stand under /dashboard, where the SDK does not look",
    "uploads/": LACKING,
    "webhooks/": LACKING,
}
NOT_AS_TYPED = (APIResponseValidationError, AssertionError)
OTHERWISE: dict[str, str] = {
    # The contract's `output` has messages of either side (CompactResource, ItemField).
    "test_responses.py::.*_compact": "the SDK's type of it has no message of the user",
}


# -- what the made-up ids stand for ----------------------------------------------------


class _Maker(OpenAI):
    """A client whose requests leave as they are."""

    _prepare_options = OpenAI._prepare_options


@functools.cache
def maker() -> OpenAI:
    url = os.environ["TEST_API_BASE_URL"]
    return _Maker(base_url=url, api_key=KEY, max_retries=0)


def response(*_: str) -> str:
    """In the background and as a stream: such a one can be cancelled and replayed."""
    events = maker().responses.create(
        model=MODEL, input="Hello", background=True, stream=True
    )
    first, *_ = events  # to its end, so that it is complete
    return first.response.id


def conversation(*_: str) -> str:
    items: Any = [{"type": "message", "role": "user", "content": "Hello"}]
    return maker().conversations.create(items=items).id


def item(of: str) -> str:
    return maker().conversations.items.list(of).data[0].id


def input_item(of: str) -> str:
    return maker().responses.input_items.list(of).data[0].id


def file(*_: str) -> str:
    return maker().files.create(file=("a.txt", b"Hello"), purpose="assistants").id


def files(*_: str) -> list[str]:
    return [file()]


def batch_input(*_: str) -> str:
    body = {"model": f"{MODEL}-batch", "input": "Hello"}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}
    content = ("a.jsonl", json.dumps(line).encode())
    return maker().files.create(file=content, purpose="batch").id


def batch(*_: str) -> str:
    made = maker().batches.create(
        completion_window="24h", endpoint="/v1/responses", input_file_id=batch_input()
    )
    return made.id


def vector_store(*_: str) -> str:
    return maker().vector_stores.create().id


def stored_file(of: str) -> str:
    return maker().vector_stores.files.create_and_poll(file(), vector_store_id=of).id


def file_batch(of: str) -> str:
    made = maker().vector_stores.file_batches.create(of, file_ids=[file()])
    return made.id


def listed_file(of: str, batch: str | None = None) -> str:
    """The file of a batch in a store, or a new one in the store."""
    if batch is None:
        return stored_file(of)
    files = maker().vector_stores.file_batches.list_files(batch, vector_store_id=of)
    return files.data[0].id


def container(*_: str) -> str:
    return maker().containers.create(name="name").id


def container_file(of: str) -> str:
    return maker().containers.files.create(of, file=b"Hello").id


def skill(*_: str) -> str:
    return maker().skills.create(files=bundle()).id


def version(of: str) -> str:
    return maker().skills.versions.create(of, files=bundle()).version


def version_id(of: str) -> str:
    return maker().skills.versions.retrieve(version(of), skill_id=of).id


def bundle(*_: str) -> Any:
    """A skill, packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        text = "---\nname: a-skill\ndescription: Says hello.\n---\nSay hello.\n"
        archive.writestr("a-skill/SKILL.md", text)
    return ("a-skill.zip", packed.getvalue(), "application/zip")


MADE: dict[str, Callable[..., str]] = {
    "responses": response,
    "conversations": conversation,
    "conversations/items": item,
    "files": file,
    "batches": batch,
    "vector_stores": vector_store,
    "vector_stores/files": stored_file,
    "vector_stores/file_batches": file_batch,
    "containers": container,
    "containers/files": container_file,
    "models": lambda: MODEL,
    "skills": skill,
    "skills/versions": version,
}


# -- what is said in place of a made-up value ------------------------------------------


class Change(NamedTuple):
    """A value of the generated tests that is refused, and what is sent instead."""

    where: str  # "POST responses": the method and the path without ids, as a pattern
    key: str  # dotted; `?` before one of the query, `@` before a part of an upload
    old: Any
    new: Any  # or a function, called with the ids in the path
    why: str


class Word(Enum):
    """What stands for no value in particular."""

    ANY = "as `old`: whatever it is"
    NOT_GIVEN = "as `old`: the key is added; as `new`: it is left out"


ANY, NOT_GIVEN = Word.ANY, Word.NOT_GIVEN
NOT_HERE = "no parameter of Azure's contract"
SCHEMA = {
    "type": "object",
    "properties": {"foo": {"type": "string"}},
    "required": ["foo"],
    "additionalProperties": False,
}
CREATE, COMPACT = "POST responses", "POST responses/compact"
STORE = "vector_stores/:id"
FILES = f"POST {STORE}/file_batches"
LISTED = f"GET {STORE}/(files|file_batches/:id/files)"
NEW_SKILL = "POST skills(/:id/versions)?"
CHANGES = [
    Change("GET .*", "?limit", 0, 1, "at least 1"),
    Change("GET files", "?after", "after", file, "no such id"),
    Change("GET files", "?purpose", "purpose", "assistants", "no such purpose"),
    Change("POST files", "expires_after.seconds", 3600, 1209600, "at least 14 days"),
    Change("GET batches", "?after", "after", batch, "no such id"),
    Change("POST batches", "input_file_id", ANY, batch_input, "no such id"),
    Change(
        "POST batches",
        "output_expires_after.seconds",
        3600,
        1209600,
        "at least 14 days",
    ),
    Change(f"{CREATE}(/compact)?", "model", "gpt-6-astra", MODEL, "not deployed"),
    Change(CREATE, "model", NOT_GIVEN, MODEL, "required"),
    Change(CREATE, "input", NOT_GIVEN, "Hello", "required"),
    Change(CREATE, "access_programs", ANY, NOT_GIVEN, NOT_HERE),
    Change(CREATE, "background_options", ANY, NOT_GIVEN, NOT_HERE),
    Change(f"{CREATE}(/compact)?", "image", ANY, NOT_GIVEN, NOT_HERE),
    Change(CREATE, "moderation", ANY, NOT_GIVEN, NOT_HERE),
    Change(CREATE, "prompt", ANY, NOT_GIVEN, "prompts are stored at OpenAI alone"),
    Change(CREATE, "conversation", "string", NOT_GIVEN, "not with a previous response"),
    Change(CREATE, "previous_response_id", ANY, response, "no such id"),
    Change(CREATE, "max_tool_calls", 0, 1, "at least 1"),
    Change(
        CREATE, "prompt_cache_options.comparison_response_id", ANY, NOT_GIVEN, NOT_HERE
    ),
    Change(CREATE, "prompt_cache_options.prewarm", ANY, NOT_GIVEN, NOT_HERE),
    Change(CREATE, "prompt_cache_retention", "in_memory", NOT_GIVEN, "of older models"),
    Change(CREATE, "tools.0.parameters", {"foo": "bar"}, SCHEMA, "not a schema"),
    Change(CREATE, "tools.0.async", True, NOT_GIVEN, NOT_HERE),
    Change(CREATE, "tools.0.defer_loading", True, False, "needs tool_search"),
    Change(COMPACT, "input", NOT_GIVEN, "Hello", "required"),
    Change(COMPACT, "previous_response_id", "resp_123", response, "no such id"),
    Change(COMPACT, "prompt_cache_options", ANY, NOT_GIVEN, NOT_HERE),
    Change(
        "GET responses/:id/input_items", "?after", "after", input_item, "no such id"
    ),
    Change(
        "POST conversations(/:id/items)?",
        "items.0.phase",
        ANY,
        NOT_GIVEN,
        "of answers alone",
    ),
    Change("GET conversations/:id/items", "?after", "after", item, "no such id"),
    Change("GET vector_stores", "?after", "after", vector_store, "no such id"),
    Change("GET vector_stores", "?before", "before", vector_store, "no such id"),
    Change("POST vector_stores", "file_ids.0", "string", file, "no such id"),
    Change(f"POST {STORE}/files", "file_id", "file_id", file, "no such id"),
    Change(FILES, "file_ids", NOT_GIVEN, files, "files are required"),
    Change(FILES, "file_ids", ["string"], NOT_GIVEN, "either these or `files`"),
    Change(FILES, "files.0.file_id", "file_id", file, "no such id"),
    Change(LISTED, "?filter", "in_progress", "completed", "so the cursor is no member"),
    Change(LISTED, "?after", "after", listed_file, "no such id"),
    Change(LISTED, "?before", "before", listed_file, "no such id"),
    Change("GET containers", "?after", "after", container, "no such id"),
    Change("POST containers", "expires_after.minutes", 0, 20, "from 1 to 20"),
    Change("POST containers", "file_ids.0", "string", file, "no such id"),
    Change("POST containers", "skills.0.skill_id", "x", skill, "no such id"),
    Change("POST containers", "skills.0.version", "version", "1", "no such version"),
    Change("POST containers/:id/files", "file_id", NOT_GIVEN, file, "or a file"),
    Change("POST containers/:id/files", "file_id", ANY, NOT_GIVEN, "not with a file"),
    Change("GET containers/:id/files", "?after", "after", container_file, "no such id"),
    Change("POST skills/:id", "default_version", ANY, "1", "no such version"),
    Change(NEW_SKILL, "@files[]", NOT_GIVEN, bundle, "a skill has files"),
    Change(NEW_SKILL, "@files[]", b"Example data", bundle, "not a skill"),
    Change("GET skills", "?after", "after", skill, "no such id"),
    Change(
        "GET skills/:id/versions", "?after", "skillver_123", version_id, "no such id"
    ),
]


class Draft:
    """A request before it leaves, its parts by the prefix of their keys."""

    def __init__(self, options: Any) -> None:
        self.options = options
        self.url: str = options.url
        self.trees: dict[str, dict[str, Any]] = {
            "": copy.deepcopy(options.json_data or {}),
            "?": dict(options.params),
            "@": dict(options.files or {}),
        }

    def place(self, key: str) -> tuple[Any, Any]:
        """What holds a key, and the key or index in it."""
        prefix = key[0] if key[0] in self.trees else ""
        holder: Any = self.trees[prefix]
        *path, last = [
            int(k) if k.isdigit() else k for k in key[len(prefix) :].split(".")
        ]
        for step in path:
            holder = holder[step] if has(holder, step) else {}
        return holder, last

    def get(self, key: str) -> Any:
        holder, last = self.place(key)
        return holder[last] if has(holder, last) else NOT_GIVEN

    def made_up(self, change: Change, where: str) -> Any:
        """The value that a row changes, or None if the row is not for this request."""
        if not re.fullmatch(change.where, where):
            return None
        value = self.get(change.key)
        if change.old is ANY:
            return None if value is NOT_GIVEN else copy.deepcopy(value)
        return change.old if value == change.old else None

    def put(self, key: str, value: Any) -> None:
        holder, last = self.place(key)
        if value is NOT_GIVEN:
            del holder[last]
        else:
            holder[last] = value

    def built(self) -> Any:
        """The request with what was changed."""
        headers = dict(self.options.headers or {})
        headers.pop("Content-Type", None)
        if parts := list(self.trees["@"].items()):
            headers["Content-Type"] = "multipart/form-data"
        had_body = self.options.json_data is not None
        update = {
            "url": self.url,
            "params": self.trees["?"],
            "headers": headers,
            "json_data": self.trees[""] or ({} if had_body else None),
            "files": parts or None,
        }
        return self.options.model_copy(update=update)


def has(holder: Any, key: Any) -> bool:
    if isinstance(holder, list):
        return isinstance(key, int) and key < len(holder)
    return isinstance(holder, dict) and key in holder


def prepared(options: Any) -> Any:
    """What is sent in place of a generated request.

    For the first request of each kind, also what is not sent has to be refused.
    """
    names: list[str] = []  # of the collections and actions in the path
    pattern: list[str] = []  # the same, with the places of ids
    ids: list[str] = []
    for part in options.url.strip("/").split("/"):
        kind = "/".join(names)
        is_id = len(pattern) % 2 and kind in MADE and part != "compact"
        if is_id:
            ids.append(MADE[kind](*ids))
        else:
            names.append(part)
        pattern.append(":id" if is_id else part)
    where = f"{options.method.upper()} {'/'.join(pattern)}"
    draft = Draft(options)
    found = iter(ids)
    draft.url = "/" + "/".join(next(found) if p == ":id" else p for p in pattern)

    changes = [
        (c, old) for c in CHANGES if (old := draft.made_up(c, where)) is not None
    ]
    for change, _ in changes:
        new = change.new(*ids) if callable(change.new) else change.new
        draft.put(change.key, new)
    good = draft.built()

    if ids:
        as_it_came = good.model_copy(update={"url": options.url})
        expect_refusal(as_it_came, f"{where} with ids that are made up")
    for change, old in changes:
        USED.append(change)
        before = Draft(good)
        before.put(change.key, old)
        expect_refusal(before.built(), f"{where} with {change.key} as it was: {old}")
    return good


USED: list[Change] = []
TRIED: set[str] = set()  # what was expected to be refused
PROBLEMS: list[str] = []


def expect_refusal(options: Any, what: str) -> None:
    if what in TRIED:
        return
    TRIED.add(what)
    try:
        maker().request(object, options)
    except APIStatusError:
        return
    PROBLEMS.append(f"accepted: {what}")


# -- pytest's side ---------------------------------------------------------------------


class State:
    """Whether requests are changed now: not those to a mock, nor what is absent."""

    is_changing = False


def is_local(item: pytest.Item) -> bool:
    """Whether a test sends nothing, or sends it to a mock."""
    return "test_path_params" in item.name or "respx2_mock" in item.fixturenames


def named(table: dict[str, str], item: pytest.Item) -> str | None:
    """Why a test is in a list, or None."""
    name = item.nodeid.removeprefix("tests/api_resources/")
    return next((why for entry, why in table.items() if re.match(entry, name)), None)


def pytest_sessionstart() -> None:
    theirs = sys.modules["tests.conftest"]
    theirs.api_key = theirs.admin_api_key = KEY
    plain, plain_async = OpenAI._prepare_options, AsyncOpenAI._prepare_options

    def prepare(self, options):
        return plain(self, prepared(options) if State.is_changing else options)

    async def prepare_async(self, options):
        options = prepared(options) if State.is_changing else options
        return await plain_async(self, options)

    OpenAI._prepare_options, AsyncOpenAI._prepare_options = prepare, prepare_async


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    left_out = [item for item in items if is_a_variant_of_what_is_absent(item)]
    left = set(left_out)
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if is_local(item):
            continue
        for table, raised in ((ABSENT, APIStatusError), (OTHERWISE, NOT_AS_TYPED)):
            if why := named(table, item):
                mark = pytest.mark.xfail(reason=why, raises=raised, strict=True)
                item.add_marker(mark)


def is_a_variant_of_what_is_absent(item: pytest.Item) -> bool:
    """Each method that is absent is called once, by the sync client, for its result."""
    is_plain = "::test_method_" in item.nodeid and item.name.endswith("[strict]")
    if is_plain and "::TestAsync" not in item.nodeid and not is_local(item):
        return False
    return named(ABSENT, item) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    State.is_changing = not is_local(item) and named(ABSENT, item) is None


def pytest_sessionfinish(session: pytest.Session) -> None:
    unused = [change for change in CHANGES if change not in USED]
    PROBLEMS.extend(f"unused: {change.where} {change.key}" for change in unused)
    for problem in PROBLEMS:
        print(problem)
    if PROBLEMS:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
