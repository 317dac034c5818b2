"""The template for news outside the window: `order_update`, one per language, with the order's number and the news."""

from uuid import UUID

from domain.channels import queries
from domain.channels.dto import Template
from domain.i18n.locales import our_locale
from domain.kernel.db import Tx

NAME = "order_update"
_ORDER = frozenset({"order", "order_number", "code"})
_NEWS = frozenset({"news", "text", "update", "message", "status"})


async def order_update(tx: Tx, account_id: UUID, locale: str) -> Template | None:
    """The approved template in a language of ours: pt_BR for pt-BR, en_US or en for en; None when there is none."""
    for template in await queries.templates(tx, account_id):
        is_ours = template.name == NAME and template.status == "approved" and template.is_fillable
        if is_ours and our_locale(template.language) == locale and _speaks(template.language, locale):
            return template
    return None


def filled(template: Template, code: int, text: str) -> tuple[tuple[str, str], ...] | None:
    """The template's parameters: the order's number and the news, by name, or as 1 and 2; None: others are asked."""
    found = []
    for name in template.parameters:
        if name in _ORDER or (name == "1" and len(template.parameters) > 1):
            found.append((name, f"#{code}"))
        elif name in _NEWS or name in ("1", "2"):
            found.append((name, text))
        else:
            return None
    return tuple(found)


def _speaks(language: str, locale: str) -> bool:
    """Whether it is that language at all: `our_locale` takes unknown ones for English."""
    return language.replace("_", "-").split("-")[0].lower() == locale.split("-")[0]
