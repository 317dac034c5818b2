"""The `guildhall` command. What a subcommand needs is imported when it runs, so that each starts quickly."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.errors import StartError
from app.settings import Settings
from app.settings_reader import read_settings
from domain.kernel.errors import DomainError

cli = typer.Typer(
    help="Runs a service business from Discord: orders, staff, pay and books.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip
tenant_cli = typer.Typer(help="Shops.", no_args_is_help=True)
jobs_cli = typer.Typer(help="Background jobs that kept failing and wait for a person.", no_args_is_help=True)
audit_cli = typer.Typer(help="The record of who did what.", no_args_is_help=True)
books_cli = typer.Typer(help="The ledger and the daily closes.", no_args_is_help=True)
whatsapp_cli = typer.Typer(help="The shops' WhatsApp numbers.", no_args_is_help=True)
secrets_cli = typer.Typer(help="What is sealed, and the keys.", no_args_is_help=True)
groups = {
    "tenant": tenant_cli, "jobs": jobs_cli, "audit": audit_cli, "books": books_cli, "whatsapp": whatsapp_cli,
    "secrets": secrets_cli,
}  # fmt: skip
for name, group in groups.items():
    cli.add_typer(group, name=name)


_LARGEST_ID = 2**63 - 1
# The collector looks for circles after so many new objects; by default 700, which took a sixth of every start and a
# seventh of a busy house's time. Nearly everything here ends by its reference count.
_NEW_OBJECTS, _YOUNG_ROUNDS, _MIDDLE_ROUNDS = 50_000, 10, 10


class Only(StrEnum):
    """A role of a process."""

    WEB = "web"
    BOT = "bot"
    WORKER = "worker"
    CLOCK = "clock"


TenantOption = Annotated[str | None, typer.Option("--tenant", help="One shop's id; all shops without it.")]


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 something is wrong, 2 it cannot start as it is configured."""
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_ROUNDS, _MIDDLE_ROUNDS)
    try:
        cli()
    except StartError as exc:
        sys.exit(_told(str(exc), 2))
    except DomainError as exc:
        from app.cli_admin import sentence

        sys.exit(_told(sentence(exc), 1))


@cli.command()
def run(
    only: Annotated[list[Only] | None, typer.Option("--only", help="Run only this part; may be repeated.")] = None,
) -> None:
    """Open the house, until SIGTERM or Ctrl-C."""
    settings = read_settings()
    from app.running import run_process

    raise typer.Exit(run_process(settings, [role.value for role in only or Only]))


@cli.command()
def sandbox(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running and print addresses and token.")] = False,
    out: Annotated[Path, typer.Option("--out", help="Where files and the picture go.")] = Path("sandbox-out"),
) -> None:
    """Play a working day on Discord and WhatsApp, both emulated, and check the books."""
    from app.sandbox_day import play

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise typer.BadParameter(f"{out} cannot be made: {exc.strerror}", param_hint="--out") from None
    raise typer.Exit(play(keep=keep, out=out))


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to date; safe to repeat."""
    from app import cli_admin

    _run(cli_admin.migrate(_quiet_settings()))


@cli.command()
def doctor() -> None:
    """Say what is configured, reachable and missing, with the remedy."""
    from app.doctor import examine

    raise typer.Exit(_run(examine()))


@tenant_cli.command("create")
def tenant_create(
    name: Annotated[str, typer.Option(help="The shop's name.")],
    guild_id: Annotated[int, typer.Option(min=1, max=_LARGEST_ID, help="Its Discord server's id.")],
    owner_id: Annotated[int, typer.Option(min=1, max=_LARGEST_ID, help="The owner's Discord user id.")],
    zone: Annotated[str, typer.Option(help="Time zone, e.g. Europe/Madrid.")],
    currency: Annotated[str, typer.Option(help="Currency, e.g. EUR.")],
    locale: Annotated[str, typer.Option(help="en, es, fr or pt-BR.")] = "en",
    cutoff_hour: Annotated[int, typer.Option(help="Hour at which the business day ends.")] = 6,
    owner_name: Annotated[str, typer.Option(help="The owner's name.")] = "Owner",
) -> None:
    """Found a shop in a Discord server."""
    from app import cli_admin
    from domain.tenancy.dto import NewTenant

    new = NewTenant(name, guild_id, owner_id, owner_name, zone, currency, locale, cutoff_hour)
    _run(cli_admin.create_tenant(_quiet_settings(), new))


@tenant_cli.command("list")
def tenant_list() -> None:
    """List the shops with their ids, which other commands want."""
    from app import cli_admin

    _run(cli_admin.list_tenants(_quiet_settings()))


@jobs_cli.command("parked")
def jobs_parked() -> None:
    """List parked jobs; exit code 1 when there are any."""
    from app import cli_admin

    raise typer.Exit(_run(cli_admin.list_parked(_quiet_settings())))


@jobs_cli.command("replay")
def jobs_replay(
    ids: Annotated[list[int] | None, typer.Argument(min=1, max=_LARGEST_ID, help="Ids from `jobs parked`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All parked jobs.")] = False,
) -> None:
    """Put parked jobs back on the queue."""
    if bool(ids) == everything:
        raise typer.BadParameter("name the jobs' ids, or say --all")
    from app import cli_admin

    raise typer.Exit(_run(cli_admin.replay(_quiet_settings(), ids or None)))


@audit_cli.command("verify")
def audit_verify(tenant: TenantOption = None) -> None:
    """Recompute the audit chain; exit code 1 when somebody changed it."""
    from app import cli_admin

    raise typer.Exit(_run(cli_admin.verify_audit(_quiet_settings(), tenant)))


@books_cli.command("check")
def books_check(tenant: TenantOption = None) -> None:
    """Check the ledger and the daily closes; exit code 1 when something does not add up."""
    from app import cli_admin

    raise typer.Exit(_run(cli_admin.check_books(_quiet_settings(), tenant)))


@whatsapp_cli.command("add-meta")
def whatsapp_add_meta(
    tenant: Annotated[str, typer.Option(help="The shop's id.")],
    phone_number_id: Annotated[str, typer.Option(help="Meta's id of the number; not the number itself.")],
    app: Annotated[str, typer.Option(help="Last word of the webhook's address; made from the shop if empty.")] = "",
    waba_id: Annotated[str, typer.Option(help="The WhatsApp Business Account's id; learned if empty.")] = "",
    display_phone: Annotated[str, typer.Option(help="The number as people know it.")] = "",
) -> None:
    """Connect a number of Meta's Cloud API.

    The access token, the app secret and the verify token are asked for, or read from GUILDHALL_ADD_ACCESS_TOKEN,
    GUILDHALL_ADD_APP_SECRET and GUILDHALL_ADD_VERIFY_TOKEN; never give them as arguments.
    """
    from app import cli_whatsapp

    about = cli_whatsapp.Number(tenant, phone_number_id, app, waba_id, display_phone)
    _run(cli_whatsapp.add_meta(_quiet_settings(), about))


@whatsapp_cli.command("list")
def whatsapp_list(tenant: TenantOption = None) -> None:
    """List the numbers; exit code 1 when one is stopped."""
    from app import cli_whatsapp

    raise typer.Exit(_run(cli_whatsapp.list_numbers(_quiet_settings(), tenant)))


@whatsapp_cli.command("replace-token")
def whatsapp_replace_token(
    phone_number_id: Annotated[str, typer.Option(help="Meta's id of the number.")],
) -> None:
    """Give a number a new access token (asked for, or GUILDHALL_ADD_ACCESS_TOKEN), and start it if it was stopped."""
    from app import cli_whatsapp

    _run(cli_whatsapp.replace_token(_quiet_settings(), phone_number_id))


@secrets_cli.command("reseal")
def secrets_reseal() -> None:
    """Seal everything under the newest key, so that older ones can go; exit code 1 when something cannot be opened.

    Safe beside a running house, to break off and to repeat. The newest key is the first in GUILDHALL_SECRET_KEYS;
    every process has to run with it before.
    """
    from app import cli_admin

    raise typer.Exit(_run(cli_admin.reseal(_quiet_settings())))


def _quiet_settings() -> Settings:
    """The settings, with logging down to what needs attention: the answer goes to standard output."""
    settings = read_settings()
    from app.logging import configure_logging
    from app.settings import LogLevel

    quiet = settings.log.model_copy(update={"level": max(settings.log.level, LogLevel.WARNING, key=_rank)})
    configure_logging(quiet, settings.secrets())
    return settings


def _rank(level: str) -> int:
    return ["debug", "info", "warning", "error"].index(level)


def _run(work: Coroutine[Any, Any, int]) -> int:
    return asyncio.run(work)


def _told(line: str, code: int) -> int:
    typer.echo(f"guildhall: {' '.join(line.split())}", err=True)
    return code
