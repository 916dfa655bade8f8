"""What the till and a card terminal say to each other: requests, outcomes, prompts, and no card number ever.

A request carries the identity of a payment attempt that is stored before anything is sent. Its outcome is approved,
declined or unknown; unknown is what any loss of an answer gives, and it is asked again, never guessed.
"""

import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Final, Protocol

from app.values.problems import Problem
from app.values.wording import Wording, wording


class CardNumberExposed(Problem):
    """Raised when a text that was to be kept holds a card number; nothing of it is kept."""

    code = "CARD-NUMBER-EXPOSED"


_GROUPED: Final = re.compile(r"\d+(?:[ \u00a0.\-]\d+)*")
"""Digits, and groups of digits with one separator between them, as card numbers are written."""

_ISSUERS: Final = re.compile(r"222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720|3[04-9]|[4569]|8[12]")
"""How numbers of payment cards begin (ISO/IEC 7812 issuer ranges): Mastercard's 2-series, the 3 of travel and JCB, 4,
5, 6, the 8 of UnionPay and RuPay, the 9 of national schemes. References of hosts, which are long figures too and by
chance have a right check digit one time in ten, mostly begin otherwise."""

_SHORTEST: Final = 13
_LONGEST: Final = 19


def holds_card_number(text: str) -> bool:
    """Return whether a text holds what may be a card number: 13 to 19 digits with the right check digit (Luhn).

    Groups of digits with single blanks, points or dashes between them are read together. A longer figure counts where
    it begins with a card number, as on a magnetic stripe.

    >>> holds_card_number("CARD 4111 1111 1111 1111"), holds_card_number("411111******1111")
    (True, False)
    """
    return any(_is_card_number(figure) for run in _GROUPED.finditer(text) for figure in _figures(run.group()))


def _figures(run: str) -> tuple[str, ...]:
    """Return every way to read a run of groups as one figure."""
    groups = ["".join(str(int(digit)) for digit in group) for group in re.split(r"\D", run)]
    found = []
    for first in range(len(groups)):
        figure = ""
        for group in groups[first:]:
            figure += group
            if len(figure) > _LONGEST:
                break
            found.append(figure)
        if len(groups[first]) > _LONGEST:
            found += [groups[first][:length] for length in (15, 16)]
    return tuple(found)


def _is_card_number(figure: str) -> bool:
    if not _SHORTEST <= len(figure) <= _LONGEST or not _ISSUERS.match(figure):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(figure)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def refuse_card_numbers(*texts: str) -> None:
    """Let texts pass that hold no card number.

    Raises:
        CardNumberExposed: if one does; the text itself is not repeated anywhere.
    """
    if any(map(holds_card_number, texts)):
        raise CardNumberExposed(
            wording(
                "The card terminal sent a whole card number, which the till must not keep. Nothing of its answer was"
                " kept. Look at the terminal for the result, and tell its maker."
            )
        )


def masked_number(text: str) -> str:
    """Return a card number as it may be kept: at most its first six and last four digits (PCI DSS requirement 3).

    >>> masked_number("67999912****9990"), masked_number("************0010"), masked_number("")
    ('679999******9990', '******0010', '')

    Raises:
        CardNumberExposed: if it was not masked.
    """
    refuse_card_numbers(text)
    first = re.match(r"[0-9]*", text.strip())
    last = re.search(r"[0-9]*$", text.strip())
    head, tail = (first.group() if first else ""), (last.group() if last else "")
    if not head and not tail:
        return ""
    if head == text.strip():
        # Nothing is masked: as few digits as tell two cards apart.
        head = ""
    return f"{head[:6]}******{tail[-4:]}"


class TerminalOperation(Enum):
    """What an attempt is to do."""

    PURCHASE = "purchase"
    REFUND = "refund"
    REVERSAL = "reversal"


class TerminalResult(Enum):
    """How an attempt ended."""

    APPROVED = "approved"
    DECLINED = "declined"
    """The terminal says so, or nothing was sent to it: nothing was charged."""

    UNKNOWN = "unknown"
    """Nobody can say; ask again, and let no sale be completed on it."""


@dataclass(frozen=True, slots=True)
class TransactionReference:
    """What a terminal calls a transaction; kept to refund or reverse it."""

    terminal_id: str
    reference: str
    at: str
    """When, in the terminal's own words (ISO 8601); sent back as it came."""


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """Have the shopper pay by card."""

    attempt_id: str
    """The payment attempt's identity, stored before this is sent and never used for another."""

    amount_minor: int
    currency: str
    """Three letters of ISO 4217."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give money back on the card of an earlier purchase, all of it or a part."""

    attempt_id: str
    amount_minor: int
    """What to give back; positive."""

    currency: str
    original: TransactionReference


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Undo an earlier purchase as if it had not been."""

    attempt_id: str
    amount_minor: int
    currency: str
    original: TransactionReference


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Ask how an earlier attempt ended."""

    attempt_id: str
    operation: TerminalOperation
    amount_minor: int
    """What was asked for then: another amount in the answer is no answer."""

    currency: str


TerminalRequest = PurchaseRequest | RefundRequest | ReversalRequest | StatusRequest


@dataclass(frozen=True, slots=True)
class TerminalOutcome:
    """How an attempt ended, with what may be kept of it.

    Raises:
        CardNumberExposed: when one is made that holds a card number.
    """

    result: TerminalResult
    reason: Wording
    """What happened and what to do now."""

    approved_minor: int = 0
    """What was charged or given back; less than asked for only where the terminal approves in part."""

    currency: str = ""
    approval_code: str = ""
    masked_number: str = ""
    """At most the first six and the last four digits."""

    token: str = ""
    """What stands for the card at the provider; empty where it gives none."""

    scheme: str = ""
    """The card's brand, such as `visa`."""

    terminal_id: str = ""
    original: TransactionReference | None = None
    """The terminal's name for this transaction, to refund or reverse it."""

    receipt_lines: tuple[str, ...] = ()
    """What the terminal wants on the shopper's receipt."""

    def __post_init__(self) -> None:
        texts = [value for name in fields(self) if isinstance(value := getattr(self, name.name), str)]
        texts += self.receipt_lines
        if self.original is not None:
            texts += (self.original.terminal_id, self.original.reference, self.original.at)
        refuse_card_numbers(*texts, str(self.reason))
        if sum(map(str.isdigit, self.masked_number)) > 10:
            raise CardNumberExposed(wording("A card number was to be kept with more than ten digits to be seen."))


class TerminalProgress(Enum):
    """What the terminal is waiting for."""

    PRESENT_CARD = "present_card"
    ENTER_PIN = "enter_pin"
    SIGN = "sign"
    PROCESSING = "processing"
    REMOVE_CARD = "remove_card"
    ASKING_AGAIN = "asking_again"
    """Its answer got lost; it is being asked how the payment ended."""

    OTHER = "other"
    """The terminal has words of its own for it."""


PROGRESS_SENTENCES: Final[dict[TerminalProgress, Wording]] = {
    TerminalProgress.PRESENT_CARD: wording("Ask the customer to tap, insert or swipe the card."),
    TerminalProgress.ENTER_PIN: wording("The customer is entering the PIN."),
    TerminalProgress.SIGN: wording("The customer is signing on the terminal."),
    TerminalProgress.PROCESSING: wording("The bank is being asked. Wait a moment."),
    TerminalProgress.REMOVE_CARD: wording("Ask the customer to take the card."),
    TerminalProgress.ASKING_AGAIN: wording(
        "The terminal's answer got lost. It is being asked again; do not charge twice."
    ),
    TerminalProgress.OTHER: wording("Look at the card terminal."),
}
"""What a cashier reads."""


@dataclass(frozen=True, slots=True)
class TerminalPrompt:
    """Where an attempt stands."""

    device: str
    attempt_id: str
    progress: TerminalProgress
    sentence: Wording


@dataclass(frozen=True, slots=True)
class TerminalAnswered:
    """An attempt ended; comes exactly once for every request that was taken."""

    device: str
    attempt_id: str
    outcome: TerminalOutcome


@dataclass(frozen=True, slots=True)
class TerminalCapabilities:
    """What a card terminal can do."""

    refund: bool = True
    reversal: bool = True
    partial_approval: bool = False
    """Whether it may approve less than was asked for; the rest is then paid otherwise."""

    prints_itself: bool = False
    """Whether it prints its own receipts, so that the till need not."""


class CardTerminal(Protocol):
    """A card terminal as payments use it; every call returns at once, answers come as events.

    Each returns false, and nothing happens, where the terminal is busy with another attempt or cannot do it.
    """

    @property
    def capabilities(self) -> TerminalCapabilities:
        """What it can do."""

    def purchase(self, request: PurchaseRequest) -> bool:
        """Begin a purchase."""

    def refund(self, request: RefundRequest) -> bool:
        """Begin a refund."""

    def reverse(self, request: ReversalRequest) -> bool:
        """Begin a reversal."""

    def ask(self, request: StatusRequest) -> bool:
        """Ask how an attempt ended, in this run of the program or an earlier one."""

    def cancel(self, attempt_id: str) -> bool:
        """Ask the terminal to break off; the attempt's outcome still comes, and may be an approval."""
