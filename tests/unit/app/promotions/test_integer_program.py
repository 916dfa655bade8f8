"""The exact answer against an integer program, solved by HiGHS where it is installed."""

import pytest
from msgspec.structs import replace

from app.promotions.deal import best_deal
from app.promotions.offers import Goods, Limit, Offer, RulesDocument, Step, Threshold
from app.promotions.rules import make_rules
from app.promotions.solving import Effort
from tests.unit.app.promotions.integer_program import solve_by_trying, solve_with_highs, write_program
from tests.unit.app.promotions.oracle import most_saving
from tests.unit.app.promotions.random_shop import RandomShop

STEPS = (Step(from_minor=3000, off_minor=300), Step(from_minor=6000, off_minor=1000))


def shop_of(seed, **size):
    """A random shop with item offers that stack, and one threshold over all goods."""
    shop = RandomShop(seed, **size)
    items = [replace(offer, stackable=True) for offer in shop.document.offer if not offer.is_basket_offer]
    threshold = Offer(id="steps", name="满减", form=Threshold(STEPS), goods=Goods(), limit=Limit())
    return RulesDocument((*items, threshold), shop.document.group), shop.basket


def test_the_program_says_what_the_oracle_says():
    """Checks the program itself on baskets that are small enough to try everything."""
    for seed in range(40):
        document, basket = shop_of(seed, lines=2, pieces=2, offers=3)
        assert solve_by_trying(write_program(document, basket)) == most_saving(document, basket), f"seed {seed}"


def test_the_exact_answer_is_the_programs_optimum_in_larger_baskets():
    highspy = pytest.importorskip("highspy", reason="HiGHS is not installed")
    reached, proven = [], 0
    for seed in range(60):
        document, basket = shop_of(seed, lines=9, pieces=2, offers=10, products=14)
        optimum = solve_with_highs(write_program(document, basket), highspy)
        rules = make_rules(document)
        exact, improved = (
            best_deal(basket, rules, effort, explained=False) for effort in (Effort.EXACT, Effort.IMPROVED)
        )
        assert exact.saving_minor <= optimum, f"seed {seed}"
        proven += exact.proven
        if exact.proven:
            assert exact.saving_minor == optimum, f"seed {seed}"
        if optimum:
            reached.append(improved.saving_minor / optimum)
    assert proven >= 50
    assert sum(reached) / len(reached) >= 0.99
