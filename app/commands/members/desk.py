"""The desk of members: one thread that asks the keeper, questions of the counter first, its own duties after them.

The till never waits for it. Duties take turns, so that one that gets nowhere keeps none of the others back. While
nobody answers, questions come back AWAY at once and duties are tried at growing pauses; the first answer ends that.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from app.checkout.member_ports import MemberQuestion
from app.checkout.member_requests import MemberNews
from app.commands.members.duties import Contact, Duty, MemberTimes
from app.commands.members.keeping import LazyKeeper
from app.commands.members.questions import Asked, QuestionRow, put_to
from app.members.ports import MemberKeeper
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

DESK_STOPPED: Final = wording(
    "Members stopped working inside the till. Go on selling, close the till and open it again, and tell help: the log"
    " says why."
)


class MemberDesk:
    """Asks one keeper on a thread of its own; any thread may call it."""

    def __init__(
        self,
        keeper: LazyKeeper,
        duties: Sequence[Duty],
        contact: Contact,
        times: MemberTimes,
        now_ns: Callable[[], int],
        *,
        tell: Callable[[MemberNews], None],
        changed: Callable[[Wording | None, bool], None],
    ) -> None:
        """Prepare; `start` begins.

        Args:
            keeper: opened and closed on the desk's thread.
            duties: what it does by itself, in turn.
            contact: keeps whether the keeper answers.
            times: how long and how often.
            now_ns: a clock that never goes back.
            tell: takes answers, in order; returns at once.
            changed: called when the keeper went away or came back, with why where that is known, and whether somebody
                must mend something before it can be asked again.
        """
        self._keeper = keeper
        self._duties = deque(duties)
        self._contact = contact
        self._times = times
        self._changed = changed
        self._news = threading.Condition(threading.RLock())
        self._questions = QuestionRow(self._news, now_ns, times.answer_within_s, tell)
        self._ending = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="member-desk", daemon=True)
        self._watch = threading.Thread(target=self._watch_deadlines, name="member-desk-watch", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()
        self._watch.start()

    def ask(self, question: MemberQuestion) -> bool:
        """Take a question; false where too many wait, or the desk ends."""
        with self._news:
            return not self._ending and self._questions.put(question)

    def look(self) -> None:
        """Look at the duties again: one of them has something to do."""
        with self._news:
            self._news.notify_all()

    @property
    def ended(self) -> bool:
        """Whether its thread has ended."""
        return self._ended.is_set()

    def stop(self, within_s: float) -> bool:
        """End; a call that hangs is left behind. Return whether it has ended."""
        with self._news:
            self._ending = True
            self._questions.give_up_all()
            self._news.notify_all()
        return self._ended.wait(within_s)

    def _run(self) -> None:
        try:
            with self._news:
                self._news.wait_for(lambda: self._ending, self._times.settling_s)
            while self._wait_for_work():
                asked = self._questions.next()
                if asked is not None:
                    self._serve(asked)
                else:
                    self._do_a_duty()
        except Exception as fault:  # noqa: BLE001 - a fault of the program; its text could name a person
            _log.error("member_desk_failed", extra={"error": type(fault).__name__, "where": _where(fault)})
            self._changed(DESK_STOPPED, True)
        finally:
            self._end()

    def _end(self) -> None:
        try:
            self._keeper.close()
        except Exception as fault:  # noqa: BLE001 - whatever a connection does at its end
            _log.warning("member_keeper_not_closed", extra={"error": type(fault).__name__})
        with self._news:
            self._ending = True
            self._questions.give_up_all()
            self._news.notify_all()
        self._ended.set()

    def _wait_for_work(self) -> bool:
        """Wait for a question or a duty; false at the end."""
        with self._news:
            while not self._ending:
                due_s = self._due_in_s()
                if self._questions.waits or due_s == 0:
                    return True
                self._news.wait(due_s)
            return False

    def _due_in_s(self) -> float | None:
        dues = [due for duty in self._duties if (due := duty.due_in_s()) is not None]
        return max(min(dues), self._contact.pause_s()) if dues else None

    def _serve(self, asked: Asked) -> None:
        if self._contact.spares_questions():
            self._questions.answered(asked, None)
            return
        answered: list[MemberNews | None] = []

        def put(keeper: MemberKeeper) -> bool:
            reached, news = put_to(keeper, asked.question)
            answered.append(news if reached else None)
            return reached

        self._try(put)
        self._questions.answered(asked, answered[0] if answered else None)

    def _do_a_duty(self) -> None:
        for duty in tuple(self._duties):
            self._duties.rotate(-1)
            if duty.due_in_s() == 0:
                self._try(duty.step)
                return

    def _try(self, step: Callable[[MemberKeeper], bool | None]) -> None:
        """Do one thing with the keeper and take in whether it answered; its own faults count as no answer."""
        mend: Wording | None = None
        try:
            reached = step(self._keeper.get())
        except Problem as problem:
            _log.warning("member_keeper_troubled", extra={"code": problem.code})
            reached, mend = False, problem.sentence
        except Exception as fault:  # noqa: BLE001 - a fault of the program; its text could name a person
            _log.error("member_keeper_failed", extra={"error": type(fault).__name__, "where": _where(fault)})
            reached = False
        if reached is None:
            return
        why = mend or (None if reached else self._keeper.trouble())
        if self._contact.hear(reached=reached) or why is not None:
            self._changed(why, mend is not None)

    def _watch_deadlines(self) -> None:
        with self._news:
            while not self._ending:
                self._news.wait(self._questions.give_up_overdue())


def _where(fault: BaseException) -> str:
    """Return the place a fault came from: a file and a line, no values."""
    trace, place = fault.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
