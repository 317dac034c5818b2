from domain.audit.service import AuditService
from domain.kernel.db import Database
from domain.kernel.roles import Role
from tests.fixtures.shop import Shop


async def test_a_shop_is_founded_with_its_people(shop: Shop, db: Database) -> None:
    assert shop.owner.roles == {Role.OWNER}
    assert shop.ana.roles == {Role.BOOSTER}
    report = await AuditService(db).verify(shop.tenant.id)
    assert report.is_whole
    assert report.row_count == 7
