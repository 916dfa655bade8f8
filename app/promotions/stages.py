"""How far the proof has come with a scenario."""

from dataclasses import dataclass

from app.promotions.block import Block, Way
from app.promotions.candidates import Application
from app.promotions.scenarios import Need, Scenario

Plan = tuple[Application, ...]


@dataclass(slots=True)
class Solved:
    """The blocks of a worth, each with its best way."""

    blocks: list[Block]
    best: list[Way]

    @property
    def value(self) -> int:
        """What the best ways are worth together."""
        return sum([one.value for one in self.best])

    @property
    def bound(self) -> int:
        """At most what they could be worth."""
        return sum([one.bound for one in self.blocks])


@dataclass(slots=True)
class Stage:
    """How far a scenario was looked at."""

    scenario: Scenario
    solved: Solved
    steps: int
    """How long the best way under the needs is looked for before other scenarios have their turn."""

    needs: tuple[Need, ...] = ()
    """The needs that its blocks are under."""

    tried: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What may come of each block in a scenario."""

    blocks: list[Block]
    ways: list[list[Way]]
    """For each block, the best first."""

    most: list[int]
    """At most what the blocks from this place on are worth together."""

    scenario: Scenario
