"""Short chat messages in four languages, with the spellings of phones."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.i18n.catalog import LOCALES
from domain.i18n.detect import LanguageDetector

CHAT = tomllib.loads((Path(__file__).parent / "chat.toml").read_text(encoding="utf-8"))
SAID = [(text, locale) for locale in LOCALES for text in CHAT[locale]]


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


def test_nearly_every_message_is_told_and_no_longer_one_wrongly(detector: LanguageDetector) -> None:
    wrong = [(text, found) for text, locale in SAID if (found := detector.detect(text)) != locale]
    assert len(SAID) >= 200
    assert len(wrong) <= 0.03 * len(SAID), wrong
    assert [(text, found) for text, found in wrong if found is not None and len(text.split()) > 4] == []


@pytest.mark.parametrize("text", CHAT["none"])
def test_what_does_not_tell_keeps_the_contacts_language(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text) is None


def test_tell_tale_words_alone_tell_most(detector: LanguageDetector) -> None:
    light = LanguageDetector(is_light=True)
    wrong = [(text, found) for text, locale in SAID if (found := light.detect(text)) not in (locale, None)]
    assert len(wrong) <= 0.03 * len(SAID), wrong


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    assert LanguageDetector(is_light=True).detect(text) in (*LOCALES, None)
