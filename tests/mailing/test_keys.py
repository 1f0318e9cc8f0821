"""The secret keys: made once, readable by their owner alone, rotated by a line on top."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reader_cases import KEYS

from lagebrief.errors import ConfigError
from mailing.keys import Keys, keys

OLD, NEW = "o" * 32, "n" * 32


def test_keys_are_made_once_and_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = keys("", folder)
    assert keys("", folder) == made
    assert (folder / "keys").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys"]
    assert keys("", tmp_path / "other") != made


def test_all_who_come_at_once_get_the_same(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def come(_: int) -> Keys:
        gate.wait(timeout=30)
        return keys("", tmp_path)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(come, range(8)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_configured_keys_come_first_and_leave_no_file(tmp_path: Path) -> None:
    assert keys(f"{NEW}\n{OLD}\n", tmp_path).every == (NEW.encode(), OLD.encode())
    assert list(tmp_path.iterdir()) == []


def test_a_line_on_top_rotates(tmp_path: Path) -> None:
    before = keys("", tmp_path)
    path = tmp_path / "keys"
    path.write_text(NEW + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    after = keys("", tmp_path)
    assert after.every == (NEW.encode(), *before.every)
    assert after.is_mac(before.mac("suppress", "x"), "suppress", "x")
    assert not before.is_mac(after.mac("suppress", "x"), "suppress", "x")


@pytest.mark.parametrize("text", ["short", f"{NEW}\nshort", "x" * 31])
def test_a_short_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="at least 32") as caught:
        keys(text, tmp_path)
    assert text.split()[-1] not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"keys: a key needs"):
        keys("", tmp_path)


def test_a_mac_is_bound_to_purpose_and_text() -> None:
    mac = KEYS.mac("leave", "1")
    assert KEYS.is_mac(mac, "leave", "1")
    assert KEYS.is_mac(mac[:32], "leave", "1")
    assert not KEYS.is_mac(mac, "bounce", "1")
    assert not KEYS.is_mac(mac, "leave", "2")


@pytest.mark.parametrize("mac", ["", "0", "ä" * 32, "\udc80", "0" * 65])
def test_no_mac_is_no_match(mac: str) -> None:
    assert not KEYS.is_mac(mac, "leave", "1")


def test_a_short_prefix_is_no_match() -> None:
    assert not KEYS.is_mac(KEYS.mac("leave", "1")[:31], "leave", "1")


def test_keys_never_show() -> None:
    assert "k" * 8 not in f"{KEYS} {KEYS!r}"
