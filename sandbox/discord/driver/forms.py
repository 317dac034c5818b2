"""Filling in a modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.discord import modals
from sandbox.discord.driver.controls import pick_values
from sandbox.discord.driver.options import as_upload
from sandbox.discord.driver.reply import ModalView, Reply
from sandbox.discord.driver.resolved import Resolved
from sandbox.discord.driver.session import perform
from sandbox.discord.driver.shown import shown
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.interactions import InteractionKind
from sandbox.discord.messages import SELECTS, Json, Select
from sandbox.discord.modals import ModalField
from sandbox.discord.state import User
from sandbox.discord.world import World


async def submit(world: World, user: User, opened: Reply, values: Mapping[str, Any], timeout_s: float) -> Reply:
    """Fill in the modal of a reply and send it."""
    modal, origin = opened.modal, opened.interaction
    if modal is None or origin.user is not user:
        raise ClientRefusal(f"no modal is open for {user.username}")
    form = FormFiller(world, origin.channel, user)
    data = form.fill(modal, values)
    interaction = world.interactions.open(InteractionKind.MODAL, user, origin.channel)
    interaction.message = origin.message
    interaction.origin_metadata = origin.metadata()
    text = ", ".join(f"{name}: {shown(value)}" for name, value in values.items())
    return await perform(world, interaction, data, timeout_s, "submit", f"{modal.title} ({text})")


class FormFiller:
    """Turns what a person filled in into modal data."""

    def __init__(self, world: World, channel: Any, user: User) -> None:
        self._world = world
        self._channel = channel
        self._user = user
        self._resolved = Resolved(channel.guild, user)

    def fill(self, modal: ModalView, values: Mapping[str, Any]) -> Json:
        """Return the data of the submission.

        Raises:
            ClientRefusal: an unknown field, a missing required one, or a value that does not fit.
        """
        unknown = [n for n in values if not any(n in (f.label, f.custom_id) for f in modal.fields)]
        if unknown:
            raise ClientRefusal(f"no fields {unknown}; there are {[field.label for field in modal.fields]}")
        by_id = {field.custom_id: self._answer(field, _given(field, values)) for field in modal.fields}
        data: Json = {
            "custom_id": modal.custom_id,
            "components": [self._wrap(top, by_id) for top in modal.components],
        }
        if self._resolved.json:
            data["resolved"] = self._resolved.json
        return data

    def _wrap(self, top: Json, answers: Mapping[str, Json]) -> Json:
        shell: Json = {"type": top["type"], "id": top["id"]}
        if top["type"] == modals.LABEL:
            return shell | {"component": answers[top["component"]["custom_id"]]}
        if top["type"] == modals.ROW:
            return shell | {"components": [answers[top["components"][0]["custom_id"]]]}
        return shell

    def _answer(self, field: ModalField, value: Any) -> Json:
        answer: Json = {
            "type": field.component_type,
            "id": field.component_id,
            "custom_id": field.custom_id,
        }
        if field.component_type == modals.TEXT_INPUT:
            return answer | {"value": _text(field, value)}
        if field.component_type == modals.CHECKBOX:
            return answer | {"value": bool(value)}
        if field.component_type == modals.RADIO:
            return answer | {"value": _radio(field, value)}
        chosen = [value] if value is not None and not isinstance(value, list | tuple) else list(value or ())
        if isinstance(value, tuple) and field.component_type == modals.FILE_UPLOAD:
            chosen = [value]
        return answer | {"values": self._several(field, chosen)}

    def _several(self, field: ModalField, chosen: Sequence[Any]) -> list[str]:
        if not chosen:
            if field.required and field.min_count > 0:
                raise ClientRefusal(f"{field.label!r} is required")
            return []
        if field.component_type == modals.FILE_UPLOAD:
            _count(field, len(chosen))
            store = self._world.posting.store
            files = [store(self._channel.id, as_upload(file), ephemeral=True) for file in chosen]
            return [self._resolved.add(file) for file in files]
        if field.component_type == modals.CHECKBOXES:
            _count(field, len(chosen))
            return [_offered(field, value) for value in chosen]
        return pick_values(_as_select(field), chosen, self._resolved, self._user)


def _given(field: ModalField, values: Mapping[str, Any]) -> Any:
    for name in (field.custom_id, field.label):
        if name in values:
            return values[name]
    if field.component_type == modals.TEXT_INPUT:
        return field.value
    if field.component_type == modals.CHECKBOX:
        return field.is_ticked
    defaults = [option["value"] for option in field.options if option.get("default")]
    if field.component_type == modals.RADIO:
        return defaults[0] if defaults else None
    return defaults


def _text(field: ModalField, value: Any) -> str:
    if not isinstance(value, str):
        raise ClientRefusal(f"{field.label!r} takes a text, not {value!r}")
    if not value:
        if field.required:
            raise ClientRefusal(f"{field.label!r} is required")
        return value
    if not field.min_count <= len(value) <= field.max_count:
        limits = f"{field.min_count} to {field.max_count}"
        raise ClientRefusal(f"{field.label!r} takes {limits} characters, not {len(value)}")
    return value


def _radio(field: ModalField, value: Any) -> str | None:
    if value is None:
        if field.required:
            raise ClientRefusal(f"{field.label!r} is required")
        return None
    return _offered(field, value)


def _offered(field: ModalField, value: Any) -> str:
    for option in field.options:
        if value in (option["value"], option["label"]):
            return str(option["value"])
    raise ClientRefusal(f"{value!r} is not among {[option['label'] for option in field.options]}")


def _count(field: ModalField, count: int) -> None:
    if not field.min_count <= count <= field.max_count:
        raise ClientRefusal(f"{field.label!r} takes {field.min_count} to {field.max_count}, not {count}")


def _as_select(field: ModalField) -> Select:
    return Select(
        kind=SELECTS[field.component_type],
        component_type=field.component_type,
        custom_id=field.custom_id,
        placeholder=field.placeholder,
        min_values=field.min_count,
        max_values=field.max_count,
        disabled=False,
        options=field.options,
        channel_types=(),
        component_id=field.component_id,
    )
