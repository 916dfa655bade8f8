"""Which tags lie in a reader's field: one that answered once by chance does not, one that misses a beat still does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hardware.rfid.llrp_reading import TagRead

_CANDIDATES_PER_TAG: Final = 2
"""How many tags are kept in mind for each that may lie there: those heard once only take room as well."""


@dataclass(frozen=True, slots=True)
class FieldRules:
    """When a tag is there, and when it is gone."""

    minimum_reads: int = 2
    """It is there when it answered so often, with no pause longer than `gone_after_s`."""

    gone_after_s: float = 1.5
    """It is gone when it was not heard for so long."""

    minimum_rssi_dbm: int | None = None
    """Answers weaker than this come from goods on the shelf; None where all count."""

    most_tags: int = 500
    """More than so many are not counted."""


@dataclass(slots=True)
class _Heard:
    reads: int
    at_s: float
    there: bool


class TagField:
    """The tags in the field; the caller says what time it is. Holds a bounded number of them."""

    def __init__(self, rules: FieldRules | None = None) -> None:
        """Begin with nothing there."""
        self._rules = rules or FieldRules()
        self._heard: dict[str, _Heard] = {}
        self._there = 0
        self.overflowing = False
        """Whether more tags answer than can be counted."""

        self._overflowed_at_s = 0.0

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that are there, sorted."""
        return tuple(sorted(epc for epc, heard in self._heard.items() if heard.there))

    def take(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the reader reported."""
        weakest = self._rules.minimum_rssi_dbm
        for read in reads:
            if weakest is None or read.rssi_dbm is None or read.rssi_dbm >= weakest:
                self._take(read, now_s)

    def _take(self, read: TagRead, now_s: float) -> None:
        heard = self._heard.get(read.epc)
        if heard is None:
            if len(self._heard) >= self._rules.most_tags * _CANDIDATES_PER_TAG:
                self._overflow(now_s)
                return
            heard = self._heard[read.epc] = _Heard(0, now_s, there=False)
        elif now_s - heard.at_s > self._rules.gone_after_s and not heard.there:
            heard.reads = 0
        heard.reads = min(heard.reads + read.count, self._rules.minimum_reads)
        heard.at_s = now_s
        if not heard.there and heard.reads >= self._rules.minimum_reads:
            if self._there >= self._rules.most_tags:
                self._overflow(now_s)
                return
            heard.there = True
            self._there += 1

    def _overflow(self, now_s: float) -> None:
        self.overflowing, self._overflowed_at_s = True, now_s

    def expire(self, now_s: float) -> None:
        """Let go of tags that were not heard for long enough."""
        gone = [epc for epc, heard in self._heard.items() if now_s - heard.at_s > self._rules.gone_after_s]
        for epc in gone:
            self._there -= self._heard.pop(epc).there
        if self.overflowing and now_s - self._overflowed_at_s > self._rules.gone_after_s:
            self.overflowing = False

    def hold(self, now_s: float) -> None:
        """Count from now: nobody listened for a while, and that is not the tags' fault."""
        for heard in self._heard.values():
            heard.at_s = now_s

    def clear(self) -> None:
        """Begin with nothing there."""
        self._heard.clear()
        self._there = 0
        self.overflowing = False
