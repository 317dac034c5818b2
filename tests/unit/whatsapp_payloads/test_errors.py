"""Graph's error bodies, read as they come; and the table complete."""

import pytest

from channels.whatsapp.meta.errors import RULES, Then, read_refusal
from domain.kernel.errors import PermanentFailure, TransientFailure

DOCUMENTED = {
    0, 1, 2, 3, 4, 10, 100, 190, 368, 80007, 130429, 130472, 130497, 131000, 131005, 131008, 131009, 131016, 131021,
    131026, 131030, 131031, 131037, 131042, 131044, 131045, 131047, 131048, 131049, 131050, 131051, 131052, 131053,
    131056, 131057, 131062, 131063, 131064, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068,
    132069, 133004, 133010, 133016, 134011, 135000, 137000,
}  # fmt: skip


def test_every_documented_code_has_a_rule() -> None:
    assert set(RULES) == DOCUMENTED


def test_only_a_refused_token_stops_a_number() -> None:
    assert {code for code, rule in RULES.items() if rule.then is Then.STOP} == {0, 190}


def test_code_subcode_and_details_are_read() -> None:
    found = read_refusal(
        {"error": {"code": 190, "error_subcode": 463, "message": "m", "error_data": {"details": "expired"}}}
    )
    assert found is not None
    assert (found.code, found.subcode, found.details) == (190, 463, "expired")


@pytest.mark.parametrize(
    "body",
    [
        None, [], "error", {}, {"error": None}, {"error": "no"}, {"error": {}}, {"error": {"code": None}},
        {"error": {"code": True}}, {"error": {"code": "x"}}, {"error": {"code": 1.5}}, {"error": {"code": "²"}},
        {"error": {"code": "9" * 4000}},
    ],
)  # fmt: skip
def test_what_is_no_error_of_graphs_is_none(body: object) -> None:
    assert read_refusal(body) is None


@pytest.mark.parametrize("data", [None, "x", [], {"details": None}, {"details": {"a": 1}}])
def test_details_of_any_shape_do_no_harm(data: object) -> None:
    found = read_refusal({"error": {"code": "131056", "message": "m" * 900, "error_data": data}})
    assert found is not None
    assert found.code == 131056
    assert len(found.details) <= 300


def test_an_unknown_code_is_final_unless_graph_calls_it_transient() -> None:
    final = read_refusal({"error": {"code": 999999}})
    passing = read_refusal({"error": {"code": 999999, "is_transient": True}})
    assert final is not None
    assert passing is not None
    assert isinstance(final.failure(1), PermanentFailure)
    assert isinstance(passing.failure(1), TransientFailure)


def test_a_file_is_uploaded_again_once() -> None:
    refused = read_refusal({"error": {"code": 131053}})
    assert refused is not None
    assert isinstance(refused.failure(1), TransientFailure)
    assert isinstance(refused.failure(2), PermanentFailure)


def test_waits_stay_bounded_after_any_number_of_attempts() -> None:
    for code in RULES:
        refused = read_refusal({"error": {"code": code}})
        assert refused is not None
        for attempt in (1, 2, 50, 10_000):
            failure = refused.failure(attempt)
            assert not isinstance(failure, TransientFailure) or 0 < failure.retry_after_s <= 3600
