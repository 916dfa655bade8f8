"""Entries of members' ledgers of points and of stored value: append-only, from which every balance is computed.

An account is made of lots: what was put in at one time, with its own end and its own kind. An entry moves
slices of lots:

| movement     | of a lot, free   | what happened                                                                     |
|--------------|------------------|-----------------------------------------------------------------------------------|
| `OPENED`     |                  | the account exists                                                                |
| `PUT`        | +                | points earned or granted; value loaded, its paid part and its bonus as two lots   |
| `HELD`       | −                | set aside for a payment or a reward                                               |
| `CAPTURED`   |                  | what was held is taken for good; the slices are those of the hold that are left   |
| `RELEASED`   | +                | what was held is free again                                                       |
| `GIVEN_BACK` | +                | part of what was held or taken is free again                                      |
| `EXPIRED`    | −                | the lot's last day is over                                                        |
| `TAKEN_BACK` | −                | a return takes back what its sale had earned                                      |
| `EXCUSED`    |                  | a return need not take back this much, which had expired unspent                  |
| `OWED`       |                  | a return should take back this much, which is spent already (`amount`)            |
| `SETTLED`    | −                | of what was just put in, this pays what was owed                                  |
| `PARKED`     |                  | a return came before the sale whose points it takes back (`amount`)               |
| `PAID_OUT`   | −                | a refund of the paid part, handed to the member                                   |
| `CHARGED`    | −                | kept from a refund for bonus that was spent before it was earned                  |
| `UNCHARGED`  | +                | of what was kept, this was not right any more: the bonus came back with a return  |
| `FORFEITED`  | −                | bonus that ended with the refund of its loading, or points that ended by erasure  |
| `REFUSED`    |                  | nothing moved, and never will under this name                                     |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

POINTS_UNIT: Final = "POINTS"
"""What a ledger of points counts; one of stored value counts minor units of an ISO 4217 currency."""


class ReusedMessage(ValueError):
    """Raised when an id that was used comes with another content; nothing was changed, and a person must look."""


class Movement(Enum):
    """What an entry does."""

    OPENED = "opened"
    PUT = "put"
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    GIVEN_BACK = "given_back"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"
    EXCUSED = "excused"
    OWED = "owed"
    SETTLED = "settled"
    PARKED = "parked"
    PAID_OUT = "paid_out"
    CHARGED = "charged"
    UNCHARGED = "uncharged"
    FORFEITED = "forfeited"
    REFUSED = "refused"


FREE_SIGN: Final = {
    Movement.PUT: 1,
    Movement.RELEASED: 1,
    Movement.GIVEN_BACK: 1,
    Movement.UNCHARGED: 1,
    Movement.HELD: -1,
    Movement.EXPIRED: -1,
    Movement.TAKEN_BACK: -1,
    Movement.SETTLED: -1,
    Movement.PAID_OUT: -1,
    Movement.CHARGED: -1,
    Movement.FORFEITED: -1,
}
"""What a movement does to what is free in a lot."""


class Part(Enum):
    """What a lot is made of."""

    POINTS = "points"
    PAID = "paid"
    """Stored value that the member paid for: the member's money."""

    BONUS = "bonus"
    """Stored value that the shop laid on top: never paid out."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of one lot."""

    lot_id: str
    amount: int
    """More than nothing."""

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError("a slice is more than nothing")


@dataclass(frozen=True, slots=True)
class NewLot:
    """What a `PUT` makes."""

    lot_id: str
    part: Part
    source_id: str
    """The earning or the loading it comes from; the two lots of one loading have the same."""

    expires_on: date | None = None
    """The last day it can be spent; None: it does not end."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger. All entries of one message are stored together or not at all."""

    message_id: str
    """The idempotency id of the message that asked for it; `asked` belongs to it."""

    asked: tuple[str | int, ...]
    """What was asked for, so that the same id with another content is found out."""

    account_id: str
    """The member's reference, or the number of an account without a member. Never a person's data."""

    movement: Movement
    recorded_at: datetime
    business_date: date
    """By which lots expire."""

    slices: tuple[Slice, ...] = ()
    amount: int = 0
    """What the message was about, in points or minor units; the slices sum to it where there are any."""

    subject_id: str = ""
    """The hold, the earning or the loading it is about."""

    new_lot: NewLot | None = None
    extended_to: date | None = None
    """Of `GIVEN_BACK`: the new last day of those of its lots that were over already."""

    reason: str = ""
    """Of `REFUSED`: the code of why."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, as a function of its entries."""

    free: int = 0
    held: int = 0
    spent: int = 0
    """Captured, less what was given back."""

    owed: int = 0
    """What returns should have taken back and could not; the next points put in pay it. Never below zero."""


def balance_of(entries: Iterable[LedgerEntry], account_id: str, part: Part | None = None) -> Balance:
    """Compute an account's balance from entries, in any order and of any accounts; of one part where named.

    Expired lots count as free until an entry expires them: what can be spent on a day is the book's word.
    """
    free = spent_and_held = held_by_open = owed = 0
    parts: dict[str, Part] = {}
    mine = [entry for entry in entries if entry.account_id == account_id]
    for entry in mine:
        if entry.new_lot is not None:
            parts[entry.new_lot.lot_id] = entry.new_lot.part
    captured = {entry.subject_id for entry in mine if entry.movement is Movement.CAPTURED}
    for entry in mine:
        size = sum(one.amount for one in entry.slices if part is None or parts[one.lot_id] is part)
        free += FREE_SIGN.get(entry.movement, 0) * size
        if entry.movement in {Movement.HELD, Movement.RELEASED, Movement.GIVEN_BACK}:
            sign = -FREE_SIGN[entry.movement]
            spent_and_held += sign * size
            if entry.subject_id not in captured:
                held_by_open += sign * size
        elif entry.movement is Movement.OWED:
            owed += entry.amount
        elif entry.movement is Movement.SETTLED:
            owed -= size
    return Balance(free, held_by_open, spent_and_held - held_by_open, owed if part is None else 0)
