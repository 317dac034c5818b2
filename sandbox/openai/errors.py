"""OpenAI's refusals, in its own shape and words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error answer of the API."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.body: dict[str, Any] = error_body(message, param=param, code=code, kind=kind)


def error_body(message: str, *, param: str | None = None, code: str | None = None, kind: str) -> dict[str, Any]:
    """Return the body of an error answer."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def bad(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """Return a 400."""
    return ApiError(400, message, param=param, code=code)


def wrong_key(header: str | None) -> ApiError:
    """Return the 401 for an absent or unknown key; the key itself is masked, as there."""
    if not header or not header.startswith("Bearer "):
        text = "You didn't provide an API key. You need to provide your API key in an Authorization header"
        return ApiError(401, f"{text} using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")
    key = header.removeprefix("Bearer ")
    shown = key if len(key) < 9 else f"{key[:4]}{'*' * (len(key) - 8)}{key[-4:]}"
    return ApiError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def no_such_model(name: object) -> ApiError:
    """Return the 404 for a model that does not exist."""
    text = f"The model `{name}` does not exist or you do not have access to it."
    return ApiError(404, text, code="model_not_found")


def missing(param: str) -> ApiError:
    """Return the 400 for a parameter that must be there."""
    return bad(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def unknown(param: str) -> ApiError:
    """Return the 400 for a parameter that the API does not know."""
    return bad(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


def unparsable() -> ApiError:
    """Return the 400 for a body that is no JSON."""
    text = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP"
    return bad(f"{text} library correctly. The OpenAI API expects a JSON payload.)")
