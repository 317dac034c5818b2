import pytest

from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, parse_money

READ = {
    ("45", "USD"): 4_500,
    ("$1,234.50", "USD"): 123_450,
    ("1.234,50 €", "EUR"): 123_450,
    ("45 usd", "USD"): 4_500,
    ("1.234", "USD"): 123_400,
    ("¥1,234", "JPY"): 1_234,
    ("45.500", "KWD"): 45_500,
    ("1,234.500", "KWD"): 1_234_500,
    ("1.234,5 kwd", "KWD"): 1_234_500,
    ("1.000.000", "KWD"): 1_000_000_000,
    ("0.500", "KWD"): 500,
    ("R$ 45,00", "BRL"): 4_500,
    ("R$45", "BRL"): 4_500,
    ("US$ 1.234,50", "USD"): 123_450,
    ("\u0661\u0662,\u0665", "EUR"): 1_250,
}
REFUSED = {
    ("45 EUR", "USD"): "money.currency",
    ("eur45", "USD"): "money.currency",
    ("€45", "USD"): "money.currency",
    ("$45", "EUR"): "money.currency",
    ("£45", "JPY"): "money.currency",
    ("1,234.500", "USD"): "money.unreadable",
    ("a lot", "USD"): "money.unreadable",
    ("1e309", "USD"): "money.unreadable",
    ("1.5", "JPY"): "money.precision",
    ("0.500", "USD"): "money.unreadable",
    ("0,001", "EUR"): "money.unreadable",
    ("\u0660.\u0665\u0660\u0660", "USD"): "money.unreadable",
    ("R$ 45", "USD"): "money.unreadable",
    ("US$ 45", "BRL"): "money.unreadable",
}


@pytest.mark.parametrize(("typed", "minor"), READ.items())
def test_amounts_are_read_as_people_type_them(typed: tuple[str, str], minor: int) -> None:
    assert parse_money(*typed).minor == minor


@pytest.mark.parametrize(("typed", "code"), REFUSED.items())
def test_what_could_mean_another_amount_is_refused(typed: tuple[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_money(*typed)
    assert refused.value.code == code


def test_a_refusal_repeats_what_was_typed() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_money("$ 11111111111111111111", "USD", field="price")
    assert (refused.value.field, refused.value.params["text"]) == ("price", "$ 11111111111111111111")


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD", "CLF"])
def test_a_form_that_is_sent_as_it_was_prefilled_changes_no_amount(currency: str) -> None:
    for minor in (1, 45_000, 123_456_789):
        amount = Money(minor, currency)
        assert parse_money(str(amount.decimal), currency) == amount


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("currency", ["USD", "EUR", "BRL", "MXN", "ARS", "CAD", "XOF", "JPY", "KWD"])
def test_an_amount_is_read_back_as_we_show_it(currency: str, locale: str) -> None:
    for minor in (1, 4_500, -4_500, 123_456_789):
        amount = Money(minor, currency)
        assert parse_money(Reader(locale).format(amount), currency) == amount
