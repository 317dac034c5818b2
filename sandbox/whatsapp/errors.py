"""WhatsApp's refusals: what Graph answers, and what the phone app would not let a person do."""

from __future__ import annotations

import secrets
from typing import Any

_DOCS = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
_TITLES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    368: (403, "Temporarily blocked for policies violations"),
    2500: (404, "Unknown path components"),
    2635: (400, "You are calling a deprecated version of the API"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country."),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name approval needed"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131060: (400, "This message is unavailable"),
    131062: (400, "Business-scoped user ID recipients are not supported for this message"),
    131063: (400, "Marketing templates through Cloud API are disabled"),
    131064: (400, "Messaging limit reached"),
    132000: (400, "Template Param Count Mismatch"),
    132001: (404, "Template does not exist"),
    132005: (400, "Template Hydrated Text Too Long"),
    132007: (400, "Template Format Character Policy Violated"),
    132012: (400, "Template Parameter Format Mismatch"),
    132015: (400, "Template is Paused"),
    132016: (400, "Template is Disabled"),
    132068: (400, "Flow is in blocked state"),
    132069: (400, "Flow is in throttled state"),
    133004: (503, "Server Temporarily Unavailable"),
    133010: (400, "Phone number Not Registered"),
    133016: (400, "Account register deregister rate limit exceeded"),
}


class ClientRefusal(Exception):
    """A person tried something that the real phone app does not offer."""


class VerificationRefused(Exception):
    """A callback address did not echo the challenge of the verification handshake."""


class GraphError(Exception):
    """An error answer of the Graph API; decide on `code`, and read `details` for what exactly was wrong."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None, status: int | None = None) -> None:
        super().__init__(f"{code} {details}")
        self.code, self.details, self.subcode = code, details, subcode
        self.status = _TITLES.get(code, (400, ""))[0] if status is None else status

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that Graph answers."""
        message = self.details if self.code == 190 and self.details else f"(#{self.code}) {title(self.code)}"
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def title(code: int) -> str:
    """Return what Meta calls an error."""
    return _TITLES.get(code, (400, "Unknown error"))[1]


def webhook_error(code: int, details: str = "") -> dict[str, Any]:
    """Return an error as it stands inside a status."""
    name = title(code)
    return {"code": code, "title": name, "message": name, "error_data": {"details": details or name}, "href": _DOCS}
