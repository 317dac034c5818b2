"""Markdown becomes WhatsApp's marks, and long text is cut where people would cut it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp.markdown import split_text, to_whatsapp
from domain.i18n.cutting import grapheme_cut


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**Precio**: 45 USD", "*Precio*: 45 USD"),
        ("__bold__ and _it_", "*bold* and _it_"),
        ("*ya en WhatsApp* _así_ ~no~", "*ya en WhatsApp* _así_ ~no~"),
        ("***both***", "_*both*_"),
        ("**bold with *it* inside**", "*bold with _it_ inside*"),
        ("~~viejo~~ nuevo", "~viejo~ nuevo"),
        ("usa `claim 12`", "usa `claim 12`"),
        ("```\na = 1\nb = 2\n```", "```\na = 1\nb = 2\n```"),
        ("```python\nx\n```", "```x```"),
        ("# Título\ntexto", "*Título*\n\ntexto"),
        ("## **Título** con _más_", "*Título con _más_*"),
        ("[Pagar](https://a.example/x_y_z)", "Pagar: https://a.example/x_y_z"),
        ("<https://a.example>", "https://a.example"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("[**Pagar**](https://a.example)", "*Pagar*: https://a.example"),
        ("* uno\n* dos", "- uno\n- dos"),
        ("- uno\n  - dos\n- tres", "- uno\n  - dos\n- tres"),
        ("3. tres\n4. cuatro", "3. tres\n4. cuatro"),
        ("> cita\n> más\n\nfin", "> cita\n> más\n\nfin"),
        ("| De | A |\n|---|---|\n| D4 | D1 |", "*De | A*\nD4 | D1"),
        ("uno\ndos\n\n\n\ntres", "uno\ndos\n\ntres"),
        ("uno\n\n---\n\ndos", "uno\n\ndos"),
        ("snake_case_name y 3*4*5 = 60", "snake_case_name y 3*4*5 = 60"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("2**3**4", "2**3**4"),
        ("a*b*c", "abc"),
        ("#12 está lista", "#12 está lista"),
        ("+ 5 USD de bono", "+ 5 USD de bono"),
        ("foo**bar**baz", "foobarbaz"),
        ("**a**b", "ab"),
        ("(**a**), **b**.", "(*a*), *b*."),
        ("**dos\nlíneas**", "*dos*\n*líneas*"),
        ("Total\n---\n45", "Total\n\n45"),
        ("    cuatro espacios", "cuatro espacios"),
        ("<b>x</b> <3 &amp;", "<b>x</b> <3 &amp;"),
        ("[foo]: https://a.example", "[foo]: https://a.example"),
        ("** no **", "** no **"),
        ("![alt](https://a.example/i.png)", "!alt: https://a.example/i.png"),
        ("", ""),
        ("👍", "👍"),
    ],
)
def test_markdown_is_shown_as_whatsapp_marks(markdown: str, shown: str) -> None:
    assert to_whatsapp(markdown) == shown


WORD = st.from_regex(r"[a-zñé]{1,8}", fullmatch=True)
PHRASE = st.lists(WORD, min_size=1, max_size=5).map(" ".join)
MARKED = st.builds("{0}{1}{0}".format, st.sampled_from(["**", "*", "_", "~~", "`", "__"]), PHRASE)
LINE = st.lists(PHRASE | MARKED, min_size=1, max_size=4).map(" ".join)
TEXT = st.lists(st.builds("{}{}".format, st.sampled_from(["", "- ", "> ", "# "]), LINE), max_size=6).map("\n\n".join)


@given(TEXT)
def test_whatsapp_text_is_not_changed_again(markdown: str) -> None:
    once = to_whatsapp(markdown)
    assert to_whatsapp(once) == once
    assert "**" not in once
    assert "~~" not in once


@given(TEXT)
def test_no_word_is_lost(markdown: str) -> None:
    assert re.findall(r"[a-zñé]+", to_whatsapp(markdown)) == re.findall(r"[a-zñé]+", markdown)


@given(st.text(max_size=400))
def test_any_text_is_converted(text: str) -> None:
    assert isinstance(to_whatsapp(text), str)


def test_paragraphs_stay_whole() -> None:
    first, second = "a" * 40, "b" * 40
    assert split_text(f"{first}\n\n{second}", 60) == [first, second]


def test_sentences_stay_whole() -> None:
    assert split_text("Uno dos tres. Cuatro cinco seis. Siete ocho.", 34) == [
        "Uno dos tres. Cuatro cinco seis.",
        "Siete ocho.",
    ]


def test_words_stay_whole() -> None:
    assert split_text("uno dos tres cuatro cinco", 13) == ["uno dos tres", "cuatro cinco"]


@pytest.mark.parametrize("grapheme", ["👩‍👩‍👧‍👦", "🇧🇷", "é", "👍🏽", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "각"])
def test_a_grapheme_is_never_cut(grapheme: str) -> None:
    pieces = split_text(grapheme * 40, 23)
    assert "".join(pieces) == grapheme * 40
    assert all(len(piece) % len(grapheme) == 0 for piece in pieces)


def test_a_pair_of_marks_is_never_cut() -> None:
    assert split_text("uno dos *tres cuatro* cinco", 16) == ["uno dos", "*tres cuatro*", "cinco"]
    assert split_text("```\nuno\ndos\n``` fin", 17) == ["```\nuno\ndos\n```", "fin"]


def test_marks_around_too_much_are_dropped() -> None:
    assert split_text("*" + "uno " * 10 + "fin*", 20) == ["uno uno uno uno uno", "uno uno uno uno uno", "fin"]


@given(st.text(max_size=600), st.integers(1, 80))
def test_pieces_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    marks = re.compile(r"[\s*_~`]")
    assert marks.sub("", "".join(pieces)) == marks.sub("", text)


@given(TEXT, st.integers(60, 200))
def test_no_piece_has_half_a_pair(markdown: str, limit: int) -> None:
    for piece in split_text(to_whatsapp(markdown), limit):
        assert all(line.count(mark) % 2 == 0 for line in piece.split("\n") for mark in "*~`")


@given(st.text(max_size=60), st.integers(1, 60))
def test_a_cut_is_within_its_limit(text: str, limit: int) -> None:
    assert 0 <= grapheme_cut(text, limit) <= min(limit, len(text))
