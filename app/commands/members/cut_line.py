"""A line to the keeper of members that can be cut: for demonstrations and tests of a headquarters that is away."""

import threading
from collections.abc import Callable
from typing import Any, Final

from app.commands.members.keeping import OpenedKeeper, OpenKeeper
from app.members.ports import AccountFound, CouponAnswer, CouponReach, CouponsFound, MemberAnswer, MemberKeeper, Reach

_AWAY: Final[dict[str, object]] = {
    "find": MemberAnswer(Reach.AWAY),
    "enrol": MemberAnswer(Reach.AWAY),
    "record_consent": Reach.AWAY,
    "erase": Reach.AWAY,
    "erased_since": None,
    "of_code": CouponsFound(Reach.AWAY),
    "reserve": CouponAnswer(CouponReach.AWAY),
    "release": CouponAnswer(CouponReach.AWAY),
    "codes_to_lease": None,
    "lease": None,
    "bring_back": Reach.AWAY,
    "take_in": Reach.AWAY,
    "take_back": Reach.AWAY,
    "load": Reach.AWAY,
    "refund": Reach.AWAY,
    "look_up": AccountFound(Reach.AWAY),
    "hold": None,
    "held": None,
    "capture": None,
    "let_go": None,
    "give_back": None,
    "given_back": None,
    "promotions": None,
    "issuer_keys": None,
}
"""What each call answers while the line is cut."""


class CutLine:
    """Stands between a till and its keeper; any thread may cut it."""

    def __init__(self) -> None:
        """Begin whole."""
        self._cut = threading.Event()

    def cut(self) -> None:
        """Have every call answered AWAY from now on."""
        self._cut.set()

    def mend(self) -> None:
        """Let calls through again."""
        self._cut.clear()

    def around(self, opens: OpenKeeper) -> OpenKeeper:
        """Return how a keeper is opened behind this line."""

        def opened() -> OpenedKeeper:
            found = opens()
            behind: Any = _Behind(found.keeper, self._cut)
            return OpenedKeeper(behind, found.close, found.keys, found.trouble)

        return opened


class _Behind:
    """A keeper behind a line."""

    def __init__(self, keeper: MemberKeeper, cut: threading.Event) -> None:
        self._keeper = keeper
        self._cut = cut

    def __getattr__(self, name: str) -> Callable[..., object]:
        away = _AWAY[name]

        def ask(*arguments: object) -> object:
            if self._cut.is_set():
                return away
            answer: object = getattr(self._keeper, name)(*arguments)
            return answer

        return ask
