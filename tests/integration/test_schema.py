"""The schema equals its golden description, on PostgreSQL 18 (embedded) and 15 (where the machine has it)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.migrate import migrate
from tests.fixtures.catalogue import catalogue
from tests.fixtures.shop import Shop

GOLDEN = Path(__file__).parent.parent / "golden" / "schema.txt"
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


async def test_the_schema_is_the_golden_one(owner_url: str) -> None:
    found = await catalogue(owner_url)
    if os.environ.get("GUILDHALL_UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8"), "run with GUILDHALL_UPDATE_GOLDEN=1 and read the difference"


async def test_migrating_a_populated_database_changes_nothing(owner_url: str, shop: Shop) -> None:
    await migrate(owner_url)
    assert await catalogue(owner_url) == GOLDEN.read_text(encoding="utf-8")


@pytest.fixture
def postgres_15() -> Iterator[str]:
    if not (POSTGRES_15 / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed on this machine ({POSTGRES_15} is missing)")
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="guildhall-pg15-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)

        def run(program: str, *args: str) -> None:
            command = [str(POSTGRES_15 / program), "-D", str(folder / "data"), *args]
            subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder, timeout=60)

        run("initdb", "-U", "postgres", "-A", "trust", "--no-sync")
        run(
            "pg_ctl", "-w", "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "-l", str(folder / "log"), "start"
        )
        yield f"postgresql://postgres:@/postgres?host={folder}"
        run("pg_ctl", "-m", "immediate", "stop")


async def test_the_schema_is_the_same_on_postgresql_15(postgres_15: str) -> None:
    await migrate(postgres_15)
    assert await catalogue(postgres_15) == GOLDEN.read_text(encoding="utf-8")
