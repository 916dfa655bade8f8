"""What the till knows of each transaction at its card terminal: begun, asked about, ended. Any thread may ask.

The payment desk asks in its own time and must never wait; the terminal answers on its own thread whenever it is done.
This book stands between: a request goes out at once, an event is written down, and a question is answered from what is
written down. A transaction is begun once; after that it is only ever asked about.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from app.payments.card_terminal import (
    CardTerminal,
    StatusRequest,
    TerminalAnswered,
    TerminalOperation,
    TerminalOutcome,
    TerminalPrompt,
    TerminalResult,
)
from app.values.wording import Wording

_log: Final = logging.getLogger(__name__)

MOST_KEPT: Final = 256
"""Transactions; the oldest that is not under way is forgotten first, and asked about anew should it be needed."""

MOST_PROMPT_NEWS: Final = 24
"""How often a transaction's prompts bring news: each costs a step in the store, and a terminal may go on for ever."""


class Phase(Enum):
    """What the terminal is doing about a transaction."""

    RESTING = "resting"
    """Nothing."""

    RUNNING = "running"
    """It was begun in this run of the program, and has not ended."""

    ASKED = "asked"
    """The terminal is being asked how it ended."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction, as far as it is known."""

    attempt_id: str
    """Its name at the terminal."""

    provider_number: str
    """Of the payment or refund that is told of news."""

    operation: TerminalOperation
    amount_minor: int
    currency: str
    phase: Phase = Phase.RESTING
    from_start: bool = False
    """Whether nothing was sent about it before this run of the program knew it: a reversal of it would be known too."""

    refused_here: bool = False
    """Whether this run tried to begin it and the terminal took nothing; it was certainly never sent then."""

    outcome: TerminalOutcome | None = None
    """How it ended, or that nobody could say; None where that was not heard yet."""

    prompt: Wording | None = None
    """What the terminal waits for."""

    prompts_told: int = 0

    @property
    def ended(self) -> TerminalOutcome | None:
        """How it ended for certain; None where that is not known."""
        if self.outcome is None or self.outcome.result is TerminalResult.UNKNOWN:
            return None
        return self.outcome


class TerminalTransactions:
    """The book; see the module."""

    def __init__(self, terminal: Callable[[], CardTerminal | None], on_news: Callable[[str], None]) -> None:
        """Begin with nothing known.

        Args:
            terminal: returns the till's terminal; None while there is none.
            on_news: told the provider number of what an event changed; called on the terminal's thread, must return at
                once.
        """
        self._terminal = terminal
        self._on_news = on_news
        self._lock = threading.Lock()
        self._known: dict[str, Transaction] = {}
        self._closed = False

    def get(self, attempt_id: str) -> Transaction | None:
        """Return what is known of a transaction; None where nothing is."""
        with self._lock:
            return self._known.get(attempt_id)

    def begin(self, transaction: Transaction, send: Callable[[CardTerminal], bool]) -> Transaction:
        """Begin a transaction that was certainly never sent; return what is known of it then.

        Args:
            transaction: names it.
            send: hands it to the terminal, which says whether it took it.
        """
        running = replace(transaction, phase=Phase.RUNNING, from_start=True, refused_here=False)
        # Noted first: its answer may come before the terminal's method has returned.
        self._note(running)
        terminal = self._terminal()
        if terminal is not None and send(terminal):
            return self.get(transaction.attempt_id) or running
        return self.hold_back(transaction)

    def hold_back(self, transaction: Transaction) -> Transaction:
        """Note that a transaction was certainly not sent, so that a later call may begin it."""
        refused = replace(transaction, phase=Phase.RESTING, refused_here=True)
        self._note(refused)
        return refused

    def ask(self, transaction: Transaction) -> bool:
        """Have the terminal asked how a transaction ended; whether that is under way now."""
        with self._lock:
            known = self._known.get(transaction.attempt_id, transaction)
            if known.phase is Phase.ASKED:
                return True
            self._put(replace(known, phase=Phase.ASKED))
        terminal = self._terminal()
        request = StatusRequest(known.attempt_id, known.operation, known.amount_minor, known.currency)
        if terminal is not None and terminal.ask(request):
            return True
        with self._lock:
            asked = self._known[known.attempt_id]
            if asked.phase is Phase.ASKED:
                self._put(replace(asked, phase=known.phase))
        return False

    def cancel(self, transaction: Transaction) -> bool:
        """Ask the terminal to break off; false where it is not at it."""
        terminal = self._terminal()
        return terminal is not None and terminal.cancel(transaction.attempt_id)

    def hear(self, event: TerminalPrompt | TerminalAnswered) -> None:
        """Take what the terminal says; called on its thread."""
        with self._lock:
            known = self._known.get(event.attempt_id)
            if known is None:
                _log.info("terminal_spoke_of_another_attempt", extra={"attempt_id": event.attempt_id})
                return
            heard, tells = _prompted(known, event) if isinstance(event, TerminalPrompt) else _answered(known, event)
            self._put(heard)
            tells = tells and not self._closed
        if tells:
            self._on_news(heard.provider_number)

    def close(self) -> None:
        """Tell no news any more."""
        with self._lock:
            self._closed = True

    def _note(self, transaction: Transaction) -> None:
        with self._lock:
            self._put(transaction)

    def _put(self, transaction: Transaction) -> None:
        self._known[transaction.attempt_id] = transaction
        if len(self._known) > MOST_KEPT:
            oldest = next((name for name, one in self._known.items() if one.phase is Phase.RESTING), None)
            if oldest is not None and oldest != transaction.attempt_id:
                del self._known[oldest]


def _prompted(known: Transaction, event: TerminalPrompt) -> tuple[Transaction, bool]:
    new = event.sentence != known.prompt and known.prompts_told < MOST_PROMPT_NEWS
    return replace(known, prompt=event.sentence, prompts_told=known.prompts_told + new), new


def _answered(known: Transaction, event: TerminalAnswered) -> tuple[Transaction, bool]:
    rested = replace(known, phase=Phase.RESTING, prompt=None)
    if known.ended is not None:
        # What was certain stays: a question that was still under way may end without an answer.
        return rested, False
    certain = event.outcome.result is not TerminalResult.UNKNOWN
    # A question that nobody could answer is no news: telling it would have it asked again at once, for ever.
    return replace(rested, outcome=event.outcome), certain or known.phase is Phase.RUNNING
