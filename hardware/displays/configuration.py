"""Turns a till's configuration of its customer display into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from app.sales.receipt_columns import cells_of
from app.values.wording import wording
from hardware.connections import (
    BadDriverSettings,
    Connection,
    SerialConnection,
    decode_settings,
    transport_for,
)
from hardware.conversation import Wrap, unwatched
from hardware.displays.cd5220 import Cd5220, Greeting, Writing
from hardware.displays.driver import LineDisplayDriver, SerialLineDisplay
from hardware.displays.led8n import LampCommand, Led8n
from hardware.displays.text import spelled
from hardware.displays.worker import LineDisplayWorker
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.simulated.line_display import SimulatedLineDisplay
from hardware.simulated.lines import line_to
from hardware.worker import DeviceEvent

_LED8N_BAUD: Final = 2400

_Columns = Annotated[int, Meta(ge=8, le=40)]
_Brightness = Annotated[int, Meta(ge=1, le=4)]


class GreetingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands on the display while nothing is being sold."""

    upper: str = ""
    lower: str = ""


class Led8nSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `led8n` needs to know."""

    connection: Connection
    """A serial line is set to 2400 baud where nothing else is said."""

    lamps: LampCommand = "esc-s"
    """By which command the display lights its lamps; makes differ."""


class Cd5220Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `cd5220` needs to know."""

    connection: Connection
    columns: _Columns = 20
    chinese: bool = False
    """Whether it has Chinese characters (GB18030); most that are bought in China have, most others have not."""

    brightness: _Brightness = 4
    writing: Writing = "rows"
    """`cursor` for displays that do not know `ESC Q A`."""

    greeting: GreetingSettings = GreetingSettings()


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-line-display` needs to know."""

    protocol: Literal["led8n", "cd5220"] = "cd5220"
    columns: _Columns = 20
    chinese: bool = True
    writing: Writing = "rows"
    lamps: LampCommand = "esc-s"
    greeting: GreetingSettings = GreetingSettings()
    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""


def make_led8n(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialLineDisplay:
    """Return a driver for an LED8N; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, Led8nSettings, "led8n")
    connection = decoded.connection
    said = settings["connection"]
    if isinstance(connection, SerialConnection) and isinstance(said, Mapping) and "baud" not in said:
        connection = msgspec.structs.replace(connection, baud=_LED8N_BAUD)
    return SerialLineDisplay(wrap(transport_for(connection)), Led8n(decoded.lamps))


def make_cd5220(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialLineDisplay:
    """Return a driver for a CD5220; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong, or the line of the greeting that does not fit.
    """
    decoded = decode_settings(settings, Cd5220Settings, "cd5220")
    greeting = _fitting(decoded.greeting, decoded.columns, chinese=decoded.chinese, driver="cd5220")
    protocol = Cd5220(
        columns=decoded.columns,
        chinese=decoded.chinese,
        brightness=decoded.brightness,
        writing=decoded.writing,
        greeting=greeting,
    )
    return SerialLineDisplay(wrap(transport_for(decoded.connection)), protocol)


def make_simulated(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> SerialLineDisplay:
    """Return one of the same drivers before a display that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-line-display")
    if decoded.protocol == "led8n":
        return SerialLineDisplay(wrap(line_to(SimulatedLineDisplay.led8n(), decoded.line)), Led8n(decoded.lamps))
    greeting = _fitting(decoded.greeting, decoded.columns, chinese=decoded.chinese, driver="simulated-line-display")
    twin = SimulatedLineDisplay.cd5220(columns=decoded.columns, chinese=decoded.chinese)
    protocol = Cd5220(columns=decoded.columns, chinese=decoded.chinese, writing=decoded.writing, greeting=greeting)
    return SerialLineDisplay(wrap(line_to(twin, decoded.line)), protocol)


def _fitting(greeting: GreetingSettings, columns: int, *, chinese: bool, driver: str) -> Greeting:
    """Return the greeting where each line fits without scrolling."""
    for key, text in (("greeting.upper", greeting.upper), ("greeting.lower", greeting.lower)):
        shown = spelled(text, chinese=chinese)
        if shown is None:
            raise BadDriverSettings(
                wording(
                    "The settings of {driver} are wrong: {key} has characters that the display lacks. Write it in"
                    " English letters, or set chinese where the display has Chinese characters.",
                    driver=driver,
                    key=key,
                )
            )
        if cells_of(shown) > columns:
            raise BadDriverSettings(
                wording(
                    "The settings of {driver} are wrong: {key} takes {cells} cells and the display has {columns}."
                    " Shorten it; a Hanzi takes two.",
                    driver=driver,
                    key=key,
                    cells=cells_of(shown),
                    columns=columns,
                )
            )
    return Greeting(greeting.upper, greeting.lower)


def _check_encoding() -> None:
    # GB 2312 row 16, cell 1: the first Hanzi (啊) as a display with Chinese characters takes it.
    if "啊".encode("gb18030") != b"\xb0\xa1":
        raise BadDriverSettings(wording("This Python cannot encode Chinese for displays. Install it whole."))


def _nothing_to_check() -> None:
    """Digits need nothing of a computer."""


LED8N: Final = Driver(
    "led8n", DeviceClass.LINE_DISPLAY, wording("LED8N customer display"), make_led8n, _nothing_to_check
)
CD5220: Final = Driver(
    "cd5220", DeviceClass.LINE_DISPLAY, wording("CD5220 customer display"), make_cd5220, _check_encoding
)
SIMULATED: Final = Driver(
    "simulated-line-display",
    DeviceClass.LINE_DISPLAY,
    wording("Simulated customer display"),
    make_simulated,
    _check_encoding,
)


def build_line_display(
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[DeviceEvent], None],
    *,
    device: str = "customer_display",
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
) -> LineDisplayWorker:
    """Return the worker of a till's customer display; `start` sets it going.

    Args:
        driver_id: name of a driver, such as `cd5220`.
        settings: the driver's own.
        on_event: takes the worker's events on its thread; must return at once.
        device: its name in the till's configuration.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the display's line, to watch it.

    Raises:
        UnknownDriver: if the driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
    """
    driver = (registry or load_drivers()).driver(driver_id, DeviceClass.LINE_DISPLAY)
    return LineDisplayWorker(device, cast("LineDisplayDriver", driver.make(settings, wrap)), on_event)
