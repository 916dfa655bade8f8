"""The drawer is kicked with the pulse it needs and seen open by the level it gives."""

import pytest

from app.checkout.ports import ReceiptOrder
from hardware.drawers.through_printer import PrinterDrawer
from hardware.drawers.wiring import BadDrawerWiring, DrawerWiring
from hardware.printers.queue import PrinterStatusUpdate
from hardware.printers.status import PrinterState
from hardware.worker import DeviceState


def test_the_kick_is_written_in_units_of_two_milliseconds() -> None:
    # 100 ms / 2 = 50 = 32h, 500 ms / 2 = 250 = FAh
    assert DrawerWiring().kick() == bytes.fromhex("1b 70 00 32 fa")
    assert DrawerWiring(pin=5, on_ms=50, off_ms=200).kick() == bytes.fromhex("1b 70 01 19 64")


def test_the_kick_at_once_is_written_in_tenths_of_a_second() -> None:
    assert DrawerWiring(on_ms=200).kick_at_once() == bytes.fromhex("10 14 01 00 02")
    assert DrawerWiring(pin=5, on_ms=20).kick_at_once() == bytes.fromhex("10 14 01 01 01")


@pytest.mark.parametrize(
    ("open_when_high", "high", "is_open"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, True)],
)
def test_either_level_may_mean_open(open_when_high: bool, high: bool, is_open: bool) -> None:
    assert DrawerWiring(open_when_high=open_when_high).is_open(sensor_high=high) is is_open


@pytest.mark.parametrize("wrong", [{"pin": 3}, {"on_ms": 0}, {"on_ms": 300, "off_ms": 200}, {"off_ms": 600}])
def test_a_drawer_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadDrawerWiring):
        DrawerWiring(**wrong)


class Printer:
    def __init__(self) -> None:
        self.orders: list[ReceiptOrder] = []

    def stored(self, job_id: str, state: object) -> None:
        pass

    def submit(self, order: ReceiptOrder) -> bool:
        self.orders.append(order)
        return True


def test_the_till_opens_its_drawer_through_the_printer_and_knows_whether_it_is_open() -> None:
    printer = Printer()
    drawer = PrinterDrawer(printer)
    assert drawer.is_open is None
    assert drawer.open("no-sale-1")
    assert printer.orders == [ReceiptOrder("no-sale-1", None, opens_drawer=True)]
    state = PrinterState.READY
    drawer.heard(PrinterStatusUpdate("printer", DeviceState.READY, state.sentence(), state, drawer_open=True))
    assert drawer.is_open is True
