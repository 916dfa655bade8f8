"""The double entry of a sale and of money given back on it: what moved, summing to zero (reliability invariant 1)."""

from app.ledger.postings import Posting, UnbalancedPostings, require_balanced
from app.sales.sale import Sale

SALES_ACCOUNT = "sales"
TAX_ACCOUNT = "output_tax"
ROUNDING_ACCOUNT = "cash_rounding"
REFUNDS_ACCOUNT = "refunds"
"""What was given back to shoppers by payments, until a return says for which goods; positive, against the sales."""


def postings_of(sale: Sale) -> tuple[Posting, ...]:
    """Return the postings of a sale: tenders in, change out, net sales and tax per class, rounding.

    Assets (what is in the drawer or owed by a provider) are positive, income and tax owed negative.

    Raises:
        UnbalancedPostings: if they do not sum to zero; always a bug, and nothing is stored.
    """
    moved: dict[str, int] = {}

    def post(account: str, amount_minor: int) -> None:
        moved[account] = moved.get(account, 0) + amount_minor

    over = sum(tender.amount_minor - tender.applied_minor for tender in sale.tenders)
    if over != sale.change_minor:
        raise UnbalancedPostings(f"{over} was handed over beyond what was applied, {sale.change_minor} is the change")
    for tender in sale.tenders:
        # Change goes out of the account the money came into: what was handed over less what was applied.
        post(tender.account, tender.applied_minor)
    for row in sale.tax_summary:
        post(f"{SALES_ACCOUNT}.{row.tax_class.tax_class_id}", -row.amounts.net_minor)
        post(f"{TAX_ACCOUNT}.{row.tax_class.tax_class_id}", -row.amounts.tax_minor)
    post(ROUNDING_ACCOUNT, -sale.rounding_minor)
    return require_balanced(
        tuple(
            Posting(account, amount_minor, sale.currency)
            for account, amount_minor in sorted(moved.items())
            if amount_minor
        )
    )


def postings_of_money_back(account: str, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Return the postings of money given back on a tender of a sale: its account gives, `refunds` gains.

    Args:
        account: the one the tender was posted to.
        amount_minor: what was given back; positive.
        currency: of the amount, ISO 4217.

    Raises:
        ValueError: there is nothing to give.
    """
    if amount_minor <= 0:
        raise ValueError(f"{amount_minor} is nothing to give back")
    moved = sorted(((account, -amount_minor), (REFUNDS_ACCOUNT, amount_minor)))
    return require_balanced(tuple(Posting(name, amount, currency) for name, amount in moved))
