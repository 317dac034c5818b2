"""What people type, at Discord's limits and with bad intentions, and what people of other languages read."""

import pytest

from domain.kernel.db import Database
from domain.kernel.roles import Role
from sandbox.clock import ManualClock
from sandbox.discord.errors import ClientRefusal
from tests.integration.bot.harness import labels, open_shop, staged
from tests.integration.bot_orders.floor import NEW_ORDER, Floor

NASTY = "@everyone @here <@123> <@&5> <#6> `code` ||hidden|| [here](https://evil.example) ### big\n> quote\n"
LIMITS = {"customer": 80, "start": 40, "deadline": 40, "account": 80}


async def test_a_form_takes_texts_at_the_limits_and_no_longer_ones(floor: Floor) -> None:
    opened = await floor.slash(floor.dani, "order new")
    for field, limit in LIMITS.items():
        with pytest.raises(ClientRefusal):
            await floor.dani.submit(opened, {**NEW_ORDER, field: "x" * (limit + 1)})
    with pytest.raises(ClientRefusal):
        await floor.dani.submit(opened, {**NEW_ORDER, "target": "D9"})
    full = {name: "_" * limit for name, limit in LIMITS.items()} | {"target": "D1", "deadline": "+3d"}
    draft = await floor.submit(floor.dani, opened, full)
    order = await floor.order()
    assert (order.customer_name, order.start_division, order.account) == ("_" * 80, "_" * 40, "_" * 80)
    terms = await floor.click(floor.dani, draft, "Price and notes")
    with pytest.raises(ClientRefusal):
        await floor.dani.submit(terms, {"notes": "x" * 1001})
    kept = await floor.submit(floor.dani, terms, {"notes": "_" * 1000})
    assert (await floor.order()).notes == "_" * 1000
    posted = await floor.click(floor.dani, kept, "Post")
    assert "Order #1 is open." in posted.text
    await floor.stage.deliver()
    claimed = await floor.click(floor.ana, floor.orders.messages[-1], "Claim")
    assert "Order #1 is yours" in claimed.text


async def test_nasty_words_stand_as_they_were_typed_and_do_nothing(floor: Floor) -> None:
    draft = await floor.draft(customer=NASTY[:60].strip(), start="`E4` @everyone", account="")
    await floor.change(floor.dani, draft, "Price and notes", notes=NASTY * 9)
    await floor.click(floor.dani, draft, "Post")
    await floor.stage.deliver()
    card = floor.orders.messages[-1]
    details = await floor.click(floor.ana, card, "Details")
    assert card.text.splitlines()[1].startswith("**\\`E4\\` @\u200beveryone → D1**")
    for text in (card.text, details.text, draft.text):
        assert "@everyone" not in text
        assert "<@123>" not in text
        assert "](https" not in text
    released = await floor.claimed(account="")
    await floor.slash(floor.ana, "order release", {"code": 2, "reason": NASTY[:60]})
    await floor.stage.deliver()
    for message in (*floor.orders.messages, *floor.log.messages, *floor.ana.inbox):
        assert not message.mention_everyone
        assert message.mention_ids == []
        assert message.mention_role_ids == []
    assert not released.deleted


async def test_each_reads_their_own_language_and_the_channel_the_shops(db: Database, clock: ManualClock) -> None:
    async with staged(db, clock) as stage:
        await open_shop(stage, locale="es")
        orders = next(channel for channel in stage.guild.channels.values() if channel.name == "orders")
        dani = await stage.join("dani", Role.DISPATCHER, locale="fr")
        ana = await stage.join("ana", Role.BOOSTER, locale="pt-BR")
        bruno = await stage.join("bruno", Role.BOOSTER, locale="es-ES")
        opened = await stage.settled(await dani.slash(orders, "commande nouvelle"))
        draft = await stage.settled(await dani.submit(opened, NEW_ORDER))
        assert labels(draft.message) == ["Publier", "Modifier", "Prix et notes", "Supprimer"]
        assert "Prix : **45,00\xa0$US**" in draft.text
        await stage.settled(await dani.click(draft, "Publier"))
        await stage.deliver()
        card = orders.messages[-1]
        assert card.text.splitlines()[0] == "### 🟢 #1 · Abierto"
        assert labels(card) == ["Tomar", "Detalles"]
        claimed = await stage.settled(await ana.slash(orders, "assumir", {"codigo": 1}))
        assert claimed.text.startswith("### ✅ O pedido #1 é seu")
        assert labels(claimed.message) == ["Progresso", "Liberar"]
        late = await stage.settled(await bruno.click(card, "Tomar"))
        assert "Ana ya tiene el pedido #1. No se te ha asignado." in late.text
        mine = await stage.settled(await ana.slash(orders, "eu"))
        assert mine.text.startswith("### Seu trabalho")
        done = {"codigo": 1, "divisao": "D1", "vitorias": 72.0}
        asked = await stage.settled(await ana.slash(orders, "pedido concluir", done))
        await stage.settled(await ana.click(asked, "Concluir"))
        await stage.deliver()
        assert card.text == "✅ **#1** E4 → D1 · Ana · 72\xa0% de victorias · <t:1795194000:R>"
