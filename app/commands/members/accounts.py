"""Members' stored value and points as accounts that pay: what `HeldValueProvider` asks, put to the keeper of members.

The instrument of a hold is the `member_id`. Nothing that was asked and not answered is taken for refused: the keeper's
None is UNKNOWN, for it may have been done or not, and is asked again with the same id.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from app.commands.members.keeping import LazyKeeper
from app.members import holds
from app.members.points import BadPoints, PointsTender
from app.members.ports import AccountHolds, AccountKind, Reach
from app.payments.held_value import (
    GiveBackAnswer,
    GiveBackState,
    HoldAnswer,
    HoldState,
    LookUp,
    LookUpState,
    ValueAccount,
)
from app.values.problems import Problem
from app.values.wording import wording

_log: Final = logging.getLogger(__name__)

_OTHER_CURRENCY: Final = wording("Members' accounts are in another currency. Take another way to pay.")

_Answer = TypeVar("_Answer")


class Measure:
    """What an account's units are worth: minor units as they are, or points."""

    def __init__(self, tender: PointsTender | None = None) -> None:
        """Take what points are worth; without, a unit is a minor unit.

        Raises:
            ValueError: a minor unit is no whole number of points, so that part of a payment could not be given back.
        """
        if tender is not None and tender.points % tender.minor:
            raise ValueError("a minor unit must be a whole number of points")
        self._tender = tender
        self._per_minor = 1 if tender is None else tender.points // tender.minor

    def most(self, units: int) -> int:
        """Return what can be paid out of so many units: points in whole steps, and none where they are too few."""
        tender = self._tender
        if tender is None:
            return max(0, units)
        payable = max(0, units) // tender.step * tender.step
        return self.worth(payable) if payable >= tender.least else 0

    def worth(self, units: int) -> int:
        """Return what units pay."""
        return units // self._per_minor

    def to_hold(self, amount_minor: int) -> int:
        """Return the units that pay an amount.

        Raises:
            BadPoints: no number of steps pays exactly that.
        """
        return amount_minor if self._tender is None else self._tender.points_for(amount_minor)

    def to_give_back(self, amount_minor: int) -> int:
        """Return the units that go back with part of a payment; in any order together exactly what was taken."""
        return amount_minor * self._per_minor


class MemberAccounts:
    """`ValueAccounts` of the members of a shop; used by the payment desk's thread alone."""

    def __init__(self, keeper: LazyKeeper, kind: AccountKind, measure: Measure, currency: str) -> None:
        """Take the keeper; nothing is asked."""
        self._keeper = keeper
        self._kind = kind
        self._measure = measure
        self._currency = currency

    @property
    def works_offline(self) -> bool:
        """Never: who keeps the members holds what is spent."""
        return False

    def look_up(self, instrument: str) -> LookUp:
        """See `ValueAccounts`."""
        found = self._asked(lambda keeper: keeper.look_up(self._kind, instrument))
        if found is None or found.reach is Reach.AWAY:
            return LookUp(LookUpState.AWAY)
        if found.reach is Reach.NOT_FOUND:
            return LookUp(LookUpState.NOT_FOUND)
        refusal = found.refusal
        if found.reach is Reach.REFUSED and refusal is None:
            refusal = wording("This member cannot pay with the account now. Take another way to pay.")
        return LookUp(LookUpState.FOUND, ValueAccount(self._measure.most(found.free), self._currency, refusal=refusal))

    def hold(self, hold_id: str, instrument: str, amount_minor: int, currency: str) -> HoldAnswer:
        """See `ValueAccounts`."""
        if currency != self._currency:
            return HoldAnswer(HoldState.REFUSED, refusal=_OTHER_CURRENCY)
        try:
            units = self._measure.to_hold(amount_minor)
        except BadPoints as problem:
            return HoldAnswer(HoldState.REFUSED, refusal=problem.sentence)
        return self._hold(lambda keeper: keeper.hold(self._kind, hold_id, instrument, units))

    def held(self, hold_id: str) -> HoldAnswer:
        """See `ValueAccounts`."""
        return self._hold(lambda keeper: keeper.held(self._kind, hold_id))

    def capture(self, hold_id: str) -> HoldAnswer:
        """See `ValueAccounts`."""
        return self._hold(lambda keeper: keeper.capture(self._kind, hold_id))

    def release(self, hold_id: str) -> HoldAnswer:
        """See `ValueAccounts`."""
        return self._hold(lambda keeper: keeper.let_go(self._kind, hold_id))

    def give_back(self, hold_id: str, give_back_id: str, amount_minor: int) -> GiveBackAnswer:
        """See `ValueAccounts`."""
        units = self._measure.to_give_back(amount_minor)
        return self._given(lambda keeper: keeper.give_back(self._kind, hold_id, give_back_id, units))

    def given_back(self, hold_id: str, give_back_id: str) -> GiveBackAnswer:
        """See `ValueAccounts`."""
        return self._given(lambda keeper: keeper.given_back(self._kind, hold_id, give_back_id))

    def close(self) -> None:
        """See `ValueAccounts`."""
        self._keeper.close()

    def _hold(self, ask: Callable[[AccountHolds], holds.HoldAnswer | None]) -> HoldAnswer:
        answer = self._asked(ask)
        if answer is None:
            return HoldAnswer(HoldState.UNKNOWN)
        return HoldAnswer(
            HoldState[answer.state.name], self._measure.worth(answer.amount), answer.reference, answer.refusal
        )

    def _given(self, ask: Callable[[AccountHolds], holds.GiveBackAnswer | None]) -> GiveBackAnswer:
        answer = self._asked(ask)
        if answer is None:
            return GiveBackAnswer(GiveBackState.UNKNOWN)
        return GiveBackAnswer(GiveBackState[answer.state.name], self._measure.worth(answer.amount), answer.refusal)

    def _asked(self, ask: Callable[[AccountHolds], _Answer | None]) -> _Answer | None:
        """Return an answer; None where there is none: the line, or a keeper whose disk or program fails."""
        try:
            return ask(self._keeper.get())
        except Problem as problem:
            _log.warning("member_account_not_asked", extra={"code": problem.code})
        except Exception as fault:  # noqa: BLE001 - it may have been done before it failed: asked again, like a lost answer
            _log.error("member_account_failed", extra={"error": type(fault).__name__})
        return None
