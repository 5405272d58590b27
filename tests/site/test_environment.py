"""Settings from outside, and the secret key that is made when none is given."""

import stat
import threading
from pathlib import Path

import pytest

from wherewithal.site import environment


def test_defaults_hold_when_nothing_is_set() -> None:
    assert environment.text("WHEREWITHAL_LOG", {}) == "info"
    assert environment.number("WHEREWITHAL_POOL", {}) == 8
    assert environment.flag("WHEREWITHAL_HTTPS", {}) is False
    assert environment.words("WHEREWITHAL_HOSTS", {}) == ["localhost"]
    assert environment.home({}) == Path.home() / ".wherewithal"


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_yes(value: str) -> None:
    assert environment.flag("WHEREWITHAL_HTTPS", {"WHEREWITHAL_HTTPS": value}) is True


def test_lists_are_cut_at_commas() -> None:
    assert environment.words("WHEREWITHAL_HOSTS", {"WHEREWITHAL_HOSTS": " a.example, b.example ,"}) == [
        "a.example",
        "b.example",
    ]


@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_number_that_is_none(value: str) -> None:
    with pytest.raises(SystemExit, match="WHEREWITHAL_POOL must be a whole number"):
        environment.number("WHEREWITHAL_POOL", {"WHEREWITHAL_POOL": value})


class TestSecretKey:
    def test_a_given_one_is_used_and_not_kept(self, tmp_path: Path) -> None:
        assert environment.secret_key(tmp_path, {"WHEREWITHAL_SECRET_KEY": "given"}) == "given"
        assert list(tmp_path.iterdir()) == []

    def test_one_is_made_once_and_kept_private(self, tmp_path: Path) -> None:
        folder = tmp_path / "new" / "home"
        first = environment.secret_key(folder, {})
        assert len(first) >= 50
        assert environment.secret_key(folder, {}) == first
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) & 0o066 == 0
        assert [path.name for path in folder.iterdir()] == ["secret_key"]

    def test_two_that_come_at_once_agree(self, tmp_path: Path) -> None:
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(environment.secret_key(tmp_path, {})))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
