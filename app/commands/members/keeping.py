"""A keeper of members as one thread of the till has it: opened on first use, closed with it."""

from collections.abc import Callable
from dataclasses import dataclass

from app.members.ports import MemberKeeper
from app.members.signed_codes import IssuerKeys
from app.values.wording import Wording


@dataclass(frozen=True, slots=True)
class OpenedKeeper:
    """A keeper and how it is let go."""

    keeper: MemberKeeper
    close: Callable[[], None]
    keys: IssuerKeys | None = None
    """Of a shop's own book: the keys that are trusted here, its own among them; None: those of the configuration."""

    trouble: Callable[[], Wording | None] = lambda: None
    """Says why the last call was answered AWAY."""


OpenKeeper = Callable[[], OpenedKeeper]
"""Opens a keeper for the thread that calls it; raises a `Problem` where that cannot be."""


class LazyKeeper:
    """Opens a keeper when it is wanted first; used by one thread at a time."""

    def __init__(self, open_keeper: OpenKeeper) -> None:
        """Take how it is opened."""
        self._open = open_keeper
        self._opened: OpenedKeeper | None = None

    def get(self) -> MemberKeeper:
        """Return the keeper.

        Raises:
            Problem: it cannot be opened; says what to do.
        """
        if self._opened is None:
            self._opened = self._open()
        return self._opened.keeper

    def trouble(self) -> Wording | None:
        """Return why the last call was answered AWAY, where that is known."""
        return self._opened.trouble() if self._opened is not None else None

    def close(self) -> None:
        """Let it go; opened again where it is wanted again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
