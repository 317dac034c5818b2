"""What Meta says about the account, the number and the templates: one plain line each, and whether to act."""

from collections.abc import Callable
from typing import Any

from channels.whatsapp.meta.fields import Json, listed, obj, text, without_empty
from channels.whatsapp.meta.statuses import errors
from domain.conversations.inbound import AccountNews, Ignored, Inbound, Unknown

_ACCOUNT_EVENTS = {
    "ACCOUNT_RESTRICTION": ("Meta restricted the WhatsApp account", True),
    "ACCOUNT_VIOLATION": ("Meta found a policy violation in the WhatsApp account", True),
    "ACCOUNT_OFFBOARDED": ("the WhatsApp account was disconnected from the app", True),
    "ACCOUNT_DELETED": ("the WhatsApp account was deleted", True),
    "DISABLED_UPDATE": ("the state of the WhatsApp account's ban changed", True),
    "PARTNER_REMOVED": ("the WhatsApp account is no longer shared with the app", True),
    "PARTNER_APP_UNINSTALLED": ("the app was uninstalled from the WhatsApp account", True),
    "ACCOUNT_RECONNECTED": ("the WhatsApp account is connected again", False),
    "VOLUME_BASED_PRICING_TIER_UPDATE": ("the price tier changed", False),
}
_BAD_TEMPLATE_EVENTS = frozenset({"REJECTED", "PAUSED", "DISABLED", "FLAGGED", "LOCKED", "LIMIT_EXCEEDED"})
_BAD_NUMBER_EVENTS = frozenset({"FLAGGED", "DOWNGRADE"})
_QUIET = frozenset({
    "account_review_update", "account_settings_update", "business_capability_update", "business_status_update",
    "flows", "message_template_components_update", "messaging_handovers", "partner_solutions",
    "payment_configuration_update", "phone_number_settings", "business_username_updates",
})  # fmt: skip
_IGNORED = frozenset({
    "automatic_events", "calls", "group_lifecycle_update", "group_participants_update", "group_settings_update",
    "group_status_update", "message_echoes", "standby", "tracking_events",
})  # fmt: skip


def news(field: str, value: Json) -> Inbound:
    """One line about a field that concerns no conversation; a field we do not know is `Unknown`."""
    if field in _IGNORED:
        return Ignored(f"{field}: nothing to do")
    reader = _READERS.get(field)
    if reader is not None:
        summary, is_alert = reader(value)
    elif field in _QUIET:
        summary, is_alert = f"{field.replace('_', ' ')}: {_facts(value)}", False
    else:
        return Unknown(f"field {field}")
    return AccountNews(field, summary[:500].strip(" :"), is_alert, "template" in field)


def error_news(field: str, value: Any) -> Inbound:
    """Errors that Meta reports outside of a message; a refusal to share history is nobody's fault."""
    found = errors(value)
    told = "; ".join(f"{e.get('code', '')} {e.get('details') or e.get('title', '')}".strip() for e in found)
    if field == "history":
        return AccountNews(field, f"the phone app's history was not shared: {told}"[:500], is_alert=False)
    return AccountNews(field, f"WhatsApp reports an error: {told}"[:500], is_alert=True)


def _account(value: Json) -> tuple[str, bool]:
    event = text(value.get("event"), 60)
    told, is_alert = _ACCOUNT_EVENTS.get(event, (f"account update {event}", False))
    reasons = [
        text(obj(value.get("violation_info")).get("violation_type"), 100),
        text(obj(value.get("disconnection_info")).get("reason"), 100),
        text(obj(value.get("ban_info")).get("waba_ban_state"), 100),
        *(text(obj(found).get("restriction_type"), 100) for found in listed(value.get("restriction_info"))[:5]),
    ]
    return _told(told, *reasons), is_alert


def _template_status(value: Json) -> tuple[str, bool]:
    event, reason = text(value.get("event"), 40), text(value.get("reason"), 100)
    why = text(obj(value.get("rejection_info")).get("reason"), 300) or ("" if reason == "NONE" else reason)
    return _told(f"template {_template(value)} is {event.lower()}", why), event in _BAD_TEMPLATE_EVENTS


def _template_quality(value: Json) -> tuple[str, bool]:
    score = text(value.get("new_quality_score"), 20)
    return f"the quality of template {_template(value)} is {score.lower()} now", score == "RED"


def _template_category(value: Json) -> tuple[str, bool]:
    category = text(value.get("new_category") or value.get("correct_category"), 40).lower()
    return f"template {_template(value)} counts as {category} now", False


def _number_quality(value: Json) -> tuple[str, bool]:
    event, limit = text(value.get("event"), 40), text(value.get("current_limit"), 40)
    phone = text(value.get("display_phone_number"), 40)
    return _told(f"number {phone}: quality {event.lower()}", limit and f"limit {limit}"), event in _BAD_NUMBER_EVENTS


def _number_name(value: Json) -> tuple[str, bool]:
    decision = text(value.get("decision"), 40)
    name = text(value.get("requested_verified_name"), 100)
    return f"the display name “{name}” is {decision.lower()}", decision == "REJECTED"


def _account_alert(value: Json) -> tuple[str, bool]:
    severity = text(value.get("alert_severity"), 40)
    told = text(value.get("alert_description"), 400) or text(value.get("alert_type"), 100)
    return f"account alert: {told}", severity != "INFORMATIONAL"


def _security(value: Json) -> tuple[str, bool]:
    event = text(value.get("event"), 60).lower().replace("_", " ")
    return f"number {text(value.get('display_phone_number'), 40)}: {event}", True


def _template(value: Json) -> str:
    name, language = text(value.get("message_template_name"), 100), text(value.get("message_template_language"), 20)
    return f"{name} ({language})"


def _told(what: str, *reasons: str) -> str:
    found = ", ".join(reason for reason in reasons if reason)
    return f"{what}: {found}" if found else what


def _facts(value: Json) -> str:
    facts = without_empty(**{text(key, 40): text(inner, 100) for key, inner in list(value.items())[:8]})
    return ", ".join(f"{name.replace('_', ' ')} {fact}" for name, fact in facts.items())


_READERS: dict[str, Callable[[Json], tuple[str, bool]]] = {
    "account_update": _account,
    "account_alerts": _account_alert,
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _template_category,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "security": _security,
}
