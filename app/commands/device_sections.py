"""The sections of a till's configuration that name its devices, and the file of its own that may hold them.

What stands in `devices.toml` goes before the same in `store.toml`: the shop's settings are the same at every till, the
devices on it are not.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class PrinterSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[printer]`; `[printer.settings]` is the driver's own and checked by it."""

    driver: Text = "simulated-receipt-printer"
    settings: dict[str, Any] = {}
    layout: str = ""
    """Path of a receipt layout; empty for the built-in one of the paper's width."""

    capacity: Annotated[int, Meta(ge=1, le=1000)] = 64
    """Receipts that may wait for paper."""

    language: Literal["zh_CN", "en"] = "zh_CN"
    """What receipts are written in."""


class _Device(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the section of every device has."""

    driver: Text
    """Name of a driver of this class; `python main.py doctor` lists them."""

    settings: dict[str, Any] = {}
    """The driver's own, and checked by it."""


class ScaleSection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[scale]`."""

    minimum_grams: Annotated[int, Meta(ge=0, le=9999)] = 0
    """Less than this, net, is not sold by the scale's weight; 0: whatever it calls stable."""

    fixed_tare_grams: Annotated[int, Meta(ge=0, le=9999)] = 0
    """Taken off every weight."""


class ContainerSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[container]]`: what goods are weighed in, as a key of the weighing pane."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,30}$")]
    name: Text
    name_en: str = ""
    tare_grams: Annotated[int, Meta(ge=1, le=9999)]


class ScannerSection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[scanner]]`."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,30}$")]
    """Told apart by it on the device bench and in the log; no other device has it."""


class DisplaySection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[customer_display]`."""


class DrawerSection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[drawer]`."""

    driver: Text = "printer"
    """`printer`: it hangs on the receipt printer; else the driver of its own port."""

    open_without_sale: tuple[Literal["cashier", "supervisor", "admin"], ...] = ("supervisor", "admin")
    """The roles that may open it without a sale."""


class TerminalSection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[card_terminal]`."""


class RfidSection(_Device, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[rfid]`."""


DEVICE_NAMES: Final = frozenset(
    {
        "printer",
        "scale",
        "scanner",
        "drawer",
        "customer_display",
        "card_terminal",
        "rfid",
        "headquarters",
        "store",
        "payments",
        "members",
    }
)
"""What the other lights of the status bar are called; no scanner may be."""


DEVICES_FILE: Final = "devices.toml"
"""Lies in the till's folder; `devices detect` writes it."""


class DevicesFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A whole `devices.toml`: each section as in `store.toml`."""

    printer: PrinterSection | None = None
    scale: ScaleSection | None = None
    scanner: tuple[ScannerSection, ...] = ()
    customer_display: DisplaySection | None = None
    drawer: DrawerSection | None = None
    card_terminal: TerminalSection | None = None
    rfid: RfidSection | None = None


def with_devices(shop: Mapping[str, Any], devices: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shop's configuration with this till's devices in it.

    A section of the devices' file that names a driver replaces driver and settings and leaves what the shop decided
    beside them, such as who may open the drawer; one that names none changes what it says; scanners replace all of the
    shop's.

    Args:
        shop: `store.toml` as decoded.
        devices: `devices.toml` as decoded and checked.
    """
    merged = dict(shop)
    for section, given in devices.items():
        known = merged.get(section)
        if isinstance(given, Mapping) and isinstance(known, Mapping):
            replaced = {"driver", "settings"} if "driver" in given else set()
            kept = {key: value for key, value in known.items() if key not in replaced}
            merged[section] = {**kept, **given}
        else:
            merged[section] = given
    return merged
