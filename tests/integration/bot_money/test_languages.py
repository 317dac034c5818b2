"""Whoever reads another language types other command names and reads other texts; the shop's own posts stay in its."""

import pytest

from domain.kernel.roles import Role
from domain.tenancy.dto import Purpose
from tests.integration.bot.harness import Stage
from tests.integration.bot_money.test_close import press
from tests.integration.bot_money.trade import Trade

WORDS = {
    "es-ES": ("cierre", "dia", "ayer", "nomina", "nominas lista", "Ventas brutas **46,00\xa0US$** de 1 pedido",
              "Cerrar el día", "Se debe", "Aprobar", "Pagar", "Nómina 1 · pagada"),
    "es-419": ("cierre", "dia", "ayer", "nomina", "nominas lista", "Ventas brutas **46,00\xa0US$** de 1 pedido",
               "Cerrar el día", "Se debe", "Aprobar", "Pagar", "Nómina 1 · pagada"),
    "fr": ("cloture", "jour", "hier", "paie", "paies liste", "Ventes brutes **46,00\xa0$US** pour 1 commande",
           "Clôturer la journée", "Dû", "Approuver", "Payer", "Paie 1 · payée"),
    "pt-BR": ("fechar", "dia", "ontem", "folha", "folhas lista", "Vendas brutas **US$\xa046,00** de 1 pedido",
              "Fechar o dia", "Devido", "Aprovar", "Pagar", "Folha 1 · paga"),
}  # fmt: skip


@pytest.mark.parametrize("locale", WORDS)
async def test_a_day_and_a_payroll_in_the_readers_language(stage: Stage, trade: Trade, locale: str) -> None:
    close, day, yesterday, payroll, runs, gross, red, owed, approve, pay, paid = WORDS[locale]
    await trade.done(trade.ana)
    stage.olivia.locale = locale
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, close))
    assert gross in reply.text
    assert owed in reply.text
    reply = await press(stage, stage.olivia, reply, red)
    assert " Z 1 · " in reply.text.splitlines()[0]
    earlier = await stage.settled(await stage.olivia.slash(stage.lobby, close, {day: yesterday}))
    assert "19" in earlier.text.splitlines()[0]

    reply = await stage.settled(await stage.olivia.slash(stage.lobby, payroll))
    reply = await press(stage, stage.olivia, reply, approve)
    reply = await press(stage, stage.olivia, reply, pay)
    assert f"### {paid}" in reply.text
    listed = await stage.settled(await stage.olivia.slash(stage.lobby, runs))
    assert f"**{paid}**" in listed.text
    await stage.deliver()
    assert "Gross sales **$46.00** from 1 order" in trade.channels[Purpose.CLOSE].messages[0].text
    assert "### You were paid" in trade.ana.inbox[-1].text


async def test_a_stub_disputed_in_french_answers_in_french(stage: Stage, trade: Trade) -> None:
    zoe = await stage.join("zoe", Role.BOOSTER, locale="fr")
    await trade.done(zoe)
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, "payroll"))
    reply = await press(stage, stage.olivia, reply, "Approve")
    await press(stage, stage.olivia, reply, "Pay")
    await stage.deliver()
    form = await zoe.click(zoe.inbox[-1], "Something is wrong")
    assert form.modal is not None
    assert form.modal.title == "Bulletin de la paie 1"
    await stage.settled(await zoe.submit(form, {"Qu’est-ce qui ne va pas ?": "C’était D1"}))
    assert "Vous avez contesté" in zoe.inbox[-1].text
