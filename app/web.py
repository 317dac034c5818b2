"""The web server: health and metrics; loopback by default, behind a reverse proxy in production."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import orjson
import structlog
from aiohttp import web

from app.errors import StartError
from app.health import Health
from app.metrics import CONTENT_TYPE, HouseMetrics
from app.settings import WebSettings
from channels.whatsapp.routes import BODY_LIMIT_BYTES, add_routes
from domain.channels.service import ChannelService
from domain.kernel.clock import Clock, SystemClock

log = structlog.get_logger("guildhall.web")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_NO_STORE = {"Cache-Control": "no-store"}


def build_web(
    health: Health, metrics: HouseMetrics, channels: ChannelService | None = None, clock: Clock | None = None
) -> web.Application:
    """The application with its routes; with channels also the webhooks that bring their messages."""

    async def healthz(request: web.Request) -> web.Response:
        return _json({"status": "alive"})

    async def readyz(request: web.Request) -> web.Response:
        found = await health.readiness()
        body = {"status": "not ready" if found.reasons else "ready", "reasons": found.reasons, **found.figures}
        return _json(body, 503 if found.reasons else 200)

    async def metrics_page(request: web.Request) -> web.Response:
        await health.measure(metrics)
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE, **_NO_STORE})

    app = web.Application(middlewares=[report_bugs], client_max_size=BODY_LIMIT_BYTES)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics_page)
    if channels is not None:
        add_routes(app, channels, clock or SystemClock(), metrics)
    return app


@web.middleware
async def report_bugs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a bug with an incident number; the traceback goes to the log."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:  # the web supervisor: one bad request must not show its insides to a stranger
        incident = secrets.token_hex(4)
        log.exception("request failed", incident=incident, path=request.path)
        return _json({"status": "error", "incident": incident}, 500)


@asynccontextmanager
async def serve(app: web.Application, settings: WebSettings) -> AsyncIterator[int]:
    """Listen until the block ends; yields the port. Requests in flight get two seconds to finish.

    Raises:
        StartError: The address cannot be listened on.
    """
    # Bodies stay as they came: signatures are over those bytes, and a stranger's broken gzip is no error of ours.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, auto_decompress=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError as exc:
            raise StartError(
                f"GUILDHALL_WEB__HOST, GUILDHALL_WEB__PORT: cannot listen on {settings.host}:{settings.port} "
                f"({exc.strerror}). Choose others. Example: GUILDHALL_WEB__PORT=8081"
            ) from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _json(body: Mapping[str, object], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=_NO_STORE)
