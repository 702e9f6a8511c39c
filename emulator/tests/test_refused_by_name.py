"""What the contract has and the emulator has not is refused by name, never ignored."""

from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import Client

README = Path(__file__).parents[2] / "emulator" / "README.md"
LEARN = "https://learn.microsoft.com/api/mcp"
FUNCTION: dict[str, Any] = {"type": "function", "name": "f"}
CUSTOM: dict[str, Any] = {"type": "custom", "name": "g"}
MCP: dict[str, Any] = {"type": "mcp", "server_label": "l", "server_url": LEARN}
IMAGE: dict[str, Any] = {"type": "image_generation"}
SHELL: dict[str, Any] = {"type": "shell"}
PROGRAM = {"type": "program", "caller_id": "call_0"}

# What is asked for, and the place that the error names.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"access_programs": {"cyber": "standard"}}, "access_programs"),
    ({"background_options": {"continuation_id": "x"}}, "background_options"),
    ({"image": {"context_compression": "enabled"}}, "image"),
    ({"moderation": {"model": "x"}}, "moderation"),
    ({"prompt": {"id": "pmpt_0"}}, "prompt"),
    ({"include": ["web_search_call.results"]}, "include[0]"),
    ({"reasoning": {"mode": "pro"}}, "reasoning.mode"),
    ({"tools": [{"type": "programmatic_tool_calling"}]}, "tools[0].type"),
    ({"tools": [{"type": "programmatic_tool_calling"}]}, "tools[0].type"),
    ({"tools": [{**FUNCTION, "async": True}]}, "tools[0].async"),
    ({"tools": [{**CUSTOM, "async": True}]}, "tools[0].async"),
    (
        {"tools": [FUNCTION, {**FUNCTION, "allowed_callers": ["programmatic"]}]},
        "tools[1].allowed_callers",
    ),
    (
        {"tools": [{**SHELL, "allowed_callers": ["direct", "programmatic"]}]},
        "tools[0].allowed_callers",
    ),
    (
        {
            "tools": [
                {
                    "type": "namespace",
                    "name": "n",
                    "description": "d",
                    "tools": [FUNCTION, {**CUSTOM, "async": True}],
                }
            ]
        },
        "tools[0].tools[1].async",
    ),
    ({"tools": [{**MCP, "connector_id": "connector_gmail"}]}, "tools[0].connector_id"),
    ({"tools": [{**MCP, "tunnel_id": "tunnel_0"}]}, "tools[0].tunnel_id"),
    ({"tools": [{**IMAGE, "output_format": "gif"}]}, "tools[0].output_format"),
    ({"tools": [{**IMAGE, "output_format": "svg"}]}, "tools[0].output_format"),
    ({"tools": [{**IMAGE, "frame_count": 2}]}, "tools[0].frame_count"),
    ({"tools": [{**IMAGE, "frame_count": 0}]}, "tools[0].frame_count"),
    ({"tools": [{**IMAGE, "frame_duration_ms": 10}]}, "tools[0].frame_duration_ms"),
    ({"tools": [{**IMAGE, "complexity": "low"}]}, "tools[0].complexity"),
    ({"tools": [{**IMAGE, "size": "512x512"}]}, "tools[0].size"),
    (
        {"tools": [{**IMAGE, "input_image_mask": {"file_id": "x"}}]},
        "tools[0].input_image_mask",
    ),
    (
        {
            "tools": [
                {
                    **SHELL,
                    "environment": {
                        "type": "container_auto",
                        "network_policy": {
                            "type": "allowlist",
                            "allowed_domains": ["example.com"],
                        },
                    },
                }
            ]
        },
        "tools[0].environment.network_policy",
    ),
    (
        {
            "tools": [
                {
                    **SHELL,
                    "environment": {
                        "type": "local",
                        "skills": [{"name": "s", "description": "d", "path": "/s"}],
                    },
                }
            ]
        },
        "tools[0].environment.skills",
    ),
    (
        {
            "tools": [
                {
                    "type": "code_interpreter",
                    "container": {
                        "type": "auto",
                        "network_policy": {
                            "type": "allowlist",
                            "allowed_domains": ["example.com"],
                        },
                    },
                }
            ]
        },
        "tools[0].container.network_policy",
    ),
    (
        {
            "tools": [
                {
                    "type": "file_search",
                    "vector_store_ids": ["vs_0"],
                    "ranking_options": {
                        "hybrid_search": {"embedding_weight": 1, "text_weight": 1}
                    },
                }
            ]
        },
        "tools[0].ranking_options.hybrid_search",
    ),
    (
        {
            "tools": [
                {
                    "type": "web_search_preview",
                    "search_content_types": ["text", "image"],
                }
            ]
        },
        "tools[0].search_content_types",
    ),
    (
        {
            "input": [
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "f",
                    "arguments": "{}",
                    "caller": PROGRAM,
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "1"},
            ]
        },
        "input[0].caller",
    ),
    (
        {
            "input": [
                {
                    "type": "program",
                    "id": "prog_0",
                    "call_id": "call_1",
                    "code": "1",
                    "fingerprint": "x",
                }
            ]
        },
        "input[0].type",
    ),
    (
        {"input": [{"type": "additional_tools", "role": "developer", "tools": []}]},
        "input[0].type",
    ),
    (
        {
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What does it say?"},
                        {"type": "input_file", "file_url": "https://a.b/c.pdf"},
                    ],
                }
            ]
        },
        "input[0].content[1].file_url",
    ),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("asked", "place"),
    [pytest.param(a, p, id=f"{i} {p}") for i, (a, p) in enumerate(REFUSED)],
)
def test_what_is_not_emulated_is_refused_by_name(
    client: Client, asked: dict[str, Any], place: str, stream: bool
) -> None:
    status, error = client.error(
        "POST",
        "/responses",
        {"model": "gpt-5-mini", "input": "Hello.", "stream": stream, **asked},
        x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
    )
    assert (status, error["code"]) == (400, "not_supported_by_emulator")
    assert error["param"] == place
    assert error["message"].startswith("The emulator does not support ")
    assert len(client.emulator.store.responses) == 0


def test_the_readme_names_every_parameter_that_is_refused() -> None:
    told = README.read_text(encoding="utf-8").partition("## Next to Azure's own list")[
        2
    ]
    for _, place in REFUSED:
        if place.isidentifier():
            assert f"`{place}`" in told


@pytest.mark.parametrize(
    "asked",
    [
        {"tools": [{**FUNCTION, "async": False, "allowed_callers": ["direct"]}]},
        {"tools": [{**CUSTOM, "allowed_callers": None}]},
        {"reasoning": {"mode": "standard", "context": "current_turn"}},
        {"image": {}},
    ],
)
def test_what_asks_for_nothing_more_is_accepted(
    client: Client, asked: dict[str, Any]
) -> None:
    assert client.create("Hello.", **asked)["status"] == "completed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/completions"),
        ("POST", "/embeddings"),
        ("POST", "/images/generations"),
        ("POST", "/audio/transcriptions"),
        ("GET", "/dashboard/usage"),
        ("GET", "/evals"),
        ("GET", "/fine_tuning/jobs"),
        ("POST", "/realtime/client_secrets"),
        ("POST", "/threads"),
    ],
)
def test_what_azure_serves_besides_is_refused_by_name(
    client: Client, method: str, path: str
) -> None:
    status, error = client.error(method, path, {})
    assert (status, error["code"]) == (404, "not_supported_by_emulator")
    assert f"the operation {method} {path}." in error["message"]


def test_chat_completions_of_the_dated_layout_are_refused_by_name(
    client: Client,
) -> None:
    client.base = "/openai"
    path = "/deployments/gpt-5.4-mini/chat/completions"
    status, error = client.error("POST", f"{path}?api-version=2025-04-01-preview", {})
    assert (status, error["code"]) == (404, "not_supported_by_emulator")
    assert path in error["message"]
