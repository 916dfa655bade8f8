"""What a tag reader says, as values: tags, how the connection went, its antennas, and what it is."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hardware.rfid.llrp import Message, MessageType, ParameterType, first, parameters


@dataclass(frozen=True, slots=True)
class TagRead:
    """A tag answered."""

    epc: str
    """Its code in hexadecimal capitals, whole bytes; see `app.catalogue.codes.epc`."""

    antenna: int | None = None
    """Which antenna heard it, from 1; None where the reader does not say."""

    rssi_dbm: int | None = None
    """How strong at best; the nearer to 0, the stronger."""

    count: int = 1
    """How often it answered since the last report."""

    first_seen_us: int | None = None
    """When, in microseconds since 1970 by the reader's own clock."""


@dataclass(frozen=True, slots=True)
class LlrpStatus:
    """How a request went."""

    code: int
    """0 where it was carried out (LLRP 1.1 section 14.2.2)."""

    description: str = ""
    """The reader's own words."""

    @property
    def is_success(self) -> bool:
        """Whether it was carried out."""
        return self.code == 0


class ConnectionAttempt(IntEnum):
    """What a reader says to a caller first (LLRP 1.1 section 14.2.5.10)."""

    SUCCESS = 0
    TAKEN_BY_READER = 1
    TAKEN_BY_CLIENT = 2
    FAILED = 3
    ANOTHER_ATTEMPTED = 4
    """Said to the one who has the connection: somebody else wanted it."""


@dataclass(frozen=True, slots=True)
class AntennaState:
    """Whether an antenna hangs on its socket."""

    antenna: int
    connected: bool


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What a reader says of itself (GeneralDeviceCapabilities)."""

    antennas: int
    """How many sockets it has."""

    maker: int
    """Private enterprise number of its manufacturer, by IANA: 25882 is Impinj."""

    model: int
    """The manufacturer's own number of the model."""

    firmware: str


_TEXT_LIMIT: Final = 200


def status_of(message: Message) -> LlrpStatus | None:
    """Return how a request went, from an answer or an error message; None where it does not say."""
    body = first(parameters(message.body), ParameterType.LLRP_STATUS)
    if body is None or len(body) < 4:
        return None
    code, length = struct.unpack_from(">HH", body)
    return LlrpStatus(code, _text(body[4 : 4 + length]))


def tags_of(message: Message) -> tuple[TagRead, ...]:
    """Return the tags in a report; those whose entry is damaged are left out."""
    if message.message_type != MessageType.RO_ACCESS_REPORT:
        return ()
    return tuple(_tags(message))


def _tags(message: Message) -> Iterator[TagRead]:
    for entry in parameters(message.body):
        if entry.parameter_type == ParameterType.TAG_REPORT_DATA and (tag := _tag(entry.body)):
            yield tag


def _tag(body: bytes) -> TagRead | None:
    found = parameters(body)
    epc = first(found, ParameterType.EPC_96)
    if epc is None:
        epc = _whole_epc(first(found, ParameterType.EPC_DATA))
    if not epc:
        return None
    antenna = first(found, ParameterType.ANTENNA_ID)
    rssi = first(found, ParameterType.PEAK_RSSI)
    count = first(found, ParameterType.TAG_SEEN_COUNT)
    seen = first(found, ParameterType.FIRST_SEEN_TIMESTAMP_UTC)
    return TagRead(
        epc.hex().upper(),
        antenna=None if antenna is None else int.from_bytes(antenna, "big"),
        rssi_dbm=None if rssi is None else int.from_bytes(rssi, "big", signed=True),
        count=1 if count is None else max(1, int.from_bytes(count, "big")),
        first_seen_us=None if seen is None else int.from_bytes(seen, "big"),
    )


def _whole_epc(body: bytes | None) -> bytes | None:
    """Return the code of an EPCData parameter: a count of bits, and as many bytes as they need."""
    if body is None or len(body) < 2:
        return None
    bits = int.from_bytes(body[:2], "big")
    epc = body[2:]
    return epc if len(epc) == (bits + 7) // 8 else None


def connection_attempt_of(message: Message) -> ConnectionAttempt | None:
    """Return what a reader says to its caller; None where the message says nothing of it."""
    body = _event(message, ParameterType.CONNECTION_ATTEMPT_EVENT)
    if body is None or len(body) != 2:
        return None
    status = int.from_bytes(body, "big")
    return next((one for one in ConnectionAttempt if one == status), ConnectionAttempt.FAILED)


def antennas_of(message: Message) -> tuple[AntennaState, ...]:
    """Return what a message says of antennas: an event, or the answer to a question for their properties."""
    if message.message_type == MessageType.READER_EVENT_NOTIFICATION:
        body = _event(message, ParameterType.ANTENNA_EVENT)
        if body is None or len(body) != 3 or body[0] > 1:
            return ()
        return (AntennaState(int.from_bytes(body[1:], "big"), connected=body[0] == 1),)
    if message.message_type != MessageType.GET_READER_CONFIG_RESPONSE:
        return ()
    return tuple(
        AntennaState(int.from_bytes(one.body[1:3], "big"), connected=bool(one.body[0] & 0x80))
        for one in parameters(message.body)
        if one.parameter_type == ParameterType.ANTENNA_PROPERTIES and len(one.body) == 5
    )


def facts_of(message: Message) -> ReaderFacts | None:
    """Return what a reader says of itself; None where it does not."""
    if message.message_type != MessageType.GET_READER_CAPABILITIES_RESPONSE:
        return None
    body = first(parameters(message.body), ParameterType.GENERAL_DEVICE_CAPABILITIES)
    if body is None or len(body) < 14:
        return None
    antennas, _, maker, model, length = struct.unpack_from(">HHIIH", body)
    return ReaderFacts(antennas, maker, model, _text(body[14 : 14 + length]))


def _event(message: Message, kind: ParameterType) -> bytes | None:
    if message.message_type != MessageType.READER_EVENT_NOTIFICATION:
        return None
    data = first(parameters(message.body), ParameterType.READER_EVENT_NOTIFICATION_DATA)
    return None if data is None else first(parameters(data), kind)


def _text(data: bytes) -> str:
    """Return a reader's words, so that they can be shown: nothing that moves a cursor, and not without end."""
    text = data.decode("utf-8", "replace")[:_TEXT_LIMIT]
    return "".join(character if character.isprintable() else " " for character in text).strip()
