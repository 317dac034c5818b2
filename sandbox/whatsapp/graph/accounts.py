"""What Graph tells of accounts and numbers: templates, state, subscription."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.numbers import COEXISTENCE_PER_S, Number
from sandbox.whatsapp.state import Account, Json

_PAGE_COUNT = 25
_MAX_PAGE_COUNT = 1000


def templates(account: Account, query: Mapping[str, str], address: str) -> Json:
    """Return one page of templates; `name`, `status`, `language`, `limit`, `after` and `fields` narrow it."""
    found = [
        template
        for template in account.templates
        if query.get("name", "") in template.name
        and query.get("status", template.status) == template.status
        and query.get("language", template.language) == template.language
    ]
    limit, start = _limit(query.get("limit")), _start(query.get("after"))
    page = [_narrowed(template.described(), query.get("fields")) for template in found[start : start + limit]]
    if not page:
        return {"data": []}
    end = start + len(page)
    paging: Json = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
    if end < len(found):
        paging["next"] = f"{address}?limit={limit}&after={_cursor(end)}"
    return {"data": page, "paging": paging}


def _limit(given: str | None) -> int:
    if given is None:
        return _PAGE_COUNT
    if not given.isdigit() or not 1 <= int(given) <= _MAX_PAGE_COUNT:
        raise GraphError(100, "Param limit is out of range")
    return int(given)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode().rstrip("=")


def _start(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        kind, _, position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except ValueError:
        raise GraphError(100, "Invalid cursor") from None
    if kind != "at" or not position.isdigit():
        raise GraphError(100, "Invalid cursor")
    return int(position)


def _narrowed(content: Json, fields: str | None) -> Json:
    if not fields:
        return content
    wanted = {field.strip() for field in fields.split(",")} | {"id"}
    return {key: value for key, value in content.items() if key in wanted}


def number(of: Number, fields: str | None) -> Json:
    """Return a number's state: the fields asked for, else the usual ones."""
    per_s = of.limits.per_s
    level = "HIGH" if per_s is None or per_s > 80 else "NOT_APPLICABLE" if per_s <= COEXISTENCE_PER_S else "STANDARD"
    everything: dict[str, Any] = {
        "id": of.phone_number_id,
        "display_phone_number": f"+{of.display}",
        "verified_name": of.name,
        "quality_rating": of.quality,
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": level},
        "is_on_biz_app": of.is_coexistence,
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "health_status": {"can_send_message": "AVAILABLE"},
    }
    if fields:
        for field in fields.split(","):
            if field.strip() not in everything:
                raise GraphError(100, f"Tried accessing nonexisting field ({field.strip()})")
        return _narrowed(everything, fields)
    usual = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput"
    return _narrowed(everything, usual)
