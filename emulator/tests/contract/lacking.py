"""What a published contract lacks, and why that is no fault: one table.

A feature of the service that is newer than a contract, such as a preview, is not in it,
and every exchange with it breaks the contract. So that the rest of the exchange is held
all the same, `LACKING` has a row for it. To add one:

1. Run the test that fails. After the contract's name, each violation is a line such as

       POST /responses  request  $.tools[0].type  enum: "shell" is not one of ... [Tool]

   with the operation, the part (`request`, `query`, `reply`, `url` or `event 3
   response.created`), the place in it, the kind and the message, and the component.
2. Write a regular expression, as narrow as can be, that is found in these lines and in
   no others. `contract` is the one that lacks it: `azure`, `openai` or `both`.
3. Say why, in a few words that a reader can check.

A whole run of the suite fails for a row that none of its exchanges needs, and for a row
of `both` that one of the contracts does not need: then a contract has caught up, or the
row was never right.
"""

import re
from functools import cache
from typing import NamedTuple


class Row(NamedTuple):
    """One thing that is not in a contract."""

    contract: str
    line: str
    reason: str


NEWER = "documented by Microsoft as working; newer than Azure's file of March 2026"
PREVIEW = "a preview: documented by Microsoft, in the SDK's beta types"
UNKNOWN = r"  additionalProperties: "

LACKING: tuple[Row, ...] = (
    # Operations
    Row("azure", r"^POST /responses/compact  url ", NEWER),
    Row("openai", r"^(GET|POST) /(models|batches)\b.*  url ", "cut out of the file"),
    Row(
        "both",
        r"^\w+ /dashboard/webhook_endpoints\b.*  url ",
        "documented by Microsoft; the contracts have no way to register a webhook",
    ),
    Row("both", r"^\w+ /skills\b.*  url ", "documented by Microsoft; in no contract"),
    Row("azure", rf"^POST /containers  request  \$\.skills{UNKNOWN}", NEWER),
    Row("both", r"^POST /responses  query  beta ", PREVIEW),
    Row("both", rf"\.(multi_agent|agent){UNKNOWN}", PREVIEW),
    Row("both", r'"(multi_agent_call(_output)?|agent_message)" is not one of', PREVIEW),
    # Tools and their items
    Row("azure", r'"(tool_search(_call|_output)?|namespace)" is not one of', NEWER),
    Row("azure", rf"\.(defer_loading|namespace){UNKNOWN}", NEWER),
    Row("azure", r'"computer" is not one of', NEWER),
    Row(
        "azure",
        r"\.actions?  .*\[(OpenAI\.\w+ComputerToolC|Input\.computer_c)all\]",
        NEWER,
    ),
    Row("azure", rf"\.(environment|status){UNKNOWN}.*FunctionShell", NEWER),
    Row(
        "azure",
        r"'response\.shell_call_(command|output_content)\.\w+' is not in",
        NEWER,
    ),
    Row("azure", rf"\.allowed_callers{UNKNOWN}", NEWER),
    Row("azure", rf"\.action{UNKNOWN}.*\[OpenAI\.ImageGenTool\]", NEWER),
    Row("azure", r'"web_search(_preview)?_20\d\d', "it has no dated names of tools"),
    Row("both", r'tool_choice\.type  enum: "web_search" ', "a tool, but not to force"),
    Row("both", rf"tools\[\d+\]\.async{UNKNOWN}", "newer than both: of the SDK alone"),
    Row("azure", r"\.error  type: .*\[OpenAI\.\w+McpToolCall\]", NEWER),
    Row("openai", r"\[EmptyModelParam\]", "stands where a function's JSON Schema does"),
    Row("openai", r"\[MCPApprovalResponse\]", "the item as it is stored, not as sent"),
    # Parameters and what they lead to
    Row("azure", rf"  request  \$\.context_management{UNKNOWN}", NEWER),
    Row("both", rf"  request  \$\.image{UNKNOWN}", "newer than both: of the SDK alone"),
    Row("azure", r'"compaction_trigger" is not one of', NEWER),
    Row("both", r"'response\.compaction\.compacting' is not in", "of the SDK alone"),
    Row("azure", rf"\.reasoning\.(mode|context){UNKNOWN}", NEWER),
    Row("azure", rf"\.phase{UNKNOWN}", NEWER),
    Row("azure", rf"\.cache_write_tokens{UNKNOWN}", NEWER),
    Row("azure", rf"\.prompt_cache_(options|breakpoint){UNKNOWN}", NEWER),
    Row("azure", r'\.effort  enum: "max"', "older than gpt-5.6, which has it"),
    Row(
        "both",
        rf"  request  \$\.input\[\d+\]\.(id|status){UNKNOWN}.*EasyInputMessage\]",
        "a message of /responses/compact, which goes back as it came",
    ),
    Row(
        "both",
        r"\.id  required: is missing  \[(Input\.reasoning|ReasoningItem)\]",
        "Codex, and openai-agents if told to, send sealed thoughts without their id",
    ),
    Row("azure", r'^\w+ /files\b.*\.purpose  enum: "vision" ', NEWER),
    Row(
        "both",
        rf"\.(frequency|presence)_penalty{UNKNOWN}",
        "recorded on Azure in March 2026; no request has them",
    ),
    Row(
        "both",
        r"\.(background|output_format|quality|revised_prompt|size)"
        rf"{UNKNOWN}.*\[.*(ImageGenToolCall|image_generation_call)\]",
        "recorded on Azure in November 2025, and of the SDK",
    ),
    Row(
        "azure",
        rf"\.(background|output_format|quality|size){UNKNOWN}.*PartialImageEvent\]",
        "recorded on Azure in December 2025, and of OpenAI's contract",
    ),
    # Queries and filters
    Row("azure", r'filters\.\S*type  enum: "n?in" ', "of OpenAI's contract"),
    Row("azure", r"^GET /containers  query  name ", "a filter of OpenAI's contract"),
    Row("azure", r"/input_items  query  include ", "of OpenAI's contract"),
    # Where Azure's documentation and its own file are not of one mind
    Row(
        "azure",
        r"^POST /batches  request  \$\.(endpoint|metadata|output_expires_after) ",
        "its batches are older than batches of responses",
    ),
    Row(
        "azure",
        r"^GET \S+/files/\{file_id\}/content  reply ",
        "it has the page of a search there",
    ),
    Row(
        "azure",
        r"^POST /containers/\S+/files  request  \$  content type",
        "its text allows JSON, too",
    ),
    Row(
        "azure",
        r"^POST /conversations  request  \$  body",
        "it asks for a body of which every property is optional",
    ),
)

_PATTERNS = {
    contract: [
        (row, re.compile(row.line))
        for row in LACKING
        if row.contract in (contract, "both")
    ]
    for contract in ("azure", "openai")
}


@cache  # the same lines come up again and again
def rows(contract: str, line: str) -> list[Row]:
    """The rows of the table that say why this violation is none."""
    return [row for row, pattern in _PATTERNS[contract] if pattern.search(line)]
