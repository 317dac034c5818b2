"""Rewrites what a bot sent into what Discord gives back: defaults filled in, attachments resolved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.discord.components import least_and_most
from sandbox.discord.messages import SELECTS, Attachment, Json, walk

_MEDIA = ("image", "thumbnail", "video")


def normal_components(components: list[Json], files: Iterable[Attachment]) -> list[Json]:
    """Return the components as Discord would answer them, every one with its id."""
    by_name = {file.filename: file for file in files}
    result = [_normal(component, by_name) for component in components]
    taken = {c["id"] for c in walk(result) if c.get("id")}
    number = 0
    for component in walk(result):
        if not component.get("id"):
            number += 1
            while number in taken:
                number += 1
            component["id"] = number
    return result


def _normal(raw: Json, files: dict[str, Attachment]) -> Json:
    component = {key: value for key, value in raw.items() if value is not None}
    component.setdefault("id", 0)
    kind = component["type"]
    if "components" in component:
        component["components"] = [_normal(inner, files) for inner in component["components"]]
    for slot in ("accessory", "component"):
        if slot in component:
            component[slot] = _normal(component[slot], files)
    if kind in SELECTS:
        component["min_values"], component["max_values"] = least_and_most(component)
        component.setdefault("disabled", False)
        component.pop("required", None)
    if kind == 3:
        component["options"] = [_option(option) for option in component.get("options", ())]
    if emoji := component.get("emoji"):
        component["emoji"] = {key: value for key, value in emoji.items() if value is not None}
    _add_media(component, raw, files)
    return component


def _option(raw: Json) -> Json:
    option = _without_nulls(raw)
    if emoji := option.get("emoji"):
        option["emoji"] = _without_nulls(emoji)
    return option


def _without_nulls(raw: Json) -> Json:
    return {key: value for key, value in raw.items() if value is not None}


def _add_media(component: Json, raw: Json, files: dict[str, Attachment]) -> None:
    kind = component["type"]
    if kind == 11:
        component |= _described(raw) | {"media": _media(raw["media"], files)}
    elif kind == 12:
        items = raw.get("items", ())
        component["items"] = [_described(i) | {"media": _media(i["media"], files)} for i in items]
    elif kind == 13:
        name = str(raw["file"]["url"]).removeprefix("attachment://")
        file = files.get(name)
        component |= {
            "file": _media(raw["file"], files),
            "name": name,
            "size": 0 if file is None else len(file.bytes),
            "spoiler": bool(raw.get("spoiler")),
        }
    elif kind == 14:
        component.setdefault("spacing", 1)
        component.setdefault("divider", True)
    elif kind == 17:
        component |= {"accent_color": raw.get("accent_color"), "spoiler": bool(raw.get("spoiler"))}


def _described(raw: Json) -> Json:
    return {"description": raw.get("description"), "spoiler": bool(raw.get("spoiler"))}


def _media(raw: Json, files: dict[str, Attachment]) -> Json:
    url = str(raw["url"])
    file = files.get(url.removeprefix("attachment://")) if url.startswith("attachment://") else None
    if file is None:
        return {"id": "0", "url": url, "proxy_url": url, "width": 0, "height": 0, "content_type": None}
    return {
        "id": str(file.id),
        "url": file.url,
        "proxy_url": file.url,
        "width": 640,
        "height": 480,
        "content_type": file.content_type,
        "attachment_id": str(file.id),
    }


def normal_embeds(embeds: list[Json], files: Iterable[Attachment]) -> list[Json]:
    """Return the embeds as Discord would answer them."""
    by_name = {file.filename: file for file in files}
    return [_embed(embed, by_name) for embed in embeds]


def _embed(raw: Json, files: dict[str, Attachment]) -> Json:
    embed: Json = {"type": "rich"}
    for key, value in raw.items():
        if value is None or value in ("", [], {}) or key in ("type", "flags"):
            continue
        if key in _MEDIA:
            url = _url(value.get("url"), files)
            embed[key] = {"url": url, "proxy_url": url, "width": 640, "height": 480, "flags": 0}
        elif key in ("author", "footer"):
            embed[key] = _with_icon(value, files)
        elif key == "fields":
            embed[key] = [{"name": f["name"], "value": f["value"], "inline": bool(f.get("inline"))} for f in value]
        else:
            embed[key] = value
    return embed


def _with_icon(raw: Json, files: dict[str, Attachment]) -> Json:
    part = {key: value for key, value in raw.items() if value is not None}
    if icon := part.get("icon_url"):
        part["icon_url"] = part["proxy_icon_url"] = _url(icon, files)
    return part


def _url(url: Any, files: dict[str, Attachment]) -> str:
    name = str(url)
    if name.startswith("attachment://") and (file := files.get(name.removeprefix("attachment://"))):
        return file.url
    return name
