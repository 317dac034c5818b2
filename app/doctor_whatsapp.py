"""The doctor's look at WhatsApp numbers and the model."""

from uuid import UUID

import aiohttp

from app.findings import Finding, Level
from app.keys import open_sealer
from app.settings import Settings
from channels.whatsapp.meta.errors import Refused
from channels.whatsapp.meta.graph import GraphClient
from domain.channels.service import ChannelService
from domain.kernel.actor import Actor
from domain.kernel.clock import SystemClock
from domain.kernel.db import Database
from domain.kernel.errors import DeliveryError
from domain.kernel.sealing import SealBroken
from domain.tenancy.service import TenancyService

_TIMEOUT_S = 8.0
_OPENAI = "https://api.openai.com/v1"


async def number_findings(settings: Settings, dsn: str) -> list[Finding]:
    """Each number of each shop: whether Meta takes its token."""
    db = await Database.open(dsn, max_connections=2)
    graph = GraphClient.open(settings.meta.graph_origin, settings.meta.graph_version, _TIMEOUT_S)
    try:
        clock = SystemClock()
        channels = ChannelService(db, clock, open_sealer(settings))
        found: list[Finding] = []
        for tenant_id in await TenancyService(db, clock).tenant_ids():
            actor = Actor.system(tenant_id, "doctor", "doctor")
            found += [
                await _number(channels, graph, actor, account.id, account.phone_number_id)
                for account in await channels.accounts(actor)
            ]
        return found or [Finding(Level.NOTE, "whatsapp", "no number", "/setup, or guildhall whatsapp add-meta")]
    finally:
        await graph.close()
        await db.close()


async def _number(
    channels: ChannelService, graph: GraphClient, actor: Actor, account_id: UUID, phone_number_id: str
) -> Finding:
    what, remedy = f"whatsapp {phone_number_id}", "guildhall whatsapp replace-token"
    try:
        credentials = await channels.credentials(actor, account_id)
        display = await graph.display_number(credentials)
    except SealBroken:
        return Finding(Level.WARNING, what, "its secrets open with no configured key", "see GUILDHALL_SECRET_KEYS")
    except Refused as exc:
        return Finding(Level.WARNING, what, f"Meta refuses: {exc.code} {exc.details}"[:200], remedy)
    except DeliveryError as exc:
        return Finding(Level.WARNING, what, f"Meta cannot be asked ({exc.code})", "check the network")
    if not credentials.is_active:
        return Finding(Level.WARNING, what, f"{display}: stopped", remedy)
    return Finding(Level.OK, what, f"{display}: Meta takes its token")


async def model_finding(settings: Settings) -> Finding:
    """Whether the model's provider knows key and model; without a key the menu answers."""
    options, what = settings.openai, "assistant"
    if options.api_key is None:
        return Finding(Level.NOTE, what, "no key: the guided menu answers", "docs/assistant.md, if a model is wanted")
    if not options.model:
        return Finding(Level.MISSING, what, "a key and no model", "set GUILDHALL_OPENAI__MODEL")
    url = f"{(options.base_url or _OPENAI).rstrip('/')}/models"
    headers = {"Authorization": f"Bearer {options.api_key.get_secret_value()}"}
    try:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=headers) as answer:
            status = answer.status
            listed = await answer.json(content_type=None) if status == 200 else {}
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
        return Finding(
            Level.WARNING, what, f"cannot be reached ({type(exc).__name__})", "see GUILDHALL_OPENAI__BASE_URL"
        )
    if status in (401, 403):
        return Finding(Level.WARNING, what, "the provider refuses the key", "set another GUILDHALL_OPENAI__API_KEY")
    names = {str(one.get("id")) for one in listed.get("data", ()) if isinstance(one, dict)}
    if names and options.model not in names:
        return Finding(
            Level.WARNING, what, f"the provider does not list {options.model}", "see GUILDHALL_OPENAI__MODEL"
        )
    return Finding(Level.OK, what, f"{options.model} answers at {url.removesuffix('/models')}")
