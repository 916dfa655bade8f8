"""How a till's file says what scale it has."""

import pytest

from app.devices.weighing import WeightState
from hardware.connections import BadDriverSettings
from hardware.conversation import ObservedTransport, Recorder
from hardware.registry import DeviceClass, UnknownDriver, load_drivers
from hardware.scales.configuration import PROTOCOLS, build_scale, make_protocol, make_real, make_simulated
from hardware.scales.driver import SerialScale
from hardware.scales.protocol import Weighed
from hardware.scales.safe_pattern import UnsafePattern
from hardware.simulated.lines import twin_behind


@pytest.fixture(scope="module")
def registry():
    return load_drivers()


def test_every_scale_driver_is_registered_and_can_be_used(registry) -> None:
    scales = {one.driver_id for one in registry.drivers.values() if one.device_class is DeviceClass.SCALE}
    assert scales == {*PROTOCOLS, "simulated-scale"}


@pytest.mark.parametrize(
    ("driver", "bits"),
    [
        ("mettler-toledo-8217", (9600, 7, "E")),
        ("nci", (9600, 7, "E")),
        ("nci-ecr", (9600, 7, "E")),
        ("cas", (9600, 8, "N")),
        ("os2", (9600, 8, "N")),
        ("dialog06", (9600, 7, "O")),
        ("toledo-prix3", (9600, 8, "N")),
        ("pattern-scale", (9600, 8, "N")),
    ],
)
def test_a_serial_line_is_set_as_the_make_sets_it(registry, driver: str, bits: tuple[int, int, str]) -> None:
    made = []
    wrap = lambda transport: made.append(transport) or transport  # noqa: E731 - a wrap that keeps what it sees
    registry.driver(driver, DeviceClass.SCALE).make({"connection": {"by": "serial", "port": "/dev/ttyS0"}}, wrap)
    line = made[0]._line
    assert (line.baudrate, line.bytesize, line.parity) == bits


def test_what_the_file_says_of_the_line_comes_first() -> None:
    made = []
    where = {"by": "serial", "port": "/dev/ttyS0", "baud": 2400, "parity": "N", "data_bits": 8}
    make_real("mettler-toledo-8217", {"connection": where}, lambda transport: made.append(transport) or transport)
    line = made[0]._line
    assert (line.baudrate, line.bytesize, line.parity) == (2400, 8, "N")


@pytest.mark.parametrize(
    ("driver", "settings", "words"),
    [
        ("cas", {}, "connection"),
        ("cas", {"connection": {"by": "serial"}}, "port"),
        ("cas", {"connection": {"by": "network", "host": "scale"}, "unit": "kg"}, "unit"),
        ("cas", {"connection": {"by": "network", "host": "scale"}, "minimum_grams": -1}, "minimum_grams"),
        ("mettler-toledo-8217", {"connection": {"by": "network", "host": "scale"}, "unit": "stone"}, "unit"),
        ("dialog06", {"connection": {"by": "network", "host": "scale"}, "checksums": ["12"]}, "checksums"),
        ("pattern-scale", {"connection": {"by": "network", "host": "scale"}, "ask": "秤"}, "latin-1"),
        ("os2", {"connection": {"by": "network", "host": "scale"}, "mode": "both"}, "mode"),
    ],
)
def test_a_wrong_setting_is_named(registry, driver: str, settings, words: str) -> None:
    with pytest.raises(BadDriverSettings, match=words):
        registry.driver(driver, DeviceClass.SCALE).make(settings, lambda transport: transport)


def test_a_pattern_is_checked_when_the_till_starts_and_not_when_it_weighs(registry) -> None:
    with pytest.raises(UnsafePattern, match="group named weight"):
        build_scale(
            "pattern-scale",
            {"connection": {"by": "network", "host": "scale"}, "pattern": r"\d+"},
            print,
            registry=registry,
        )


def test_a_scale_that_nobody_makes_is_refused(registry) -> None:
    with pytest.raises(UnknownDriver, match="simulated-scale"):
        build_scale("abacus", {}, print, registry=registry)


@pytest.mark.parametrize("driver", PROTOCOLS)
def test_every_protocol_has_settings_of_its_own_and_needs_none(driver: str) -> None:
    protocol, limits = make_protocol(driver, {"minimum_grams": 40, "capacity_grams": 6000})
    assert protocol.take(b"").findings == ()
    assert (limits.minimum_grams, limits.capacity_grams) == (40, 6000)


def test_a_simulated_scale_speaks_any_protocol_and_can_be_watched_and_reached(registry) -> None:
    recorder, twins = Recorder(), []

    def wrap(transport):
        twins.append(twin_behind(transport))
        return ObservedTransport(transport, recorder)

    driver = make_simulated({"protocol": "os2", "protocol_settings": {"mode": "polled"}, "settles_ms": 0}, wrap)
    assert isinstance(driver, SerialScale)
    driver.open()
    twins[0].put_on(1245)
    assert Weighed(WeightState.STABLE, 1245) in driver.listen(1.0)
    driver.close()
    assert recorder.written == b"\x05\x11"
