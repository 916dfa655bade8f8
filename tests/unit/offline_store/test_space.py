"""The ballast that is thrown overboard when a disk is full."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from offline_store.space import Space
from tests.faults.store_shop import settings_of

SETTINGS = replace(settings_of(), ballast_bytes=3_000_000, low_space_bytes=1000)


def test_the_ballast_takes_its_room_and_gives_it_up_once(tmp_path: Path) -> None:
    space = Space(tmp_path, SETTINGS)
    assert space.take_ballast()
    ballast = tmp_path / "till.ballast"
    assert ballast.stat().st_size == 3_000_000
    assert ballast.stat().st_blocks * 512 >= 3_000_000, "a hole in a file keeps no room"
    assert space.take_ballast()
    assert space.give_up_ballast()
    assert not space.give_up_ballast()


def test_no_ballast_is_laid_where_it_would_make_room_scarce(tmp_path: Path) -> None:
    space = Space(tmp_path, replace(SETTINGS, low_space_bytes=1 << 60))
    assert not space.take_ballast()
    assert not (tmp_path / "till.ballast").exists()
    assert space.is_low(space.free_bytes())
    assert not Space(tmp_path, replace(SETTINGS, ballast_bytes=0)).take_ballast()


def test_where_the_system_reserves_no_room_the_ballast_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    assert Space(tmp_path, SETTINGS).take_ballast()
    assert (tmp_path / "till.ballast").read_bytes() == bytes(3_000_000)
