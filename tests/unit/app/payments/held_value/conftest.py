"""A book of accounts as the port demands it, on a line that can lose a request or its answer."""

from dataclasses import dataclass, field, replace
from enum import Enum

import pytest

from app.payments.held_value import (
    GiveBackAnswer,
    GiveBackState,
    HoldAnswer,
    HoldState,
    LookUp,
    LookUpState,
    ValueAccount,
)
from app.values.wording import wording


class Line(Enum):
    GOOD = "good"
    AWAY = "away"
    """Nothing leaves, and that is known."""

    LOSES_REQUEST = "loses_request"
    DELAYS_REQUEST = "delays_request"
    """Unanswered, and it arrives when the book is next asked anything."""

    LOSES_ANSWER = "loses_answer"


@dataclass
class Hold:
    instrument: str
    asked_minor: int
    state: HoldState
    left_minor: int
    given: dict[str, int] = field(default_factory=dict)


@dataclass
class Book:
    """The accounts; `forfeit_minor` is what vouchers lost that were not spent whole."""

    balances: dict[str, int]
    vouchers: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    line: Line = Line.GOOD
    works_offline: bool = False
    closed: bool = False
    holds: dict[str, Hold] = field(default_factory=dict)
    taken_minor: int = 0
    forfeit_minor: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    """The rests of vouchers that are held."""

    late: list = field(default_factory=list)

    # The line.

    def _carry(self, do, silent, away):
        while self.late and self.line is not Line.AWAY:
            self.late.pop(0)()
        match self.line:
            case Line.AWAY:
                return away
            case Line.LOSES_REQUEST:
                return silent
            case Line.DELAYS_REQUEST:
                self.late.append(do)
                return silent
            case Line.LOSES_ANSWER:
                do()
                return silent
            case _:
                return do()

    def _hold_call(self, do):
        return self._carry(do, HoldAnswer(HoldState.UNKNOWN), HoldAnswer(HoldState.NOT_SENT))

    # The port.

    def look_up(self, instrument: str) -> LookUp:
        if self.line is not Line.GOOD and self.line is not Line.LOSES_ANSWER:
            return LookUp(LookUpState.AWAY)
        if instrument not in self.balances:
            return LookUp(LookUpState.NOT_FOUND)
        refusal = wording("This card was blocked.") if instrument in self.blocked else None
        account = ValueAccount(self.balances[instrument], "CNY", instrument in self.vouchers, refusal)
        return LookUp(LookUpState.FOUND, account)

    def hold(self, hold_id: str, instrument: str, amount_minor: int, currency: str) -> HoldAnswer:
        assert currency == "CNY"
        return self._hold_call(lambda: self._hold(hold_id, instrument, amount_minor))

    def _hold(self, hold_id: str, instrument: str, amount_minor: int) -> HoldAnswer:
        known = self.holds.get(hold_id)
        if known is None:
            if self.balances.get(instrument, 0) < amount_minor:
                self.holds[hold_id] = Hold(instrument, amount_minor, HoldState.REFUSED, 0)
            else:
                self.balances[instrument] -= amount_minor
                if instrument in self.vouchers:
                    self.set_aside[hold_id] = self.balances[instrument]
                    self.balances[instrument] = 0
                self.holds[hold_id] = Hold(instrument, amount_minor, HoldState.HELD, amount_minor)
        elif known.instrument and (known.instrument, known.asked_minor) != (instrument, amount_minor):
            return HoldAnswer(HoldState.REFUSED)
        return self._said(hold_id)

    def held(self, hold_id: str) -> HoldAnswer:
        return self._hold_call(lambda: self._said(hold_id))

    def capture(self, hold_id: str) -> HoldAnswer:
        return self._hold_call(lambda: self._capture(hold_id))

    def _capture(self, hold_id: str) -> HoldAnswer:
        hold = self.holds.get(hold_id)
        if hold is not None and hold.state is HoldState.HELD:
            hold.state = HoldState.CAPTURED
            self.taken_minor += hold.left_minor
            self.forfeit_minor += self.set_aside.pop(hold_id, 0)
        return self._said(hold_id)

    def release(self, hold_id: str) -> HoldAnswer:
        return self._hold_call(lambda: self._release(hold_id))

    def _release(self, hold_id: str) -> HoldAnswer:
        hold = self.holds.setdefault(hold_id, Hold("", 0, HoldState.RELEASED, 0))
        if hold.state is HoldState.HELD:
            hold.state = HoldState.RELEASED
            self.balances[hold.instrument] += hold.left_minor + self.set_aside.pop(hold_id, 0)
            hold.left_minor = 0
        return self._said(hold_id)

    def give_back(self, hold_id: str, give_back_id: str, amount_minor: int) -> GiveBackAnswer:
        unknown = GiveBackAnswer(GiveBackState.UNKNOWN)
        return self._carry(lambda: self._give_back(hold_id, give_back_id, amount_minor), unknown, unknown)

    def _give_back(self, hold_id: str, give_back_id: str, amount_minor: int) -> GiveBackAnswer:
        hold = self.holds.get(hold_id)
        if hold is None:
            return GiveBackAnswer(GiveBackState.NOT_FOUND)
        if give_back_id not in hold.given:
            if hold.state not in {HoldState.HELD, HoldState.CAPTURED} or hold.left_minor < amount_minor:
                return GiveBackAnswer(GiveBackState.REFUSED)
            hold.given[give_back_id] = amount_minor
            hold.left_minor -= amount_minor
            if hold.state is HoldState.CAPTURED:
                self.taken_minor -= amount_minor
            self.balances[hold.instrument] += amount_minor
        return self._said_of(hold, give_back_id)

    def given_back(self, hold_id: str, give_back_id: str) -> GiveBackAnswer:
        unknown = GiveBackAnswer(GiveBackState.UNKNOWN)
        return self._carry(lambda: self._said_of(self.holds.get(hold_id), give_back_id), unknown, unknown)

    def close(self) -> None:
        self.closed = True

    def _said(self, hold_id: str) -> HoldAnswer:
        hold = self.holds.get(hold_id)
        if hold is None:
            return HoldAnswer(HoldState.NOT_FOUND)
        return HoldAnswer(hold.state, hold.left_minor, f"ACC-{hold_id}")

    @staticmethod
    def _said_of(hold: Hold | None, give_back_id: str) -> GiveBackAnswer:
        given = hold.given.get(give_back_id) if hold is not None else None
        if given is None:
            return GiveBackAnswer(GiveBackState.NOT_FOUND)
        return GiveBackAnswer(GiveBackState.DONE, given)

    # What an auditor sees.

    @property
    def held_minor(self) -> int:
        return sum(hold.left_minor for hold in self.holds.values() if hold.state is HoldState.HELD)

    @property
    def everything_minor(self) -> int:
        """Balances, what is held or was taken, and what vouchers lost: no call may change it."""
        aside = sum(self.set_aside.values())
        return sum(self.balances.values()) + self.held_minor + aside + self.taken_minor + self.forfeit_minor


@pytest.fixture
def book() -> Book:
    return Book({"8000000001": 10_000, "V100": 5_000, "9000000009": 700}, frozenset({"V100"}))


@pytest.fixture
def lines() -> type[Line]:
    return Line


@pytest.fixture
def new_book():
    return lambda **changes: replace(Book({"8000000001": 10_000, "V100": 5_000}, frozenset({"V100"})), **changes)
