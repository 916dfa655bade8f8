"""Member tenders: points and stored value of the member who is named; nobody types a number for them.

The provider is told the `member_id`, the account of both. Points pay in whole steps, at most the shop's part of a sale
and at most what the member has; what was paid with points before in the same sale counts.
"""

from app.checkout.counter import Counter
from app.checkout.member_ports import MemberTerms
from app.members.points import BadPoints
from app.payments.tendering import Balance, TenderRefused
from app.payments.tenders import TenderType
from app.sales.basket import Basket
from app.values.money import format_minor, parse_minor
from app.values.wording import Wording, wording


def is_members(counter: Counter, tender_type_id: str) -> bool:
    """Return whether a tender is the points or the stored value of members."""
    terms = counter.members.terms
    return terms is not None and tender_type_id in {terms.points_tender_id, terms.value_tender_id} - {""}


def account_of(counter: Counter, basket: Basket, kind: TenderType) -> str:
    """Return whose account a tender is taken from.

    Raises:
        TenderRefused: nobody is named, the member is blocked, or the keeper of the accounts cannot be asked.
    """
    path = counter.payments.path(kind.tender_type_id)
    if path is not None and path.away is not None:
        raise TenderRefused(path.away)
    member = basket.member
    if member is None:
        raise TenderRefused(wording("Scan the member's code first: {tender} is the member's.", tender=kind.name))
    if member.blocked:
        raise TenderRefused(wording("{tender} cannot be used for this member. Take another tender.", tender=kind.name))
    return member.member_id


def amount_of(counter: Counter, basket: Basket, kind: TenderType, balance: Balance, text: str) -> int:
    """Return what is to be paid from the account: what was typed, or the most that it can pay.

    Raises:
        BadAmount: what was typed is no amount.
        BadPoints: no whole number of steps pays exactly that.
        TenderRefused: it is more than can be paid so, or there is nothing to pay with.
    """
    most = most_minor(counter, basket, kind, balance)
    typed = parse_minor(text, counter.settings.currency) if text.strip() else None
    terms = counter.members.terms
    if terms is None or kind.tender_type_id != terms.points_tender_id:
        # What the account really has is its keeper's word; what the till knew may be old.
        return typed if typed is not None else (most or balance.left_minor)
    if not most:
        raise TenderRefused(wording("The member's points do not pay any of this sale. Take another tender."))
    amount = most if typed is None else typed
    if amount > most:
        currency = counter.settings.currency
        shown = f"{currency.symbol}{format_minor(most, currency)}"
        raise BadPoints(wording("At most {amount} can be paid with points here.", amount=shown))
    terms.points_tender.points_for(amount)
    return amount


def most_minor(counter: Counter, basket: Basket, kind: TenderType, balance: Balance) -> int:
    """Return the most that can be paid from the member's account, as far as the till knows it."""
    terms, member = counter.members.terms, basket.member
    if terms is None or member is None or member.blocked:
        return 0
    if kind.tender_type_id != terms.points_tender_id:
        return max(0, min(member.value_minor - _paid(basket, kind.tender_type_id), balance.left_minor))
    return _most_with_points(terms, basket, member.points, balance)


def _most_with_points(terms: MemberTerms, basket: Basket, points: int, balance: Balance) -> int:
    rule = terms.points_tender
    used = _paid(basket, terms.points_tender_id) * rule.points // rule.minor
    payable = balance.left_minor * rule.points // rule.minor
    most = min(rule.most_for(balance.due_minor, points) - used, payable) // rule.step * rule.step
    return rule.worth(most) if most >= max(rule.least, 1) else 0


def _paid(basket: Basket, tender_type_id: str) -> int:
    return sum(tender.applied_minor for tender in basket.tenders if tender.tender_type_id == tender_type_id)


def refusal(counter: Counter, basket: Basket, kind: TenderType, balance: Balance) -> Wording | None:
    """Return why a member's tender cannot be used now; None where it can."""
    member = basket.member
    if member is None:
        return wording("Name the member first")
    if member.blocked:
        return wording("Not for this member")
    most = most_minor(counter, basket, kind, balance)
    terms = counter.members.terms
    if terms is not None and kind.tender_type_id == terms.points_tender_id:
        return None if most else wording("Too few points for this sale")
    # Old figures keep nobody from trying.
    return None if most or member.as_of is not None else wording("No stored value left")
