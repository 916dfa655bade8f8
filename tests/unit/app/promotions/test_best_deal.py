"""The best deal: rules that hold for every basket, and what an oracle that tries everything finds."""

import random
import statistics
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.promotions.baskets import OfferBasket
from app.promotions.deal import best_deal
from app.promotions.offers import RulesDocument
from app.promotions.rules import make_rules
from app.promotions.solving import Effort
from tests.unit.app.promotions.oracle import most_saving
from tests.unit.app.promotions.random_shop import KINDS, RandomShop

seeds = st.integers(0, 10**6)


@settings(max_examples=60)
@given(seeds, st.sampled_from(list(Effort)))
def test_no_line_pays_the_shopper_and_the_shares_are_the_saving(seed, effort):
    shop = RandomShop(seed, lines=6, offers=10)
    deal = best_deal(shop.basket, make_rules(shop.document), effort)
    for line in deal.lines:
        assert 0 <= line.total_minor <= line.extended_minor
        assert all(share.amount_minor > 0 for share in line.shares)
        if not line.line.discountable:
            assert not line.shares
    assert deal.saving_minor == sum(offer.saving_minor for offer in deal.given)
    assert deal.total_minor == sum(line.total_minor for line in deal.lines)


@settings(max_examples=60)
@given(seeds, st.sampled_from(list(Effort)))
def test_the_order_of_scanning_and_of_the_rules_has_no_say(seed, effort):
    shop = RandomShop(seed, lines=6, offers=9)
    draw = random.Random(seed)
    lines, offers = list(shop.basket.lines), list(shop.document.offer)
    draw.shuffle(lines)
    draw.shuffle(offers)
    deal = best_deal(shop.basket, make_rules(shop.document), effort)
    shuffled = best_deal(
        OfferBasket(tuple(lines), shop.basket.at),
        make_rules(RulesDocument(tuple(offers), shop.document.group)),
        effort,
    )
    assert shuffled.rules_version == deal.rules_version
    assert {line.line.line_id: line.shares for line in shuffled.lines} == {
        line.line.line_id: line.shares for line in deal.lines
    }


@settings(max_examples=60)
@given(seeds)
def test_one_more_offer_never_costs_the_shopper_anything(seed):
    shop = RandomShop(seed, lines=4, offers=6)
    document = shop.document
    fewer = RulesDocument(document.offer[:-1], document.group)
    one, other = (best_deal(shop.basket, make_rules(rules), Effort.EXACT) for rules in (fewer, document))
    if one.proven and other.proven:
        assert other.saving_minor >= one.saving_minor


@settings(max_examples=60)
@given(seeds)
def test_more_effort_never_saves_less(seed):
    shop = RandomShop(seed, lines=6, offers=9)
    rules = make_rules(shop.document)
    greedy, improved, exact = (best_deal(shop.basket, rules, effort).saving_minor for effort in Effort)
    assert greedy <= improved <= exact


@pytest.mark.parametrize("seed", range(8))
def test_a_crowded_basket_has_its_answer_at_every_effort(seed):
    """Ten lines under a dozen offers that all reach for them: the proof may run out of steps, never out of order."""
    shop = RandomShop(seed, lines=10, pieces=2, offers=12, products=15)
    rules = make_rules(shop.document)
    greedy, improved, exact = (best_deal(shop.basket, rules, effort) for effort in Effort)
    assert greedy.saving_minor <= improved.saving_minor <= exact.saving_minor
    assert exact.proven
    assert improved.saving_minor >= exact.saving_minor * 0.97
    assert exact == best_deal(shop.basket, rules, Effort.EXACT)


def test_a_trolley_of_forty_lines_is_worked_out_without_a_proof():
    shop = RandomShop(3, lines=40, offers=60, products=60)
    rules = make_rules(shop.document)
    greedy, improved = (best_deal(shop.basket, rules, effort) for effort in (Effort.GREEDY, Effort.IMPROVED))
    assert 0 < greedy.saving_minor <= improved.saving_minor < improved.subtotal_minor
    assert not improved.proven
    assert all(0 <= line.total_minor <= line.extended_minor for line in improved.lines)


@settings(max_examples=40)
@given(seeds)
def test_a_line_split_in_two_saves_the_same(seed):
    """Two scans of one piece are one scan of two, as far as the saving of item offers goes."""
    shop = RandomShop(seed, lines=3, offers=5)
    items = tuple(offer for offer in shop.document.offer if not offer.is_basket_offer)
    rules = make_rules(RulesDocument(items, shop.document.group))
    apart = []
    for line in shop.basket.lines:
        parts = line.pieces or 1
        for part in range(parts):
            quantity = line.quantity_thousandths // parts
            apart.append(replace(line, line_id=line.line_id * 100 + part, quantity_thousandths=quantity))
    together = best_deal(shop.basket, rules, Effort.EXACT)
    split = best_deal(OfferBasket(tuple(apart), shop.basket.at), rules, Effort.EXACT)
    assert together.saving_minor == split.saving_minor


def against_the_oracle(seeds, **size):
    """Return what each effort reaches of the optimum, basket by basket; the exact answer must be the optimum."""
    reached = {effort: [] for effort in Effort}
    kinds = set()
    for seed in seeds:
        shop = RandomShop(seed, **size)
        rules = make_rules(shop.document)
        best = most_saving(shop.document, shop.basket)
        kinds |= {offer.name for offer in shop.document.offer}
        for effort in Effort:
            deal = best_deal(shop.basket, rules, effort, explained=False)
            assert deal.saving_minor <= best, f"seed {seed}"
            if effort is Effort.EXACT:
                assert deal.proven, f"seed {seed}"
                assert deal.saving_minor == best, f"seed {seed}"
            if best:
                reached[effort].append(deal.saving_minor / best)
    assert kinds == set(KINDS)
    return reached


def test_the_exact_answer_is_the_oracles_and_the_improved_one_is_close():
    reached = against_the_oracle(range(120))
    assert statistics.mean(reached[Effort.IMPROVED]) >= 0.99
    assert min(reached[Effort.IMPROVED]) >= 0.97
    assert statistics.mean(reached[Effort.GREEDY]) >= 0.9


@pytest.mark.slow
def test_two_thousand_baskets_against_the_oracle():
    reached = against_the_oracle(range(1000, 3000))
    assert statistics.mean(reached[Effort.IMPROVED]) >= 0.99
    assert min(reached[Effort.IMPROVED]) >= 0.97
