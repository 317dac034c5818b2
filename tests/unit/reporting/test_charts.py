import struct
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.closing.dto import DayFigures, DayReport, Figures
from domain.i18n.reader import Reader
from domain.kernel.money import Money
from domain.reporting.charts import close_alt_text, close_chart, draw_close_chart

DAY = date(2026, 11, 20)


def figures(price: int, pay: int, margin: int, pot: int, currency: str) -> Figures:
    return Figures(Money(price, currency), Money(pay, currency), Money(margin, currency), Money(pot, currency))


def report(*, shop: str = "Nova Boost", currency: str = "USD", days: int = 7, sign: int = 1) -> DayReport:
    previous = tuple(
        DayFigures(DAY - timedelta(days=back), figures(92300, 65000, 22300, 5000, currency), 20)
        for back in range(days, 0, -1)
    )
    totals = figures(sign * 101250, sign * 71050, sign * 24200, sign * 6000, currency)
    zero = Money(0, currency)
    return DayReport(
        day=DAY, shop=shop, currency=currency, lines=(), totals=totals, order_count=27, reversal_count=0,
        abandon_count=0, average_duration_s=None, paid_out=zero, owed=zero, month="2026-11", month_pot=zero,
        previous=previous, taken_at=datetime(2026, 11, 20, 17, tzinfo=UTC), hash="", closed_number=None,
    )  # fmt: skip


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("locale", ["en", "es", "fr", "pt-BR"])
def test_the_chart_is_a_png_for_a_phone_in_every_language(locale: str) -> None:
    assert size_of(close_chart(report(currency="EUR"), Reader(locale))) == (990, 572)


@pytest.mark.parametrize(
    "odd",
    [
        report(days=0),
        report(days=1, sign=0),
        report(sign=-1),
        report(shop="Nova \U0001f680 $x_{y}$ \\frac 東京", currency="PYG"),
        report(shop="\U0001f680"),
    ],
)
async def test_odd_days_and_names_are_drawn_as_well(odd: DayReport) -> None:
    assert size_of(await draw_close_chart(odd, Reader("es"))) == (990, 572)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "Nova Boost, Nov 20, 2026.\nGross sales: $1,012.50, average of the days before: $923.00."),
        ("es", "Nova Boost, 20 nov 2026.\nVentas brutas: 1.012,50 US$, media de los días anteriores: 923,00 US$."),
    ],
)
def test_the_alt_text_has_the_same_numbers(locale: str, words: str) -> None:
    text = close_alt_text(report(), Reader(locale)).replace("\u00a0", " ")
    assert text.startswith(words)
    assert len(text.splitlines()) == 5


@pytest.mark.parametrize("locale", ["en", "es", "fr", "pt-BR"])
def test_the_alt_text_of_a_first_day_compares_nothing(locale: str) -> None:
    reader = Reader(locale)
    lines = close_alt_text(report(days=0), reader).splitlines()
    assert reader.format(Money(101250, "USD")) in lines[1]
    end = f"{reader.format(Money(6000, 'USD'))}."
    assert [line.endswith(end) for line in lines] == [False, False, False, False, True]


def test_matplotlib_is_not_imported_before_a_chart_is_drawn() -> None:
    code = "import sys, domain.reporting.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
