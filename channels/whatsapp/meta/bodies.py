"""What stands in a message, by its type."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from channels.whatsapp.meta.fields import TEXT_LIMIT, Json, capped, count, listed, number, obj, text, without_empty
from domain.conversations.inbound import MediaRef, MessageKind

_MEDIA = {"image", "video", "document", "audio", "sticker"}
_FLOW_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a message that depend on its type."""

    kind: MessageKind
    text: str = ""
    media: MediaRef | None = None
    choice_id: str = ""
    content: dict[str, Any] = field(default_factory=dict)


def body_of(kind: str, payload: Json) -> Body:
    """Read a message's body; a type without a shape we know is `UNSUPPORTED` and keeps its name."""
    part = payload.get(kind)
    if kind in _MEDIA:
        return _media(kind, obj(part))
    if kind == "contacts":
        return Body(MessageKind.CONTACTS, content={"cards": [_card(obj(card)) for card in listed(part)[:20]]})
    if kind == "request_welcome":
        return Body(MessageKind.WELCOME)
    reader = _READERS.get(kind)
    return reader(obj(part)) if reader is not None and obj(part) else _unsupported(kind, payload)


def _unsupported(kind: str, payload: Json) -> Body:
    """Polls, view-once and what comes next; 131060 is typical of the first contact from an ad: never dropped."""
    inner = text(obj(payload.get("unsupported")).get("type"), 40)
    return Body(MessageKind.UNSUPPORTED, content=without_empty(type=inner or ("" if kind == "unsupported" else kind)))


def _text(part: Json) -> Body:
    return Body(MessageKind.TEXT, text=text(part.get("body"), TEXT_LIMIT))


def _media(kind: str, part: Json) -> Body:
    own_id, url = text(part.get("id"), 200), text(part.get("url"), 2000)
    if not own_id and not url:
        return Body(MessageKind.UNSUPPORTED, content={"type": kind})
    is_voice = kind == "audio" and part.get("voice") is True
    media = MediaRef(
        provider_id=own_id,
        mime=text(part.get("mime_type"), 100).lower(),
        sha256=text(part.get("sha256"), 100),
        file_name=text(part.get("filename"), 200),
        url=url,
    )
    content = {"animated": True} if part.get("animated") is True else {}
    found = MessageKind.VOICE if is_voice else MessageKind(kind)
    return Body(found, text=text(part.get("caption"), TEXT_LIMIT), media=media, content=content)


def _location(part: Json) -> Body:
    place = without_empty(
        latitude=number(part.get("latitude")),
        longitude=number(part.get("longitude")),
        name=text(part.get("name"), 300),
        address=text(part.get("address"), 500),
        url=text(part.get("url"), 1000),
    )
    return Body(MessageKind.LOCATION, content={"place": place})


def _card(card: Json) -> dict[str, Any]:
    name = obj(card.get("name"))  # may be missing
    spoken = text(name.get("formatted_name"), 200) or text(name.get("first_name"), 200)
    phones = [obj(phone) for phone in listed(card.get("phones"))[:5]]
    numbers = [found for phone in phones if (found := text(phone.get("phone") or phone.get("wa_id"), 40))]
    emails = [found for email in listed(card.get("emails"))[:5] if (found := text(obj(email).get("email"), 200))]
    return without_empty(name=spoken, phones=numbers, emails=emails)


def _button(part: Json) -> Body:
    """A template's button; it may come without a context."""
    title = text(part.get("text"), 300)
    return Body(MessageKind.CHOICE, text=title, choice_id=text(part.get("payload"), 300) or title)


def _interactive(part: Json) -> Body:
    kind = text(part.get("type"), 40)
    inner = obj(part.get(kind))
    if kind in ("button_reply", "list_reply"):
        content = without_empty(description=text(inner.get("description"), 300))
        title = text(inner.get("title"), 300)
        return Body(MessageKind.CHOICE, text=title, choice_id=text(inner.get("id"), 300) or title, content=content)
    if kind == "nfm_reply":
        answers = _flow_answers(inner.get("response_json"))
        content = without_empty(answers=answers, name=text(inner.get("name"), 100))
        return Body(MessageKind.FLOW_ANSWER, text=text(inner.get("body"), TEXT_LIMIT), content=content)
    return Body(MessageKind.UNSUPPORTED, content={"type": kind or "interactive"})


def _flow_answers(value: Any) -> dict[str, Any]:
    """A Flow's answers: a JSON string, usually of an object."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if len(value) <= _FLOW_LIMIT else value
        except ValueError:
            value = text(value)
    answers = capped(value)
    return answers if isinstance(answers, dict) else without_empty(value=answers)


def _order(part: Json) -> Body:
    items = [_line(obj(line)) for line in listed(part.get("product_items"))[:50]]
    content = {"order": without_empty(catalog_id=text(part.get("catalog_id"), 100), items=items)}
    return Body(MessageKind.ORDER, text=text(part.get("text"), TEXT_LIMIT), content=content)


def _line(line: Json) -> dict[str, Any]:
    return without_empty(
        id=text(line.get("product_retailer_id"), 200),
        quantity=count(line.get("quantity")),  # a number or a string
        price=text(line.get("item_price"), 40),
        currency=text(line.get("currency"), 10),
    )


_READERS: dict[str, Callable[[Json], Body]] = {
    "text": _text,
    "location": _location,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
}
