"""What is to be said, as bodies of Graph's `messages` call."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from channels.whatsapp import limits
from channels.whatsapp.markdown import to_whatsapp
from channels.whatsapp.media_types import CAPTIONED, sent_as
from channels.whatsapp.meta.errors import PROVIDER
from channels.whatsapp.splitting import as_choice
from domain.channels.dto import COUPON, COUPON_LIMIT
from domain.conversations.dto import Outgoing, TemplateCall
from domain.kernel.errors import PermanentFailure

_EMPTY_VALUE = "-"  # Graph refuses an empty parameter
_PREFIXES = ("header.", "button.", COUPON)


def message_body(
    outgoing: Outgoing, recipient: str, recipient_kind: str, outbound_id: UUID, media_id: str = ""
) -> dict[str, Any]:
    """The body for one message.

    Args:
        outgoing: What to say.
        recipient: A number or user id, as the provider delivered it.
        recipient_kind: `to` for a number; `recipient` for a user id, which Graph drops silently in `to`.
        outbound_id: Comes back in statuses as `biz_opaque_callback_data`.
        media_id: Of the uploaded file.

    Raises:
        PermanentFailure: It does not fit into one message (`too_long`), or says nothing (`empty`).
    """
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        recipient_kind: recipient,
        "biz_opaque_callback_data": str(outbound_id),
        **_content(outgoing, media_id),
    }
    if outgoing.reply_to and outgoing.reaction is None:
        body["context"] = {"message_id": outgoing.reply_to}
    return body


def _content(outgoing: Outgoing, media_id: str) -> dict[str, Any]:
    if outgoing.reaction is not None:
        reaction = {"message_id": outgoing.reply_to, "emoji": outgoing.reaction}
        return {"type": "reaction", "reaction": reaction}
    if outgoing.template is not None:
        file = _media(outgoing, "", media_id) if media_id else None
        return {"type": "template", "template": _template(outgoing.template, file)}
    shown = to_whatsapp(outgoing.text)
    if media_id:
        return _media(outgoing, shown, media_id)
    if outgoing.options:
        return _choice(outgoing, shown)
    return _text(shown)


def _text(shown: str) -> dict[str, Any]:
    if not shown:
        raise PermanentFailure(PROVIDER, "empty")
    if len(shown) > limits.TEXT:
        raise PermanentFailure(PROVIDER, "too_long")
    return {"type": "text", "text": {"body": shown, "preview_url": False}}


def _media(outgoing: Outgoing, shown: str, media_id: str) -> dict[str, Any]:
    kind = sent_as(outgoing.media_mime)
    file: dict[str, Any] = {"id": media_id}
    if shown and kind in CAPTIONED:
        if len(shown) > limits.CAPTION:
            raise PermanentFailure(PROVIDER, "too_long")
        file["caption"] = shown
    if kind == "document" and outgoing.file_name:
        file["filename"] = outgoing.file_name
    return {"type": kind, kind: file}


def _choice(outgoing: Outgoing, shown: str) -> dict[str, Any]:
    asked = as_choice(shown, outgoing)
    if isinstance(asked, limits.Numbered):
        return _text(asked.text)
    if asked.shape is limits.Shape.BUTTONS:
        buttons = [{"type": "reply", "reply": {"id": o.id, "title": o.title}} for o in asked.options]
        action: dict[str, Any] = {"buttons": buttons}
    else:
        action = {"button": asked.label, "sections": [{"rows": [_row(option) for option in asked.options]}]}
    return {"type": "interactive", "interactive": {"type": asked.shape, "body": {"text": asked.body}, "action": action}}


def _row(option: limits.Option) -> dict[str, str]:
    row = {"id": option.id, "title": option.title}
    return row | ({"description": option.description} if option.description else {})


def _template(call: TemplateCall, file: dict[str, Any] | None) -> dict[str, Any]:
    """A file is the header's one parameter; it has the shape of a message's file, without a caption."""
    body: dict[str, Any] = {"name": call.name, "language": {"code": call.language}}
    parts = {
        prefix: [(name.removeprefix(prefix), value) for name, value in call.parameters if _part(name) == prefix]
        for prefix in (*_PREFIXES, "")
    }
    components: list[dict[str, Any]] = [
        {"type": kind, "parameters": found}
        for kind, found in (
            ("header", [file] if file else _parameters(parts["header."])),
            ("body", _parameters(parts[""])),
        )
        if found
    ]
    for place, value in parts["button."]:
        components.append(_button("url", place, {"type": "text", "text": _one_line(value)}))
    for place, value in parts[COUPON]:
        components.append(_button("copy_code", place, {"type": "coupon_code", "coupon_code": _code(value)}))
    return body | ({"components": components} if components else {})


def _part(name: str) -> str:
    return next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")


def _button(kind: str, place: str, parameter: dict[str, str]) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": place, "parameters": [parameter]}


def _code(value: str) -> str:
    code = _one_line(value)
    if len(code) > COUPON_LIMIT:
        raise PermanentFailure(PROVIDER, "too_long")
    return code


def _parameters(given: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    is_named = any(not name.isdigit() for name, _ in given)
    ordered = given if is_named else sorted(given, key=lambda parameter: int(parameter[0]))
    return [
        {"type": "text", "text": _one_line(value)} | ({"parameter_name": name} if is_named else {})
        for name, value in ordered
    ]


def _one_line(value: str) -> str:
    """Graph refuses line breaks, tabs and long runs of spaces in a parameter."""
    return " ".join(value.split()) or _EMPTY_VALUE
