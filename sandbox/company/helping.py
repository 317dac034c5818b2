"""People take over: a client asks for one, another is ready to buy, a third is answered from the shop's own phone."""

from __future__ import annotations

from sandbox.company.people import PATIENCE_S, Company, done, press
from sandbox.company.talk import card_of, hears, hears_nothing, mirrored, reads, says, thread_of
from sandbox.company.work import RACED, code_in
from sandbox.discord import Message
from sandbox.whatsapp import Phone

_NOTE = "Viene nervioso: tranquilo y sin prisa"
_ANSWER = "Oi Lucas, aqui é a Sofia. Pode perguntar o que quiser."
_WELCOME = "Hola Marta, soy Sofia. Lo apunto ahora mismo y te voy contando."
_FROM_THE_PHONE = "Hi Tom, Olivia here. We can start tonight."


async def lucas_wants_a_person(day: Company) -> None:
    """No model is asked; Sofia is called. What she types in the thread is a note, what she sends with Reply is sent."""
    await day.pass_time(7)
    lucas, sofia, asked_count = day.clients.lucas, day.sofia, day.openai.call_counts["/chat/completions"]
    await says(day, lucas, "quero falar com uma pessoa")
    await hears(day, lucas, "Claro. Uma pessoa da Nova Boost responde a você aqui.")
    day.checks.equal("Lucas: is passed on without a model", day.openai.call_counts["/chat/completions"], asked_count)
    await _calls_sellers(day, lucas)
    note = await sofia.send(thread_of(day, lucas), _NOTE)
    await day.discord.wait_until(lambda: "📝" in [reaction.emoji for reaction in note.reactions], PATIENCE_S)
    await hears_nothing(day, lucas, "does not get what staff notes in his thread")
    form = await press(sofia, await card_of(day, lucas, "conversation.give_back"), "conversation.reply")
    sent = await done(await sofia.submit(form, {"text": _ANSWER}))
    day.checks.contains(
        "Lucas: Sofia reads that the assistant is silent, and until when", sent.text, "Lucas", "calla hasta"
    )
    await reads(day, lucas, _ANSWER)
    await says(day, lucas, "é seguro pra minha conta?")
    await hears_nothing(day, lucas, "is left to Sofia")


async def marta_agrees(day: Company) -> None:
    """The assistant hands over; Sofia writes the order down in the conversation's thread and posts it."""
    await day.pass_time(11)
    marta, sofia = day.clients.marta, day.sofia
    await says(day, marta, "vale, lo quiero")
    await hears(day, marta, "Una persona de Nova Boost cierra lo demás contigo aquí.")
    await _calls_sellers(day, marta)
    await done(await sofia.slash(thread_of(day, marta), "conversation reply", {"text": _WELCOME}))
    await reads(day, marta, _WELCOME)
    form = await press(sofia, await card_of(day, marta, "conversation.order"), "conversation.order")
    draft = await done(await sofia.submit(form, {"deadline": "+5d", "account": "smurf-raced"}))
    day.checks.contains("order raced: the form knew what Marta wants", draft.text, "Marta", "D2", "D1", "45,00 US$")
    posted = await done(await press(sofia, draft, "order.post"))
    day.orders[RACED] = code_in(posted.text)
    card = await day.posted(day.channel("pedidos"), f"#{day.orders[RACED]}")
    day.checks.lacks("order raced: the card keeps customer and price to itself", card.text, "Marta", "$")
    await mirrored(day, marta, f"#{day.orders[RACED]}")
    await card_of(day, marta, "conversation.reply", "Ganado")


async def olivia_answers_from_her_phone(day: Company) -> None:
    """The assistant sees it and is silent, the card says until when; Give back has it answer what nobody did."""
    await day.pass_time(8)
    clients, tom, olivia = day.clients, day.clients.tom, day.olivia
    await clients.number.write_from_phone_app(tom, _FROM_THE_PHONE)
    await tom.received(_FROM_THE_PHONE, timeout_s=PATIENCE_S)
    await mirrored(day, tom, _FROM_THE_PHONE)
    card = await card_of(day, tom, "conversation.give_back")
    day.checks.contains("Tom: the card says until when the assistant is silent", card.text, "<t:")
    await says(day, tom, "great, what do I need?")
    await hears_nothing(day, tom, "is left to Olivia")
    given = await done(await press(olivia, card, "conversation.give_back"))
    day.checks.contains("Tom: Olivia reads that the assistant is back", given.text, "responde de nuevo")
    await card_of(day, tom, "conversation.take_over")
    await hears(day, tom, "This is the assistant of Nova Boost again", "which one do you want to reach?")
    await says(day, tom, "and D4 to D2?")
    await hears(day, tom, "From D4 to D2 it is $65.00")


async def _calls_sellers(day: Company, phone: Phone) -> None:
    """The thread asks for a seller, and for nobody else."""
    seller = next(role for role in day.guild.roles.values() if role.name == "Vendedor")

    def call() -> Message | None:
        return next((m for m in reversed(thread_of(day, phone).messages) if seller.id in m.mention_role_ids), None)

    await day.discord.wait_until(lambda: call() is not None, PATIENCE_S)
    found = call()
    assert found is not None
    day.checks.equal(f"{phone.name}: sellers are called, nobody else", found.mention_role_ids, [seller.id])
