"""The three answers against an integer program of every form that HiGHS solves.

How many baskets are tried, and from which number they are drawn, can be said from outside:
`GUITAI_PROGRAM_BASKETS=2000 GUITAI_PROGRAM_SEED=500000 pytest -m slow -k two_thousand`.
"""

import os
import random
import statistics
from dataclasses import dataclass

import pytest

from app.promotions.case import make_case
from app.promotions.rules import make_rules
from app.promotions.solving import Effort, solve
from tests.unit.app.promotions.oracle import most_saving
from tests.unit.app.promotions.random_shop import KINDS, RandomShop

highspy = pytest.importorskip("highspy", reason="HiGHS is not installed")
from tests.unit.app.promotions.integer_program import Undecided, most_saving_by_program  # noqa: E402 - it needs HiGHS's arrays

BASKETS = int(os.environ.get("GUITAI_PROGRAM_BASKETS", "150"))
FIRST = int(os.environ.get("GUITAI_PROGRAM_SEED", "500000"))
"""The solver was tuned on seeds from 200000; what judges it is drawn from elsewhere."""


def crowded_shop(seed: int) -> RandomShop:
    """2 to 10 lines under 4 to 15 offers of every form that reach for few products; half of them with a shopper."""
    draw = random.Random(seed * 7 + 1)
    lines = draw.randint(2, 10)
    return RandomShop(
        seed,
        lines=lines,
        pieces=draw.randint(1, 3),
        offers=draw.randint(4, 15),
        products=max(4, int(lines * draw.choice((1, 1.5)))),
        people=draw.random() < 0.5,
    )


@dataclass
class Judged:
    """What a run found."""

    reached: list[float]
    kinds: set[str]
    wrong: list[int]
    """Baskets whose exact answer is not the optimum, or not proven."""

    undecided: list[int]
    """Baskets whose optimum the programs only bound from both sides; the exact answer must lie between."""


def judge(seeds) -> Judged:
    judged = Judged([], set(), [], [])
    for seed in seeds:
        shop = crowded_shop(seed)
        rules = make_rules(shop.document)
        judged.kinds |= {offer.name for offer in shop.document.offer}
        improved, exact = (solve(make_case(shop.basket, rules), effort) for effort in (Effort.IMPROVED, Effort.EXACT))
        least = most = 0
        try:
            least = most = most_saving_by_program(shop.document, shop.basket, highspy)
        except Undecided as between:
            judged.undecided.append(seed)
            least, most = between.best, between.bound
        # The exact answer where the programs only say between what the optimum lies.
        optimum = min(max(exact.saving_minor, least), most)
        assert improved.saving_minor <= optimum, f"seed {seed}"
        if exact.saving_minor != optimum or not exact.proven:
            judged.wrong.append(seed)
        if optimum:
            judged.reached.append(improved.saving_minor / optimum)
    return judged


def test_the_program_says_what_trying_everything_says():
    for seed in range(60):
        shop = RandomShop(seed, lines=4, pieces=2, offers=8, people=seed % 2 == 1)
        by_program = most_saving_by_program(shop.document, shop.basket, highspy)
        assert by_program == most_saving(shop.document, shop.basket), f"seed {seed}"


def test_the_exact_answer_is_the_programs_optimum_in_crowded_baskets():
    judged = judge(range(120))
    assert not judged.wrong
    assert statistics.mean(judged.reached) >= 0.99
    assert min(judged.reached) >= 0.97


def test_baskets_that_once_were_answered_wrongly_are_answered_rightly():
    # In 600231 an amount touches goods that an offer for untouched goods then leaves to a percentage; 700839 took the
    # proof too many steps; in 701818 the answer before payment missed a sixth.
    judged = judge([600231, 700839, 701818])
    assert not judged.wrong
    assert min(judged.reached) >= 0.99


def test_percentages_with_a_most_are_answered_as_the_program_and_trying_everything_say():
    kinds = (*KINDS, "capped", "capped", "capped", "capped")
    for seed in range(150):
        shop = RandomShop(seed, lines=4, pieces=2, offers=7, people=seed % 2 == 1, kinds=kinds)
        case = make_case(shop.basket, make_rules(shop.document))
        exact, improved = solve(case, Effort.EXACT), solve(case, Effort.IMPROVED)
        best = most_saving(shop.document, shop.basket)
        assert exact.saving_minor == best, f"seed {seed}"
        assert exact.proven, f"seed {seed}"
        assert 0.97 * best <= improved.saving_minor <= best, f"seed {seed}"
        if seed % 5 == 0:
            assert most_saving_by_program(shop.document, shop.basket, highspy) == best, f"seed {seed}"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_thousand_crowded_baskets_against_the_program():
    judged = judge(range(FIRST, FIRST + BASKETS))
    mean, worst = statistics.mean(judged.reached), min(judged.reached)
    print(f"\n{BASKETS} baskets from {FIRST}: mean {mean:.5f}, worst {worst:.4f}, exact wrong {judged.wrong}")
    print(f"bounded from both sides only {judged.undecided}")
    assert judged.kinds == set(KINDS)
    assert not judged.wrong
    assert len(judged.undecided) <= BASKETS // 200
    assert mean >= 0.99
    assert worst >= 0.97
