"""Who an item is about, when numbers hide and contacts are missing or somebody else's."""

from typing import Any

import pytest

from domain.conversations.inbound import (
    ContactCard,
    HistoryMessage,
    IdentityChange,
    MarketingChoice,
    PhoneEcho,
    PhoneEchoEdit,
    StatusUpdate,
    Unknown,
)
from tests.fixtures.meta_bodies import ANA, change, message, post, status
from tests.unit.whatsapp_parse.helpers import ids, items_of, meaning, said, told

HIDDEN = {"profile": {"name": "Ana", "username": "ana.r"}, "user_id": "ES.1001"}


@pytest.mark.parametrize(
    ("who", "contacts", "expected"),
    [
        ({"from": "34600000001"}, [], {"wa_id": "34600000001"}),
        ({"from": "34600000001"}, [{}, None, 5], {"wa_id": "34600000001"}),
        ({"from_user_id": "ES.1001"}, [HIDDEN], {"bsuid": "ES.1001", "username": "ana.r"}),
        ({"from": "ES.1001"}, [HIDDEN], {"bsuid": "ES.1001", "username": "ana.r"}),
        ({"from": "ES.1001"}, [], {"bsuid": "ES.1001"}),
        ({}, [HIDDEN], {"bsuid": "ES.1001", "username": "ana.r"}),
        ({}, [ANA], {"wa_id": "34600000001", "bsuid": "ES.1001", "username": "ana.r"}),
        ({"from": "34600000001", "from_user_id": "ES.7"}, [], {"wa_id": "34600000001", "bsuid": "ES.7"}),
        ({"from": "34600000009"}, [ANA], {"wa_id": "34600000009"}),
        ({"from": "34600000001"}, [{"wa_id": "34600000009"}, ANA],
         {"wa_id": "34600000001", "bsuid": "ES.1001", "username": "ana.r"}),
        ({"from": "34600000001"}, [HIDDEN, {"wa_id": "34600000009"}], {"wa_id": "34600000001"}),
    ],
)  # fmt: skip
def test_the_sender_is_who_the_item_names(who: dict[str, Any], contacts: list[Any], expected: dict[str, str]) -> None:
    payload = {key: value for key, value in message().items() if key != "from"} | who
    assert ids(told(payload, contacts=contacts).sender) == expected


@pytest.mark.parametrize("contacts", [[], [{}], [{"profile": {"name": "x"}}], [ANA, HIDDEN | {"user_id": "ES.2"}]])
def test_a_message_of_nobody_is_unknown(contacts: list[Any]) -> None:
    payload = {key: value for key, value in message().items() if key != "from"}
    assert isinstance(said(payload, contacts=contacts), Unknown)


def test_a_persons_items_share_a_lane() -> None:
    lists = change(messages=[message(), {"from_user_id": "ES.1001", "id": "w2", "type": "text"}])
    assert {item.lane for item in items_of(post(lists)).items} == {"34600000001"}
    hidden = change(messages=[{"from_user_id": "ES.1001", "id": "w"}], contacts=[HIDDEN])
    assert [item.lane for item in items_of(post(hidden)).items] == ["ES.1001"]


def test_statuses_of_a_person_share_a_lane_with_those_of_many() -> None:
    people = [f"346000000{number:02d}" for number in range(50)]
    lists = change(statuses=[status(recipient_id=one, id=f"w{state}{one}", status=state)
                             for state in ("sent", "delivered") for one in people])  # fmt: skip
    lanes = [item.lane for item in items_of(post(lists)).items]
    assert lanes[:50] == lanes[50:], "what is said of one person stays in order"
    assert set(lanes) == {f"status:{number}" for number in range(4)}


def test_statuses_carry_what_became_of_a_message() -> None:
    error = {"code": "131047", "title": "Re-engagement", "error_data": {"details": "24 hours"}, "href": "x"}
    body = post(change(contacts=[], statuses=[
        status(state="failed", errors=[error], biz_opaque_callback_data="our-id"),
        status(state="read", recipient_id=None, recipient_user_id="ES.1001"),
        status(state="delivered", pricing={"billable": True, "category": "service"}, recipient_id="x"),
    ]))  # fmt: skip
    failed, read, delivered = meaning(body)
    assert isinstance(failed, StatusUpdate)
    assert isinstance(read, StatusUpdate)
    assert isinstance(delivered, StatusUpdate)
    assert failed.errors == ({"code": 131047, "title": "Re-engagement", "details": "24 hours"},)
    assert (failed.outbound_id, ids(failed.recipient)) == ("our-id", {"wa_id": "34600000001"})
    assert ids(read.recipient) == {"bsuid": "ES.1001"}
    assert (ids(delivered.recipient), delivered.pricing) == ({}, {"billable": True, "category": "service"})


def test_a_status_is_new_for_each_state_and_each_member_of_a_group() -> None:
    group = {"recipient_type": "group", "recipient_id": "g"}
    lists = [status(state="sent"), status(state="read"), status(state="read"),
             status(state="read", **group, recipient_participant_id="34600000002"),
             status(state="read", **group, recipient_participant_id="34600000003")]  # fmt: skip
    keys = [item.dedup_key for item in items_of(post(change(statuses=lists))).items]
    assert len(set(keys)) == 4


def _echo(**more: Any) -> dict[str, Any]:
    return message(sender="34911222333", to="34600000001") | more


def test_an_echo_is_for_the_customer_whichever_side_names_them() -> None:
    for payload in (_echo(), {**_echo(), "from": "34600000001", "to": "+34 911 222 333"}):
        (found,) = meaning(post(change("smb_message_echoes", contacts=[], message_echoes=[payload])))
        assert isinstance(found, PhoneEcho)
        assert (ids(found.message.sender), found.message.text) == ({"wa_id": "34600000001"}, "hola")
    hidden = {**_echo(to_user_id="ES.1001")}
    del hidden["to"]
    (found,) = meaning(post(change("smb_message_echoes", contacts=[], message_echoes=[hidden])))
    assert isinstance(found, PhoneEcho)
    assert ids(found.message.sender) == {"bsuid": "ES.1001"}


def test_an_echo_can_be_edited_and_deleted() -> None:
    edit = _echo(type="edit", edit={"original_message_id": "o", "message": {"type": "text", "text": {"body": "n"}}})
    revoke = _echo(type="revoke", revoke={"original_message_id": "o"})
    found = meaning(post(change("smb_message_echoes", message_echoes=[edit, revoke])))
    assert [(type(e), getattr(e, "target_id", ""), getattr(e, "text", "")) for e in found] == [
        (PhoneEchoEdit, "o", "n"), (PhoneEchoEdit, "o", None)
    ]  # fmt: skip


def test_history_keeps_both_sides_in_their_customers_lane() -> None:
    thread = {"id": "34600000001", "context": {"user_id": "ES.1001", "username": "ana.r"}, "messages": [
        message("w1", "from ana"), message("w2", "from us", "34911222333"),
        {"from": "34600000001", "id": "w3", "timestamp": "1700000000", "type": "media_placeholder"}]}  # fmt: skip
    chunk = {"metadata": {"phase": 0, "chunk_order": 1, "progress": 50}, "threads": [thread]}
    body = post(change("history", contacts=[], history=[chunk]))
    assert {item.lane for item in items_of(body).items} == {"34600000001"}
    found = meaning(body)
    assert all(isinstance(one, HistoryMessage) for one in found)
    assert [(one.is_from_shop, one.message.text) for one in found if isinstance(one, HistoryMessage)] == [
        (False, "from ana"), (True, "from us"), (False, "")
    ]  # fmt: skip
    for one in found:
        assert isinstance(one, HistoryMessage)
        assert ids(one.message.sender) == {"wa_id": "34600000001", "bsuid": "ES.1001", "username": "ana.r"}


def test_a_file_of_history_comes_on_its_own_and_is_not_the_placeholder_again() -> None:
    placeholder = {"from": "34600000001", "id": "w", "timestamp": "1", "type": "media_placeholder"}
    image = {"from": "34600000001", "id": "w", "timestamp": "1", "type": "image", "image": {"id": "M"}}
    chunk = {"threads": [{"id": "34600000001", "messages": [placeholder]}]}
    first = items_of(post(change("history", history=[chunk]))).items
    second = items_of(post(change("history", messages=[image]))).items
    assert [item.kind for item in first + second] == ["history", "history"]
    assert len({item.dedup_key for item in first + second}) == 2
    assert isinstance(meaning(post(change("history", messages=[image])))[0], HistoryMessage)


def test_the_address_book_of_the_phone() -> None:
    card = {"full_name": "Ana R", "first_name": "Ana", "phone_number": "34600000001"}
    book = [{"type": "contact", "contact": card, "action": "add"},
            {"type": "contact", "contact": {"phone_number": "34600000001"}, "action": "remove"}]  # fmt: skip
    added, removed = meaning(post(change("smb_app_state_sync", state_sync=book)))
    assert isinstance(added, ContactCard)
    assert isinstance(removed, ContactCard)
    assert (added.identity.name, added.is_removed, removed.is_removed) == ("Ana R", False, True)


@pytest.mark.parametrize(("said_value", "wants"), [("stop", False), ("resume", True), ("signup", True), ("x", None)])
def test_marketing_is_wanted_or_not(said_value: str, wants: bool | None) -> None:
    preference = {
        "wa_id": "34600000001",
        "category": "marketing_messages",
        "value": said_value,
        "timestamp": 1795000000,
    }
    (found,) = meaning(post(change("user_preferences", user_preferences=[preference])))
    assert isinstance(found, Unknown) if wants is None else isinstance(found, MarketingChoice)
    assert wants is None or (isinstance(found, MarketingChoice) and found.wants_marketing is wants)


def test_a_user_id_update_has_both_ids() -> None:
    update = {"wa_id": "34600000001", "user_id": {"previous": "ES.1", "current": "ES.2"}, "timestamp": "1795000000"}
    (found,) = meaning(post(change("user_id_update", user_id_update=[update])))
    assert isinstance(found, IdentityChange)
    assert ids(found.before) == {"wa_id": "34600000001", "bsuid": "ES.1"}
    assert ids(found.after) == {"wa_id": "34600000001", "bsuid": "ES.2"}
