"""Every wrong or missing setting is one line that names the variable, shows an example and never the value."""

import base64
import os
import stat
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.errors import SettingsError
from app.keys import open_sealer
from app.settings import LogFormat, LogLevel, Settings
from app.settings_reader import EXAMPLES, read_settings, unknown_variables
from domain.kernel.ids import uuid7

CANARY = "canary-5d1f0a"
KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*os.environ]:
        if name.startswith("GUILDHALL_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_set_means_the_embedded_database_on_loopback() -> None:
    settings = read_settings()
    assert settings.is_embedded
    assert settings.data_dir == Path("data")
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.discord.token is None
    assert settings.discord.api_origin is None
    assert (settings.log.level, settings.log.format) == (LogLevel.INFO, LogFormat.AUTO)
    assert settings.secrets() == ()


EVERY = {
    "DATABASE_URL": f"postgresql://shop:{CANARY}@db.example.com:6432/shop",
    "GUILDHALL_DATA_DIR": "/var/lib/guildhall",
    "GUILDHALL_SECRET_KEYS": f"{KEY},{KEY}",
    "GUILDHALL_DISCORD__TOKEN": "MTIz.abc.def",
    "GUILDHALL_DISCORD__API_ORIGIN": "http://127.0.0.1:4000/",
    "GUILDHALL_WEB__HOST": "0.0.0.0",
    "GUILDHALL_WEB__PORT": "9000",
    "GUILDHALL_LOG__LEVEL": "debug",
    "GUILDHALL_LOG__FORMAT": "json",
    "GUILDHALL_DATABASE__MAX_CONNECTIONS": "33",
    "GUILDHALL_WORKER__HEARTBEAT_S": "2.5",
    "GUILDHALL_WORKER__LEASE_S": "4.5",
    "GUILDHALL_WORKER__MAX_ATTEMPTS": "3",
    "GUILDHALL_WEB__PUBLIC_ORIGIN": "https://shop.example",
    "GUILDHALL_META__GRAPH_ORIGIN": "http://127.0.0.1:4001",
    "GUILDHALL_META__GRAPH_VERSION": "v27.0",
    "GUILDHALL_META__UNKNOWN_GRACE_S": "30",
    "GUILDHALL_META__TIMEOUT_S": "7.5",
    "GUILDHALL_OPENAI__API_KEY": CANARY,
    "GUILDHALL_OPENAI__BASE_URL": "http://127.0.0.1:4002/v1",
    "GUILDHALL_OPENAI__API": "responses",
    "GUILDHALL_OPENAI__MODEL": "some-model",
    "GUILDHALL_OPENAI__TIMEOUT_S": "9",
    "GUILDHALL_AGENT__QUIET_S": "0.5",
    "GUILDHALL_AGENT__QUIET_LONGEST_S": "4",
    "GUILDHALL_AGENT__TURN_S": "20",
    "GUILDHALL_AGENT__STEP_LIMIT": "5",
}


def test_every_variable_is_read_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert EVERY.keys() == EXAMPLES.keys()
    for name, value in EVERY.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.database_url == SecretStr(EVERY["DATABASE_URL"])
    assert settings.data_dir == Path("/var/lib/guildhall")
    assert settings.discord.token == SecretStr("MTIz.abc.def")
    assert settings.discord.api_origin == "http://127.0.0.1:4000"
    assert (settings.web.host, settings.web.port) == ("0.0.0.0", 9000)
    assert settings.log.format is LogFormat.JSON
    assert settings.database.max_connections == 33
    assert (settings.worker.heartbeat_s, settings.worker.lease_s, settings.worker.max_attempts) == (2.5, 4.5, 3)
    assert settings.web.public_origin == "https://shop.example"
    meta, openai, agent = settings.meta, settings.openai, settings.agent
    assert (meta.graph_origin, meta.graph_version) == ("http://127.0.0.1:4001", "v27.0")
    assert (meta.unknown_grace_s, meta.timeout_s) == (30, 7.5)
    assert (openai.base_url, openai.api, openai.model) == ("http://127.0.0.1:4002/v1", "responses", "some-model")
    assert (openai.timeout_s, agent.quiet_s, agent.quiet_longest_s, agent.turn_s) == (9, 0.5, 4, 20)
    assert agent.step_limit == 5
    assert CANARY in settings.secrets()
    assert unknown_variables() == []


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GUILDHALL_WEB__PORT=9001\nGUILDHALL_WEB__HOST=::1\n")
    monkeypatch.setenv("GUILDHALL_WEB__PORT", "9002")
    settings = read_settings()
    assert (settings.web.host, settings.web.port) == ("::1", 9002)


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("GUILDHALL_DISCORD__TOKEN", "")
    settings = read_settings()
    assert settings.is_embedded
    assert settings.discord.token is None


WRONG = [
    ("DATABASE_URL", f"mysql://root:{CANARY}@db/shop"),
    ("DATABASE_URL", f"postgresql://shop:{CANARY}"),
    ("DATABASE_URL", f"postgresql://shop:{CANARY}@db:{CANARY}/shop"),
    ("DATABASE_URL", f"postgresql://shop:{CANARY}@[db/shop"),
    ("GUILDHALL_DISCORD__TOKEN", f"Bot {CANARY}"),
    ("GUILDHALL_DISCORD__TOKEN", f'"{CANARY}"'),
    ("GUILDHALL_DISCORD__API_ORIGIN", f"discord.com/{CANARY}"),
    ("GUILDHALL_DISCORD__API_ORIGIN", f"https://discord.com/api/{CANARY}"),
    ("GUILDHALL_WEB__PORT", CANARY),
    ("GUILDHALL_WEB__PORT", "70000"),
    ("GUILDHALL_LOG__LEVEL", CANARY),
    ("GUILDHALL_LOG__FORMAT", CANARY),
    ("GUILDHALL_DATABASE__MAX_CONNECTIONS", "1"),
    ("GUILDHALL_WORKER__HEARTBEAT_S", "0"),
    ("GUILDHALL_WORKER__MAX_ATTEMPTS", CANARY),
]


@pytest.mark.parametrize(("variable", "value"), WRONG)
def test_a_wrong_value_is_one_line_without_the_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    said = "".join(traceback.format_exception(caught.value))
    line = str(caught.value)
    assert line.startswith(f"{variable}: ")
    assert line.endswith(f"Example: {variable}={EXAMPLES[variable]}")
    assert "\n" not in line
    assert CANARY not in said


def test_a_slip_inside_a_group_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUILDHALL_DISCORD__TOKENS", CANARY)
    with pytest.raises(SettingsError, match=r"^GUILDHALL_DISCORD__TOKENS: ") as caught:
        read_settings()
    assert CANARY not in str(caught.value)


def test_a_group_set_as_a_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUILDHALL_WEB", CANARY)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_dotenv_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"GUILDHALL_WEB__HOST=\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"^\.env: cannot be read as a text file"):
        read_settings()


def test_an_unknown_variable_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUILDHALL_DATADIR", "x")
    (tmp_path / ".env").write_text("GUILDHALL_TOKEN=x\nGUILDHALL_WEB__PORT=1\n")
    assert unknown_variables() == ["GUILDHALL_DATADIR", "GUILDHALL_TOKEN"]


def test_settings_never_show_their_secrets() -> None:
    settings = Settings(database_url=SecretStr(f"postgresql://u:{CANARY}@h/d"), secret_keys=SecretStr(CANARY))
    assert CANARY not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_the_embedded_database_gets_a_key_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "deep" / "data")
    tenant_id = uuid7()
    sealed = open_sealer(settings).seal("wallet", tenant_id, "payout")
    file = tmp_path / "deep" / "data" / "sealing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["sealing.key"]
    assert open_sealer(settings).open(sealed, tenant_id, "payout") == "wallet"


def test_a_database_of_ones_own_needs_keys_of_ones_own() -> None:
    settings = Settings(database_url=SecretStr("postgresql://u:p@h/d"))
    with pytest.raises(SettingsError, match=r"^GUILDHALL_SECRET_KEYS: missing; .*openssl rand -base64 32"):
        open_sealer(settings)


def test_the_first_key_seals_and_all_open(tmp_path: Path) -> None:
    other = base64.b64encode(bytes(32)).decode()
    tenant_id = uuid7()
    old = open_sealer(Settings(secret_keys=SecretStr(KEY))).seal("wallet", tenant_id, "payout")
    both = open_sealer(Settings(secret_keys=SecretStr(f" {other} , {KEY} ,")))
    assert both.open(old, tenant_id, "payout") == "wallet"
    assert not both.is_current(old)


@pytest.mark.parametrize("keys", [CANARY, f"{KEY},{CANARY}", ",", base64.b64encode(b"short").decode()])
def test_a_wrong_key_is_one_line_without_the_key(keys: str) -> None:
    with pytest.raises(SettingsError, match=r"^GUILDHALL_SECRET_KEYS: ") as caught:
        open_sealer(Settings(secret_keys=SecretStr(keys)))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"^GUILDHALL_DATA_DIR: cannot be made"):
        open_sealer(Settings(data_dir=tmp_path / "file" / "data"))
