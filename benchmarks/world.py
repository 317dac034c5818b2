"""A migrated database and a shop with many boosters, for benchmarks."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.storage.embedded import embedded_postgres
from app.storage.migrate import migrate
from domain.kernel.actor import Actor
from domain.kernel.clock import SystemClock
from domain.kernel.db import Database
from domain.kernel.roles import Role
from domain.kernel.sealing import Sealer
from domain.services import Services, build_services
from domain.tenancy.dto import NewTenant, SettingsChange, Tenant

POOL_SIZE = 10
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@dataclass(frozen=True)
class World:
    """A database with one shop in it."""

    dsn: str
    db: Database
    services: Services
    tenant: Tenant
    owner: Actor
    boosters: list[Actor]


@asynccontextmanager
async def world(booster_count: int) -> AsyncIterator[World]:
    """Start an embedded PostgreSQL in a temporary folder and found a shop."""
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_postgres(Path(folder)) as dsn:
            await migrate(dsn)
            db = await Database.open(dsn, max_connections=POOL_SIZE)
            services = build_services(db, SystemClock(), Sealer([KEY]))
            new = NewTenant("Bench", 1, 100, "Olivia", "Europe/Madrid", "USD", "en")
            tenant = await services.tenancy.create(new, "found")
            owner = await services.tenancy.identify(tenant.id, 100, "Olivia", [], "owner", "en")
            await services.tenancy.bind_role(owner, Role.BOOSTER, 7)
            await services.tenancy.change_settings(owner, SettingsChange(live_orders_limit=100))
            boosters = [
                await services.tenancy.identify(tenant.id, 1000 + n, f"Booster {n}", [7], f"b{n}", "en")
                for n in range(booster_count)
            ]
            yield World(dsn, db, services, tenant, owner, boosters)
            await db.close()
