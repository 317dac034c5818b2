"""People's words made harmless, and texts within Discord's limits."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.text import clip, plain, stamp, stamp_relative

ESCAPED = re.compile(r"\\.")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ana", "Ana"),
        ("@everyone", "@\u200beveryone"),
        ("`code`", r"\`code\`"),
        ("**bold**", r"\*\*bold\*\*"),
        ("<@123>", "\\<@\u200b123\\>"),
        ("[x](https://evil.example)", "\\[x\\]\\(https\u200b://evil.example\\)"),
        ("a\nb\r\n# c", "a b \\# c"),
        ("well-known 12:30", "well-known 12:30"),
        ("- item", r"\- item"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_words_are_shown_and_nothing_else(typed: str, shown: str) -> None:
    assert plain(typed) == shown


@given(st.text(max_size=300))
def test_no_word_can_format_mention_or_link(typed: str) -> None:
    shown = ESCAPED.sub("", plain(typed))
    assert not re.search(r"[\\*_~`|>#\[\]()<\n\r]", shown)
    assert not re.search(r"@(everyone|here)|<[@#]|https?://", shown, re.IGNORECASE)


@given(st.text(), st.integers(1, 50))
def test_clipped_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit


def test_short_text_is_not_clipped() -> None:
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab…"


def test_instants_become_discord_stamps() -> None:
    instant = datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert (stamp(instant), stamp_relative(instant)) == ("<t:1795194000:f>", "<t:1795194000:R>")
