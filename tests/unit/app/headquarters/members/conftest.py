"""A small shop's terms, and a book of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.headquarters.members import KeeperTerms, MemberBook, open_member_book
from app.members.privacy import PrivacyNotice, Purpose
from app.members.tiers import Tier, TierLadder
from app.values.clock import FixedClock
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture
def terms() -> KeeperTerms:
    ladder = TierLadder((Tier("base", LocalizedText("Member"), 0), Tier("gold", LocalizedText("Gold"), 100)))
    return KeeperTerms("shop", ladder, PrivacyNotice(1, MAY, LocalizedText("Notice"), tuple(Purpose)))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "members.db"


@pytest.fixture
def book(path: Path, clock: FixedClock, terms: KeeperTerms) -> Iterator[MemberBook]:
    made = open_member_book(path, clock, terms)
    yield made
    made.close()
