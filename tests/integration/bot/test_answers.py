"""What people get when something is not as it should be: always a clear answer, and no partial change."""

from typing import Any

import pytest
from discord import app_commands

from bot.router import DoorCog, pressed
from bot.ui.cards import button, card
from bot.ui.text import plain
from bot.visit import Visit, enter
from domain.kernel.roles import Role
from sandbox.discord import Message
from tests.integration.bot.harness import Stage, running_bot


class BrokenCog(DoorCog):
    """A cog with mistakes in it, as a real one might have."""

    @app_commands.command(name="broken", description="Fails")
    async def broken(self, interaction: Any) -> None:
        await enter(interaction, needs_shop=False)
        raise RuntimeError("the secret reason")

    @app_commands.command(name="cards", description="Shows a card with a button")
    async def cards(self, interaction: Any) -> None:
        visit = await enter(interaction, needs_shop=False)
        await visit.show(card("Card", controls=[button("Break", "test.break"), button("Wait", "test.wait")]))

    @pressed("test.break", needs_shop=False)
    async def broken_press(self, visit: Visit) -> None:
        raise RuntimeError("the secret reason")

    @pressed("test.wait", needs_shop=False)
    async def waiting_press(self, visit: Visit) -> None:
        message = visit.interaction.message
        assert message is not None
        seen.append(visit.interaction.id)
        await visit.show(card("Done"))


seen: list[int] = []


@pytest.fixture
async def broken_stage(stage: Stage) -> Stage:
    await stage.bot.add_cog(BrokenCog(stage.bot))
    await stage.bot.tree.sync()
    seen.clear()
    return stage


def forge(message: Message, custom_id: str) -> None:
    """Give the first button another custom id, as somebody with a tampered client would send it."""
    raw = message.components
    for component in _walk(raw):
        if component.get("type") == 2:
            component["custom_id"] = custom_id
            return


def _walk(components: list[Any]) -> Any:
    for component in components:
        yield component
        yield from _walk(component.get("components", []))


@pytest.mark.logs_errors("an unexpected error must be logged with its traceback")
async def test_an_unexpected_error_shows_an_incident_id_and_logs_the_traceback(
    broken_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await broken_stage.settled(await broken_stage.olivia.slash(broken_stage.lobby, "broken"))
    record = next(r for r in caplog.records if r.message == "interaction.failed")
    incident = record.__dict__["incident"]
    assert f"incident **{incident}**" in reply.text
    assert "secret reason" not in reply.text
    assert reply.ephemeral
    assert record.exc_info is not None
    assert "the secret reason" in str(record.exc_info[1])


@pytest.mark.logs_errors("an unexpected error must be logged with its traceback")
async def test_an_error_in_a_button_is_told_and_the_card_is_usable_again(broken_stage: Stage) -> None:
    card_reply = await broken_stage.settled(await broken_stage.olivia.slash(broken_stage.lobby, "cards"))
    reply = await broken_stage.settled(await broken_stage.olivia.click(card_reply, "Break"))
    assert "Something broke on our side." in reply.followups[0].text
    assert reply.followups[0].ephemeral
    assert reply.message is not None
    assert [button.disabled for button in reply.message.buttons] == [False, False]


async def test_a_button_is_off_while_the_bot_works(broken_stage: Stage) -> None:
    states: list[list[bool]] = []
    reply = await broken_stage.settled(await broken_stage.olivia.slash(broken_stage.lobby, "cards"))
    message = reply.message
    assert message is not None
    stop = broken_stage.emulator.on_event(lambda _: states.append([b.disabled for b in message.buttons]))
    await broken_stage.settled(await broken_stage.olivia.click(reply, "Wait"))
    stop()
    assert [True, True] in states
    assert message.text == "### Done"


async def test_a_redelivered_press_is_worked_on_once(broken_stage: Stage) -> None:
    card_reply = await broken_stage.settled(await broken_stage.olivia.slash(broken_stage.lobby, "cards"))
    reply = await broken_stage.settled(await broken_stage.olivia.click(card_reply, "Wait"))
    broken_stage.emulator.redeliver(reply.interaction.id)
    await broken_stage.until(lambda: broken_stage.bot.reporter.outcomes["too_late"] == 1)
    await broken_stage.settled(reply)
    assert seen == [reply.interaction.id]
    assert reply.text == "### Done"


async def test_an_interaction_acknowledged_too_late_does_nothing(broken_stage: Stage) -> None:
    card_reply = await broken_stage.settled(await broken_stage.olivia.slash(broken_stage.lobby, "cards"))
    broken_stage.emulator.faults.fail("POST", "/interactions/*/callback", 404, times=1, code=10062)
    reply = await broken_stage.olivia.click(card_reply, "Wait", timeout_s=0.5)
    await broken_stage.until(lambda: broken_stage.bot.reporter.outcomes["too_late"] == 1)
    assert reply.failed
    assert seen == []


@pytest.mark.parametrize(
    "custom_id",
    ["v1:staff.page:two:all", "v1:staff.page",
     "v1:staff.suspend:not-an-id", "v1:nothing.known", "hello", "v0:staff.page:1",
     "v1:staff.page:999999999999999999999:all", "v1:setup.stage:nowhere", "v1:" + "x" * 97, "v1:staff.page:1:all:more"],
)  # fmt: skip
async def test_a_forged_or_stale_custom_id_answers_that_the_card_is_out_of_date(
    shop_stage: Stage, custom_id: str
) -> None:
    reply = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "setup"))
    assert reply.message is not None
    forge(reply.message, custom_id)
    before = reply.message.text
    pressed_reply = await shop_stage.settled(await shop_stage.olivia.click(reply, custom_id=custom_id))
    answers = [pressed_reply.text, *(message.text for message in pressed_reply.followups)]
    assert any("This card is out of date, so nothing was changed." in text for text in answers)
    assert "card.out_of_date" in "".join(answers)
    assert before in answers or not pressed_reply.followups


@pytest.mark.parametrize("custom_id", ["v0:setup.stage:zone", "v9:setup.gone", "v1:setup.stage:nowhere"])
async def test_a_card_of_another_version_offers_the_current_one(shop_stage: Stage, custom_id: str) -> None:
    reply = await shop_stage.settled(await shop_stage.olivia.slash(shop_stage.lobby, "setup"))
    assert reply.message is not None
    current = reply.text
    forge(reply.message, custom_id)
    refused = await shop_stage.settled(await shop_stage.olivia.click(reply, custom_id=custom_id))
    told = refused.followups[0] if refused.followups else refused.message
    assert told is not None
    shown = await shop_stage.settled(await shop_stage.olivia.click(told, "Show the current one"))
    assert shown.text == current
    assert shown.ephemeral


async def test_a_search_answered_too_late_is_no_error(shop_stage: Stage) -> None:
    shop_stage.emulator.faults.fail("POST", "/interactions/*/callback", 404, times=1, code=10062)
    found = await shop_stage.olivia.autocomplete(shop_stage.lobby, "staff suspend", "member", "a", timeout_s=0.3)
    assert found == []
    again = await shop_stage.olivia.autocomplete(shop_stage.lobby, "staff suspend", "member", "o")
    assert [choice["name"] for choice in again] == ["Olivia · active"]


async def test_a_button_pressed_after_the_role_was_taken_away_is_refused(shop_stage: Stage) -> None:
    ada = await shop_stage.join("ada", Role.ADMIN)
    ana = await shop_stage.join("ana", Role.BOOSTER)
    await shop_stage.settled(
        await shop_stage.olivia.slash(shop_stage.lobby, "staff add", {"person": ana, "role": "booster"})
    )
    found = await ada.autocomplete(shop_stage.lobby, "staff suspend", "member", "an")
    question = await shop_stage.settled(
        await ada.slash(shop_stage.lobby, "staff suspend", {"member": found[0]["value"]})
    )
    assert "Suspend Ana?" in question.text
    for role in [r for r in shop_stage.guild.roles.values() if r.name == "Admin"]:
        shop_stage.guild.take_role(ada, role)
    refused = await shop_stage.settled(await ada.click(question, "Suspend"))
    assert "You cannot change the staff here, so nothing was changed." in refused.text
    owner = await shop_stage.as_owner()
    assert {m.name: m.status for m in (await shop_stage.services.staff.list(owner, 1)).rows}["Ana"] == "active"


async def test_a_form_sent_after_the_role_was_taken_away_is_refused(shop_stage: Stage) -> None:
    ada = await shop_stage.join("ada", Role.ADMIN)
    reply = await shop_stage.settled(await ada.slash(shop_stage.lobby, "setup"))
    reply = await shop_stage.settled(await ada.click(reply, "Checklist"))
    reply = await shop_stage.settled(await ada.click(reply, "Time zone"))
    form = await ada.click(reply, "Another place")
    for role in [r for r in shop_stage.guild.roles.values() if r.name == "Admin"]:
        shop_stage.guild.take_role(ada, role)
    refused = await shop_stage.settled(await ada.submit(form, {"zone": "America/Bogota"}))
    assert "You cannot change the shop’s settings here" in refused.followups[0].text
    assert (await shop_stage.services.tenancy.tenant(await shop_stage.as_owner())).zone == "Europe/Madrid"


async def test_a_name_with_everyone_and_backticks_is_harmless_in_cards(shop_stage: Stage) -> None:
    evil = shop_stage.emulator.add_person("evil", display_name="`@everyone` **[x](https://evil.example)** <@1>")
    shop_stage.guild.join(evil)
    reply = await shop_stage.settled(
        await shop_stage.olivia.slash(shop_stage.lobby, "staff add", {"person": evil, "role": "booster"})
    )
    assert plain(evil.display_name) in reply.text
    assert "`@everyone`" not in reply.text
    assert "https://evil" not in reply.text
    assert "<@1>" not in reply.text
    assert reply.message is not None
    assert reply.message.mention_everyone is False


async def test_a_press_in_a_guild_without_a_shop_says_what_to_do(stage: Stage) -> None:
    reply = await stage.settled(await stage.olivia.slash(stage.lobby, "staff list"))
    assert "There is no shop here yet, so nothing was done." in reply.text
    assert "/setup" in reply.text


async def test_commands_are_registered_once_over_two_starts(stage: Stage) -> None:
    first = stage.hashes.saved
    assert first is not None
    calls: list[str] = []
    stop = stage.emulator.on_event(lambda event: calls.append(str(event)))
    async with running_bot(stage.emulator, stage.services, stage.hashes):
        assert stage.hashes.saved == first
    stop()
    assert not [call for call in calls if "commands" in call and "register" in call]


async def test_spanish_names_reach_both_spanish_locales(stage: Stage) -> None:
    registered = {command.name: command for command in await stage.bot.tree.fetch_commands()}
    localised = {locale.value: name for locale, name in registered["setup"].name_localizations.items()}
    assert localised == {"es-ES": "configurar", "es-419": "configurar", "fr": "configurer", "pt-BR": "configurar"}
