"""What the till says to a tag reader: bodies of its requests (LLRP 1.1 section 17.1 and 17.2)."""

import struct
from dataclasses import dataclass
from typing import Final

from hardware.rfid.llrp import Parameter, ParameterType

GENERAL_CAPABILITIES: Final = b"\x01"
"""Body of GET_READER_CAPABILITIES: only what every reader says of itself."""

ANTENNA_PROPERTIES: Final = struct.pack(">HBHH", 0, 2, 0, 0)
"""Body of GET_READER_CONFIG: the properties of all antennas."""

ALL_ROSPECS: Final = struct.pack(">I", 0)
"""Body of DELETE_ROSPEC: whatever somebody left behind."""

_REPORTED: Final = 0x1000 | 0x0400 | 0x0200 | 0x0080
"""AntennaID, PeakRSSI, FirstSeenTimestamp and TagSeenCount of the TagReportContentSelector."""

_ON: Final = 0x80
_C1G2: Final = 1
_PERIODIC: Final = 1
_REPORT_EACH_TAG: Final = 1
_NULL_TRIGGER: Final = b"\x00"
_ANTENNA_EVENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Inventory:
    """How a reader is to look for tags: without end, and each answer is reported."""

    rospec_id: int = 1
    antennas: tuple[int, ...] = ()
    """Which of its antennas, from 1; all where none is named."""

    session: int | None = 0
    """Session of the air protocol (EPC Gen2). In session 0 a tag answers again and again while it is in the field, so
    that the till notices when it is taken away; in 2 and 3 it falls silent for a while after it was read. None leaves
    it, and the number of tags, to the reader."""

    expected_tags: int = 32
    """About how many tags there are at a time; the reader begins with so many time slots."""


def rospec_id(number: int) -> bytes:
    """Return the body of a request about one ROSpec: enable, start, stop, delete."""
    return struct.pack(">I", number)


def reader_config(keepalive_ms: int) -> bytes:
    """Return the body of SET_READER_CONFIG: a sign of life so often, and word of antennas that come and go."""
    keepalive = Parameter(ParameterType.KEEPALIVE_SPEC, struct.pack(">BI", _PERIODIC, keepalive_ms))
    antennas = Parameter(ParameterType.EVENT_NOTIFICATION_STATE, struct.pack(">HB", _ANTENNA_EVENTS, _ON))
    events = Parameter(ParameterType.READER_EVENT_NOTIFICATION_SPEC, antennas.encode())
    return b"\x00" + events.encode() + keepalive.encode()


def rospec(inventory: Inventory) -> bytes:
    """Return the body of ADD_ROSPEC: started by request, ended by nothing but a request."""
    boundary = Parameter(
        ParameterType.RO_BOUNDARY_SPEC,
        Parameter(ParameterType.RO_SPEC_START_TRIGGER, _NULL_TRIGGER).encode()
        + Parameter(ParameterType.RO_SPEC_STOP_TRIGGER, _NULL_TRIGGER + struct.pack(">I", 0)).encode(),
    )
    report = Parameter(
        ParameterType.RO_REPORT_SPEC,
        struct.pack(">BH", _REPORT_EACH_TAG, 1)
        + Parameter(ParameterType.TAG_REPORT_CONTENT_SELECTOR, struct.pack(">H", _REPORTED)).encode(),
    )
    body = struct.pack(">IBB", inventory.rospec_id, 0, 0) + boundary.encode() + _ai_spec(inventory) + report.encode()
    return Parameter(ParameterType.RO_SPEC, body).encode()


def _ai_spec(inventory: Inventory) -> bytes:
    antennas = inventory.antennas or (0,)
    look = Parameter(ParameterType.INVENTORY_PARAMETER_SPEC, struct.pack(">HB", 1, _C1G2) + _air_settings(inventory))
    stop = Parameter(ParameterType.AI_SPEC_STOP_TRIGGER, _NULL_TRIGGER + struct.pack(">I", 0))
    ids = struct.pack(f">H{len(antennas)}H", len(antennas), *antennas)
    return Parameter(ParameterType.AI_SPEC, ids + stop.encode() + look.encode()).encode()


def _air_settings(inventory: Inventory) -> bytes:
    if inventory.session is None:
        return b""
    singulation = Parameter(
        ParameterType.C1G2_SINGULATION_CONTROL,
        struct.pack(">BHI", inventory.session << 6, inventory.expected_tags, 0),
    )
    command = Parameter(ParameterType.C1G2_INVENTORY_COMMAND, b"\x00" + singulation.encode())
    return Parameter(ParameterType.ANTENNA_CONFIGURATION, struct.pack(">H", 0) + command.encode()).encode()
