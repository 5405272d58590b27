"""backup and shell, as commands."""

import json
import tarfile
from pathlib import Path

import pytest
from django.conf import settings
from tests.command import build
from typer.testing import CliRunner

from wherewithal import __version__
from wherewithal.kit.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_backup_answers_with_what_it_wrote(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "stock.tar"
    done = CliRunner().invoke(build(), ["backup", str(file), "--json"], catch_exceptions=False)
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["file"], answer["bytes"]) == (0, str(file), file.stat().st_size)
    with tarfile.open(file) as tar:
        assert tar.getnames()[-2:] == ["heads.json", "manifest.json"]
    with pytest.raises(Refused, match="exists already"):
        CliRunner().invoke(build(), ["backup", str(file)], catch_exceptions=False)


def test_the_program_says_which_version_it_is() -> None:
    said = CliRunner().invoke(build(), ["--version"], catch_exceptions=False)
    assert (said.exit_code, said.stdout) == (0, f"wherewithal {__version__}\n")
    assert "Serve the pages" in CliRunner().invoke(build(), ["--help"]).stdout


def test_the_shell_runs_as_the_application() -> None:
    code = "print(db.fetch_all(\"SELECT current_user, current_setting('app.company')\"))"
    done = CliRunner().invoke(
        build(), ["shell", "--company-id", "7", "--command", code], catch_exceptions=False
    )
    assert done.stdout == f"[('{settings.DATABASE.app.user}', '7')]\n"


@pytest.mark.parametrize("owner", [False, True], ids=["application", "owner"])
def test_psql_runs_as_who_was_asked_for(owner: bool, capfd: pytest.CaptureFixture[str]) -> None:
    """psql writes past Python, hence capfd; its exit code is the command's."""
    options = ["--owner"] if owner else ["--sql"]
    done = CliRunner().invoke(
        build(), ["shell", *options, "-c", "SELECT current_user"], catch_exceptions=False
    )
    login = settings.DATABASE.owner if owner else settings.DATABASE.app
    assert (done.exit_code, login.user in capfd.readouterr().out) == (0, True)
    wrong = CliRunner().invoke(build(), ["shell", *options, "-c", "SELECT nonsense"], catch_exceptions=False)
    assert wrong.exit_code == 1
