"""What is to be said, as a message's row keeps it."""

from collections.abc import Mapping
from typing import Any

from domain.conversations.dto import Option, Outgoing, TemplateCall
from domain.conversations.inbound import MessageKind
from domain.conversations.messages import REACTION
from domain.kernel.db import Row
from domain.kernel.errors import InvalidInput
from domain.kernel.text import clean_text

TEXT_LIMIT = 3500  # one message of WhatsApp's 4,096, with room for its marks and for who speaks
PIECE_LIMIT = 4096  # a piece that the splitter made fits as it is
PIECES_COUNT = 5  # of one reply: more is a document
_BY_MIME = {"image": MessageKind.IMAGE, "video": MessageKind.VIDEO, "audio": MessageKind.AUDIO}


def cleaned_text(outgoing: Outgoing, limit: int = TEXT_LIMIT) -> str:
    """The text as it is kept.

    Raises:
        InvalidInput: Nothing is left to say, or it is too long.
    """
    has_more = bool(outgoing.template or outgoing.media_path or outgoing.reaction is not None)
    text = clean_text(outgoing.text, field="text", limit=limit, is_required=not has_more)
    if outgoing.reaction is not None and not outgoing.reply_to:
        raise InvalidInput("text.required", field="reply_to")
    return text


def kind_of(outgoing: Outgoing) -> str:
    """What kind of message it is."""
    if outgoing.reaction is not None:
        return REACTION
    if outgoing.template is not None:
        return MessageKind.TEMPLATE.value
    if outgoing.media_path:
        return _BY_MIME.get(outgoing.media_mime.split("/")[0], MessageKind.DOCUMENT).value
    return (MessageKind.INTERACTIVE if outgoing.options else MessageKind.TEXT).value


def content_of(outgoing: Outgoing) -> dict[str, Any]:
    """What has no column of its own; nothing that is empty."""
    template = outgoing.template
    found: dict[str, Any] = {
        "options": [[option.id, option.title, option.description] for option in outgoing.options],
        "list_label": outgoing.list_label,
        "media_path": outgoing.media_path,
        "media_mime": outgoing.media_mime,
        "file_name": outgoing.file_name,
    }
    found = {name: value for name, value in found.items() if value}
    if template is not None:
        parameters = [list(pair) for pair in template.parameters]
        found["template"] = {"name": template.name, "language": template.language, "parameters": parameters}
    if outgoing.reaction is not None:
        found["reaction"] = outgoing.reaction
    return found


def outgoing_of(row: Row) -> Outgoing:
    """A message's row as what is to be said."""
    content: Mapping[str, Any] = row["content"]
    template = content.get("template")
    return Outgoing(
        text=row["body"],
        options=tuple(Option(*option) for option in content.get("options", ())),
        list_label=content.get("list_label", ""),
        template=_template(template) if template else None,
        media_path=content.get("media_path", ""),
        media_mime=content.get("media_mime", ""),
        file_name=content.get("file_name", ""),
        reply_to=row["reply_to_provider_id"] or "",
        reaction=content.get("reaction"),
    )


def _template(kept: Mapping[str, Any]) -> TemplateCall:
    return TemplateCall(kept["name"], kept["language"], tuple((name, value) for name, value in kept["parameters"]))
