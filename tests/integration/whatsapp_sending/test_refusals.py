"""Every error of Graph's table on demand, and what the house makes of it."""

from datetime import timedelta

import pytest

from channels.whatsapp.meta.errors import RULES, Retry, Then
from domain.channels.dto import NewMetaAccount
from domain.conversations.dto import Option, Outgoing, TemplateCall
from domain.kernel.actor import Actor
from domain.kernel.errors import TransientFailure
from tests.fixtures.shop import found_shop
from tests.integration.whatsapp_sending.harness import CANARY, Sending, texts

FINAL = sorted(code for code, rule in RULES.items() if rule.retry is Retry.NEVER)
AGAIN = sorted(code for code, rule in RULES.items() if rule.retry is not Retry.NEVER and rule.then is not Then.STOP)


@pytest.mark.parametrize("code", [*FINAL, 200, 299, 131999])
async def test_a_final_refusal_fails_visibly_and_frees_the_chat(sending: Sending, code: int) -> None:
    chat = await sending.chat()
    await sending.say(chat, "refused", "next")
    sending.whatsapp.faults.fail("messages", code, status=400)
    assert await sending.deliver(chat) == 2
    assert await sending.states(chat) == [("failed", f"meta: {code}"), ("sent", None)]
    assert texts(chat) == ["next"]
    rule = RULES.get(code)
    is_told = code in (200, 299) or (rule is not None and rule.then in (Then.ALERT, Then.TEMPLATES))
    assert await sending.alerts() == ([f"refused {code}: Injected fault"] if is_told else [])


@pytest.mark.parametrize("code", AGAIN)
async def test_a_passing_refusal_waits_and_arrives_once(sending: Sending, code: int) -> None:
    chat = await sending.chat()
    await sending.say(chat, "first", "second")
    sending.whatsapp.faults.fail("messages", code)
    assert await sending.deliver(chat) == 0
    assert await sending.states(chat) == [("queued", f"meta: {code}"), ("queued", None)]
    [row, _] = await sending.rows(chat)
    wait_s = (row["due_at"] - sending.clock.now()).total_seconds()
    assert await sending.deliver_after(chat, wait_s - 0.5) == 0
    assert await sending.deliver_after(chat, 0.5) == 2
    assert texts(chat) == ["first", "second"]


async def test_a_server_error_with_graphs_own_code_is_an_answer_and_not_an_unknown_outcome(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello")
    sending.whatsapp.faults.fail("messages", 131016, status=500)
    await sending.deliver(chat)
    assert await sending.states(chat) == [("queued", "meta: 131016")]


async def test_waits_grow_with_each_attempt_up_to_five_minutes(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello")
    sending.whatsapp.faults.fail("messages", 131000, times=None)
    waits_s = []
    for _ in range(8):
        await sending.deliver(chat)
        [row] = await sending.rows(chat)
        waits_s.append((row["due_at"] - sending.clock.now()).total_seconds())
        sending.clock.advance(timedelta(seconds=waits_s[-1]))
    assert waits_s == [10, 20, 40, 80, 160, 300, 300, 300]


async def test_the_pair_rate_delays_that_chat_only_and_longer_each_time(sending: Sending) -> None:
    ana, bruno = await sending.chat("34600111222"), await sending.chat("34600333444")
    await sending.say(ana, "to ana")
    await sending.say(bruno, "to bruno")
    sending.whatsapp.faults.fail("messages", 131056, to=ana.phone.wa_id, times=2)
    assert await sending.deliver(ana) == 0
    assert await sending.deliver(bruno) == 1
    assert await sending.deliver_after(ana, 4) == 0
    [row] = await sending.rows(ana)
    assert (row["due_at"] - sending.clock.now()).total_seconds() == 16
    assert await sending.deliver_after(ana, 16) == 1


async def test_over_its_throughput_a_number_pauses_for_every_chat(sending: Sending) -> None:
    ana, bruno = await sending.chat("34600111222"), await sending.chat("34600333444")
    await sending.say(ana, "to ana")
    await sending.say(bruno, "to bruno")
    sending.whatsapp.faults.fail("messages", 130429)
    assert await sending.deliver(ana) == 0
    calls_count = sending.whatsapp.counts["messages"]
    assert await sending.deliver(bruno) == 0
    assert sending.whatsapp.counts["messages"] == calls_count
    assert await sending.states(bruno) == [("queued", "meta: number_rate")]
    sending.clock.advance(timedelta(seconds=2))
    assert [await sending.deliver(chat) for chat in (ana, bruno)] == [1, 1]


@pytest.mark.parametrize("code", [4, 80007])
async def test_a_limit_of_the_app_or_the_business_holds_what_shares_it(sending: Sending, code: int) -> None:
    ana, bruno = await sending.chat("34600111222"), await sending.chat("34600333444")
    await sending.say(ana, "to ana")
    await sending.say(bruno, "to bruno")
    sending.whatsapp.faults.fail("messages", code)
    assert await sending.deliver(ana) == 0
    known = await sending.channels.credentials(sending.actor, sending.account.id)
    assert list(sending.buckets._paused_until_s) == [known.app_key if code == 4 else known.waba_id]
    assert await sending.deliver(bruno) == 0
    assert await sending.states(bruno) == [("queued", "meta: number_rate")]
    sending.clock.advance(timedelta(seconds=120))
    assert [await sending.deliver(chat) for chat in (ana, bruno)] == [1, 1]


@pytest.mark.parametrize("shares_app", [True, False])
async def test_a_limit_of_the_app_holds_other_shops_numbers_of_that_app_and_no_others(
    sending: Sending, shares_app: bool
) -> None:  # fmt: skip
    other = await found_shop(sending.db, sending.clock, guild_id=2002, name="Otra")
    app = sending.number.app if shares_app else None
    number = sending.whatsapp.add_number("34911000222", app=app)
    new = NewMetaAccount(number.phone_number_id, "EAAother", number.app_secret, "verify", waba_id=number.waba_id)
    account = await sending.channels.add_meta(other.act("owner"), new)
    chat = await sending.chat()
    await sending.say(chat, "hello")
    sending.whatsapp.faults.fail("messages", 4)
    await sending.deliver(chat)
    system = Actor.system(other.tenant.id, "test", "other")
    theirs = await sending.channels.credentials(system, account.id)
    take = sending.buckets.take(account.id, 80, "34600999888", (theirs.waba_id, theirs.app_key))
    if shares_app:
        with pytest.raises(TransientFailure) as waits:
            await take
        assert waits.value.retry_after_s == 120
    else:
        await take


async def test_an_alert_is_told_once_an_hour(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "one", "two")
    sending.whatsapp.faults.fail("messages", 131042, times=2)
    assert await sending.deliver(chat) == 2
    assert await sending.alerts() == ["refused 131042: Injected fault"]


async def test_a_refused_template_has_the_templates_read_again(sending: Sending) -> None:
    chat = await sending.chat(is_open=False)
    await sending.say(chat, Outgoing(template=TemplateCall("gone", "es", (("1", "Ana"),))))
    assert await sending.deliver(chat) == 1
    assert await sending.states(chat) == [("failed", "meta: 132001")]
    async with sending.db.queue_tx() as tx:
        assert await tx.value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'templates.sync'") == 1


async def test_a_number_nobody_has_is_tried_once_under_its_other_spelling(sending: Sending) -> None:
    chat = await sending.chat("551187654321")
    await sending.say(chat, "oi", to="5511987654321")
    sending.whatsapp.faults.fail("messages", 131026, to="5511987654321")
    assert await sending.deliver(chat) == 1
    assert texts(chat) == ["oi"]
    assert [call.to for call in sending.whatsapp.calls] == ["5511987654321", "551187654321"]
    assert sending.recipients.canonical == [(chat.id, "551187654321")]


async def test_when_neither_spelling_is_known_it_fails_after_two_calls(sending: Sending) -> None:
    chat = await sending.chat("551187654321")
    await sending.say(chat, "oi", to="5511987654321")
    sending.whatsapp.faults.fail("messages", 131030, times=None)
    assert await sending.deliver(chat) == 1
    assert await sending.states(chat) == [("failed", "meta: 131030")]
    assert sending.whatsapp.counts["messages"] == 2


@pytest.mark.parametrize("code", [100, 131008, 131009, 131051])
async def test_what_we_built_wrongly_is_logged_by_its_shape_and_without_anybodys_words(
    sending: Sending, caplog: pytest.LogCaptureFixture, code: int
) -> None:  # fmt: skip
    chat = await sending.chat()
    await sending.say(chat, "a secret", Outgoing("Which one?", options=(Option("a", "The first one"),)))
    sending.whatsapp.faults.fail("messages", code, times=2)
    await sending.deliver(chat)
    assert "'type': 'text', 'text': {'body': '8 characters'" in caplog.text
    assert "'sub_type'" in caplog.text or "'type': 'reply'" in caplog.text
    for word in ("a secret", "first one", chat.phone.wa_id):
        assert word not in caplog.text


async def test_who_stopped_marketing_is_remembered(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "offer")
    sending.whatsapp.faults.fail("messages", 131050)
    await sending.deliver(chat)
    assert sending.recipients.stopped == [chat.id]


@pytest.mark.parametrize("refusal", ["window_closed", "opted_out", "blocked", "unreachable", "no_address"])
async def test_what_must_not_leave_now_fails_with_its_reason_and_no_call(sending: Sending, refusal: str) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello", refusal=refusal)
    assert await sending.deliver(chat) == 1
    assert await sending.states(chat) == [("failed", f"meta: {refusal}")]
    assert sending.listener.news[-1][1:] == ("failed", f"meta: {refusal}")
    assert sending.whatsapp.counts["messages"] == 0


async def test_the_window_is_graphs_to_close_too(sending: Sending) -> None:
    chat = await sending.chat(is_open=False)
    await sending.say(chat, "hello")
    await sending.deliver(chat)
    await sending.whatsapp.settled()
    assert chat.phone.inbox == []
    assert sending.whatsapp.sent_to(chat.phone)[0].error_code == 131047


async def test_what_was_called_off_is_cancelled(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "late", refusal="cancelled")
    assert await sending.deliver(chat) == 1
    assert [state for state, _ in await sending.states(chat)] == ["cancelled"]


async def test_a_refused_token_stops_the_number_and_loses_nothing(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    ana, bruno = await sending.chat("34600111222"), await sending.chat("34600333444")
    await sending.say(ana, "one", "two")
    await sending.say(bruno, "three")
    sending.number.expire_token()
    assert [await sending.deliver(chat) for chat in (ana, bruno)] == [0, 0]
    [account] = await sending.channels.accounts(sending.actor)
    assert (account.state, account.stopped_reason) == ("stopped", "token_463")
    assert await sending.alerts() == ["stopped token_463"]
    calls_count = sending.whatsapp.counts["messages"]
    for _ in range(5):
        await sending.deliver_after(ana, 60)
    assert sending.whatsapp.counts["messages"] == calls_count
    await sending.channels.replace_token(sending.actor, account.id, sending.number.renew_token())
    sending.clock.advance(timedelta(seconds=61))
    assert [await sending.deliver(chat) for chat in (ana, bruno)] == [2, 1]
    assert (texts(ana), texts(bruno)) == (["one", "two"], ["three"])
    assert CANARY not in caplog.text


async def test_a_token_replaced_while_the_old_one_was_under_way_does_not_stop_the_number(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello")
    fault = sending.whatsapp.faults.fail("messages", 190)
    real = sending.channels.credentials
    fresh = sending.number.renew_token()

    async def replaced_meanwhile(*args: object, **kwargs: object) -> object:
        if fault.caught_count:
            await sending.channels.replace_token(sending.actor, sending.account.id, fresh)
        return await real(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    sending.channels.credentials = replaced_meanwhile  # type: ignore[method-assign,assignment]  # the race, made certain
    assert await sending.deliver(chat) == 0
    [account] = await sending.channels.accounts(sending.actor)
    assert account.state == "active"


async def test_a_token_is_read_once_for_messages_in_a_row_and_again_once_it_is_refused(sending: Sending) -> None:
    chat, reads, real = await sending.chat(), [], sending.channels.credentials

    async def counted(*args: object, **kwargs: object) -> object:
        reads.append(args)
        return await real(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    sending.channels.credentials = counted  # type: ignore[method-assign,assignment]  # counts, and changes nothing
    await sending.say(chat, "one", "two", "three")
    assert await sending.deliver(chat) == 3
    assert len(reads) == 1
    sending.number.expire_token()
    await sending.channels.replace_token(sending.actor, sending.account.id, sending.number.renew_token())
    await sending.say(chat, "four")
    assert await sending.deliver(chat) == 0
    sending.clock.advance(timedelta(seconds=61))
    assert await sending.deliver(chat) == 1
    [account] = await sending.channels.accounts(sending.actor)
    assert (account.state, texts(chat)) == ("active", ["one", "two", "three", "four"])


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_timeouts_and_server_errors_never_stop_the_number(sending: Sending, status: int) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello")
    sending.whatsapp.faults.answer("messages", status, b"<html>Bad gateway</html>")
    await sending.deliver(chat)
    [account] = await sending.channels.accounts(sending.actor)
    assert account.state == "active"
    assert await sending.states(chat) == [("unknown", f"meta: http_{status}")]


async def test_a_busy_proxys_retry_after_is_honoured(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "hello")
    sending.whatsapp.faults.answer("messages", 429, b"slow down", headers={"Retry-After": "77"})
    await sending.deliver(chat)
    [row] = await sending.rows(chat)
    assert (row["state"], (row["due_at"] - sending.clock.now()).total_seconds()) == ("queued", 77)
