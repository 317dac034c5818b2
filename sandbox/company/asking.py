"""Clients ask, and the assistant answers: once, in their language, with the tariff's prices."""

from __future__ import annotations

import asyncio

from sandbox.company.clients import STRANGE_NAME, letters
from sandbox.company.people import Company
from sandbox.company.talk import card_of, hears, hears_nothing, mirrored, reads, says, thread_of, threads_of
from sandbox.openai import Transcript

_VOICE = b"OggS\x00\x02lucas"
_SPOKEN = "quero subir de E2 pra D4, quanto fica?"


async def marta_comes_from_an_ad(day: Company) -> None:
    """Three short messages with typos; one answer, which greets once and quotes the tariff."""
    await day.pass_time(6)
    clients, marta = day.clients, day.clients.marta
    await marta.click_ad(clients.number, "holaa", headline="Sube antes del finde")
    await mirrored(day, marta, "holaa")
    await says(day, marta, "quiero subir de D2", "a D1, cuanto sale?")
    day.checks.equal("Marta: nobody interrupts her", marta.inbox, [])
    await hears(day, marta, "soy el asistente de Nova Boost", "De D2 a D1 son 45,00 US$")
    day.checks.equal("Marta: has one thread", len(threads_of(day, marta)), 1)
    card = await card_of(day, marta, "conversation.take_over", "L-1", "Contactado")
    day.checks.contains("Marta: the card says who she is and who answers", card.text, "C-1", "Marta", "asistente")
    lead = await day.posted(day.channel("leads"), "L-1", "Marta")
    day.checks.contains("Marta: the lead keeps the ad and the quote", lead.text, "Sube antes del finde", "45,00 US$")


async def two_ask_at_once(day: Company) -> None:
    """Tom in English, Élise in French, at the same moment."""
    await day.pass_time(9)
    tom, elise = day.clients.tom, day.clients.elise
    await asyncio.gather(
        says(day, tom, "Hi, how much is E1 to D3?"),
        says(day, elise, "bonjour", "je suis E3 et je voudrais monter", "jusqu'à E1, c'est combien ?"),
    )
    await hears(day, tom, "this is the assistant of Nova Boost", "From E1 to D3 it is $60.00")
    await reads(day, elise, "je suis l’assistant de Nova Boost", "De E3 à E1, c'est 33,00 $US")


async def lucas_speaks(day: Company) -> None:
    """A voice note that is hard to hear: the answer begins with what was heard."""
    await day.pass_time(5)
    clients, lucas = day.clients, day.clients.lucas
    day.openai.hear(_VOICE, Transcript(_SPOKEN, language="portuguese", avg_logprob=-1.3))
    note = await lucas.send_voice(clients.number, _VOICE)
    clients.spoken[note.id] = _SPOKEN
    await day.pass_time(0.1)  # the thread waits a moment for the file
    await mirrored(day, lucas, _SPOKEN)
    first, _ = await hears(day, lucas, f"Ouvi: “{_SPOKEN}”", "De E2 a D4 são US$ 48,00")
    day.checks.contains("Lucas: is greeted in the same message", first.shown(), "sou o assistente da Nova Boost")


async def everything_comes_twice(day: Company) -> None:
    """Tom's next message is delivered four times, and what became of the last answer backwards: no difference."""
    await day.pass_time(3)
    whatsapp, tom = day.clients.whatsapp, day.clients.tom
    whatsapp.webhooks.hold()
    whatsapp.statuses.withhold()
    await tom.write(day.clients.number, "and up to D4 only?")
    await whatsapp.webhooks.release(copies=2, repeats=2)
    await mirrored(day, tom, "and up to D4 only?")
    await hears(day, tom, "From E1 to D4 it is $30.00")
    await whatsapp.statuses.release(reverse=True)
    shown = [m for m in thread_of(day, tom).messages if letters("and up to D4 only?") in letters(m.text)]
    day.checks.equal("Tom: his thread shows it once", len(shown), 1)


async def write_to_a_closed_house(day: Company) -> None:
    """Nobody is there; WhatsApp keeps the message and tries again."""
    await day.clients.elise.write(day.clients.number, "et jusqu'à D4 ?")
    lost = day.clients.whatsapp.webhooks.attempts[-1]
    day.checks.equal("Élise: the closed house took nothing", lost.status, 0)


async def answered_after_all(day: Company) -> None:
    """WhatsApp tries again, and the message from before the opening is answered once."""
    elise = day.clients.elise
    await day.pass_time(0.1)
    await mirrored(day, elise, "et jusqu'à D4 ?")
    await hears(day, elise, "De E3 à D4, c'est 63,00 $US")


async def stop_and_start(day: Company) -> None:
    """BAJA is confirmed once and kept; ALTA brings the assistant back."""
    await day.pass_time(4)
    noa = day.clients.noa
    await says(day, noa, "hola, precio de P2 a P1?")
    await hears(day, noa, "soy el asistente de Nova Boost", "De P2 a P1 son 10,00 US$")
    await says(day, noa, "BAJA")
    await reads(day, noa, "No recibirás más mensajes nuestros")
    await says(day, noa, "hola??")
    await hears_nothing(day, noa, "hears nothing after BAJA")
    await says(day, noa, "ALTA")
    await reads(day, noa, "Qué bien tenerte de vuelta")
    await says(day, noa, "y de P2 a E4?")
    await hears(day, noa, "De P2 a E4 son 22,00 US$")


async def a_strange_name(day: Company) -> None:
    """Somebody whose name would ping everybody is a client like any other."""
    await day.pass_time(2)
    strange = day.clients.strange
    await says(day, strange, "hey, P4 to P3 please")
    await hears(day, strange, "this is the assistant", "From P4 to P3 it is $8.00")
    messages = [message for channel in day.guild.channels.values() for message in channel.messages]
    day.checks.equal(f"{STRANGE_NAME}: nobody was pinged", [m.text for m in messages if m.mention_everyone], [])
