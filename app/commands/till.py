"""`till`: opens the cashier's window at once and brings the till in behind it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.languages import speech_in
from app.commands.relay import Relay
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.values.speech import LANGUAGES

if TYPE_CHECKING:
    from app.commands.assembly import TillAtWork
    from ui.settings import ScreenSettings


@dataclass(frozen=True, slots=True)
class TillOptions:
    """What the command line says."""

    data: Path | None
    sample: bool
    operator_number: str
    theme: str
    language: str
    fullscreen: bool
    customer_display: bool
    stamp: bool
    """For measuring: write the moment at which the till can sell, and end."""


def open_till(options: TillOptions) -> int:
    """Sell until the window is closed; return the exit code.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    site = Site(options.data or default_folder(), sample=options.sample)
    # Read before the window opens, so that a wrong configuration is said where the command was given.
    settings = screen_settings(site, options)

    from ui.application import run_till

    relay = Relay()

    def make_service() -> "TillAtWork":
        from app.commands.assembly import open_till_at_work, real_parts
        from app.commands.logs import start_logging

        start_logging(writable(site.log_folder))
        return open_till_at_work(site, options.operator_number, real_parts(), relay)

    return run_till(make_service, settings, attach=relay.connect, exit_when_sellable=options.stamp)


def screen_settings(site: Site, options: TillOptions) -> "ScreenSettings":
    """Return what the windows are told at start.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    from ui.settings import ScreenSettings

    till = site.settings(options.operator_number)
    return ScreenSettings(
        clock=SystemClock(),
        zone=till.zone,
        speeches=tuple(speech_in(language) for language in LANGUAGES),
        language=options.language,
        theme=options.theme.replace("-", "_"),
        fullscreen=options.fullscreen,
        pictures=site.pictures,
        customer_window=options.customer_display,
        shop_name=till.shop.name,
    )
