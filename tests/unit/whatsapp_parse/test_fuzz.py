"""Whatever JSON comes: it is split and parsed without an exception, and can be kept."""

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.whatsapp.meta.parse import _READERS, MetaParser
from channels.whatsapp.meta.reading import BadBody, read_body
from channels.whatsapp.meta.split import _LISTS
from domain.conversations.inbound import Inbound
from tests.fixtures.meta_bodies import NEWS
from tests.unit.whatsapp_parse.helpers import items_of

WORDS = sorted({
    "id", "from", "from_user_id", "to", "type", "text", "body", "timestamp", "image", "audio", "voice", "interactive",
    "nfm_reply", "response_json", "button_reply", "list_reply", "reaction", "message_id", "emoji", "edit", "message",
    "original_message_id", "revoke", "system", "user_changed_number", "wa_id", "user_id", "previous", "current",
    "contacts", "profile", "name", "username", "context", "forwarded", "referral", "errors", "code", "order",
    "product_items", "quantity", "location", "latitude", "status", "read", "recipient_id", "recipient_type", "group",
    "threads", "messages", "history", "contact", "phone_number", "value", "stop", "event", "phones", "origin",
    "contact_request", "unsupported", "request_welcome", "metadata", "display_phone_number", *NEWS,
})  # fmt: skip
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=20),
    st.sampled_from(WORDS),
    st.sampled_from(["34600000001", "ES.1001", "1795000000", "\x00", "1e400", '{"a":1}', "[" * 2000]),
)  # fmt: skip
anything: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
objects = st.dictionaries(st.sampled_from(WORDS), anything, max_size=8)
KINDS = (*_READERS, "unknown", "", "of next year")
relaxed = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _storable(found: Inbound) -> None:
    assert orjson.dumps(found, default=str)


@relaxed
@given(st.sampled_from(KINDS), objects, objects)
def test_parsing_never_raises(kind: str, payload: dict[str, Any], beside: dict[str, Any]) -> None:
    for item in ({**beside, "payload": payload}, payload, {"payload": payload}):
        for found in MetaParser().parse(kind, item):
            assert isinstance(found, Inbound)
            _storable(found)


@relaxed
@given(st.sampled_from(list(_LISTS)), st.lists(anything, max_size=3), anything, anything)
def test_splitting_never_raises(name: str, pieces: list[Any], contacts: Any, metadata: Any) -> None:
    value = {name: pieces, "contacts": contacts, "metadata": metadata}
    raw = orjson.dumps({"entry": [{"id": contacts, "time": metadata, "changes": [{"field": name, "value": value}]}]})
    for item in items_of(dict(read_body(raw))).items:
        orjson.dumps(item.item)
        assert 0 < len(item.dedup_key) <= 300
        assert 0 < len(item.lane) <= 200
        for found in MetaParser().parse(item.kind, item.item):
            _storable(found)


@relaxed
@given(anything)
def test_any_entry_is_kept_somehow(entry: Any) -> None:
    found = items_of({"entry": [entry]})
    assert found.items


@relaxed
@given(st.binary(max_size=200))
def test_bytes_are_a_body_or_bad(raw: bytes) -> None:
    try:
        orjson.dumps(read_body(raw))
    except BadBody:
        return
