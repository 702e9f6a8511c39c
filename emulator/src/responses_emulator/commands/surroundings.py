"""The environment that has a script's clients talk to an emulator, and to it alone."""

from collections.abc import Mapping

from responses_emulator.account import API_VERSION, KEY, environment

# What the SDK or azure-identity would read on its own and take for another service,
# another way to sign in, or an organisation that does not exist here.
_REMOVED = (
    "AZURE_CLIENT_ID",
    "AZURE_OPENAI_AD_TOKEN",
    "IDENTITY_SERVER_THUMBPRINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "OPENAI_ADMIN_KEY",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
)
# Whatever a script prints is seen at once, in a pipe too, and in whatever letters:
# where a pipe takes those of one country alone, as on Windows, an answer would be lost.
_PRINTING = {
    "PYTHONIOENCODING": "utf-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}
_LOOPBACK = "127.0.0.1,localhost"


def surroundings(base_url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ`, changed so that whatever calls the API calls `base_url`.

    What the samples read is set, so that a `.env` cannot win over it. So is what bare
    `OpenAI()` and `AzureOpenAI()` read: a script that leaves out an argument ends up
    here, not at api.openai.com with a real key.
    """
    kept = {name: value for name, value in environ.items() if name not in _REMOVED}
    no_proxy = kept.get("no_proxy") or kept.get("NO_PROXY")
    if no_proxy != "*":
        no_proxy = f"{no_proxy},{_LOOPBACK}" if no_proxy else _LOOPBACK
    variables = environment(base_url)
    return {
        **kept,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": variables["AZURE_OPENAI_V1_API_ENDPOINT"],
        "AZURE_OPENAI_ENDPOINT": base_url,
        "OPENAI_API_VERSION": API_VERSION,
        **variables,
        # Gradio asks for its newest version and reports each start to its makers: an
        # emulator is for working without a network, too.
        "GRADIO_ANALYTICS_ENABLED": "False",
        "no_proxy": no_proxy,
        "NO_PROXY": no_proxy,
    }


def surroundings_of_a_script(
    base_url: str, environ: Mapping[str, str]
) -> dict[str, str]:
    """`surroundings` for a Python script of its own process, and how it is to print."""
    return surroundings(base_url, environ) | _PRINTING
