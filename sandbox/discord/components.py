"""What Discord demands of a message's components, beyond what its published schema can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.discord.errors import FormErrors
from sandbox.discord.messages import SELECTS, Json, walk

ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 13, 14, 17
_V2_TOP = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
_V2_INNER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
LINK, PREMIUM = 5, 6
MAX_ROWS, MAX_COMPONENTS, MAX_TEXT = 5, 40, 4000


def check_components(components: list[Json], form: FormErrors, *, v2: bool) -> None:
    """Complain about everything that is wrong with the components of a message."""
    if not v2 and len(components) > MAX_ROWS:
        form.bad_length("components", 0, MAX_ROWS)
    allowed = _V2_TOP if v2 else (ROW,)
    for index, component in enumerate(components):
        _check_one(component, allowed, f"components.{index}", form)
    everything = list(walk(components))
    _check_custom_ids(components, form)
    if v2:
        _check_v2_totals(everything, form)


def _check_v2_totals(everything: list[Json], form: FormErrors) -> None:
    if len(everything) > MAX_COMPONENTS:
        form.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The maximum is 40 components.")
    if sum(len(c.get("content", "")) for c in everything if c.get("type") == TEXT) > MAX_TEXT:
        form.add(
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            "The text of all components exceeds 4000 characters.",
        )


def _check_custom_ids(components: list[Json], form: FormErrors) -> None:
    seen: set[str] = set()
    ids: set[int] = set()
    for component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id is not None:
            if custom_id in seen:
                text = "Component custom id cannot be duplicated"
                form.add("components", "COMPONENT_CUSTOM_ID_DUPLICATED", text)
            seen.add(custom_id)
        number = component.get("id") or 0
        if number and number in ids:
            form.add("components", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        ids.add(number)


def _check_one(component: Json, allowed: tuple[int, ...], path: str, form: FormErrors) -> None:
    kind = component.get("type")
    if kind not in allowed:
        form.choices(f"{path}.type", f"({', '.join(map(str, allowed))})")
        return
    checks: dict[int, Callable[[Json, str, FormErrors], None]] = {
        ROW: _check_row,
        BUTTON: check_button,
        SECTION: _check_section,
        TEXT: _check_text,
        GALLERY: _check_gallery,
        FILE: _check_file,
        CONTAINER: _check_container,
    }
    check = check_select if kind in SELECTS else checks.get(component["type"])
    if check is not None:
        check(component, path, form)


def _check_row(row: Json, path: str, form: FormErrors) -> None:
    inside = row.get("components") or []
    if not 1 <= len(inside) <= 5:
        form.bad_length(f"{path}.components", 1, 5)
        return
    selects = [c for c in inside if c.get("type") in SELECTS]
    if selects and len(inside) > 1:
        text = "The specified component exceeds the maximum width"
        form.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)
    for index, component in enumerate(inside):
        _check_one(component, (BUTTON, *SELECTS), f"{path}.components.{index}", form)


def check_button(button: Json, path: str, form: FormErrors) -> None:
    """Complain about a button: its face, and the one thing it does."""
    style: Any = button.get("style")
    if style not in range(1, 7):
        form.choices(f"{path}.style", "(1, 2, 3, 4, 5, 6)")
        return
    if len(button.get("label") or "") > 80:
        form.too_long(f"{path}.label", 80)
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        form.required(f"{path}.label")
    needed = {LINK: "url", PREMIUM: "sku_id"}.get(style, "custom_id")
    if not button.get(needed):
        form.required(f"{path}.{needed}")
    if style == LINK and button.get("custom_id"):
        text = "A custom id and url cannot both be specified"
        form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text)
    _check_custom_id(button, path, form)


def check_select(select: Json, path: str, form: FormErrors) -> None:
    """Complain about a menu: its options and how many may be chosen."""
    _check_custom_id(select, path, form)
    if not select.get("custom_id"):
        form.required(f"{path}.custom_id")
    if len(select.get("placeholder") or "") > 150:
        form.too_long(f"{path}.placeholder", 150)
    least, most = least_and_most(select)
    if not 0 <= least <= 25 or not 1 <= most <= 25 or least > most:
        form.add(f"{path}.min_values", "NUMBER_TYPE_RANGE", "min_values and max_values do not fit.")
    if select["type"] == 3:
        _check_options(select.get("options") or [], most, path, form)


def least_and_most(select: Json) -> tuple[int, int]:
    """Return how few and how many values a menu takes; both are 1 unless said."""
    least, most = select.get("min_values"), select.get("max_values")
    return (1 if least is None else least, 1 if most is None else most)


def _check_options(options: list[Json], most: int, path: str, form: FormErrors) -> None:
    if not 1 <= len(options) <= 25:
        form.bad_length(f"{path}.options", 1, 25)
    if most > len(options):
        text = "The number of options is less than max_values."
        form.add(f"{path}.options", "BASE_TYPE_BAD_LENGTH", text)
    values: set[Any] = set()
    for index, option in enumerate(options):
        where = f"{path}.options.{index}"
        for key, least in (("label", 1), ("value", 1), ("description", 0)):
            if not least <= len(option.get(key) or "") <= 100:
                form.bad_length(f"{where}.{key}", least, 100)
        if option.get("value") in values:
            text = "The specified option value is already used"
            form.add(f"{where}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
        values.add(option.get("value"))


def _check_section(section: Json, path: str, form: FormErrors) -> None:
    texts = section.get("components") or []
    if not 1 <= len(texts) <= 3:
        form.bad_length(f"{path}.components", 1, 3)
    for index, text in enumerate(texts):
        _check_one(text, (TEXT,), f"{path}.components.{index}", form)
    accessory = section.get("accessory")
    if accessory is None:
        form.required(f"{path}.accessory")
    else:
        _check_one(accessory, (BUTTON, THUMBNAIL), f"{path}.accessory", form)


def _check_text(text: Json, path: str, form: FormErrors) -> None:
    if not 1 <= len(text.get("content") or "") <= MAX_TEXT:
        form.bad_length(f"{path}.content", 1, MAX_TEXT)


def _check_gallery(gallery: Json, path: str, form: FormErrors) -> None:
    if not 1 <= len(gallery.get("items") or []) <= 10:
        form.bad_length(f"{path}.items", 1, 10)


def _check_file(file: Json, path: str, form: FormErrors) -> None:
    if not str((file.get("file") or {}).get("url", "")).startswith("attachment://"):
        form.add(f"{path}.file.url", "URL_TYPE_INVALID_SCHEME", "Only attachment:// is supported.")


def _check_container(container: Json, path: str, form: FormErrors) -> None:
    inside = container.get("components") or []
    if not inside:
        form.required(f"{path}.components")
    for index, component in enumerate(inside):
        _check_one(component, _V2_INNER, f"{path}.components.{index}", form)


def _check_custom_id(component: Json, path: str, form: FormErrors) -> None:
    if len(component.get("custom_id") or "") > 100:
        form.too_long(f"{path}.custom_id", 100)
