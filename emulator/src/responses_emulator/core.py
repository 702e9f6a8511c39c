"""The emulator's core: a request goes in, a reply comes out, no socket is touched."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from responses_emulator import about, control, ids, routes
from responses_emulator.account import (
    DEPLOYMENTS,
    KEY,
    MCP_PATH,
    TOKEN_PATH,
    Deployment,
)
from responses_emulator.auth import managed_identity
from responses_emulator.control import Control
from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    resource_not_found,
)
from responses_emulator.faults import HEADER, MARK, Faults
from responses_emulator.hosts import Hosts
from responses_emulator.http import Handle, Reply, Request, json_reply
from responses_emulator.model.protocol import Model
from responses_emulator.model.replies.matching import Faulted, Table
from responses_emulator.model.standin.standin import STAND_IN
from responses_emulator.resources import mcp_servers
from responses_emulator.resources.sessions import Session
from responses_emulator.store import Store
from responses_emulator.world import World

if TYPE_CHECKING:  # imported where one is kept
    from responses_emulator.observers.journal import Entry, Journal, Verdict

REGION = "Emulator"
LARGE_BYTES = 2**20  # of a body
MCP_MARK = b'"mcp"'  # in the body of a request that may ask an MCP server
CLIENT_ID = "x-ms-client-request-id"  # comes back as it was sent


class Emulator:
    """One emulated Azure OpenAI resource, with a state of its own.

    `clock` gives seconds since 1970; background responses and expiry move by it alone.
    `background_seconds` is how long a background response takes, the first half of a
    second of it in the queue; `indexing_seconds` is how long each file takes that goes
    into a vector store, several one after the other. `rate_limit` is how many requests
    for a response each deployment takes in a minute, `token_limit` how many tokens;
    None: no limit. With a `journal` it keeps the last requests, for tests to look at.
    `replies` are those of a file, as `reply_file.load` reads it. `model` says what
    comes next where none of them does; `models` has those of single deployments, by
    their names. A `lenient_history` is read although the service would refuse it;
    `resources.history_checks` says what that is. `mcp_allow` names the hosts, each as
    `HOST` or `HOST:PORT`, whose MCP servers are reached beside those of this machine.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        key: str = KEY,
        deployments: Iterable[Deployment] = DEPLOYMENTS,
        background_seconds: float = 3.0,
        indexing_seconds: float = 0.0,
        rate_limit: int | None = None,
        token_limit: int | None = None,
        journal: bool = False,
        replies: Table | None = None,
        model: Model = STAND_IN,
        lenient_history: bool = False,
        models: Mapping[str, Model] | None = None,
        mcp_allow: Iterable[str] = (),
    ) -> None:
        """Start with nothing stored."""
        self.world = World(
            clock=clock,
            key=key,
            deployments=deployments,
            background_seconds=background_seconds,
            indexing_seconds=indexing_seconds,
            rate_limit=rate_limit,
            token_limit=token_limit,
            replies=replies or Table(),
            model=model,
            lenient_history=lenient_history,
            models=models or {},
            mcp_hosts=Hosts(mcp_allow),
        )
        self.faults = Faults()
        self.journal: Journal | None = None
        self._observed: Handle | None = None
        if journal:
            self._keep_journal(clock)
        self._control = Control(
            self.faults, self.world.scripted, self.journal, self.reset
        )

    def _keep_journal(self, clock: Callable[[], float]) -> None:
        from responses_emulator.observers.journal import Journal
        from responses_emulator.observers.observe import observe

        self.journal = Journal(clock)
        self._observed = observe(self._reply, self.journal)

    def handle(self, request: Request) -> Reply:
        """Answer one request. What is wrong with it is answered, never raised."""
        if request.path.startswith(control.PREFIX):
            return self._control.handle(request)
        if self._observed:
            return self._observed(request)
        return self._reply(request)

    def reset(self) -> None:
        """Forget everything: what is stored, waits, is scripted and was asked."""
        self.world.reset()
        self.faults.clear()
        if self.journal:
            self.journal.clear()

    def reply_with(self, *output: str | dict[str, Any], times: int = 1) -> None:
        """Have the next response, or the next `times`, consist of these items.

        A text becomes a message; an output item is taken as it is, ids and status may
        be left out. Raises ValueError for what the contract does not have.
        """
        self.world.scripted.add(output, times)

    @property
    def store(self) -> Store:
        """What is stored just now."""
        return self.world.store

    @property
    def requests(self) -> "list[Entry]":
        """The last requests, oldest first, secrets masked."""
        return self._kept().entries()

    def verdict(self) -> "Verdict":
        """How the client behaved: did it wait as told, what did it repeat?"""
        return self._kept().verdict()

    def _kept(self) -> "Journal":
        if self.journal is None:
            raise RuntimeError("No journal is kept: Emulator(journal=True) keeps one.")
        return self.journal

    def _reply(self, request: Request) -> Reply:
        if self._may_be_hit(request):
            reply = self._answer_with_faults(request)
        else:
            reply = self.answer(request)
        if reply.status >= 400 and request.path.endswith("/responses"):
            reply.headers = self._limits(request) | reply.headers
        request_id = ids.request_id()
        reply.headers |= {
            "apim-request-id": request_id,
            "x-request-id": request_id,
            "x-ms-region": REGION,
            "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
            "x-content-type-options": "nosniff",
        }
        if CLIENT_ID in request.headers:
            reply.headers[CLIENT_ID] = request.headers[CLIENT_ID]
        return reply

    def waits_for_a_model(self, request: Request) -> bool:
        """Whether to answer this request may take as long as a model does.

        Others are answered at once, and have pauses in their body. A fault changes the
        whole of an answer.
        """
        if request.path == MCP_PATH or len(request.body) > LARGE_BYTES:
            return True  # to load the SDK of MCP, or to read all that, takes a while
        may_wait = self.world.waits or MCP_MARK in request.body
        return may_wait and self._may_be_hit(request)

    def _may_be_hit(self, request: Request) -> bool:
        """Whether a fault may hit this request."""
        return (
            bool(self.faults.waiting)
            or HEADER in request.headers
            or (request.path.endswith("/responses") and MARK in request.body)
        )

    def connect(self, request: Request, handle: Handle) -> Session | Reply:
        """The session of a WebSocket, or the reply that refuses to open one.

        `handle` answers what is asked for in it, as `self.handle` would.
        """
        try:
            return Session(self.world, request, handle)
        except ServiceError as error:
            return json_reply(error.body, error.status)

    def answer(self, request: Request) -> Reply:
        """The reply without what comes on top: no faults, no headers of the gateway."""
        try:
            return self._answer(request)
        except ServiceError as error:
            reply = json_reply(error.body, error.status)
            reply.headers |= error.headers
            return reply
        except Faulted as told:
            request.is_struck = True
            return told.rule.strike(self.world, request, self.answer)

    def lets_in(self, request: Request) -> bool:
        """Whether who sends this request may: its body need not have been read yet."""
        if request.path == MCP_PATH:
            return mcp_servers.is_let_in(self.world.auth, request.headers)
        try:
            if request.path.startswith(control.PREFIX):
                control.check(request)
            else:
                self._check(request)
        except ServiceError:
            return False
        return True

    def _answer_with_faults(self, request: Request) -> Reply:
        try:
            rule = self.faults.take(request)
        except ValueError as error:
            return json_reply(invalid_request(str(error), HEADER).body, 400)
        if rule is None:
            return self.answer(request)
        return rule.strike(self.world, request, self.answer)

    def _limits(self, request: Request) -> dict[str, str]:
        """What a reply that is an error tells of the limits of its deployment."""
        try:
            name = request.json().get("model")
        except ServiceError:
            return {}
        if not isinstance(name, str) or name not in self.world.deployments:
            return {}
        return {**self.world.limits.headers(name), "x-ms-deployment-name": name}

    def _answer(self, request: Request) -> Reply:
        if request.method == "GET" and request.path == TOKEN_PATH:
            return managed_identity(self.world.auth, request)
        if request.path == MCP_PATH:
            return mcp_servers.serve(self.world, request)
        if request.path == about.PATH and request.method in ("GET", "HEAD"):
            return about.about()
        self._check(request)
        handler, named = routes.find(request)
        return handler(self.world, request, *named)

    def _check(self, request: Request) -> None:
        """Raise what the service says to who may not ask for this."""
        if not request.path.startswith("/openai/"):
            raise resource_not_found()
        self.world.auth.check(request)
