"""Buttons, lists and numbered text, and what a typed answer means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp.limits import Interactive, Numbered, Option, Shape, fit, fit_buttons, fit_list
from domain.conversations.choosing import chosen

TWO = [Option("a", "D4 a D1"), Option("b", "D4 a E1"), Option("c", "Hablar con alguien")]


def _many(count: int, title: str = "Opción") -> list[Option]:
    return [Option(f"id{n}", f"{title} {n}") for n in range(count)]


def test_three_short_options_are_buttons() -> None:
    found = fit("¿Qué deseas?", TWO, label="Ver")
    assert isinstance(found, Interactive)
    assert (found.shape, found.options, found.label) == (Shape.BUTTONS, tuple(TWO), "")


def test_four_options_are_a_list() -> None:
    found = fit("¿Cuál?", _many(4), label="Ver opciones disponibles")
    assert isinstance(found, Interactive)
    assert (found.shape, found.label) == (Shape.LIST, "Ver opciones disponi…"[:19] + "…")


def test_eleven_options_are_numbered_text() -> None:
    found = fit("¿Cuál?", _many(11), label="Ver")
    assert isinstance(found, Numbered)
    assert found.text.startswith("¿Cuál?\n\n1. Opción 0\n2. Opción 1\n")


def test_a_channel_without_buttons_gets_numbered_text() -> None:
    found = fit("¿Qué deseas?", TWO, label="Ver", has_buttons=False)
    assert found == Numbered("¿Qué deseas?\n\n1. D4 a D1\n2. D4 a E1\n3. Hablar con alguien", tuple(TWO))


def test_a_list_is_taken_before_a_title_is_cut() -> None:
    found = fit("¿Cuál?", [Option("a", "x" * 23), Option("b", "y")], label="Ver")
    assert isinstance(found, Interactive)
    assert (found.shape, found.options[0].title) == (Shape.LIST, "x" * 23)


def test_a_cut_title_ends_with_an_ellipsis() -> None:
    options = [Option("a", "Una opción bastante larga, demasiado"), Option("b", "Otra")]
    buttons = fit_buttons("¿Cuál?", options)
    rows = fit_list("¿Cuál?", options, label="Ver")
    assert buttons is not None
    assert buttons.options[0].title == "Una opción bastante…"
    assert rows is not None
    assert rows.options[0].description == "Una opción bastante larga, demasiado"


def test_titles_that_are_equal_once_cut_become_numbered_text() -> None:
    options = [Option("a", "w" * 40 + "1"), Option("b", "w" * 40 + "2")]
    assert isinstance(fit("¿Cuál?", options, label="Ver"), Numbered)


def test_a_description_is_not_lost_in_buttons() -> None:
    found = fit("¿Cuál?", [Option("a", "D1", "45 USD"), Option("b", "D2")], label="Ver")
    assert isinstance(found, Interactive)
    assert found.shape is Shape.LIST


@pytest.mark.parametrize("options", [[], [Option("", "x")], [Option("a", " ")], [Option("a", "x"), Option("a", "y")]])
def test_what_meta_would_refuse_is_never_interactive(options: list[Option]) -> None:
    assert isinstance(fit("b", options, label="Ver"), Numbered)


def test_a_long_body_leaves_the_buttons() -> None:
    assert isinstance(fit("b" * 5000, TWO, label="Ver"), Numbered)
    found = fit("b" * 1025, TWO, label="Ver")
    assert isinstance(found, Interactive)
    assert found.shape is Shape.LIST


@given(
    st.text(max_size=1500),
    st.lists(st.builds(Option, st.text(max_size=300), st.text(max_size=60), st.text(max_size=90)), max_size=12),
)
def test_whatever_is_asked_stays_within_the_limits(body: str, options: list[Option]) -> None:
    found = fit(body, options, label="Ver")
    if isinstance(found, Numbered):
        return
    is_list = found.shape is Shape.LIST
    assert 1 <= len(found.options) <= (10 if is_list else 3)
    assert len({o.title for o in found.options}) == len({o.id for o in found.options}) == len(found.options)
    assert all(1 <= len(o.title) <= (24 if is_list else 20) and len(o.description) <= 72 for o in found.options)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2", "b"),
        ("2.", "b"),
        ("2)", "b"),
        ("2️⃣", "b"),
        ("#2", "b"),
        ("la 2", "b"),
        ("opción 2", "b"),
        ("la segunda", "b"),
        ("LA SEGUNDA POR FAVOR", "b"),
        ("el segundo", "b"),
        ("the second one", "b"),
        ("second", "b"),
        ("two", "b"),
        ("le deuxième", "b"),
        ("la 2e", "b"),
        ("o segundo", "b"),
        ("a segunda", "b"),
        ("dos", "b"),
        ("dois", "b"),
        ("deux", "b"),
        ("la última", "c"),
        ("the last one", "c"),
        ("le dernier", "c"),
        ("primera", "a"),
        ("the first one", "a"),
        ("um", "a"),
        ("hablar con alguien", "c"),
        ("Hablar", "c"),
        ("ALGUIEN", "c"),
        ("d4 a e1", "b"),
        ("E1", "b"),
        ("quiero D4 a D1", "a"),
        ("D4", None),
        ("4", None),
        ("0", None),
        ("no", None),
        ("no la 2", None),
        ("", None),
        ("👍", None),
        ("2 o 3", None),
        ("cuanto cuesta", None),
        ("22", None),
        ("no quiero la segunda", None),
        ("a", None),
        ("hola", None),
    ],
)
def test_a_typed_answer_means_its_option(text: str, meant: str | None) -> None:
    assert chosen(text, TWO) == meant


def test_a_title_that_is_a_number_wins_over_the_position() -> None:
    assert chosen("2", [Option("x", "2"), Option("y", "1")]) == "x"


@pytest.mark.parametrize(("text", "meant"), [("sí", "y"), ("SI", "y"), ("no", "n"), ("No.", "n"), ("oui", None)])
def test_yes_and_no_are_titles(text: str, meant: str | None) -> None:
    assert chosen(text, [Option("y", "Sí"), Option("n", "No")]) == meant


@given(st.text(max_size=200))
def test_any_text_is_some_option_or_none(text: str) -> None:
    assert chosen(text, TWO) in ("a", "b", "c", None)
