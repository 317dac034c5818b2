"""Text on its way from the outbox to a phone."""

from tests.integration.whatsapp_sending.harness import Sending, texts


async def test_a_text_arrives_in_whatsapps_marks_and_its_id_is_kept(sending: Sending) -> None:
    chat = await sending.chat()
    row_id = await sending.say(chat, "Your **Gold** climb is *done*")
    assert await sending.deliver(chat) == 1
    assert texts(chat) == ["Your *Gold* climb is *done*"]
    [row] = await sending.rows(chat)
    assert (row["state"], row["provider_ref"]) == ("sent", chat.phone.inbox[0].id)
    assert chat.phone.inbox[0].tracker == str(row_id)


async def test_messages_of_a_chat_arrive_in_order(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "one", "two", "three")
    assert await sending.deliver(chat) == 3
    assert texts(chat) == ["one", "two", "three"]
