"""Which stage may follow which, and who may move a lead."""

import itertools

import pytest

from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict, InvalidInput, LimitReached, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.leads.dto import Stage
from domain.leads.policy import check_move, clean_tag, is_allowed, needs_reason, with_tag

SELLER = Actor(uuid7(), "Sam", frozenset({Role.SELLER}), "key")
ASSISTANT = Actor.assistant(SELLER.tenant_id, "key")
NEW, CON, INT, NEG, WON, LOST = Stage
FORWARD = {(NEW, CON), (NEW, INT), (NEW, NEG), (CON, INT), (CON, NEG), (INT, NEG)}
BACK = {(CON, NEW), (INT, CON), (NEG, INT)}
WINNING = {(NEW, WON), (CON, WON), (INT, WON), (NEG, WON)}
LOSING = {(NEW, LOST), (CON, LOST), (INT, LOST), (NEG, LOST)}
REOPENING = {(WON, NEG), (WON, CON), (LOST, NEG), (LOST, CON)}
ALLOWED = FORWARD | BACK | WINNING | LOSING | REOPENING
PAIRS = sorted(itertools.permutations(Stage, 2))


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_sales_move_a_lead_as_the_table_says(start: Stage, end: Stage) -> None:
    assert is_allowed(start, end) == ((start, end) in ALLOWED)
    if (start, end) in ALLOWED:
        check_move(SELLER, 7, start, end, "because")
    else:
        with pytest.raises(Conflict) as refused:
            check_move(SELLER, 7, start, end, "because")
        assert refused.value.code == ("lead.has_ended" if start in (WON, LOST) else "lead.one_step_back")
        assert refused.value.params == {"lead": 7}


@pytest.mark.parametrize(("start", "end"), sorted(ALLOWED))
def test_going_back_losing_and_reopening_need_a_reason(start: Stage, end: Stage) -> None:
    assert needs_reason(start, end) == ((start, end) in BACK | LOSING | REOPENING)
    if needs_reason(start, end):
        with pytest.raises(InvalidInput, match=r"text\.required"):
            check_move(SELLER, 7, start, end, "")
    else:
        check_move(SELLER, 7, start, end, "")


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_the_assistant_only_moves_forward_and_never_to_an_end(start: Stage, end: Stage) -> None:
    if (start, end) in FORWARD:
        check_move(ASSISTANT, 7, start, end, "")
    else:
        with pytest.raises(PermissionDenied, match=r"lead\.not_by_assistant"):
            check_move(ASSISTANT, 7, start, end, "because")


@pytest.mark.parametrize("stage", Stage)
def test_staying_is_no_move(stage: Stage) -> None:
    assert not is_allowed(stage, stage)


@pytest.mark.parametrize(("text", "tag"), [(" #VIP ", "vip"), ("Two  Words", "two words"), ("É" * 24, "é" * 24)])
def test_tags_are_kept_in_lower_case(text: str, tag: str) -> None:
    assert clean_tag(text) == tag


@pytest.mark.parametrize("text", ["", " # ", "\x00", "x" * 25])
def test_an_empty_or_long_tag_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        clean_tag(text)


def test_a_lead_has_at_most_ten_tags() -> None:
    ten = tuple(f"tag {n}" for n in range(10))
    assert with_tag(ten, "tag 3") == ten
    with pytest.raises(LimitReached, match=r"lead\.tags"):
        with_tag(ten, "one more")
