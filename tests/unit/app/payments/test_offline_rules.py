"""Without a connection cash goes on, wallets stop, and cards are taken only as the store allowed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.offline_rules import (
    BadOfflineRule,
    OfflineCardRule,
    OfflineMeans,
    OfflineReason,
    OfflineSoFar,
    OfflineTender,
    may_take_offline,
)
from app.values.wording import LocalizedText

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
RULE = OfflineCardRule(
    allowed=True,
    floor_limit_minor=20_000,
    most_payments=10,
    most_total_minor=100_000,
    oldest_contact=timedelta(hours=2),
)
HEARD = OfflineSoFar(last_answer=NOW - timedelta(minutes=5))


def tender(means: OfflineMeans, amount_minor: int = 20_000) -> OfflineTender:
    return OfflineTender(means, LocalizedText("WeChat Pay" if means is OfflineMeans.WALLET else "Card"), amount_minor)


CARD = tender(OfflineMeans.CARD)


def test_cards_are_not_taken_offline_unless_the_store_says_so() -> None:
    answer = may_take_offline(CARD, OfflineCardRule(), HEARD, NOW)
    assert answer.reason is OfflineReason.NOT_ALLOWED_HERE
    assert "Take cash" in str(answer.sentence)


def test_a_card_within_every_limit_is_taken_with_a_warning() -> None:
    answer = may_take_offline(CARD, RULE, OfflineSoFar(9, 80_000, NOW - timedelta(hours=2)), NOW)
    assert answer.allowed, "the floor limit, the tenth payment, the whole total and two hours are just within"
    assert "may still decline" in str(answer.sentence)


@pytest.mark.parametrize(
    ("amount_minor", "so_far", "reason", "words"),
    [
        (20_001, HEARD, OfflineReason.ABOVE_FLOOR_LIMIT, "at most ¥200.00"),
        (1, OfflineSoFar(10, 10, NOW), OfflineReason.TOO_MANY, "took 10 cards"),
        (20_000, OfflineSoFar(1, 80_001, NOW), OfflineReason.TOTAL_REACHED, "only ¥199.99 is left"),
        (1, OfflineSoFar(1, 200_000, NOW), OfflineReason.TOTAL_REACHED, "only ¥0.00 is left"),
        (1, OfflineSoFar(), OfflineReason.NEVER_ONLINE, "never answered"),
        (
            1,
            OfflineSoFar(last_answer=NOW - timedelta(hours=2, seconds=1)),
            OfflineReason.OFFLINE_TOO_LONG,
            "for 120 minutes",
        ),
        (1, OfflineSoFar(last_answer=NOW + timedelta(seconds=1)), OfflineReason.CLOCK_WENT_BACK, "set the clock right"),
    ],
)
def test_each_limit_has_its_own_sentence(
    amount_minor: int, so_far: OfflineSoFar, reason: OfflineReason, words: str
) -> None:
    answer = may_take_offline(tender(OfflineMeans.CARD, amount_minor), RULE, so_far, NOW)
    assert answer.reason is reason
    assert not answer.allowed
    assert words in str(answer.sentence)


def test_a_wallet_is_refused_offline_whatever_the_rule_and_the_code_is_not_used() -> None:
    answer = may_take_offline(tender(OfflineMeans.WALLET, 1), RULE, HEARD, NOW)
    assert answer.reason is OfflineReason.WALLET
    assert "WeChat Pay works online only" in str(answer.sentence)
    assert "Take cash, or press Esc and then F5" in str(answer.sentence)


def test_cash_goes_on_and_stored_value_as_far_as_it_is_held_here() -> None:
    assert may_take_offline(tender(OfflineMeans.NOTHING), OfflineCardRule(), OfflineSoFar(), NOW).allowed
    held = OfflineSoFar(held_minor=5_000)
    assert may_take_offline(tender(OfflineMeans.HELD_VALUE, 5_000), OfflineCardRule(), held, NOW).allowed
    answer = may_take_offline(tender(OfflineMeans.HELD_VALUE, 5_001), OfflineCardRule(), held, NOW)
    assert answer.reason is OfflineReason.NOTHING_HELD
    assert "at most ¥50.00" in str(answer.sentence)


@pytest.mark.parametrize("missing", ["floor_limit_minor", "most_payments", "most_total_minor", "oldest_contact"])
def test_a_rule_that_leaves_a_limit_out_is_refused(missing: str) -> None:
    facts = {"floor_limit_minor": 1, "most_payments": 1, "most_total_minor": 1, "oldest_contact": timedelta(1)}
    facts[missing] = timedelta() if missing == "oldest_contact" else 0
    with pytest.raises(BadOfflineRule):
        OfflineCardRule(allowed=True, **facts)


def test_nothing_to_pay_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="nothing"):
        may_take_offline(tender(OfflineMeans.CARD, 0), RULE, HEARD, NOW)


@given(st.lists(st.integers(1, 30_000), max_size=30), st.lists(st.integers(-60, 400), min_size=30, max_size=30))
def test_a_day_of_offline_cards_never_passes_a_limit(amounts: list[int], minutes_since: list[int]) -> None:
    count = total_minor = 0
    for amount_minor, minutes in zip(amounts, minutes_since, strict=False):
        so_far = OfflineSoFar(count, total_minor, NOW - timedelta(minutes=minutes))
        if may_take_offline(tender(OfflineMeans.CARD, amount_minor), RULE, so_far, NOW).allowed:
            assert amount_minor <= 20_000
            assert 0 <= minutes <= 120
            count += 1
            total_minor += amount_minor
    assert count <= 10
    assert total_minor <= 100_000
