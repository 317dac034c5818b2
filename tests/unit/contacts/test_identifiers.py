"""What identifiers are recognised by, and what is left of a name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts.dto import IdentifierKind, Identity
from domain.contacts.identifiers import NAME_LIMIT, clean_contact_name, deciding, identifiers_of

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)  # lone surrogates too


def keys(**values: str) -> list[str]:
    return [one.match_key for one in identifiers_of(Identity({IdentifierKind(k): v for k, v in values.items()}))]


def test_numbers_are_recognised_by_their_digits_whatever_they_are_called() -> None:
    assert keys(wa_id="34600111222", phone="+34 600 111 222") == ["number:34600111222"] * 2


def test_user_ids_are_recognised_by_their_value_even_where_a_number_belongs() -> None:
    assert keys(bsuid="US.1", parent_bsuid="US.1", wa_id="US.1") == ["user:US.1"] * 3
    assert keys(bsuid="US.a") != keys(bsuid="US.A")


def test_usernames_are_recognised_in_any_case() -> None:
    assert keys(username="Star") == keys(username="sTAR") == ["username:star"]


def test_a_number_without_digits_is_kept_as_it_is() -> None:
    assert keys(wa_id="unknown") == ["user:unknown"]


def test_values_stay_as_they_were_delivered() -> None:
    one = identifiers_of(Identity({IdentifierKind.PHONE: "+55 11 98765-4321"}))[0]
    assert (one.value, one.variant_keys) == ("+55 11 98765-4321", ("number:551187654321",))


@pytest.mark.parametrize("value", ["", "   ", "\x00", "\ud800", "x" * 161])
def test_an_impossible_value_is_left_out(value: str) -> None:
    assert keys(wa_id=value, bsuid="US.1") == ["user:US.1"]


def test_a_username_decides_only_where_it_is_alone() -> None:
    both = identifiers_of(Identity({IdentifierKind.USERNAME: "star", IdentifierKind.DISCORD: "1"}))
    assert [one.kind for one in deciding(both)] == [IdentifierKind.DISCORD]
    assert deciding(both[:1]) == both[:1]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Ana \n María\t", "Ana María"),
        ("", ""),
        ("\u202e\u2066\u200b", ""),
        ("A\x00n\ud800a\u202e", "Ana"),
        ("José Ñandú 李 👩‍👧", "José Ñandú 李 👩‍👧"),
        ("@everyone {} <@1> ` *", "@everyone {} <@1> ` *"),
        ("Ana\u2028Eva", "Ana Eva"),
        ("x" * 100_000, "x" * 80),
    ],
)
def test_a_name_is_cleaned_and_never_refused(name: str, kept: str) -> None:
    assert clean_contact_name(name) == kept


@given(ANY_TEXT)
def test_whatever_a_name_is_it_fits_on_one_line(name: str) -> None:
    kept = clean_contact_name(name)
    assert len(kept) <= NAME_LIMIT
    assert kept == kept.strip() == " ".join(kept.split())
    assert not [c for c in kept if unicodedata.category(c) in ("Cc", "Cs")]
    assert clean_contact_name(kept) == kept


@given(st.dictionaries(st.sampled_from(IdentifierKind), ANY_TEXT))
def test_any_values_make_identifiers_or_none(values: dict[IdentifierKind, str]) -> None:
    for one in identifiers_of(Identity(values)):
        assert 0 < len(one.value) <= 160
        one.value.encode()
