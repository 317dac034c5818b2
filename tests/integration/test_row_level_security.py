"""Generated over every tenant table: select, insert, update, delete, without a tenant and as another one."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.storage.migrate import migrate
from domain.kernel.db import APP_ROLE, SCHEMA, Database
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop

TENANT_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'guildhall'::regnamespace AND c.relkind = 'r' AND (
    c.relname = 'tenants' OR EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'))
ORDER BY 1
"""
WITHOUT_TENANT = {
    "process_notes",
    "pgqueuer",
    "pgqueuer_log",
    "pgqueuer_schedules",
    "pgqueuer_statistics",
    "tortoise_migrations",
}
REFUSED = (asyncpg.InsufficientPrivilegeError,)


async def _copy_a_row_into_every_table(superuser: Any, tables: list[str], tenant_id: UUID) -> None:
    """Fill each tenant table with a row of the tenant, past every constraint: only visibility is tested."""
    await superuser.execute("SET session_replication_role = replica")
    for table in tables:
        columns = await superuser.fetch(
            "SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a "
            "WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND a.attidentity = '' AND NOT a.attisdropped",
            f"{SCHEMA}.{table}",
        )
        for check in await superuser.fetch(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass", f"{SCHEMA}.{table}"
        ):
            await superuser.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{check["conname"]}"')
        key = "id" if table == "tenants" else "tenant_id"
        names, values = [], []
        for column in columns:
            names.append(column["name"])
            values.append(f"'{tenant_id}'::uuid" if column["name"] == key else _sample(column["type"]))
        if not await superuser.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {key} = $1)", tenant_id):
            await superuser.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})")
    await superuser.execute("SET session_replication_role = origin")


def _sample(type_name: str) -> str:
    samples = {
        "uuid": "gen_random_uuid()",
        "text": "'x'",
        "jsonb": "'{}'",
        "bytea": "'\\x00'",
        "boolean": "true",
        "timestamp with time zone": "now()",
        "date": "current_date",
        "text[]": "'{}'",
    }
    return samples.get(type_name, "1")


@pytest.fixture
async def tables(owner_url: str, shop: Shop) -> list[str]:
    superuser = await asyncpg.connect(owner_url, server_settings={"search_path": SCHEMA})
    found = [row["relname"] for row in await superuser.fetch(TENANT_TABLES)]
    await _copy_a_row_into_every_table(superuser, found, shop.tenant.id)
    await superuser.close()
    return found


@pytest.mark.parametrize("tenant", ["nobody", "another"])
async def test_nothing_of_a_tenant_is_reachable_from_outside(
    tenant: str, tables: list[str], owner_url: str, shop: Shop, db: Database, clock: ManualClock
) -> None:
    other = await found_shop(db, clock, guild_id=2002, name="Rival")
    settings = {"role": APP_ROLE, "search_path": SCHEMA}
    connection = await asyncpg.connect(owner_url, server_settings=settings)
    if tenant == "another":
        await connection.execute(f"SET app.tenant_id = '{other.tenant.id}'")
    victim = shop.tenant.id
    for table in tables:
        key = "id" if table == "tenants" else "tenant_id"
        assert await _count(connection, table, key, victim) == 0, table
        assert await _touched(connection, f"UPDATE {table} SET {key} = {key} WHERE {key} = $1", victim) == 0, table
        assert await _touched(connection, f"DELETE FROM {table} WHERE {key} = $1", victim) == 0, table
        with pytest.raises(REFUSED):
            await connection.execute(f"INSERT INTO {table} ({key}) OVERRIDING SYSTEM VALUE VALUES ($1)", victim)
    await connection.close()
    superuser = await asyncpg.connect(owner_url, server_settings={"search_path": SCHEMA})
    for table in tables:
        key = "id" if table == "tenants" else "tenant_id"
        assert await _count(superuser, table, key, victim) >= 1, f"{table} lost its row"
    await superuser.close()


async def _count(connection: Any, table: str, key: str, victim: UUID) -> int:
    try:
        count: int = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {key} = $1", victim)
    except REFUSED:
        return 0
    return count


async def _touched(connection: Any, sql: str, victim: UUID) -> int:
    try:
        tag: str = await connection.execute(sql, victim)
    except REFUSED:
        return 0
    return int(tag.rsplit(" ", 1)[-1])


async def test_every_table_is_protected_or_holds_no_business_data(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url, server_settings={"search_path": SCHEMA})
    rows = await connection.fetch(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS is_forced FROM pg_class "
        "WHERE relnamespace = 'guildhall'::regnamespace AND relkind = 'r'"
    )
    open_tables = {row["relname"] for row in rows if not row["is_forced"]}
    await connection.close()
    assert open_tables == WITHOUT_TENANT


async def test_the_application_role_owns_nothing_and_cannot_bypass(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", APP_ROLE)
    owned = await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", APP_ROLE)
    await connection.close()
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolinherit")
    assert [power for power in powers if role[power]] == []
    assert owned == 0


async def test_the_router_sees_where_things_belong_and_nothing_else(shop: Shop, db: Database) -> None:
    async with db.routing() as tx:
        assert await tx.value("SELECT guild_id FROM tenants WHERE id = $1", shop.tenant.id) == 1001
    for forbidden in ("SELECT name FROM tenants", "SELECT 1 FROM members", "SELECT params FROM outbound_messages"):
        with pytest.raises(REFUSED):
            async with db.routing() as tx:
                await tx.rows(forbidden)


async def test_migrating_twice_and_at_once_is_harmless(owner_url: str) -> None:
    import asyncio

    await asyncio.gather(*(migrate(owner_url) for _ in range(3)))
    assert uuid7().version == 7


async def test_the_matrix_notices_a_table_without_its_policy(owner_url: str, tables: list[str], shop: Shop) -> None:
    owner = await asyncpg.connect(owner_url, server_settings={"search_path": SCHEMA})
    await owner.execute("ALTER TABLE members DISABLE ROW LEVEL SECURITY")
    await owner.close()
    application = await asyncpg.connect(owner_url, server_settings={"role": APP_ROLE, "search_path": SCHEMA})
    assert await _count(application, "members", "tenant_id", shop.tenant.id) > 0
    await application.close()
