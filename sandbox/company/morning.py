"""Morning: Olivia sets the shop up from her phone, and brings her people in."""

from __future__ import annotations

import re

from sandbox.company.people import Company, done, is_turned_away, press
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


async def connect_whatsapp(day: Company) -> None:
    """The shop's number: what Meta shows of it goes into a form, Meta asks the house for an echo."""
    number, olivia, checks = day.clients.number, day.olivia, day.checks
    card = await done(await press(olivia, await done(await olivia.slash(day.lobby, "setup")), "setup.whatsapp"))
    form = await press(olivia, card, "setup.whatsapp_add")
    known = {"phone_number_id": number.phone_number_id, "phone": "+34 911 000 111"}
    secrets = {name: getattr(number, name) for name in ("access_token", "app_secret", "verify_token")}
    card = await done(await olivia.submit(form, known | secrets))
    checks.lacks("whatsapp: no secret is shown", card.text, *secrets.values())
    address = re.search(r"/webhooks/meta/[\w-]+", card.text)
    checks.equal("whatsapp: the card says where Meta has to call", address is not None, True)
    if address is not None:
        await day.clients.whatsapp.verify(number, day.web_origin + address[0])


async def hear_from_whatsapp(day: Company) -> None:
    """/setup shows that the first message came through."""
    card = await done(await day.olivia.slash(day.lobby, "setup"))
    card = await done(await press(day.olivia, card, "setup.whatsapp"))
    day.checks.lacks("whatsapp: the checklist of the number is green", card.text, "⬜")


async def bring_people_in(day: Company) -> None:
    """Discord roles and /staff add; then everybody asks for help."""
    guild, olivia = day.guild, day.olivia
    guild.give_role(day.diego, _role(day, "Coordinador"))
    guild.give_role(day.ana, _role(day, "Booster"))
    guild.give_role(day.bruno, _role(day, "Booster"))
    guild.give_role(day.sofia, _role(day, "Vendedor"))
    added = await done(await olivia.slash(day.lobby, "staff add", {"person": day.chloe, "role": "booster"}))
    day.checks.contains("staff: Chloe is a booster by name", added.text, "Chloe", "booster")
    tariff = await done(await olivia.slash(day.lobby, "tariff list"))
    day.checks.contains("tariff: the price list is there", tariff.text, "D1", "45,00", "P4")
    help_for_bruno = await done(await day.bruno.slash(day.lobby, "help"))
    day.checks.lacks("help: a booster is not shown payroll", help_for_bruno.text, "payroll", "folha")


def _role(day: Company, name: str) -> Role:
    return next(role for role in day.guild.roles.values() if role.name == name)
