"""Read the settings, and say in one line what is wrong with them."""

import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError as SourceError

from app.errors import SettingsError
from app.settings import Settings

EXAMPLES = {
    "DATABASE_URL": "postgresql://guildhall:password@db.example.com:5432/guildhall",
    "GUILDHALL_DATA_DIR": "./data",
    "GUILDHALL_SECRET_KEYS": "$(openssl rand -base64 32)",
    "GUILDHALL_DISCORD__TOKEN": "<the token from the Bot page of your application on discord.com/developers>",
    "GUILDHALL_DISCORD__API_ORIGIN": "http://127.0.0.1:4000",
    "GUILDHALL_WEB__HOST": "127.0.0.1",
    "GUILDHALL_WEB__PORT": "8080",
    "GUILDHALL_LOG__LEVEL": "info",
    "GUILDHALL_LOG__FORMAT": "json",
    "GUILDHALL_DATABASE__MAX_CONNECTIONS": "10",
    "GUILDHALL_WORKER__HEARTBEAT_S": "10",
    "GUILDHALL_WORKER__LEASE_S": "30",
    "GUILDHALL_WORKER__MAX_ATTEMPTS": "6",
    "GUILDHALL_WEB__PUBLIC_ORIGIN": "https://shop.example",
    "GUILDHALL_META__GRAPH_ORIGIN": "https://graph.facebook.com",
    "GUILDHALL_META__GRAPH_VERSION": "v26.0",
    "GUILDHALL_META__UNKNOWN_GRACE_S": "60",
    "GUILDHALL_META__TIMEOUT_S": "15",
    "GUILDHALL_OPENAI__API_KEY": "<the key from your provider>",
    "GUILDHALL_OPENAI__BASE_URL": "http://127.0.0.1:11434/v1",
    "GUILDHALL_OPENAI__API": "chat",
    "GUILDHALL_OPENAI__MODEL": "<your provider's name for it>",
    "GUILDHALL_OPENAI__TIMEOUT_S": "20",
    "GUILDHALL_AGENT__QUIET_S": "1.5",
    "GUILDHALL_AGENT__QUIET_LONGEST_S": "8",
    "GUILDHALL_AGENT__TURN_S": "30",
    "GUILDHALL_AGENT__STEP_LIMIT": "8",
}


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings, from the environment, or from `.env` in the working folder.

    Raises:
        SettingsError: A value is wrong; one line that names the variable and shows an example. The value itself
            is never repeated, and the cause is cut off, because it may carry the value.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]  # an argument its typing does not show
    except ValidationError as exc:
        problem = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        location = [str(part) for part in problem["loc"]]
        raise wrong(variable_of(location), _reason(problem["msg"])) from None
    except SourceError:
        raise wrong("GUILDHALL_WEB__PORT", "a group of settings is set as a whole; set its members") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(".env", "cannot be read as a text file in UTF-8", "GUILDHALL_WEB__PORT=8080") from None


def wrong(variable: str, why: str) -> SettingsError:
    """The error for a variable, with its example."""
    return SettingsError(variable, why, EXAMPLES.get(variable, "<value>"))


def variable_of(location: list[str]) -> str:
    """The variable of a field: `["web", "port"]` is `GUILDHALL_WEB__PORT`."""
    if location[:1] in (["DATABASE_URL"], ["database_url"]):
        return "DATABASE_URL"
    return "GUILDHALL_" + "__".join(location[:2]).upper()


def unknown_variables(env_file: Path = Path(".env")) -> list[str]:
    """Variables that begin with GUILDHALL_ and mean nothing: most likely a slip of the pen."""
    names = set(os.environ) | (set(dotenv_values(env_file)) if env_file.exists() else set())
    known = {"DATABASE_URL"}
    for name, field in Settings.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            known.update(variable_of([name, member]) for member in part.model_fields)
        else:
            known.add(variable_of([name]))
    return sorted(name for name in names if name.startswith("GUILDHALL_") and name.upper() not in known)


def _reason(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
