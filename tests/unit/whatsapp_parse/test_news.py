"""What Meta says about account, number and templates."""

from typing import Any

import pytest

from domain.conversations.inbound import AccountNews, Ignored, Unknown
from tests.fixtures.meta_bodies import NEWS, change, post
from tests.unit.whatsapp_parse.helpers import items_of, meaning

ALERTS = {"account_alerts", "message_template_quality_update", "phone_number_name_update",
          "phone_number_quality_update", "security"}  # fmt: skip


@pytest.mark.parametrize("field", NEWS)
def test_each_field_is_one_line_and_says_whether_to_act(field: str) -> None:
    (found,) = meaning(post({"field": field, "value": NEWS[field]}))
    if field == "field_of_next_year":
        assert isinstance(found, Unknown)
    elif field.startswith("group"):
        assert isinstance(found, Ignored)
    else:
        assert isinstance(found, AccountNews)
        assert found.summary
        assert (found.is_alert, found.refreshes_templates) == (field in ALERTS, "template" in field)


@pytest.mark.parametrize("inner", [{}, [], None, 5, "x", {"event": ["x"], "restriction_info": {"a": 1}}])
@pytest.mark.parametrize("field", NEWS)
def test_news_of_any_shape_stays_readable(field: str, inner: Any) -> None:
    assert meaning(post({"field": field, "value": inner}))


def test_the_line_names_template_event_and_reason() -> None:
    value = {"event": "REJECTED", "message_template_name": "cart", "message_template_language": "es", "reason": "TAG"}
    (found,) = meaning(post({"field": "message_template_status_update", "value": value}))
    assert isinstance(found, AccountNews)
    assert found.summary == "template cart (es) is rejected: TAG"
    restriction = {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "NO_SENDING"}]}
    (found,) = meaning(post({"field": "account_update", "value": restriction}))
    assert isinstance(found, AccountNews)
    assert found.summary == "Meta restricted the WhatsApp account: NO_SENDING"


def test_history_that_is_not_shared_is_nobodys_fault() -> None:
    error = {"code": 2593109, "title": "declined", "error_data": {"details": "sharing is off"}}
    (found,) = meaning(post(change("history", history=[{"errors": [error]}])))
    assert found == AccountNews("history", "the phone app's history was not shared: 2593109 sharing is off", False)
    (found,) = meaning(post(change("history", history=[{"metadata": {"phase": 2, "progress": 100}}])))
    assert isinstance(found, Ignored)


def test_errors_beside_messages_alert() -> None:
    (found,) = meaning(post(change(errors=[{"code": 131000, "title": "Something went wrong"}])))
    assert found == AccountNews("messages", "WhatsApp reports an error: 131000 Something went wrong", True)


def test_the_same_news_twice_has_one_key_and_news_of_another_time_its_own() -> None:
    body = post({"field": "account_update", "value": {"event": "X", "a": 1}})
    turned = post({"field": "account_update", "value": {"a": 1, "event": "X"}})
    later = post({"field": "account_update", "value": {"event": "X", "a": 1}})
    later["entry"][0]["time"] += 1
    keys = [items_of(one).items[0].dedup_key for one in (body, turned, later)]
    assert keys[0] == keys[1] != keys[2]
