"""nexo Retailer, the Sale to POI protocol: turns requests into messages and messages into what happened. Knows no line.

One transaction is open at a time. An answer counts where it names the message it answers, the right terminal and the
right amount; one to an earlier message is late or doubled and ignored; any other is strange and makes nothing certain.
"""

import base64
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

from app.payments.card_terminal import (
    PROGRESS_SENTENCES,
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalOutcome,
    TerminalProgress,
    TerminalResult,
    holds_card_number,
)
from app.values.wording import Wording, wording
from hardware.terminals.framing import FrameReader
from hardware.terminals.messages import (
    DiagnosisResponse,
    DisplayOutput,
    DisplayRequest,
    MessageHeader,
    PaymentResponse,
    Reply,
    Request,
    ReversalResponse,
    TransactionStatusResponse,
    read_message,
)
from hardware.terminals.outcomes import (
    CONTRADICTED,
    NEVER_ARRIVED,
    NOT_FOUND,
    Expected,
    judge,
    lines_of,
)
from hardware.terminals.requests import SERVICE_ID_LETTERS, MessageWriter, NexoRules, expected_of, service_id_of

_PAST_REMEMBERED: Final = 64
_PROMPT_LETTERS: Final = 120

LOGGED_OUT: Final = "LoggedOut"
TERMINAL_LOGGED_OUT: Final = "terminal_logged_out"
_UNWELL: Final = {"DeviceOut", "UnavailableDevice", "UnreachableHost"}


@dataclass(frozen=True, slots=True)
class Concluded:
    """The open attempt ended."""

    attempt_id: str
    outcome: TerminalOutcome


@dataclass(frozen=True, slots=True)
class StillRunning:
    """The terminal is at it."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """The terminal waits for something."""

    progress: TerminalProgress
    sentence: Wording


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The terminal answered a log-in."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The terminal says how it is."""

    status: str
    """nexo's GlobalStatus: OK, Busy, Maintenance, Unreachable."""


@dataclass(frozen=True, slots=True)
class Strange:
    """Something came that should not have; the attempt, where one is open, must be asked about."""

    event: str
    """Its name in the log; nothing of what came is repeated."""


Heard = Concluded | StillRunning | Progressed | LoggedIn | Diagnosed | Strange


def _random_service_id() -> str:
    return base64.b32encode(secrets.token_bytes(7)).decode("ascii")[:SERVICE_ID_LETTERS]


def _utc_now() -> datetime:
    return datetime.now(UTC)


_EVENTS: Final = {
    "TENDER_CREATED": TerminalProgress.PRESENT_CARD,
    "WAIT_FOR_PIN": TerminalProgress.ENTER_PIN,
    "ASK_SIGNATURE": TerminalProgress.SIGN,
    "PROVIDE_SIGNATURE": TerminalProgress.SIGN,
    "CARD_INSERTED": TerminalProgress.PROCESSING,
    "CARD_PRESENTED": TerminalProgress.PROCESSING,
    "CARD_SWIPED": TerminalProgress.PROCESSING,
    "PIN_ENTERED": TerminalProgress.PROCESSING,
    "REMOVE_CARD": TerminalProgress.REMOVE_CARD,
    "CardInserted": TerminalProgress.PROCESSING,
}
"""Events of a tender as Adyen's display notifications name them, and nexo's own EventToNotify."""


class NexoSession:
    """The till's side of a conversation with one terminal."""

    def __init__(
        self,
        sale_id: str,
        poi_id: str,
        rules: NexoRules | None = None,
        *,
        name_of: Callable[[str], str] = service_id_of,
        new_service_id: Callable[[], str] = _random_service_id,
        utc_now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Say who speaks to whom.

        Args:
            sale_id: the till, as the terminal is to know it.
            poi_id: the terminal.
            rules: in what this terminal differs from others.
            name_of: names the message of an attempt, always the same way.
            new_service_id: names messages that carry no transaction.
            utc_now: the time to write into messages.
        """
        self._poi_id = poi_id
        self._writer = MessageWriter(sale_id, poi_id, utc_now)
        self.rules = rules or NexoRules()
        self._name_of = name_of
        self._new_service_id = new_service_id
        self._frames = FrameReader()
        self._expected: Expected | None = None
        self._asked: dict[str, str] = {}
        """Messages that carry no transaction and await their answers, and the attempt's message they ask about."""

        self._past: deque[str] = deque(maxlen=_PAST_REMEMBERED)
        self._replies = b""

    # What the till says.

    def login(self) -> bytes:
        """Return the request to log in."""
        return self._ask("Login", self._writer.login(self.rules))

    def diagnose(self) -> bytes:
        """Return the question how the terminal is."""
        return self._ask("Diagnosis", {"HostDiagnosisFlag": False})

    def begin(self, request: PurchaseRequest | RefundRequest | ReversalRequest) -> bytes:
        """Return the request that begins an attempt, which is open from now on."""
        expected = expected_of(request, self.rules, self._name_of)
        self._expected = expected
        if expected.category == "Payment":
            return self._writer.request("Payment", expected.service_id, self._writer.payment(request))
        return self._writer.request("Reversal", expected.service_id, self._writer.reversal(request))

    def resume(self, request: StatusRequest) -> bytes:
        """Return the question how an earlier attempt ended, which is open again from now on."""
        self._expected = expected_of(request, self.rules, self._name_of)
        return self.inquire()

    def inquire(self) -> bytes:
        """Return the question how the open attempt ended; nothing where none is open."""
        expected = self._expected
        if expected is None:
            return b""
        body = {"ReceiptReprintFlag": False, "MessageReference": self._writer.reference(expected)}
        return self._ask("TransactionStatus", body)

    def abort(self) -> bytes:
        """Return the request to break the open attempt off; nothing where none is open."""
        expected = self._expected
        if expected is None:
            return b""
        body = {"MessageReference": self._writer.reference(expected), "AbortReason": "MerchantAbort"}
        return self._writer.request("Abort", self._new_service_id(), body)

    def forget(self) -> None:
        """Take the open attempt for ended; its answer, should it still come, is late."""
        if self._expected is not None:
            self._past.append(self._expected.service_id)
            self._expected = None

    def reconnected(self) -> None:
        """Begin a new stream; answers to the last one's questions are late."""
        self._frames = FrameReader()
        self._past.extend(self._asked)
        self._asked.clear()
        self._replies = b""

    def replies(self) -> bytes:
        """Return what the terminal is owed for its own requests, once."""
        owed, self._replies = self._replies, b""
        return owed

    # What the terminal says.

    @property
    def incomplete(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._frames.incomplete

    def received(self, data: bytes) -> tuple[Heard, ...]:
        """Take bytes in any pieces; return what happened."""
        skipped = self._frames.skipped
        heard = self._made_of(self._frames.take(data))
        return heard if self._frames.skipped == skipped else (Strange("terminal_line_noisy"), *heard)

    def give_up_incomplete(self) -> tuple[Heard, ...]:
        """Take a message whose end does not come for none."""
        return (Strange("terminal_message_broken_off"), *self._made_of(self._frames.give_up()))

    def _made_of(self, frames: tuple[bytes, ...]) -> tuple[Heard, ...]:
        return tuple(heard for frame in frames for heard in self._heard(frame))

    def _heard(self, frame: bytes) -> Iterator[Heard]:
        message = read_message(frame)
        if message is not None and message.sale_to_poi_response is not None:
            yield from self._reply(message.sale_to_poi_response)
        elif message is not None and message.sale_to_poi_request is not None:
            yield from self._requested(message.sale_to_poi_request)
        else:
            yield Strange("terminal_message_unreadable")

    def _reply(self, reply: Reply) -> Iterator[Heard]:
        header = reply.message_header
        expected = self._expected
        if expected is not None and header.service_id == expected.service_id:
            yield from self._answer(reply, expected)
        elif header.service_id in self._asked:
            about = self._give_up_on(header.service_id)
            yield from self._side_answer(reply, about)
        elif header.service_id in self._past:
            # Late or doubled: what it answers was settled.
            return
        else:
            yield Strange("terminal_reply_to_nothing")

    def _answer(self, reply: Reply, expected: Expected) -> Iterator[Heard]:
        answer = reply.payment_response if expected.category == "Payment" else reply.reversal_response
        if answer is None:
            yield Strange("terminal_reply_without_body")
            return
        yield from self._judged(answer, reply.message_header, expected)

    def _judged(
        self, answer: PaymentResponse | ReversalResponse, header: MessageHeader, expected: Expected
    ) -> Iterator[Heard]:
        if answer.response.error_condition == "InProgress":
            yield StillRunning()
            return
        if header.poi_id != self._poi_id:
            yield Strange("terminal_answer_of_another_terminal")
            yield self._conclude(TerminalOutcome(TerminalResult.UNKNOWN, CONTRADICTED))
            return
        if answer.response.error_condition == LOGGED_OUT:
            yield Strange(TERMINAL_LOGGED_OUT)
        judged = judge(answer, expected, self._poi_id, in_part=self.rules.partial_approval)
        if judged.strange:
            yield Strange(judged.strange)
        yield self._conclude(judged.outcome)

    def _conclude(self, outcome: TerminalOutcome) -> Concluded:
        attempt_id = self._expected.attempt_id if self._expected is not None else ""
        self.forget()
        return Concluded(attempt_id, outcome)

    def _side_answer(self, reply: Reply, about: str) -> Iterator[Heard]:
        if reply.login_response is not None:
            yield LoggedIn(reply.login_response.response.result == "Success")
        elif reply.diagnosis_response is not None:
            yield from self._diagnosed(reply.diagnosis_response)
        elif reply.transaction_status_response is not None:
            # One about an attempt that ended meanwhile says nothing of the one that is open now.
            if self._expected is not None and self._expected.service_id == about:
                yield from self._status(reply.transaction_status_response, reply.message_header, self._expected)
        else:
            yield Strange("terminal_reply_without_body")

    def _diagnosed(self, diagnosis: DiagnosisResponse) -> Iterator[Heard]:
        condition = diagnosis.response.error_condition
        if condition == LOGGED_OUT:
            yield Strange(TERMINAL_LOGGED_OUT)
        # Terminals that offer no diagnosis refuse it, and are there.
        yield Diagnosed("Unreachable" if condition in _UNWELL else diagnosis.poi_status.global_status)

    def _status(self, status: TransactionStatusResponse, header: MessageHeader, expected: Expected) -> Iterator[Heard]:
        repeated = status.repeated_message_response
        if status.response.result == "Success" and repeated is not None:
            body = repeated.repeated_response_message_body
            answer = body.payment_response if expected.category == "Payment" else body.reversal_response
            # Terminals differ in which of the two names the message that was asked about.
            named = {status.message_reference.service_id, repeated.message_header.service_id}
            if answer is None or expected.service_id not in named:
                yield Strange("terminal_status_of_another_payment")
                return
            yield from self._judged(answer, header, expected)
        elif status.response.error_condition in {"InProgress", "Busy"}:
            yield StillRunning()
        elif status.response.error_condition == "NotFound":
            declined = self.rules.not_found_means_declined
            yield Strange("terminal_knows_no_such_payment")
            yield self._conclude(
                TerminalOutcome(TerminalResult.DECLINED, NEVER_ARRIVED)
                if declined
                else TerminalOutcome(TerminalResult.UNKNOWN, NOT_FOUND)
            )
        else:
            yield Strange("terminal_status_refused")

    def _requested(self, request: Request) -> Iterator[Heard]:
        header = request.message_header
        if request.event_notification is not None:
            yield from self._progress(request.event_notification.event_to_notify, "")
        elif request.display_request is not None:
            yield from self._display(header, request.display_request)
        elif header.message_class == "Device" and header.message_type == "Request":
            # The till has no printer or keys to lend; the terminal uses its own.
            self._replies += self._writer.answer(
                header, {"Response": {"Result": "Failure", "ErrorCondition": "UnavailableDevice"}}
            )
        else:
            yield Strange("terminal_request_unknown")

    def _display(self, header: MessageHeader, request: DisplayRequest) -> Iterator[Heard]:
        outputs = request.display_output if isinstance(request.display_output, list) else [request.display_output]
        if header.message_type == "Request" and any(one.response_required_flag for one in outputs):
            results = [
                {"Device": one.device, "InfoQualify": one.info_qualify, "Response": {"Result": "Success"}}
                for one in outputs
            ]
            self._replies += self._writer.answer(header, {"OutputResult": results})
        for one in outputs:
            yield from self._shown(one)

    def _shown(self, output: DisplayOutput) -> Iterator[Heard]:
        content = output.output_content
        reference = content.predefined_content.reference_id
        # Adyen: `TransactionID=…&TimeStamp=…&event=TENDER_CREATED`.
        named = parse_qs(reference[:1000]).get("event", [reference])[0] if reference.count("&") < 10 else ""
        words = " ".join(line.strip() for line in lines_of(content) if line.strip())
        yield from self._progress(named, words)

    def _progress(self, event: str, words: str) -> Iterator[Heard]:
        progress = _EVENTS.get(event, TerminalProgress.OTHER)
        if holds_card_number(words):
            yield Strange("terminal_sent_card_number")
        elif progress is not TerminalProgress.OTHER:
            yield Progressed(progress, PROGRESS_SENTENCES[progress])
        elif words:
            yield Progressed(progress, wording("The card terminal: {words}", words=words[:_PROMPT_LETTERS]))

    def _ask(self, category: str, body: dict[str, Any]) -> bytes:
        service_id = self._new_service_id()
        while len(self._asked) >= _PAST_REMEMBERED:
            self._give_up_on(next(iter(self._asked)))
        self._asked[service_id] = self._expected.service_id if self._expected is not None else ""
        return self._writer.request(category, service_id, body)

    def _give_up_on(self, service_id: str) -> str:
        """Take an answer to one of these messages for late from now on; return what it asked about."""
        self._past.append(service_id)
        return self._asked.pop(service_id)
