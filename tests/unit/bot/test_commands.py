"""Every command, button and kind has what it needs."""

from typing import Any

import pytest
from discord import app_commands

from bot.cogs import cog_classes
from bot.render import registry
from bot.router import Router
from bot.ui.help_card import GROUPS, NEEDS
from domain.i18n.catalog import load
from domain.outbox.kinds import Kind


def commands() -> list[app_commands.Command[Any, ..., Any]]:
    found: list[app_commands.Command[Any, ..., Any]] = []
    for cog in cog_classes():
        for command in cog.__cog_app_commands__:
            walked = command.walk_commands() if isinstance(command, app_commands.Group) else [command]
            found += [item for item in walked if isinstance(item, app_commands.Command)]
    return found


def test_every_kind_of_message_has_a_renderer() -> None:
    assert set(registry()) == set(Kind) - {Kind.WHATSAPP_MESSAGE}  # that one is no Discord message


def test_help_knows_every_command_and_no_other() -> None:
    assert {command.qualified_name for command in commands()} == set(NEEDS)
    assert {name.split()[0] for name in NEEDS} == {word for words in GROUPS.values() for word in words}


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_every_command_has_its_description_where_help_looks_for_it(name: str) -> None:
    assert f"command.{name.replace(' ', '.').replace('-', '_')}.description" in load("en")


def test_every_name_and_description_comes_from_the_catalogs() -> None:
    wrong = [
        command.qualified_name
        for command in commands()
        if command._locale_name is None or command._locale_description is None
        or any(p._rename is not None and not isinstance(p._rename, app_commands.locale_str)
               for p in command._params.values())
    ]  # fmt: skip
    assert wrong == []


def test_no_two_handlers_take_the_same_press() -> None:
    class Bot:
        services = None
        router = Router()

    for cog_class in cog_classes():
        Bot.router.collect(cog_class(Bot()))
