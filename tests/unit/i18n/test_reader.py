"""Values in texts, as each reader writes them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.i18n.catalog import load, parse
from domain.i18n.locales import our_locale
from domain.i18n.reader import Count, MissingText, Percent, Reader
from domain.kernel.money import Money
from domain.kernel.roles import Role


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "$1,234.50"),
        ("es", "1.234,50\u00a0US$"),
        ("fr", "1\u202f234,50\u00a0$US"),
        ("pt-BR", "US$\u00a01.234,50"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(locale: str, expected: str) -> None:
    assert Reader(locale).format(Money(123450, "USD")) == expected


def test_money_without_decimals_has_none() -> None:
    assert Reader("en").format(Money(1500, "JPY")) == "¥1,500"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "Nov 5, 2026"), ("es", "5 nov 2026"), ("fr", "5 nov. 2026"), ("pt-BR", "5 de nov. de 2026")],
)
def test_a_date_is_written_as_the_reader_writes_it(locale: str, expected: str) -> None:
    assert Reader(locale).format(date(2026, 11, 5)) == expected


def test_an_instant_is_shown_in_the_readers_zone() -> None:
    assert "18:00" in Reader("es", "Europe/Madrid").format(datetime(2026, 11, 20, 17, tzinfo=UTC))


def test_an_instant_becomes_a_stamp_where_the_door_has_one() -> None:
    reader = Reader("es", stamp=lambda instant: f"<t:{int(instant.timestamp())}>")
    assert reader.format(datetime(2026, 11, 20, 17, tzinfo=UTC)) == "<t:1795194000>"


@pytest.mark.parametrize(("bp", "expected"), [(5840, "58.4%"), (6000, "60%"), (7225, "72.25%"), (0, "0%")])
def test_percentages_keep_what_they_have(bp: int, expected: str) -> None:
    assert Reader("en").format(Percent(bp)) == expected


def test_percentages_in_french_stand_apart_and_with_a_comma() -> None:
    assert Reader("fr").format(Percent(5840)) == "58,4\u00a0%"


def test_numbers_are_grouped_only_when_asked() -> None:
    assert Reader("en").format(4821) == "4821"
    assert Reader("en").format(Count(4821)) == "4,821"


def test_lists_are_joined_in_the_readers_language() -> None:
    assert Reader("es").format(["a", "b", "c"]) == "a, b y c"
    assert Reader("en").format((Money(100, "USD"), Role.OWNER)) == "$1.00 and owner"


def test_plurals_follow_the_count() -> None:
    reader = Reader("es")
    assert reader("staff.list.total", count=1) == "1 persona"
    assert reader("staff.list.total", count=2) == "2 personas"
    assert reader("staff.list.total", count=1_000_000) == "1000000 personas"
    assert Reader("fr")("staff.list.total", count=0) == "0 personne"


def test_a_missing_parameter_or_key_is_a_mistake_that_shows() -> None:
    with pytest.raises(MissingText, match="needs name"):
        Reader("en")("staff.suspend.title")
    with pytest.raises(MissingText, match="needs count"):
        Reader("en")("staff.list.total")
    with pytest.raises(MissingText, match=r"no\.such\.key"):
        Reader("en")("no.such.key")


@given(st.text())
def test_values_are_data_whatever_they_contain(value: str) -> None:
    title = Reader("en")("staff.suspend.title", name=value)
    assert title == f"Suspend {value}?"


def test_catalogs_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load("en")["button.cancel"] = ()  # type: ignore[index]  # this is what must fail


@pytest.mark.parametrize("text", ["{name!r}", "{price:.2f}", "{}", "{open"])
def test_a_text_with_a_format_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(("es-ES",), "es"), (("es-419",), "es"), (("pt-BR",), "pt-BR"), (("fr",), "fr"), (("en-GB",), "en"),
     (("de", "fr"), "fr"), (("ja", None), "en"), (("de", "ko"), "en"), ((None,), "en")],
)  # fmt: skip
def test_everybody_gets_a_language_we_have(tags: tuple[str | None, ...], expected: str) -> None:
    assert our_locale(*tags) == expected


def test_none_of_something_reads_as_people_say_it() -> None:
    shown = {locale: Reader(locale)("payroll.orders", count=0) for locale in ("en", "es", "fr", "pt-BR")}
    assert shown == {"en": "0 orders", "es": "0 pedidos", "fr": "0 commande", "pt-BR": "0 pedidos"}
