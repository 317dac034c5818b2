"""Which of our languages somebody reads."""

from domain.i18n.catalog import LOCALES

_BY_LANGUAGE = {"en": "en", "es": "es", "fr": "fr", "pt": "pt-BR"}


def our_locale(*wanted: str | None) -> str:
    """The first wanted language we have, else English.

    Takes any BCP 47 tag: `es-ES` and `es-419` are es, `en-GB` is en, `pt-PT` is pt-BR.
    """
    for tag in wanted:
        if tag is None:
            continue
        if tag in LOCALES:
            return tag
        found = _BY_LANGUAGE.get(tag.replace("_", "-").split("-")[0].lower())
        if found:
            return found
    return "en"
