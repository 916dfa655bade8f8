"""Taking tenders towards what is due: split over several kinds, change, cash rounding.

The rules hold for every kind of tender; a kind only says what it can do (see `TenderType`).
"""

from dataclasses import dataclass

from app.payments.cash import CashRounding
from app.payments.tenders import Tendered, TenderType
from app.values.money import Currency, format_minor
from app.values.problems import Problem
from app.values.wording import wording


class TenderRefused(Problem):
    """Raised when a tender cannot be taken as it was offered; the tenders before it stand."""

    code = "TENDER-REFUSED"


MAXIMUM_CASH_MINOR = 100_000_00
"""A hundred thousand yuan in one cash tender is a barcode typed as an amount."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a payment stands."""

    due_minor: int
    paid_minor: int

    @property
    def left_minor(self) -> int:
        """Still to pay, unrounded."""
        return self.due_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Settlement:
    """What taking a tender led to."""

    tendered: Tendered | None
    """The tender to add; None where rounding alone settled the rest."""

    complete: bool
    """Whether nothing is left to pay."""

    rounding_minor: int = 0
    """What cash rounding added to the amount due; only where it completes."""

    change_minor: int = 0


def balance_of(due_minor: int, tenders: tuple[Tendered, ...]) -> Balance:
    """Return where a payment stands."""
    return Balance(due_minor, sum(tender.applied_minor for tender in tenders))


def left_for(tender_type: TenderType, balance: Balance, rounding: CashRounding) -> int:
    """Return what settles the rest when paid by this tender, rounded where the tender rounds."""
    return rounding.apply(balance.left_minor) if tender_type.rounds_cash else balance.left_minor


def take_tender(
    tender_type: TenderType,
    amount_minor: int,
    balance: Balance,
    rounding: CashRounding,
    *,
    tender_id: int,
    reference: str = "",
    currency: Currency,
) -> Settlement:
    """Take an amount of one tender towards what is left.

    Raises:
        TenderRefused: nothing is left to pay, the amount is nothing or absurd, more than is due on a tender that
            gives no change, or a reference is missing.
    """
    settles_minor = left_for(tender_type, balance, rounding)
    if tender_type.reference_required and not reference.strip():
        raise TenderRefused(wording("{tender} needs its number. Key it in and try again.", tender=tender_type.name))
    if amount_minor < 0 or (amount_minor == 0 and settles_minor != 0):
        raise TenderRefused(wording("Key in the amount that was handed over."))
    if amount_minor > MAXIMUM_CASH_MINOR and amount_minor > settles_minor:
        raise TenderRefused(
            wording(
                "{amount} is too large. Check that no barcode was typed as an amount.",
                amount=_show(amount_minor, currency),
            )
        )
    if tender_type.rounds_cash and amount_minor % rounding.step_minor:
        raise TenderRefused(
            wording(
                "Cash goes in steps of {step} here. Exact would be {exact}.",
                step=_show(rounding.step_minor, currency),
                exact=_show(settles_minor, currency),
            )
        )
    over_minor = amount_minor - settles_minor
    if over_minor > 0 and not tender_type.change_given:
        raise TenderRefused(
            wording(
                "{tender} gives no change. Take at most {amount}.",
                tender=tender_type.name,
                amount=_show(settles_minor, currency),
            )
        )
    complete = over_minor >= 0
    tendered = Tendered(
        tender_id=tender_id,
        tender_type_id=tender_type.tender_type_id,
        name=tender_type.name,
        account=tender_type.account,
        amount_minor=amount_minor,
        applied_minor=settles_minor if complete else amount_minor,
        reference=reference.strip(),
        opens_drawer=tender_type.opens_drawer,
    )
    return Settlement(
        tendered=tendered if amount_minor else None,
        complete=complete,
        rounding_minor=settles_minor - balance.left_minor if complete else 0,
        change_minor=max(0, over_minor),
    )


def _show(amount_minor: int, currency: Currency) -> str:
    return f"{currency.symbol}{format_minor(amount_minor, currency)}"
