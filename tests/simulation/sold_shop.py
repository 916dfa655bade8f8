"""Random sales of the sample store with members, coupons and points; everything is drawn from the basket's number."""

import csv
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

from app.members.coupon_life import CouponLife
from app.members.coupons import Benefit, BenefitKind, CouponForm, Proof, ReturnRule
from app.members.earning import Earned, EarningLine, EarningRule, PointsRounding, points_earned
from app.members.holds import HoldState
from app.members.ledger_entries import POINTS_UNIT
from app.members.lot_book import When
from app.members.points import EarnMessage, PointsBook, PointsTender
from app.members.stored_value import LoadMessage, SpendingOrder, ValueBook
from app.members.tiers import Tier
from app.payments.cash import CashRounding, RoundingRule
from app.payments.tendering import balance_of, take_tender
from app.payments.tenders import Tendered, TenderType
from app.promotions.offers import Bundle
from app.promotions.rules import Rules, read_rules
from app.promotions.solving import Effort
from app.sales.basket import Basket, BasketLine, DiscountKind, GivenDiscount
from app.sales.completion import SellingPlace, Settled, sale_of
from app.sales.coupon_offers import OfferBook
from app.sales.dealing import work_out
from app.sales.postings import postings_of
from app.sales.pricing import price_basket
from app.sales.refund_tenders import RefundTerms
from app.sales.sale import PriceSource, Sale
from app.sales.shopper import BasketCoupon, BasketMember, CouponHold
from app.values.money import CNY
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText

STORE = Path(__file__).resolve().parents[2] / "resources" / "sample_store"
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)
MEMBER = "m-1"
PLACE = SellingPlace(1, 1, "0001-01", "session", TODAY, "1001", "王芳")
POINTS = TenderType("points", LocalizedText("积分"), "points")
VALUE = TenderType("stored_value", LocalizedText("储值"), "stored_value")
WALLET = TenderType("wechat", LocalizedText("微信支付"), "wechat")
CASH = TenderType("cash", LocalizedText("现金"), "cash_drawer", change_given=True, rounds_cash=True)
POINTS_AT_FIRST, PAID_IN, BONUS = 200_000, 300_00, 50_00
FAR = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Product:
    """What a basket needs of a product."""

    product_id: str
    name: str
    department_id: str
    tax_class: TaxClass
    weighed: bool
    price: int
    deposit: str
    discountable: bool


class Shop:
    """The sample store, read once."""

    def __init__(self) -> None:
        rates = {row["tax_class_id"]: row for row in _table("tax_classes")}
        self.products: dict[str, Product] = {}
        for row in _table("products"):
            if row["blocked"] or not row["price"]:
                continue
            tax = rates[row["tax_class"]]
            self.products[row["product_id"]] = Product(
                row["product_id"],
                row["name"],
                row["department"],
                TaxClass(
                    tax["tax_class_id"],
                    int(Fraction(tax["rate_percent"] or "0") * 100),
                    included=tax["included"] == "yes",
                ),
                row["unit"] == "kg",
                int(Fraction(row["price"]) * 100),
                row["deposit_product"],
                row["discountable"] == "yes",
            )
        self.rules: Rules = read_rules((STORE / "promotions.toml").read_bytes())
        self.book = OfferBook(self.rules)
        self.promoted = [
            [name for name in names if name in self.products]
            for offer in self.rules.offers
            for names in ([part.goods.products for part in offer.form.parts] if isinstance(offer.form, Bundle) else [])
            or [offer.goods.products]
        ]
        self.promoted = [names for names in self.promoted if names]
        self.names = sorted(self.products)
        self.with_deposit = [name for name in self.names if self.products[name].deposit in self.products]
        self.keys = sorted({offer.who.coupon for offer in self.rules.offers} - {""})


def _table(name: str) -> list[dict[str, str]]:
    with (STORE / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@cache
def shop() -> Shop:
    """Return the sample store."""
    return Shop()


@dataclass
class Figures:
    """What a run of baskets came to."""

    baskets: int = 0
    visits: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Figures") -> None:
        """Add the figures of other baskets."""
        self.baskets += other.baskets
        self.visits += other.visits
        self.seen += other.seen


class SoldBasket:
    """One basket, from its first line until the ledgers have heard of its sale."""

    def __init__(self, number: int) -> None:
        self.draw = Random(number)
        self.number = number
        self.shop = shop()
        self.figures = Figures(baskets=1)
        step, rule = self.draw.choice(
            ((1, RoundingRule.NEAREST), (5, RoundingRule.NEAREST), (10, RoundingRule.NEAREST))
        )
        if step > 1 and self.draw.random() < 0.5:
            rule = RoundingRule.DOWN
        self.rounding = CashRounding(step, rule)
        self.terms = RefundTerms("points", "stored_value", self.rounding)
        self.points_tender = PointsTender()
        order = self.draw.choice(tuple(SpendingOrder))
        self.points, self.value = PointsBook(), ValueBook(order=order)
        self.when = When(NOON, TODAY)
        self.points.open("first", MEMBER, self.when)
        self.points.earn(EarnMessage("first", MEMBER, POINTS_AT_FIRST, date(2027, 12, 31)), self.when)
        self.value.load(LoadMessage("load", MEMBER, PAID_IN, BONUS, date(2027, 6, 30)), self.when)
        self.basket = self._dealt(self._rung_up())
        self.lives = self._reserved()
        self.sale = self._sold()
        self._told()

    # The sale.

    def _rung_up(self) -> Basket:
        draw = self.draw
        lines: list[BasketLine] = []
        for name in self._chosen():
            product = self.shop.products[name]
            self._add(lines, product, deposit_of=None)
            deposit = self.shop.products.get(product.deposit)
            if deposit is not None:
                self._add(lines, deposit, deposit_of=lines[-1].line_id)
        member = None
        if draw.random() < 0.7:
            member = BasketMember(
                MEMBER,
                tier_id=draw.choice(("", "member", "gold", "diamond", "staff")),
                points=POINTS_AT_FIRST,
                value_minor=PAID_IN + BONUS,
                birthday=draw.choice((None, (11, 22), (11, 3), (2, 29))),
                first_purchase=draw.random() < 0.1,
            )
        return Basket(
            f"sale-{self.number}",
            NOON + timedelta(minutes=draw.randrange(600)),
            "1001",
            "CNY",
            lines=tuple(lines),
            discounts=tuple(self._by_hand(f"basket-{one}") for one in range(draw.choice((0, 0, 0, 1, 2)))),
            member=member,
            coupons=tuple(self._coupon(one, lines) for one in range(draw.choice((0, 0, 1, 1, 2, 3)))),
        )

    def _chosen(self) -> list[str]:
        draw = self.draw
        names: list[str] = []
        for _ in range(draw.choice((1, 2, 3, 4, 6, 9, 14))):
            kind = draw.random()
            if kind < 0.6:
                names += draw.choices(draw.choice(self.shop.promoted), k=draw.choice((1, 1, 2, 3)))
            elif kind < 0.7 and self.shop.with_deposit:
                names.append(draw.choice(self.shop.with_deposit))
            else:
                names.append(draw.choice(self.shop.names))
        return names

    def _add(self, lines: list[BasketLine], product: Product, deposit_of: int | None) -> None:
        draw = self.draw
        quantity = draw.randint(40, 2500) if product.weighed else 1000 * draw.choice((1, 1, 1, 2, 3, 4, 7))
        if deposit_of is not None:
            quantity = lines[-1].quantity_thousandths
        source, price, label, tax = PriceSource.BOOK, product.price, None, product.tax_class
        chance = draw.random()
        if deposit_of is None and chance < 0.04:
            source, price = PriceSource.OVERRIDE, draw.randrange(max(1, product.price))
        elif product.weighed and chance < 0.2:
            source, label = PriceSource.LABEL, draw.randint(1, 4000)
        elif deposit_of is None and chance > 0.97:
            tax = TaxClass("excise", 800, included=False)
        lines.append(
            BasketLine(
                line_id=len(lines) + 1,
                product_id=product.product_id,
                name=LocalizedText(product.name),
                department_id=product.department_id,
                unit=SellingUnit.KILOGRAM if product.weighed else SellingUnit.EACH,
                tax_class=tax,
                quantity_thousandths=quantity,
                list_price_minor=product.price,
                unit_price_minor=price,
                price_source=source,
                label_amount_minor=label,
                discount=self._by_hand(f"line-{len(lines)}") if draw.random() < 0.06 else None,
                discountable=product.discountable and deposit_of is None,
                deposit_of=deposit_of,
                expiry=TODAY + timedelta(days=draw.randint(0, 9)) if draw.random() < 0.1 else None,
            )
        )

    def _by_hand(self, discount_id: str) -> GivenDiscount:
        if self.draw.random() < 0.5:
            return GivenDiscount(discount_id, DiscountKind.PERCENT, self.draw.randint(1, 4000), "torn")
        return GivenDiscount(discount_id, DiscountKind.AMOUNT, self.draw.randint(1, 900), "torn")

    def _coupon(self, number: int, lines: list[BasketLine]) -> BasketCoupon:
        draw = self.draw
        product = draw.choice(lines).product_id if draw.random() < 0.8 else draw.choice(self.shop.names)
        least = draw.choice((0, 1000, 5000))
        benefit = draw.choice(
            (
                Benefit(BenefitKind.AMOUNT, minor=draw.randint(1, 1000), least_minor=least),
                Benefit(BenefitKind.PERCENT, basis_points=draw.randint(1, 5000), most_minor=draw.choice((0, 700))),
                Benefit(BenefitKind.PRODUCT, minor=draw.randint(0, 300), product_id=product, quantity_thousandths=2000),
                Benefit(BenefitKind.GIFT, product_id=product, quantity_thousandths=1000, least_minor=least),
                Benefit(BenefitKind.FREE_DELIVERY),
            )
        )
        return BasketCoupon(
            redemption_id=f"r-{number}",
            coupon_id=f"c-{number}",
            form_id=f"form {draw.choice('ab')}",
            name=LocalizedText("券"),
            benefit=benefit,
            proof=draw.choice(tuple(Proof)),
            hold=CouponHold.RESERVED,
            on_return=draw.choice(tuple(ReturnRule)),
            promotion_id=draw.choice(self.shop.keys) if draw.random() < 0.3 else "",
            stackable=True,
        )

    def _dealt(self, basket: Basket) -> Basket:
        effort = Effort.IMPROVED if self.draw.random() < 0.1 else Effort.GREEDY
        return replace(basket, deal=work_out(basket, self.shop.book, effort, explained=False).deal)

    def _reserved(self) -> dict[str, CouponLife]:
        lives = {}
        for one in self.basket.coupons:
            form = CouponForm(
                one.form_id, one.name, one.benefit, NOON - timedelta(days=9), FAR, on_return=one.on_return
            )
            lives[one.redemption_id] = CouponLife.issued(one.coupon_id, form, MEMBER).reserve(
                one.redemption_id, MEMBER, NOON
            )
        return lives

    def _sold(self) -> Sale:
        draw = self.draw
        due = price_basket(self.basket).gross_minor
        settled = Settled((), 0, 0, NOON)
        member = self.basket.member is not None
        if member and due >= 200 and draw.random() < 0.5:
            points = draw.randint(100, self.points_tender.most_for(due, POINTS_AT_FIRST)) // 100 * 100
            settled = self._pay(settled, due, POINTS, self.points_tender.worth(points))
            assert self.points.hold("p-hold", MEMBER, points, POINTS_UNIT, self.when).state is HoldState.HELD
        if member and draw.random() < 0.5:
            room = min(PAID_IN + BONUS, due - sum(one.applied_minor for one in settled.tenders))
            if room:
                paid = draw.randint(1, room)
                settled = self._pay(settled, due, VALUE, paid)
                assert self.value.hold("v-hold", MEMBER, paid, "CNY", self.when).state is HoldState.HELD
        left = due - sum(one.applied_minor for one in settled.tenders)
        if left > 1 and draw.random() < 0.6:
            settled = self._pay(settled, due, WALLET, draw.randint(1, left))
            left = due - sum(one.applied_minor for one in settled.tenders)
        if left or not settled.tenders:
            settled = self._pay_cash(settled, due, left)
        earned, ends = self._earned(settled), date(2027, 11, 30)
        sale = sale_of(self.basket, PLACE, replace(settled, earned=earned, points_end_on=ends))
        postings_of(sale)
        return sale

    def _pay_cash(self, settled: Settled, due: int, left: int) -> Settled:
        step, draw = self.rounding.step_minor, self.draw
        if left > 10 * step and draw.random() < 0.2:
            settled = self._pay(settled, due, CASH, draw.randint(1, left // step - 1) * step)
        rounded = self.rounding.apply(due - sum(one.applied_minor for one in settled.tenders))
        return self._pay(settled, due, CASH, rounded + draw.choice((0, 0, 10 * step)) if rounded else 0)

    def _pay(self, settled: Settled, due: int, kind: TenderType, amount: int) -> Settled:
        taken = take_tender(
            kind,
            amount,
            balance_of(due, settled.tenders),
            self.rounding,
            tender_id=len(settled.tenders) + 1,
            currency=CNY,
        )
        tenders: tuple[Tendered, ...] = settled.tenders
        if taken.tendered is not None:
            tenders = (*tenders, taken.tendered)
        return replace(settled, tenders=tenders, change_minor=taken.change_minor, rounding_minor=taken.rounding_minor)

    def _earned(self, settled: Settled) -> Earned | None:
        member = self.basket.member
        if member is None:
            return None
        rule = EarningRule(
            points=self.draw.choice((1, 3)),
            per_minor=self.draw.choice((100, 10)),
            rounding=self.draw.choice(tuple(PointsRounding)),
            excluded_departments=frozenset({"tobacco"}),
        )
        lines = [
            EarningLine(
                number,
                one.line.product_id,
                one.line.department_id,
                one.tax.gross_minor,
                counts=one.line.discountable and one.line.deposit_of is None,
            )
            for number, one in enumerate(price_basket(self.basket).lines, 1)
        ]
        paid = sum(one.applied_minor for one in settled.tenders if one.tender_type_id == "points")
        return points_earned(lines, rule, Tier("t", LocalizedText("t"), 0), TODAY, paid_with_points_minor=paid)

    def _told(self) -> None:
        """Tell the ledgers of the sale, as headquarters would be."""
        sale = self.sale
        self.points.capture("p-hold", self.when)
        self.value.capture("v-hold", self.when)
        self.earned = sale.member.points_earned if sale.member is not None else 0
        if sale.member is not None and self.earned:
            self.points.earn(EarnMessage(sale.sale_id, MEMBER, self.earned, sale.member.points_end_on), self.when)
        for use in sale.coupons:
            self.lives[use.redemption_id] = self.lives[use.redemption_id].redeem(
                use.redemption_id, MEMBER, sale.sale_id, use.cost_minor, NOON
            )
        for gone in sale.released:
            self.lives[gone.redemption_id] = self.lives[gone.redemption_id].release(gone.redemption_id)
        told = {use.redemption_id for use in sale.coupons} | {gone.redemption_id for gone in sale.released}
        assert told == set(self.lives)
        seen = self.figures.seen
        seen["offers"] += len(sale.promotions.offers) if sale.promotions else 0
        seen["coupons used"] += len(sale.coupons)
        seen["coupons let go"] += len(sale.released)
        seen["with member"] += sale.member is not None
        seen["points earned"] += self.earned
        seen["rounded"] += sale.rounding_minor != 0
        for tender in sale.tenders:
            seen[f"paid by {tender.tender_type_id}"] += 1
