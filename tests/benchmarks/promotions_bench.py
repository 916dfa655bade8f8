"""Measures the best deal: 100 lines under 1,000 offers, at each effort, beside a plain scan of all offers.

`measure()` returns medians in milliseconds and what greedy and improved reach of the exact answer (the share of baskets
whose exact answer is proven stands beside it); the ratio to the plain scan, taken in the same run with the variants interleaved, is what does not drift with the machine.
"""

import json
import random
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from app.promotions.baskets import OfferBasket, OfferLine
from app.promotions.case import make_case
from app.promotions.deal import best_deal
from app.promotions.offers import (
    Amount,
    AnyForPrice,
    Bundle,
    CheapestFree,
    Every,
    Extra,
    FixedPrice,
    Gift,
    Goods,
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
from app.promotions.rules import Rules, goods_include, make_rules
from app.promotions.solving import Effort, solve
from app.values.quantity import SellingUnit

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
PRODUCTS, DEPARTMENTS = 2000, 20
SEED = 5


class BenchShop:
    """A supermarket's assortment with its promotions, drawn from a seed."""

    def __init__(self, seed: int, offers: int = 1000) -> None:
        self.draw = random.Random(seed)
        self.prices = [
            self.draw.choice((250, 399, 598, 990, 1290, 1580, 1990, 2590, 3990, 5900)) for _ in range(PRODUCTS)
        ]
        self.rules = make_rules(RulesDocument(tuple(self.offer(number) for number in range(offers))))

    def department(self, product: int) -> str:
        return f"d{product % DEPARTMENTS}"

    def basket(self, lines: int = 100) -> OfferBasket:
        """A large weekly shop: pieces mostly, one line in eight weighed."""
        made = []
        for line_id, product in enumerate(self.draw.sample(range(PRODUCTS), lines), start=1):
            weighed = self.draw.random() < 0.125
            made.append(
                OfferLine(
                    line_id=line_id,
                    product_id=f"p{product}",
                    department_id=self.department(product),
                    unit=SellingUnit.KILOGRAM if weighed else SellingUnit.EACH,
                    quantity_thousandths=self.draw.randint(150, 2500)
                    if weighed
                    else 1000 * self.draw.choice((1, 1, 1, 2, 3)),
                    unit_price_minor=self.prices[product],
                )
            )
        return OfferBasket(tuple(made), AT)

    def goods(self) -> Goods:
        if self.draw.random() < 0.03:
            return Goods(departments=(f"d{self.draw.randrange(DEPARTMENTS)}",))
        # Goods that are promoted together stand together: neighbours within a department.
        first = self.draw.randrange(PRODUCTS)
        count = self.draw.randint(1, 12)
        return Goods(products=tuple(f"p{(first + DEPARTMENTS * one) % PRODUCTS}" for one in range(count)))

    def offer(self, number: int) -> Offer:
        draw = self.draw
        points = draw.choice((500, 1000, 1200, 2000, 3000))
        kinds: list[Any] = [
            lambda: Percent(points),
            lambda: Percent(points, 2),
            lambda: Amount(draw.choice((50, 100, 200))),
            lambda: FixedPrice(draw.choice((199, 299, 499, 990))),
            lambda: NForM(2, 1, same_product=draw.random() < 0.5),
            lambda: NForM(3, 2),
            lambda: CheapestFree(4),
            lambda: SecondOff(5000, same_product=draw.random() < 0.5),
            lambda: AnyForPrice(3, draw.choice((990, 1990, 2990))),
            lambda: Bundle((Part(self.goods()), Part(self.goods())), off_minor=300),
            lambda: Gift(2, Goods(products=(f"p{draw.randrange(PRODUCTS)}",))),
        ]
        if number < 10:
            form: Any = draw.choice(
                (
                    Threshold((Step(from_minor=9900, off_minor=500), Step(from_minor=19900, off_minor=1500))),
                    Threshold((Step(from_pieces=3, off_basis_points=1000),)),
                    Every(500, every_minor=10000),
                    Extra(off_basis_points=200),
                )
            )
        else:
            form = draw.choice(kinds)()
        return Offer(
            id=f"o{number}",
            name=f"o{number}",
            form=form,
            goods=Goods() if isinstance(form, Bundle) or number < 3 else self.goods(),
            limit=Limit(per_basket=2) if draw.random() < 0.2 else Limit(),
            who=Who(),
        )


def scan_all(basket: OfferBasket, rules: Rules) -> int:
    """What a till without an index does first: ask every offer about every line."""
    return sum(goods_include(goods, line) for line in basket.lines for parts in rules.parts for goods in parts)


def measure(baskets: int = 15, *, with_exact: bool = True) -> dict[str, Any]:
    """Price large baskets at each effort and by the plain scan, interleaved."""
    shop = BenchShop(SEED)
    drawn = [shop.basket() for _ in range(baskets)]
    times: dict[str, list[float]] = {}
    reached: dict[str, list[float]] = {"greedy": [], "improved": []}
    proven = 0
    for basket in drawn:
        best_deal(basket, shop.rules, Effort.GREEDY)
        savings = {}
        for effort in Effort:
            if effort is Effort.EXACT and not with_exact:
                continue
            start = time.perf_counter_ns()
            answer = solve(make_case(basket, shop.rules), effort)
            times.setdefault(effort.value, []).append((time.perf_counter_ns() - start) / 1e6)
            savings[effort.value] = answer.saving_minor
            proven += answer.proven
        start = time.perf_counter_ns()
        best_deal(basket, shop.rules, Effort.IMPROVED)
        times.setdefault("explained", []).append((time.perf_counter_ns() - start) / 1e6)
        start = time.perf_counter_ns()
        scan_all(basket, shop.rules)
        times.setdefault("scan", []).append((time.perf_counter_ns() - start) / 1e6)
        if with_exact:
            for effort in ("greedy", "improved"):
                reached[effort].append(savings[effort] / savings["exact"])
    found: dict[str, Any] = {f"promotions_{name}_ms": round(statistics.median(each), 3) for name, each in times.items()}
    found["promotions_ms"] = found["promotions_improved_ms"]
    found["promotions_vs_scan"] = round(found["promotions_ms"] / found["promotions_scan_ms"], 4)
    if with_exact:
        found["promotions_exact_worst_ms"] = round(max(times["exact"]), 1)
        found["promotions_proven_share"] = proven / baskets
        for effort, ratios in reached.items():
            found[f"promotions_{effort}_of_optimum_mean"] = round(statistics.mean(ratios), 4)
            found[f"promotions_{effort}_of_optimum_worst"] = round(min(ratios), 4)
    return found


def promotions_ms() -> float:
    """The goal's figure: milliseconds for 100 lines under 1,000 offers, improved as before payment."""
    return float(measure(with_exact=False)["promotions_ms"])


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
