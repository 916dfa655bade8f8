"""Whatever was sold with promotions, coupons and points comes back in any parts, and nothing is left over.

A few hundred baskets by default; GUITAI_ALL_RETURNS=1 runs a hundred thousand in two processes.
"""

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

from app.sales import returning
from tests.simulation.returned_shop import run
from tests.simulation.sold_shop import Figures

ALL = os.environ.get("GUITAI_ALL_RETURNS") == "1"
FEW, MANY, CHUNK, PROCESSES = 300, 100_000, 1_000, 2


def all_of_them() -> Figures:
    figures = Figures()
    chunks = [range(first, first + CHUNK) for first in range(0, MANY, CHUNK)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as processes:
        for part in processes.map(run, chunks):
            figures.add(part)
    return figures


@pytest.mark.timeout(7200 if ALL else 120)
def test_no_fen_no_point_and_no_coupon_is_left_over_when_all_goods_are_back():
    began = time.perf_counter()
    figures = all_of_them() if ALL else run(range(FEW))
    seconds = time.perf_counter() - began
    print(
        f"\n{figures.baskets} baskets, {figures.visits} returns in {seconds:.0f} s: {dict(sorted(figures.seen.items()))}"
    )
    assert figures.baskets == (MANY if ALL else FEW)
    # The baskets hold what they are here to test.
    kinds = ("cash", "wechat", "points", "stored_value")
    for seen in ("offers", "coupons used", "coupons let go", "coupons give_back", "coupons void", "rounded"):
        assert figures.seen[seen] > figures.baskets // 10, seen
    for kind in kinds:
        assert figures.seen[f"paid by {kind}"] > figures.baskets // 10
    assert figures.seen["refunds that failed"]


@pytest.mark.parametrize(
    ("broken", "instead"),
    [
        ("share_of_part", lambda total, whole, before, part: total * part // whole),
        ("divide_half_up", lambda dividend, divisor: dividend // divisor + 1),
        ("outcome_of_return", lambda use, returned, *, whole_sale: use.on_return if returned else None),
    ],
)
def test_a_drift_of_one_unit_would_be_seen(broken, instead, monkeypatch):
    monkeypatch.setattr(returning, broken, instead)
    with pytest.raises(AssertionError, match="basket"):
        run(range(FEW))
