"""`guildhall whatsapp`: real processes, an embedded database in a temporary folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SECRETS = {"GUILDHALL_ADD_ACCESS_TOKEN": "canary-token", "GUILDHALL_ADD_APP_SECRET": "canary-secret"}


class Shell:
    """Runs `python -m app` in a folder, with only what a test sets and nobody to be asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tenant = ""

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUILDHALL_", "DATABASE"))}
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
            env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **variables},
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    def add(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("whatsapp", "add-meta", "--tenant", self.tenant, *arguments, **variables)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("house"))
    founded = shell.run("tenant", "create", "--name", "Nova", "--guild-id", "1", "--owner-id", "2",
                        "--zone", "Europe/Madrid", "--currency", "EUR")  # fmt: skip
    shell.tenant = founded.stdout.split()[0]
    return shell


def test_a_number_is_connected_listed_and_given_a_new_token(house: Shell) -> None:
    assert "`guildhall whatsapp add-meta` connects one" in house.run("whatsapp", "list").stdout
    done = house.add("--phone-number-id", "111", "--app", "nova", "--display-phone", "+34 600", **SECRETS)
    assert done.returncode == 0, done.stderr
    assert "https://<your address>/webhooks/meta/nova" in done.stdout
    assert re.search(r"Verify token: [\w-]{32}\n", done.stdout)
    assert "canary" not in done.stdout + done.stderr
    again = house.add("--phone-number-id", "111", **SECRETS)
    assert (again.returncode, again.stdout) == (1, "")
    assert "111 is connected already" in again.stderr
    listed = house.run("whatsapp", "list")
    assert (listed.returncode, "canary" in listed.stdout) == (0, False)
    assert re.fullmatch(
        rf"{house.tenant}  111 +\+34 600 +/webhooks/meta/nova  active  last message: never\n", listed.stdout
    )
    renewed = house.run("whatsapp", "replace-token", "--phone-number-id", "111", GUILDHALL_ADD_ACCESS_TOKEN="t2")
    assert (renewed.returncode, renewed.stdout) == (0, "Number 111 has its new token and is active.\n")


def test_a_given_verify_token_is_not_shown(house: Shell) -> None:
    done = house.add("--phone-number-id", "222", **SECRETS, GUILDHALL_ADD_VERIFY_TOKEN="canary-verify")
    assert done.returncode == 0, done.stderr
    assert "canary" not in done.stdout


def test_what_is_missing_or_wrong_is_one_line(house: Shell) -> None:
    missing = house.add("--phone-number-id", "333", GUILDHALL_ADD_ACCESS_TOKEN="t")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "GUILDHALL_ADD_APP_SECRET: missing" in missing.stderr
    wrong = house.add("--phone-number-id", "+34600", **SECRETS)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    nobody = house.run("whatsapp", "add-meta", "--tenant", "x", "--phone-number-id", "1", **SECRETS)
    assert (nobody.returncode, "no shop with this id" in nobody.stderr) == (2, True)
    unknown = house.run("whatsapp", "replace-token", "--phone-number-id", "9", **SECRETS)
    assert (unknown.returncode, "no number 9" in unknown.stderr) == (2, True)
