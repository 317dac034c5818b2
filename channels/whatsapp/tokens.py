"""What follows when the provider refuses a token."""

from channels.whatsapp.meta.errors import Refused
from channels.whatsapp.ports import AccountKeeper
from domain.channels.dto import Credentials
from domain.kernel.actor import Actor


async def stop_if_current(accounts: AccountKeeper, actor: Actor, credentials: Credentials, refused: Refused) -> None:
    """Stop the number, unless its token was replaced while a call with the old one was under way."""
    latest = await accounts.credentials(actor, credentials.account_id)
    if latest.access_token == credentials.access_token and latest.is_active:
        reason = f"token_{refused.subcode}" if refused.subcode else "token"
        await accounts.stop(actor, credentials.account_id, reason)
