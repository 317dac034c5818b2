"""Long messages in pieces that each fit, whatever they are made of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.whatsapp import limits
from channels.whatsapp.meta.payloads import message_body
from channels.whatsapp.splitting import fits, split_outgoing
from domain.conversations.dto import Option, Outgoing, TemplateCall
from domain.kernel.ids import uuid7

WORDS = st.text(st.sampled_from("ab *_~`>-1.\n#|[]()é🇪🇸👍🏽"), min_size=1, max_size=40)


def _long(paragraphs: list[str], count: int) -> str:
    return "\n\n".join(paragraphs * count)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(1, 300), st.integers(0, 14))
def test_every_piece_can_be_sent(paragraphs: list[str], count: int, options_count: int) -> None:
    options = tuple(Option(f"o{n}", f"Option number {n} of many", "with words") for n in range(options_count))
    said = Outgoing(text="Intro\n\n" + _long(paragraphs, count), options=options, list_label="Open")
    pieces = split_outgoing(said)
    assert pieces
    assert all(fits(piece) for piece in pieces)
    for piece in pieces:
        message_body(piece, "34600111222", "to", uuid7())


def test_options_stay_with_the_last_piece_and_the_quote_with_the_first() -> None:
    options = (Option("a", "Yes"), Option("b", "No"))
    said = Outgoing(text=_long(["word " * 100], 12), options=options, list_label="Open", reply_to="wamid.1")
    pieces = split_outgoing(said)
    assert len(pieces) > 1
    assert [piece.reply_to for piece in pieces] == ["wamid.1"] + [""] * (len(pieces) - 1)
    assert [piece.options for piece in pieces] == [()] * (len(pieces) - 1) + [options]


def test_a_long_question_with_buttons_becomes_a_list_before_it_is_split() -> None:
    said = Outgoing(text="w " * 700, options=(Option("a", "Yes"), Option("b", "No")), list_label="Open")
    assert split_outgoing(said) == [said]


def test_options_too_long_for_one_message_are_still_all_said() -> None:
    options = tuple(Option(f"o{n}", f"Option {n} " + "long " * 60) for n in range(40))
    pieces = split_outgoing(Outgoing(text="Which?", options=options, list_label="Open"))
    said = "\n".join(piece.text for piece in pieces)
    assert all(f"Option {n} " in said for n in range(40))
    assert all(fits(piece) for piece in pieces)


def test_a_caption_that_is_too_long_follows_its_file() -> None:
    said = Outgoing(text="word " * 400, media_path="a.png", media_mime="image/png", reply_to="wamid.1")
    file, *rest = split_outgoing(said)
    assert (file.media_path, file.text, file.reply_to) == ("a.png", "", "wamid.1")
    assert "".join(piece.text for piece in rest).count("word") == 400
    assert len(split_outgoing(Outgoing(text="short", media_path="a.png"))) == 1


def test_a_sounds_caption_follows_it_because_whatsapp_shows_none() -> None:
    said = Outgoing(text="listen", media_path="a.ogg", media_mime="audio/ogg")
    assert [(piece.media_path, piece.text) for piece in split_outgoing(said)] == [("a.ogg", ""), ("", "listen")]


def test_templates_and_reactions_are_never_split() -> None:
    for said in (Outgoing(template=TemplateCall("t", "es")), Outgoing(reaction="👍", reply_to="wamid.1")):
        assert split_outgoing(said) == [said]


def test_what_says_nothing_is_no_message() -> None:
    assert split_outgoing(Outgoing(text=" \n ")) == []
    assert limits.TEXT == 4096
