"""A tag reader that is not there: speaks LLRP as a real one, over goods that carry tags or do not."""

import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from hardware.rfid.llrp import ANSWERS, Message, MessageStream, MessageType, Parameter, ParameterType, first, parameters
from hardware.simulated.device import SimulatedDevice
from hardware.simulated.lines import SimulatedServer, SimulatedTransport, TwinTransport, line_to
from hardware.transport import NetworkTransport, Transport

_TICK_S: Final = 0.1
"""How often it looks around and reports."""

_TAGS_PER_REPORT: Final = 32
_NO_SUCH_FIELD: Final = 101
_DUPLICATE: Final = 104
_UNSUPPORTED_MESSAGE: Final = 109
_TAKEN: Final = 2
_MAKER_AND_MODEL: Final = (0, 1)
_GAIN_DBI_HUNDREDTHS: Final = 600


@dataclass(slots=True)
class _Tag:
    antenna: int
    rssi_dbm: int
    every: int
    """It answers at every so many-th look only."""


@dataclass(slots=True)
class _Rospec:
    antennas: tuple[int, ...]
    enabled: bool = False
    active: bool = False


@dataclass(slots=True)
class _Told:
    """What clients told it; lost with the power."""

    rospecs: dict[int, _Rospec] = field(default_factory=dict)
    keepalive_s: float | None = None
    antenna_events: bool = False


class SimulatedRfidReader(SimulatedDevice):
    """A tag reader with antennas and a table of goods in front of them; any thread may touch it."""

    speaks_every_s = _TICK_S

    def __init__(self, *, antennas: int = 2, seed: int = 0, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        """Switch it on, with all antennas connected and nothing in its field.

        Args:
            antennas: how many sockets it has.
            seed: where noise on its line comes from.
            monotonic_s: seconds that never go back.
        """
        super().__init__(seed=seed, monotonic_s=monotonic_s)
        self._antennas = dict.fromkeys(range(1, antennas + 1), True)
        self._tags: dict[str, _Tag] = {}
        self._told = _Told()
        self._stream = MessageStream()
        self._connected = False
        self._refuses = False
        self._error_status = 0
        self._next_id = 1
        self._looks = 0
        self._next_keepalive_s = 0.0
        self.acknowledged = 0
        """How many of its signs of life were acknowledged."""

    # What a person does to it.

    def put_tags(self, *epcs: str, antenna: int = 1, rssi_dbm: int = -50) -> None:
        """Lay goods with these tags, in hexadecimal, before an antenna.

        Raises:
            ValueError: if one is not hexadecimal.
        """
        for epc in epcs:
            bytes.fromhex(epc)
        with self._changed:
            self._tags |= {epc.upper(): _Tag(antenna, rssi_dbm, every=1) for epc in epcs}

    def take_tags(self, *epcs: str) -> None:
        """Take goods away; all where none is named."""
        with self._changed:
            for epc in [epc.upper() for epc in epcs] or list(self._tags):
                self._tags.pop(epc, None)

    def flicker(self, *epcs: str, every: int = 5) -> None:
        """Let tags answer only now and then, as behind a tin: at each so many-th look of a tenth of a second."""
        with self._changed:
            for epc in epcs:
                self._tags[epc.upper()].every = every

    def disconnect_antenna(self, number: int = 1) -> None:
        """Pull the cable of an antenna."""
        self._set_antenna(number, connected=False)

    def connect_antenna(self, number: int = 1) -> None:
        """Put the cable of an antenna back."""
        self._set_antenna(number, connected=True)

    def refuse_connections(self, *, refuse: bool = True) -> None:
        """Let it tell whoever calls next that it is taken, as when another program has it."""
        with self._changed:
            self._refuses = refuse

    def answer_errors(self, status: int = 401) -> None:
        """Let it refuse every request with a status, 401 being its own fault; 0 mends it."""
        with self._changed:
            self._error_status = status

    # What can be seen of it.

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags before its antennas, sorted."""
        with self._changed:
            return tuple(sorted(self._tags))

    @property
    def antennas(self) -> dict[int, bool]:
        """Whether each antenna is connected, by number."""
        with self._changed:
            return dict(self._antennas)

    @property
    def connected(self) -> bool:
        """Whether somebody is connected to it."""
        with self._changed:
            return self._connected

    @property
    def looks_for_tags(self) -> bool:
        """Whether it radiates."""
        with self._changed:
            return any(rospec.active for rospec in self._told.rospecs.values())

    # The line tells it of callers.

    def greet(self) -> None:
        """Take a caller: forget what the last one did not read, and say how the connection went."""
        with self._changed:
            if self.reachable:
                self._stream = MessageStream()
                self._replies.clear()
                self._connected = not self._refuses
                self._say(
                    self._event(ParameterType.CONNECTION_ATTEMPT_EVENT, struct.pack(">H", self._refuses * _TAKEN))
                )

    def hang_up(self) -> None:
        """The caller is gone."""
        with self._changed:
            self._connected = False
            self._replies.clear()

    # What it makes of what it hears.

    def _heard(self, data: bytes) -> None:
        for message in self._stream.feed(data):
            if not self._connected:
                # A line without callers, such as a serial server: the first word is the call.
                self.greet()
            if self._connected:
                self._obey(message)
        if self._stream.broken:
            self._stream = MessageStream()

    def _obey(self, message: Message) -> None:
        if message.message_type == MessageType.KEEPALIVE_ACK:
            self.acknowledged += 1
            return
        answer_type = next((ANSWERS[kind] for kind in ANSWERS if kind == message.message_type), None)
        if answer_type is None:
            self._answer(MessageType.ERROR_MESSAGE, message, _UNSUPPORTED_MESSAGE)
            return
        status, rest = (self._error_status, b"") if self._error_status else self._carry_out(message)
        self._answer(answer_type, message, status, rest)
        if message.message_type == MessageType.CLOSE_CONNECTION:
            self._connected = False

    def _answer(self, kind: MessageType, request: Message, status: int, rest: bytes = b"") -> None:
        words = b"as it was told to" if status else b""
        body = Parameter(ParameterType.LLRP_STATUS, struct.pack(">HH", status, len(words)) + words).encode()
        self._say(Message(kind, request.message_id, body + rest).encode())

    def _carry_out(self, message: Message) -> tuple[int, bytes]:
        match message.message_type:
            case MessageType.GET_READER_CAPABILITIES:
                return 0, self._general_capabilities()
            case MessageType.GET_READER_CONFIG:
                return 0, b"".join(map(self._antenna_properties, self._antennas))
            case MessageType.SET_READER_CONFIG:
                return self._set_config(parameters(message.body, 1)), b""
            case MessageType.ADD_ROSPEC:
                return self._add_rospec(first(parameters(message.body), ParameterType.RO_SPEC) or b""), b""
            case MessageType.CLOSE_CONNECTION:
                return 0, b""
            case _:
                return self._turn_rospec(message), b""

    def _general_capabilities(self) -> bytes:
        firmware = b"1.0"
        body = struct.pack(">HHIIH", len(self._antennas), 0x4000, *_MAKER_AND_MODEL, len(firmware)) + firmware
        return Parameter(ParameterType.GENERAL_DEVICE_CAPABILITIES, body).encode()

    def _antenna_properties(self, number: int) -> bytes:
        body = struct.pack(">BHh", self._antennas[number] << 7, number, _GAIN_DBI_HUNDREDTHS)
        return Parameter(ParameterType.ANTENNA_PROPERTIES, body).encode()

    def _set_config(self, wanted: tuple[Parameter, ...]) -> int:
        keepalive = first(wanted, ParameterType.KEEPALIVE_SPEC)
        if keepalive is not None and len(keepalive) == 5:
            periodic, interval_ms = struct.unpack(">BI", keepalive)
            self._told.keepalive_s = interval_ms / 1000 if periodic else None
            self._next_keepalive_s = self._monotonic_s() + interval_ms / 1000
        for one in parameters(first(wanted, ParameterType.READER_EVENT_NOTIFICATION_SPEC) or b""):
            if one.body[:2] == b"\x00\x08":
                self._told.antenna_events = bool(one.body[2] & 0x80)
        return 0

    def _add_rospec(self, body: bytes) -> int:
        look = first(parameters(body, 6), ParameterType.AI_SPEC)
        if len(body) < 6 or look is None:
            return _NO_SUCH_FIELD
        number = int.from_bytes(body[:4], "big")
        if number in self._told.rospecs:
            return _DUPLICATE
        count = int.from_bytes(look[:2], "big")
        antennas = struct.unpack_from(f">{count}H", look, 2)
        if not number or any(one not in {0, *self._antennas} for one in antennas):
            return _NO_SUCH_FIELD
        self._told.rospecs[number] = _Rospec(antennas)
        return 0

    def _turn_rospec(self, message: Message) -> int:
        number = int.from_bytes(message.body[:4], "big")
        if message.message_type == MessageType.DELETE_ROSPEC and not number:
            self._told.rospecs.clear()
            return 0
        rospec = self._told.rospecs.get(number)
        if rospec is None:
            return _NO_SUCH_FIELD
        match message.message_type:
            case MessageType.DELETE_ROSPEC:
                del self._told.rospecs[number]
            case MessageType.ENABLE_ROSPEC:
                rospec.enabled = True
            case MessageType.STOP_ROSPEC:
                rospec.active = False
            case _ if not rospec.enabled:
                return _NO_SUCH_FIELD
            case _:
                rospec.active = True
        return 0

    # What it says unasked.

    def _spoken(self) -> bytes:
        if not self._connected:
            return b""
        self._looks += 1
        now = self._monotonic_s()
        words = b""
        if self._told.keepalive_s is not None and now >= self._next_keepalive_s:
            self._next_keepalive_s = now + self._told.keepalive_s
            words = Message(MessageType.KEEPALIVE, self._new_id()).encode()
        answering = [entry for epc, tag in sorted(self._tags.items()) if (entry := self._entry(epc, tag))]
        for place in range(0, len(answering), _TAGS_PER_REPORT):
            body = b"".join(answering[place : place + _TAGS_PER_REPORT])
            words += Message(MessageType.RO_ACCESS_REPORT, self._new_id(), body).encode()
        return words

    def _entry(self, epc: str, tag: _Tag) -> bytes:
        """Return what it reports of a tag at this look; empty where the tag does not answer."""
        if not self._antennas.get(tag.antenna) or self._looks % tag.every or not self._looks_with(tag.antenna):
            return b""
        code = bytes.fromhex(epc)
        if len(code) == 12:
            identity = Parameter(ParameterType.EPC_96, code)
        else:
            identity = Parameter(ParameterType.EPC_DATA, struct.pack(">H", 8 * len(code)) + code)
        since_start_us = int(self._monotonic_s() * 1_000_000)
        told = (
            identity,
            Parameter(ParameterType.ANTENNA_ID, struct.pack(">H", tag.antenna)),
            Parameter(ParameterType.PEAK_RSSI, struct.pack(">b", tag.rssi_dbm)),
            Parameter(ParameterType.FIRST_SEEN_TIMESTAMP_UTC, struct.pack(">Q", since_start_us)),
            Parameter(ParameterType.TAG_SEEN_COUNT, struct.pack(">H", 1)),
        )
        return Parameter(ParameterType.TAG_REPORT_DATA, _joined(told)).encode()

    def _looks_with(self, antenna: int) -> bool:
        return any(
            rospec.active and (antenna in rospec.antennas or 0 in rospec.antennas)
            for rospec in self._told.rospecs.values()
        )

    def _set_antenna(self, number: int, *, connected: bool) -> None:
        with self._changed:
            self._antennas[number] = connected
            if self._connected and self._told.antenna_events:
                self._say(self._event(ParameterType.ANTENNA_EVENT, struct.pack(">BH", connected, number)))

    def _event(self, kind: ParameterType, body: bytes) -> bytes:
        at_us = int(self._monotonic_s() * 1_000_000)
        stamp = Parameter(ParameterType.UTC_TIMESTAMP, struct.pack(">Q", at_us))
        data = Parameter(ParameterType.READER_EVENT_NOTIFICATION_DATA, _joined((stamp, Parameter(kind, body))))
        return Message(MessageType.READER_EVENT_NOTIFICATION, self._new_id(), data.encode()).encode()

    def _new_id(self) -> int:
        number, self._next_id = self._next_id, self._next_id % 0xFFFF_FFFF + 1
        return number

    def _forget(self) -> None:
        self._told = _Told()
        self._stream = MessageStream()
        self._connected = False


def _joined(told: Iterable[Parameter]) -> bytes:
    return b"".join(one.encode() for one in told)


class _ReaderTransport(SimulatedTransport):
    """A cable in the same process, which tells the reader of its callers as TCP does."""

    def __init__(self, reader: SimulatedRfidReader) -> None:
        super().__init__(reader)
        self._reader = reader

    def open(self) -> None:
        super().open()
        self._reader.greet()

    def close(self) -> None:
        if self._open:
            self._reader.hang_up()
        super().close()


class SimulatedReaderServer(SimulatedServer):
    """Puts a simulated tag reader on a TCP port; tells it of its callers."""

    def __init__(self, reader: SimulatedRfidReader, port: int = 0) -> None:
        """Listen on the loopback interface; port 0 takes a free one."""
        self._reader = reader
        super().__init__(reader, port)

    def _talk(self, connection: socket.socket) -> None:
        self._reader.greet()
        try:
            super()._talk(connection)
        finally:
            self._reader.hang_up()


def line_to_reader(reader: SimulatedRfidReader, line: str) -> Transport:
    """Return a transport to a simulated tag reader; as `line_to`, but the reader learns of its callers.

    Args:
        reader: the reader.
        line: `memory`, `network` or `serial`.
    """
    if line == "memory":
        return _ReaderTransport(reader)
    if line == "network":
        server = SimulatedReaderServer(reader)
        return TwinTransport(NetworkTransport("127.0.0.1", server.port), server)
    return line_to(reader, line)
