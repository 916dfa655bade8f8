"""A book of accounts made of lots: decides what a message does, appends the entries, answers the same for ever.

The book is a function of its entries: appending one is the only thing that changes it, and a book made of the entries
of another is equal to it. Each method is one message with an id: the first time it decides and appends, every later
time it answers what it answered. A store that keeps the ledger reads one account's entries into a book, calls a
method, and stores what `entries` has gained, in one transaction.

Before a message moves anything, lots whose last day is over expire.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.members.holds import (
    GiveBackAnswer,
    GiveBackState,
    Hold,
    HoldAnswer,
    HoldState,
    last_of,
    total,
)
from app.members.ledger_entries import FREE_SIGN, LedgerEntry, Movement, NewLot, ReusedMessage, Slice
from app.values.wording import Wording, wording

_NOT_KNOWN: Final = wording("This account is not known. Nothing was taken. Take another way to pay.")
_BLOCKED: Final = wording("This account is blocked. Nothing was taken. Take another way to pay.")
_NOT_ENOUGH: Final = wording("There is not enough on the account. Nothing was taken. Take less, or another way to pay.")
_OTHER_UNIT: Final = wording("This account is in another currency. Nothing was taken. Take another way to pay.")
_ASKED_BEFORE: Final = wording(
    "This number was used for something else before. Nothing was changed. Start the payment again."
)
_REFUSALS: Final = {
    "NOT-KNOWN": _NOT_KNOWN,
    "BLOCKED": _BLOCKED,
    "NOT-ENOUGH": _NOT_ENOUGH,
    "OTHER-CURRENCY": _OTHER_UNIT,
}
_NOTHING_LEFT: Final = wording("More was to be given back than was taken. Nothing was changed. Check the amount.")
_NOT_LIVING: Final = wording("Nothing is held or was taken under this number, so nothing can be given back.")


@dataclass(slots=True)
class Lot:
    """One lot, as the entries so far make it."""

    new: NewLot
    account_id: str
    number: int
    """Counts the lots of the book: the order in which they were put in."""

    expires_on: date | None
    moved: Counter[Movement] = field(default_factory=Counter)
    """How much of it each movement moved."""

    @property
    def free(self) -> int:
        """What can be spent of it."""
        return sum(sign * self.moved[movement] for movement, sign in FREE_SIGN.items())

    @property
    def used(self) -> int:
        """What is held of it or was taken."""
        return self.moved[Movement.HELD] - self.moved[Movement.RELEASED] - self.moved[Movement.GIVEN_BACK]

    def is_over(self, on: date) -> bool:
        """Tell whether its last day is before a day."""
        return self.expires_on is not None and self.expires_on < on


@dataclass(frozen=True, slots=True)
class When:
    """The time of a message."""

    at: datetime
    on: date
    """The business date, by which lots expire."""


class LotBook:
    """Accounts of one unit: points, or one currency. A kind of account says how lots are taken."""

    grace_days: int = 0
    """For how many days at least what is given back can be spent, where its lot is over already."""

    def __init__(self, unit: str, entries: Iterable[LedgerEntry] = ()) -> None:
        """Make a book of what a ledger holds."""
        self.unit = unit
        self._entries: list[LedgerEntry] = []
        self._lots: dict[str, Lot] = {}
        self._by_account: dict[str, list[Lot]] = {}
        self._holds: dict[str, Hold] = {}
        self._given_back: dict[str, str] = {}
        self._asked: dict[str, tuple[str | int, ...]] = {}
        self._owed: Counter[str] = Counter()
        self._blocked: set[str] = set()
        for entry in entries:
            self._append(entry)

    @property
    def entries(self) -> Sequence[LedgerEntry]:
        """All entries, oldest first."""
        return tuple(self._entries)

    def knows(self, account_id: str) -> bool:
        """Tell whether an account exists."""
        return account_id in self._by_account

    def spendable(self, account_id: str, on: date) -> int:
        """Return what can be spent on a day: without what is held and what is over."""
        return sum(lot.free for lot in self._living(account_id, on))

    def owed(self, account_id: str) -> int:
        """Return what returns should have taken back and could not."""
        return self._owed[account_id]

    def has_holds(self, account_id: str) -> bool:
        """Tell whether anything is held."""
        return any(hold.account_id == account_id and hold.state is HoldState.HELD for hold in self._holds.values())

    def expiring(self, account_id: str, on: date, until: date) -> tuple[tuple[date, int], ...]:
        """Return what ends from a day until another, both included: each last day and how much."""
        ends: Counter[date] = Counter()
        for lot in self._living(account_id, on):
            if lot.expires_on is not None and lot.expires_on <= until and lot.free:
                ends[lot.expires_on] += lot.free
        return tuple(sorted(ends.items()))

    def refusal(self, account_id: str) -> Wording | None:
        """Return why an account cannot pay; None where it can."""
        return _BLOCKED if account_id in self._blocked else None

    def block(self, account_id: str) -> None:
        """Refuse new holds from now on; what is held can still be taken or let go. Not part of the ledger."""
        self._blocked.add(account_id)

    def unblock(self, account_id: str) -> None:
        """Take holds again."""
        self._blocked.discard(account_id)

    def open(self, message_id: str, account_id: str, when: When) -> None:
        """Make an account known, with nothing on it.

        Raises:
            ReusedMessage: if the id came with something else before.
        """
        name, asked = f"open/{message_id}", ("open", account_id)
        if self._is_new(name, asked):
            self._append(LedgerEntry(name, asked, account_id, Movement.OPENED, when.at, when.on))

    def expire(self, message_id: str, account_id: str, when: When) -> int:
        """End the lots whose last day is before the business date; return how much ended by this message.

        Raises:
            ReusedMessage: if the id came with something else before.
        """
        name, asked = f"expire/{message_id}", ("expire", account_id, when.on.isoformat())
        if self._is_new(name, asked):
            self._sweep(name, asked, account_id, when)
        return sum(
            entry.amount for entry in self._entries if entry.message_id == name and entry.movement is Movement.EXPIRED
        )

    def hold(self, hold_id: str, account_id: str, amount: int, unit: str, when: When) -> HoldAnswer:
        """Set an amount aside, whole or not at all."""
        if amount <= 0:
            raise ValueError("a hold is for an amount")
        asked = ("hold", account_id, amount, unit)
        known = self._holds.get(hold_id)
        if known is not None:
            if known.state is HoldState.RELEASED and not known.asked:
                return known.answer()
            if self._asked[_of_hold(hold_id)] != asked:
                return HoldAnswer(HoldState.REFUSED, refusal=_ASKED_BEFORE)
            return known.answer(_REFUSALS.get(known.reason))
        message_id = _of_hold(hold_id)
        reason = self._why_not(account_id, unit)
        slices: tuple[Slice, ...] = ()
        if not reason:
            self._sweep(message_id, asked, account_id, when)
            slices = self._choose(account_id, amount, when.on)
            reason = "" if slices else "NOT-ENOUGH"
        movement = Movement.REFUSED if reason else Movement.HELD
        self._append(
            LedgerEntry(
                message_id, asked, account_id, movement, when.at, when.on, slices, amount, hold_id, reason=reason
            )
        )
        return self._holds[hold_id].answer(_REFUSALS.get(reason))

    def held(self, hold_id: str) -> HoldAnswer:
        """Say how a hold stands; changes nothing."""
        known = self._holds.get(hold_id)
        return known.answer() if known is not None else HoldAnswer(HoldState.NOT_FOUND)

    def capture(self, hold_id: str, when: When) -> HoldAnswer:
        """Take what is held."""
        known = self._holds.get(hold_id)
        if known is None:
            return HoldAnswer(HoldState.NOT_FOUND)
        if known.state is HoldState.HELD:
            self._end_hold(known, Movement.CAPTURED, when)
        return known.answer()

    def release(self, hold_id: str, when: When) -> HoldAnswer:
        """Let go of what is held, or will never be."""
        known = self._holds.get(hold_id)
        if known is None:
            asked = ("release", hold_id)
            self._append(
                LedgerEntry(f"release/{hold_id}", asked, "", Movement.RELEASED, when.at, when.on, subject_id=hold_id)
            )
        elif known.state is HoldState.HELD:
            self._end_hold(known, Movement.RELEASED, when)
        return self._holds[hold_id].answer()

    def give_back(self, hold_id: str, give_back_id: str, amount: int, when: When) -> GiveBackAnswer:
        """Free an amount of what is held or was taken."""
        if amount <= 0:
            raise ValueError("a give-back is of an amount")
        known = self._holds.get(hold_id)
        if known is None:
            return GiveBackAnswer(GiveBackState.NOT_FOUND)
        if self._given_back.get(give_back_id, hold_id) != hold_id:
            return GiveBackAnswer(GiveBackState.REFUSED, refusal=_ASKED_BEFORE)
        if give_back_id in known.given_back:
            if known.given_back[give_back_id][0] != amount:
                return GiveBackAnswer(GiveBackState.REFUSED, refusal=_ASKED_BEFORE)
            return self.given_back(hold_id, give_back_id)
        asked = ("give_back", hold_id, amount)
        message_id = f"give_back/{give_back_id}"
        lives = known.state in {HoldState.HELD, HoldState.CAPTURED}
        if not lives or total(known.left) < amount:
            self._append(
                LedgerEntry(
                    message_id,
                    asked,
                    known.account_id,
                    Movement.REFUSED,
                    when.at,
                    when.on,
                    amount=amount,
                    subject_id=hold_id,
                )
            )
            return GiveBackAnswer(GiveBackState.REFUSED, refusal=_NOTHING_LEFT if lives else _NOT_LIVING)
        self._sweep(message_id, asked, known.account_id, when)
        slices = last_of(known.left, amount)
        entry = LedgerEntry(
            message_id,
            asked,
            known.account_id,
            Movement.GIVEN_BACK,
            when.at,
            when.on,
            slices,
            amount,
            hold_id,
            extended_to=self._grace_until(slices, when.on),
        )
        self._append(entry)
        self._after_freeing(message_id, asked, known.account_id, when)
        return self.given_back(hold_id, give_back_id)

    def given_back(self, hold_id: str, give_back_id: str) -> GiveBackAnswer:
        """Say how a give-back stands; changes nothing."""
        known = self._holds.get(hold_id)
        if known is None or give_back_id not in known.given_back:
            return GiveBackAnswer(GiveBackState.NOT_FOUND)
        amount, done = known.given_back[give_back_id]
        if done:
            return GiveBackAnswer(GiveBackState.DONE, amount)
        return GiveBackAnswer(GiveBackState.REFUSED, refusal=_NOTHING_LEFT if known.taken else _NOT_LIVING)

    def _choose(self, account_id: str, amount: int, on: date) -> tuple[Slice, ...]:
        """Return what a hold takes, whole; nothing where there is not enough. Lots that end first go first."""
        return whole_or_nothing(sorted(self._living(account_id, on), key=soonest_first), amount)

    def _living(self, account_id: str, on: date) -> list[Lot]:
        return [lot for lot in self._by_account.get(account_id, ()) if not lot.is_over(on)]

    def _why_not(self, account_id: str, unit: str) -> str:
        """Return the code of why nothing can be held on an account; empty where it can."""
        if not self.knows(account_id):
            return "NOT-KNOWN"
        if unit != self.unit:
            return "OTHER-CURRENCY"
        return "BLOCKED" if account_id in self._blocked else ""

    def _is_new(self, message_id: str, asked: tuple[str | int, ...]) -> bool:
        """Tell whether a message never came before.

        Raises:
            ReusedMessage: if its id came with something else.
        """
        known = self._asked.get(message_id)
        if known is not None and known != asked:
            raise ReusedMessage(f"{message_id} was {known[0]} before")
        return known is None

    def _sweep(self, message_id: str, asked: tuple[str | int, ...], account_id: str, when: When) -> None:
        """Expire what is over."""
        over = [lot for lot in self._by_account.get(account_id, ()) if lot.is_over(when.on) and lot.free]
        if over:
            slices = tuple(Slice(lot.new.lot_id, lot.free) for lot in over)
            self._append(
                LedgerEntry(message_id, asked, account_id, Movement.EXPIRED, when.at, when.on, slices, total(slices))
            )

    def _grace_until(self, slices: tuple[Slice, ...], on: date) -> date | None:
        """Return the new last day of what is given back to lots that are over."""
        if not any(self._lots[one.lot_id].is_over(on) for one in slices):
            return None
        return date.fromordinal(on.toordinal() + self.grace_days)

    def _end_hold(self, hold: Hold, movement: Movement, when: When) -> None:
        left = hold.left
        asked = (movement.value, hold.hold_id)
        message_id = f"{movement.value}/{hold.hold_id}"
        self._append(
            LedgerEntry(message_id, asked, hold.account_id, movement, when.at, when.on, left, total(left), hold.hold_id)
        )
        if movement is Movement.RELEASED:
            self._after_freeing(message_id, asked, hold.account_id, when)

    def _after_freeing(self, message_id: str, asked: tuple[str | int, ...], account_id: str, when: When) -> None:
        """Do what a kind of account does whenever something became free again; nothing here."""

    def _append(self, entry: LedgerEntry) -> None:
        """Take one entry in: the only place where anything changes."""
        if entry.new_lot is not None:
            lot = Lot(entry.new_lot, entry.account_id, len(self._lots), entry.new_lot.expires_on)
            self._lots[entry.new_lot.lot_id] = lot
            self._by_account.setdefault(entry.account_id, []).append(lot)
        elif entry.movement is Movement.OPENED:
            self._by_account.setdefault(entry.account_id, [])
        for one in entry.slices:
            lot = self._lots[one.lot_id]
            lot.moved[entry.movement] += one.amount
            if entry.extended_to is not None and lot.is_over(entry.business_date):
                lot.expires_on = entry.extended_to
            if lot.free < 0:
                raise ValueError(f"lot {one.lot_id} would fall below zero")
        if entry.movement is Movement.OWED:
            self._owed[entry.account_id] += entry.amount
        elif entry.movement is Movement.SETTLED:
            self._owed[entry.account_id] -= entry.amount
        self._apply_to_hold(entry)
        self._asked[entry.message_id] = entry.asked
        self._entries.append(entry)

    def _apply_to_hold(self, entry: LedgerEntry) -> None:
        kind = entry.asked[0]
        hold = self._holds.get(entry.subject_id)
        if entry.movement is Movement.HELD or (entry.movement is Movement.REFUSED and kind == "hold"):
            state = HoldState.HELD if entry.movement is Movement.HELD else HoldState.REFUSED
            self._holds[entry.subject_id] = Hold(
                entry.subject_id, entry.account_id, entry.amount, state, entry.slices, entry.reason
            )
        elif entry.movement is Movement.RELEASED and hold is None:
            self._holds[entry.subject_id] = Hold(entry.subject_id, "", 0, HoldState.RELEASED)
        elif hold is None:
            return
        elif entry.movement in {Movement.CAPTURED, Movement.RELEASED}:
            hold.state = HoldState(entry.movement.value)
        elif kind == "give_back" and entry.movement in {Movement.GIVEN_BACK, Movement.REFUSED}:
            give_back_id = entry.message_id.removeprefix("give_back/")
            hold.given_back[give_back_id] = (entry.amount, entry.movement is Movement.GIVEN_BACK)
            self._given_back[give_back_id] = hold.hold_id


def _of_hold(hold_id: str) -> str:
    return f"hold/{hold_id}"


def soonest_first(lot: Lot) -> tuple[date, int]:
    """Order lots by their last day, then by when they were put in; those without an end last."""
    return (lot.expires_on or date.max, lot.number)


def whole_or_nothing(lots: Iterable[Lot], amount: int) -> tuple[Slice, ...]:
    """Take an amount from lots in their order; nothing where they have less."""
    slices: list[Slice] = []
    for lot in lots:
        if amount and lot.free:
            slices.append(Slice(lot.new.lot_id, min(lot.free, amount)))
            amount -= slices[-1].amount
    return tuple(slices) if not amount else ()


def whole_of(lot: NewLot, amount: int) -> tuple[Slice, ...]:
    """Return the slices of a `PUT`: the whole of the new lot; none of one that was made empty."""
    return (Slice(lot.lot_id, amount),) if amount else ()
