"""Which of the two Entra ID scopes a resource takes: asked of it, at no cost."""

import httpx2
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

# The first is what the samples ask for, the second what Microsoft's newest pages name.
SCOPES = (
    "https://cognitiveservices.azure.com/.default",
    "https://ai.azure.com/.default",
)
TIME_LIMIT = 60  # seconds


def probe(base_url: str, scope: str) -> tuple[str, str]:
    """Whether the models may be listed with a token of this scope, and why not.

    `taken`, `refused` (the audience is not the resource's), `no role` (it is, but the
    identity may not read) or `not tried` (nobody is signed in).
    """
    try:
        with DefaultAzureCredential() as credential:
            token = credential.get_token(scope).token
    except ClientAuthenticationError as error:
        return "not tried", str(error).partition("\n")[0]
    reply = httpx2.get(
        base_url.rstrip("/") + "/models",
        headers={"authorization": f"Bearer {token}"},
        timeout=TIME_LIMIT,
    )
    if reply.is_success:
        return "taken", ""
    why = f"{reply.status_code}: {reply.text[:200]}"
    return ("no role" if "PermissionDenied" in reply.text else "refused"), why
