"""The service's error bodies, each with the status it comes with.

Raise what these functions return; `Emulator.handle` turns it into the reply.
Source of the texts: Azure's documentation, and traffic that users published.
"""

import math
from typing import Any


class ServiceError(Exception):
    """An answer of the service that is not a success."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Keep the HTTP status, the JSON body and any extra headers."""
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def invalid_request(
    message: str,
    param: str | None = None,
    code: str | None = None,
    *,
    status: int = 400,
    type: str = "invalid_request_error",
) -> ServiceError:
    """The model backend's shape: `message`, `type`, `param` and `code`."""
    return ServiceError(
        status,
        {"error": {"message": message, "type": type, "param": param, "code": code}},
    )


def gateway_error(status: int, code: str, message: str) -> ServiceError:
    """The Azure gateway's shape: `code` and `message` alone."""
    return ServiceError(status, {"error": {"code": code, "message": message}})


def malformed_json() -> ServiceError:
    """The body is no JSON object."""
    return invalid_request(
        "We could not parse the JSON body of your request. (HINT: This likely means "
        "you aren't using your HTTP library correctly. The service expects a JSON "
        "payload, but what was sent was not valid JSON.)"
    )


def unsupported_content_type(type: str) -> ServiceError:
    """The body is said to be something else than JSON."""
    return invalid_request(
        f"Unsupported content type: '{type}'. This operation takes 'application/json'.",
        code="unsupported_content_type",
        status=415,
    )


def missing_parameter(param: str) -> ServiceError:
    """A required parameter is absent."""
    return invalid_request(
        f"Missing required parameter: '{param}'.", param, "missing_required_parameter"
    )


def unknown_parameter(param: str) -> ServiceError:
    """A parameter that the operation does not have."""
    return invalid_request(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


def unsupported_value(param: str, message: str) -> ServiceError:
    """A value that the contract allows and this deployment or emulator does not."""
    return invalid_request(message, param, "unsupported_value")


def not_emulated(what: str, param: str | None = None) -> ServiceError:
    """Azure may serve this, the emulator does not: said loudly, with its name."""
    return invalid_request(
        f"The emulator does not support {what}. Its README lists what it supports.",
        param,
        "not_supported_by_emulator",
    )


def not_found(message: str, param: str | None = None) -> ServiceError:
    """No object has this id."""
    return invalid_request(message, param, None, status=404)


def resource_not_found() -> ServiceError:
    """The gateway knows no such path (or a dated path came without api-version)."""
    return gateway_error(404, "404", "Resource not found")


def unknown_url(method: str, path: str) -> ServiceError:
    """The v1 backend knows no such operation."""
    return invalid_request(
        f"Unknown request URL: {method} {path}. Please check the URL for typos, or "
        "see the docs at https://platform.openai.com/docs/api-reference/.",
        code="unknown_url",
        status=404,
    )


def deployment_not_found() -> ServiceError:
    """The `model` of the request names no deployment of this resource."""
    return gateway_error(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the "
        "deployment within the last 5 minutes, please wait a moment and try again.",
    )


def rate_limited(what: str, seconds: float, model: str) -> ServiceError:
    """The `token` or `call` rate limit is used up; it says when to come back."""
    error = gateway_error(
        429,
        "RateLimitReached",
        f"Your requests to {model} for {model} in Emulator have exceeded the {what} "
        "rate limit for your current AIServices S0 pricing tier. Please retry after "
        f"{math.ceil(seconds)} seconds. To increase your default rate limit, visit: "
        "https://aka.ms/oai/quotaincrease.",
    )
    used_up = "tokens" if what == "token" else "requests"
    error.headers = {
        **retry_after(seconds),
        f"x-ratelimit-remaining-{used_up}": "0",
        f"x-ratelimit-reset-{used_up}": str(math.ceil(seconds)),
    }
    return error


def busy(what: str, seconds: float) -> ServiceError:
    """There is no place for a request just now: the client comes back, as SDKs do."""
    error = gateway_error(
        503,
        "ServiceUnavailable",
        f"{what} Please retry after {math.ceil(seconds)} seconds.",
    )
    error.headers = retry_after(seconds)
    return error


def retry_after(seconds: float) -> dict[str, str]:
    """When to come back: in whole seconds, and to the millisecond."""
    return {
        "retry-after": str(math.ceil(seconds)),
        "retry-after-ms": str(math.ceil(seconds * 1000)),
    }


def wrong_key() -> ServiceError:
    """The key is not this resource's."""
    return gateway_error(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make "
        "sure to provide a valid key for an active subscription and use a correct "
        "regional API endpoint for your resource.",
    )


def missing_key() -> ServiceError:
    """Neither a key nor a token came with the request."""
    return gateway_error(
        401,
        "401",
        "Access denied due to a missing application credentials or subscription key. "
        "Make sure to provide a valid key for an active subscription.",
    )


def wrong_token() -> ServiceError:
    """The token is not valid here. This one body has no `error` around it."""
    return ServiceError(
        401,
        {
            "statusCode": 401,
            "message": "Unauthorized. Access token is missing, invalid, audience is "
            "incorrect (https://cognitiveservices.azure.com), or have expired.",
        },
    )
