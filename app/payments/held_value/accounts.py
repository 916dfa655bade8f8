"""What payments need of the accounts behind stored-value cards and vouchers, and what each call must guarantee.

A hold goes one way only:

| happens     | unknown id    | HELD     | CAPTURED | RELEASED | REFUSED |
|-------------|---------------|----------|----------|----------|---------|
| `hold`      | HELD, REFUSED | HELD     | CAPTURED | RELEASED | REFUSED |
| `capture`   | NOT_FOUND     | CAPTURED | CAPTURED | RELEASED | REFUSED |
| `release`   | RELEASED¹     | RELEASED | CAPTURED | RELEASED | REFUSED |
| `give_back` | NOT_FOUND     | DONE²    | DONE²    | REFUSED  | REFUSED |

 1 and stays so: a `hold` that was under way and arrives later holds nothing.
 2 of a HELD one the hold gets smaller, of a CAPTURED one it is back on the account: up to what the hold still has, more
   is REFUSED. Each give-back's id counts once.

Every step is durable before it is answered, and the same id with another instrument or amount changes nothing and is
REFUSED. Value that is held cannot be spent elsewhere; a hold ends by these calls alone, never by a clock.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from app.values.wording import Wording


class LookUpState(Enum):
    """What came of looking an instrument up."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    AWAY = "away"
    """The accounts could not be asked, or did not answer."""


@dataclass(frozen=True, slots=True)
class ValueAccount:
    """What an instrument is worth now."""

    balance_minor: int
    """What can be held of it: without what is held already."""

    currency: str
    """ISO 4217."""

    whole_only: bool = False
    """Whether it is spent whole and gives no change, as a voucher: a hold of any part takes all of it out of use, its
    capture forfeits the rest, its release makes it whole again."""

    refusal: Wording | None = None
    """Why it cannot pay, such as that it was blocked or has expired; None where it can."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What came of looking an instrument up."""

    state: LookUpState
    account: ValueAccount | None = None
    """There where it was found."""


class HoldState(Enum):
    """How a hold stands, or why nobody can say."""

    HELD = "held"
    CAPTURED = "captured"
    """The value was taken; only a give-back returns it."""

    RELEASED = "released"
    """Let go: nothing is held, and nothing ever will be under this id."""

    REFUSED = "refused"
    """Nothing was held, and nothing ever will be under this id."""

    NOT_FOUND = "not_found"
    """No such hold arrived so far."""

    NOT_SENT = "not_sent"
    """The accounts could not be reached: not a byte left."""

    UNKNOWN = "unknown"
    """No answer: it may have been done or not."""


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """What the accounts say of a hold."""

    state: HoldState
    amount_minor: int = 0
    """What is held or was taken, less what was given back of it; of a released one: 0."""

    reference: str = ""
    """The accounts' own number of it, at most 128 characters."""

    refusal: Wording | None = None
    """Why it was refused."""


class GiveBackState(Enum):
    """How a give-back stands, or why nobody can say."""

    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    """No such give-back arrived so far, or no such hold."""

    UNKNOWN = "unknown"
    """No answer, or the accounts could not be reached."""


@dataclass(frozen=True, slots=True)
class GiveBackAnswer:
    """What the accounts say of a give-back."""

    state: GiveBackState
    amount_minor: int = 0
    """What was given back under this id."""

    refusal: Wording | None = None


class ValueAccounts(Protocol):
    """The accounts, used by one thread; a call comes back within seconds and never raises for what the line does.

    See the module for what must hold of each call.
    """

    @property
    def works_offline(self) -> bool:
        """Whether holds can be had now without asking headquarters, of value set aside for this till beforehand."""

    def look_up(self, instrument: str) -> LookUp:
        """Say what an instrument is worth; changes nothing."""

    def hold(self, hold_id: str, instrument: str, amount_minor: int, currency: str) -> HoldAnswer:
        """Set an amount aside, whole or not at all: never more than asked for, never more than there is."""

    def held(self, hold_id: str) -> HoldAnswer:
        """Say how a hold stands; changes nothing."""

    def capture(self, hold_id: str) -> HoldAnswer:
        """Take what is held."""

    def release(self, hold_id: str) -> HoldAnswer:
        """Let go of what is held, or will never be."""

    def give_back(self, hold_id: str, give_back_id: str, amount_minor: int) -> GiveBackAnswer:
        """Return an amount of what is held or was taken to the instrument, or to one that stands for it."""

    def given_back(self, hold_id: str, give_back_id: str) -> GiveBackAnswer:
        """Say how a give-back stands; changes nothing."""

    def close(self) -> None:
        """Let go of connections; nothing is called any more."""
