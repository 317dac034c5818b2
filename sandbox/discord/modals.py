"""Modals: what Discord demands of one, and its fields as a person sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.discord.components import check_select, least_and_most
from sandbox.discord.errors import FormErrors
from sandbox.discord.messages import SELECTS, Json
from sandbox.discord.normalise import normal_components

ROW, TEXT_INPUT, TEXT, LABEL, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 1, 4, 10, 18, 19, 21, 22, 23
_INPUTS = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX)


@dataclass(frozen=True)
class ModalField:
    """One question of a modal."""

    label: str
    description: str
    custom_id: str
    component_type: int
    component_id: int
    required: bool
    min_count: int
    max_count: int
    options: tuple[Json, ...]
    value: str
    placeholder: str
    is_ticked: bool
    in_row: bool


def read_modal(data: Json, form: FormErrors) -> Json:
    """Complain about what is wrong with a modal and return it as Discord keeps it."""
    for key, most in (("custom_id", 100), ("title", 45)):
        if not 1 <= len(data.get(key) or "") <= most:
            form.bad_length(f"data.{key}", 1, most)
    components = data.get("components") or []
    if not 1 <= len(components) <= 5:
        form.bad_length("data.components", 1, 5)
    seen: set[str] = set()
    for index, component in enumerate(components):
        _check_top(component, f"data.components.{index}", form, seen)
    form.raise_if_any()
    return {
        "custom_id": data["custom_id"],
        "title": data["title"],
        "components": normal_components(components, ()),
    }


def _check_top(component: Json, path: str, form: FormErrors, seen: set[str]) -> None:
    kind = component.get("type")
    if kind == TEXT:
        return
    if kind == LABEL:
        if not 1 <= len(component.get("label") or "") <= 45:
            form.bad_length(f"{path}.label", 1, 45)
        if len(component.get("description") or "") > 100:
            form.too_long(f"{path}.description", 100)
        _check_input(component.get("component") or {}, f"{path}.component", form, seen)
    elif kind == ROW and len(component.get("components") or []) == 1:
        inner = component["components"][0]
        if not 1 <= len(inner.get("label") or "") <= 45:
            form.bad_length(f"{path}.components.0.label", 1, 45)
        _check_input(inner, f"{path}.components.0", form, seen)
    else:
        form.choices(f"{path}.type", f"({ROW}, {TEXT}, {LABEL})")


def _check_input(component: Json, path: str, form: FormErrors, seen: set[str]) -> None:
    kind, custom_id = component.get("type"), component.get("custom_id") or ""
    if kind not in _INPUTS:
        form.choices(f"{path}.type", f"({', '.join(map(str, _INPUTS))})")
        return
    if not 1 <= len(custom_id) <= 100:
        form.bad_length(f"{path}.custom_id", 1, 100)
    if custom_id in seen:
        text = "Component custom id cannot be duplicated"
        form.add(path, "COMPONENT_CUSTOM_ID_DUPLICATED", text)
    seen.add(custom_id)
    if kind in SELECTS:
        check_select(component, path, form)
    elif kind == TEXT_INPUT:
        _check_text_input(component, path, form)
    elif kind in (RADIO, CHECKBOXES):
        least = 2 if kind == RADIO else 1
        if not least <= len(component.get("options") or []) <= 10:
            form.bad_length(f"{path}.options", least, 10)


def _check_text_input(component: Json, path: str, form: FormErrors) -> None:
    if component.get("style") not in (1, 2):
        form.choices(f"{path}.style", "(1, 2)")
    if len(component.get("placeholder") or "") > 100:
        form.too_long(f"{path}.placeholder", 100)
    least, most = component.get("min_length") or 0, component.get("max_length") or 4000
    if least > most or most > 4000:
        form.add(f"{path}.min_length", "NUMBER_TYPE_RANGE", "min_length and max_length do not fit.")
    if len(component.get("value") or "") > most:
        form.too_long(f"{path}.value", most)


def fields_of(modal: Json) -> Iterator[ModalField]:
    """Yield the questions of a modal from top to bottom."""
    for top in modal["components"]:
        if top["type"] == LABEL:
            yield _field(top["component"], top["label"], top.get("description") or "", in_row=False)
        elif top["type"] == ROW:
            inner = top["components"][0]
            yield _field(inner, inner["label"], "", in_row=True)


def _field(raw: Json, label: str, description: str, *, in_row: bool) -> ModalField:
    least, most = _counts(raw)
    return ModalField(
        label=label,
        description=description,
        custom_id=raw["custom_id"],
        component_type=raw["type"],
        component_id=raw["id"],
        required=raw["type"] != CHECKBOX and raw.get("required", True) is not False,
        min_count=least,
        max_count=most,
        options=tuple(raw.get("options", ())),
        value=raw.get("value") or "",
        placeholder=raw.get("placeholder") or "",
        is_ticked=raw["type"] == CHECKBOX and raw.get("default") is True,
        in_row=in_row,
    )


def _counts(raw: dict[str, Any]) -> tuple[int, int]:
    kind = raw["type"]
    if kind == TEXT_INPUT:
        return raw.get("min_length") or 0, raw.get("max_length") or 4000
    if kind == CHECKBOXES:
        least = raw.get("min_values")
        return 1 if least is None else least, raw.get("max_values") or len(raw["options"])
    return least_and_most(raw)
