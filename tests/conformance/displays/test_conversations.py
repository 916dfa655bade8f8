"""What customer displays are sent, byte for byte, and what a person then sees."""

from pathlib import Path

from app.devices.line_display import DisplayContent, DisplayPurpose
from hardware.conversation import ReplayTransport, read_conversation
from hardware.displays.cd5220 import Cd5220
from hardware.displays.driver import DisplayProtocol, SerialLineDisplay
from hardware.displays.led8n import Led8n
from hardware.simulated.line_display import SimulatedLineDisplay

CONVERSATIONS = Path(__file__).parents[1] / "conversations"


def play(name: str, protocol: DisplayProtocol, display: SimulatedLineDisplay, *contents: DisplayContent) -> None:
    said = read_conversation((CONVERSATIONS / name).read_text())
    transport = ReplayTransport(said)
    driver = SerialLineDisplay(transport, protocol)
    driver.open()
    for content in contents:
        driver.show(content)
    assert transport.finished
    for exchange in said:
        display.receive(exchange.data)
    assert not display.misunderstood


def test_a_sale_on_eight_digits() -> None:
    display = SimulatedLineDisplay.led8n()
    play(
        "displays-led8n.txt",
        Led8n(),
        display,
        DisplayContent(DisplayPurpose.UNIT_PRICE, 1290, 2, "牛奶"),
        DisplayContent(DisplayPurpose.TOTAL, 12_850),
        DisplayContent(DisplayPurpose.RECEIVED, 20_000),
        DisplayContent(DisplayPurpose.CHANGE, 7_150),
        DisplayContent(DisplayPurpose.IDLE),
    )
    assert (display.digits, display.lamp) == ("", None)


def test_lamps_as_the_manual_has_them() -> None:
    display = SimulatedLineDisplay.led8n()
    total = DisplayContent(DisplayPurpose.TOTAL, 12_850)
    play("displays-led8n-stx.txt", Led8n("stx-l"), display, total, DisplayContent(DisplayPurpose.IDLE))


def test_an_item_and_the_change_on_two_rows() -> None:
    display = SimulatedLineDisplay.cd5220()
    play(
        "displays-cd5220.txt",
        Cd5220(),
        display,
        DisplayContent(DisplayPurpose.UNIT_PRICE, 1290, 2, "Milk 1L"),
        DisplayContent(DisplayPurpose.CHANGE, 7_150, 2, "Received\t200.00", "Change\t71.50"),
    )
    assert display.lines == ("Received      200.00", "Change         71.50")


def test_milk_in_chinese() -> None:
    display = SimulatedLineDisplay.cd5220(chinese=True)
    milk = DisplayContent(DisplayPurpose.UNIT_PRICE, 1290, 2, "牛奶")
    play("displays-cd5220-chinese.txt", Cd5220(chinese=True, writing="cursor"), display, milk)
    assert display.lines == ("牛奶", "               12.90")
