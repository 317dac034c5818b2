"""Divisions, yes, no, thanks and back, as people write them to the menu."""

from uuid import UUID

import pytest

from agent.heard import agrees, declines, divisions_in, goes_back, thanks
from domain.kernel.money import Money
from domain.orders.dto import Tariff, TariffLine

_NAMES = ("D1", "D2", "D3", "D4", "E1", "E2", "E3", "E4", "P1", "P2", "P3", "P4")
TARIFF = Tariff(
    UUID(int=1), "LoL", 1, tuple(TariffLine(name, Money(1000, "USD"), Money(500, "USD"), 2) for name in _NAMES)
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("de d2 a D1", ["D2", "D1"]),
        ("quiero subir de esmeralda 3 a diamante 4", ["E3", "D4"]),
        ("Emerald IV to diamond ii pls", ["E4", "D2"]),
        ("de émeraude 3 à diamant 1", ["E3", "D1"]),
        ("platina 4 até platina1", ["P4", "P1"]),
        ("kiero subirr de esmerlda 2 asta damante 3", ["E2", "D3"]),
        ("cuanto de plaitno 4 a esmralda 1?", ["P4", "E1"]),
        ("plat 4 -> E1", ["P4", "E1"]),
        ("platinum I to D4", ["P1", "D4"]),
        ("platinum I want", []),
        ("platinum I'd like", []),
        ("plata 2", []),  # silver, which this tariff does not have, is not platinum
        ("oro 3", []),
        ("gold 3 to plat 4", ["P4"]),
        ("para el día 2, tengo 3 cuentas", []),
        ("esmeralda 5", []),
        ("diamante", []),
        ("D22 ED1", []),
    ],
)
def test_divisions_are_heard_as_people_write_them(text: str, named: list[str]) -> None:
    assert divisions_in(text, TARIFF) == named


def test_names_of_ones_own_are_heard_as_they_are_written() -> None:
    tariff = Tariff(UUID(int=1), "X", 1, (TariffLine("GM+", Money(1000, "USD"), Money(500, "USD"), 2),))
    assert divisions_in("hasta gm+ por favor", tariff) == ["GM+"]


@pytest.mark.parametrize("text", ["sí", "Si, dale", "ok", "vale gracias", "la quiero", "yes please", "go ahead", "oui",
                                  "d'accord", "je le prends", "sim, quero", "fechado!", "ok then"])  # fmt: skip
def test_a_yes_is_a_yes(text: str) -> None:
    assert agrees(text)
    assert not declines(text)


@pytest.mark.parametrize("text", ["no", "no quiero", "ok pero con descuento", "quiero otra cosa", "yes but cheaper",
                                  "", "?", "👍", "gracias", "je ne veux pas", "não quero", "sure, when?"])  # fmt: skip
def test_a_yes_with_something_behind_it_is_none(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize("text", ["gracias", "muchas gracias!", "thank you", "merci beaucoup", "obg", "thx"])
def test_thanks_are_thanks(text: str) -> None:
    assert thanks(text)
    assert not agrees(text)


@pytest.mark.parametrize("text", ["volver", "volver al menú", "go back please", "Menu", "retour", "quero voltar"])
def test_back_is_back(text: str) -> None:
    assert goes_back(text)


@pytest.mark.parametrize("text", ["volver a subir", "i want my account back", "de vuelta en D4", "por favor", ""])
def test_other_words_do_not_go_back(text: str) -> None:
    assert not goes_back(text)
