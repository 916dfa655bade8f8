"""The ledger of stored value: what the member paid and what the shop laid on top, kept apart for ever.

Order of spending, written down and kept by the shop for all accounts (`SpendingOrder`): the oldest loading first, and
within it the paid part first (unless the shop says otherwise); so bonus is spent only when its own loading's money is
spent. What is given back returns to the lots it was taken from, last taken first given back.

Refund: what is left of the paid part, never of the bonus, and not while a payment is under way. Bonus is earned by
spending the paid part of its loading, in proportion and rounded up in the member's favour; bonus that was spent beyond
that is charged to the refund (it happens only where bonus is spent first), and what is left of the bonus ends. Where
the bonus comes back with a return after that, the next refund pays out what had been charged for it.

The paid part of a named account never expires and an account holds at most 5,000 yuan (单用途商业预付卡管理办法, on
named cards); a bonus may have an end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from app.members.holds import total
from app.members.ledger_entries import LedgerEntry, Movement, NewLot, Part, Slice
from app.members.lot_book import Lot, LotBook, When, whole_of, whole_or_nothing
from app.values.money import CNY, Currency, format_minor
from app.values.problems import Problem
from app.values.rounding import split_by_largest_remainder
from app.values.wording import wording

MOST_ON_A_NAMED_ACCOUNT_MINOR: Final = 5_000_00


class RefundHindered(Problem):
    """Raised when an account cannot be refunded yet."""

    code = "REFUND-HINDERED"


class LoadingRefused(Problem):
    """Raised when an amount cannot be loaded."""

    code = "LOADING-REFUSED"


@dataclass(frozen=True, slots=True)
class BonusStep:
    """From how much on a loading brings how much."""

    from_minor: int
    bonus_minor: int


@dataclass(frozen=True, slots=True)
class LoadingRule:
    """What may be loaded, and what the shop lays on top."""

    steps: tuple[BonusStep, ...] = ()
    """Rising; a loading gets the bonus of the highest step it reaches, once."""

    least_minor: int = 1
    most_balance_minor: int = MOST_ON_A_NAMED_ACCOUNT_MINOR
    """Paid part and bonus together."""

    bonus_valid_days: int | None = None
    """For how many days the bonus can be spent, the day of loading included; None: for ever."""

    currency: Currency = CNY

    def __post_init__(self) -> None:
        rises = all(
            lower.from_minor < higher.from_minor and lower.bonus_minor <= higher.bonus_minor
            for lower, higher in zip(self.steps, self.steps[1:], strict=False)
        )
        if not rises or any(step.from_minor <= 0 or step.bonus_minor < 0 for step in self.steps):
            raise ValueError("the steps of a bonus rise, and none is below zero")
        if self.least_minor <= 0 or (self.bonus_valid_days is not None and self.bonus_valid_days <= 0):
            raise ValueError("a loading and the life of a bonus are more than nothing")

    def bonus_of(self, paid_minor: int) -> int:
        """Return the bonus of a loading.

        >>> LoadingRule((BonusStep(500_00, 30_00), BonusStep(1000_00, 100_00))).bonus_of(999_99)
        3000
        """
        return max((step.bonus_minor for step in self.steps if paid_minor >= step.from_minor), default=0)

    def bonus_ends_on(self, loaded_on: date) -> date | None:
        """Return the last day of a bonus."""
        if self.bonus_valid_days is None:
            return None
        return date.fromordinal(loaded_on.toordinal() + self.bonus_valid_days - 1)

    def require_loadable(self, balance_minor: int, paid_minor: int) -> None:
        """Return where an amount may be loaded; asked before money is taken.

        Args:
            balance_minor: what is on the account, held amounts too.
            paid_minor: what the member wants to pay in.

        Raises:
            LoadingRefused: if it is too little, or the account would hold too much.
        """
        if paid_minor < self.least_minor:
            raise LoadingRefused(wording("Load {least} at least.", least=format_minor(self.least_minor, self.currency)))
        room = self.most_balance_minor - balance_minor - self.bonus_of(paid_minor)
        if paid_minor > room:
            raise LoadingRefused(
                wording(
                    "The account may hold {most} at most, its bonus included. Load less.",
                    most=format_minor(self.most_balance_minor, self.currency),
                )
            )


class SpendingOrder(Enum):
    """Which part of a loading is spent first; the oldest loading is always the first."""

    PAID_FIRST = "paid_first"
    BONUS_FIRST = "bonus_first"
    """A bonus with an end is then not lost; what was spent of it too early is charged to a refund."""

    IN_PROPORTION = "in_proportion"
    """Both parts of a loading in proportion to what is free of them."""


@dataclass(frozen=True, slots=True)
class LoadMessage:
    """A loading."""

    loading_id: str
    account_id: str
    paid_minor: int
    bonus_minor: int = 0
    bonus_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """What came of a refund."""

    paid_out_minor: int = 0
    """Handed to the member."""

    charged_minor: int = 0
    """Kept, for bonus that was spent before it was earned."""

    forfeited_minor: int = 0
    """Bonus that ended."""


@dataclass(slots=True)
class _Loading:
    paid: Lot
    bonus: Lot | None = None


class ValueBook(LotBook):
    """Accounts of stored value in one currency."""

    def __init__(
        self,
        entries: Iterable[LedgerEntry] = (),
        *,
        currency: str = "CNY",
        order: SpendingOrder = SpendingOrder.PAID_FIRST,
    ) -> None:
        """Make a book of what a ledger holds."""
        self._order = order
        self._loadings: dict[str, dict[str, _Loading]] = {}
        super().__init__(currency, entries)

    def load(self, message: LoadMessage, when: When) -> None:
        """Put a loading in. It is a fact: money was taken for it, so it is never refused here.

        Raises:
            ReusedMessage: if the loading's id came with something else before.
        """
        if message.paid_minor <= 0 or message.bonus_minor < 0:
            raise ValueError("something is paid for a loading, and a bonus is not below zero")
        ends_on = message.bonus_ends_on.isoformat() if message.bonus_ends_on else ""
        message_id = f"load/{message.loading_id}"
        asked = ("load", message.account_id, message.paid_minor, message.bonus_minor, ends_on)
        if not self._is_new(message_id, asked):
            return
        paid = NewLot(f"{message.loading_id}/paid", Part.PAID, message.loading_id)
        bonus = NewLot(f"{message.loading_id}/bonus", Part.BONUS, message.loading_id, message.bonus_ends_on)
        for lot, amount in ((paid, message.paid_minor), (bonus, message.bonus_minor)):
            if amount:
                self._append(
                    LedgerEntry(
                        message_id,
                        asked,
                        message.account_id,
                        Movement.PUT,
                        when.at,
                        when.on,
                        whole_of(lot, amount),
                        amount,
                        message.loading_id,
                        new_lot=lot,
                    )
                )

    def loaded(self, loading_id: str) -> int | None:
        """Return what was paid for a loading; None where it is not known."""
        lot = self._lots.get(f"{loading_id}/paid")
        return lot.moved[Movement.PUT] if lot is not None else None

    def free_of(self, account_id: str, part: Part, on: date) -> int:
        """Return what can be spent of one part."""
        return sum(lot.free for lot in self._living(account_id, on) if lot.new.part is part)

    def refundable(self, account_id: str) -> int:
        """Return what a refund would hand out now."""
        return sum(one.paid.free - _to_charge(one) for one in self._loadings.get(account_id, {}).values())

    def refund(self, refund_id: str, account_id: str, when: When, loading_id: str | None = None) -> Refund:
        """Pay out what is left of the paid part of one loading or of all, and end their bonus, see the module.

        Raises:
            RefundHindered: while something of the account is held.
            ReusedMessage: if the refund's id came with something else before.
        """
        message_id = f"refund/{refund_id}"
        asked = ("refund", account_id, loading_id or "")
        if self._is_new(message_id, asked):
            if self.has_holds(account_id):
                raise RefundHindered(
                    wording("A payment with this account is still under way. Wait until it has ended, then refund.")
                )
            self._sweep(message_id, asked, account_id, when)
            all_of_it = self._loadings.get(account_id, {})
            chosen = [one for name, one in all_of_it.items() if loading_id in {None, name}]
            charges = [(one.paid, _to_charge(one)) for one in chosen]
            moves = (
                (Movement.UNCHARGED, [(lot, -charge) for lot, charge in charges if charge < 0]),
                (Movement.PAID_OUT, [(lot, lot.free - charge) for lot, charge in charges]),
                (Movement.CHARGED, [(lot, charge) for lot, charge in charges if charge > 0]),
                (Movement.FORFEITED, [(one.bonus, one.bonus.free) for one in chosen if one.bonus is not None]),
            )
            for movement, lots in moves:
                slices = tuple(Slice(lot.new.lot_id, amount) for lot, amount in lots if amount)
                if slices:
                    self._append(
                        LedgerEntry(
                            message_id, asked, account_id, movement, when.at, when.on, slices, total(slices), refund_id
                        )
                    )
            if not any(entry.message_id == message_id for entry in self._entries):
                # Remembered, so that the same refund asked again after a loading pays nothing either.
                self._append(
                    LedgerEntry(
                        message_id,
                        asked,
                        account_id,
                        Movement.REFUSED,
                        when.at,
                        when.on,
                        subject_id=refund_id,
                        reason="EMPTY",
                    )
                )
        sums = {
            movement: sum(
                entry.amount for entry in self._entries if entry.message_id == message_id and entry.movement is movement
            )
            for movement in (Movement.PAID_OUT, Movement.CHARGED, Movement.FORFEITED)
        }
        return Refund(*sums.values())

    def _choose(self, account_id: str, amount: int, on: date) -> tuple[Slice, ...]:
        lots = self._living(account_id, on)
        if self._order is SpendingOrder.IN_PROPORTION:
            return _in_proportion(lots, amount)
        first = Part.PAID if self._order is SpendingOrder.PAID_FIRST else Part.BONUS
        numbers = {name: number for number, name in enumerate(self._loadings.get(account_id, {}))}
        return whole_or_nothing(
            sorted(lots, key=lambda lot: (numbers[lot.new.source_id], lot.new.part is not first)), amount
        )

    def _append(self, entry: LedgerEntry) -> None:
        super()._append(entry)
        if entry.new_lot is not None:
            loadings = self._loadings.setdefault(entry.account_id, {})
            lot = self._lots[entry.new_lot.lot_id]
            if entry.new_lot.part is Part.PAID:
                loadings[entry.subject_id] = _Loading(lot)
            else:
                loadings[entry.subject_id].bonus = lot


def _to_charge(loading: _Loading) -> int:
    """Return how much of what is left of the paid part a refund keeps; below zero, how much of a charge it undoes."""
    if loading.bonus is None:
        return 0
    paid, bonus = loading.paid.moved[Movement.PUT], loading.bonus.moved[Movement.PUT]
    earned = -(-bonus * loading.paid.used // paid)
    charged = loading.paid.moved[Movement.CHARGED] - loading.paid.moved[Movement.UNCHARGED]
    return min(loading.paid.free, max(0, loading.bonus.used - earned) - charged)


def _in_proportion(lots: Sequence[Lot], amount: int) -> tuple[Slice, ...]:
    """Take an amount, the oldest loading first, both parts of it in proportion; nothing where there is not enough."""
    loadings: dict[str, list[Lot]] = {}
    for lot in lots:
        loadings.setdefault(lot.new.source_id, []).append(lot)
    slices: list[Slice] = []
    for parts in loadings.values():
        weights = [lot.free for lot in parts]
        taken = min(amount, sum(weights))
        shares = split_by_largest_remainder(taken, weights)
        slices += [Slice(lot.new.lot_id, share) for lot, share in zip(parts, shares, strict=True) if share]
        amount -= taken
    return tuple(slices) if not amount else ()
