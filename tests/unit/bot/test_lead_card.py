"""What a lead's card says, and says once."""

from datetime import UTC, datetime

import pytest

from bot.ui.lead_card import lead_lines
from domain.i18n.reader import Reader
from domain.kernel.ids import uuid7
from domain.kernel.money import Money
from domain.leads.dto import Lead, Stage


def _lead(wish: str, start: str | None = "D2", target: str | None = "D1") -> Lead:
    now = datetime(2026, 11, 20, 17, tzinfo=UTC)
    return Lead(
        id=uuid7(), number=1, contact_id=uuid7(), contact_name="Marta", stage=Stage.NEW, owner_id=None, owner_name=None,
        source="whatsapp", referral={}, wish=wish, start_division=start, target_division=target,
        quoted=Money(4500, "USD"), tags=(), lost_reason="", created_at=now, updated_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("wish", ["D2 -> D1", "d2 to D1", "de D2 a D1", "De D2 à D1"])
def test_a_wish_that_is_only_the_climb_stands_on_the_card_once(wish: str) -> None:
    text = "\n".join(lead_lines(Reader("en"), _lead(wish)))
    assert text.count("D1") == 1
    assert "💭" not in text


@pytest.mark.parametrize("wish", ["D2 to D1 before the weekend", "with my friend", "D3 to D1"])
def test_a_wish_that_says_more_is_shown_beside_the_climb(wish: str) -> None:
    lines = lead_lines(Reader("en"), _lead(wish))
    assert lines[0] == f"💭 {wish}"
    assert lines[1].startswith("**D2 → D1**")


def test_without_divisions_the_wish_is_all_there_is() -> None:
    assert lead_lines(Reader("en"), _lead("to", None, None))[0] == "💭 to"
