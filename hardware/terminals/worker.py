"""Owns a card terminal's thread: one transaction at a time, and an answer for each, unknown rather than guessed.

A transaction that was begun is never begun again. When its answer is lost the terminal is asked how it ended, for as
long as the limit allows; after that nobody can say, and the payments say what to do about it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.payments.card_terminal import (
    PROGRESS_SENTENCES,
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalAnswered,
    TerminalCapabilities,
    TerminalOutcome,
    TerminalProgress,
    TerminalPrompt,
    TerminalRequest,
    TerminalResult,
)
from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.listening import ListeningWorker
from hardware.terminals.driver import CardTerminalDriver
from hardware.terminals.nexo import TERMINAL_LOGGED_OUT, Concluded, Diagnosed, Heard, Progressed, Strange
from hardware.terminals.outcomes import NO_ANSWER, UNREACHED
from hardware.worker import DeviceEvent, DeviceState, ErrorEvent, Order, Patience

_log = logging.getLogger(__name__)

TerminalEvent = DeviceEvent | TerminalAnswered | TerminalPrompt
"""What a terminal's worker publishes."""

_LISTEN_S: Final = 0.05

_LOG_AGAIN_S: Final = 60.0

_CARD_NUMBER: Final = "terminal_sent_card_number"


@dataclass(frozen=True, slots=True)
class TerminalLimits:
    """How long a terminal's worker waits for what."""

    answer_within_s: float = 150.0
    """A transaction ends within this time or is unknown; terminals give up by themselves after two minutes."""

    resolve_within_s: float = 30.0
    """How long an earlier attempt is asked about."""

    ask_again_s: float = 1.0
    """How often, once an answer was lost."""

    ask_while_paying_s: float = 5.0
    """How long a terminal may be silent in a transaction before it is asked whether it is still at it; 0: it is never
    asked, for terminals that take one message at a time."""

    silent_s: float = 1.5
    """How long it may take to answer that before the till says that it cannot be reached."""

    check_s: float = 0.8
    """How often an idle terminal is asked how it is."""


@dataclass(slots=True)
class _Job:
    """The transaction under way; touched on the worker's thread only, but for `cancelled`."""

    request: TerminalRequest
    deadline_s: float
    sent: bool = False
    """Whether a byte of it may have left."""

    lost: bool = False
    """Whether the line broke since: it must be asked about."""

    uncertain: bool = False
    """Whether its answer was lost or strange, so that it is asked about often."""

    cancelled: bool = False
    abort_sent: bool = False
    heard_s: float = 0.0
    asked_s: float | None = None
    """When it was asked about, while that is unanswered."""

    next_ask_s: float = 0.0


class TerminalWorker(ListeningWorker[Order]):
    """A card terminal in use; see `CardTerminal` for what its methods promise. Any thread may call them."""

    def __init__(
        self,
        device: str,
        driver: CardTerminalDriver,
        on_event: Callable[[TerminalEvent], None],
        *,
        limits: TerminalLimits | None = None,
        patience: Patience | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            driver: the terminal.
            on_event: takes the events on the worker's thread; must return at once.
            limits: how long to wait for what.
            patience: how long to wait between tries to reach it.
            monotonic_s: seconds that never go back.
        """
        super().__init__(device, on_event, patience=patience, monotonic_s=monotonic_s)
        self._on_terminal_event = on_event
        self._driver = driver
        self._limits = limits or TerminalLimits()
        self._job: _Job | None = None
        self._next_check_s = 0.0
        self._logged_out = False
        self._wondered: tuple[str, str] = ("", "")
        self._wondered_at_s = 0.0

    # What any thread may call.

    @property
    def capabilities(self) -> TerminalCapabilities:
        """What the terminal can do."""
        return self._driver.capabilities

    @property
    def busy_with(self) -> str | None:
        """The attempt under way; None where there is none."""
        with self._changed:
            return self._job.request.attempt_id if self._job is not None else None

    def purchase(self, request: PurchaseRequest) -> bool:
        """Begin a purchase."""
        return self._take(request, self._limits.answer_within_s)

    def refund(self, request: RefundRequest) -> bool:
        """Begin a refund."""
        return self.capabilities.refund and self._take(request, self._limits.answer_within_s)

    def reverse(self, request: ReversalRequest) -> bool:
        """Begin a reversal."""
        return self.capabilities.reversal and self._take(request, self._limits.answer_within_s)

    def ask(self, request: StatusRequest) -> bool:
        """Ask how an attempt ended."""
        return self._take(request, self._limits.resolve_within_s)

    def cancel(self, attempt_id: str) -> bool:
        """Ask the terminal to break off; where it cannot be reached, stop waiting for it."""
        with self._changed:
            job = self._job
            if job is None or job.request.attempt_id != attempt_id:
                return False
            job.cancelled = True
            self._wake()
            return True

    def _take(self, request: TerminalRequest, within_s: float) -> bool:
        if request.amount_minor <= 0:
            raise ValueError("a terminal is asked for an amount")
        with self._changed:
            if self._job is not None or self._stopping or self._thread.ident is None:
                return False
            self._job = _Job(request, self._monotonic_s() + within_s)
            self._wake()
            return True

    # On the worker's thread.

    def _enable(self) -> None:
        self._driver.open()
        job = self._job
        # A log-in in the middle of a transaction would end it at some terminals.
        self._logged_out = True
        if job is None or not job.sent:
            self._log_in()
        self._next_check_s = 0.0

    def _log_in(self) -> None:
        self._driver.greet()
        self._logged_out = False

    def _release(self) -> None:
        self._driver.close()
        job = self._job
        if job is None:
            return
        if self._stopping:
            self._conclude(job, self._ending(job))
        elif job.sent:
            if not job.lost:
                self._prompt(job, TerminalProgress.ASKING_AGAIN, PROGRESS_SENTENCES[TerminalProgress.ASKING_AGAIN])
            job.lost = job.uncertain = True

    def _lost(self, problem: Problem) -> None:
        super()._lost(problem)
        job = self._job
        if job is None:
            return
        never_sent = not job.sent and not isinstance(job.request, StatusRequest)
        if never_sent or job.cancelled or self._monotonic_s() >= job.deadline_s:
            self._conclude(job, self._ending(job))

    def _serve(self, order: Order) -> bool:
        """Do nothing: a terminal has one transaction, no queue of orders."""
        del order
        return True

    def _listen(self) -> None:
        job = self._job
        if job is not None:
            self._attend(job)
        elif self._logged_out:
            self._log_in()
        elif self._monotonic_s() >= self._next_check_s:
            self._told_by_terminal(self._driver.diagnose())
            self._next_check_s = self._monotonic_s() + self._limits.check_s
        else:
            for heard in self._driver.listen(_LISTEN_S):
                self._hear(heard)

    def _attend(self, job: _Job) -> None:
        now = self._monotonic_s()
        if now >= job.deadline_s:
            self._conclude(job, self._ending(job))
            return
        if not job.sent:
            if job.cancelled:
                self._conclude(job, self._ending(job))
                return
            self._begin(job, now)
        elif job.cancelled and not job.abort_sent and not isinstance(job.request, StatusRequest):
            job.abort_sent = True
            self._driver.abort()
        elif self._is_to_ask(job, now):
            job.lost = False
            self._ask_about(job, now)
        for heard in self._driver.listen(_LISTEN_S):
            job.heard_s, job.asked_s = self._monotonic_s(), None
            self._hear(heard)
        if self._job is job:
            self._watch_silence(job)

    def _begin(self, job: _Job, now_s: float) -> None:
        job.sent = True
        job.heard_s = now_s
        if isinstance(job.request, StatusRequest):
            job.uncertain = True
            job.next_ask_s = now_s + self._limits.ask_again_s
            job.asked_s = now_s
            self._driver.resume(job.request)
        else:
            self._driver.begin(job.request)

    def _is_to_ask(self, job: _Job, now_s: float) -> bool:
        if job.lost:
            return True
        if now_s < job.next_ask_s:
            return False
        silence = self._limits.ask_while_paying_s
        return job.uncertain or (silence > 0 and now_s - job.heard_s >= silence)

    def _ask_about(self, job: _Job, now_s: float) -> None:
        job.next_ask_s = now_s + (self._limits.ask_again_s if job.uncertain else self._limits.ask_while_paying_s)
        if job.asked_s is None:
            job.asked_s = now_s
        self._driver.inquire()

    def _watch_silence(self, job: _Job) -> None:
        if job.asked_s is not None and self._monotonic_s() - job.asked_s >= self._limits.silent_s:
            # The line is kept: closing it would lose the answer that may still come.
            self._tell(
                DeviceState.AWAY,
                wording(
                    "The card terminal does not answer. Check its power and cable; the payment is being asked about."
                ),
            )

    def _hear(self, heard: Heard) -> None:
        job = self._job
        match heard:
            case Concluded(attempt_id, outcome):
                if job is not None and job.request.attempt_id == attempt_id:
                    self._tell(DeviceState.READY, wording("Ready."))
                    self._conclude(job, outcome)
            case Progressed(progress, sentence):
                if job is not None:
                    self._prompt(job, progress, sentence)
            case Diagnosed():
                self._told_by_terminal(heard)
            case Strange(event):
                self._wonder(event, job)
            case _:
                if job is not None:
                    self._tell(DeviceState.READY, wording("Ready."))

    def _wonder(self, event: str, job: _Job | None) -> None:
        attempt_id = job.request.attempt_id if job is not None else ""
        now = self._monotonic_s()
        if (event, attempt_id) != self._wondered or now - self._wondered_at_s >= _LOG_AGAIN_S:
            # A line that is nothing but noise must not fill the log.
            self._wondered, self._wondered_at_s = (event, attempt_id), now
            _log.warning(event, extra={"device": self.device, "attempt_id": attempt_id})
        if event == TERMINAL_LOGGED_OUT:
            self._logged_out = True
        if event == _CARD_NUMBER:
            sentence = wording("The card terminal sent a whole card number. Nothing of it was kept. Tell its maker.")
            self._publish(ErrorEvent(self.device, sentence))
            self._tell_anew()
        if job is not None:
            job.uncertain = True

    def _told_by_terminal(self, diagnosed: Diagnosed) -> None:
        match diagnosed.status:
            case "OK" | "Busy":
                self._tell(DeviceState.READY, wording("Ready."))
            case "Maintenance":
                self._tell(
                    DeviceState.STOPPED,
                    wording("The card terminal is being maintained. Wait, or take another way to pay."),
                )
            case _:
                self._tell(
                    DeviceState.ATTENTION,
                    wording("The card terminal does not reach the bank. Cards may be declined."),
                )

    def _ending(self, job: _Job) -> TerminalOutcome:
        """Return how a transaction ends that the terminal says nothing of."""
        if job.sent or isinstance(job.request, StatusRequest):
            return TerminalOutcome(TerminalResult.UNKNOWN, NO_ANSWER)
        return TerminalOutcome(TerminalResult.DECLINED, UNREACHED)

    def _conclude(self, job: _Job, outcome: TerminalOutcome) -> None:
        with self._changed:
            self._job = None
        self._driver.forget()
        self._on_terminal_event(TerminalAnswered(self.device, job.request.attempt_id, outcome))

    def _prompt(self, job: _Job, progress: TerminalProgress, sentence: Wording) -> None:
        self._on_terminal_event(TerminalPrompt(self.device, job.request.attempt_id, progress, sentence))
