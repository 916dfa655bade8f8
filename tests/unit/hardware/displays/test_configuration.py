"""A till's file says which display it has; a wrong key is named."""

import pytest

from app.devices.line_display import DisplayContent, DisplayPurpose
from hardware.connections import BadDriverSettings
from hardware.conversation import ObservedTransport, Recorder
from hardware.displays.configuration import CD5220, LED8N, SIMULATED, build_line_display, make_cd5220, make_led8n
from hardware.registry import BUILT_IN, DeviceClass, DriverRegistry, UnknownDriver
from hardware.transport import SerialTransport, Transport

REGISTRY = DriverRegistry({driver.driver_id: driver for driver in (LED8N, CD5220, SIMULATED)}, ())
PORT = {"by": "serial", "port": "/dev/ttyUSB9"}


def line_of(make, settings: dict) -> SerialTransport:
    found: list[Transport] = []
    make(settings, lambda transport: found.append(transport) or transport)
    assert isinstance(found[0], SerialTransport)
    return found[0]


def test_each_driver_is_named_as_in_the_registry() -> None:
    named = {point.value: point.name for point in BUILT_IN}
    for constant, driver in (("LED8N", LED8N), ("CD5220", CD5220), ("SIMULATED", SIMULATED)):
        assert named[f"hardware.displays.configuration:{constant}"] == driver.driver_id
        assert driver.device_class is DeviceClass.LINE_DISPLAY
        driver.self_check()


def test_an_led8n_speaks_at_2400_baud_where_nothing_else_is_said() -> None:
    assert line_of(make_led8n, {"connection": PORT})._line.baudrate == 2400
    assert line_of(make_led8n, {"connection": {**PORT, "baud": 9600}})._line.baudrate == 9600
    assert line_of(make_cd5220, {"connection": PORT})._line.baudrate == 9600


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"greeting": {"upper": "W" * 21}}, "greeting.upper takes 21 cells and the display has 20"),
        ({"greeting": {"lower": "欢" * 11}, "chinese": True}, "greeting.lower takes 22 cells"),
        ({"greeting": {"lower": "欢迎光临"}}, "greeting.lower has characters that the display lacks"),
        ({"brightness": 5}, "brightness"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict, named: str) -> None:
    with pytest.raises(BadDriverSettings) as raised:
        make_cd5220({"connection": PORT, **settings})
    assert named in str(raised.value.sentence)


def test_a_greeting_that_fits_exactly_is_taken() -> None:
    make_cd5220({"connection": PORT, "chinese": True, "greeting": {"upper": "欢" * 10}})


def test_a_display_is_built_from_its_name_and_settings_and_can_be_watched() -> None:
    recorder = Recorder()
    worker = build_line_display(
        "simulated-line-display",
        {"protocol": "led8n"},
        lambda _: None,
        registry=REGISTRY,
        wrap=lambda transport: ObservedTransport(transport, recorder),
    )
    assert worker.device == "customer_display"
    assert worker.capabilities.figures_only
    assert not worker.capabilities.can_answer
    assert not recorder.written
    worker.show(DisplayContent(DisplayPurpose.TOTAL, 1))
    assert worker.close(1.0)


def test_a_display_nobody_knows_is_a_sentence_that_names_those_there_are() -> None:
    with pytest.raises(UnknownDriver, match="cd5220, led8n, simulated-line-display"):
        build_line_display("vfd", {}, lambda _: None, registry=REGISTRY)
