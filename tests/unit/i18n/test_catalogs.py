"""Every text exists in four languages, says the same things, fits into Discord, and is used."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from babel import Locale

from domain.i18n.catalog import FOLDER, LOCALES, Entry, load, placeholders
from tests.unit.i18n.source import scan

KEYS = sorted(load("en"))


def texts(entry: Entry) -> Iterator[str]:
    """The text or texts, placeholders in braces."""
    for pieces in entry.values() if isinstance(entry, Mapping) else (entry,):
        yield "".join(literal + (f"{{{name}}}" if name else "") for literal, name in pieces)


def every_text() -> Iterator[tuple[str, str, str]]:
    for locale in LOCALES:
        for key, entry in load(locale).items():
            for text in texts(entry):
                yield locale, key, text


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_language_has_the_same_keys(locale: str) -> None:
    assert set(load(locale)) ^ set(KEYS) == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_the_same_files(locale: str) -> None:
    names = {path.name for path in (FOLDER / locale).iterdir()}
    assert names == {path.name for path in (FOLDER / "en").iterdir()}


def test_every_language_names_the_same_placeholders() -> None:
    wrong = {
        (locale, key)
        for locale in LOCALES
        for key, entry in load(locale).items()
        if key in load("en") and placeholders(entry) != placeholders(load("en")[key])
    }
    assert wrong == set()


def test_plural_texts_have_every_category_of_their_language() -> None:
    wrong = {}
    for locale in LOCALES:
        needed = set(Locale.parse(locale, sep="-").plural_form.rules) | {"other"}
        for key, entry in load(locale).items():
            if isinstance(entry, Mapping) and set(entry) != needed:
                wrong[locale, key] = (sorted(entry), sorted(needed))
    assert wrong == {}


def test_plurals_are_plurals_in_every_language() -> None:
    kinds = {key: {isinstance(load(locale)[key], Mapping) for locale in LOCALES} for key in KEYS}
    assert [key for key, kind in kinds.items() if len(kind) > 1] == []


def test_no_text_is_empty_or_mangled() -> None:
    mangled = re.compile("\ufffd|Ã.|â€|Â[^\\w]|\\?\\?")
    wrong = [(locale, key, text) for locale, key, text in every_text() if not text.strip() or mangled.search(text)]
    assert wrong == []


def test_bad_news_comes_without_exclamation_marks() -> None:
    assert [(locale, key) for locale, key, text in every_text() if key.startswith("error.") and "!" in text] == []


def test_every_key_the_code_asks_for_exists_with_its_parameters() -> None:
    missing = sorted(key for key in scan().asked if key not in load("en"))
    assert missing == []
    short = {
        key: sorted(placeholders(load("en")[key]) - given)
        for key, given in scan().asked.items()
        if given is not None and placeholders(load("en")[key]) - given
    }
    assert short == {}


def test_every_error_has_a_text_and_carries_what_its_text_needs() -> None:
    missing = sorted(code for code in scan().codes if f"error.{code}" not in load("en"))
    assert missing == []
    short = {
        code: sorted(placeholders(load("en")[f"error.{code}"]) - given)
        for code, given in scan().codes.items()
        if given is not None and placeholders(load("en")[f"error.{code}"]) - given
    }
    assert short == {}


def test_every_text_is_used() -> None:
    source = scan()
    patterns = [re.compile(pattern) for pattern in source.patterns]
    used = source.literals | {f"error.{code}" for code in source.codes}
    unused = [key for key in KEYS if key not in used and not any(p.fullmatch(key) for p in patterns)]
    assert unused == []


LIMITS = (
    (re.compile(r"(command|option|choice)\..*\.?description$"), 100),
    (re.compile(r"(role_choice|choice)\."), 100),
    (re.compile(r"(^|\.)button\."), 80),
    (re.compile(r".*\.(label|form)$"), 45),
)


def test_texts_fit_into_what_discord_allows_for_them() -> None:
    wrong = [
        (locale, key, len(text), limit)
        for locale, key, text in every_text()
        for pattern, limit in LIMITS
        if pattern.search(key) and len(text) > limit
    ]
    assert wrong == []


def test_command_and_option_names_are_what_discord_accepts() -> None:
    wrong = [
        (locale, key, text)
        for locale, key, text in every_text()
        if re.match(r"(command|option)\..*\.?name$", key)
        and not (re.fullmatch(r"[-_\w]{1,32}", text) and text == text.lower())
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_commands_of_a_level_share_a_name(locale: str) -> None:
    levels: dict[str, Counter[str]] = {}
    for key in KEYS:
        if re.match(r"command\..*\.name$", key):
            level = key.removesuffix(".name").rsplit(".", 1)[0]
            levels.setdefault(level, Counter())[next(texts(load(locale)[key]))] += 1
    assert {level: names for level, names in levels.items() if max(names.values()) > 1} == {}
