"""Secrets at rest."""

import base64
from uuid import UUID

import pytest

from domain.kernel.sealing import SealBroken, Sealer

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
SHOP, OTHER_SHOP = UUID(int=1), UUID(int=2)


def test_what_is_sealed_opens_and_shows_nothing() -> None:
    sealed = Sealer([NEW]).seal("ES91 2100", SHOP, "payout:ana")
    assert b"2100" not in sealed
    assert Sealer([NEW]).open(sealed, SHOP, "payout:ana") == "ES91 2100"


def test_the_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer([NEW])
    assert sealer.seal("x", SHOP, "p") != sealer.seal("x", SHOP, "p")


@pytest.mark.parametrize(("tenant", "purpose"), [(OTHER_SHOP, "payout:ana"), (SHOP, "payout:bruno")])
def test_a_value_moved_elsewhere_does_not_open(tenant: UUID, purpose: str) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal("ES91 2100", SHOP, "payout:ana")
    with pytest.raises(SealBroken):
        sealer.open(sealed, tenant, purpose)


@pytest.mark.parametrize("place", [0, 3, 12, -1])
def test_a_changed_value_does_not_open(place: int) -> None:
    sealer = Sealer([NEW])
    sealed = bytearray(sealer.seal("ES91 2100", SHOP, "p"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        sealer.open(bytes(sealed), SHOP, "p")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01" * 40])
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(SealBroken):
        Sealer([NEW]).open(rubbish, SHOP, "p")


def test_rotation_opens_old_values_and_seals_with_the_first_key() -> None:
    sealed = Sealer([OLD]).seal("ES91 2100", SHOP, "p")
    rotated = Sealer([NEW, OLD])
    assert not rotated.is_current(sealed)
    again = rotated.reseal(sealed, SHOP, "p")
    assert rotated.is_current(again)
    assert Sealer([NEW]).open(again, SHOP, "p") == "ES91 2100"


def test_url_safe_keys_are_accepted() -> None:
    key = base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode()
    assert Sealer([key]).open(Sealer([key]).seal("x", SHOP, "p"), SHOP, "p") == "x"


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, "not base64!"], [base64.b64encode(b"x" * 16).decode()]])
def test_a_wrong_key_is_refused_without_being_shown(keys: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        Sealer(keys)
    assert all(key not in str(refusal.value) for key in keys)
    assert refusal.value.__cause__ is None
