"""A small shop to try offers in: lines by short words, rules from TOML."""

from datetime import UTC, date, datetime

import pytest

from app.promotions.baskets import OfferBasket, OfferLine, Shopper
from app.promotions.deal import Deal, best_deal
from app.promotions.rules import Rules, read_rules
from app.promotions.solving import Effort
from app.values.quantity import SellingUnit


class Counter:
    """Prices baskets of the shop `邻里`: Sunday 22 November 2026, 10:00 in Shanghai unless told."""

    at = datetime(2026, 11, 22, 2, tzinfo=UTC)

    def __init__(self) -> None:
        self.lines: list[OfferLine] = []
        self.shopper = Shopper()

    def piece(self, product: str, price: int, count: int = 1, department: str = "snacks", **more) -> "Counter":
        self.lines.append(
            OfferLine(
                line_id=len(self.lines) + 1,
                product_id=product,
                department_id=department,
                unit=SellingUnit.EACH,
                quantity_thousandths=count * 1000,
                unit_price_minor=price,
                **more,
            )
        )
        return self

    def weighed(self, product: str, price: int, grams: int, department: str = "fruit", **more) -> "Counter":
        self.lines.append(
            OfferLine(len(self.lines) + 1, product, department, SellingUnit.KILOGRAM, grams, price, **more)
        )
        return self

    def rules(self, toml: str) -> Rules:
        return read_rules(toml.encode())

    def deal(self, toml: str, effort: Effort = Effort.EXACT) -> Deal:
        return best_deal(OfferBasket(tuple(self.lines), self.at, self.shopper), self.rules(toml), effort)

    def saved(self, toml: str) -> int:
        """What is saved, at every effort: these baskets are small enough for each to find the best."""
        found = {effort: self.deal(toml, effort).saving_minor for effort in Effort}
        assert len(set(found.values())) == 1, found
        return found[Effort.EXACT]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def today() -> date:
    return date(2026, 11, 22)
