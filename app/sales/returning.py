"""What comes back of a sale, line by line and tender by tender: worked out from what was stored, never priced again.

The rules. In any parts, any order and any number of visits:

1. A line pays back what it cost, by its stored discount shares (`app.promotions.proration`): the parts of a line sum to
   what was charged, and no part is below zero. Its tax goes back in proportion to that, rounded half up on what has
   come back so far, so that the parts sum to the line's tax.
2. A deposit follows its line: with the bottle its deposit. It may come back sooner, by itself, and not twice.
3. The cash rounding of a sale goes back with the last part of it. Where it was in the shopper's favour, nothing beyond
   what was paid is given back before that either.
4. What is given back on each visit is what all that has come back is worth, less what was given back already; so a
   refund that failed is owed still, and money that was given back ahead of the goods is counted. Visits with nothing
   left to give give nothing.
5. It goes back the way it came: first points as points, then stored value to its account, then the other tenders in
   the order in which they were taken, cash last, each up to what was paid with it. So nobody turns points, a bonus or a
   card into cash. Cash goes in the coins that exist; what that leaves over comes with the next part.
6. Points that a line had earned are taken back by quantity (`app.members.returns`), and its cost counts no more
   towards a tier.
7. A coupon comes back, or is void, by its own rule once all that it had taken off has come back. Where one offer used
   several coupons, they are filled one after the other, in the order of the sale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.members.coupons import CouponUse, ReturnRule, outcome_of_return
from app.members.ports import ReturnFacts
from app.members.returns import share_of_part
from app.promotions.proration import SharedLine, give_back
from app.sales.refund_tenders import RefundTerms, TenderRefund, split_refund
from app.sales.sale import DiscountShare, Sale, SaleLine
from app.values.problems import Problem
from app.values.quantity import ONE, format_thousandths
from app.values.rounding import divide_half_up
from app.values.tax import TaxAmounts
from app.values.wording import wording


class ReturnRefused(Problem):
    """Raised when goods cannot come back as it was said; nothing was taken back."""

    code = "RETURN-REFUSED"


@dataclass(frozen=True, slots=True)
class ReturnedSoFar:
    """What came back of a sale, and what was given back for it."""

    goods: tuple[tuple[int, int], ...] = ()
    """Line number and thousandths."""

    tenders: tuple[tuple[int, int], ...] = ()
    """Tender's number and minor units: what was given back or is on its way, whether for goods or not."""


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What came back of one line."""

    line_number: int
    quantity_thousandths: int
    extended_minor: int
    """Before discounts."""

    discounts: tuple[DiscountShare, ...]
    """What the discounts had taken off this part."""

    tax: TaxAmounts
    """Split of what is paid back; its gross is the refund."""

    points: int = 0
    """What this part had earned."""

    @property
    def refund_minor(self) -> int:
        """What is paid back for it; never below zero."""
        return self.tax.gross_minor


@dataclass(frozen=True, slots=True)
class CouponBack:
    """How a coupon of the sale stands after the return."""

    use: CouponUse
    returned_minor: int
    """Of what it took off, all that has come back so far."""

    outcome: ReturnRule | None
    """What becomes of it; None while part of what it gave stays with the shopper."""

    decided_now: bool
    """Whether this return decided it."""


@dataclass(frozen=True, slots=True)
class ReturnedGoods:
    """One return, worked out."""

    sale_id: str
    member_id: str
    """Empty where nobody was named."""

    lines: tuple[ReturnedLine, ...]
    """In the order of the receipt, deposits that follow among them."""

    rounding_minor: int
    """What the sale's rounding adds to what the goods are worth; with the last part all of it went back."""

    open_before_minor: int
    """What was still owed for earlier returns; below zero where money was given back ahead of the goods."""

    tenders: tuple[TenderRefund, ...]
    """How it is given back, in that order; each is more than nothing."""

    bought_minor: int
    """What counts no more towards tiers."""

    coupons: tuple[CouponBack, ...]
    """Every coupon of the sale."""

    whole_sale: bool
    """Whether nothing of the sale is left with the shopper."""

    after: ReturnedSoFar
    """What the next return has to know."""

    @property
    def goods_minor(self) -> int:
        """What the goods are worth that came back."""
        return sum(line.refund_minor for line in self.lines)

    @property
    def refund_minor(self) -> int:
        """What is given back now."""
        return sum(one.amount_minor for one in self.tenders)

    @property
    def open_after_minor(self) -> int:
        """What is still owed; below zero where more was given than has come back, by coins or ahead of the goods."""
        return self.open_before_minor + self.goods_minor + self.rounding_minor - self.refund_minor

    @property
    def points(self) -> int:
        """What the goods had earned."""
        return sum(line.points for line in self.lines)


def take_back(
    sale: Sale, before: ReturnedSoFar, now: Mapping[int, int], terms: RefundTerms | None = None
) -> ReturnedGoods:
    """Work out what a return gives back.

    Args:
        sale: as it was stored.
        before: what came back until now; of the last return its `after`.
        now: line number to thousandths; a deposit need not be named with its line.
        terms: how the shop gives money back.

    Raises:
        ReturnRefused: nothing comes back, or more than is left, a part of a piece, or a line that the sale has not.
        ValueError: what is said to have come back before cannot have been.
    """
    terms = terms if terms is not None else RefundTerms()
    back = _back_before(sale, before)
    coming = _with_deposits(sale, back, _asked(sale, back, now))
    points = dict(sale.member.points_shares) if sale.member is not None else {}
    lines = tuple(
        _line_back(line, back[line.line_number], coming[line.line_number], points.get(line.line_number, 0))
        for line in sale.lines
        if coming[line.line_number]
    )
    after = {number: back[number] + coming[number] for number in back}
    worth_before, worth_after = _worth(sale, back), _worth(sale, after)
    given = dict(before.tenders)
    tenders = split_refund(sale.tenders, given, worth_after - sum(given.values()), terms)
    deposits = {line.line_number for line in sale.lines if line.deposit_of_line is not None}
    for one in tenders:
        given[one.tender_id] = given.get(one.tender_id, 0) + one.amount_minor
    return ReturnedGoods(
        sale_id=sale.sale_id,
        member_id=sale.member.member_id if sale.member is not None else "",
        lines=lines,
        rounding_minor=worth_after - worth_before - sum(line.refund_minor for line in lines),
        open_before_minor=worth_before - sum(amount for _, amount in before.tenders),
        tenders=tenders,
        bought_minor=sum(line.refund_minor for line in lines if line.line_number not in deposits),
        coupons=_coupons_back(sale, back, after),
        whole_sale=_is_whole(sale, after),
        after=ReturnedSoFar(
            tuple((number, quantity) for number, quantity in after.items() if quantity), tuple(sorted(given.items()))
        ),
    )


def return_facts(
    goods: ReturnedGoods, return_id: str, till_id: str, returned_at: datetime, business_date: date
) -> ReturnFacts:
    """Return what the keeper of members and coupons is told of a committed return."""
    return ReturnFacts(
        return_id=return_id,
        sale_id=goods.sale_id,
        till_id=till_id,
        returned_at=returned_at,
        business_date=business_date,
        member_id=goods.member_id,
        returned_minor=goods.bought_minor,
        points=goods.points,
        coupons=tuple(
            (one.use.redemption_id, one.use.coupon_id, one.outcome)
            for one in goods.coupons
            if one.decided_now and one.outcome is not None
        ),
    )


def _back_before(sale: Sale, before: ReturnedSoFar) -> dict[int, int]:
    back = {line.line_number: 0 for line in sale.lines}
    sold = {line.line_number: line.quantity_thousandths for line in sale.lines}
    for number, quantity in before.goods:
        if not 0 <= quantity <= sold.get(number, -1):
            raise ValueError(f"{quantity} of line {number} cannot have come back")
        back[number] = quantity
    taken = {tender.tender_id for tender in sale.tenders}
    for tender_id, amount in before.tenders:
        if tender_id not in taken or amount < 0:
            raise ValueError(f"{amount} cannot have been given back on tender {tender_id}")
    return back


def _asked(sale: Sale, back: Mapping[int, int], now: Mapping[int, int]) -> dict[int, int]:
    """Return what comes back, checked.

    Raises:
        ReturnRefused: see `take_back`.
    """
    for number in now:
        if number not in back:
            raise ReturnRefused(wording("Line {number} is not on this receipt. Choose a line that is.", number=number))
    if not any(now.values()):
        raise ReturnRefused(wording("Nothing comes back yet. Choose the goods that the shopper brings back."))
    for line in sale.lines:
        asked = now.get(line.line_number, 0)
        left = line.quantity_thousandths - back[line.line_number]
        if asked < 0:
            raise ReturnRefused(wording("A quantity that comes back is more than zero. Type it again."))
        if asked > left:
            raise ReturnRefused(
                wording(
                    "Of {product} {left} can still come back, not {asked}. Take less back.",
                    product=line.name,
                    left=format_thousandths(left, line.unit),
                    asked=format_thousandths(asked, line.unit),
                )
            )
        if not line.unit.divisible and asked % ONE and asked != left:
            raise ReturnRefused(
                wording("{product} comes back in whole pieces. Type a whole number.", product=line.name)
            )
    return {number: now.get(number, 0) for number in back}


def _with_deposits(sale: Sale, back: Mapping[int, int], asked: Mapping[int, int]) -> dict[int, int]:
    """Add the deposits that follow their lines: at least as much of a deposit is back as of its line."""
    coming = dict(asked)
    lines = {line.line_number: line for line in sale.lines}
    for line in sale.lines:
        if line.deposit_of_line is None or not coming[line.deposit_of_line]:
            continue
        number, main = line.line_number, lines[line.deposit_of_line]
        share = (back[main.line_number] + coming[main.line_number], main.quantity_thousandths)
        due = line.quantity_thousandths * share[0] // share[1]
        if not line.unit.divisible and share[0] != share[1]:
            due -= due % ONE
        coming[number] = max(coming[number], due - back[number])
    return coming


def _shared(line: SaleLine) -> SharedLine:
    """Return a line as it was charged, in pieces where each of them costs the same."""
    pieces = 0 if line.unit.divisible or line.quantity_thousandths % ONE else line.quantity_thousandths // ONE
    if pieces and line.extended_minor % pieces:
        pieces = 0  # A label's amount for several pieces: cut by quantity, as weighed goods are.
    shares = tuple(share.amount_minor for share in line.discounts)
    return SharedLine(line.extended_minor, shares, line.quantity_thousandths, pieces)


def _line_back(line: SaleLine, before: int, now: int, points: int) -> ReturnedLine:
    shared = _shared(line)
    given = give_back(shared, before, now)
    tax = _tax_of(line, shared, before + now) - _tax_of(line, shared, before)
    net = given.refund_minor - tax if line.tax_class.included else given.refund_minor
    return ReturnedLine(
        line_number=line.line_number,
        quantity_thousandths=now,
        extended_minor=given.extended_minor,
        discounts=tuple(
            DiscountShare(share.discount_id, share.scope, share.name, share.reason, amount)
            for share, amount in zip(line.discounts, given.shares_minor, strict=True)
            if amount
        ),
        tax=TaxAmounts(net, tax, net + tax),
        points=share_of_part(points, line.quantity_thousandths, before, now),
    )


def _tax_of(line: SaleLine, shared: SharedLine, quantity_thousandths: int) -> int:
    """Return the tax on the part of a line that has come back."""
    if not shared.paid_minor:
        return 0
    return divide_half_up(
        line.tax.tax_minor * give_back(shared, 0, quantity_thousandths).refund_minor, shared.paid_minor
    )


def _worth(sale: Sale, back: Mapping[int, int]) -> int:
    """Return what has to have been given back for goods, the rounding of the sale in it."""
    if _is_whole(sale, back):
        return sale.due_minor
    worth = 0
    for line in sale.lines:
        if back[line.line_number]:
            shared = _shared(line)
            worth += give_back(shared, 0, back[line.line_number]).refund_minor
            worth += 0 if line.tax_class.included else _tax_of(line, shared, back[line.line_number])
    return min(worth, sale.due_minor)


def _is_whole(sale: Sale, back: Mapping[int, int]) -> bool:
    return all(back[line.line_number] == line.quantity_thousandths for line in sale.lines)


def _coupons_back(sale: Sale, before: Mapping[int, int], after: Mapping[int, int]) -> tuple[CouponBack, ...]:
    if not sale.coupons:
        return ()
    had, has = _taken_off(sale, before), _taken_off(sale, after)
    was_whole, is_whole = _is_whole(sale, before), _is_whole(sale, after)
    found = []
    for use in sale.coupons:
        old = outcome_of_return(use, had[use.redemption_id], whole_sale=was_whole)
        new = outcome_of_return(use, has[use.redemption_id], whole_sale=is_whole)
        found.append(CouponBack(use, has[use.redemption_id], new, decided_now=old is None and new is not None))
    return tuple(found)


def _taken_off(sale: Sale, back: Mapping[int, int]) -> dict[str, int]:
    """Return for each coupon how much of what it took off lies on goods that are back."""
    by_offer: dict[str, int] = {}
    for line in sale.lines:
        shares = give_back(_shared(line), 0, back[line.line_number]).shares_minor
        for share, amount in zip(line.discounts, shares, strict=True):
            if share.scope.is_promotion:
                by_offer[share.discount_id] = by_offer.get(share.discount_id, 0) + amount
    cost = {use.redemption_id: use.cost_minor for use in sale.coupons}
    taken_off = dict.fromkeys(cost, 0)
    for offer in sale.promotions.offers if sale.promotions is not None else ():
        left = by_offer.get(offer.offer_id, 0)
        for redemption_id in offer.redemption_ids:
            part = min(left, cost[redemption_id] - taken_off[redemption_id])
            taken_off[redemption_id] += part
            left -= part
    return taken_off
