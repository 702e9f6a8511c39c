"""LangChain's own standard tests (langchain-tests), three times over.

Run by test_suites.py, in an environment that has langchain-openai and langchain-tests.
"""

import base64
import os

import httpx
import pytest
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests

ENDPOINT, KEY = os.environ["EMULATOR_URL"], os.environ["EMULATOR_KEY"]
MODEL = "gpt-5.4-mini"
V1 = {"model": MODEL, "base_url": f"{ENDPOINT}/openai/v1/", "api_key": KEY}
DATED = {
    "azure_deployment": MODEL,
    "model": MODEL,
    "azure_endpoint": ENDPOINT,
    "api_version": "2025-04-01-preview",
    "api_key": KEY,
}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R
/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> endobj
4 0 obj <</Length 47>> stream
BT /F1 12 Tf 20 100 Td (A small document.) Tj ET
endstream endobj
trailer <</Root 1 0 R>>
%%EOF
"""


@pytest.fixture(autouse=True)
def _no_other_hosts(monkeypatch):
    """The pictures and pages that the tests would fetch from other hosts."""

    def get(url, **_):
        return httpx.Response(200, content=PDF if "pdf" in url else PNG)

    monkeypatch.setattr(httpx, "get", get)


class Standard(ChatModelIntegrationTests):
    """What all three can."""

    chat_model_class = ChatOpenAI
    supports_image_inputs = True
    supports_pdf_inputs = True
    supports_image_tool_message = True
    supports_pdf_tool_message = True
    supports_json_mode = True
    model_override_value = "gpt-6-luna"


class TestReasoning(Standard):
    """A model that thinks."""

    chat_model_params = V1 | {"reasoning": {"effort": "low"}, "use_responses_api": True}


class TestPlain(Standard):
    """The same without thoughts, and with a temperature."""

    chat_model_params = V1 | {"temperature": 0, "use_responses_api": True}


class TestDated(Standard):
    """By a dated api-version."""

    chat_model_class = AzureChatOpenAI
    chat_model_params = DATED | {"use_responses_api": True}
