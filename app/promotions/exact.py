"""The proof: branch and bound over every way to give the offers, until none can be better than the best one found.

First each cluster is solved for its item offers alone. Where basket offers take part, giving less in a cluster may
leave more for a threshold; then every outcome of a cluster that could still matter is listed, and the outcomes of all
clusters are combined. The steps are counted; where they run out the best answer found is returned as not proven.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.promotions.basket_layer import Decision, left_after, most, saving_on, settle_exactly, traced
from app.promotions.candidates import Application, Each
from app.promotions.case import Case
from app.promotions.greedy import Cluster
from app.promotions.offers import Every, Threshold


class _OutOfSteps(Exception):
    """The budget is used up."""


@dataclass(slots=True)
class _Budget:
    steps: int

    def step(self, cost: int = 1) -> None:
        """Count what was looked at."""
        self.steps -= cost
        if self.steps < 0:
            raise _OutOfSteps


Plan = tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One way to give a cluster's item offers."""

    saving: int
    plan: Plan


@dataclass(slots=True)
class _ClusterSearch:
    """Depth first through one cluster, always deciding on the dearest line that still has pieces."""

    case: Case
    cluster: Cluster
    budget: _Budget
    joint: bool
    """Whether basket offers take part: then outcomes are listed, otherwise only the best one is kept."""

    least: int
    """An outcome that saves less is of no interest; in a search for the best it rises."""

    order: tuple[int, ...] = ()
    potential: list[int] = field(default_factory=list)
    outcomes: dict[object, _Outcome] = field(default_factory=dict)
    best: _Outcome | None = None
    seen: dict[object, int] = field(default_factory=dict)
    taken: list[Application] = field(default_factory=list)
    used: dict[int, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Look at every outcome that matters."""
        case = self.case
        self.order = tuple(sorted(self.cluster.lines, key=lambda line: (-case.prices[line], line)))
        members = [case.candidates[place] for place in (*self.cluster.grouped, *self.cluster.free)]
        self.potential = [0] * len(case.lines)
        for line in self.order:
            self.potential[line] = max((one.potential(line, case.prices[line]) for one in members), default=0)
        left = list(case.counts)
        self._descend(left, 0, sum(self.potential[line] * left[line] for line in self.order))

    def _descend(self, left: list[int], saved: int, bound: int) -> None:
        self.budget.step()
        if saved + bound < self.least:
            return
        if self.joint:
            self.budget.step(len(self.order))
        line = next((one for one in self.order if left[one]), None)
        if line is None:
            self._finish(saved)
            return
        key = self._state(left, saved)
        if self.seen.get(key, -1) >= saved:
            return
        self.seen[key] = saved
        for application in self._options(line, left):
            self.budget.step()
            self._apply(application, left, saved, bound)
        self._rest(line, left, saved, bound)

    def _state(self, left: list[int], saved: int) -> object:
        rest = tuple(left[one] for one in self.order)
        used = tuple(sorted(self.used.items()))
        if not self.joint:
            return rest, used, tuple(sorted(self.groups.items()))
        return rest, used, tuple(sorted(self.groups.items())), saved, self._trace()

    def _trace(self) -> object:
        """Tell outcomes apart that leave different amounts for basket offers."""
        return traced(self.case, self.cluster.lines, self.taken)

    def _options(self, line: int, left: list[int]) -> Iterator[Application]:
        for place in self.cluster.grouped:
            candidate = self.case.candidates[place]
            if self.groups.get(candidate.group, place) != place:
                continue
            if candidate.limit is not None and self.used.get(place, 0) >= candidate.limit:
                continue
            if isinstance(candidate, Each):
                if line in candidate.savings:
                    yield Application(place, ((line, 1),), candidate.savings[line])
            else:
                for takes, saving in candidate.applications(line, left):
                    yield Application(place, takes, saving)
        if self.joint:
            for place in self.cluster.free:
                candidate = self.case.candidates[place]
                if isinstance(candidate, Each) and line in candidate.savings:
                    yield Application(place, ((line, 1),), candidate.savings[line])

    def _apply(self, application: Application, left: list[int], saved: int, bound: int) -> None:
        candidate = self.case.candidates[application.candidate]
        lowered = sum(self.potential[line] * count for line, count in application.takes)
        counted = candidate.limit is not None or (isinstance(candidate, Each) and candidate.least > 1)
        before = self.used.get(application.candidate)
        opened = bool(candidate.group) and candidate.group not in self.groups
        for line, count in application.takes:
            left[line] -= count
        if counted:
            self.used[application.candidate] = (before or 0) + 1
        if opened:
            self.groups[candidate.group] = application.candidate
        self.taken.append(application)
        self._descend(left, saved + application.saving, bound - lowered)
        self.taken.pop()
        if opened:
            del self.groups[candidate.group]
        if counted:
            if before is None:
                del self.used[application.candidate]
            else:
                self.used[application.candidate] = before
        for line, count in application.takes:
            left[line] += count

    def _rest(self, line: int, left: list[int], saved: int, bound: int) -> None:
        """Leave the rest of a line to its best offer for single pieces, or to none."""
        count = left[line]
        best, owner = 0, None
        if not self.joint:
            for place in self.cluster.free:
                candidate = self.case.candidates[place]
                if isinstance(candidate, Each) and candidate.savings.get(line, 0) > best:
                    best, owner = candidate.savings[line], place
        left[line] = 0
        if owner is not None:
            self.taken.append(Application(owner, ((line, count),), best * count))
        self._descend(left, saved + best * count, bound - self.potential[line] * count)
        if owner is not None:
            self.taken.pop()
        left[line] = count

    def _finish(self, saved: int) -> None:
        for place, count in self.used.items():
            candidate = self.case.candidates[place]
            if isinstance(candidate, Each) and count < candidate.least:
                return
        if self.joint:
            key = self._trace()
            known = self.outcomes.get(key)
            if known is None or known.saving < saved:
                self.outcomes[key] = _Outcome(saved, tuple(self.taken))
        elif self.best is None or saved > self.best.saving:
            self.best = _Outcome(saved, tuple(self.taken))
            self.least = saved + 1


def prove(
    case: Case, clusters: Sequence[Cluster], solved: Sequence[Plan], decisions: tuple[Decision, ...], steps: int
) -> tuple[list[Plan], tuple[Decision, ...], bool]:
    """Look for an answer that saves more than a known one, cluster by cluster, the small ones first.

    Returns:
        The best answer found, as item offers for each cluster and basket offers, and whether it is proven best.
    """
    budget, proven = _Budget(steps), True
    best = [_Outcome(sum(one.saving * one.times for one in plan), plan) for plan in solved]
    total = sum(one.saving for one in best) + sum(one.saving for one in decisions)
    found: tuple[list[Plan], tuple[Decision, ...]] = (list(solved), decisions)
    for place in sorted(range(len(clusters)), key=lambda one: (len(clusters[one].grouped), one)):
        search = _ClusterSearch(case, clusters[place], budget, joint=False, least=best[place].saving + 1)
        try:
            search.run()
        except _OutOfSteps:
            proven = False
        best[place] = search.best or best[place]
    left = left_after(case, [application for one in best for application in one.plan])
    settled = settle_exactly(case, left)
    reached = sum(one.saving for one in best) + sum(one.saving for one in settled)
    if reached > total:
        found, total = ([one.plan for one in best], settled), reached
    if not case.basket_candidates or not proven:
        return (*found, proven)
    joint = _Joint(case, clusters, best, budget, total)
    try:
        joint.run()
    except _OutOfSteps:
        proven = False
    return (*(joint.found or found), proven)


@dataclass(slots=True)
class _Joint:
    """Combines the outcomes of clusters with basket offers."""

    case: Case
    clusters: Sequence[Cluster]
    best: Sequence[_Outcome]
    budget: _Budget
    total: int
    found: tuple[list[Plan], tuple[Decision, ...]] | None = None
    options: list[list[_Outcome]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    covers_all: list[bool] = field(default_factory=list)

    def run(self) -> None:
        """Look at every combination that could save more than the total."""
        case = self.case
        lines = {line for cluster in self.clusters for line in cluster.lines}
        self.covers_all = [
            not one.gift_lines and lines <= set(one.lines) and case.rules.offers[one.number].stackable
            for one in case.basket_candidates
        ]
        item_best = sum(one.saving for one in self.best)
        if self._bound((), item_best) <= self.total:
            return
        slack = self._slack(item_best)
        for cluster, best in zip(self.clusters, self.best, strict=True):
            search = _ClusterSearch(case, cluster, self.budget, joint=True, least=best.saving - slack)
            search.run()
            self.options.append(sorted(search.outcomes.values(), key=lambda one: -one.saving))
        self.order = sorted(range(len(self.options)), key=lambda one: len(self.options[one]))
        self._combine(item_best, [])

    def _slack(self, item_best: int) -> int:
        """Return by how much item offers may save less than their best and the whole still more than the total."""
        low, high = 0, item_best
        while low < high:
            middle = (low + high + 1) // 2
            if self._bound((), item_best - middle) > self.total:
                low = middle
            else:
                high = middle - 1
        return low

    def _combine(self, still: int, chosen: list[Plan]) -> None:
        """Choose an outcome for one cluster after another; `still` is the most that the others can save."""
        self.budget.step(len(self.case.lines) * (1 + len(self.case.basket_candidates)))
        plan = tuple(application for one in chosen for application in one)
        if self._bound(plan, still) <= self.total:
            return
        if len(chosen) == len(self.order):
            decisions = settle_exactly(self.case, left_after(self.case, plan))
            reached = sum(one.saving * one.times for one in plan) + sum(one.saving for one in decisions)
            if reached > self.total:
                by_cluster = dict(zip(self.order, chosen, strict=True))
                self.total = reached
                self.found = ([by_cluster[place] for place in range(len(self.order))], decisions)
            return
        place = self.order[len(chosen)]
        for outcome in self.options[place]:
            self._combine(still - self.best[place].saving, [*chosen, outcome.plan])

    def _bound(self, plan: Plan, still: int) -> int:
        """Return at most what a plan saves when at most `still` more comes from item offers.

        Item offers yet to be given lower what is left for the basket offers that cover all goods, so those are worked
        out at each amount where one of them would just still be reached.
        """
        case, left = self.case, left_after(self.case, plan)
        fixed: dict[str, int] = {}
        falling = []
        for place, candidate in enumerate(case.basket_candidates):
            if self.covers_all[place]:
                cells = [cell for line in candidate.lines for cell in (2 * line, 2 * line + 1)]
                falling.append(
                    (candidate, sum(left.net[cell] for cell in cells), sum(left.pieces[cell] for cell in cells))
                )
            else:
                key = candidate.group or f"#{place}"
                fixed[key] = max(fixed.get(key, 0), most(case, place, left))
        most_falling = 0
        for given in self._amounts(falling, still):
            by_key: dict[str, int] = {}
            for place, (candidate, base, pieces) in enumerate(falling):
                key = candidate.group or f"#{place}"
                by_key[key] = max(by_key.get(key, 0), saving_on(case, candidate, max(0, base - given), pieces))
            most_falling = max(most_falling, given + sum(by_key.values()))
        return sum(one.saving * one.times for one in plan) + sum(fixed.values()) + most_falling + len(falling)

    def _amounts(self, falling: Sequence[tuple[object, int, int]], still: int) -> list[int]:
        amounts = {0, still}
        for place, candidate in enumerate(self.case.basket_candidates):
            if not self.covers_all[place]:
                continue
            form = self.case.rules.offers[candidate.number].form
            base = next(base for one, base, _ in falling if one is candidate)
            edges: list[int] = []
            if isinstance(form, Threshold):
                edges = [step.from_minor for step in form.steps if step.from_minor]
            elif isinstance(form, Every) and form.every_minor:
                edges = list(range(form.every_minor, base + 1, form.every_minor))
            for edge in edges:
                for given in (base - edge, base - edge + 1):
                    if 0 <= given <= still:
                        amounts.add(given)
        return sorted(amounts)
