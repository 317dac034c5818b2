"""What the command line does to a house: found shops, replay jobs, verify the record and the books."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import typer

from app.errors import StartError
from app.job_queue import list_parked_jobs, replay_jobs
from app.keys import open_sealer
from app.settings import Settings
from app.storage.migrate import migrate as migrate_database
from app.storage.open import open_database, open_dsn, open_server
from app.storage.schema import connect, may_migrate, pending_migrations
from domain.i18n.reader import MissingText, Reader
from domain.kernel.actor import Actor
from domain.kernel.clock import SystemClock
from domain.kernel.errors import DomainError
from domain.kernel.ids import uuid7
from domain.kernel.sealing import Resealed
from domain.services import Services, build_services
from domain.tenancy.dto import NewTenant


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """The services over the configured database, and nothing else of the house."""
    async with AsyncExitStack() as stack:
        sealer = open_sealer(settings)
        db = await open_database(await open_dsn(settings, stack), 4, stack)
        yield build_services(db, SystemClock(), sealer)


def sentence(error: DomainError) -> str:
    """A refusal, in English."""
    try:
        return Reader("en")(f"error.{error.code}", **error.params)
    except MissingText:
        return str(error)


async def migrate(settings: Settings) -> int:
    """Apply the migrations that are missing, and say which.

    Raises:
        StartError: The database cannot be reached, or the login may not change the schema.
    """
    async with AsyncExitStack() as stack:
        dsn = await open_server(settings, stack)
        pending = await pending_migrations(dsn)
        if not pending:
            typer.echo("The schema is up to date.")
            return 0
        if not await may_migrate(dsn):
            raise StartError(
                "DATABASE_URL: this login may not change the schema. Use one that may create roles, or is a member "
                "of guildhall_owner. Example: DATABASE_URL=postgresql://postgres:password@db.example.com/guildhall"
            )
        await migrate_database(dsn)
        typer.echo(f"Applied {', '.join(pending)}. The schema is up to date.")
    return 0


async def create_tenant(settings: Settings, new: NewTenant) -> int:
    """Found a shop and print its id."""
    async with opened(settings) as services:
        tenant = await services.tenancy.create(new, f"cli:{uuid7()}")
    typer.echo(f"{tenant.id}  {tenant.name} is founded. Its owner can go on with /setup in Discord.")
    return 0


async def list_tenants(settings: Settings) -> int:
    """Print id, Discord server and name of each shop, also of those that `/setup` founded."""
    async with opened(settings) as services:
        ids = await services.tenancy.tenant_ids()
        if not ids:
            typer.echo("There is no shop yet. /setup in Discord founds one.")
        for tenant_id in ids:
            tenant = await services.tenancy.tenant(Actor.system(tenant_id, "operator", f"cli:{uuid7()}"))
            typer.echo(f"{tenant.id}  server {tenant.guild_id}  {tenant.name}")
    return 0


async def list_parked(settings: Settings) -> int:
    """Print the parked jobs, oldest first; 1 when there are any."""
    async with AsyncExitStack() as stack:
        connection = await connect(await open_dsn(settings, stack))
        stack.push_async_callback(connection.close)
        parked = await list_parked_jobs(connection)
    for job in parked:
        typer.echo(f"{job.id:>8}  {job.parked_at:%Y-%m-%d %H:%M}  {job.name:<24} tenant {job.tenant_id}  {job.reason}")
    typer.echo(f"{len(parked)} parked.")
    return 1 if parked else 0


async def replay(settings: Settings, ids: list[int] | None) -> int:
    """Put parked jobs back on the queue; None means all. 1 when one of the ids was not parked."""
    async with AsyncExitStack() as stack:
        connection = await connect(await open_dsn(settings, stack))
        stack.push_async_callback(connection.close)
        replayed = await replay_jobs(connection, ids)
    missing = sorted(set(ids or ()) - set(replayed))
    typer.echo(f"{len(replayed)} put back on the queue.")
    if missing:
        typer.echo(f"Not parked: {', '.join(map(str, missing))}.")
    return 1 if missing else 0


async def verify_audit(settings: Settings, tenant: str | None) -> int:
    """Verify the audit chain of one shop or all; 1 when one is broken."""
    broken_count = 0
    async with opened(settings) as services:
        for tenant_id in await _tenants(services, tenant):
            report = await services.audit.verify(tenant_id)
            broken_count += not report.is_whole
            if report.is_whole:
                typer.echo(f"{tenant_id}  whole, {report.row_count} records")
            elif report.first_broken_seq is not None:
                typer.echo(f"{tenant_id}  BROKEN at record {report.first_broken_seq}")
            else:
                typer.echo(f"{tenant_id}  BROKEN: records are missing at the end")
    return 1 if broken_count else 0


async def check_books(settings: Settings, tenant: str | None) -> int:
    """Check the ledger and the daily closes of one shop or all; 1 when something does not add up."""
    wrong_count = 0
    async with opened(settings) as services:
        for tenant_id in await _tenants(services, tenant):
            found = await services.ledger.check(Actor.system(tenant_id, "operator", f"cli:{uuid7()}"))
            closes = await services.closing.verify(tenant_id)
            wrong_count += len(found) + len(closes.breaks)
            for item in found:
                typer.echo(f"{tenant_id}  {item.kind}: {item.subject} is {item.stored}, expected {item.expected}")
            for misfit in closes.breaks:
                typer.echo(f"{tenant_id}  close Z{misfit.number}: its {misfit.what} does not fit")
            if not found and closes.is_whole:
                typer.echo(f"{tenant_id}  the books balance, {closes.close_count} closes are whole")
    return 1 if wrong_count else 0


async def reseal(settings: Settings) -> int:
    """Seal what older keys sealed under the first key, in every shop, and say how much it was.

    1 when something is sealed with a key that is not configured.
    """
    total = Resealed()
    async with opened(settings) as services:
        for tenant_id in await services.tenancy.tenant_ids():
            actor = Actor.system(tenant_id, "operator", f"cli:{uuid7()}")
            total += await services.staff.reseal(actor)
            total += await services.channels.reseal(actor)
    typer.echo(f"{total.count} values sealed anew under the newest key.")
    if total.broken_count:
        typer.echo(
            f"{total.broken_count} values no configured key opens; they stay as they are. Add their key to "
            "GUILDHALL_SECRET_KEYS and repeat; keep every key until then."
        )
        return 1
    typer.echo("Nothing is sealed with an older key any more: the older keys can go from GUILDHALL_SECRET_KEYS.")
    return 0


async def _tenants(services: Services, only: str | None) -> tuple[UUID, ...]:
    known = await services.tenancy.tenant_ids()
    if only is None:
        return known
    found = tuple(tenant_id for tenant_id in known if str(tenant_id) == only.strip().lower())
    if not found:
        raise StartError("--tenant: there is no shop with this id. Without --tenant all shops are listed.")
    return found
