"""Command names and descriptions in every language Discord shows."""

from typing import Any

import discord
from discord import app_commands

from domain.i18n.locales import our_locale
from domain.i18n.reader import Reader

_ENGLISH = Reader("en")
_TRANSLATED = {
    discord.Locale.spain_spanish: Reader("es"),
    discord.Locale.latin_american_spanish: Reader("es"),
    discord.Locale.french: Reader("fr"),
    discord.Locale.brazil_portuguese: Reader("pt-BR"),
}


def words(key: str) -> app_commands.locale_str:
    """A name or description of a command, option or choice: English now, translated when registered."""
    return app_commands.locale_str(_ENGLISH(key), key=key)


class CatalogTranslator(app_commands.Translator):
    """Translates from our catalogs; Discord falls back to English for languages we do not have."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:  # fmt: skip
        """The text for one of Discord's locales, or None."""
        ours = _TRANSLATED.get(locale)
        key = string.extras.get("key")
        return ours(key) if ours and key else None


def locale_of(interaction: discord.Interaction[Any]) -> str:
    """The language of whoever acts: their own, else the guild's, else English."""
    guild_locale = interaction.guild_locale
    return our_locale(interaction.locale.value, guild_locale.value if guild_locale else None)
