"""Double entry: the postings of one journal entry sum to zero per currency."""

from dataclasses import dataclass


class UnbalancedPostings(ValueError):
    """Raised when postings do not sum to zero; always a bug, and nothing is stored."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a double entry."""

    account: str
    """Such as `cash_drawer`, `sales.standard`, `output_tax.standard`, `cash_rounding`."""

    amount_minor: int
    """Positive: the account gains; negative: it gives."""

    currency: str
    """ISO 4217 code."""


def require_balanced(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """Return the postings if they sum to zero in every currency.

    Raises:
        UnbalancedPostings: if they do not.
    """
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    wrong = {currency: amount for currency, amount in sums.items() if amount}
    if wrong:
        raise UnbalancedPostings(f"postings do not sum to zero: {wrong}")
    return postings
