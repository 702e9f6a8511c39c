"""Who may call: the account's key, or a token that this emulator has issued.

Tokens come from the managed-identity endpoint that App Service offers its apps
(`IDENTITY_ENDPOINT`), which the real `azure-identity` asks over plain HTTP. A token is
a signed JWT: who holds one can see its audience and when it ends.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable

import orjson

from responses_emulator.account import IDENTITY_HEADER, KEY
from responses_emulator.errors import ServiceError, missing_key, wrong_key, wrong_token
from responses_emulator.http import Reply, Request, json_reply

AUDIENCES = ("https://cognitiveservices.azure.com", "https://ai.azure.com")
LIFETIME = 24 * 3600  # seconds, as a managed identity's tokens have


class Auth:
    """Checks credentials and issues tokens for one emulator."""

    def __init__(self, clock: Callable[[], float], key: str = KEY) -> None:
        """Accept `key`, and tokens issued from now on."""
        self._clock = clock
        self._key = key
        self._secret = secrets.token_bytes(32)

    def check(self, request: Request) -> None:
        """Let the request pass, or raise the service's 401.

        The SDK sends a key as `api-key` (AzureOpenAI) or as a Bearer (OpenAI on v1).
        """
        key = request.headers.get("api-key")
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if key is None and scheme.lower() == "bearer":
            key = bearer.strip()
            if key.count(".") == 2:  # three parts: a token, not a key
                if self.audience(key) not in AUDIENCES:
                    raise wrong_token()
                return
        if not key:
            raise missing_key()
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            raise wrong_key()

    def issue(self, audience: str) -> tuple[str, int]:
        """A token for `audience`, and the second since 1970 at which it ends."""
        expires_on = int(self._clock()) + LIFETIME
        head = _encode(orjson.dumps({"alg": "HS256", "typ": "JWT"}))
        claims = {"aud": audience, "exp": expires_on, "iss": "emulator"}
        body = f"{head}.{_encode(orjson.dumps(claims))}"
        return f"{body}.{self._sign(body)}", expires_on

    def audience(self, token: str) -> str | None:
        """What a token is for; None: it was not issued here, or it has ended."""
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        claims = orjson.loads(base64.urlsafe_b64decode(body.split(".")[1] + "=="))
        return None if claims["exp"] <= self._clock() else claims["aud"]

    def _sign(self, body: str) -> str:
        return _encode(hmac.digest(self._secret, body.encode(), hashlib.sha256))


def managed_identity(auth: Auth, request: Request) -> Reply:
    """Answer `GET /msi/token` as App Service's managed-identity endpoint does.

    Query: `api-version` (2019-08-01) and `resource`, the audience. Header:
    `X-IDENTITY-HEADER`. Reply: `access_token`, `expires_on`, `resource`, `token_type`.
    """
    if not hmac.compare_digest(
        request.headers.get("x-identity-header", "").encode(), IDENTITY_HEADER.encode()
    ):
        raise _identity_error(401, "The header X-IDENTITY-HEADER is missing or wrong.")
    if "api-version" not in request.query:
        raise _identity_error(400, "The query parameter api-version is missing.")
    audience = request.query.get("resource", "").rstrip("/")
    if not audience:
        raise _identity_error(400, "The query parameter resource is missing.")
    token, expires_on = auth.issue(audience)
    return json_reply(
        {
            "access_token": token,
            "expires_on": str(expires_on),
            "resource": audience,
            "token_type": "Bearer",
            "client_id": "00000000-0000-0000-0000-000000000000",
        }
    )


def _identity_error(status: int, message: str) -> ServiceError:
    return ServiceError(status, {"statusCode": status, "message": message})


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
