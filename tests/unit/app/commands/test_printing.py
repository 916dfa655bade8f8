"""The printer comes in behind the till: orders are held, handed on in order, and a wrong printer keeps nobody shut."""

import threading

from app.checkout.ports import ReceiptOrder
from app.checkout.requests import ReportPrint
from app.checkout.views import DeviceStatusView
from app.commands.device_sections import PrinterSection
from app.commands.printing import PrinterBehind
from app.devices.conditions import DeviceCondition
from hardware.printers.driver import EscposDriver
from hardware.printers.profile import PrinterProfile
from hardware.simulated.lines import SimulatedTransport
from hardware.simulated.printer import SimulatedPrinter


class Listener:
    def __init__(self) -> None:
        self.heard = threading.Event()
        self.statuses: list[DeviceStatusView] = []
        self.reports: list[ReportPrint] = []

    def print_report(self, report: ReportPrint) -> None:
        self.reports.append(report)
        if report.job_id == "kick" and report.state.value == "printed":
            self.heard.set()

    def device_status(self, status: DeviceStatusView) -> None:
        self.statuses.append(status)
        if status.condition is DeviceCondition.AWAY:
            self.heard.set()


def test_an_order_that_comes_before_the_printer_is_carried_out():
    listener = Listener()
    printer = SimulatedPrinter(PrinterProfile())
    driver = EscposDriver(SimulatedTransport(printer), PrinterProfile())
    behind = PrinterBehind(PrinterSection(), listener, driver)
    assert behind.submit(ReceiptOrder("kick", None, opens_drawer=True))
    assert listener.heard.wait(10)
    assert behind.close(5)
    assert printer.drawer_kicks == 1


def test_a_driver_that_is_not_there_becomes_a_light_and_takes_no_orders():
    listener = Listener()
    behind = PrinterBehind(PrinterSection(driver="no-such-printer"), listener)
    behind.submit(ReceiptOrder("kick", None, opens_drawer=True))
    assert listener.heard.wait(10)
    assert listener.statuses[-1].device == "printer"
    assert not behind.submit(ReceiptOrder("another", None, opens_drawer=True))
    assert behind.close(5)


def test_wrong_settings_of_the_driver_name_the_key():
    listener = Listener()
    behind = PrinterBehind(PrinterSection(settings={"profile": {"paper_mm": "wide"}}), listener)
    behind.submit(ReceiptOrder("kick", None, opens_drawer=True))
    assert listener.heard.wait(10)
    assert "paper_mm" in str(listener.statuses[-1].sentence)
    assert behind.close(5)


def test_a_till_closed_at_once_starts_no_printer():
    behind = PrinterBehind(PrinterSection(), Listener())
    assert behind.close(5)
    assert not behind.submit(ReceiptOrder("late", None, opens_drawer=True))
