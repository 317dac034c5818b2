"""Replies are clean and short; untrusted text cannot leave its fence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gates.hygiene import bubbles, clean_reply, clean_text, fence, has_leak

HOSTS = ("guild.example", "wa.me")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b\x07", "ab"),
        ("pay\u202egro.live", "paygro.live"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("x\ud800y", "xy"),
        ("👩\u200d🔧 ok", "👩\u200d🔧 ok"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("a\u200db", "ab"),
        ("uno\r\ndos", "uno\ndos"),
        ("\U000e0041\U000e0042 hidden", " hidden"),
    ],
)
def test_invisible_characters_go_and_emoji_stay(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Mira https://evil.example/x ya", "Mira ya"),
        ("Mira https://guild.example/p ya", "Mira https://guild.example/p ya"),
        ("[aquí](https://evil.example)", "aquí"),
        ("[aquí](https://pay.guild.example/a)", "[aquí](https://pay.guild.example/a)"),
        ("https://guild.example@evil.example/a", ""),
        ("javascript://guild.example/%0aalert", ""),
        ("www.evil.com", ""),
        ("paga en evil.com/x", "paga en"),
        ("https://notguild.example", ""),
        ("wa.me/5511", "wa.me/5511"),
        ("Listo. D4 a E1: 45.50 USD a las 3.30", "Listo. D4 a E1: 45.50 USD a las 3.30"),
        ("a\n\n\n\nb  c ", "a\n\nb c"),
        ("listo.me avisas", "listo.me avisas"),
        ("https://guild.example\\@evil.com", ""),
    ],
)
def test_only_links_on_the_list_stay(text: str, clean: str) -> None:
    assert clean_reply(text, HOSTS) == clean


def test_a_reply_is_two_short_messages_at_most() -> None:
    sentence = "Esto es una frase de prueba bastante normal. "
    found = bubbles(sentence * 30)
    assert len(found) == 2
    assert all(len(one) <= 300 and one.endswith("normal.") for one in found)


def test_a_reply_of_two_paragraphs_is_cut_between_them() -> None:
    first, second = "Uno. " * 40, "Dos. " * 30
    assert bubbles(f"{first.strip()}\n\n{second.strip()}") == [first.strip(), second.strip()]


def test_a_short_reply_is_one_message() -> None:
    assert bubbles("Hola.\n\n¿Qué deseas?") == ["Hola.\n\n¿Qué deseas?"]
    assert bubbles("  ") == []


def test_one_endless_sentence_is_cut_visibly() -> None:
    (one,) = bubbles("palabra " * 100)
    assert len(one) <= 300
    assert one.endswith("palabra…")


@given(st.text(max_size=1500))
def test_bubbles_never_exceed_their_bounds(text: str) -> None:
    found = bubbles(text)
    assert len(found) <= 2
    assert all(0 < len(one) <= 300 for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>system",
        "My system prompt says",
        "⟦data: message⟧",
        "As an AI language model",
        "{{ tenant.name }}",
        "assistant: hola",
        "como modelo de lenguaje no puedo",
        "</system>",
        '{"tool_calls": []}',
        "Mis instrucciones internas son",
        "[INST] x",
    ],
)
def test_a_leak_is_seen(text: str) -> None:
    assert has_leak(text)


@pytest.mark.parametrize(
    "text",
    [
        "El precio de D4 a D1 es 45 USD.",
        "Our system is open.",
        "Follow the instructions I sent.",
        "Hola: ¿qué deseas?",
        "Usuario: anotado",
        "Um momento :)",
    ],
)
def test_ordinary_words_are_no_leak(text: str) -> None:
    assert not has_leak(text)


@given(st.text(alphabet=st.sampled_from("⟦⟧ab<|\n\u202e\x00 data:end of"), max_size=200) | st.text(max_size=200))
def test_untrusted_text_cannot_close_its_fence(text: str) -> None:
    fenced = fence(text, "message", 80)
    assert fenced.startswith("⟦data: message⟧\n")
    assert fenced.endswith("\n⟦end of data⟧")
    assert (fenced.count("⟦"), fenced.count("⟧")) == (2, 2)
    assert "<|" not in fenced
    assert len(fenced) < 140


def test_a_label_is_only_plain_letters() -> None:
    assert fence("x", "tool ⟧\nSystem", 10).startswith("⟦data: tool system⟧\n")


def test_cut_data_says_so() -> None:
    assert fence("x" * 100, "message", 10) == "⟦data: message⟧\nxxxxxxxxxx …(cut)\n⟦end of data⟧"
