"""Brings the provider's message templates into the house."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from channels.whatsapp.meta.errors import Refused, Then
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.ports import TemplateShelf
from channels.whatsapp.tokens import stop_if_current
from domain.channels.dto import COUPON, PARAMETER, ChannelAccount, Template
from domain.kernel.actor import Actor
from domain.kernel.errors import TransientFailure

log = structlog.get_logger("guildhall.whatsapp")


class TemplateSync:
    """Reads the templates of all numbers."""

    def __init__(self, graph: GraphClient, channels: TemplateShelf) -> None:
        self._graph = graph
        self._channels = channels

    async def sync(self, tenant_id: UUID, job_key: str) -> int:
        """Make the shop's templates those the provider has; the number found. One number's failure hurts no other.

        A number that is stopped, or whose business account is not known yet, is left as it is.

        Raises:
            TransientFailure: The provider could not be asked about at least one number.
        """
        actor = Actor.system(tenant_id, "templates", job_key)
        count, away = 0, None
        for account in await self._channels.accounts(actor):
            try:
                count += await self._sync(actor, account)
            except TransientFailure as failure:
                away = failure
        if away is not None:
            raise away
        return count

    async def _sync(self, actor: Actor, account: ChannelAccount) -> int:
        credentials = await self._channels.credentials(actor, account.id)
        if not credentials.is_active or not credentials.waba_id:
            return 0
        try:
            found = [read_template(account.id, raw) async for raw in self._graph.templates(credentials)]
        except Refused as refused:
            if refused.rule.then is Then.STOP:
                await stop_if_current(self._channels, actor, credentials, refused)
            log.warning("templates refused", code=refused.code, details=refused.details)
            failure = refused.failure(1)
            if isinstance(failure, TransientFailure) and refused.rule.then is not Then.STOP:
                raise failure from refused
            return 0
        templates = list({(one.name, one.language): one for one in found if one is not None}.values())
        await self._channels.save_templates(actor, account.id, templates)
        return len(templates)


def read_template(account_id: UUID, raw: Mapping[str, Any]) -> Template | None:
    """A template as Graph describes it; None when it has no name or language."""
    name, language = raw.get("name"), raw.get("language")
    if not isinstance(name, str) or not isinstance(language, str) or not name or not language:
        return None
    listed = raw.get("components")
    components = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    body = next((str(one.get("text") or "") for one in components if str(one.get("type")).upper() == "BODY"), "")
    return Template(
        account_id=account_id,
        name=name,
        language=language,
        status=str(raw.get("status") or "").lower(),
        category=str(raw.get("category") or "").lower(),
        body=body,
        parameters=(*_of_header(components), *dict.fromkeys(PARAMETER.findall(body)), *_of_buttons(components)),
        components=components,
    )


def _of_header(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in components:
        if str(one.get("type")).upper() == "HEADER":
            yield from (f"header.{name}" for name in dict.fromkeys(PARAMETER.findall(str(one.get("text") or ""))))


def _of_buttons(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The buttons with something to be filled in, by their place: the end of an address, or a code to copy."""
    for one in components:
        if str(one.get("type")).upper() == "BUTTONS":
            for place, button in enumerate(one.get("buttons") or ()):
                if not isinstance(button, dict):
                    continue
                if str(button.get("type")).upper() == "COPY_CODE":
                    yield f"{COUPON}{place}"
                elif PARAMETER.search(str(button.get("url") or "")):
                    yield f"button.{place}"
