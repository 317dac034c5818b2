"""What the command line does with WhatsApp numbers; secrets are never arguments, which other users can see."""

import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import typer

from app.errors import StartError
from app.keys import open_sealer
from app.settings import Settings
from app.storage.open import open_database, open_dsn
from domain.channels.dto import ChannelAccount, NewMetaAccount
from domain.channels.service import ChannelService
from domain.kernel.actor import Actor
from domain.kernel.clock import SystemClock
from domain.kernel.ids import uuid7
from domain.tenancy.service import TenancyService


@dataclass(frozen=True, slots=True)
class Number:
    """What an operator says about a number in the open."""

    tenant: str
    phone_number_id: str
    app: str
    waba_id: str
    display_phone: str


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[ChannelService, TenancyService]]:
    async with AsyncExitStack() as stack:
        sealer, clock = open_sealer(settings), SystemClock()
        db = await open_database(await open_dsn(settings, stack), 4, stack)
        yield ChannelService(db, clock, sealer), TenancyService(db, clock)


async def add_meta(settings: Settings, number: Number) -> int:
    """Connect a number and say what to do at Meta's side.

    Raises:
        StartError: There is no such shop, or a secret is missing and nobody can be asked.
        DomainError: The number is taken, or something typed cannot be right.
    """
    async with _opened(settings) as (channels, tenancy):
        tenant_id = await _tenant(tenancy, number.tenant)
        token = _secret("GUILDHALL_ADD_ACCESS_TOKEN", "Access token")
        app_secret = _secret("GUILDHALL_ADD_APP_SECRET", "App secret")
        verify_token = _secret("GUILDHALL_ADD_VERIFY_TOKEN", "Verify token (empty: one is made)", may_be_empty=True)
        made = "" if verify_token else secrets.token_urlsafe(24)
        new = NewMetaAccount(
            number.phone_number_id, token, app_secret, verify_token or made, number.app, number.waba_id,
            number.display_phone,
        )  # fmt: skip
        account = await channels.add_meta(_operator(tenant_id), new)
    _tell_next_steps(account, made)
    return 0


async def list_numbers(settings: Settings, tenant: str | None) -> int:
    """Print the numbers of one shop or all; 1 when one is stopped."""
    count = stopped_count = 0
    async with _opened(settings) as (channels, tenancy):
        tenants = [await _tenant(tenancy, tenant)] if tenant else await tenancy.tenant_ids()
        for tenant_id in tenants:
            for account in await channels.accounts(_operator(tenant_id)):
                count += 1
                stopped_count += account.state == "stopped"
                heard = f"{account.last_inbound_at:%Y-%m-%d %H:%M}" if account.last_inbound_at else "never"
                typer.echo(
                    f"{tenant_id}  {account.phone_number_id:<18} {account.display_phone or '-':<18} "
                    f"/webhooks/meta/{account.app}  {account.state}  last message: {heard}"
                    + (f"  ({account.stopped_reason})" if account.stopped_reason else "")
                )
    if not count:
        typer.echo("No number is connected yet. `guildhall whatsapp add-meta` connects one, or /setup in Discord.")
    return 1 if stopped_count else 0


async def replace_token(settings: Settings, phone_number_id: str) -> int:
    """Give a number a new access token; it is started again if it was stopped."""
    async with _opened(settings) as (channels, tenancy):
        for tenant_id in await tenancy.tenant_ids():
            for account in await channels.accounts(_operator(tenant_id)):
                if account.phone_number_id == phone_number_id:
                    token = _secret("GUILDHALL_ADD_ACCESS_TOKEN", "Access token")
                    await channels.replace_token(_operator(tenant_id), account.id, token)
                    typer.echo(f"Number {phone_number_id} has its new token and is active.")
                    return 0
    raise StartError(f"--phone-number-id: no number {phone_number_id[:40]}. `guildhall whatsapp list` shows them.")


def _operator(tenant_id: UUID) -> Actor:
    return Actor.system(tenant_id, "operator", f"cli:{uuid7()}")


async def _tenant(tenancy: TenancyService, wanted: str) -> UUID:
    for tenant_id in await tenancy.tenant_ids():
        if str(tenant_id) == wanted.strip().lower():
            return tenant_id
    raise StartError("--tenant: there is no shop with this id. `guildhall tenant list` shows them.")


def _secret(variable: str, question: str, *, may_be_empty: bool = False) -> str:
    """From the environment, or asked for without showing what is typed."""
    given = os.environ.get(variable)
    if given is None and sys.stdin.isatty():
        default = "" if may_be_empty else None
        given = str(typer.prompt(question, hide_input=True, default=default, show_default=False))
    value = (given or "").strip()
    if not value and not may_be_empty:
        raise StartError(f"{variable}: missing. Set it for this command, or run it on a terminal and be asked.")
    return value


def _tell_next_steps(account: ChannelAccount, made_token: str) -> None:
    typer.echo(f"Number {account.phone_number_id} is connected.")
    typer.echo("Next, on the WhatsApp configuration page of the app at Meta:")
    typer.echo(f"  1. Callback URL: https://<your address>/webhooks/meta/{account.app}")
    typer.echo(f"  2. Verify token: {made_token}" if made_token else "  2. Verify token: the one you gave.")
    typer.echo("  3. Subscribe to the field messages; beside the phone app also to smb_message_echoes,")
    typer.echo("     smb_app_state_sync and history; for warnings to account_update, account_alerts,")
    typer.echo("     phone_number_quality_update, message_template_status_update and user_preferences.")
    if made_token:
        typer.echo("The verify token is shown this once only.")
