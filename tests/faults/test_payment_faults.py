"""Every fault of the provider × the till killed, or its store failing, at every step: one end, and no money astray."""

import itertools
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from app.payments.attempt_record import AttemptState, ExceptionKind
from tests.faults.payment_world import (
    AMOUNT,
    Action,
    MemoryStore,
    PayFault,
    Points,
    QueryFault,
    RefundFault,
    ReverseFault,
    Script,
    Strike,
    play,
    violations,
)
from tests.faults.store_shop import open_shop, reader_of

SCRIPTS = [
    Script(pay, query, reverse)
    for pay, query, reverse in itertools.product(PayFault, QueryFault, ReverseFault)
    # The shopper can pay between two questions only where she was asked to.
    if (query is QueryFault.PAYS_AFTER) <= (pay is PayFault.NEVER)
]
REFUNDS = [Script(PayFault.LOST_AFTER, QueryFault.LOST, ReverseFault.REFUSED, refund) for refund in RefundFault] + [
    Script(PayFault.WRONG_AMOUNT, QueryFault.NONE, ReverseFault.REFUSED, refund) for refund in RefundFault
]


def sweep(script: Script, action: Action, strike: Strike, tally: Counter[str], jump: timedelta = timedelta()) -> None:
    """Strike at the first point, the second, and so on, until the story ends before it is struck."""
    for point in itertools.count(1):
        points = Points(point, strike)
        till = play(script, action, MemoryStore(), points, jump)
        where = (script, action.value, strike.value, point, points.struck)
        assert violations(till) == [], where
        # A refund's repeats included, and the looks afterwards: six minutes of them, and the last, where it finds nothing,
        # four times more after five minutes each; a till killed at the last begins them anew: 2 × 26, and the payment
        # itself with its pauses. Nobody waits for a clock that was set back.
        assert till.bank.time < timedelta(minutes=75), where
        found = till.store.attempt("attempt-1")
        tally["cases"] += 1
        tally[found.state.value if found else "never stored"] += 1
        tally["left to a person by an open exception"] += bool(
            found and till.bank.net_minor("attempt1") != (AMOUNT if found.state is AttemptState.APPROVED else 0)
        )
        if not points.struck:
            return


@pytest.mark.faults
@pytest.mark.parametrize("strike", Strike, ids=lambda strike: strike.name.lower())
def test_every_fault_and_a_strike_at_every_step(strike: Strike, record_property) -> None:
    tally: Counter[str] = Counter()
    for script, action in itertools.product(SCRIPTS, (Action.NOTHING, Action.CANCEL)):
        sweep(script, action, strike, tally)
    for script, action in itertools.product(REFUNDS, (Action.NOTHING, Action.CANCEL)):
        sweep(script, action, strike, tally)
    record_property("cases", tally["cases"])
    record_property("tally", dict(tally))
    print(f"{strike.value}: {dict(tally)}")
    assert tally["cases"] > 1000, tally
    assert {"approved", "declined", "reversed"} <= set(tally)


@pytest.mark.faults
def test_a_supervisor_decides_and_the_till_is_killed_at_every_step(record_property) -> None:
    tally: Counter[str] = Counter()
    scripts = [one for one in SCRIPTS if one.query is not QueryFault.NOT_FOUND]
    for script, action in itertools.product(scripts, (Action.GIVE_UP, Action.ACCEPT)):
        sweep(script, action, Strike.KILL, tally)
    record_property("cases", tally["cases"])
    print(dict(tally))
    assert tally["cases"] > 1000, tally


@pytest.mark.faults
@pytest.mark.parametrize("hours", [-1, 1, -87600, 87600])
def test_the_clock_is_changed_while_the_till_is_down(hours: int, record_property) -> None:
    tally: Counter[str] = Counter()
    scripts = [Script(pay, QueryFault.NONE, reverse) for pay in PayFault for reverse in ReverseFault]
    for script in scripts:
        sweep(script, Action.NOTHING, Strike.KILL, tally, timedelta(hours=hours))
    record_property("cases", tally["cases"])
    assert tally["cases"] > 500, tally


@pytest.mark.faults
def test_the_real_store_keeps_the_same_promise(tmp_path: Path, record_property) -> None:
    cases = 0
    numbers = itertools.count()
    for script in [
        Script(PayFault.NONE),
        Script(PayFault.SLOW),
        Script(PayFault.LOST_AFTER, QueryFault.LOST, ReverseFault.REFUSED, RefundFault.LOST_AFTER),
        Script(PayFault.DECLINED),
    ]:
        for point in itertools.count(1):
            folder = tmp_path / str(next(numbers))
            points = Points(point)
            with open_shop(folder) as store:
                till = play(script, Action.CANCEL, store, points)
                assert violations(till) == [], (script, point)
                history = store.attempt_history("attempt-1")
                assert [one.revision for one in history] == list(range(1, len(history) + 1))
            with reader_of(folder) as reader:
                assert reader.verify().finding is None, (script, point)
            cases += 1
            if not points.struck:
                break
    record_property("cases", cases)
    assert cases > 40, cases


def test_an_undisturbed_payment_is_one_request_and_one_end() -> None:
    till = play(Script(), Action.NOTHING, MemoryStore(), Points())
    assert [one.state for one in till.ended()] == [AttemptState.APPROVED]
    assert (till.bank.pay_numbers, till.bank.queries, till.bank.reverses) == (["attempt1"], 0, 0)


def test_a_payment_that_comes_after_all_was_given_up_is_refunded_and_seen() -> None:
    till = play(Script(PayFault.LATE), Action.GIVE_UP, MemoryStore(), Points())
    assert till.bank.net_minor("attempt1") == 0
    kinds = {case.kind for case in till.store.open_exceptions()}
    assert kinds == {ExceptionKind.GIVEN_UP, ExceptionKind.LATE_APPROVAL}
    assert [one.state for one in till.store.refunds_of("attempt-1")] == [AttemptState.APPROVED]


def test_a_password_keyed_in_between_the_last_question_and_the_reverse_costs_the_shopper_nothing() -> None:
    script = Script(PayFault.NEVER, QueryFault.PAYS_AFTER)
    till = play(script, Action.NOTHING, MemoryStore(), Points())
    assert till.bank.charges["attempt1"].state == "revoked"
    assert [one.state for one in till.ended()] == [AttemptState.REVERSED]
