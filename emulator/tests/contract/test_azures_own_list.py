"""What Azure's published contract has is served, or refused by name, and listed so."""

import re
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import Client
from emulator.tests.contract.distil import contract
from responses_emulator.resources import settings
from responses_emulator.routes import NOT_EMULATED, ROUTES

README = Path(__file__).parents[3] / "emulator" / "README.md"
LIST = README.read_text("utf-8").partition("## Next to Azure's own list")[2]


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return contract("azure")


def nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_path_of_the_contract_is_served_or_refused_by_name(
    client: Client, published: dict[str, Any]
) -> None:
    served = {(method, nameless(template)) for method, template, _ in ROUTES}
    for path, operations in published["paths"].items():
        for method in map(str.upper, operations):
            if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                continue
            if (method, nameless(path)) in served:
                continue
            status, error = client.error(method, re.sub(r"\{\w+\}", "x", path))
            assert (status, error["code"]) == (404, "not_supported_by_emulator"), path
            assert f"{method} /{path.split('/')[1]}" in error["message"]


def test_every_tool_of_the_contract_is_served(published: dict[str, Any]) -> None:
    schemas = published["components"]["schemas"]
    tools = schemas["OpenAI.Tool"]["discriminator"]["mapping"]
    assert set(tools) <= set(settings.TOOLS)
    assert len(tools) > 10


@pytest.mark.parametrize(
    "name",
    [*NOT_EMULATED, *settings.NOT_EMULATED, *settings.TOOLS],
)
def test_the_readme_has_each_tool_and_each_thing_that_is_refused(name: str) -> None:
    said = {
        "dashboard": "webhooks",
        "completions": "chat completions",
        "deployments": "deployments",
        "mcp": "mcp",
        "computer_use_preview": "computer use, new and older",
        "computer": "computer use",
        "namespace": "namespaces",
        "custom": "custom tools",
    }
    spoken = said.get(name, name.replace("_", " ").removesuffix(" preview"))
    spoken = re.sub(r" preview.*| \d.*", "", spoken)
    text = LIST.lower()
    assert spoken in text or spoken.replace(" ", "-") in text or name in text, spoken


def test_each_line_of_the_list_says_what_azure_does_and_what_the_emulator() -> None:
    rows = [line for line in LIST.splitlines() if line.startswith("| ")][2:]
    for row in rows:
        feature, azure, emulator = [cell.strip() for cell in row.strip("|").split("|")]
        assert feature
        assert feature.startswith("**") or (azure and emulator), row
    assert len(rows) > 60
