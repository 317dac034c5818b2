"""Settings, read once from the environment or `.env`; the variables' names are an interface."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_ORIGIN = re.compile(r"https?://[^\s/?#@]+/?")


class LogFormat(StrEnum):
    """How log lines look: `auto` is for people on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important line that is shown."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _postgres_address(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        host = parts.hostname or parse_qs(parts.query).get("host")
        is_address = parts.scheme in ("postgresql", "postgres") and bool(host) and parts.port != 0
    except ValueError:  # its message repeats a part of the address, which may be the password
        is_address = False
    if not is_address:
        raise ValueError("not the address of a PostgreSQL database") from None
    return value


def _discord_token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    if not token or not token.isprintable() or re.search(r"[\s\"']", token):
        raise ValueError("not a bot token: one has no spaces, quotes or prefix")
    return value


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("not an origin (scheme, host and port, nothing after them)")
    return value.rstrip("/")


class DiscordSettings(_Part):
    """The Discord door; `api_origin` is None for the real Discord."""

    token: Annotated[SecretStr, AfterValidator(_discord_token)] | None = None
    api_origin: Annotated[str, AfterValidator(_origin)] | None = None


class WebSettings(_Part):
    """Where webhooks, health and metrics are served: loopback by default, behind a reverse proxy in production.

    `public_origin` is how the world reaches it, e.g. `https://shop.example`; it is only shown to people.
    """

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_origin: Annotated[str, AfterValidator(_origin)] | None = None


class LogSettings(_Part):
    """Logging."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


class DatabaseSettings(_Part):
    """The application's pool; the queue takes one connection more."""

    max_connections: int = Field(default=10, ge=2, le=500)


class WorkerSettings(_Part):
    """The queue. A job whose process died runs again after `heartbeat_s`, at the latest 5 s later.

    A message that a process was sending when it died is looked for, and sent if it never arrived, after `lease_s`.
    """

    heartbeat_s: float = Field(default=10, ge=0.5, le=600)
    lease_s: float = Field(default=30, ge=1.5, le=600)
    max_attempts: int = Field(default=6, ge=1, le=50)


class MetaSettings(_Part):
    """Meta's Cloud API; `graph_version` is to be raised before Meta ends it (v26.0: 2028).

    `unknown_grace_s` is how long a status may take to tell what became of a message whose answer was lost.
    """

    graph_origin: Annotated[str, AfterValidator(_origin)] = "https://graph.facebook.com"
    graph_version: str = Field(default="v26.0", pattern=r"^v\d{1,3}\.\d$")
    unknown_grace_s: float = Field(default=60, ge=1, le=3600)
    timeout_s: float = Field(default=15, ge=0.1, le=60)


class OpenAISettings(_Part):
    """The model; without a key a guided menu answers instead.

    `base_url` is the API's address with its path, e.g. `https://api.openai.com/v1` or a compatible server's.
    Prices are in millionths of the currency the budget is counted in, per million tokens.
    """

    api_key: SecretStr | None = None
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#@]+$")
    api: Literal["chat", "responses"] = "chat"
    model: str = Field(default="", max_length=100)
    transcription_model: str = Field(default="", max_length=100)
    input_price_micros: int = Field(default=0, ge=0)
    output_price_micros: int = Field(default=0, ge=0)
    timeout_s: float = Field(default=20, ge=0.1, le=60)


class AgentSettings(_Part):
    """The assistant's patience: how long a contact must be quiet, and how long a turn may take."""

    quiet_s: float = Field(default=1.5, ge=0, le=30)
    quiet_longest_s: float = Field(default=8, ge=0, le=120)
    turn_s: float = Field(default=30, ge=1, le=30)
    step_limit: int = Field(default=8, ge=1, le=20)


class Settings(BaseSettings):
    """All settings. Build it with `read_settings`, which turns what is wrong into one line."""

    model_config = SettingsConfigDict(
        env_prefix="GUILDHALL_",
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: Annotated[SecretStr, AfterValidator(_postgres_address)] | None = Field(
        default=None, validation_alias="DATABASE_URL"
    )
    data_dir: Path = Path("data")
    secret_keys: SecretStr | None = None
    discord: DiscordSettings = DiscordSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    database: DatabaseSettings = DatabaseSettings()
    worker: WorkerSettings = WorkerSettings()
    meta: MetaSettings = MetaSettings()
    openai: OpenAISettings = OpenAISettings()
    agent: AgentSettings = AgentSettings()

    @property
    def is_embedded(self) -> bool:
        """Whether PostgreSQL is our own, in the data folder."""
        return self.database_url is None

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction."""
        found = [self.discord.token, self.database_url, self.secret_keys, self.openai.api_key]
        values = [secret.get_secret_value() for secret in found if secret is not None]
        if self.database_url is not None:
            values.append(urlsplit(self.database_url.get_secret_value()).password or "")
        if self.secret_keys is not None:
            values.extend(key.strip() for key in self.secret_keys.get_secret_value().split(","))
        return tuple(value for value in values if len(value) > 3)
