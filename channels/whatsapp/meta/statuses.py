"""What became of a message we sent (1.8 of the facts)."""

from typing import Any

from channels.whatsapp.meta.errors import Refused, Then
from channels.whatsapp.meta.fields import Json, capped, count, listed, moment, obj, text, without_empty
from channels.whatsapp.meta.people import identity, is_somebody
from domain.conversations.inbound import AccountNews, Ignored, Inbound, MarketingChoice, StatusUpdate, Unknown

_KNOWN = frozenset({"sent", "delivered", "read", "played", "failed"})


def status_update(item: Json, payload: Json) -> Inbound:
    """A status of one of our messages; of a group's, the participant is the recipient."""
    own_id, status = text(payload.get("id"), 300), text(payload.get("status"), 40).lower()
    if not own_id or not status:
        return Unknown("status: no message or no status")
    if status not in _KNOWN:
        return Ignored(f"status: {status}")
    part = "recipient_participant" if payload.get("recipient_type") == "group" else "recipient"
    recipient = identity(payload.get(f"{part}_id"), payload.get(f"{part}_user_id"), obj(item.get("contact")))
    return StatusUpdate(
        provider_id=own_id,
        status=status,
        at=moment(payload.get("timestamp"), item.get("received_at")),
        outbound_id=text(payload.get("biz_opaque_callback_data"), 512),
        recipient=recipient,
        errors=errors(payload.get("errors")),
        pricing=capped(obj(payload.get("pricing"))),
    )


def consequences(update: StatusUpdate) -> tuple[Inbound, ...]:
    """What a late refusal asks for besides the message's own failure: the error table's remedies, as for an answer."""
    found: list[Inbound] = []
    for error in update.errors if update.status == "failed" else ():
        code = int(error.get("code", 0))
        detail = str(error.get("details") or error.get("title") or "")
        match Refused(code).rule.then:
            case Then.ALERT | Then.TEMPLATES as then:
                is_template = then is Then.TEMPLATES
                found.append(AccountNews("statuses", detail[:300], is_alert=True, refreshes_templates=is_template,
                                         refusal_code=code))  # fmt: skip
            case Then.MARKETING_STOPPED if is_somebody(update.recipient):
                found.append(MarketingChoice(update.recipient, wants_marketing=False, at=update.at))
    return tuple(found)


def errors(value: Any) -> tuple[dict[str, Any], ...]:
    """The provider's errors as code, title and details."""
    return tuple(_error(found) for found in listed(value)[:10] if isinstance(found, dict))


def _error(found: Json) -> dict[str, Any]:
    title = text(found.get("title"), 300) or text(found.get("message"), 300)
    details = text(obj(found.get("error_data")).get("details"), 500)
    return without_empty(code=count(found.get("code")), title=title, details=details)
