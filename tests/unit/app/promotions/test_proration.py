"""Returns in any parts give back exactly what was paid."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.promotions.deal import best_deal
from app.promotions.proration import SharedLine, give_back, piece_shares
from app.promotions.rules import make_rules
from app.promotions.solving import Effort
from tests.unit.app.promotions.random_shop import RandomShop


def test_three_pieces_for_ten_come_back_as_a_fen_more_off_the_first():
    # 3 × 5.00, less 5.00: off each 1.67, 1.67, 1.66.
    line = SharedLine(1500, (500,), 3000, 3)
    assert piece_shares(line) == ((167,), (167,), (166,))
    assert [give_back(line, done, 1000).refund_minor for done in (0, 1000, 2000)] == [333, 333, 334]


def test_no_piece_ever_gives_back_less_than_nothing_when_several_offers_round():
    # 3 × 0.01, of which 0.01 and 0.02 are off: nothing was paid, nothing comes back.
    line = SharedLine(3, (1, 2), 3000, 3)
    assert piece_shares(line) == ((1, 0), (0, 1), (0, 1))
    assert [give_back(line, done, 1000).refund_minor for done in (0, 1000, 2000)] == [0, 0, 0]


def test_a_part_of_what_was_weighed_gives_back_its_part():
    # 1.245 kg at 17.41, less 2.61: for 500 g of it 14.80 × 500 / 1245 = 5.94.
    line = SharedLine(1741, (261,), 1245, 0)
    first, second = give_back(line, 0, 500), give_back(line, 500, 745)
    assert (first.refund_minor, second.refund_minor) == (594, 886)
    assert first.shares_minor[0] + second.shares_minor[0] == 261


def test_no_more_comes_back_than_was_bought_and_pieces_come_whole():
    line = SharedLine(1500, (500,), 3000, 3)
    with pytest.raises(ValueError, match="more would come back"):
        give_back(line, 2000, 2000)
    with pytest.raises(ValueError, match="whole"):
        give_back(line, 0, 500)


lines = st.builds(
    lambda pieces, price, cuts, grams: (pieces, price, cuts, grams),
    st.integers(0, 12),
    st.integers(1, 3000),
    st.lists(st.integers(0, 100), max_size=4),
    st.integers(1, 3000),
)


@given(lines, st.randoms(use_true_random=False))
def test_any_sequence_of_returns_adds_up(drawn, draw):
    pieces, price, cuts, grams = drawn
    quantity = pieces * 1000 or grams
    extended = pieces * price or price
    shares, left = [], extended
    for cut in cuts:
        shares.append(left * cut // 100)
        left -= shares[-1]
    line = SharedLine(extended, tuple(shares), quantity, pieces)
    done, refunded, taken_back = 0, 0, [0] * len(shares)
    while done < quantity:
        now = draw.randint(1, pieces - done // 1000) * 1000 if pieces else draw.randint(1, quantity - done)
        back = give_back(line, done, now)
        assert back.refund_minor >= 0
        assert all(share >= 0 for share in back.shares_minor)
        refunded += back.refund_minor
        taken_back = [one + other for one, other in zip(taken_back, back.shares_minor, strict=True)]
        done += now
    assert refunded == line.paid_minor
    assert tuple(taken_back) == line.shares_minor


def test_ten_thousand_baskets_returned_in_random_parts_drift_by_nothing():
    draw, drift, paid = random.Random(6), 0, 0
    for seed in range(500):
        shop = RandomShop(seed, lines=5, offers=8)
        deal = best_deal(shop.basket, make_rules(shop.document), Effort.GREEDY, explained=False)
        for _ in range(20):
            places = list(deal.lines)
            done = {line.line.line_id: 0 for line in places}
            back = 0
            while places:
                line = draw.choice(places)
                left = line.line.quantity_thousandths - done[line.line.line_id]
                now = draw.randint(1, left // 1000) * 1000 if line.line.pieces else draw.randint(1, left)
                refund = give_back(line.shared, done[line.line.line_id], now).refund_minor
                assert refund >= 0
                back += refund
                done[line.line.line_id] += now
                if now == left:
                    places.remove(line)
            drift += abs(back - deal.total_minor)
            paid += deal.total_minor
    assert paid > 0
    assert drift == 0
