"""Message templates: what Meta approved, and how a call fills one in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.state import Button, Json

MAX_BODY = 1024
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_REFUSALS = {"PAUSED": 132015, "DISABLED": 132016}
_NO_TEXT = ("image", "video", "document", "location")
MAX_COUPON = 15


@dataclass(eq=False, kw_only=True)
class Template:
    """A template of an account. Texts hold `{{1}}`, `{{2}}` or named places such as `{{order}}`, never both.

    `header_format` is "", "TEXT", "IMAGE", "VIDEO", "DOCUMENT" or "LOCATION"; `buttons` have kind quick_reply, url,
    copy_code or flow.
    """

    id: str
    name: str
    language: str
    body: str
    status: str = "APPROVED"
    category: str = "UTILITY"
    header: str = ""
    header_format: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    quality: str = "GREEN"

    def __post_init__(self) -> None:
        self._places = tuple(dict.fromkeys(_PLACE.findall(self.body)))
        self._header_places = tuple(dict.fromkeys(_PLACE.findall(self.header)))
        if self.header and not self.header_format:
            self.header_format = "TEXT"

    @property
    def is_named(self) -> bool:
        """Whether its places have names."""
        return any(not place.isdigit() for place in (*self._places, *self._header_places))

    def described(self) -> Json:
        """Return it as `GET /{waba_id}/message_templates` lists it."""
        components: list[Json] = []
        if self.header_format:
            text = {"text": self.header} if self.header_format == "TEXT" else {}
            components.append({"type": "HEADER", "format": self.header_format, **text})
        components.append({"type": "BODY", "text": self.body})
        if self.footer:
            components.append({"type": "FOOTER", "text": self.footer})
        if self.buttons:
            components.append({"type": "BUTTONS", "buttons": [_button(button) for button in self.buttons]})
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": "NAMED" if self.is_named else "POSITIONAL",
            "components": components,
            "quality_score": {"score": self.quality},
        }

    def filled(self, components: list[Any]) -> Filled:
        """Return what a phone shows for the components of a call.

        Raises:
            GraphError: 132015 or 132016 for its status, 132001 when it is not approved, 132000 for a wrong count of
                parameters, 132012 for wrong ones, 132005 for a text that grew too long.
        """
        if self.status != "APPROVED":
            raise GraphError(_REFUSALS.get(self.status, 132001), f"template {self.name} is {self.status}")
        given = _sorted(components)
        file = self._header_file(given["header"])
        header = "" if file else _fill(self.header, self._header_places, given["header"])
        body = _fill(self.body, self._places, given["body"])
        if len(body) > MAX_BODY:
            raise GraphError(132005, f"the body has {len(body)} characters, at most {MAX_BODY}")
        return Filled(header, body, self.footer, self._pressable(given["button"]), file)

    def _header_file(self, parameters: list[Json]) -> Json | None:
        """The one parameter of a header that is no text; Graph names what it wanted and what it got."""
        wanted = self.header_format.lower()
        if wanted not in _NO_TEXT:
            return None
        kinds = [str(parameter.get("type")) for parameter in parameters]
        if kinds != [wanted]:
            received = kinds[0].upper() if kinds else "UNKNOWN"
            raise GraphError(132012, f"header: Format mismatch, expected {self.header_format}, received {received}")
        return parameters[0]

    def _pressable(self, given: list[Json]) -> tuple[Button, ...]:
        by_index: dict[int, Json] = {}
        for component in given:
            index = component.get("index", "0")
            if not str(index).isdigit() or int(index) >= len(self.buttons):
                raise GraphError(132012, f"buttons: there is no button at index {index}")
            by_index[int(index)] = component
        return tuple(_pressable(button, i, by_index.get(i)) for i, button in enumerate(self.buttons))


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its parameters in place; `file` is the header's parameter where it is no text, unchecked."""

    header: str
    body: str
    footer: str
    buttons: tuple[Button, ...]
    file: Json | None = None


def _button(button: Button) -> Json:
    return {"type": button.kind.upper(), "text": button.title} | ({"url": button.url} if button.url else {})


def _sorted(components: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"header": [], "body": [], "button": []}
    for component in components:
        kind = component.get("type") if isinstance(component, dict) else None
        if not isinstance(kind, str) or kind.lower() not in found:
            raise GraphError(100, "template['components']: unknown component")
        parameters = component.get("parameters", [])
        if not isinstance(parameters, list) or not all(isinstance(one, dict) for one in parameters):
            raise GraphError(100, "template['components']: parameters must be an array of objects")
        if kind.lower() == "button":
            found["button"].append(component)
        else:
            found[kind.lower()] = parameters
    return found


def _fill(text: str, places: tuple[str, ...], parameters: list[Json]) -> str:
    if len(parameters) != len(places):
        raise GraphError(
            132000,
            f"number of localizable_params ({len(parameters)}) does not match the expected number of params "
            f"({len(places)})",
        )
    values: dict[str, str] = {}
    for place, parameter in zip(places, parameters, strict=True):
        name = place if place.isdigit() else parameter.get("parameter_name")
        value = parameter.get("text")
        if parameter.get("type") != "text" or not isinstance(value, str) or not value or name not in places:
            raise GraphError(132012, f"parameter for {{{{{place}}}}} does not fit")
        values[str(name)] = value
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def _pressable(button: Button, index: int, component: Json | None) -> Button:
    parameters = (component or {}).get("parameters") or [{}]
    if button.kind == "quick_reply":
        return Button(str(parameters[0].get("payload", button.title)), button.title, "quick_reply")
    name = {"copy_code": "CopyCode", "url": "Url"}.get(button.kind, "")
    if component is None and (button.kind == "copy_code" or "{{1}}" in button.url):
        raise GraphError(131008, f"buttons: Button at index {index} of type {name} requires a parameter")
    if button.kind == "copy_code":
        return Button(_coupon(index, component or {}, parameters), button.title, button.kind)
    if "{{1}}" in button.url:
        url = button.url.replace("{{1}}", str(parameters[0].get("text", "")))
        return Button(button.id, button.title, button.kind, url)
    return button


def _coupon(index: int, component: Json, parameters: list[Json]) -> str:
    code = parameters[0].get("coupon_code")
    is_coupon = str(component.get("sub_type")).lower() == "copy_code" and parameters[0].get("type") == "coupon_code"
    if not is_coupon or len(parameters) != 1 or not isinstance(code, str) or not code:
        raise GraphError(132012, f"buttons: Button at index {index} takes one coupon_code")
    if len(code) > MAX_COUPON:
        raise GraphError(131009, f"buttons: the coupon code at index {index} is longer than {MAX_COUPON} characters")
    return code
