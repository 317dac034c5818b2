"""From a closed window to an order, a lead's way, the assistant's trace, and connecting a number."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.channels.dto import Template
from domain.conversations.dto import Outgoing
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.leads.dto import Stage
from domain.tenancy.dto import Purpose
from sandbox.discord.state import ChannelKind
from tests.fixtures.inbox import TRACE
from tests.integration.bot_inbox.desk import Desk, texts


async def test_outside_the_window_a_reply_offers_the_approved_templates(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    opened = await desk.click(desk.sole, thread.messages[0], "Reply")
    desk.stage.clock.advance(timedelta(hours=25))
    late = await desk.submit(desk.sole, opened, {"text": "are you there?"})
    assert "WhatsApp takes only approved templates, and there is none. Nothing was sent." in late.text
    assert "> are you there?" in late.text
    templates = [
        Template(desk.account_id, "hello_again", "es", "approved", "utility", "Hola {{name}}", ("name",), []),
        Template(desk.account_id, "refused_one", "es", "rejected", "utility", "No", (), []),
        Template(
            desk.account_id,
            "with_place",
            "es",
            "approved",
            "utility",
            "Hola",
            (),
            [{"type": "HEADER", "format": "LOCATION"}],
        ),
    ]
    await desk.stage.services.channels.save_templates(await desk.system(), desk.account_id, templates)
    card = await desk.click(desk.sole, thread.messages[0], "Reply")
    assert card.ephemeral
    assert card.message is not None
    assert "has not written for a day" in card.text
    form = await desk.choose(desk.sole, card, card.message.selects[0].options[0]["value"])
    assert len(card.message.selects[0].options) == 1
    sent = await desk.submit(desk.sole, form, {"p0": "Marta"})
    assert "On its way to **Marta**." in sent.text
    assert await desk.out() == ["Hola Marta"]


async def test_an_order_from_the_thread_is_the_contacts_whatever_the_form_says(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    assert form.modal is not None
    assert form.modal.field("customer").value == "Marta"
    draft = await desk.submit(desk.sole, form, {"customer": "Somebody else", "start": "E4", "target": "D1"})
    assert draft.ephemeral
    await desk.click(desk.sole, draft, "Price and notes")
    posted = await desk.click(desk.sole, draft, "Post")
    assert "is open" in posted.text
    order = (await desk.stage.services.orders.get(await desk.seller(), 1)).order
    assert order.contact_id == conversation.contact_id


async def test_an_order_from_the_thread_has_the_price_that_was_quoted(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    leads, seller = desk.stage.services.leads, await desk.seller()
    await leads.update_wish(seller, conversation.contact_id, None, "E4", "D1", Money(18500, "USD"))
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    draft = await desk.submit(desk.sole, form, {"customer": "Marta", "start": "E4", "target": "D1"})
    assert "Quoted to the client: $185.00 (E4 → D1)" in draft.text
    assert (await desk.stage.services.orders.get(await desk.seller(), 1)).order.price == Money(18500, "USD")
    edit = await desk.click(desk.sole, draft, "Edit")
    edited = await desk.submit(desk.sole, edit, {"customer": "Marta", "start": "E4", "target": "D2"})
    assert "Quoted to the client: $185.00 (E4 → D1)" in edited.text
    tariff = await desk.stage.services.tariffs.current(await desk.seller())
    other = next(line.price for line in tariff.lines if line.division == "D2")
    assert (await desk.stage.services.orders.get(await desk.seller(), 1)).order.price == other


async def test_another_target_or_currency_takes_the_tariffs_price(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    leads, orders = desk.stage.services.leads, desk.stage.services.orders
    await leads.update_wish(await desk.seller(), conversation.contact_id, None, "E4", "D1", Money(18500, "USD"))
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    await desk.submit(desk.sole, form, {"customer": "Marta", "start": "E4", "target": "D2"})
    assert (await orders.get(await desk.seller(), 1)).order.price != Money(18500, "USD")
    await leads.update_wish(await desk.seller(), conversation.contact_id, quoted=Money(18500, "EUR"))
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    await desk.submit(desk.sole, form, {"customer": "Marta", "start": "E4", "target": "D1"})
    assert (await orders.get(await desk.seller(), 2)).order.price == Money(4500, "USD")


async def test_assign_snooze_close_and_reopen_are_told_in_the_thread(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    card = thread.messages[0]
    chosen = await desk.click(desk.sole, await desk.click(desk.sole, card, "Assign"), "I do")
    assert "**Sole** looks after it now." in chosen.text
    snoozed = await desk.choose(desk.sole, await desk.click(desk.sole, card, "Snooze"), "3d")
    assert "Put aside until" in snoozed.text
    await desk.stage.deliver()
    closed = await desk.click(desk.sole, thread.messages[0], "Close")
    await desk.stage.deliver()
    assert "🔒" in thread.name
    await desk.click(desk.sole, closed, "Reopen")
    await desk.stage.deliver()
    said = "\n".join(texts(thread))
    for line in ("**Sole** gave this to **Sole**.", "**Sole** put this aside until", "**Sole** closed this.",
                 "**Sole** opened this again."):  # fmt: skip
        assert line in said


async def test_somebody_who_may_not_see_conversations_cannot_own_one(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    shown = await desk.click(desk.sole, thread.messages[0], "Assign")
    reply = await desk.stage.settled(await desk.sole.choose(shown, [desk.ana]))
    assert "may not see conversations here" in reply.text + "".join(m.text for m in reply.followups)
    assert (await desk.again(conversation)).owner_id is None


async def test_the_transcript_is_a_file(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola", "precio?")
    reply = await desk.click(desk.sole, thread.messages[0], "Transcript")
    assert reply.message is not None
    file = reply.message.attachments[0]
    assert file.filename == f"C-{conversation.number}.txt"
    assert "precio?" in file.bytes.decode()


async def test_a_lead_goes_its_way_by_card_and_by_command(desk: Desk) -> None:
    await desk.shown("hola @everyone", name="Marta")
    card = desk.leads.messages[-1]
    assert "L-1 · Marta · New" in card.text
    await desk.choose(desk.sole, card, "interested")
    await desk.stage.deliver()
    assert "Interested" in desk.leads.messages[-1].text
    form = await desk.choose(desk.sole, desk.leads.messages[-1], "lost")
    assert form.modal is not None
    lost = await desk.submit(desk.sole, form, {"reason": "too dear"})
    assert "It is at “Lost” now." in lost.text
    assert "too dear" in lost.text
    lead = await desk.stage.services.leads.get(await desk.seller(), 1)
    assert lead.stage is Stage.LOST
    listed = await desk.slash(desk.sole, desk.stage.lobby, "lead list", {"stage": "all"})
    assert "**L-1** Marta" in listed.text
    tagged = await desk.slash(desk.sole, desk.stage.lobby, "lead tag", {"lead": 1, "tag": "VIP"})
    assert "`vip`" in tagged.text
    mine = await desk.slash(desk.sole, desk.stage.lobby, "lead assign", {"lead": 1})
    assert "**Sole** looks after it now." in mine.text
    noted = await desk.slash(desk.sole, desk.stage.lobby, "lead note", {"lead": 1, "text": "call him"})
    assert "call him" in noted.text
    refused = await desk.slash(desk.ana, desk.stage.lobby, "lead stage", {"lead": 1, "stage": "won"})
    assert "Code: permission.denied" in refused.text


async def test_the_trace_shows_the_steps_and_carries_them_as_a_file(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(seconds=3))
    turn = await desk.conversations.begin_turn(await desk.stage.tenant_id(), conversation.id, "job:1")
    steps: list[dict[str, Any]] = [
        {"call": "quote_order", "args": {"start": "@everyone"}},
        {"reply": "45 USD", "objections": []},
    ]
    trace = type(TRACE)("scripted", "v1", 100, 20, 50_000, steps)
    await desk.conversations.commit_reply(turn, [Outgoing("45 USD")], trace)
    listed = await desk.slash(desk.sole, thread, "agent trace")
    assert "**#1** replied" in listed.text
    assert "120 tokens" in listed.text
    assert "$0.0500" in listed.text
    one = await desk.click(desk.sole, listed, "#1")
    assert "quote\\_order" in one.text
    assert "@everyone" not in one.text
    assert one.message is not None
    found = orjson.loads(one.message.attachments[0].bytes)
    assert found[0]["steps"] == steps
    unknown = await desk.slash(desk.sole, thread, "agent trace", {"turn": 99})
    assert "There is no turn 99 in this conversation." in unknown.text
    assert "Code: permission.denied" in (await desk.slash(desk.ana, thread, "agent trace", {"turn": 1})).text


async def test_the_assistant_is_switched_and_described_by_those_who_run_the_shop(desk: Desk) -> None:
    olivia, lobby = desk.stage.olivia, desk.stage.lobby
    off = await desk.slash(olivia, lobby, "agent off")
    assert "The assistant answers nobody now." in off.text
    assert not (await desk.conversations.settings(await desk.system())).is_on
    assert "Code: permission.denied" in (await desk.slash(desk.sole, lobby, "agent on")).text
    on = await desk.click(olivia, off, "Switch on")
    assert "The assistant answers again." in on.text
    form = await desk.slash(olivia, lobby, "agent scope")
    typed = {"persona": "Nova", "scope": "LoL only", "privacy": "https://nova.example/p", "silence": "48"}
    saved = await desk.submit(olivia, form, typed)
    assert "LoL only" in saved.text
    assert (await desk.conversations.settings(await desk.system())).silence_hours == 48
    bad = await desk.submit(olivia, await desk.slash(olivia, lobby, "agent scope"), {**typed, "silence": "x"})
    assert "This must be from 1 to 720." in bad.text


async def test_a_number_is_connected_without_its_secrets_being_seen_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    olivia = desk.stage.olivia
    checklist = await desk.slash(olivia, desk.stage.lobby, "setup")
    if "WhatsApp" not in [button.label for button in checklist.message.buttons]:  # type: ignore[union-attr]  # it is there
        checklist = await desk.click(olivia, checklist, "Checklist")
    numbers = await desk.click(olivia, checklist, "WhatsApp")
    assert "/webhooks/meta/nova" in numbers.text
    form = await desk.click(olivia, numbers, "Connect a number")
    typed = {"phone_number_id": "2077", "phone": "+34 922", "access_token": "EAAsecret1", "app_secret": "abcsecret2",
             "verify_token": "versecret3"}  # fmt: skip
    added = await desk.submit(olivia, form, typed)
    assert "The number is connected." in added.text
    assert "+34 922" in added.text
    assert "secret1" not in added.text + caplog.text
    assert "secret2" not in added.text + caplog.text
    assert "secret3" not in added.text + caplog.text
    again = await desk.submit(olivia, await desk.click(olivia, added, "Connect a number"), typed)
    assert "is connected already" in again.text + "".join(message.text for message in again.followups)


@pytest.mark.parametrize("has_forums", [True, False])
async def test_setup_creates_the_places_for_customers_and_only_sellers_see_them(desk: Desk, has_forums: bool) -> None:
    desk.stage.guild.has_forums = has_forums
    olivia, guild = desk.stage.olivia, desk.stage.guild
    guild.remove_channel(desk.home)
    guild.remove_channel(desk.leads)
    await asyncio.sleep(0.05)
    checklist = await desk.slash(olivia, desk.stage.lobby, "setup")
    if "Channels" not in [button.label for button in checklist.message.buttons]:  # type: ignore[union-attr]  # it is there
        checklist = await desk.click(olivia, checklist, "Checklist")
    channels = await desk.click(olivia, checklist, "Channels")
    await desk.click(olivia, channels, "Create the missing channels")
    bound = await desk.stage.services.tenancy.channels(await desk.stage.as_owner())
    home = guild.channels[bound[Purpose.CONVERSATIONS]]
    assert home.kind == (ChannelKind.FORUM if has_forums else ChannelKind.TEXT)
    for place in (home, guild.channels[bound[Purpose.LEADS]]):
        assert place.permissions_of(desk.sole) & 1024
        assert not place.permissions_of(desk.ana) & 1024
    conversation, thread = await desk.shown("hola")
    assert thread.parent is home
    assert Role.SELLER in await desk.stage.services.tenancy.roles(await desk.stage.as_owner())
    assert (await desk.sole.send(thread, "a note")).text == "a note"
    await desk.stage.until(lambda: bool(thread.messages[-1].reactions or thread.messages[-2].reactions))
    assert await desk.notes() == ["a note"]
    assert conversation.number == 1
