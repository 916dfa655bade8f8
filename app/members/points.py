"""The ledger of points: earned by sales, taken back by returns, spent as a tender or for rewards, ended by lots.

Sales and returns are facts that are never refused (design decision 6), come in any order and more than once:
* A return that comes before its sale is parked, and takes its points back when the sale comes.
* A return takes points back from the lot of its own sale; what is missing there from the member's other points, those
  that end first; what had expired unspent is excused; what is spent is owed, and paid by the next points that come in.
  A balance is never below zero.
* Returns that would take back more than the sale earned take what is left, and the answer tells the excess.

Spending is a question, and refused where there is not enough: `hold`, `capture`, `release`, `give_back` of
`app.members.holds`. A reward is a hold under its own id that is captured when the reward is handed out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.members.holds import total
from app.members.ledger_entries import POINTS_UNIT, LedgerEntry, Movement, NewLot, Part
from app.members.lot_book import Lot, LotBook, When, soonest_first, whole_of, whole_or_nothing
from app.members.returns import share_of_part
from app.values.problems import Problem
from app.values.rounding import divide_half_up
from app.values.wording import LocalizedText, wording

GRACE_DAYS: Final = 30
"""Points that come back with a return after their end can be spent for so long."""


@dataclass(frozen=True, slots=True)
class EarnMessage:
    """Points that come in."""

    earning_id: str
    """Names the earning for ever: the sale's id, or that of what granted them."""

    account_id: str
    points: int
    expires_on: date | None = None
    """The last day they can be spent; None: they do not end."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a return took back."""

    points: int = 0
    """From lots that were there."""

    excused: int = 0
    """Had expired unspent."""

    owed: int = 0
    """Was spent; the next points pay it."""

    excess: int = 0
    """More than the sale had earned: nothing was done about it, a person looks at it."""

    parked: bool = False
    """Whether the sale has not come yet."""


@dataclass(slots=True)
class _Earning:
    lot: Lot
    points: int
    taken_back: int = 0


class PointsBook(LotBook):
    """Accounts of points."""

    grace_days = GRACE_DAYS

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        """Make a book of what a ledger holds."""
        self._earnings: dict[str, _Earning] = {}
        self._parked: dict[str, list[LedgerEntry]] = {}
        super().__init__(POINTS_UNIT, entries)

    def earn(self, message: EarnMessage, when: When) -> None:
        """Put points in: parked returns take theirs back, and what is owed is paid.

        Raises:
            ReusedMessage: if the earning's id came with something else before.
        """
        if message.points <= 0:
            raise ValueError("points that are earned are more than none")
        account, points = message.account_id, message.points
        lot = NewLot(message.earning_id, Part.POINTS, message.earning_id, message.expires_on)
        last_day = message.expires_on.isoformat() if message.expires_on else ""
        message_id = f"earn/{message.earning_id}"
        asked = ("earn", account, points, last_day)
        if not self._is_new(message_id, asked):
            return
        entry = LedgerEntry(
            message_id,
            asked,
            account,
            Movement.PUT,
            when.at,
            when.on,
            whole_of(lot, points),
            points,
            message.earning_id,
            new_lot=lot,
        )
        self._append(entry)
        for parked in self._parked.pop(message.earning_id, ()):
            self._take_back(parked.message_id, parked.asked, message.earning_id, parked.amount, when)
        self._after_freeing(message_id, asked, account, when)

    def take_back(self, return_id: str, account_id: str, earning_id: str, points: int, when: When) -> TakenBack:
        """Take back what a return's lines had earned, see the module.

        Raises:
            ReusedMessage: if the return's id came with something else before.
        """
        if points <= 0:
            raise ValueError("a return takes back more than no points")
        message_id = f"take_back/{return_id}"
        asked = ("take_back", account_id, earning_id, points)
        if self._is_new(message_id, asked):
            if earning_id not in self._earnings:
                self._append(
                    LedgerEntry(
                        message_id,
                        asked,
                        account_id,
                        Movement.PARKED,
                        when.at,
                        when.on,
                        amount=points,
                        subject_id=earning_id,
                    )
                )
            else:
                self._take_back(message_id, asked, earning_id, points, when)
        return self.taken_back(return_id)

    def taken_back(self, return_id: str) -> TakenBack:
        """Say what a return has taken back so far; changes nothing."""
        mine = [entry for entry in self._entries if entry.message_id == f"take_back/{return_id}"]
        sums = {movement: sum(one.amount for one in mine if one.movement is movement) for movement in Movement}
        done = sums[Movement.TAKEN_BACK] + sums[Movement.EXCUSED] + sums[Movement.OWED]
        parked = bool(sums[Movement.PARKED]) and all(one.movement is Movement.PARKED for one in mine)
        excess = 0 if parked or not mine else int(mine[0].asked[3]) - done
        return TakenBack(sums[Movement.TAKEN_BACK], sums[Movement.EXCUSED], sums[Movement.OWED], excess, parked=parked)

    def forfeit_all(self, message_id: str, account_id: str, when: When) -> int:
        """End all free points of an account that is erased; return how many ended by this message.

        Raises:
            ReusedMessage: if the id came with something else before.
        """
        name, asked = f"forfeit/{message_id}", ("forfeit", account_id)
        if self._is_new(name, asked):
            self._sweep(name, asked, account_id, when)
            slices = self._choose(account_id, self.spendable(account_id, when.on), when.on)
            if slices:
                self._append(
                    LedgerEntry(name, asked, account_id, Movement.FORFEITED, when.at, when.on, slices, total(slices))
                )
            else:
                self._append(LedgerEntry(name, asked, account_id, Movement.REFUSED, when.at, when.on, reason="EMPTY"))
        mine = (entry for entry in self._entries if entry.message_id == name)
        return sum(entry.amount for entry in mine if entry.movement is Movement.FORFEITED)

    def _after_freeing(self, message_id: str, asked: tuple[str | int, ...], account_id: str, when: When) -> None:
        """Pay what is owed with what is free now: nobody has points and owes points."""
        free = sum(lot.free for lot in self._living(account_id, when.on))
        slices = whole_or_nothing(
            sorted(self._living(account_id, when.on), key=soonest_first), min(self.owed(account_id), free)
        )
        if slices:
            self._append(
                LedgerEntry(message_id, asked, account_id, Movement.SETTLED, when.at, when.on, slices, total(slices))
            )

    def _take_back(
        self, message_id: str, asked: tuple[str | int, ...], earning_id: str, points: int, when: When
    ) -> None:
        earning = self._earnings[earning_id]
        account = earning.lot.account_id
        self._sweep(message_id, asked, account, when)
        left = min(points, earning.points - earning.taken_back)
        own = whole_or_nothing([earning.lot], min(left, earning.lot.free))
        excused = min(left - total(own), earning.lot.moved[Movement.EXPIRED] - earning.lot.moved[Movement.EXCUSED])
        others = [lot for lot in sorted(self._living(account, when.on), key=soonest_first) if lot is not earning.lot]
        rest = left - total(own) - excused
        found = whole_or_nothing(others, min(rest, sum(lot.free for lot in others)))
        owed = rest - total(found)
        moves = (
            (Movement.TAKEN_BACK, own + found, total(own + found)),
            (Movement.EXCUSED, whole_of(earning.lot.new, excused), excused),
            (Movement.OWED, (), owed),
        )
        for movement, slices, amount in moves:
            if amount:
                self._append(
                    LedgerEntry(message_id, asked, account, movement, when.at, when.on, slices, amount, earning_id)
                )
        if not left:
            self._append(
                LedgerEntry(
                    message_id,
                    asked,
                    account,
                    Movement.REFUSED,
                    when.at,
                    when.on,
                    subject_id=earning_id,
                    reason="EXCESS",
                )
            )

    def _append(self, entry: LedgerEntry) -> None:
        super()._append(entry)
        if entry.movement is Movement.PUT and entry.new_lot is not None:
            self._earnings[entry.subject_id] = _Earning(self._lots[entry.new_lot.lot_id], entry.amount)
        elif entry.movement in {Movement.TAKEN_BACK, Movement.EXCUSED, Movement.OWED}:
            self._earnings[entry.subject_id].taken_back += entry.amount
            # Of a ledger that is read again: what was parked is done.
            self._parked.pop(entry.subject_id, None)
        elif entry.movement is Movement.PARKED:
            self._parked.setdefault(entry.subject_id, []).append(entry)


@dataclass(frozen=True, slots=True)
class PointsTender:
    """What points are worth when they pay."""

    points: int = 100
    minor: int = 100
    """So many points pay so many minor units; a hundred for one yuan."""

    step: int = 100
    """Points are spent in multiples of this."""

    least: int = 100
    """The fewest that pay."""

    most_percent: int = 50
    """The largest part of a sale that points pay."""

    def __post_init__(self) -> None:
        if self.points <= 0 or self.minor <= 0 or self.step <= 0 or self.least < 0 or not 0 < self.most_percent <= 100:
            raise ValueError("points pay something, in steps, and at most the whole sale")
        if self.step * self.minor % self.points:
            raise ValueError("a step of points must be worth a whole number of minor units")

    def worth(self, points: int) -> int:
        """Return what points pay, in minor units, cut towards zero."""
        return points * self.minor // self.points

    def most_for(self, due_minor: int, balance: int) -> int:
        """Return the most points that can pay a sale: whole steps, within the balance and the shop's percent."""
        payable = due_minor * self.most_percent // 100 * self.points // self.minor
        most = min(payable, balance) // self.step * self.step
        return most if most >= self.least else 0

    def points_for(self, amount_minor: int) -> int:
        """Return the points that pay an amount.

        Raises:
            BadPoints: if no number of steps pays exactly that.
        """
        points = divide_half_up(amount_minor * self.points, self.minor)
        if amount_minor <= 0 or points % self.step or points < self.least or self.worth(points) != amount_minor:
            raise BadPoints(
                wording("Points are spent in steps of {step}, {least} at least.", step=self.step, least=self.least)
            )
        return points

    def given_back(self, held_points: int, held_minor: int, before_minor: int, now_minor: int) -> int:
        """Return the points that go back with part of what they paid; all parts together: all points."""
        return share_of_part(held_points, held_minor, before_minor, now_minor)


class BadPoints(Problem):
    """Raised when an amount cannot be paid with points."""

    code = "BAD-POINTS"


@dataclass(frozen=True, slots=True)
class Reward:
    """Something that points are spent for at a fixed number: a gift, a coupon."""

    reward_id: str
    name: LocalizedText
    points: int
    product_id: str | None = None
    """What is handed over, or None where it is a coupon."""

    coupon_form_id: str | None = None

    def __post_init__(self) -> None:
        if self.points <= 0 or (self.product_id is None) == (self.coupon_form_id is None):
            raise ValueError("a reward costs points and is one thing")
