"""Keeps knowing whether each provider can be reached, so that a payment is refused at once while it cannot.

A connection is opened to the provider's own address and closed again, from time to time while it works and often while
it does not. What a payment hears counts at once. Until the first look is over a provider counts as reachable.
"""

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_log: Final = logging.getLogger(__name__)

Endpoint = tuple[str, int]
"""Host and port."""

CONNECT_WITHIN_S: Final = 4


@dataclass(frozen=True, slots=True)
class ReachTimes:
    """How often is looked, in seconds."""

    while_up_s: float = 15.0
    while_away_s: float = 3.0
    look_within_s: float = 5.0
    """A look that takes longer, such as with a name server that does not answer, counts as not reached."""


def some_jitter() -> float:
    """Return a factor near 1, so that the tills of a shop do not all look at one moment."""
    return secrets.SystemRandom().uniform(0.8, 1.2)


def can_connect(endpoint: Endpoint) -> bool:
    """Open a connection and close it; whether that worked."""
    try:
        with socket.create_connection(endpoint, timeout=CONNECT_WITHIN_S):
            return True
    except (OSError, UnicodeError):
        # UnicodeError is a host's name that cannot be one.
        return False


class Reach:
    """What is known of every provider's line; any thread may ask, nobody waits."""

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        changed: Callable[[], None],
        *,
        look: Callable[[Endpoint], bool] = can_connect,
        jitter: Callable[[], float] = some_jitter,
        times: ReachTimes | None = None,
    ) -> None:
        """Prepare; `start` looks for the first time.

        Args:
            endpoints: by the provider's id.
            changed: called when one of them went away or came back, on one of several threads; returns at once.
            look: tells whether an endpoint answers; it may take its time.
            jitter: gives the factor by which the next pause is longer or shorter.
            times: how often.
        """
        self._watches = {
            name: _Watch(name, endpoint, changed, _Ways(look, jitter, times or ReachTimes()))
            for name, endpoint in endpoints.items()
        }

    def start(self) -> None:
        """Look at once, in the background, and from then on."""
        for watch in self._watches.values():
            watch.start()

    def is_away(self, provider_id: str) -> bool:
        """Return whether a provider cannot be reached, by the last that was known."""
        watch = self._watches.get(provider_id)
        return watch is not None and watch.away

    def heard(self, provider_id: str, *, reached: bool) -> None:
        """Take what a payment found out."""
        watch = self._watches.get(provider_id)
        if watch is not None:
            watch.hear(away=not reached)

    def look_now(self) -> None:
        """Look again without waiting for the pause to end."""
        for watch in self._watches.values():
            watch.look_now()

    def stop(self, within_s: float) -> None:
        """End; a look that hangs is left behind."""
        for watch in self._watches.values():
            watch.end()
        for watch in self._watches.values():
            watch.join(within_s)


@dataclass(frozen=True, slots=True)
class _Ways:
    look: Callable[[Endpoint], bool]
    jitter: Callable[[], float]
    times: ReachTimes


class _Watch:
    """Looks at one provider on a thread of its own, each look on a further one, for a look may hang."""

    def __init__(self, name: str, endpoint: Endpoint, changed: Callable[[], None], ways: _Ways) -> None:
        self._name = name
        self._endpoint = endpoint
        self._changed = changed
        self._ways = ways
        self._news = threading.Condition()
        self._away = False
        self._looking = False
        self._found: bool | None = None
        self._wants_look = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reach-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def away(self) -> bool:
        with self._news:
            return self._away

    def hear(self, *, away: bool) -> None:
        with self._news:
            if away is self._away:
                return
            self._away = away
            # The pause that goes on was that of the other state.
            self._wants_look = away
            self._news.notify_all()
        _log.info("provider_away" if away else "provider_reached", extra={"provider": self._name})
        self._changed()

    def look_now(self) -> None:
        with self._news:
            self._wants_look = True
            self._news.notify_all()

    def end(self) -> None:
        with self._news:
            self._ended.set()
            self._news.notify_all()

    def join(self, within_s: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            away = not self._look()
            if self._ended.is_set():
                return
            self.hear(away=away)
            times = self._ways.times
            with self._news:
                pause_s = (times.while_away_s if self._away else times.while_up_s) * self._ways.jitter()
                self._news.wait_for(lambda: self._ended.is_set() or self._wants_look, pause_s)
                self._wants_look = False
                if self._ended.is_set():
                    return

    def _look(self) -> bool:
        """Return whether a look says so in time; one that hangs is not doubled by another."""
        with self._news:
            if not self._looking:
                self._looking, self._found = True, None
                threading.Thread(target=self._look_once, name=f"reach-look-{self._name}", daemon=True).start()
            self._news.wait_for(lambda: self._ended.is_set() or self._found is not None, self._ways.times.look_within_s)
            return bool(self._found)

    def _look_once(self) -> None:
        found = False
        try:
            found = self._ways.look(self._endpoint)
        except Exception:  # noqa: BLE001 - a fault of the program; logged, and the line counts as away
            _log.exception("reach_look_failed", extra={"provider": self._name})
        finally:
            with self._news:
                self._looking, self._found = False, found
                self._news.notify_all()
