"""Where the emulator and a published contract are not of one mind about a request.

One list. A difference is `refused` where the contract allows what the emulator refuses,
and `accepted` where it forbids what the emulator takes. `line` is a regular expression,
found in

    responses.create  $.max_tool_calls  integer_below_min_value       of one refused
    POST /responses  request  $.top_logprobs  type: null is not ...   of one accepted

where places have `[]` for any index. `source` says on what ground the emulator differs.
`body` is an example: a request to `operation` that shows the difference. A test sends
all of them, so that no row is stale, and a fuzzer finds none that is not here.

What a contract lacks, because it is older than the service, is in `lacking.py`.
"""

import re
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One rule that only one of the two has."""

    direction: str
    contract: str  # azure, openai or both
    line: str
    source: str
    operation: str
    body: Any


SDK = "the SDK's types allow it, and clients send it"
QUOTED = "users quote the service's refusal; `generate.add_reported` names them"
FILLED_IN = "the service fills it in; recorded clients leave it out"
DESCRIBED = "told by the text of the contract, and not by its schema"
UNBOUNDED = "the emulator's own bound: what is kept needs one"
HI = {"role": "user", "content": "Hi"}
CREATE = {"model": "m", "input": "Hi"}


def _item(**item: Any) -> dict[str, Any]:
    return {"items": [item]}


DIFFERENCES: tuple[Difference, ...] = (
    # Refused here
    Difference(
        "refused",
        "both",
        r"^responses\.create  \$\.model  missing_required_parameter",
        "Azure has no model unless a deployment is named",
        "responses.create",
        {"input": "Hi"},
    ),
    Difference(
        "refused",
        "both",
        r"^responses\.create  \$\.input  missing_required_parameter",
        "the service's words, measured: there is nothing to answer",
        "responses.create",
        {"model": "m"},
    ),
    Difference(
        "refused",
        "both",
        r"^responses\.create  \$\.None  missing_required_parameter",
        "the service's words, measured: an empty input is none",
        "responses.create",
        {"model": "m", "input": []},
    ),
    Difference(
        "refused",
        "openai",
        r"^responses\.compact  \$\.model  invalid_type",
        "Azure has no model unless a deployment is named",
        "responses.compact",
        {"model": None, "input": "Hi"},
    ),
    Difference(
        "refused",
        "both",
        r"\$\.(previous_response_id|conversation(\.id)?)  invalid_value",
        QUOTED,
        "responses.create",
        {"model": "m", "input": "Hi", "previous_response_id": "abc"},
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.(id|approval_request_id)  "
        "(invalid_value|string_above_max_length)",
        QUOTED,
        "conversations.items.create",
        _item(type="reasoning", id="abc", summary=[]),
    ),
    Difference(
        "refused",
        "both",
        r"\.(container|container_id)  invalid_value",
        QUOTED,
        "responses.create",
        CREATE | {"tools": [{"type": "code_interpreter", "container": "abc"}]},
    ),
    Difference(
        "refused",
        "openai",
        r"(input|items)\[\]\.approval_request_id  invalid_type",
        "an id is a text, says Azure's contract; OpenAI's has no type there",
        "conversations.items.create",
        _item(type="mcp_approval_response", approval_request_id=True, approve=True),
    ),
    Difference(
        "refused",
        "both",
        r"\.call_id  (empty_string|string_above_max_length)",
        QUOTED,
        "conversations.items.create",
        _item(type="function_call", call_id="", name="f", arguments="{}"),
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.name  "
        "(empty_string|string_above_max_length|invalid_value)",
        QUOTED,
        "conversations.items.create",
        _item(type="function_call", call_id="call_1", name="", arguments="{}"),
    ),
    Difference(
        "refused",
        "both",
        r"(tools\[\]|tools\[\]\.tools\[\]|text\.format)\.name  "
        "(empty_string|string_above_max_length|invalid_value)",
        QUOTED,
        "responses.create",
        CREATE | {"tools": [{"type": "function", "name": ""}]},
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.content  array_above_max_length",
        QUOTED,
        "conversations.items.create",
        _item(
            type="reasoning",
            id="rs_1",
            summary=[],
            content=[{"type": "reasoning_text", "text": "t"}],
        ),
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.status  unknown_parameter",
        "users quote the service's refusal: openai-python#3008",
        "conversations.items.create",
        _item(type="reasoning", id="rs_1", summary=[], status="completed"),
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.phase  unknown_parameter",
        "an assistant's alone: the service's refusal, measured for a user's message",
        "conversations.items.create",
        _item(**HI, phase="commentary"),
    ),
    Difference(
        "refused",
        "both",
        r"(input|items)\[\]\.content\[\](\.type)?  invalid_value",
        "users quote the service: an assistant says `output_text` and `refusal`",
        "conversations.items.create",
        _item(
            type="message",
            role="assistant",
            content=[{"type": "input_text", "text": "Hi"}],
        ),
    ),
    Difference(
        "refused",
        "both",
        r"\$\.max_tool_calls  integer_below_min_value",
        QUOTED,
        "responses.create",
        CREATE | {"max_tool_calls": 0},
    ),
    Difference(
        "refused",
        "both",
        r"\$\.(user|prompt_cache_key|instructions)  string_above_max_length",
        QUOTED,
        "responses.create",
        CREATE | {"prompt_cache_key": "k" * 65},
    ),
    Difference(
        "refused",
        "both",
        r"\$\.tools  array_above_max_length",
        QUOTED,
        "responses.create",
        CREATE | {"tools": [{"type": "local_shell"}] * 129},
    ),
    Difference(
        "refused",
        "both",
        r"\.vector_store_ids  empty_array",
        "users quote the service's refusal",
        "responses.create",
        CREATE | {"tools": [{"type": "file_search", "vector_store_ids": []}]},
    ),
    Difference(
        "refused",
        "both",
        r"tools\[\]\.server_url  missing_required_parameter",
        DESCRIBED,
        "responses.create",
        CREATE | {"tools": [{"type": "mcp", "server_label": "s"}]},
    ),
    Difference(
        "refused",
        "both",
        r"\.(metadata|attributes)(\.\w+)?  \w+_above_max_(length|properties)",
        DESCRIBED,
        "conversations.update",
        {"metadata": {"k": "v" * 513}},
    ),
    Difference(
        "refused",
        "both",
        r"\.expires_after\.minutes  integer_below_min_value",
        "no time at all is none; the page on containers knows 20 minutes",
        "containers.create",
        {"name": "c", "expires_after": {"anchor": "last_active_at", "minutes": 0}},
    ),
    Difference(
        "refused",
        "both",
        r"^(containers|vector_stores)\.\w+  \$\.name  string_above_max_length",
        UNBOUNDED,
        "containers.create",
        {"name": "c" * 5_000},
    ),
    Difference(
        "refused",
        "both",
        r"\.chunk_overlap_tokens  integer_below_min_value",
        DESCRIBED,
        "vector_stores.files.create",
        {
            "file_id": "f",
            "chunking_strategy": {
                "type": "static",
                "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": -1},
            },
        },
    ),
    Difference(
        "refused",
        "both",
        r"\.chunk_overlap_tokens  invalid_value",
        DESCRIBED,
        "vector_stores.create",
        {
            "chunking_strategy": {
                "type": "static",
                "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
            },
        },
    ),
    Difference(
        "refused",
        "both",
        r"^containers\.files\.create  \$\.file  missing_required_parameter",
        DESCRIBED,
        "containers.files.create",
        [],
    ),
    Difference(
        "refused",
        "both",
        r"^containers\.files\.create  \$\.file_id  None",
        "what is named has to be there, which no schema can say",
        "containers.files.create",
        [("file_id", "none of them")],
    ),
    Difference(
        "refused",
        "openai",
        r"^vector_stores\.file_batches\.create  \$\.(file_ids|files)  array_above_max",
        "Azure's contract has 500, OpenAI's 2,000",
        "vector_stores.file_batches.create",
        {"file_ids": ["f"] * 501},
    ),
    Difference(
        "refused",
        "both",
        r"^vector_stores\.file_batches\.create  \$\.None  mutually_exclusive",
        DESCRIBED,
        "vector_stores.file_batches.create",
        {"file_ids": ["f"], "files": [{"file_id": "f"}]},
    ),
    Difference(
        "refused",
        "azure",
        r"^vector_stores\.file_batches\.create  \$\.file_ids  missing_required",
        DESCRIBED,
        "vector_stores.file_batches.create",
        {},
    ),
    Difference(
        "refused",
        "both",
        r"\.(ranking_options\.score_threshold|max_num_results)  "
        r"\w+_(above_max|below_min)_value",
        DESCRIBED,
        "responses.create",
        CREATE
        | {
            "tools": [
                {
                    "type": "file_search",
                    "vector_store_ids": ["vs_1"],
                    "max_num_results": 0,
                }
            ]
        },
    ),
    Difference(
        "refused",
        "both",
        r"\.(parameters|schema)  invalid_(function_parameters|json_schema)",
        "no contract has the rules for schemas; `json_schema.py` names the sources",
        "responses.create",
        CREATE
        | {
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {"a": 1}}}
        },
    ),
    # Azure's contract has less than OpenAI's: the emulator goes by both.
    Difference(
        "refused",
        "azure",
        r"^batches\.create  \$\.(endpoint|input_file_id)  ",
        "Microsoft's page on batches lists the endpoints",
        "batches.create",
        {"input_file_id": "f", "completion_window": "24h", "endpoint": "/v1/none"},
    ),
    Difference(
        "refused",
        "azure",
        r"\$\.(temperature|top_p|top_logprobs|max_output_tokens|safety_identifier)  "
        r"\w+_(above_max|below_min)_",
        "OpenAI's contract has the bound",
        "responses.create",
        CREATE | {"max_output_tokens": 15},
    ),
    Difference(
        "refused",
        "azure",
        r"(filters|filters\.filters\[\])(\.\w+)?(\[\])?  "
        "(invalid_type|missing_required_parameter|invalid_value|unknown_parameter)",
        "OpenAI's contract says what a filter is made of",
        "vector_stores.search",
        {"query": "q", "filters": {"type": "and", "filters": ["text"]}},
    ),
    Difference(
        "refused",
        "azure",
        r"^conversations\.create  \$\.items  array_above_max_length",
        "OpenAI's contract has the bound, and Azure's for items that are added",
        "conversations.create",
        {"items": [HI | {"type": "message"}] * 21},
    ),
    Difference(
        "refused",
        "azure",
        r"(url|image_url|file_url|server_url)  invalid_value",
        "OpenAI's contract has the format; neither checker looks at formats",
        "responses.create",
        CREATE | {"tools": [{"type": "mcp", "server_label": "s", "server_url": "x"}]},
    ),
    Difference(
        "refused",
        "openai",
        r"(url|image_url|file_url|server_url)  invalid_value",
        "the contract has the format, and the checker does not look at formats",
        "responses.create",
        CREATE | {"tools": [{"type": "mcp", "server_label": "s", "server_url": "x"}]},
    ),
    Difference(
        "refused",
        "openai",
        r"(input|items)\[\]\.(unnamed  unknown_parameter|approve  missing_required)",
        "`lacking.py` leaves out all that the contract says of approvals",
        "conversations.items.create",
        _item(
            type="mcp_approval_response",
            approval_request_id="mcpr_1",
            approve=True,
            unnamed=1,
        ),
    ),
    Difference(
        "refused",
        "azure",
        r"^responses\.create  \$\.include\[\]  invalid_value",
        "OpenAI's contract and the SDK list the values, and so does the service",
        "responses.create",
        CREATE | {"include": ["everything"]},
    ),
    # Accepted here
    Difference(
        "accepted",
        "azure",
        r"(input|items)\[\]\.content  required: .*Input\.message",
        "a reference may come without its type, as OpenAI's contract has it",
        "conversations.items.create",
        _item(id="msg_1"),
    ),
    Difference(
        "accepted",
        "azure",
        r"\.action\.(max_output_length|timeout_ms)  required: ",
        FILLED_IN,
        "conversations.items.create",
        _item(type="shell_call", call_id="call_1", action={"commands": ["ls"]}),
    ),
    Difference(
        "accepted",
        "both",
        r"(input|items)\[\]\.(id|status)  additionalProperties: .*InputMessage",
        "a message goes back as it was listed; measured that it is taken",
        "conversations.items.create",
        _item(type="message", role="assistant", content="Hi", status="completed"),
    ),
    Difference(
        "accepted",
        "both",
        r"(input|items)\[\]\.(id|status|outputs|result|code)  required: ",
        FILLED_IN,
        "conversations.items.create",
        _item(type="mcp_approval_request", server_label="s", name="n", arguments="{}"),
    ),
    Difference(
        "accepted",
        "both",
        r"(input|items)\[\]\.\w+  type: null ",
        "null stands for absent in what the service made: so the SDK dumps it",
        "conversations.items.create",
        _item(
            type="mcp_call",
            id=None,
            server_label="s",
            name="n",
            arguments="{}",
        ),
    ),
    Difference(
        "accepted",
        "openai",
        r"(input|items)\[\]\.call_id  required: .*LocalShellToolCallOutput",
        "the contract asks for a property that it does not name",
        "conversations.items.create",
        _item(type="local_shell_call_output", id="lsh_1", output="1"),
    ),
    Difference(
        "accepted",
        "openai",
        r"(input|items)\[\]\.error(\.\w+)?  "
        "(type|enum|required|additionalProperties): ",
        "it comes back as the text that the service gave, or as an object",
        "conversations.items.create",
        _item(
            type="mcp_call",
            id="mcp_1",
            server_label="s",
            name="n",
            arguments="{}",
            error="Gone.",
        ),
    ),
    Difference(
        "accepted",
        "azure",
        r"(input|items)\[\]\.error  type: ",
        "it comes back as the text that the service gave, or as an object",
        "conversations.items.create",
        _item(
            type="mcp_call",
            id="mcp_1",
            server_label="s",
            name="n",
            arguments="{}",
            error={},
        ),
    ),
    Difference(
        "refused",
        "openai",
        r"(input|items)\[\]\.call_id  missing_required_parameter",
        "optional in OpenAI's contract alone; users quote the service's refusal",
        "conversations.items.create",
        _item(type="function_call_output", output="1"),
    ),
    Difference(
        "accepted",
        "azure",
        r"(input|items)\[\]\.type  required: ",
        "a message may come without its type, as recorded",
        "conversations.items.create",
        _item(
            id="msg_1",
            role="assistant",
            status="completed",
            content=[{"type": "refusal", "refusal": "No."}],
        ),
    ),
    Difference(
        "accepted",
        "azure",
        r"(input|items)\[\]\.action\.url  required: ",
        "OpenAI's contract and the SDK have it optional",
        "conversations.items.create",
        _item(
            type="web_search_call",
            id="ws_1",
            status="completed",
            action={"type": "open_page"},
        ),
    ),
    Difference(
        "accepted",
        "azure",
        r"(input|items)\[\]\.type  enum: null ",
        "null stands for no type, as OpenAI's contract has it of references",
        "conversations.items.create",
        _item(type=None, id="msg_1"),
    ),
    Difference(
        "accepted",
        "openai",
        r"^POST /responses  request  \$\.top_logprobs  type: null ",
        SDK,
        "responses.create",
        CREATE | {"top_logprobs": None},
    ),
    Difference(
        "accepted",
        "azure",
        r"^POST /responses  request  \$\.prompt  type: null ",
        SDK,
        "responses.create",
        CREATE | {"prompt": None},
    ),
    Difference(
        "refused",
        "both",
        r"\.list(_files)?  \$\.limit  integer_(below_min|above_max)_value",
        DESCRIBED,
        "vector_stores.list",
        [("limit", "0")],
    ),
    Difference(
        "refused",
        "both",
        r"\.(list|retrieve)  \$\.include\[\]  not_supported_by_emulator",
        "the emulator's catalogue has no results of a search, and it says so",
        "responses.retrieve",
        [("include[]", "web_search_call.results")],
    ),
    Difference(
        "refused",
        "azure",
        r"\$\.include\[\]  invalid_value",
        "Azure's contract takes any text there; OpenAI's has the SDK's list",
        "responses.retrieve",
        [("include[]", "none of them")],
    ),
    Difference(
        "refused",
        "both",
        r"^files\.list  \$\.purpose  invalid_value",
        "the contracts take any text; no file can have another purpose",
        "files.list",
        [("purpose", "none of them")],
    ),
    Difference(
        "refused",
        "both",
        r"^files\.create  \$\.file  empty_file",
        "the emulator's own: nothing can be made of an empty file",
        "files.create",
        [("purpose", "batch"), ("file", "")],
    ),
    Difference(
        "refused",
        "openai",
        r"^files\.create  \$\.purpose  invalid_value",
        "Azure has no `user_data`, says its page",
        "files.create",
        [("purpose", "user_data"), ("file", "Hello.")],
    ),
    Difference(
        "accepted",
        "both",
        r"^POST [\w/{}]*/files  request  \$\.[\w.]+  type: \[",
        "of a field that is there twice the last counts, as in most servers",
        "files.create",
        [("purpose", "batch"), ("purpose", "batch"), ("file", "Hello.")],
    ),
    Difference(
        "accepted",
        "both",
        r'  query  [\w\[\]]+  (enum|type): "" is not ',
        "a parameter without a text is none",
        "vector_stores.files.list",
        [("filter", "")],
    ),
    Difference(
        "refused",
        "both",
        r"^files\.create  \$\.expires_after\[seconds\]  invalid_value",
        "14 to 30 days, says Azure's page; its contract has no bounds, OpenAI's others",
        "files.create",
        [
            ("purpose", "batch"),
            ("file", "Hello."),
            ("expires_after[anchor]", "created_at"),
            ("expires_after[seconds]", "3600"),
        ],
    ),
    Difference(
        "accepted",
        "azure",
        r"\.tools\[\]\.annotations  type: ",
        "the SDK and OpenAI's contract take anything: it comes from the server",
        "conversations.items.create",
        _item(
            type="mcp_list_tools",
            id="mcpl_1",
            server_label="s",
            tools=[{"name": "t", "input_schema": {}, "annotations": "text"}],
        ),
    ),
    Difference(
        "accepted",
        "both",
        r"  query  unnamed  parameter: is not one of",
        "the service leaves out of a query what the operation does not have",
        "containers.list",
        [("unnamed", "1")],
    ),
    Difference(
        "accepted",
        "both",
        r"  query  \w+  parameter: is there more than once",
        "of a parameter that is there twice the last counts, as in most servers",
        "vector_stores.list",
        [("limit", "1"), ("limit", "2")],
    ),
    Difference(
        "accepted",
        "both",
        r"^POST /vector_stores/\{vector_store_id\}  request  \$\.expires_after  type: ",
        SDK,
        "vector_stores.update",
        {"expires_after": None},
    ),
)


def of(contract: str, direction: str, line: str) -> list[Difference]:
    """The rows that a difference falls under."""
    return [
        each
        for each in DIFFERENCES
        if each.direction == direction
        and each.contract in (contract, "both")
        and re.search(each.line, line)
    ]
