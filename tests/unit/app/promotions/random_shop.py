"""Draws baskets and rules of every form; the same number, the same shop."""

import random
from datetime import UTC, datetime

from msgspec.structs import replace

from app.promotions.baskets import HeldCoupon, OfferBasket, OfferLine, Shopper
from app.promotions.offers import (
    Amount,
    AnyForPrice,
    Bundle,
    CheapestFree,
    Every,
    Extra,
    FixedPrice,
    Gift,
    GiftFrom,
    Goods,
    Group,
    Limit,
    NForM,
    Offer,
    Part,
    Percent,
    RulesDocument,
    SecondOff,
    Step,
    Threshold,
    Who,
)
from app.values.quantity import SellingUnit

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
DEPARTMENTS = ("snacks", "drinks", "fruit")
KINDS = (
    "percent",
    "least",
    "amount",
    "price",
    "n_for_m",
    "cheapest",
    "second",
    "any",
    "bundle_price",
    "bundle_amount",
    "bundle_percent",
    "gift",
    "gift_from",
    "steps",
    "pieces",
    "every",
    "extra",
)


class RandomShop:
    def __init__(
        self,
        seed: int,
        lines: int = 4,
        pieces: int = 3,
        offers: int = 5,
        products: int = 6,
        *,
        people: bool = False,
        kinds: tuple[str, ...] = KINDS,
    ):
        self.kinds = kinds
        self.draw = random.Random(seed)
        self.products = [
            (f"P{number}", self.draw.choice(DEPARTMENTS), self.draw.choice((300, 450, 598, 999, 1290, 1999, 2500, 333)))
            for number in range(products)
        ]
        self.basket = OfferBasket(tuple(self.line(number + 1, pieces) for number in range(lines)), AT)
        groups = (
            Group("one", exclusive=True, order=50),
            Group("layer", exclusive=True, order=150),
            Group("last", order=300),
        )
        self.document = RulesDocument(tuple(self.offer(number) for number in range(offers)), groups)
        if people:
            self.add_people()

    def add_people(self) -> None:
        """Make some offers for members, tiers, staff, first purchases or coupons; and draw who shops."""
        draw, offers, coupons = self.draw, [], []
        for offer in self.document.offer:
            kind = draw.choice(("", "", "", "", "member", "tier", "staff", "first", "coupon", "per member"))
            who, limit = Who(), offer.limit
            if kind == "coupon":
                exclusive = offer.group in {"one", "layer"}
                who = Who(coupon=f"K-{offer.group}" if exclusive else f"K{offer.id}")
                coupons += [who.coupon] * draw.randint(0, 2)
            elif kind:
                who = Who(
                    member=kind in {"member", "per member"},
                    tiers=("gold",) if kind == "tier" else (),
                    staff=kind == "staff",
                    first_purchase=kind == "first",
                )
            if kind == "per member" and offer.name != "least":
                limit = Limit(per_member=draw.randint(1, 3))
            offers.append(replace(offer, who=who, limit=limit))
        held = tuple(HeldCoupon(f"C{number}", key) for number, key in enumerate(coupons))
        self.document = replace(self.document, offer=tuple(offers))
        member = draw.random() < 0.7
        shopper = Shopper(
            member=member,
            tier=draw.choice(("gold", "silver")) if member else "",
            first_purchase=draw.random() < 0.5,
            staff=draw.random() < 0.3,
            coupons=held,
            used_before=tuple((one.id, draw.randint(0, 2)) for one in offers if one.limit.per_member and member),
        )
        self.basket = OfferBasket(self.basket.lines, AT, shopper)

    def line(self, line_id: int, pieces: int) -> OfferLine:
        product, department, price = self.draw.choice(self.products)
        weighed = self.draw.random() < 0.2
        return OfferLine(
            line_id=line_id,
            product_id=product,
            department_id=department,
            unit=SellingUnit.KILOGRAM if weighed else SellingUnit.EACH,
            quantity_thousandths=self.draw.randint(100, 2500) if weighed else 1000 * self.draw.randint(1, pieces),
            unit_price_minor=price,
            discountable=self.draw.random() > 0.05,
        )

    def goods(self) -> Goods:
        kind = self.draw.random()
        if kind < 0.2:
            return Goods(except_departments=(self.draw.choice(DEPARTMENTS),)) if self.draw.random() < 0.3 else Goods()
        if kind < 0.6:
            return Goods(departments=(self.draw.choice(DEPARTMENTS),))
        return Goods(
            products=tuple(sorted({self.draw.choice(self.products)[0] for _ in range(self.draw.randint(1, 4))}))
        )

    def offer(self, number: int) -> Offer:
        draw = self.draw
        kind = draw.choice(self.kinds)
        form = self.form(kind)
        basket_offer = isinstance(form, GiftFrom | Threshold | Every | Extra)
        group = ""
        if draw.random() < 0.25:
            group = draw.choice(("layer", "last")) if basket_offer else "one"
        limited = draw.random() < 0.3 and kind != "least"
        return Offer(
            id=f"o{number}",
            name=kind,
            form=form,
            goods=Goods() if isinstance(form, Bundle) else self.goods(),
            limit=Limit(per_basket=draw.randint(1, 2)) if limited else Limit(),
            group=group,
            order=draw.choice((50, 100, 150)),
            stackable=draw.random() > 0.2,
        )

    def form(self, kind: str):
        draw = self.draw
        points = draw.choice((500, 1000, 1234, 2000, 5000))
        price = draw.choice((200, 500, 990))
        same = draw.random() < 0.3
        made = {
            "percent": lambda: Percent(points),
            "least": lambda: Percent(points, draw.randint(2, 3)),
            "amount": lambda: Amount(draw.choice((50, 100, 333))),
            "price": lambda: FixedPrice(price),
            "n_for_m": lambda: NForM(*draw.choice(((2, 1), (3, 2), (4, 2))), same_product=same),
            "cheapest": lambda: CheapestFree(draw.randint(2, 4), same_product=same),
            "second": lambda: SecondOff(draw.choice((5000, 3000)), same_product=same),
            "any": lambda: AnyForPrice(draw.randint(2, 3), draw.choice((990, 1500, 2500)), same_product=same),
            "bundle_price": lambda: Bundle(self.parts(), price_minor=draw.choice((900, 1500, 2500))),
            "bundle_amount": lambda: Bundle(self.parts(), off_minor=draw.choice((100, 500))),
            "bundle_percent": lambda: Bundle(self.parts(), off_basis_points=points),
            "gift": lambda: Gift(draw.randint(1, 2), self.gift(), price_minor=draw.choice((0, 100))),
            "gift_from": lambda: GiftFrom(draw.choice((1000, 3000)), self.gift(), price_minor=draw.choice((0, 100))),
            "steps": lambda: Threshold(
                draw.choice(
                    (
                        (Step(from_minor=3000, off_minor=300), Step(from_minor=6000, off_minor=1000)),
                        (Step(from_minor=2500, off_minor=500),),
                        (Step(from_minor=2000, off_basis_points=1000),),
                    )
                )
            ),
            "capped": lambda: Threshold(
                (Step(from_minor=draw.choice((1, 1500)), off_basis_points=points),),
                most_off_minor=draw.choice((150, 400, 900)),
            ),
            "pieces": lambda: Threshold((Step(from_pieces=draw.randint(2, 4), off_basis_points=points),)),
            "every": lambda: draw.choice((Every(200, every_minor=1500), Every(150, every_pieces=2))),
            "extra": lambda: draw.choice((Extra(off_basis_points=500), Extra(off_minor=300))),
        }
        return made[kind]()

    def parts(self) -> tuple[Part, ...]:
        return (Part(self.goods(), self.draw.randint(1, 2)), Part(self.goods()))

    def gift(self) -> Goods:
        goods = self.goods()
        return goods if goods.names_something else Goods(departments=("snacks",))
