"""The three answers: greedy at each scan, improved before payment, exact on demand; each the same for the same basket.

No clock is looked at anywhere: improvement and proof are bounded by steps that are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from app.promotions.basket_layer import Decision, left_after, settle_quickly
from app.promotions.block import Budget
from app.promotions.candidates import Application
from app.promotions.case import Case
from app.promotions.exact import Proof
from app.promotions.greedy import clusters_of, ground_of, solve_cluster
from app.promotions.improving import SMALL, improve

SMALL_STEPS: Final = 30_000
"""How many steps are taken before payment in a basket that is not large; enough to prove most."""

EXACT_STEPS: Final = 1_500_000
"""How many steps the proof takes on demand before it gives up and says so."""


class Effort(Enum):
    """How hard the solver looks."""

    GREEDY = "greedy"
    IMPROVED = "improved"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Answer:
    """Which offers are given, and to what."""

    applications: tuple[Application, ...]
    decisions: tuple[Decision, ...]
    proven: bool
    """Whether no other answer can save more."""

    @property
    def saving_minor(self) -> int:
        """What the shopper saves."""
        return sum(one.saving * one.times for one in self.applications) + sum(one.saving for one in self.decisions)


def solve(case: Case, effort: Effort) -> Answer:
    """Find what the shopper saves most with, as hard as asked."""
    clusters = clusters_of(case)
    ground = ground_of(case, clusters)
    solved = [solve_cluster(case, cluster, ground) for cluster in clusters]
    if effort is Effort.GREEDY:
        return _answer(solved, settle_quickly(case, left_after(case, _flat(solved))), proven=False)
    solved, decisions = improve(case, clusters, ground, solved)
    answer = _answer(solved, decisions, proven=False)
    if len(case.lines) <= SMALL:
        answer = _prove(case, answer, SMALL_STEPS)
    if effort is Effort.EXACT and not answer.proven:
        answer = _prove(case, answer, EXACT_STEPS)
    return answer


def _prove(case: Case, answer: Answer, steps: int) -> Answer:
    proof = Proof(case, Budget(steps), answer.saving_minor, answer.applications)
    proven = proof.run()
    if proof.improved:
        return Answer(proof.applications, proof.decisions, proven)
    return replace(answer, proven=proven)


def _flat(solved: Sequence[tuple[Application, ...]]) -> list[Application]:
    return [application for cluster in solved for application in cluster]


def _answer(solved: Sequence[tuple[Application, ...]], decisions: tuple[Decision, ...], *, proven: bool) -> Answer:
    return Answer(tuple(_flat(solved)), decisions, proven)
