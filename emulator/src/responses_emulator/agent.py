"""The loop of a response: a model says what comes next, and here it is done.

Text and reasoning go out as they come. A call of a hosted tool is run, its items go
out, and its result goes back to the model, which is asked again; a call of the caller's
tool ends the turn, as does a question for approval. What a request says of its tools
holds here, for every model: `tool_choice`, `max_tool_calls`, `parallel_tool_calls`,
approvals. So a call that may not be made is not made, whoever asks for it.
"""

import copy
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, final

from responses_emulator.errors import ServiceError, busy, invalid_request
from responses_emulator.growing import Growing, Piece
from responses_emulator.model.items import Item
from responses_emulator.model.protocol import Model, line_of
from responses_emulator.model.replies.written import Written
from responses_emulator.model.steps import (
    Call,
    Cut,
    Reasoning,
    Refusal,
    Result,
    Step,
    Text,
    Usage,
    Whole,
    Writing,
)
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Pause, Signal
from responses_emulator.tools import (
    WEB_SEARCHES,
    Hosted,
    callers,
    code_interpreter,
    file_search,
    image_generation,
    mcp,
    multi_agent,
    offered,
    shell,
    tool_search,
    web_search,
)
from responses_emulator.waiting import LOOK_SECONDS, Line, Pool, Waiting

NEVER = Signal()  # nobody says stop to a model that does not wait
BUSY_SECONDS = 2.0  # until somebody whom a model is too busy for may ask again
MOST_CALLS = 128  # of hosted tools in a response that sets no bound of its own

Found = TypeVar("Found")
_RUN: dict[str, Callable[[Call, Item, Hosted], Result]] = {
    "file_search": file_search.run,
    "image_generation": image_generation.run,
    "tool_search": tool_search.run,
    "web_search": web_search.run,
}
# Those that wait for a process, until it is said to stop; others have all in memory.
_WAIT: dict[str, Callable[[Call, Item, Hosted, Signal], Result]] = {
    "code_interpreter": code_interpreter.run,
    "shell": shell.run,
}
# What is shown of a call that was not written to its end.
_CUT_OFF: dict[str, Callable[[Call, Item, Hosted], Item]] = {
    "function": callers.cut_off,
    "custom": callers.cut_off,
    "file_search": file_search.cut_off,
    "code_interpreter": code_interpreter.cut_off,
    "mcp": mcp.cut_off,
}
# What `max_tool_calls` counts, and takes away.
_BUILT_IN = frozenset(
    (
        *(_RUN.keys() - {"tool_search"}),
        *_WAIT,
        "mcp",
        *WEB_SEARCHES,
        "local_shell",
        "apply_patch",
        *callers.COMPUTERS,
    )
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request says of its tools."""

    tools: list[Item]
    choice: str | Item = "auto"
    parallel: bool = True
    most_calls: int | None = None

    @property
    def force(self) -> bool:
        """Whether the model must call a tool."""
        if isinstance(self.choice, dict):
            mode = self.choice.get("mode")
            return mode == "required" or self.choice["type"] != "allowed_tools"
        return self.choice == "required"


@dataclass(slots=True)
class Thinking:
    """The model has thought so many tokens."""

    tokens: int


@final
@dataclass(frozen=True, slots=True)
class Queued:
    """The model has others before: whether it waits for that, or waits no more."""

    waits: bool


class Failed(Exception):
    """A model has failed: the response ends so, and says why.

    `error` is what the service would answer instead, where it can.
    """

    def __init__(self, message: str, error: ServiceError | None = None) -> None:
        """Say why."""
        super().__init__(message)
        self.error = error


# What a response is made of, in order: an item that is whole; one that grows, each of
# its pieces, and then the item as a whole; and what is no item.
Made = Item | Growing | Piece | Thinking | Usage | Cut | Queued | Pause


def run(
    turn: Turn,
    rules: Rules,
    model: Model,
    hosted: Hosted,
    pool: Pool,
    stop: Signal | None = None,
) -> Iterator[Made]:
    """What a response is made of. Raises `Failed`.

    Who leaves early closes it, or sets `stop`: whoever is silent just then is stopped.
    """
    if isinstance(model, Written) or not (rules.tools or turn.subagents is not None):
        # One sampling is all there is to it.
        return _Loop(turn, rules, model, hosted, pool, stop).sample(turn)
    name = None if turn.subagents is None else multi_agent.ROOT
    return _Loop(turn, rules, model, hosted, pool, stop, name).run()


def too_many() -> ServiceError:
    """So many wait for a model already that no more may."""
    return busy("Too many requests wait for this model.", BUSY_SECONDS)


class _Loop:
    def __init__(
        self,
        turn: Turn,
        rules: Rules,
        model: Model,
        hosted: Hosted,
        pool: Pool,
        stop: Signal | None,
        name: str | None = None,  # of the agent, where there are several
    ) -> None:
        self._turn = turn
        self._rules = rules
        self._model = model
        self._hosted = hosted
        self._pool = pool
        self._stop = stop
        self._name = name
        self._made: list[Item] = []  # in this response
        self._results: list[Result] = []
        self._built_in_calls = 0
        self._spent = 0  # tokens of output, where the model counts them
        self._has_called = False  # in this sampling
        self._ends = False  # it is the caller's turn
        self._entries: dict[str, list[Item]] = {}  # of MCP servers, by their labels
        self._unlisted: list[Item] = []  # what they have, as long as nobody was told
        self._spawned: dict[str, str] = {}  # what agents are asked, by their names

    def run(self) -> Iterator[Made]:
        """List what servers have, do what was approved; then ask, again and again."""
        try:
            for made in self._run():
                if isinstance(made, dict):
                    self._made.append(made)
                yield made
        finally:
            self._hosted.close()

    def _run(self) -> Iterator[Made]:
        yield from self._list_servers()
        yield from self._carry_out_approved()
        while not self._stop:
            before = len(self._results)
            self._has_called = False
            yield from self.sample(self._next_turn())
            if self._stop or self._ends or len(self._results) == before:
                return

    def _next_turn(self) -> Turn:
        """The turn as it stands, with the tools that may be called now."""
        turn = copy.copy(self._turn)
        if self._made:
            items = [*turn.items, *self._made]
            turn = replace(turn, items=items, digest=None)
        turn.tools = self._tools()
        turn.results = list(self._results)
        turn.servers = self._callable_entries()
        turn.workspace = self._hosted.container
        most: int | None = turn.settings.get("max_output_tokens")
        if most is not None and self._spent:
            left = max(most - self._spent, 1)
            turn.settings = {**turn.settings, "max_output_tokens": left}
        turn.must_call = (
            self._rules.force and not self._results and self._has_callable(turn)
        )
        return turn

    def sample(self, turn: Turn) -> Iterator[Made]:
        """What the model says to a turn, and what comes of its calls."""
        growing: Growing | None = None
        calls: list[Call] = []
        # Kinds are compared, not asked for: every plain answer comes this way.
        for step in self._steps(turn):
            if type(step) is Pause or type(step) is Queued:
                yield step
                continue
            if growing is not None and not growing.goes_on_with(step):
                yield _finished(turn, growing, step)
                growing = None
            if self._unlisted and type(step) is not Reasoning:
                yield from self._tell_lists()
            if type(step) is Call:
                if growing is not None and growing.is_call:
                    yield growing.finish()
                    growing = None
                else:
                    calls.append(step)
            elif type(step) is Writing:
                if growing is None:
                    growing = self._begun(step) if not calls else None
                    if growing is not None:
                        yield growing
                if growing is not None:
                    yield Piece(growing, growing.add(step))
            elif type(step) is Whole:
                self._has_called = True
                yield self._mine(step.item)
            elif type(step) is Usage:
                self._spent += step.output_tokens
                yield step
            elif type(step) is Cut:
                self._ends = True
                yield from self._cut_off(step.calls)
                yield step
            else:
                if type(step) is Reasoning and step.tokens:
                    yield Thinking(step.tokens)
                said = _told(turn, step)
                if said is None:
                    continue
                if growing is None:
                    growing = Growing.of(said)
                    self._mine(growing.item)
                    if self._model.waits:
                        yield growing
                text = growing.add(said)
                if text and self._model.waits:
                    likely = said.logprobs if type(said) is Text else ()
                    yield Piece(growing, text, growing.part, likely)
        if growing is not None:
            yield _finished(turn, growing, calls[0] if calls else None)
        if calls:
            yield from self._make(calls)
        if turn.must_call and not (self._has_called or self._ends or self._stop):
            raise Failed("The model has called no tool, although it had to.")

    def _begun(self, step: Writing) -> Growing | None:
        """The call that is being written, if it is one that is made."""
        call = Call(step.type, "", step.name, step.owner)
        tool = self._tool_of(call)
        is_one_too_many = self._has_called and not self._rules.parallel
        if tool is None or is_one_too_many or not self._model.waits:
            return None
        self._has_called = self._ends = True
        return Growing.of_call(self._mine(callers.item(call, tool)))

    def _steps(self, turn: Turn) -> Iterator[Step | Pause | Queued]:
        if not self._model.waits:
            return self._model.steps(turn, NEVER)
        line = line_of(self._model)
        return self._awaited(turn) if line is None else self._in_line(line, turn)

    def _in_line(self, line: Line, turn: Turn) -> Iterator[Step | Pause | Queued]:
        """The steps of a model that takes only so many at once."""
        place = line.enter()
        try:
            if not place.called:
                if line.is_too_long:  # many have come at the same time
                    error = too_many()
                    raise Failed(error.body["error"]["message"], error)
                yield Queued(waits=True)
                if self._stop is not None:
                    self._stop.then(place.called.set)
                while not place.called:
                    yield Pause(LOOK_SECONDS, place.called)
                if self._stop:
                    return
                yield Queued(waits=False)
            yield from self._awaited(turn)
        finally:
            place.leave()

    def _awaited(self, turn: Turn) -> Iterator[Step | Pause]:
        """The steps of a model that nobody is to wait for."""
        steps = Waiting(self._pool, partial(self._model.steps, turn))
        if self._stop is not None:
            self._stop.then(steps.close)
        try:
            yield from steps
        except ServiceError as error:
            raise Failed(error.body["error"]["message"], error) from error
        except Exception as error:
            _LOG.exception("A model failed")
            raise Failed(f"The model failed: {type(error).__name__}.") from error
        finally:
            steps.close()

    # Calls

    def _make(self, calls: list[Call]) -> Iterator[Made]:
        """Make the calls, as far as they may be made.

        Where one needs the caller's approval, those that the service would run wait for
        the model to call them again.
        """
        asks = any(self._needs_approval(call) for call in calls)
        for call in calls:
            if self._stop:
                return
            tool = self._tool_of(call)
            if tool is None or (self._has_called and not self._rules.parallel):
                continue
            is_callers = callers.answers(call, tool)
            if asks and not is_callers and not self._needs_approval(call):
                continue
            self._has_called = True
            if call.type in _BUILT_IN:
                self._built_in_calls += 1
            if is_callers:
                self._ends = True
                yield self._mine(callers.item(call, tool))
            elif asks:
                self._ends = True
                yield self._mine(mcp.request_for_approval(call))
            else:
                yield from self._carry_out(call, tool)

    def _cut_off(self, calls: Sequence[Call]) -> Iterator[Item]:
        """The items of calls that were not written to their ends: none is made.

        Those that the contract has no such state for are left out, and those of which a
        half would be something else: commands, patches, what is done on a screen.
        """
        for call in calls:
            tool = self._tool_of(call)
            show = _CUT_OFF.get(call.type)
            if tool is None or show is None or self._needs_approval(call):
                continue
            try:
                yield self._mine(show(call, tool, self._hosted))
            except ServiceError as error:  # what it works with may have gone meanwhile
                raise Failed(error.body["error"]["message"], error) from error

    def _needs_approval(self, call: Call) -> bool:
        """Whether a call that may be made has to be approved first."""
        if call.type != "mcp":
            return False
        tool = self._tool_of(call)
        if tool is None:
            return False
        entries = self._entries[call.owner]
        entry = next(each for each in entries if each["name"] == call.name)
        return mcp.needs_approval(tool, entry)

    def _carry_out(self, call: Call, tool: Item) -> Iterator[Made]:
        """Run a call of a hosted tool."""
        if call.type == "multi_agent":
            yield from self._collaborate(call)
            return
        try:
            result = yield from self._result_of(call, tool)
        except ServiceError as error:  # what it works with may have gone meanwhile
            raise Failed(error.body["error"]["message"], error) from error
        if result is None:
            return
        self._results.append(result)
        yield from map(self._mine, result.items)

    def _result_of(
        self, call: Call, tool: Item
    ) -> Generator[Pause, None, Result | None]:
        """What comes of a call; None if it was stopped."""
        if call.type == "mcp":
            return (yield from self._call_server(call, tool))
        if call.type in _WAIT:
            run = _WAIT[call.type]
            return (
                yield from self._wait_for(
                    lambda stop: run(call, tool, self._hosted, stop)
                )
            )
        if call.type == "image_generation" and self._hosted.draw is not None:
            draw = partial(image_generation.run, call, tool, self._hosted)
            return (yield from self._wait_for(draw))
        return _RUN[call.type](call, tool, self._hosted)

    def _wait_for(
        self, work: Callable[[Signal], Found]
    ) -> Generator[Pause, None, Found | None]:
        """What comes of work that nobody is to wait for; None if it was stopped."""
        waiting = Waiting(self._pool, lambda stop: iter((work(stop),)))
        if self._stop is not None:
            self._stop.then(waiting.close)
        try:
            for step in waiting:
                if not isinstance(step, Pause):
                    return step
                yield step
        except CancelledError:  # it has noticed
            pass
        finally:
            if self._stop is not None:
                self._stop.forget(waiting.close)
            waiting.close()
        return None

    def _tools(self) -> list[Item]:
        """The tools that may be called now."""
        tools = offered(self._rules.tools, self._rules.choice)
        most = self._rules.most_calls
        if self._built_in_calls < (MOST_CALLS if most is None else most):
            return tools
        return [tool for tool in tools if tool["type"] not in _BUILT_IN]

    def _has_callable(self, turn: Turn) -> bool:
        """Whether there is a tool that the model can call."""
        return any(
            tool["type"] not in ("function", "custom", "namespace", "mcp")
            for tool in turn.tools
        ) or bool(tool_search.loaded(turn, turn.tools) or any(turn.servers.values()))

    def _tool_of(self, call: Call) -> Item | None:
        """The tool that a call is of, if it may be called now."""
        if call.type == "multi_agent":
            return {"type": call.type} if self._may_collaborate(call) else None
        tools = self._tools()
        if call.type in tool_search.CALLABLE:
            found = [
                tool
                for item in self._made
                if item["type"] == "tool_search_output"
                for tool in tool_search.flat(item["tools"])
            ]
            known = tool_search.loaded(self._turn, tools) + found
            named = (call.type, call.name, call.owner)
            return next((t for t in known if _named(t) == named), None)
        if call.type == "mcp":
            callable = self._callable_entries().get(call.owner, [])
            if all(entry["name"] != call.name for entry in callable):
                return None
        return next((tool for tool in tools if _is_of(call, tool)), None)

    def _mine(self, item: Item) -> Item:
        """An item, with the agent that made it where there are several."""
        if self._name is not None:
            multi_agent.sign(item, self._name)
        return item

    # MCP

    def _list_servers(self) -> Iterator[Made]:
        """Ask the servers what they have: once a conversation, unless that failed."""
        told: dict[str, list[Item]] = {
            item["server_label"]: item["tools"]
            for item in self._turn.special
            if item.get("type") == "mcp_list_tools" and not item.get("error")
        }
        for tool in self._tools():
            if tool["type"] != "mcp":
                continue
            label: str = tool["server_label"]
            entries = told.get(label)
            if entries is None:
                entries = yield from self._list_server(tool)
                if entries is None:
                    return
                entries = mcp.allowed(tool, entries)
                self._unlisted.append(self._mine(mcp.listed(label, entries)))
            self._entries[label] = mcp.allowed(tool, entries)
        self._check_choice()

    def _list_server(self, tool: Item) -> Generator[Made, None, list[Item] | None]:
        """What a server has; None if that was stopped. Raises Failed."""
        server = self._hosted.mcp_server(tool)
        try:
            return (yield from self._wait_for(server.list_tools))
        except mcp.Failure as failure:
            error = failure.listing(tool["server_label"])
            message: str = error.body["error"]["message"]
            yield self._mine(mcp.not_listed(tool, message))
            raise Failed(message, error) from failure

    def _check_choice(self) -> None:
        """Raise Failed where a `tool_choice` names what a server does not have."""
        for label, entries in self._entries.items():
            named = mcp.chosen_tools(self._rules.choice, label) or set[str]()
            for name in sorted(named - {entry["name"] for entry in entries}):
                error = invalid_request(
                    f"Tool choice '{name}' not found on the MCP server '{label}'.",
                    "tool_choice",
                )
                raise Failed(error.body["error"]["message"], error)

    def _call_server(
        self, call: Call, tool: Item, request_id: str | None = None
    ) -> Generator[Pause, None, Result | None]:
        """Make a call; `request_id` is that of the approval it has needed."""
        run = partial(
            mcp.run,
            call,
            self._hosted.mcp_server(tool),
            self._entries[call.owner],
            approval_request_id=request_id,
        )
        return (yield from self._wait_for(lambda stop: run(stop=stop)))

    def _tell_lists(self) -> Iterator[Item]:
        """What the servers have comes after the first thoughts, and before all else."""
        yield from self._unlisted
        self._unlisted.clear()

    def _callable_entries(self) -> dict[str, list[Item]]:
        """The tools of the servers that a `tool_choice` leaves to the model."""
        choice = self._rules.choice
        found: dict[str, list[Item]] = {}
        for label, entries in self._entries.items():
            named = mcp.chosen_tools(choice, label)
            found[label] = [e for e in entries if named is None or e["name"] in named]
        return found

    def _carry_out_approved(self) -> Iterator[Made]:
        """Make the calls that the caller has approved since the prompt."""
        for tool in self._tools():
            if tool["type"] != "mcp":
                continue
            for call, request_id, approved in mcp.verdicts(
                self._turn, tool["server_label"]
            ):
                if approved:
                    self._built_in_calls += 1
                    result = yield from self._call_server(call, tool, request_id)
                    if result is None:
                        return
                else:
                    result = Result(call, refused=True)
                self._results.append(result)
                yield from self._tell_lists()
                yield from map(self._mine, result.items)

    # Several agents

    def _collaborate(self, call: Call) -> Iterator[Made]:
        """Have another agent begin, or wait for what they say."""
        if call.name == "wait_agent":
            yield from self._wait_for_agents(call)
            return
        self._spawned[call.arguments["agent_name"]] = call.arguments["message"]
        items = multi_agent.action(call, call.arguments["agent_name"])
        self._results.append(Result(call, items))
        yield from items

    def _may_collaborate(self, call: Call) -> bool:
        """Whether there may be one more agent, or there are some to wait for."""
        if self._name != multi_agent.ROOT:
            return False
        if call.name == "wait_agent":
            return bool(self._spawned)
        return len(self._spawned) < (self._turn.subagents or 0)

    def _other(self, turn: Turn, name: str) -> "_Loop":
        """Another agent, which has no tools."""
        hosted, pool, stop = self._hosted, self._pool, self._stop
        return _Loop(turn, Rules([]), self._model, hosted, pool, stop, name)

    def _wait_for_agents(self, call: Call) -> Iterator[Made]:
        told: list[tuple[str, str]] = []
        for name in call.arguments["agent_names"]:
            said: list[str] = []
            turn = Turn(items=[multi_agent.asked(self._spawned.get(name, ""))])
            for made in self._other(turn, name).sample(turn):
                if isinstance(made, dict) and made["type"] == "message":
                    said += [part.get("text", "") for part in made["content"]]
                yield made
            told.append((name, said[-1] if said else ""))
            yield multi_agent.report(name, self._hosted.seal(told[-1][1]))
        items = multi_agent.action(call, f"{len(told)} updates")
        self._results.append(Result(call, items, told))
        yield from items


def _told(
    turn: Turn, step: Text | Refusal | Reasoning
) -> Text | Refusal | Reasoning | None:
    """What a caller gets of what a model says; None: nothing."""
    if type(step) is not Reasoning:
        return None if turn.must_call else step  # nothing but a call comes next
    if step.text is None or turn.reasoning is None:
        return None
    return step if turn.wants_summary else Reasoning()


def _finished(turn: Turn, growing: Growing, next: Step | None) -> Item:
    """An item as a whole; a message says whether calls come after it."""
    is_cut = type(next) is Cut
    ends_in_calls = is_cut and bool(next.calls)  # it is they that are cut off
    item = growing.finish(is_cut=is_cut and not ends_in_calls)
    if turn.tells_phase and item["type"] == "message":
        is_before = type(next) is Call or type(next) is Writing or ends_in_calls
        item["phase"] = "commentary" if is_before else "final_answer"
    return item


def _named(tool: Item) -> tuple[str, str, str]:
    return tool["type"], tool["name"], tool.get("namespace") or ""


def _is_of(call: Call, tool: Item) -> bool:
    """Whether a call is of a tool that has no name among the caller's."""
    if call.type == "mcp":
        return tool["type"] == "mcp" and tool["server_label"] == call.owner
    if call.type == "web_search":
        return tool["type"] in WEB_SEARCHES
    if call.type == "computer":
        return tool["type"] in callers.COMPUTERS
    return tool["type"] == call.type


_LOG = logging.getLogger("responses_emulator")
