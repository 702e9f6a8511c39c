"""What a response request asks for: refused where unsupported, echoed where taken."""

from responses_emulator import combinations, extras
from responses_emulator.account import Deployment
from responses_emulator.contract import faults, json_schema
from responses_emulator.errors import (
    ServiceError,
    gateway_error,
    invalid_request,
    not_emulated,
    unknown_parameter,
    unsupported_value,
)
from responses_emulator.http import Json, Request
from responses_emulator.model.turn import Turn
from responses_emulator.observers.masking import mask_url
from responses_emulator.resources import includes
from responses_emulator.tools import (
    WEB_SEARCHES,
    callers,
    custom,
    declared,
    drawing,
    multi_agent,
    offered,
    tool_search,
)
from responses_emulator.world import World

TOOLS = (
    "function",
    "custom",
    "file_search",
    "code_interpreter",
    "image_generation",
    "mcp",
    "namespace",
    "tool_search",
    "shell",
    "local_shell",
    "apply_patch",
    *callers.COMPUTERS,
    *WEB_SEARCHES,
)
# Parameters of the contract that the emulator does not act on: refused, not ignored.
NOT_EMULATED = (
    "access_programs",
    "background_options",
    "image",
    "moderation",
    "prompt",
)
PREVIEW = "preview"  # the api-version that has several agents
# The same of a tool: these settings, and these values of others.
NOT_EMULATED_OF_TOOLS = (
    "async",
    "complexity",
    "connector_id",
    "frame_count",
    "frame_duration_ms",
    "input_image_mask",
    "svg",
    "tunnel_id",
)
PROGRAMS = "programmatic tool calling"
MOVING = ("gif", "svg")  # formats that no picture of the emulator has
# Parameters that are taken whatever the model and the api-version.
ALWAYS_TAKEN = frozenset(
    (
        *("model", "input", "instructions", "max_output_tokens", "metadata"),
        *("previous_response_id", "store", "stream", "user"),
    )
)
V1_PARAMETERS = ("background", "conversation", "context_management")
V1_ITEMS = ("compaction", "compaction_trigger")
V1_TOOLS = (
    "custom",
    "mcp",
    "image_generation",
    "namespace",
    "tool_search",
    "shell",
    "local_shell",
    "apply_patch",
    "computer",
    *WEB_SEARCHES,
)
# Not while a model thinks.
SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
ONE_MODEL = "gpt-5.6-sol"  # the one model that has these tiers
ONE_MODELS_TIERS = ("flex", "ultrafast")
TIERS = {tier: tier for tier in ("priority", *ONE_MODELS_TIERS)} | {"fast": "priority"}
RESEARCH_EFFORTS = ("high", "xhigh", "max")  # a model that searches then does it well
DATA_SOURCES = (*WEB_SEARCHES, "mcp", "file_search")
IMAGE_HEADER = "x-ms-oai-image-generation-deployment"


def check_previews(request: Request, body: Json) -> None:
    """Several agents are a preview: other versions of the API do not know them."""
    if "multi_agent" in body and not _is_preview(request):
        raise unknown_parameter("multi_agent")


def _is_preview(request: Request) -> bool:
    return request.is_v1 and request.query.get("api-version") == PREVIEW


def check(
    world: World,
    request: Request,
    body: Json,
    deployment: Deployment,
    *,
    in_batch: bool = False,
) -> None:
    """Raise what the service says where a deployment has not all that is asked for."""
    # A batch deployment serves batches alone, as users of Azure found.
    if deployment.family.draws or (deployment.is_batch and not in_batch):
        raise gateway_error(
            400,
            "OperationNotSupported",
            "The responses operation does not work with the specified model, "
            f"{deployment.model}. Please choose different model and try again.",
        )
    if deployment.family.researches:
        _check_research(body.get("tools") or [])
    if body.get("stream") and not combinations.takes(deployment.model, "stream"):
        raise unsupported_value(  # in the words that chat completions have for it
            "stream",
            "Unsupported value: 'stream' does not support true with this model. "
            "Supported values are: false.",
        )
    if body.keys() <= ALWAYS_TAKEN and isinstance(body.get("input"), str):
        return  # most requests ask for nothing special
    _check_tier(deployment, body.get("service_tier"))
    _check_cache(deployment, body)
    _check_agents(deployment, body, request)
    for name in NOT_EMULATED:
        if body.get(name) not in (None, 0, [], {}):
            raise not_emulated(f"the parameter '{name}'", name)
    includes.check(body.get("include") or [])
    _check_model(deployment, body)
    _check_reasoning(deployment, body.get("reasoning") or {})
    _check_callers(body.get("input") or "")
    _check_storage(body)
    _check_tools(world, request, body.get("tools") or [])
    _check_tools_of_model(deployment, body)
    _check_search_in_json(body)
    if not combinations.takes(deployment.model, "unions"):
        _check_unions(body.get("tools") or [], "tools")
    _check_tool_choice(body.get("tools") or [], body.get("tool_choice") or "auto")


def _check_model(deployment: Deployment, body: Json) -> None:
    """A model that thinks takes no sampling parameters, others take no effort."""
    family = deployment.family
    reasoning: Json = body.get("reasoning") or {}
    for name, value in reasoning.items():
        if value is not None and not family.reasons:
            raise _unsupported_parameter(f"reasoning.{name}")
    text: Json = body.get("text") or {}
    if not combinations.takes(deployment.model, "verbosity"):
        _check_of_model(
            deployment, "text.verbosity", text.get("verbosity"), ("medium",)
        )
    format: Json = text.get("format") or {}
    if format.get("type") == "json_schema" and not combinations.takes(
        deployment.model, "json_schema"
    ):
        raise invalid_request(  # in the words that chat completions have for it
            "Invalid parameter: 'text.format' of type 'json_schema' is not supported "
            "with this model. Learn more about supported models at the Structured "
            "Outputs guide: https://platform.openai.com/docs/guides/structured-outputs",
            "text.format",
        )
    include: list[str] = body.get("include") or []
    if "reasoning.encrypted_content" in include and not combinations.takes(
        deployment.model, "sealed"
    ):
        raise invalid_request(
            "Encrypted content is not supported with this model.", "include"
        )
    if not _takes_sampling(deployment, body):
        for name in SAMPLING:
            if body.get(name) is not None:
                raise _unsupported_parameter(name, code=None)
        asks = {
            "include": "message.output_text.logprobs" in include,
            "top_logprobs": body.get("top_logprobs"),
        }
        for name in filter(asks.get, asks):
            raise invalid_request(
                "logprobs are not supported with reasoning models.",
                name,
                "unsupported_parameter",
            )


def _takes_sampling(deployment: Deployment, body: Json) -> bool:
    thinks = effort(deployment, body) not in (None, "none")
    column = "sampling_thinking" if thinks else "sampling"
    return combinations.takes(deployment.model, column)


def effort(deployment: Deployment, body: Json) -> str | None:
    """How much the model thinks for a request; None: it cannot."""
    asked: Json = body.get("reasoning") or {}
    family = deployment.family
    return (asked.get("effort") or family.default_effort) if family.reasons else None


def _check_reasoning(deployment: Deployment, reasoning: Json) -> None:
    """The stand-in thinks in one way. What it thought before is not read again.

    The context, which says how much of that is read, changes no more than the quality
    of an answer: it is taken and echoed.
    """
    if not reasoning:
        return
    family = deployment.family
    _check_of_model(
        deployment, "reasoning.effort", reasoning.get("effort"), family.efforts
    )
    for name in ("summary", "generate_summary"):
        if reasoning.get(name) != "auto":  # which is one of them, as the model likes
            _check_of_model(
                deployment, f"reasoning.{name}", reasoning.get(name), family.summaries
            )
    summary = reasoning.get("summary") or reasoning.get("generate_summary")
    if summary and not combinations.takes(deployment.model, "summary"):
        raise _unsupported_parameter("reasoning.summary")
    mode = reasoning.get("mode")
    if mode is not None and not combinations.takes(deployment.model, f"mode_{mode}"):
        raise unsupported_value(
            "reasoning.mode", "`reasoning.mode` is not supported with this model."
        )
    if mode == "pro" and "-pro" not in deployment.model:
        raise not_emulated(f"the reasoning mode '{mode}'", "reasoning.mode")


def _check_of_model(
    deployment: Deployment, name: str, value: str | None, known: tuple[str, ...]
) -> None:
    """A value that the contract has and this model has not."""
    if value is not None and value not in known:
        raise unsupported_value(
            name,
            f"Unsupported value: '{value}' is not supported with the "
            f"'{deployment.model}' model. Supported values are: "
            f"{faults.listed(known, 'and')}.",
        )


def _check_callers(given: str | list[Json]) -> None:
    """Calls are the model's own: none comes from a program."""
    for index, item in enumerate(given if isinstance(given, list) else ()):
        caller: Json = item.get("caller") or {}
        if caller.get("type") == "program":
            raise not_emulated(PROGRAMS, f"input[{index}].caller")


def check_json_mode(turn: Turn) -> None:
    """JSON without a schema: the model has to be told that JSON is wanted."""
    if turn.format["type"] != "json_object":
        return
    said = [turn.instructions or "", *(str(item) for item in turn.items)]
    if not any("json" in text.lower() for text in said):
        raise invalid_request(
            "Response input messages must contain the word 'json' in some form to use "
            "'text.format' of type 'json_object'.",
            "input",
        )


def _check_tier(deployment: Deployment, tier: str | None) -> None:
    if tier in ONE_MODELS_TIERS and not deployment.model.startswith(ONE_MODEL):
        raise unsupported_value(
            "service_tier",
            f"The service tier '{tier}' is not supported with this model. Use "
            "'default' or 'priority', or omit it.",
        )


def _check_cache(deployment: Deployment, body: Json) -> None:
    """Options and breakpoints came with gpt-5.6, and the retention went."""
    if body.get("prompt_cache_retention") and not combinations.takes(
        deployment.model, "cache_retention"
    ):
        raise _unsupported_parameter("prompt_cache_retention")
    if combinations.takes(deployment.model, "cache_options"):
        return
    if body.get("prompt_cache_options"):
        raise _unsupported_parameter("prompt_cache_options")
    given: str | list[Json] = body.get("input") or ""
    for index, item in enumerate(given if isinstance(given, list) else ()):
        content: str | list[Json] = item.get("content") or ""
        for place, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("prompt_cache_breakpoint"):
                raise _unsupported_parameter(
                    f"input[{index}].content[{place}].prompt_cache_breakpoint"
                )


def _check_agents(deployment: Deployment, body: Json, request: Request) -> None:
    """Several agents came with gpt-5.6, and do without a summary and a bound."""
    given: str | list[Json] = body.get("input") or ""
    for index, item in enumerate(given if isinstance(given, list) else ()):
        if item.get("type") in multi_agent.ITEM_TYPES and not _is_preview(request):
            raise invalid_request(
                f"Invalid value: '{item['type']}' needs 'api-version=preview'.",
                f"input[{index}].type",
                "invalid_value",
            )
    settings: Json = body.get("multi_agent") or {}
    if not settings.get("enabled"):
        return
    if not combinations.takes(deployment.model, "multi_agent"):
        raise _unsupported_parameter("multi_agent")
    reasoning: Json = body.get("reasoning") or {}
    for name, value in (
        ("reasoning.summary", reasoning.get("summary")),
        ("reasoning.generate_summary", reasoning.get("generate_summary")),
        ("max_tool_calls", body.get("max_tool_calls")),
    ):
        if value is not None:
            raise invalid_request(
                f"Unsupported parameter: '{name}' is not supported when multi-agent "
                "orchestration is enabled.",
                name,
                "unsupported_parameter",
            )


def _check_research(tools: list[Json]) -> None:
    """A model for deep research needs something to search in, and asks nobody."""
    if not any(tool["type"] in DATA_SOURCES for tool in tools):
        raise invalid_request(
            "Deep research models need a source of data. You must include at least one "
            "of the tools 'web_search_preview' and 'mcp'.",
            "tools",
        )
    for index, tool in enumerate(tools):
        if tool["type"] not in (*DATA_SOURCES, "code_interpreter"):
            raise invalid_request(
                "Deep research models only support the 'web_search_preview', "
                "'code_interpreter', 'mcp', and 'file_search' tools.",
                "tools",
            )
        if tool["type"] == "mcp" and tool.get("require_approval") != "never":
            raise invalid_request(
                "Deep research models only support MCP tools whose 'require_approval' "
                "is 'never'.",
                f"tools[{index}].require_approval",
            )


def researches(deployment: Deployment, body: Json) -> bool:
    """Whether a request is answered with research: more than one look at the web."""
    if deployment.family.researches:
        return True
    tools: list[Json] = body.get("tools") or []
    searches = any(tool["type"] in WEB_SEARCHES for tool in tools)
    return searches and effort(deployment, body) in RESEARCH_EFFORTS


def _unsupported_parameter(
    name: str, *, code: str | None = "unsupported_parameter"
) -> ServiceError:
    return invalid_request(
        f"Unsupported parameter: '{name}' is not supported with this model.",
        name,
        code,
    )


def _check_storage(body: Json) -> None:
    if body.get("background") and body.get("store") is False:
        raise invalid_request(
            "Background mode requires 'store' to be true.", "background"
        )


def check_dated(request: Request, body: Json) -> None:
    """These came after the last dated api-version: v1 alone has them.

    Sealed thoughts are served there, although Microsoft's list has them among what came
    later: clients ask for them by default (openai-agents-python#2063).
    """
    if request.is_v1:
        return
    v1_only = [
        f"tools[{index}].type"
        for index, tool in enumerate(body.get("tools") or [])
        if tool["type"] in V1_TOOLS
    ]
    v1_only += [name for name in V1_PARAMETERS if body.get(name)]
    given: str | list[Json] = body.get("input") or ""
    v1_only += [
        f"input[{index}].type"
        for index, item in enumerate(given if isinstance(given, list) else ())
        if item.get("type") in V1_ITEMS
    ]
    if v1_only:
        raise unsupported_value(
            v1_only[0],
            f"'{v1_only[0]}' asks for a feature that no dated api-version serves. "
            "Use the v1 API: /openai/v1/.",
        )


def _check_unions(tools: list[Json], place: str) -> None:
    """What a function is given has to be one object for an older model."""
    for index, tool in enumerate(tools):
        schema: Json = tool.get("parameters") or {}
        if tool["type"] == "namespace":
            _check_unions(tool["tools"], f"{place}[{index}].tools")
        elif tool["type"] == "function" and json_schema.combines_at_the_top(schema):
            fault = json_schema.top_fault()
            raise faults.function_schema(tool["name"], fault, f"{place}[{index}]")


def _check_tools(world: World, request: Request, tools: list[Json]) -> None:
    for index, tool in enumerate(tools):
        place = f"tools[{index}]"
        if tool["type"] not in TOOLS:
            raise not_emulated(f"the tool '{tool['type']}'", f"{place}.type")
        _check_emulated(tool, place)
        _check_deferred(tools, tool, place)
        if tool["type"] == "custom":
            custom.check(tool, place)
        if tool["type"] == "shell":
            _check_environment(tool.get("environment"), f"{place}.environment")
        if tool["type"] == "image_generation":
            _check_image_tool(world, request, tool, place)
        ranking: Json = tool.get("ranking_options") or {}
        if ranking.get("hybrid_search"):
            raise not_emulated(
                "weights of a hybrid search", f"{place}.ranking_options.hybrid_search"
            )
        if "image" in (tool.get("search_content_types") or []):
            raise not_emulated("a search for images", f"{place}.search_content_types")


def _check_emulated(tool: Json, place: str) -> None:
    """What the contract has of a tool and the emulator would have to ignore."""
    for name in NOT_EMULATED_OF_TOOLS:
        if name in tool and tool[name] is not None and tool[name] is not False:
            raise not_emulated(f"'{name}' of a tool", f"{place}.{name}")
    if "programmatic" in (tool.get("allowed_callers") or ()):
        raise not_emulated(PROGRAMS, f"{place}.allowed_callers")
    if tool.get("output_format") in MOVING:
        raise not_emulated(
            f"pictures as {tool['output_format']}", f"{place}.output_format"
        )
    inner: list[Json] = tool["tools"] if tool["type"] == "namespace" else []
    for index, each in enumerate(inner):
        _check_emulated(each, f"{place}.tools[{index}]")


def _check_deferred(tools: list[Json], tool: Json, place: str) -> None:
    """Who defers a tool needs a search that finds it again."""
    inner: list[Json] = tool["tools"] if tool["type"] == "namespace" else []
    for index, each in enumerate(inner):
        _check_deferred(tools, each, f"{place}.tools[{index}]")
        if each["type"] == "custom":
            custom.check(each, f"{place}.tools[{index}]")
    if not tool.get("defer_loading"):
        return
    if tool["type"] not in tool_search.CALLABLE:
        raise not_emulated(f"a deferred '{tool['type']}'", f"{place}.defer_loading")
    if not any(each["type"] == "tool_search" for each in tools):
        raise invalid_request(
            "Tools with 'defer_loading' need the tool 'tool_search'.",
            f"{place}.defer_loading",
            "invalid_value",
        )


def _check_tools_of_model(deployment: Deployment, body: Json) -> None:
    """A tool that a model does not have, or not with the effort that is asked for."""
    tools: list[Json] = body.get("tools") or []
    kinds: list[str] = [tool["type"] for tool in tools]
    named = [_ONE_NAME.get(kind, kind) for kind in kinds]
    for name in named:
        if not combinations.takes(deployment.model, name):
            raise invalid_request(
                f"Tool '{name}' is not supported with {deployment.model}.", "tools"
            )
    if effort(deployment, body) != "minimal":
        return
    refused = [_NAMES_AT_MINIMAL[name] for name in named if name in _NAMES_AT_MINIMAL]
    if refused and not combinations.takes(deployment.model, "minimal"):
        raise invalid_request(
            "The following tools cannot be used with reasoning.effort 'minimal': "
            f"{', '.join(sorted(refused))}.",
            "tools",
        )


def _check_search_in_json(body: Json) -> None:
    """A search and JSON without a schema exclude each other, as many users quote."""
    text: Json = body.get("text") or {}
    format: Json = text.get("format") or {}
    if format.get("type") != "json_object":
        return
    if any(tool["type"] in WEB_SEARCHES for tool in body.get("tools") or ()):
        raise invalid_request("Web Search cannot be used with JSON mode.")


_ONE_NAME: dict[str, str] = dict.fromkeys(WEB_SEARCHES, "web_search")
# How the service names them there.
_NAMES_AT_MINIMAL = {"web_search": "web_search", "image_generation": "image_gen"}


def _check_environment(environment: Json | None, place: str) -> None:
    """Skills on the caller's own machine are folders there: the model reads none."""
    if environment and environment["type"] == "local" and environment.get("skills"):
        raise not_emulated("skills in a local shell", f"{place}.skills")


def _check_tool_choice(tools: list[Json], choice: str | Json) -> None:
    """A choice among the tools needs the tools that it names."""
    if choice in ("auto", "none") or offered(tools, choice):
        return
    named = choice if isinstance(choice, str) else choice["type"]
    raise invalid_request(
        f"Tool choice '{named}' not found in 'tools' parameter.", "tool_choice"
    )


def _check_image_tool(world: World, request: Request, tool: Json, place: str) -> None:
    name = request.headers.get(IMAGE_HEADER)
    if not name:
        raise invalid_request(
            f"imagegen deployment must be provided through header: {IMAGE_HEADER}",
            "tools",
            "invalid_request_error",
            type="image_generation_user_error",
        )
    if not world.deployment(name).family.draws:
        raise gateway_error(
            400,
            "OperationNotSupported",
            f"The deployment '{name}' in the header {IMAGE_HEADER} is no image model.",
        )
    if tool.get("background") == "transparent" and tool.get("output_format") == "jpeg":
        raise invalid_request(
            "Transparent background is not supported for the output format 'jpeg'.",
            f"{place}.background",
            "invalid_value",
        )
    size = tool.get("size") or "auto"
    if size not in drawing.SIZES:
        raise not_emulated(f"the picture size '{size}'", f"{place}.size")
    extras.need("pictures", "To draw a picture", place)


def echo(response: Json, deployment: Deployment, body: Json) -> None:
    """Have a response, which has the `DEFAULTS`, repeat the settings of its request."""
    reasoning: Json = body.get("reasoning") or {}
    text: Json = body.get("text") or {}
    tools: list[Json] = body.get("tools") or []
    for name, value in body.items():
        if value is not None and name in DEFAULTS:
            response[name] = value
    response["model"] = deployment.model
    response["reasoning"] = {
        "effort": effort(deployment, body),
        "summary": _echo_summary(
            reasoning.get("summary") or reasoning.get("generate_summary")
        ),
    }
    if reasoning.get("context"):
        response["reasoning"]["context"] = reasoning["context"]
    response["service_tier"] = TIERS.get(body.get("service_tier") or "", "default")
    response["text"] = _TEXT
    if text:
        response["text"] = {
            "format": _echo_format(text.get("format")),
            "verbosity": text.get("verbosity") or "medium",
        }
    response["tools"] = [_echo_tool(tool) for tool in tools]
    response["metadata"] = body.get("metadata") or {}
    if body.get("prompt_cache_options"):
        response["prompt_cache_options"] = _CACHE_OPTIONS | body["prompt_cache_options"]
    conversation: str | Json | None = body.get("conversation")
    if conversation:
        is_id = isinstance(conversation, str)
        response["conversation"] = {"id": conversation} if is_id else conversation


# What most responses have, and share: nothing changes it.
_CACHE_OPTIONS: Json = {"mode": "implicit", "ttl": "30m"}
_TEXT: Json = {"format": {"type": "text"}, "verbosity": "medium"}
# What a response repeats where its request says nothing, in the service's order.
DEFAULTS: Json = {
    # Every response tells the two penalties, as on Azure since March 2026 (recorded by
    # vercel/ai, azure-tool-search).
    "frequency_penalty": 0.0,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": "",
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "reasoning": None,
    "safety_identifier": None,
    "service_tier": None,
    "store": True,
    "temperature": 1.0,
    "text": None,
    "tool_choice": "auto",
    "tools": None,
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": None,
}


def _echo_summary(asked: str | None) -> str | None:
    """What `auto` comes to: the service repeats that."""
    return "detailed" if asked == "auto" else asked


def _echo_format(format: Json | None) -> Json:
    if format is None:
        return {"type": "text"}
    if format["type"] == "json_schema":
        return {"description": None, "strict": True, **format}
    return format


def _echo_tool(tool: Json) -> Json:
    """A tool with the service's defaults. What an MCP server is sent is not echoed."""
    known = {key: value for key, value in tool.items() if key != "authorization"}
    if tool["type"] == "mcp":
        if tool.get("headers"):
            known["headers"] = {name: "<redacted>" for name in tool["headers"]}
        if tool.get("server_url"):
            known["server_url"] = mask_url(tool["server_url"])
    echoed = _TOOL_DEFAULTS[tool["type"]] | known
    if tool["type"] == "file_search":
        defaults: Json = _TOOL_DEFAULTS["file_search"]["ranking_options"]
        echoed["ranking_options"] = defaults | (tool.get("ranking_options") or {})
    if tool["type"] == "function":
        return declared.in_full(echoed)
    return echoed


_TOOL_DEFAULTS: dict[str, Json] = {
    "function": {},
    "custom": {"format": {"type": "text"}},
    "file_search": {
        "filters": None,
        "max_num_results": 20,
        "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
    },
    "code_interpreter": {},
    "namespace": {},
    "tool_search": {},
    "shell": {},
    "local_shell": {},
    "apply_patch": {},
    **{name: {} for name in callers.COMPUTERS},
    "image_generation": {
        "background": "auto",
        "moderation": "auto",
        "output_compression": 100,
        "output_format": "png",
        "quality": "auto",
        "size": "auto",
    },
    **{
        name: {"search_context_size": "medium", "user_location": None}
        for name in WEB_SEARCHES
    },
    "mcp": {
        "allowed_tools": None,
        "headers": None,
        "require_approval": "always",
    },
}
