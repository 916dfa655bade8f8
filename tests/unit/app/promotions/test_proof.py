"""The proof's parts: prices that bound, scenarios that promise no less than there is, and an end to every search."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.promotions.basket_layer import left_after, settle_exactly
from app.promotions.block import Budget
from app.promotions.case import make_case
from app.promotions.exact import Proof
from app.promotions.pricing_out import shadow_prices
from app.promotions.rules import make_rules
from app.promotions.scenarios import SCALE
from app.promotions.solving import Effort, solve
from tests.unit.app.promotions.random_shop import RandomShop


def test_of_three_pieces_any_two_of_which_go_together_half_of_each_pair_bounds():
    # Each pair is worth 200; half of each of the three pairs would be 300, so each piece is priced at 100.
    prices, _ = shadow_prices([200, 200, 200], [[(0, 1), (1, 1)], [(1, 1), (2, 1)], [(0, 1), (2, 1)]], [1, 1, 1])
    assert prices == pytest.approx([100, 100, 100], abs=1)


@settings(max_examples=60)
@given(st.data())
def test_no_column_is_worth_more_than_the_prices_of_what_it_takes(data):
    rows = data.draw(st.integers(1, 5))
    columns = data.draw(
        st.lists(
            st.dictionaries(st.integers(0, rows - 1), st.integers(1, 3), min_size=1).map(
                lambda one: sorted(one.items())
            ),
            min_size=1,
            max_size=8,
        )
    )
    worths = data.draw(st.lists(st.integers(0, 10**9), min_size=len(columns), max_size=len(columns)))
    bounds = data.draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows))
    prices, _ = shadow_prices(worths, columns, bounds)
    assert all(price >= 0 for price in prices)
    for worth, column in zip(worths, columns, strict=True):
        assert sum(prices[row] * count for row, count in column) >= worth


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_some_scenario_promises_no_less_than_what_there_is_to_save(seed):
    shop = RandomShop(seed, lines=4, offers=8)
    case = make_case(shop.basket, make_rules(shop.document))
    best = solve(case, Effort.EXACT)
    # Nothing is given to goods at first; each scenario then promises at least what its offers take off all of them.
    decisions = settle_exactly(case, left_after(case, ()))
    proof = Proof(case, Budget(10**6), 0)
    assert proof.run()
    assert proof.total == best.saving_minor >= sum(one.saving for one in decisions)
    promised = [
        sum(block.bound for block in proof.solved[id(one.worth)].blocks) + one.constant
        for one in proof.scenarios
        if id(one.worth) in proof.solved
    ]
    assert max(promised, default=0) // SCALE >= best.saving_minor


def test_a_pallet_has_its_answer_without_a_proof(counter):
    deal = (
        counter.piece("A", 500, 400)
        .piece("B", 300, 200)
        .deal('[[offer]]\nid = "x"\nname = "x"\nform = { kind = "n_for_m", take = 3, pay = 2 }\n')
    )
    # 600 pieces make 200 threes, each of which frees a B at 3.00 at least.
    assert deal.saving_minor >= 200 * 300
    assert not deal.proven


def test_an_offer_every_fen_is_not_looked_at_fen_by_fen(counter):
    deal = counter.piece("A", 10**9, 3).deal(
        '[[offer]]\nid = "x"\nname = "x"\nform = { kind = "every", off_minor = 1, every_minor = 2 }\n'
    )
    # 30 000 000.00, a fen off every two.
    assert deal.saving_minor == 1_500_000_000
    assert not deal.proven
