"""Morning: Olivia sets the shop up from her phone, and brings her people in."""

from __future__ import annotations

from sandbox.company.people import Company, done, is_turned_away
from sandbox.discord.state import Role


async def set_up(day: Company) -> None:
    """/setup, left half-way and taken up again."""
    olivia, checks = day.olivia, day.checks
    turned_away = await is_turned_away(day.ana, day.lobby, "setup", "Solo quien posee o administra")
    checks.equal("setup: is not for somebody who does not run the server", turned_away, True)
    card = await done(await olivia.slash(day.lobby, "setup"))
    checks.contains("setup: greets in the owner's language", card.text, "Vamos a abrir tu tienda")
    card = await done(await olivia.choose(card, ["es"]))
    card = await done(await olivia.choose(card, ["Europe/Madrid"], custom_id="v1:setup.zone"))
    await day.pass_time(4)
    card = await done(await olivia.slash(day.lobby, "configurar"))
    checks.contains("setup: goes on where it was left", card.text, "3 de 7", "Moneda")
    card = await done(await olivia.choose(card, ["USD"], custom_id="v1:setup.currency"))
    card = await done(await olivia.choose(card, ["6"]))
    card = await done(await olivia.click(card, "Crear los roles que faltan"))
    card = await done(await olivia.click(card, "Crear los canales que faltan"))
    card = await done(await olivia.click(card, "Enviar los mensajes de prueba"))
    checks.contains("setup: ends with a checklist", card.text, "✅ **Zona horaria** `Europe/Madrid`", "✅ **Canales**")
    checks.lacks("setup: nothing is left open", card.text, "⬜")
    for channel in ("pedidos", "registro", "nóminas", "cierre"):
        await day.posted(day.channel(channel), "")


async def bring_people_in(day: Company) -> None:
    """Discord roles and /staff add; then everybody asks for help."""
    guild, olivia = day.guild, day.olivia
    guild.give_role(day.diego, _role(day, "Coordinador"))
    guild.give_role(day.ana, _role(day, "Booster"))
    guild.give_role(day.bruno, _role(day, "Booster"))
    added = await done(await olivia.slash(day.lobby, "staff add", {"person": day.chloe, "role": "booster"}))
    day.checks.contains("staff: Chloe is a booster by name", added.text, "Chloe", "booster")
    tariff = await done(await olivia.slash(day.lobby, "tariff list"))
    day.checks.contains("tariff: the price list is there", tariff.text, "D1", "45,00", "P4")
    help_for_bruno = await done(await day.bruno.slash(day.lobby, "help"))
    day.checks.lacks("help: a booster is not shown payroll", help_for_bruno.text, "payroll", "folha")


def _role(day: Company, name: str) -> Role:
    return next(role for role in day.guild.roles.values() if role.name == name)
