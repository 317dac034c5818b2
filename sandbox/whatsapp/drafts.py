"""What a call wants to send, checked against every limit, before it becomes a message."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.whatsapp import media_rules
from sandbox.whatsapp.checks import a_list, a_text, an_object, known_keys
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Button, Json, Media, Row

MAX_TEXT = 4096
_TEXT = frozenset({"body", "preview_url"})
_MEDIA = frozenset({"id", "link", "caption", "filename", "voice", "provider"})
_REACTION = frozenset({"message_id", "emoji"})
_TEMPLATE = frozenset({"name", "language", "components", "namespace"})
_PLACE = frozenset({"latitude", "longitude", "name", "address"})
_CAPTIONED = ("image", "video", "document")
_HEADER_FILE = {
    "image": frozenset({"id", "link"}),
    "video": frozenset({"id", "link"}),
    "document": frozenset({"id", "link", "filename"}),
}


@dataclass(slots=True, kw_only=True)
class Draft:
    """A checked message that has no recipient yet."""

    kind: str
    text: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    rows: tuple[Row, ...] = ()
    list_button: str = ""
    media: Media | None = None
    link: str = ""
    filename: str = ""
    template: str = ""
    category: str = "service"
    target_id: str = ""


def text(value: object) -> Draft:
    """Check a text."""
    content = an_object("text", value)
    known_keys("text", content, _TEXT)
    return Draft(kind="text", text=a_text("text['body']", content.get("body"), MAX_TEXT, code=100))


def reaction(value: object) -> Draft:
    """Check a reaction; an empty emoji takes one back."""
    content = an_object("reaction", value)
    known_keys("reaction", content, _REACTION)
    target = a_text("reaction['message_id']", content.get("message_id"), 512)
    emoji = content.get("emoji")
    if not isinstance(emoji, str):
        raise GraphError(131008, "The parameter reaction['emoji'] is required.")
    if len(emoji) > 16 or (emoji.isascii() and emoji):
        raise GraphError(131009, "Param reaction['emoji'] must be a single emoji")
    return Draft(kind="reaction", text=emoji, target_id=target)


def file(number: Number, kind: str, value: object) -> Draft:
    """Check a file by id or link."""
    content = an_object(kind, value)
    known_keys(kind, content, _MEDIA)
    if ("caption" in content and kind not in _CAPTIONED) or ("filename" in content and kind != "document"):
        raise GraphError(100, f'Unexpected key "caption" or "filename" on param "{kind}"')
    caption = a_text(f"{kind}['caption']", content.get("caption"), media_rules.MAX_CAPTION, code=100, is_optional=True)
    media, link = source(number, kind, content)
    name = a_text(f"{kind}['filename']", content.get("filename"), 240, is_optional=True)
    return Draft(kind=kind, text=caption, media=media, link=link, filename=name)


def source(number: Number, kind: str, content: Json) -> tuple[Media | None, str]:
    """Return the file or the link of a media object; exactly one has to be there."""
    if ("id" in content) is ("link" in content):
        raise GraphError(131008 if "id" not in content else 100, f"{kind}: either id or link has to be provided")
    if "link" in content:
        link = a_text(f"{kind}['link']", content["link"], 2048)
        if not link.startswith(("http://", "https://")):
            raise GraphError(100, f"Param {kind}['link'] is not a valid URI.")
        return None, link
    media = number.world.live_media(content["id"], {number.account})
    if media is None:
        raise GraphError(131009, f"{kind}: Media ID is not valid or has expired")
    media_rules.check(kind, media.mime_type, len(media.data), is_animated=media.is_animated)
    return media, ""


def template(number: Number, value: object) -> Draft:
    """Check a template and fill it in."""
    content = an_object("template", value)
    known_keys("template", content, _TEMPLATE)
    name = a_text("template['name']", content.get("name"), 512)
    language = an_object("template['language']", content.get("language")).get("code")
    code = a_text("template['language']['code']", language, 20)
    found = next((t for t in number.account.templates if t.name == name and t.language == code), None)
    if found is None:
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    components = content.get("components")
    filled = found.filled([] if components is None else a_list("template['components']", components or None))
    draft = Draft(
        kind="template",
        text=filled.body,
        header=filled.header,
        footer=filled.footer,
        buttons=filled.buttons,
        template=name,
        category=found.category.lower(),
    )
    if filled.file is not None:
        _header_file(number, str(filled.file["type"]), filled.file, draft)
    return draft


def _header_file(number: Number, kind: str, parameter: Json, draft: Draft) -> None:
    """A template's header takes what a message of its kind takes, but no caption, and of papers only PDF."""
    if kind == "location":
        draft.header = location(parameter.get(kind)).text
        return
    content = an_object(f"header['{kind}']", parameter.get(kind))
    known_keys(f"header['{kind}']", content, _HEADER_FILE[kind])
    draft.media, draft.link = source(number, kind, content)
    draft.filename = a_text(f"header['{kind}']['filename']", content.get("filename"), 240, is_optional=True)
    if kind == "document" and draft.media is not None and draft.media.mime_type != "application/pdf":
        raise GraphError(131053, f"header: {draft.media.mime_type} is not application/pdf")
    draft.header = " ".join(filter(None, (f"({kind}", draft.filename))) + ")"


def location(value: object) -> Draft:
    """Check a place."""
    content = an_object("location", value)
    known_keys("location", content, _PLACE)
    for key, most in (("latitude", 90), ("longitude", 180)):
        try:
            degrees = float(content[key])
        except KeyError:
            raise GraphError(131008, f"The parameter location['{key}'] is required.") from None
        except (TypeError, ValueError):
            raise GraphError(100, f"Param location['{key}'] must be a number") from None
        if abs(degrees) > most:
            raise GraphError(131009, f"location['{key}'] is out of range")
    return Draft(kind="location", text=str(content.get("name") or f"{content['latitude']}, {content['longitude']}"))


def contacts(value: object) -> Draft:
    """Check contact cards."""
    names: list[str] = []
    for i, card in enumerate(a_list("contacts", value)):
        name = an_object(f"contacts[{i}]['name']", an_object(f"contacts[{i}]", card).get("name"))
        names.append(a_text(f"contacts[{i}]['name']['formatted_name']", name.get("formatted_name"), 512))
    return Draft(kind="contacts", text=", ".join(names))
