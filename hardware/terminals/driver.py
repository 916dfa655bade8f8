"""Drives one card terminal over any transport: joins the protocol and the line."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from app.payments.card_terminal import (
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalCapabilities,
)
from app.values.problems import Problem
from app.values.wording import wording
from hardware.terminals.nexo import Diagnosed, Heard, LoggedIn, NexoSession
from hardware.transport import DeviceAway, Transport

_WRITE_S: Final = 0.5
_LONGEST_WRITE_S: Final = 3.0
_BROKEN_OFF_S: Final = 1.0
"""A message that began comes whole within this time, or not at all."""

_MOST_READS: Final = 64


class TerminalRefusesTill(Problem):
    """Raised when a terminal is there and does not let this till log in."""

    code = "TERMINAL-REFUSES"


class CardTerminalDriver(Protocol):
    """What a terminal's worker needs of a terminal. One thread uses it."""

    @property
    def capabilities(self) -> TerminalCapabilities:
        """What it can do."""

    def open(self) -> None:
        """Reach the terminal; an attempt that was open stays so.

        Raises:
            Problem: if it is away or this computer cannot speak to it.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not open."""

    def greet(self) -> None:
        """Log in, where the terminal wants that; not while an attempt is open.

        Raises:
            DeviceAway: if it does not answer.
            TerminalRefusesTill: if it says no.
        """

    def diagnose(self) -> Diagnosed:
        """Ask how it is.

        Raises:
            DeviceAway: if it does not answer.
        """

    def begin(self, request: PurchaseRequest | RefundRequest | ReversalRequest) -> None:
        """Begin an attempt.

        Raises:
            DeviceAway: if the terminal is lost; a part of the request may have reached it.
        """

    def resume(self, request: StatusRequest) -> None:
        """Ask how an earlier attempt ended, which is open again.

        Raises:
            DeviceAway: if the terminal is lost.
        """

    def inquire(self) -> None:
        """Ask how the open attempt ended.

        Raises:
            DeviceAway: if the terminal is lost.
        """

    def abort(self) -> None:
        """Ask the terminal to break the open attempt off.

        Raises:
            DeviceAway: if the terminal is lost.
        """

    def forget(self) -> None:
        """Take the open attempt for ended."""

    def listen(self, timeout_s: float) -> tuple[Heard, ...]:
        """Return what happened, waiting so long for the first of it.

        Raises:
            DeviceAway: if the terminal is lost.
        """


class NexoTerminal:
    """A terminal that speaks nexo; see `CardTerminalDriver` for what its methods promise."""

    def __init__(
        self,
        transport: Transport,
        session: NexoSession,
        *,
        answer_s: float = 1.0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say where the terminal is and who speaks to it; nothing is sent yet.

        Args:
            transport: leads to it.
            session: the till's side of the conversation.
            answer_s: how long it may take to say how it is.
            monotonic_s: seconds that never go back.
        """
        self._transport = transport
        self._session = session
        self._answer_s = answer_s
        self._monotonic_s = monotonic_s
        self._kept: deque[Heard] = deque()
        self._began_s: float | None = None

    @property
    def capabilities(self) -> TerminalCapabilities:
        """What nexo and this terminal's settings allow."""
        rules = self._session.rules
        return TerminalCapabilities(partial_approval=rules.partial_approval, prints_itself=rules.prints_itself)

    def open(self) -> None:
        """Connect."""
        self._session.reconnected()
        self._began_s = None
        self._transport.open()

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def greet(self) -> None:
        """Send a log-in and wait for the answer."""
        if not self._session.rules.logs_in:
            return
        self._send(self._session.login())
        answer = self._await(LoggedIn)
        if isinstance(answer, LoggedIn) and not answer.accepted:
            raise TerminalRefusesTill(
                wording("The card terminal does not let this till log in. Check sale_id and poi_id in its settings.")
            )

    def diagnose(self) -> Diagnosed:
        """Send a diagnosis and wait for the answer."""
        self._send(self._session.diagnose())
        answer = self._await(Diagnosed)
        return answer if isinstance(answer, Diagnosed) else Diagnosed("Unreachable")

    def begin(self, request: PurchaseRequest | RefundRequest | ReversalRequest) -> None:
        """Send a payment, refund or reversal."""
        self._send(self._session.begin(request))

    def resume(self, request: StatusRequest) -> None:
        """Send a question about an earlier attempt."""
        self._send(self._session.resume(request))

    def inquire(self) -> None:
        """Send a question about the open attempt."""
        self._send(self._session.inquire())

    def abort(self) -> None:
        """Send an abort."""
        self._send(self._session.abort())

    def forget(self) -> None:
        """Close the open attempt."""
        self._session.forget()

    def listen(self, timeout_s: float) -> tuple[Heard, ...]:
        """Read, and answer the terminal's own requests."""
        if self._kept:
            heard = tuple(self._kept)
            self._kept.clear()
            return heard
        return self._read(timeout_s)

    def _read(self, timeout_s: float) -> tuple[Heard, ...]:
        data = self._transport.read(timeout_s)
        heard = self._session.received(data) if data else ()
        now = self._monotonic_s()
        if not self._session.incomplete or heard:
            self._began_s = now if self._session.incomplete else None
        elif self._began_s is None:
            self._began_s = now
        elif now - self._began_s > _BROKEN_OFF_S:
            self._began_s = None
            heard = self._session.give_up_incomplete()
        if owed := self._session.replies():
            self._send(owed)
        return heard

    def _await(self, kind: type[Heard]) -> Heard:
        """Return the first thing of a kind that happens; what else happens is kept for `listen`."""
        deadline = self._monotonic_s() + self._answer_s
        while (left := deadline - self._monotonic_s()) > 0:
            found: Heard | None = None
            for heard in self._read(min(left, _BROKEN_OFF_S)):
                if found is None and isinstance(heard, kind):
                    found = heard
                else:
                    self._kept.append(heard)
                    while len(self._kept) > _MOST_READS:
                        self._kept.popleft()
            if found is not None:
                return found
        raise DeviceAway(wording("The card terminal does not answer. Check its power and cable."))

    def _send(self, data: bytes) -> None:
        deadline = self._monotonic_s() + _LONGEST_WRITE_S
        while data:
            data = data[self._transport.write(data, _WRITE_S) :]
            if data and self._monotonic_s() > deadline:
                raise DeviceAway(wording("The card terminal takes no data. Check its power and cable."))
