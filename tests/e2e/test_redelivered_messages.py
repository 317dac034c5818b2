"""What Meta tells many times, out of order and in batches is one message, one answer; states only advance."""

from functools import partial

import pytest

from tests.e2e.house import House
from tests.e2e.inbox import Client, Inbox
from tests.e2e.two_doors import PATIENT, TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = PATIENT
FIRST = "Hello, how much is it please?"
RANKS = ["queued", "unknown", "sent", "delivered", "read"]
LOG = """
CREATE TABLE IF NOT EXISTS public.states (id uuid, state text, at bigserial);
CREATE OR REPLACE FUNCTION public.note_state() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN INSERT INTO public.states (id, state) VALUES (NEW.id, NEW.state); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER note_state AFTER UPDATE OF state ON guildhall.messages
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION public.note_state();
"""


async def test_the_same_message_twice_in_one_post_and_fifty_times_at_once_is_one_message_with_one_answer(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    client = inbox.client()
    doors.whatsapp.webhooks.hold()
    await client.writes(FIRST)
    doors.whatsapp.webhooks.copies = 50
    await doors.whatsapp.webhooks.release("items", repeats=2)
    await client.was_answered_once()
    assert await inbox.count("inbound_events", "kind = 'message'") == 1
    assert {attempt.status for attempt in doors.whatsapp.webhooks.attempts} == {200}
    assert await inbox.count("leads") == await inbox.count("contacts") == await inbox.count("conversations") == 1


@pytest.mark.parametrize("packing", ["apart", "items", "changes", "entries"])
async def test_batches_of_three_people_shuffled_and_repeated_lose_and_double_nothing(
    doors: TwoDoors, inbox: Inbox, open_house: House, packing: str
) -> None:
    assert open_house.is_running
    clients = [inbox.client() for _ in range(3)]
    doors.whatsapp.webhooks.hold()
    for client in clients:
        await client.writes(*(f"{FIRST} {word}" for word in ("one", "two", "three", "four")))
    await doors.whatsapp.webhooks.release(packing, shuffle_seed=7, copies=3)  # type: ignore[arg-type]  # one of them
    await inbox.sound()
    for client in clients:
        assert len(client.told()) == 1 + await client.turns()
        await client.is_whole(is_sent_in_order=False)


async def test_statuses_that_come_before_the_answer_backwards_and_many_times_only_advance_a_message(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    await doors.run(LOG)
    client, backwards = inbox.client(), inbox.client()
    doors.whatsapp.statuses.are_before_answer = True
    doors.whatsapp.webhooks.copies = 5
    await client.writes(FIRST)
    await client.hears(2)
    await inbox.quiet()
    doors.whatsapp.statuses.are_before_answer = False
    doors.whatsapp.statuses.withhold()
    await backwards.writes(FIRST)
    await backwards.hears(2)
    await doors.whatsapp.statuses.release(reverse=True)
    for one in (client, backwards):
        await eventually(partial(is_all_read, one))
    await inbox.sound()
    for row in [*await client.messages("out"), *await backwards.messages("out")]:
        went = [
            each["state"]
            for each in await doors.rows("SELECT * FROM public.states WHERE id = $1 ORDER BY at", row["id"])
        ]
        assert went == sorted(went, key=RANKS.index)
        assert len(set(went)) == len(went)
    await client.is_whole()
    await backwards.is_whole()


async def test_a_message_that_fails_after_it_was_sent_says_so_in_the_thread_and_stays_failed(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    client = inbox.client()
    doors.whatsapp.statuses.withhold()
    doors.whatsapp.faults.fail_later(131026, times=1, is_after_sent=True)
    await client.writes(FIRST)
    await eventually(lambda: has_left(inbox, 2))
    await doors.whatsapp.statuses.release(reverse=True)
    await eventually(lambda: has_failed(inbox, 1))
    await inbox.sound(failed_count=1)
    greeting, answer = await client.messages("out")
    assert (greeting["state"], answer["state"]) == ("failed", "read")
    assert "131026" in greeting["error"]
    assert len(client.mirrored()) == 3
    assert "⚠️" in client.mirrored()[1].text


async def is_all_read(client: Client) -> bool:
    return {row["state"] for row in await client.messages("out")} == {"read"}


async def has_left(inbox: Inbox, count: int) -> bool:
    return await inbox.count("messages", "direction = 'out' AND state <> 'queued'") == count


async def has_failed(inbox: Inbox, count: int) -> bool:
    return await inbox.count("messages", "state = 'failed'") == count
