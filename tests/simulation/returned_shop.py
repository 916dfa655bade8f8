"""The returns of random sales in random parts and order, every step held against what was stored.

A basket that fails can be looked at again: `python -m tests.simulation.returned_shop NUMBER`.
"""

import sys
from collections import Counter
from dataclasses import dataclass, field, replace

from app.members.coupon_life import RedemptionState
from app.members.coupons import ReturnRule
from app.members.holds import GiveBackState
from app.members.ledger_entries import Part
from app.members.ports import ReturnFacts
from app.sales.returning import ReturnedGoods, ReturnedSoFar, return_facts, take_back
from tests.simulation.sold_shop import BONUS, MEMBER, NOON, PAID_IN, POINTS_AT_FIRST, TODAY, Figures, SoldBasket


class ReturnedBasket(SoldBasket):
    """One basket, until all of it is back."""

    def bring_back(self) -> Figures:
        """Bring all of it back in random parts, and hold every step against what was stored."""
        so_far = ReturnedSoFar()
        parts = self._parts()
        self.draw.shuffle(parts)
        back: Counter[int] = Counter()
        lines = _Sums()
        visit = 0
        while parts:
            now: Counter[int] = Counter()
            for number, quantity in [parts.pop() for _ in range(min(len(parts), self.draw.choice((1, 1, 2, 4))))]:
                # A deposit may have come along with its line meanwhile.
                now[number] += min(quantity, self._sold_of(number) - back[number] - now[number])
            now = Counter({number: quantity for number, quantity in now.items() if quantity})
            if not now:
                continue
            visit += 1
            goods = take_back(self.sale, so_far, now, self.terms)
            for one in goods.lines:
                back[one.line_number] += one.quantity_thousandths
            for number in list(now):
                now[number] = min(now[number], self._sold_of(number) - back[number])
            lines.add(goods)
            self._check_step(goods, lines, so_far)
            fails = bool(parts) and self.draw.random() < 0.05 and not goods.whole_sale
            so_far = self._given(goods, visit, so_far, fails=fails)
            self._tell(return_facts(goods, f"ret-{visit}", "0001-02", NOON, TODAY))
        assert goods.whole_sale
        self._check_end(goods, lines)
        self.figures.visits = visit
        return self.figures

    def _sold_of(self, number: int) -> int:
        return self.sale.lines[number - 1].quantity_thousandths

    def _parts(self) -> list[tuple[int, int]]:
        parts = []
        for line in self.sale.lines:
            left = line.quantity_thousandths
            while left:
                most = left if line.unit.divisible else left // 1000
                part = self.draw.choice((most, self.draw.randint(1, most))) if most else left
                part = part if line.unit.divisible else part * 1000
                parts.append((line.line_number, part))
                left -= part
        return parts

    def _given(self, goods: ReturnedGoods, visit: int, before: ReturnedSoFar, *, fails: bool) -> ReturnedSoFar:
        if fails:
            # Nothing went back: what failed is owed still.
            self.figures.seen["refunds that failed"] += 1
            return replace(goods.after, tenders=before.tenders)
        for one in goods.tenders:
            kind, name = one.tender.tender_type_id, f"g-{visit}"
            if kind == "points":
                points = self.points_tender.given_back(
                    self.points_tender.points_for(one.tender.applied_minor),
                    one.tender.applied_minor,
                    one.before_minor,
                    one.amount_minor,
                )
                assert self.points.give_back("p-hold", name, points, self.when).state is GiveBackState.DONE
            elif kind == "stored_value":
                answer = self.value.give_back("v-hold", name, one.amount_minor, self.when)
                assert answer.state is GiveBackState.DONE
        return goods.after

    def _tell(self, facts: ReturnFacts) -> None:
        if facts.points:
            taken = self.points.take_back(facts.return_id, MEMBER, facts.sale_id, facts.points, self.when)
            assert (taken.points, taken.owed, taken.excused, taken.excess) == (facts.points, 0, 0, 0)
        for redemption_id, coupon_id, outcome in facts.coupons:
            life = self.lives[redemption_id]
            assert life.coupon_id == coupon_id
            known = life.find(redemption_id)
            assert known is not None
            assert known.come_back is None, "a coupon is decided once"
            self.lives[redemption_id] = life.come_back(redemption_id, outcome)
            self.figures.seen[f"coupons {outcome.value}"] += 1

    def _check_step(self, goods: ReturnedGoods, lines: "_Sums", before: ReturnedSoFar) -> None:
        for one in goods.lines:
            assert one.refund_minor >= 0
            assert one.extended_minor >= 0
            assert 0 <= one.tax.tax_minor <= one.refund_minor
            assert all(share.amount_minor > 0 for share in one.discounts)
        for number, refund in lines.refund.items():
            assert refund <= self.sale.lines[number - 1].tax.gross_minor
        given = dict(goods.after.tenders)
        for tender in self.sale.tenders:
            assert given.get(tender.tender_id, 0) <= tender.applied_minor
        assert sum(given.values()) <= self.sale.due_minor
        # At most the coin that there is not stands between what goods are worth and what was given for them.
        assert sum(given.values()) < lines.worth + self.rounding.step_minor + max(0, goods.rounding_minor)
        others = [one for one in self.sale.tenders if one.tender_type_id != "cash"]
        if any(one.tender.tender_type_id == "cash" for one in goods.tenders):
            assert all(given.get(one.tender_id, 0) == one.applied_minor for one in others), "cash goes last"
        for back in goods.coupons:
            stays = back.use.cost_minor - back.returned_minor
            assert stays >= 0
            assert (back.outcome is None) == (stays > 0), "a coupon comes back with the last of what it gave"
        assert goods.open_before_minor + goods.goods_minor + goods.rounding_minor - goods.refund_minor == (
            goods.open_after_minor
        )
        assert sum(amount for _, amount in before.tenders) + goods.refund_minor == sum(given.values())

    def _check_end(self, goods: ReturnedGoods, lines: "_Sums") -> None:
        sale = self.sale
        for line in sale.lines:
            number = line.line_number
            assert lines.extended[number] == line.extended_minor
            assert lines.refund[number] == line.tax.gross_minor
            assert lines.tax[number] == line.tax.tax_minor
            for share in line.discounts:
                assert lines.shares[number, share.discount_id] == share.amount_minor
        assert dict(goods.after.tenders) == {
            one.tender_id: one.applied_minor for one in sale.tenders if one.applied_minor
        }
        assert sum(dict(goods.after.tenders).values()) == sale.due_minor
        assert goods.open_after_minor == 0
        assert sum(lines.points.values()) == self.earned
        assert lines.bought == (sale.member.bought_minor if sale.member is not None else lines.bought)
        # The ledgers end where they began.
        assert self.points.spendable(MEMBER, TODAY) == POINTS_AT_FIRST
        assert self.points.owed(MEMBER) == 0
        assert self.value.free_of(MEMBER, Part.PAID, TODAY) == PAID_IN
        assert self.value.free_of(MEMBER, Part.BONUS, TODAY) == BONUS
        rule = {one.redemption_id: one.on_return for one in sale.coupons}
        for redemption_id, life in self.lives.items():
            used = redemption_id in rule
            assert life.uses_left == (0 if used and rule[redemption_id] is ReturnRule.VOID else 1)
            known = life.find(redemption_id)
            assert known is not None
            assert known.state is (RedemptionState.REDEEMED if used else RedemptionState.RELEASED)


@dataclass
class _Sums:
    """What came back so far, added up apart from what is tested."""

    extended: Counter[int] = field(default_factory=Counter)
    refund: Counter[int] = field(default_factory=Counter)
    tax: Counter[int] = field(default_factory=Counter)
    points: Counter[int] = field(default_factory=Counter)
    shares: Counter[tuple[int, str]] = field(default_factory=Counter)
    bought: int = 0

    @property
    def worth(self) -> int:
        return sum(self.refund.values())

    def add(self, goods: ReturnedGoods) -> None:
        self.bought += goods.bought_minor
        for one in goods.lines:
            self.extended[one.line_number] += one.extended_minor
            self.refund[one.line_number] += one.refund_minor
            self.tax[one.line_number] += one.tax.tax_minor
            self.points[one.line_number] += one.points
            for share in one.discounts:
                self.shares[one.line_number, share.discount_id] += share.amount_minor


def run(numbers: range) -> Figures:
    """Sell and bring back the baskets of these numbers; raises with the number of the one that drifts."""
    figures = Figures()
    for number in numbers:
        try:
            figures.add(ReturnedBasket(number).bring_back())
        except Exception as error:
            raise AssertionError(f"basket {number}: {error!r}") from error
    return figures


if __name__ == "__main__":
    ReturnedBasket(int(sys.argv[1])).bring_back()
