from datetime import date

import pytest

from domain.i18n.reader import Reader

DAY = date(2026, 11, 20)
REFUSALS: dict[str, dict[str, object]] = {
    "future_day": {"day": DAY, "today": date(2026, 11, 19)},
    "before_shop": {"day": DAY, "first": date(2026, 11, 21)},
    "changed": {},
    "not_closed": {"day": DAY},
    "unknown_number": {"number": 12},
}


@pytest.mark.parametrize("locale", ["en", "es", "fr", "pt-BR"])
@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_of_closing_has_words_in_every_language(locale: str, code: str) -> None:
    params = REFUSALS[code]
    text = Reader(locale)(f"error.closing.{code}", **params)
    assert text.endswith(".")
    assert "!" not in text
    for value in params.values():
        assert Reader(locale).format(value) in text
