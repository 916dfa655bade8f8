"""Amounts set aside on a member's account while a sale goes on: what each call does, and what it answers.

| happens     | unknown id    | HELD     | CAPTURED | RELEASED | REFUSED |
|-------------|---------------|----------|----------|----------|---------|
| `hold`      | HELD, REFUSED | HELD     | CAPTURED | RELEASED | REFUSED |
| `capture`   | NOT_FOUND     | CAPTURED | CAPTURED | RELEASED | REFUSED |
| `release`   | RELEASED¹     | RELEASED | CAPTURED | RELEASED | REFUSED |
| `give_back` | NOT_FOUND     | DONE²    | DONE²    | REFUSED  | REFUSED |

 1 and stays so: a `hold` that was under way and arrives later holds nothing.
 2 of a HELD one the hold gets smaller, of a CAPTURED one it is free on the account again: up to what the hold still
   has, more is REFUSED. Each give-back's id counts once.

What is given back goes to the lots it came from, last taken first given back: the same from any sequence of partial
returns. The same id with another account or amount changes nothing and is REFUSED. No clock ends a hold.
"""

from dataclasses import dataclass, field
from enum import Enum

from app.members.ledger_entries import Slice
from app.values.wording import Wording


class HoldState(Enum):
    """How a hold stands."""

    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """What the ledger says of a hold."""

    state: HoldState
    amount: int = 0
    """What is held or was taken, less what was given back of it; of a released or refused one: 0."""

    reference: str = ""
    """The ledger's name of it."""

    refusal: Wording | None = None


class GiveBackState(Enum):
    """How a give-back stands."""

    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class GiveBackAnswer:
    """What the ledger says of a give-back."""

    state: GiveBackState
    amount: int = 0
    """What was given back under this id."""

    refusal: Wording | None = None


@dataclass(slots=True)
class Hold:
    """One hold, as the entries so far make it."""

    hold_id: str
    account_id: str
    """Empty of one that was let go before it came."""

    asked: int
    """0 of one that was let go before it came."""

    state: HoldState
    taken: tuple[Slice, ...] = ()
    """In the order of taking."""

    reason: str = ""
    """Of a refused one: the code of why."""

    given_back: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Of each give-back's id: the amount asked for, and whether it was done."""

    @property
    def returned(self) -> int:
        """How much was given back."""
        return sum(amount for amount, done in self.given_back.values() if done)

    @property
    def left(self) -> tuple[Slice, ...]:
        """What it still has, in the order of taking."""
        return without_the_last(self.taken, self.returned)

    def answer(self, refusal: Wording | None = None) -> HoldAnswer:
        """Return how it stands."""
        lives = self.state in {HoldState.HELD, HoldState.CAPTURED}
        return HoldAnswer(self.state, total(self.left) if lives else 0, self.hold_id if lives else "", refusal)


def total(slices: tuple[Slice, ...]) -> int:
    """Return how much slices are together."""
    return sum(one.amount for one in slices)


def without_the_last(slices: tuple[Slice, ...], amount: int) -> tuple[Slice, ...]:
    """Return slices without an amount taken off their end.

    >>> without_the_last((Slice("a", 5), Slice("b", 3)), 4)
    (Slice(lot_id='a', amount=4),)
    """
    return first_of(slices, total(slices) - amount)


def first_of(slices: tuple[Slice, ...], amount: int) -> tuple[Slice, ...]:
    """Return slices from the front up to an amount."""
    kept: list[Slice] = []
    for one in slices:
        if amount <= 0:
            break
        kept.append(Slice(one.lot_id, min(one.amount, amount)))
        amount -= one.amount
    return tuple(kept)


def last_of(slices: tuple[Slice, ...], amount: int) -> tuple[Slice, ...]:
    """Return slices from the end up to an amount, the last one first.

    >>> last_of((Slice("a", 5), Slice("b", 3)), 4)
    (Slice(lot_id='b', amount=3), Slice(lot_id='a', amount=1))
    """
    return first_of(slices[::-1], amount)
