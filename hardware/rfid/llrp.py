"""The frame of LLRP, the language of fixed tag readers: messages on the wire, and the parameters inside them.

GS1 EPCglobal Low Level Reader Protocol 1.0.1 and 1.1, over TCP port 5084. A message is 3 reserved bits, 3 bits of
version, 10 bits of type, a length of 32 bits that counts everything, an id of 32 bits, and its body (LLRP 1.1 section
17.1). In the body stand parameters: TLV ones with a type and a length of 16 bits, TV ones of a known length whose first
byte has its highest bit set (17.2). All numbers have their highest byte first. There is no check sum: TCP has one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

MOST_BYTES: Final = 1 << 20
"""A message that says it is longer is none; readers' longest, their lists of capabilities, are far below."""

HEADER_BYTES: Final = 10
VERSION: Final = 1
"""What is spoken: every reader begins with LLRP 1.0.1, and the till asks for nothing that came later."""

_KNOWN_VERSIONS: Final = (1, 2)
_HEADER: Final = struct.Struct(">HII")


class MessageType(IntEnum):
    """Messages that the till sends or understands (LLRP 1.1 section 17.1); others are ignored."""

    GET_READER_CAPABILITIES = 1
    GET_READER_CONFIG = 2
    SET_READER_CONFIG = 3
    CLOSE_CONNECTION_RESPONSE = 4
    GET_READER_CAPABILITIES_RESPONSE = 11
    GET_READER_CONFIG_RESPONSE = 12
    SET_READER_CONFIG_RESPONSE = 13
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    START_ROSPEC = 22
    STOP_ROSPEC = 23
    ENABLE_ROSPEC = 24
    ADD_ROSPEC_RESPONSE = 30
    DELETE_ROSPEC_RESPONSE = 31
    START_ROSPEC_RESPONSE = 32
    STOP_ROSPEC_RESPONSE = 33
    ENABLE_ROSPEC_RESPONSE = 34
    RO_ACCESS_REPORT = 61
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100


ANSWERS: Final = {
    MessageType.GET_READER_CAPABILITIES: MessageType.GET_READER_CAPABILITIES_RESPONSE,
    MessageType.GET_READER_CONFIG: MessageType.GET_READER_CONFIG_RESPONSE,
    MessageType.SET_READER_CONFIG: MessageType.SET_READER_CONFIG_RESPONSE,
    MessageType.CLOSE_CONNECTION: MessageType.CLOSE_CONNECTION_RESPONSE,
    MessageType.ADD_ROSPEC: MessageType.ADD_ROSPEC_RESPONSE,
    MessageType.DELETE_ROSPEC: MessageType.DELETE_ROSPEC_RESPONSE,
    MessageType.START_ROSPEC: MessageType.START_ROSPEC_RESPONSE,
    MessageType.STOP_ROSPEC: MessageType.STOP_ROSPEC_RESPONSE,
    MessageType.ENABLE_ROSPEC: MessageType.ENABLE_ROSPEC_RESPONSE,
}
"""Which message answers which; each carries an LLRPStatus."""


class ParameterType(IntEnum):
    """Parameters that the till writes or reads (LLRP 1.1 section 17.2); those up to 127 are TV parameters."""

    ANTENNA_ID = 1
    FIRST_SEEN_TIMESTAMP_UTC = 2
    PEAK_RSSI = 6
    TAG_SEEN_COUNT = 8
    EPC_96 = 13
    UTC_TIMESTAMP = 128
    GENERAL_DEVICE_CAPABILITIES = 137
    RO_SPEC = 177
    RO_BOUNDARY_SPEC = 178
    RO_SPEC_START_TRIGGER = 179
    RO_SPEC_STOP_TRIGGER = 182
    AI_SPEC = 183
    AI_SPEC_STOP_TRIGGER = 184
    INVENTORY_PARAMETER_SPEC = 186
    KEEPALIVE_SPEC = 220
    ANTENNA_PROPERTIES = 221
    ANTENNA_CONFIGURATION = 222
    RO_REPORT_SPEC = 237
    TAG_REPORT_CONTENT_SELECTOR = 238
    TAG_REPORT_DATA = 240
    EPC_DATA = 241
    READER_EVENT_NOTIFICATION_SPEC = 244
    EVENT_NOTIFICATION_STATE = 245
    READER_EVENT_NOTIFICATION_DATA = 246
    ANTENNA_EVENT = 255
    CONNECTION_ATTEMPT_EVENT = 256
    LLRP_STATUS = 287
    C1G2_INVENTORY_COMMAND = 330
    C1G2_SINGULATION_CONTROL = 336


# Bytes behind the type of each TV parameter (LLRP 1.1 table 17-2 and section 17.2.7.3).
_TV_BYTES: Final = {
    1: 2,  # AntennaID
    2: 8,  # FirstSeenTimestampUTC
    3: 8,  # FirstSeenTimestampUptime
    4: 8,  # LastSeenTimestampUTC
    5: 8,  # LastSeenTimestampUptime
    6: 1,  # PeakRSSI
    7: 2,  # ChannelIndex
    8: 2,  # TagSeenCount
    9: 4,  # ROSpecID
    10: 2,  # InventoryParameterSpecID
    11: 2,  # C1G2-CRC
    12: 2,  # C1G2-PC
    13: 12,  # EPC-96
    14: 2,  # SpecIndex
    15: 2,  # ClientRequestOpSpecResult
    16: 4,  # AccessSpecID
    17: 2,  # OpSpecID
    18: 4,  # C1G2-SingulationDetails
    19: 2,  # C1G2-XPC-W1
    20: 2,  # C1G2-XPC-W2
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it stands on the wire, its body not yet looked into."""

    message_type: int
    message_id: int
    body: bytes = b""

    def encode(self) -> bytes:
        """Return its bytes.

        Raises:
            ValueError: if it would be longer than a message may be.
        """
        length = HEADER_BYTES + len(self.body)
        if length > MOST_BYTES:
            raise ValueError(f"a message of {length} bytes")
        return _HEADER.pack(VERSION << 10 | self.message_type, length, self.message_id) + self.body


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, its body not yet looked into."""

    parameter_type: int
    body: bytes = b""

    def encode(self) -> bytes:
        """Return its bytes, TV for the types that have this form.

        Raises:
            ValueError: if the body has not the length that the form allows.
        """
        if self.parameter_type < 128:
            if _TV_BYTES.get(self.parameter_type) != len(self.body):
                raise ValueError(f"TV parameter {self.parameter_type} with {len(self.body)} bytes")
            return bytes((0x80 | self.parameter_type,)) + self.body
        return struct.pack(">HH", self.parameter_type, 4 + len(self.body)) + self.body


class MessageStream:
    """Cuts what comes over the line into messages; takes bytes in pieces of any size and keeps one message at most."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._heard = bytearray()
        self.broken = False
        """Whether something came that is no LLRP. There is no way to find the next message: hang up and call again."""

    def feed(self, data: bytes) -> tuple[Message, ...]:
        """Return the messages that are whole now; none any more once the stream is broken."""
        if self.broken:
            return ()
        self._heard += data
        messages = []
        while len(self._heard) >= 6 and not self.broken:
            head, length = struct.unpack_from(">HI", self._heard)
            if head >> 13 or (head >> 10 & 0b111) not in _KNOWN_VERSIONS or not HEADER_BYTES <= length <= MOST_BYTES:
                self.broken = True
                self._heard.clear()
            elif len(self._heard) < length:
                break
            else:
                message_id = struct.unpack_from(">I", self._heard, 6)[0]
                messages.append(Message(head & 0x3FF, message_id, bytes(self._heard[HEADER_BYTES:length])))
                del self._heard[:length]
        return tuple(messages)

    @property
    def waiting_bytes(self) -> int:
        """How much of a message is here that is not whole yet."""
        return len(self._heard)


def parameters(body: bytes, skip: int = 0) -> tuple[Parameter, ...]:
    """Return the parameters in a body, as far as they are in order.

    One whose length is wrong ends the list: what stands behind it cannot be told apart. Unknown TLV parameters are
    returned like any other and passed over by their length; an unknown TV parameter has none, and ends the list.

    Args:
        body: of a message or a parameter.
        skip: bytes of fields that stand in front of its parameters.
    """
    return tuple(_parameters(body, skip))


def _parameters(body: bytes, place: int) -> Iterator[Parameter]:
    while place < len(body):
        if body[place] & 0x80:
            kind = body[place] & 0x7F
            start, length = place + 1, _TV_BYTES.get(kind)
            if length is None:
                return
            end = start + length
        else:
            if place + 4 > len(body):
                return
            head, length = struct.unpack_from(">HH", body, place)
            kind, start, end = head & 0x3FF, place + 4, place + length
            if length < 4:
                return
        if end > len(body):
            return
        yield Parameter(kind, body[start:end])
        place = end


def first(found: tuple[Parameter, ...], kind: ParameterType) -> bytes | None:
    """Return the body of the first parameter of a kind; None where there is none."""
    return next((one.body for one in found if one.parameter_type == kind), None)
