"""The best deal for a basket: what each line costs, which offers were given, which almost, which not and why."""

from dataclasses import dataclass

from app.promotions.almost import Hint, almost
from app.promotions.basket_layer import shares_of
from app.promotions.baskets import OfferBasket, OfferLine
from app.promotions.candidates import Each
from app.promotions.case import Case, make_case
from app.promotions.explaining import why_not_given
from app.promotions.proration import SharedLine
from app.promotions.rules import Rules, offer_name
from app.promotions.saying import say_given
from app.promotions.solving import Answer, Effort, solve
from app.values.wording import LocalizedText, Wording


@dataclass(frozen=True, slots=True)
class OfferShare:
    """What one offer takes off one line."""

    offer_id: str
    name: LocalizedText
    amount_minor: int
    """Positive."""

    reason: Wording


@dataclass(frozen=True, slots=True)
class LineDeal:
    """A line with what the offers took off."""

    line: OfferLine
    shares: tuple[OfferShare, ...]
    """Item offers first, then basket offers in their order."""

    @property
    def extended_minor(self) -> int:
        """Before offers."""
        return self.line.extended_minor

    @property
    def saving_minor(self) -> int:
        """What all offers took off."""
        return sum(share.amount_minor for share in self.shares)

    @property
    def total_minor(self) -> int:
        """After offers."""
        return self.extended_minor - self.saving_minor

    @property
    def shared(self) -> SharedLine:
        """The line as a return looks at it."""
        amounts = tuple(share.amount_minor for share in self.shares)
        return SharedLine(self.extended_minor, amounts, self.line.quantity_thousandths, self.line.pieces)


@dataclass(frozen=True, slots=True)
class GivenOffer:
    """An offer that was given."""

    offer_id: str
    name: LocalizedText
    times: int
    """Pieces for percent, amount and price; times for every other form."""

    saving_minor: int
    reason: Wording
    lines: tuple[tuple[int, int], ...]
    """Line id and amount."""

    coupon_ids: tuple[str, ...] = ()
    """The coupons it uses up."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A basket with its offers."""

    rules_version: str
    effort: Effort
    proven: bool
    """Whether nothing can save the shopper more; only the exact answer can say so."""

    currency: str
    lines: tuple[LineDeal, ...]
    """In the basket's own order."""

    given: tuple[GivenOffer, ...]
    almost: tuple[Hint, ...]
    not_given: tuple[Hint, ...]

    @property
    def subtotal_minor(self) -> int:
        """Before offers."""
        return sum(line.extended_minor for line in self.lines)

    @property
    def saving_minor(self) -> int:
        """What the shopper saves."""
        return sum(line.saving_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """After offers."""
        return self.subtotal_minor - self.saving_minor


def best_deal(basket: OfferBasket, rules: Rules, effort: Effort = Effort.IMPROVED, *, explained: bool = True) -> Deal:
    """Price a basket under the rules; without the explanation where only amounts are wanted."""
    case = make_case(basket, rules)
    answer = solve(case, effort)
    given = _given(case, answer, basket)
    shares: dict[int, list[OfferShare]] = {}
    for offer in given:
        for line_id, amount in offer.lines:
            shares.setdefault(line_id, []).append(OfferShare(offer.offer_id, offer.name, amount, offer.reason))
    return Deal(
        rules_version=rules.version,
        effort=effort,
        proven=answer.proven,
        currency=rules.currency,
        lines=tuple(LineDeal(line, tuple(shares.get(line.line_id, ()))) for line in basket.lines),
        given=given,
        almost=almost(case, answer) if explained else (),
        not_given=why_not_given(case, answer, basket.shopper) if explained else (),
    )


def _given(case: Case, answer: Answer, basket: OfferBasket) -> tuple[GivenOffer, ...]:
    """Add up what was given, by offer: item offers by id, then basket offers in their order."""
    amounts: dict[int, dict[int, int]] = {}
    times: dict[int, int] = {}
    for application in answer.applications:
        candidate = case.candidates[application.candidate]
        by_line = amounts.setdefault(candidate.number, {})
        for line, share in shares_of(case, application):
            by_line[line] = by_line.get(line, 0) + share * application.times
        each = sum(count for _, count in application.takes) if isinstance(candidate, Each) else 1
        times[candidate.number] = times.get(candidate.number, 0) + each * application.times
    order = sorted(amounts)
    for decision in answer.decisions:
        number = case.basket_candidates[decision.candidate].number
        order.append(number)
        times[number] = decision.times
        by_line = amounts[number] = {}
        for line, share in decision.shares:
            by_line[line] = by_line.get(line, 0) + share
    left = {coupon.coupon_id: coupon for coupon in basket.shopper.coupons}
    given = []
    for number in order:
        offer = case.rules.offers[number]
        by_line = {line: share for line, share in sorted(amounts[number].items()) if share}
        key = offer.who.coupon
        used = [one.coupon_id for one in left.values() if key and one.key == key][: times[number]]
        for coupon_id in used:
            del left[coupon_id]
        given.append(
            GivenOffer(
                offer_id=offer.id,
                name=offer_name(offer),
                times=times[number],
                saving_minor=sum(by_line.values()),
                reason=say_given(offer, times[number], sum(by_line.values()), case.rules.currency),
                lines=tuple((case.lines[line].line_id, share) for line, share in by_line.items()),
                coupon_ids=tuple(used),
            )
        )
    return tuple(given)
