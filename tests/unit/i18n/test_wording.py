"""Texts name commands and buttons exactly as the reader's own client shows them."""

import re
from collections.abc import Iterator, Mapping

from domain.i18n.catalog import LOCALES, Entry, load

_COMMAND = re.compile(r"(?<![\w/:<])/([^\W\d][\w-]*)(?: ([^\W\d][\w-]*))?")
_PRESS = re.compile(r"(?:[Pp]ress|[Pp]ulsa|[Aa]ppuyez sur|[Aa]perte) ([A-ZÀ-Ý]\w+)")
_LABEL = re.compile(r"(^|\.)button(\.|$)")


def texts(entry: Entry) -> Iterator[str]:
    """The text or texts, placeholders in braces."""
    for pieces in entry.values() if isinstance(entry, Mapping) else (entry,):
        yield "".join(literal + (f"{{{name}}}" if name else "") for literal, name in pieces)


def every_text(locale: str) -> Iterator[tuple[str, str]]:
    for key, entry in load(locale).items():
        for text in texts(entry):
            yield key, text


def command_paths(locale: str) -> dict[str, set[str]]:
    """The first words of the commands in one language, each with its subcommands; a plain command has none."""
    names = {
        tuple(key.split(".")[1:-1]): next(texts(entry))
        for key, entry in load(locale).items()
        if key.startswith("command.") and key.endswith(".name") and ".option." not in key
    }
    found: dict[str, set[str]] = {name: set() for path, name in names.items() if len(path) == 1}
    for path, name in names.items():
        if len(path) == 2:
            found[names[path[:1]]].add(name)
    return found


def test_every_command_a_text_names_exists_under_that_name_in_its_language() -> None:
    wrong = [
        (locale, key, match[0])
        for locale in LOCALES
        for key, text in every_text(locale)
        for match in _COMMAND.finditer(text)
        if match[1] not in (paths := command_paths(locale)) or (paths[match[1]] and match[2] not in paths[match[1]])
    ]
    assert wrong == []


def test_every_button_a_text_names_carries_that_label_in_its_language() -> None:
    wrong = []
    for locale in LOCALES:
        labels = {text for key, text in every_text(locale) if _LABEL.search(key)}
        wrong += [
            (locale, key, match[1])
            for key, text in every_text(locale)
            for match in _PRESS.finditer(text)
            if match[1] not in labels
        ]
    assert wrong == []


def test_order_codes_in_errors_carry_their_sign() -> None:
    bare = [
        (locale, key, text)
        for locale in LOCALES
        for key, text in every_text(locale)
        if key.startswith("error.order.") and re.search(r"(?<!#)\{(order|other)\}", text)
    ]
    assert bare == []


def test_every_language_keeps_to_its_own_quotation_marks_and_apostrophes() -> None:
    strange = {"en": "«»'", "es": "“”'", "fr": "“”'", "pt-BR": "«»'"}
    wrong = [
        (locale, key) for locale, marks in strange.items() for key, text in every_text(locale) if set(text) & set(marks)
    ]
    assert wrong == []


def test_texts_speak_with_one_register() -> None:
    familiar = {
        "es": re.compile(r"\b(usted|ustedes|haga|pulse|elija|escriba)\b", re.IGNORECASE),
        "fr": re.compile(r"\b(tu|toi|ton|tes)\b", re.IGNORECASE),
        "pt-BR": re.compile(r"\b(tu|teu|tua|vós|o senhor)\b", re.IGNORECASE),
    }
    wrong = [
        (locale, key) for locale, other in familiar.items() for key, text in every_text(locale) if other.search(text)
    ]
    assert wrong == []


def test_what_may_be_done_already_is_looked_at_before_it_is_repeated() -> None:
    look = {"en": "Look", "es": "Mira", "fr": "Regardez", "pt-BR": "Veja"}
    for locale, word in look.items():
        # A second press is a second command: an adjustment or a reply that was saved would be made twice.
        assert f" {word} " in dict(every_text(locale))["error.database.outcome_unknown"]
