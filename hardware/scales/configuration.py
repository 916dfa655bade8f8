"""Turns a till's configuration of its scale into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar, cast

import msgspec
from msgspec import Meta

from app.devices.weighing import MassUnit, WeightState
from app.values.wording import Wording, wording
from hardware.connections import BadDriverSettings, Connection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.scales.agreement import Limits
from hardware.scales.cas import Cas
from hardware.scales.dialog06 import ChecksumPair, Dialog06
from hardware.scales.driver import ScaleDriver, SerialScale
from hardware.scales.mettler_toledo_8217 import MettlerToledo8217
from hardware.scales.nci import Nci
from hardware.scales.nci_ecr import NciEcr
from hardware.scales.os2 import Os2
from hardware.scales.pattern import ACS_P215, LineFormat, PatternLanguage
from hardware.scales.prix3 import Prix3
from hardware.scales.protocol import ScaleProtocol, Weighed
from hardware.scales.worker import ScaleEvent, ScaleWorker
from hardware.simulated.lines import line_to
from hardware.simulated.scale import ScaleMake, SimulatedScale

_Grams = Annotated[int, Meta(ge=0, le=1_000_000)]
_SEVEN_EVEN: Final = {"data_bits": 7, "parity": "E"}

LINE_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "mettler-toledo-8217": _SEVEN_EVEN,
    "nci": _SEVEN_EVEN,
    "nci-ecr": _SEVEN_EVEN,
    "dialog06": {"data_bits": 7, "parity": "O"},
}
"""How each make sets its serial line when it leaves the factory, where that is not 9600 8N1."""


class ProtocolSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every protocol can be told."""

    minimum_grams: _Grams = 0
    """The lightest weight that is sold, for scales that do not mind it themselves."""

    capacity_grams: _Grams = 0
    """The heaviest; 0 where the scale minds it itself."""


class MettlerToledo8217Settings(ProtocolSettings, frozen=True):
    """What `mettler-toledo-8217` needs to know."""

    unit: Literal["kg", "lb"] = "kg"
    """What the scale is set to: it does not say."""


class Os2Settings(ProtocolSettings, frozen=True):
    """What `os2` needs to know."""

    mode: Literal["pushed", "polled"] = "pushed"
    """Whether the scale speaks by itself, as from the factory, or is asked."""


class Dialog06Settings(ProtocolSettings, frozen=True):
    """What `dialog06` needs to know."""

    unit: Literal["kg", "lb"] = "kg"
    price_digits: Literal[5, 6] = 6
    amount_step_minor: Annotated[int, Meta(ge=1, le=100)] = 1
    """What the scale rounds the price to pay to, in minor units."""

    send_name: bool = False
    """Whether the product's name is sent for the scale's display; it can only show ASCII."""

    checksums: Annotated[list[Annotated[str, Meta(pattern="^[0-9A-Fa-f]{8}$")]], Meta(max_length=5)] = []
    """CS and KW of the approved program, four hexadecimal digits each; the scale's approval papers give them."""


class PatternSettings(ProtocolSettings, frozen=True):
    """What `pattern-scale` needs to know; see `LineFormat`."""

    pattern: str = ACS_P215
    separators: Annotated[str, Meta(min_length=1, max_length=8)] = "\r\n"
    unit: Literal["kg", "g", "lb", "oz", "jin", "liang"] = "g"
    decimals: Annotated[int, Meta(ge=0, le=6)] = 0
    ask: Annotated[str, Meta(max_length=32)] = ""
    zero: Annotated[str, Meta(max_length=32)] = ""
    tare: Annotated[str, Meta(max_length=32)] = ""


SettingsT = TypeVar("SettingsT", bound=ProtocolSettings)
_Make = Callable[[Any], ScaleProtocol]


def _mettler(settings: MettlerToledo8217Settings) -> ScaleProtocol:
    return MettlerToledo8217(MassUnit(settings.unit))


def _os2(settings: Os2Settings) -> ScaleProtocol:
    return Os2(settings.mode)


def _dialog06(settings: Dialog06Settings) -> ScaleProtocol:
    pairs: tuple[ChecksumPair, ...] = tuple((int(pair[:4], 16), int(pair[4:], 16)) for pair in settings.checksums)
    return Dialog06(
        unit=MassUnit(settings.unit),
        price_digits=settings.price_digits,
        amount_step_minor=settings.amount_step_minor,
        send_name=settings.send_name,
        checksums=pairs,
    )


def _pattern(settings: PatternSettings) -> ScaleProtocol:
    try:
        separators, ask, zero, tare = (
            text.encode("latin-1") for text in (settings.separators, settings.ask, settings.zero, settings.tare)
        )
    except UnicodeEncodeError as error:
        raise BadDriverSettings(
            wording(
                "The settings of {driver} are wrong: {reason}. Correct the file.",
                driver="pattern-scale",
                reason=str(error),
            )
        ) from error
    return PatternLanguage(
        LineFormat(settings.pattern, separators, MassUnit(settings.unit), settings.decimals, ask, zero, tare)
    )


PROTOCOLS: Final[dict[str, tuple[type[ProtocolSettings], _Make]]] = {
    "mettler-toledo-8217": (MettlerToledo8217Settings, _mettler),
    "nci": (ProtocolSettings, lambda _: Nci()),
    "nci-ecr": (ProtocolSettings, lambda _: NciEcr()),
    "cas": (ProtocolSettings, lambda _: Cas()),
    "os2": (Os2Settings, _os2),
    "dialog06": (Dialog06Settings, _dialog06),
    "toledo-prix3": (ProtocolSettings, lambda _: Prix3()),
    "pattern-scale": (PatternSettings, _pattern),
}
"""Every protocol by its driver's name: its settings, and what makes it of them."""


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-scale` needs to know."""

    protocol: Literal[
        "mettler-toledo-8217", "nci", "nci-ecr", "cas", "os2", "dialog06", "toledo-prix3", "pattern-scale"
    ] = "mettler-toledo-8217"
    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""

    protocol_settings: dict[str, Any] = {}
    """The protocol's own, without `connection`."""

    capacity_grams: Annotated[int, Meta(ge=1, le=99_999)] = 15_000
    minimum_grams: _Grams = 0
    """Of the simulated scale itself."""

    settles_ms: Annotated[int, Meta(ge=0, le=60_000)] = 400
    """How long goods move after they were put on."""


def make_protocol(driver_id: str, settings: Mapping[str, Any]) -> tuple[ScaleProtocol, Limits]:
    """Return a protocol and the limits of its scale.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        UnsafePattern: if a pattern is wrong, or could take for ever.
    """
    kind, make = PROTOCOLS[driver_id]
    decoded = decode_settings(settings, kind, driver_id)
    return make(decoded), Limits(decoded.minimum_grams, decoded.capacity_grams)


def make_real(driver_id: str, settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialScale:
    """Return a driver for a real scale; nothing is opened yet.

    Args:
        driver_id: one of `PROTOCOLS`.
        settings: `connection`, and what the protocol can be told. A serial line is set as the make sets it, where the
            connection says nothing else.
        wrap: put in front of the line, to watch it.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        UnsafePattern: if a pattern is wrong, or could take for ever.
    """
    rest = dict(settings)
    where = rest.pop("connection", None)
    if isinstance(where, Mapping) and where.get("by") == "serial":
        where = {**LINE_DEFAULTS.get(driver_id, {}), **where}
    protocol, limits = make_protocol(driver_id, rest)
    connection = decode_settings({"connection": where}, _Where, driver_id).connection
    return SerialScale(wrap(transport_for(connection)), protocol, limits)


class _Where(msgspec.Struct, frozen=True):
    connection: Connection


def make_simulated(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialScale:
    """Return the driver of a real protocol before a scale that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        UnsafePattern: if a pattern is wrong, or could take for ever.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-scale")
    protocol, limits = make_protocol(decoded.protocol, decoded.protocol_settings)
    polled = decoded.protocol == "os2" and decoded.protocol_settings.get("mode") == "polled"
    scale = SimulatedScale(
        "os2-polled" if polled else decoded.protocol,
        ScaleMake(decoded.capacity_grams, decoded.minimum_grams, decoded.settles_ms / 1000),
    )
    return SerialScale(wrap(line_to(scale, decoded.line)), protocol, limits)


def _check_pounds() -> None:
    # 1.000 lb is 453.59237 g: a till that cannot convert exactly must not weigh.
    heard = MettlerToledo8217(MassUnit.POUND).take(b"\x0201.00\r")
    if heard.findings != (Weighed(WeightState.STABLE, 454),):
        raise BadDriverSettings(wording("This Python cannot convert weights exactly. Install it whole."))


def _driver(driver_id: str, name: Wording) -> Driver:
    def make(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialScale:
        return make_real(driver_id, settings, wrap)

    return Driver(driver_id, DeviceClass.SCALE, name, make, _check_pounds)


METTLER_TOLEDO_8217: Final = _driver("mettler-toledo-8217", wording("Mettler-Toledo 8217 scale"))
NCI: Final = _driver("nci", wording("NCI scale (Weigh-Tronix)"))
NCI_ECR: Final = _driver("nci-ecr", wording("NCI-ECR scale (Weigh-Tronix, for cash registers)"))
CAS: Final = _driver("cas", wording("CAS scale"))
OS2: Final = _driver("os2", wording("OS2 scale (Pinnacle)"))
DIALOG06: Final = _driver("dialog06", wording("Dialog 06 scale"))
PRIX3: Final = _driver("toledo-prix3", wording("Toledo Prix III scale"))
PATTERN: Final = _driver("pattern-scale", wording("Scale of another make, by a pattern"))
SIMULATED: Final = Driver(
    "simulated-scale", DeviceClass.SCALE, wording("Simulated scale"), make_simulated, _check_pounds
)


def build_scale(
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[ScaleEvent], None],
    *,
    device: str = "scale",
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
) -> ScaleWorker:
    """Return the worker of a till's scale; `start` sets it going, nothing is opened before.

    Args:
        driver_id: a scale driver's name.
        settings: the driver's own.
        on_event: takes the events on the worker's thread; must return at once.
        device: the scale's name in the till's configuration.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the scale's line, to watch it.

    Raises:
        UnknownDriver: if the configured driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
        UnsafePattern: if a pattern is wrong, or could take for ever.
    """
    found = (registry or load_drivers()).driver(driver_id, DeviceClass.SCALE)
    return ScaleWorker(device, cast("ScaleDriver", found.make(settings, wrap)), on_event)
