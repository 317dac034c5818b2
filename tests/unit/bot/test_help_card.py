"""The help card holds every command, in every language, whatever the person may use."""

from typing import Any

import pytest

from bot.ui.help_card import NEEDS, help_card
from bot.ui.text import TEXT_LIMIT
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.ids import uuid7
from domain.tenancy.dto import Purpose

ID = 1_573_382_415_978_594_332
IDS = {name.split()[0]: ID for name in NEEDS}


@pytest.mark.parametrize("locale", LOCALES)
def test_whoever_may_do_everything_sees_every_command(locale: str) -> None:
    system = Actor.system(uuid7(), "test", "test")
    card: Any = help_card(Reader(locale), system, list(NEEDS), IDS, Purpose.CONVERSATIONS)
    (container,) = card.to_components()
    text = container["components"][0]["content"]
    assert [name for name in NEEDS if f"</{name}:{ID}>" not in text] == []
    assert len(text) <= TEXT_LIMIT
    assert not text.endswith("…")
