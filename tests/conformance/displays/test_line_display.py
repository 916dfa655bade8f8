"""What every customer display must do on every kind of line."""

import pytest

from app.devices.line_display import DisplayContent, DisplayPurpose
from hardware.simulated.device import Trouble
from hardware.worker import DeviceState

MILK = DisplayContent(DisplayPurpose.UNIT_PRICE, 1290, 2, "Milk")
TOTAL = DisplayContent(DisplayPurpose.TOTAL, 12_850, 2, "Total")


def shows(shop, content: DisplayContent, amount: str) -> bool:
    """Whether a person reads the amount, and what it is, from the display."""
    if shop.worker.capabilities.figures_only:
        return shop.display.digits == amount and shop.display.lamp is content.purpose
    upper, lower = shop.display.lines
    return upper == content.upper and lower.strip() == amount


def test_the_customer_sees_the_price_and_then_the_total(counter) -> None:
    shop = counter()
    shop.worker.start()
    shop.worker.show(MILK)
    assert shop.ear.wait(lambda: shows(shop, MILK, "12.90")), shop.display.lines
    shop.worker.show(TOTAL)
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "128.50")), shop.display.lines
    assert shop.ear.state is DeviceState.READY
    assert not shop.display.misunderstood


def test_the_greeting_stands_there_until_something_is_sold_and_after(counter) -> None:
    shop = counter()
    shop.worker.start()
    assert shop.ear.is_(DeviceState.READY)
    greetings = {"", "Welcome", "欢迎光临"}
    assert shop.ear.wait(lambda: shop.display.lines[0] in greetings and shop.display.lamp is None)
    shop.worker.show(MILK)
    assert shop.ear.wait(lambda: shows(shop, MILK, "12.90"))
    shop.worker.show(DisplayContent(DisplayPurpose.IDLE))
    assert shop.ear.wait(lambda: shop.display.lines[0] in greetings and shop.display.lamp is None)
    assert shop.display.lines[-1] in greetings
    assert not shop.display.misunderstood


def test_only_the_newest_waits_for_a_display_that_is_away(counter) -> None:
    shop = counter(refresh_s=0.0)
    shop.display.unplug()
    shop.worker.start()
    assert shop.ear.is_(DeviceState.AWAY)
    for amount in range(1000):
        shop.worker.show(DisplayContent(DisplayPurpose.TOTAL, amount, 2, "Total"))
    shop.display.plug_in()
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "9.99"))
    assert shop.display.pictures <= 2


@pytest.mark.parametrize(("off", "on"), [("unplug", "plug_in"), ("switch_off", "switch_on")])
def test_what_stood_there_stands_there_again_when_the_display_is_back(counter, off: str, on: str) -> None:
    shop = counter()
    shop.worker.start()
    shop.worker.show(TOTAL)
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "128.50"))
    getattr(shop.display, off)()
    if off == "switch_off":
        assert not shop.display.lines[0]
    getattr(shop.display, on)()
    # Over a serial line nobody notices the missing power; what stands there is sent again now and then.
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "128.50")), shop.display.lines
    assert shop.ear.is_(DeviceState.READY)
    assert not shop.display.misunderstood


def test_a_display_that_is_pulled_out_is_noticed_within_two_seconds(counter) -> None:
    shop = counter(refresh_s=10.0, patience=None)
    shop.worker.start()
    assert shop.ear.is_(DeviceState.READY)
    shop.display.unplug()
    assert shop.ear.is_(DeviceState.AWAY, 2.0)
    shop.display.plug_in()
    assert shop.ear.is_(DeviceState.READY)


def test_a_refresh_is_no_flicker(counter) -> None:
    shop = counter(refresh_s=0.02)
    shop.worker.start()
    shop.worker.show(TOTAL)
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "128.50"))
    cleared = shop.display.pictures
    assert not shop.ear.wait(lambda: not shows(shop, TOTAL, "128.50"), 0.3)
    assert shop.display.pictures == cleared


@pytest.mark.parametrize("trouble", list(Trouble))
def test_what_a_display_says_disturbs_nobody(counter, trouble: Trouble) -> None:
    shop = counter()
    shop.display.suffer(trouble)
    shop.worker.start()
    shop.worker.show(TOTAL)
    assert shop.ear.wait(lambda: shows(shop, TOTAL, "128.50"))
    assert shop.ear.state is DeviceState.READY


def test_nothing_that_is_shown_makes_the_till_wait(counter) -> None:
    shop = counter()
    # Never started: a display that is never reached costs the shop nothing.
    for amount in range(10_000):
        shop.worker.show(DisplayContent(DisplayPurpose.TOTAL, amount))
    assert shop.worker.content.amount_minor == 9999
