"""Turning pages: ◀ page n of m ▶, with everything in the custom id."""

from typing import Any

from bot.ui.cards import Item, button
from domain.i18n.reader import Reader
from domain.kernel.pages import Page


def page_buttons(reader: Reader, action: str, page: Page[Any], *filters: object) -> list[Item]:
    """Buttons that run `@pressed(action)` with (page number, *filters); none when there is one page."""
    if page.page_count == 1:
        return []
    here = reader("page.here", number=page.number, total=page.page_count)
    return [
        button("◀", action, max(1, page.number - 1), *filters, disabled=page.number <= 1),
        # The middle one shows where we are; pressing it would be refused, so it carries no action of its own.
        button(here, "page.here", disabled=True),
        button("▶", action, min(page.page_count, page.number + 1), *filters,
               disabled=page.number >= page.page_count),
    ]  # fmt: skip
