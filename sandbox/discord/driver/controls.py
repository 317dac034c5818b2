"""Clicking buttons and choosing from menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.discord.driver.reply import Reply
from sandbox.discord.driver.resolved import Resolved
from sandbox.discord.driver.session import perform, refuse_unseen
from sandbox.discord.driver.shown import shown
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.interactions import InteractionKind
from sandbox.discord.messages import BUTTON, Button, Json, Message, Select
from sandbox.discord.state import Channel, Role, User
from sandbox.discord.world import World

_LINK, _PREMIUM = 5, 6
_OBJECTS: dict[str, tuple[type, ...]] = {
    "user": (User,),
    "role": (Role,),
    "mentionable": (User, Role),
    "channel": (Channel,),
}


def the_message(target: Message | Reply, user: User) -> Message:
    """Return the message a person points at, if it is still there and theirs to see.

    Raises:
        ClientRefusal: there is no such message for this person.
    """
    message = target.message if isinstance(target, Reply) else target
    if message is None:
        raise ClientRefusal("there is no message to act on")
    refuse_unseen(user, message.channel)
    if message.deleted:
        raise ClientRefusal("that message was deleted")
    if message.ephemeral_for not in (None, user.id):
        raise ClientRefusal(f"{user.username} cannot see somebody else's ephemeral message")
    return message


async def click(
    world: World,
    user: User,
    target: Message | Reply,
    label: str | None,
    custom_id: str | None,
    timeout_s: float,
) -> Reply:
    """Click a button of a message."""
    message = the_message(target, user)
    button = _button(message, label, custom_id)
    if button.disabled:
        raise ClientRefusal(f"the button {button.label or button.emoji!r} is disabled")
    if button.style in (_LINK, _PREMIUM) or button.custom_id is None:
        raise ClientRefusal(f"the button {button.label!r} leads outside: the bot never hears of it")
    data: Json = {"component_type": BUTTON, "custom_id": button.custom_id, "id": button.component_id}
    face = f"{button.emoji} {button.label}".strip()
    return await _use(world, user, message, data, timeout_s, "click", f"[{face}]")


def _button(message: Message, label: str | None, custom_id: str | None) -> Button:
    if (label is None) == (custom_id is None):
        raise ValueError("say either the label or the custom_id of the button")
    if label is not None:
        try:
            return message.find_button(label)
        except LookupError as error:
            raise ClientRefusal(str(error)) from error
    for button in message.buttons:
        if button.custom_id == custom_id:
            return button
    raise ClientRefusal(f"no button {custom_id!r} among {[b.custom_id for b in message.buttons]}")


async def choose(
    world: World,
    user: User,
    target: Message | Reply,
    values: Sequence[Any],
    custom_id: str | None,
    placeholder: str | None,
    timeout_s: float,
) -> Reply:
    """Choose values from a menu of a message."""
    message = the_message(target, user)
    select = _select(message, custom_id, placeholder)
    if select.disabled:
        raise ClientRefusal("that menu is disabled")
    resolved = Resolved(message.channel.guild, user)
    chosen = pick_values(select, values, resolved, user)
    data: Json = {
        "component_type": select.component_type,
        "custom_id": select.custom_id,
        "id": select.component_id,
        "values": chosen,
    }
    if resolved.json:
        data["resolved"] = resolved.json
    elif select.kind != "string":
        data["resolved"] = {}
    return await _use(world, user, message, data, timeout_s, "choose", shown(list(values)))


def _select(message: Message, custom_id: str | None, placeholder: str | None) -> Select:
    fitting = [
        select
        for select in message.selects
        if custom_id in (None, select.custom_id) and placeholder in (None, select.placeholder)
    ]
    if len(fitting) != 1:
        known = [(select.custom_id, select.placeholder) for select in message.selects]
        raise ClientRefusal(f"{len(fitting)} menus fit; there are {known}")
    return fitting[0]


def pick_values(select: Select, values: Sequence[Any], resolved: Resolved, user: User) -> list[str]:
    """Return the raw values of what a person picked in a menu.

    Raises:
        ClientRefusal: too few, too many, repeated, or not offered.
    """
    chosen = [_raw_value(select, value, resolved, user) for value in values]
    if not select.min_values <= len(chosen) <= select.max_values:
        limits = f"{select.min_values} to {select.max_values}"
        raise ClientRefusal(f"pick {limits} values, not {len(chosen)}")
    if len(set(chosen)) != len(chosen):
        raise ClientRefusal("a value can be picked once only")
    return chosen


def _raw_value(select: Select, value: Any, resolved: Resolved, user: User) -> str:
    if select.kind == "string":
        for option in select.options:
            if value in (option["value"], option["label"]):
                return str(option["value"])
        raise ClientRefusal(f"{value!r} is not among {[option['label'] for option in select.options]}")
    is_wanted = isinstance(value, _OBJECTS[select.kind])
    if not is_wanted or not isinstance(value, User | Role | Channel):
        raise ClientRefusal(f"pick a {select.kind}, not {value!r}")
    if isinstance(value, Channel):
        _refuse_channel(select, value, user)
    return resolved.add(value)


def _refuse_channel(select: Select, channel: Channel, user: User) -> None:
    refuse_unseen(user, channel)
    if select.channel_types and int(channel.kind) not in select.channel_types:
        raise ClientRefusal(f"#{channel.name} is not of the offered types")


async def _use(
    world: World, user: User, message: Message, data: Json, timeout_s: float, action: str, text: str
) -> Reply:
    interaction = world.interactions.open(InteractionKind.COMPONENT, user, message.channel)
    interaction.message = message
    return await perform(world, interaction, data, timeout_s, action, text)
