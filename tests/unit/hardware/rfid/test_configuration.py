"""What the till's file says of its tag reader."""

from importlib.metadata import EntryPoint

import pytest

from hardware.connections import BadDriverSettings
from hardware.conversation import ObservedTransport, Tail
from hardware.registry import GROUP, DriverRegistry, UnknownDriver, load_drivers
from hardware.rfid.configuration import build_rfid_reader, field_rules, make_llrp_reader, make_simulated_reader
from hardware.rfid.field import FieldRules
from hardware.simulated.lines import twin_behind
from hardware.simulated.rfid_reader import SimulatedRfidReader


@pytest.fixture(scope="module")
def registry() -> DriverRegistry:
    return load_drivers(
        [
            EntryPoint("llrp", "hardware.rfid.configuration:LLRP", GROUP),
            EntryPoint("simulated-rfid-reader", "hardware.rfid.configuration:SIMULATED", GROUP),
        ]
    )


def test_both_drivers_can_be_used(registry: DriverRegistry) -> None:
    assert [status.usable for status in registry.statuses] == [True, True]


@pytest.mark.parametrize(
    "settings",
    [{"host": "192.0.2.9"}, {"connection": {"by": "network", "host": "192.0.2.9", "port": 5084}}],
)
def test_a_real_reader_needs_only_its_address(settings: dict[str, object], registry: DriverRegistry) -> None:
    worker = build_rfid_reader("llrp", settings, print, registry=registry)
    assert worker.driver.transport._place == "192.0.2.9:5084"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "host"),
        ({"host": "h", "speed": 1}, "speed"),
        ({"host": "h", "inventory": {"session": 4}}, "session"),
        ({"host": "h", "inventory": {"antennas": [0]}}, "antennas"),
        ({"host": "h", "tags": {"minimum_reads": 0}}, "minimum_reads"),
        ({"host": "h", "keepalive_ms": 5}, "keepalive_ms"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], named: str) -> None:
    with pytest.raises(BadDriverSettings, match=named):
        make_llrp_reader(settings)


def test_the_rules_of_the_field_stand_in_the_drivers_settings() -> None:
    assert field_rules({}) == FieldRules()
    assert field_rules({"tags": {"minimum_rssi_dbm": -55, "most_tags": 20}}) == FieldRules(
        minimum_rssi_dbm=-55, most_tags=20
    )
    with pytest.raises(BadDriverSettings, match="gone"):
        field_rules({"tags": {"gone": 1}})


def test_the_simulated_reader_is_found_behind_the_drivers_line_and_the_line_can_be_watched() -> None:
    tail = Tail()
    reader = make_simulated_reader({"antennas": 1}, lambda inner: ObservedTransport(inner, tail))
    twin = twin_behind(reader.transport.inner)
    assert isinstance(twin, SimulatedRfidReader)
    reader.open()
    assert reader.capabilities.antennas == 1
    reader.close()
    assert not twin.connected
    assert tail.exchanges


def test_an_unknown_reader_is_refused(registry: DriverRegistry) -> None:
    with pytest.raises(UnknownDriver):
        build_rfid_reader("typewriter", {}, print, registry=registry)
