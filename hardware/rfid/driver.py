"""What a tag reader's driver must do, and the one for readers that speak LLRP."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol

from app.values.problems import Problem
from app.values.wording import wording
from hardware.rfid import llrp_requests as requests
from hardware.rfid.llrp import ANSWERS, Message, MessageStream, MessageType
from hardware.rfid.llrp_reading import (
    AntennaState,
    ConnectionAttempt,
    LlrpStatus,
    ReaderFacts,
    TagRead,
    antennas_of,
    connection_attempt_of,
    facts_of,
    status_of,
    tags_of,
)
from hardware.rfid.llrp_requests import Inventory
from hardware.transport import DeviceAway, Transport


class ReaderRefuses(Problem):
    """Raised when a tag reader is there and does not do what it is asked; a person must see to it."""

    code = "RFID-REFUSED"


@dataclass(frozen=True, slots=True)
class RfidReaderCapabilities:
    """What a tag reader can do and is, as it says itself once it is open."""

    antennas: int = 0
    """How many sockets for antennas it has; 0 where it does not say."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    tells_antennas: bool = False
    """Whether it says which antennas hang on it."""

    tells_strength: bool = True
    """Whether it says how strong a tag answered."""


class RfidDriver(Protocol):
    """A tag reader. Used by one thread; every call comes back within its time."""

    @property
    def capabilities(self) -> RfidReaderCapabilities:
        """What it can do; known once it was open."""

    @property
    def antennas(self) -> tuple[AntennaState, ...]:
        """Which antennas hang on it, as last heard, by number; empty where it does not say."""

    def open(self) -> None:
        """Connect, and begin to look for tags.

        Raises:
            DeviceAway: if it cannot be reached, or does not answer rightly.
            ReaderRefuses: if it is there and will not.
        """

    def listen(self, timeout_s: float) -> tuple[TagRead, ...]:
        """Return the tags it reported, waiting so long for the first of them.

        Raises:
            DeviceAway: if it is gone, fell silent, or speaks another language.
        """

    def pause(self) -> None:
        """Stop looking for tags, the connection kept.

        Raises:
            DeviceAway: if it is gone.
            ReaderRefuses: if it will not.
        """

    def resume(self) -> None:
        """Look for tags again.

        Raises:
            DeviceAway: if it is gone.
            ReaderRefuses: if it will not.
        """

    def close(self) -> None:
        """Stop it and let go; harmless where it is gone."""


@dataclass(frozen=True, slots=True)
class LlrpTimes:
    """How long an LLRP reader may take."""

    keepalive_ms: int = 600
    """How often the reader is told to give a sign of life."""

    missed: int = 3
    """After so many signs that did not come it is away: 1.8 s."""

    greeting_s: float = 1.0
    """How long its word on the connection may take; some way to it may have swallowed that word."""

    answer_s: float = 2.0
    """How long each answer may take."""

    @property
    def silent_after_s(self) -> float:
        """How long a reader may say nothing at all."""
        return self.keepalive_ms * self.missed / 1000


_MAKERS: Final = {161: "Motorola", 10642: "Zebra", 17996: "Alien", 22695: "CAEN", 25882: "Impinj", 26554: "ThingMagic"}
_KEPT_READS: Final = 4096
"""Reports that wait to be listened to while an answer is awaited; the oldest go first."""


class LlrpReader:
    """A reader that speaks LLRP. It looks for tags without end and reports each answer."""

    _rospec: ClassVar[int] = 1

    def __init__(
        self,
        transport: Transport,
        inventory: Inventory | None = None,
        *,
        times: LlrpTimes | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the way to it; nothing is sent yet.

        Args:
            transport: leads to it.
            inventory: how it is to look for tags.
            times: how long it may take.
            monotonic_s: seconds that never go back.
        """
        self.transport = transport
        self._inventory = inventory or Inventory(self._rospec)
        self._times = times or LlrpTimes()
        self._monotonic_s = monotonic_s
        self._stream = MessageStream()
        self._arrived: deque[Message] = deque()
        self._reads: deque[TagRead] = deque(maxlen=_KEPT_READS)
        self._antennas: dict[int, AntennaState] = {}
        self._attempt: ConnectionAttempt | None = None
        self._capabilities = RfidReaderCapabilities()
        self._next_id = 1
        self._heard_at_s = 0.0
        self._is_open = False

    @property
    def capabilities(self) -> RfidReaderCapabilities:
        """What it is; see `RfidDriver`."""
        return self._capabilities

    @property
    def antennas(self) -> tuple[AntennaState, ...]:
        """Which antennas hang on it; see `RfidDriver`."""
        return tuple(self._antennas[number] for number in sorted(self._antennas))

    def open(self) -> None:
        """Shake hands, set it up and start it; see `RfidDriver`."""
        self._forget()
        self.transport.open()
        try:
            self._shake_hands()
            self._set_up()
        except Problem:
            self.transport.close()
            raise
        self._is_open = True

    def listen(self, timeout_s: float) -> tuple[TagRead, ...]:
        """Return what it reported; see `RfidDriver`."""
        deadline = self._monotonic_s() + timeout_s
        while not self._reads:
            left_s = deadline - self._monotonic_s()
            self._hear(max(0.0, left_s))
            self._sort_all()
            if left_s <= 0:
                break
        reads = tuple(self._reads)
        self._reads.clear()
        return reads

    def pause(self) -> None:
        """Stop it; see `RfidDriver`."""
        self._ask(MessageType.STOP_ROSPEC, requests.rospec_id(self._inventory.rospec_id))
        self._reads.clear()

    def resume(self) -> None:
        """Start it again; see `RfidDriver`."""
        self._ask(MessageType.START_ROSPEC, requests.rospec_id(self._inventory.rospec_id))

    def close(self) -> None:
        """Say good-bye, so that it stops sending and takes the next caller, and hang up."""
        if self._is_open:
            self._is_open = False
            # Where it is gone already, there is nobody to say good-bye to.
            with suppress(DeviceAway):
                self._send(Message(MessageType.CLOSE_CONNECTION, self._new_id()), 0.2)
        self.transport.close()

    # The conversation.

    def _shake_hands(self) -> None:
        """Wait for its word on the connection, and ask what it is."""
        deadline = self._monotonic_s() + self._times.greeting_s
        while self._attempt is None and (left_s := deadline - self._monotonic_s()) > 0:
            self._hear(left_s, first_contact=True)
            self._sort_all()
        self._require_accepted()
        answer = self._ask(MessageType.GET_READER_CAPABILITIES, requests.GENERAL_CAPABILITIES)
        self._require_accepted()
        facts = facts_of(answer)
        if facts is not None:
            self._capabilities = _capabilities(facts)

    def _require_accepted(self) -> None:
        if self._attempt in {None, ConnectionAttempt.SUCCESS, ConnectionAttempt.ANOTHER_ATTEMPTED}:
            return
        if self._attempt is ConnectionAttempt.FAILED:
            raise ReaderRefuses(wording("The tag reader refuses the connection. Switch it off and on."))
        raise ReaderRefuses(
            wording("The tag reader is in use by another program. Close that program, or switch the reader off and on.")
        )

    def _set_up(self) -> None:
        self._ask(MessageType.DELETE_ROSPEC, requests.ALL_ROSPECS)
        self._ask(MessageType.SET_READER_CONFIG, requests.reader_config(self._times.keepalive_ms))
        self._ask_for_antennas()
        rospec_id = requests.rospec_id(self._inventory.rospec_id)
        self._add_rospec()
        self._ask(MessageType.ENABLE_ROSPEC, rospec_id)
        self._ask(MessageType.START_ROSPEC, rospec_id)

    def _add_rospec(self) -> None:
        """Say how to look for tags; a reader that does not take the air protocol's settings keeps its own."""
        try:
            self._ask(MessageType.ADD_ROSPEC, requests.rospec(self._inventory))
        except ReaderRefuses:
            if self._inventory.session is None:
                raise
            self._ask(MessageType.ADD_ROSPEC, requests.rospec(replace(self._inventory, session=None)))

    def _ask_for_antennas(self) -> None:
        """Ask which antennas hang on it; a reader that cannot say is as good."""
        try:
            answer = self._ask(MessageType.GET_READER_CONFIG, requests.ANTENNA_PROPERTIES)
        except ReaderRefuses:
            return
        self._take_antennas(answer)

    def _ask(self, kind: MessageType, body: bytes) -> Message:
        """Send a request and return its answer.

        Raises:
            DeviceAway: if none came in time.
            ReaderRefuses: if it says that it did not do it.
        """
        request = Message(kind, self._new_id(), body)
        deadline = self._monotonic_s() + self._times.answer_s
        self._send(request, self._times.answer_s)
        while True:
            while self._arrived:
                message = self._arrived.popleft()
                if message.message_id == request.message_id and message.message_type == ANSWERS[kind]:
                    _require_success(status_of(message), kind)
                    return message
                if message.message_id == request.message_id and message.message_type == MessageType.ERROR_MESSAGE:
                    raise _refused(status_of(message), kind)
                self._sort(message)
                self._require_accepted()
            left_s = deadline - self._monotonic_s()
            if left_s <= 0:
                raise DeviceAway(
                    wording("The tag reader gives no answer. Check that the address is that of an LLRP reader.")
                )
            self._hear(left_s)

    def _new_id(self) -> int:
        number = self._next_id
        self._next_id = number % 0xFFFF_FFFF + 1
        return number

    def _send(self, message: Message, timeout_s: float) -> None:
        data = message.encode()
        deadline = self._monotonic_s() + timeout_s
        while data:
            left_s = deadline - self._monotonic_s()
            if left_s <= 0:
                raise DeviceAway(wording("The tag reader takes no data. Switch it off and on."))
            data = data[self.transport.write(data, left_s) :]

    def _hear(self, timeout_s: float, *, first_contact: bool = False) -> None:
        """Take in what comes within the time.

        Args:
            timeout_s: how long to wait for the first byte.
            first_contact: pass over rubbish: on a line that stays up it may be the end of what was said to others.

        Raises:
            DeviceAway: if it is gone, fell silent, or speaks another language.
        """
        data = self.transport.read(timeout_s)
        now = self._monotonic_s()
        messages = self._stream.feed(data)
        if self._stream.broken:
            self._stream = MessageStream()
            if not first_contact:
                raise DeviceAway(
                    wording("What answers is no tag reader, or the line is disturbed. Check the address and the cable.")
                )
        if messages:
            self._heard_at_s = now
        elif self._is_open and now - self._heard_at_s > self._times.silent_after_s:
            raise DeviceAway(wording("The tag reader has fallen silent. Check its power and cable."))
        self._arrived.extend(messages)

    def _sort_all(self) -> None:
        while self._arrived:
            self._sort(self._arrived.popleft())

    def _sort(self, message: Message) -> None:
        """Take a message that answers no question."""
        if message.message_type == MessageType.KEEPALIVE:
            self._send(Message(MessageType.KEEPALIVE_ACK, message.message_id), 0.5)
        elif message.message_type == MessageType.RO_ACCESS_REPORT:
            self._reads.extend(tags_of(message))
        elif message.message_type == MessageType.READER_EVENT_NOTIFICATION:
            attempt = connection_attempt_of(message)
            self._attempt = self._attempt if attempt is None else attempt
            self._take_antennas(message)

    def _take_antennas(self, message: Message) -> None:
        for state in antennas_of(message):
            if 1 <= state.antenna <= max(self._capabilities.antennas, 64):
                self._antennas[state.antenna] = state

    def _forget(self) -> None:
        self._stream = MessageStream()
        self._arrived.clear()
        self._reads.clear()
        self._antennas.clear()
        self._attempt = None
        self._is_open = False
        self._heard_at_s = self._monotonic_s()


def _capabilities(facts: ReaderFacts) -> RfidReaderCapabilities:
    maker = _MAKERS.get(facts.maker, str(facts.maker))
    return RfidReaderCapabilities(facts.antennas, maker, str(facts.model), facts.firmware, tells_antennas=True)


def _require_success(status: LlrpStatus | None, kind: MessageType) -> None:
    if status is None or not status.is_success:
        raise _refused(status, kind)


def _refused(status: LlrpStatus | None, kind: MessageType) -> ReaderRefuses:
    return ReaderRefuses(
        wording(
            "The tag reader refuses {request} (error {number}: {reason}). Switch it off and on; then tell help.",
            request=kind.name,
            number=status.code if status else 0,
            reason=(status.description if status else "") or "-",
        )
    )
