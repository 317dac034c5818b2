from datetime import timedelta

import pytest

from domain.kernel.db import Database
from domain.payroll.service import PayrollService
from domain.staff.service import StaffService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books

HEADERS = {
    "en": "Staff,Total,Orders,Detail,Currency,Payout address,Order codes,Run",
    "es": "Staff,Total Deuda,Pedidos,Detalle,Moneda,Dirección de pago,Códigos de pedido,Nómina",
    "fr": "Équipe,Total dû,Commandes,Détail,Devise,Adresse de paiement,Codes des commandes,Paie",
    "pt-BR": "Equipe,Total devido,Pedidos,Detalhe,Moeda,Endereço de pagamento,Códigos dos pedidos,Folha",
}


@pytest.fixture
async def run_number(payroll: PayrollService, books: Books, shop: Shop) -> int:
    first = await books.complete(shop.ana, 4821)
    await books.complete(shop.ana, 4822, pay=1000, division="E2")
    await books.adjust(first, shop.ana, 250)
    await books.complete(shop.bruno, 4823, pay=123456, division="P1")
    shown = await payroll.preview(shop.owner)
    return (await payroll.approve(shop.act("owner"), shown.hash)).number


@pytest.mark.parametrize("locale", ["en", "es", "fr", "pt-BR"])
async def test_the_file_is_what_the_old_tool_wrote_and_more(
    payroll: PayrollService, shop: Shop, run_number: int, locale: str
) -> None:
    body = await payroll.csv(shop.owner, run_number, locale)
    assert body.decode() == (
        "\ufeff" + HEADERS[locale] + "\r\n"
        "Ana,47.50,2,D1 ($37.50) + E2 ($10.00),USD,,4821 4822,1\r\n"
        'Bruno,1234.56,1,"P1 ($1,234.56)",USD,,4823,1\r\n'
    )


async def test_cells_that_would_run_as_formulas_are_neutralised(
    payroll: PayrollService, shop: Shop, db: Database, run_number: int, staff: StaffService, clock: ManualClock
) -> None:
    async with db.tx(shop.owner) as tx:
        await tx.run("UPDATE members SET name = $2 WHERE id = $1", shop.ana.member_id, '=HYPERLINK("h://x","pay")')
        await tx.run("UPDATE members SET name = $2 WHERE id = $1", shop.bruno.member_id, "@SUM(A1)\nline")
    await staff.set_payout(shop.act("ana"), '+1 555, "USDT"')
    clock.advance(timedelta(hours=24))
    body = (await payroll.csv(shop.owner, run_number, "en")).decode()
    assert body.split("\r\n")[1:] == [
        '"\'=HYPERLINK(""h://x"",""pay"")",47.50,2,D1 ($37.50) + E2 ($10.00),USD,"\'+1 555, ""USDT""",4821 4822,1',
        '"\'@SUM(A1)\nline",1234.56,1,"P1 ($1,234.56)",USD,,4823,1',
        "",
    ]


async def test_a_payout_address_is_used_after_its_hold_and_the_one_before_until_then(
    payroll: PayrollService, shop: Shop, run_number: int, staff: StaffService, clock: ManualClock
) -> None:
    await staff.set_payout(shop.act("ana"), "old wallet")
    assert b",USD,,4821 4822,1" in await payroll.csv(shop.owner, run_number, "en")
    clock.advance(timedelta(hours=24))
    await staff.set_payout(shop.act("ana"), "new wallet")
    assert b",old wallet,4821 4822,1" in await payroll.csv(shop.owner, run_number, "en")
    clock.advance(timedelta(hours=24))
    assert b",new wallet,4821 4822,1" in await payroll.csv(shop.owner, run_number, "en")


async def test_a_paid_run_keeps_its_figures_when_its_order_is_reopened(
    payroll: PayrollService, books: Books, shop: Shop
) -> None:
    done = await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    run = await payroll.approve(shop.act("owner"), shown.hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    before = await payroll.csv(shop.owner, run.number, "en")
    await books.reopen(done)
    await books.complete_again(done, shop.ana, pay=2000, division="D2")
    assert await payroll.csv(shop.owner, run.number, "en") == before
