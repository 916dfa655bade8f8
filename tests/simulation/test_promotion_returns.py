"""Baskets bought with promotions and brought back in random parts, in random order: not one fen is lost or made.

2,000 baskets as a rule; `GUITAI_ALL_RETURNS=1 pytest tests/simulation/test_promotion_returns.py -s` tries 100,000.
"""

import os
import random
from dataclasses import dataclass, field

import pytest

from app.promotions.baskets import OfferBasket
from app.promotions.deal import Deal, best_deal
from app.promotions.proration import give_back
from app.promotions.rules import make_rules
from app.promotions.solving import Effort
from tests.unit.app.promotions.random_shop import RandomShop

ALL = bool(os.environ.get("GUITAI_ALL_RETURNS"))
BASKETS = 100_000 if ALL else 2_000
BASKETS_OF_A_SHOP = 20
SEED = 7_000_000


@dataclass
class Books:
    """What was paid and what came back, in all."""

    baskets: int = 0
    visits: int = 0
    paid: int = 0
    saved: int = 0
    drift: int = 0
    below_zero: list[str] = field(default_factory=list)


def bring_back(deal: Deal, draw: random.Random, books: Books, name: str) -> None:
    """Bring everything back, each visit so many pieces, or so many grams, of some line that is still at home."""
    at_home = {line.line.line_id: line for line in deal.lines}
    done = dict.fromkeys(at_home, 0)
    refunded = 0
    shares = {line_id: [0] * len(line.shares) for line_id, line in at_home.items()}
    waiting = sorted(at_home)
    while waiting:
        line_id = draw.choice(waiting)
        line = at_home[line_id]
        left = line.line.quantity_thousandths - done[line_id]
        now = draw.randint(1, left // 1000) * 1000 if line.line.pieces else draw.randint(1, left)
        back = give_back(line.shared, done[line_id], now)
        if back.refund_minor < 0 or min(back.shares_minor, default=0) < 0:
            books.below_zero.append(f"{name} line {line_id}")
        refunded += back.refund_minor
        shares[line_id] = [had + more for had, more in zip(shares[line_id], back.shares_minor, strict=True)]
        done[line_id] += now
        books.visits += 1
        if now == left:
            waiting.remove(line_id)
    books.drift += abs(refunded - deal.total_minor)
    for line_id, line in at_home.items():
        given = [share.amount_minor for share in line.shares]
        books.drift += sum(abs(had - want) for had, want in zip(shares[line_id], given, strict=True))


@pytest.mark.timeout(7200)
def test_whatever_comes_back_in_whatever_parts_adds_up_to_what_was_paid():
    books = Books()
    for shop_number in range(BASKETS // BASKETS_OF_A_SHOP):
        draw = random.Random(SEED + shop_number)
        shop = RandomShop(SEED + shop_number, lines=1, offers=draw.randint(4, 12), people=draw.random() < 0.5)
        rules = make_rules(shop.document)
        for number in range(BASKETS_OF_A_SHOP):
            lines = tuple(shop.line(line_id, draw.randint(1, 6)) for line_id in range(1, draw.randint(2, 7)))
            basket = OfferBasket(lines, shop.basket.at, shop.basket.shopper)
            effort = draw.choices(tuple(Effort), (5, 4, 1))[0]
            deal = best_deal(basket, rules, effort, explained=False)
            name = f"shop {shop_number} basket {number}"
            if any(not 0 <= line.total_minor <= line.extended_minor for line in deal.lines):
                books.below_zero.append(name)
            bring_back(deal, draw, books, name)
            books.baskets += 1
            books.paid += deal.total_minor
            books.saved += deal.saving_minor
    print(
        f"\n{books.baskets} baskets, {books.visits} visits, {books.paid} fen paid, {books.saved} fen saved: "
        f"{books.drift} fen of drift, {len(books.below_zero)} lines below zero"
    )
    assert books.baskets == BASKETS
    assert books.saved > 0
    assert books.drift == 0
    assert not books.below_zero
