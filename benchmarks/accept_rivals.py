"""What the durable accept is measured beside: the same without storage, and FastAPI with SQLAlchemy, each a process.

`python -m benchmarks.accept_rivals bare|fastapi PORT DSN TENANT ACCOUNT`
"""

import hashlib
import hmac
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import uvicorn
import uvloop
from aiohttp import web
from fastapi import FastAPI, Request, Response
from sqlalchemy import JSON, BigInteger, DateTime, Identity, Text, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.accept_client import NUMBER, SECRET
from channels.whatsapp.routes import add_routes
from domain.channels.dto import AccountDoor, InboundItem
from domain.kernel.clock import SystemClock
from domain.kernel.ids import uuid7


class _NoStorage:
    """Channels that know one account and forget every item."""

    async def doors(self, provider: str, app: str) -> tuple[AccountDoor, ...]:
        return (AccountDoor(UUID(int=1), UUID(int=2), NUMBER, None, SECRET, "verify"),)

    async def accept(self, items: Sequence[InboundItem]) -> int:
        return len(items)


class _NoCount:
    def webhook(self, outcome: str, item_count: int = 0) -> None:
        pass

    def unknown_number(self) -> None:
        pass


def serve_bare(port: int) -> None:
    app = web.Application()
    add_routes(app, _NoStorage(), SystemClock(), _NoCount())
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


class _Base(DeclarativeBase):
    pass


class _Event(_Base):
    __tablename__ = "inbound_events"
    __table_args__ = ({"schema": "guildhall"},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    account_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[str] = mapped_column(Text)
    lane: Mapped[str] = mapped_column(Text)
    dedup_key: Mapped[str] = mapped_column(Text)
    item: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[Any] = mapped_column(DateTime(timezone=True))


def serve_fastapi(port: int, dsn: str, tenant_id: UUID, account_id: UUID) -> None:
    """The usual way: a session per request, an insert per item, commit, 200."""
    engine = create_async_engine(dsn, pool_size=10, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()

    @app.post("/webhooks/meta/{app_name}")
    async def receive(app_name: str, request: Request) -> Response:
        raw = await request.body()
        want = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(want, request.headers.get("x-hub-signature-256", "")):
            return Response(status_code=403)
        body = await request.json()
        async with sessions() as session:
            for entry in body["entry"]:
                for change in entry["changes"]:
                    for message in change["value"].get("messages", []):
                        values = {
                            "id": uuid7(), "tenant_id": tenant_id, "account_id": account_id, "kind": "message",
                            "lane": message["from"], "dedup_key": message["id"],
                            "item": {"payload": message, "metadata": change["value"]["metadata"]},
                            "received_at": func.now(),
                        }  # fmt: skip
                        await session.execute(insert(_Event).values(values).on_conflict_do_nothing())
            await session.commit()
        return Response(status_code=200)

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False, loop="uvloop")


def main() -> None:
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "bare":
        serve_bare(port)
    else:
        serve_fastapi(port, sys.argv[3], UUID(sys.argv[4]), UUID(sys.argv[5]))


if __name__ == "__main__":
    main()
