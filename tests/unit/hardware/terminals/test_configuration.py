"""A till's file says which card terminal it has; a wrong key is named."""

import pytest

from hardware.connections import BadDriverSettings
from hardware.registry import BUILT_IN, DeviceClass, DriverRegistry, UnknownDriver
from hardware.terminals.configuration import NEXO, SIMULATED, build_card_terminal, make_nexo

REGISTRY = DriverRegistry({driver.driver_id: driver for driver in (NEXO, SIMULATED)}, ())
NETWORK = {"by": "network", "host": "192.168.1.60", "port": 7778}


def test_each_driver_is_named_as_in_the_registry() -> None:
    named = {point.value: point.name for point in BUILT_IN}
    for constant, driver in (("NEXO", NEXO), ("SIMULATED", SIMULATED)):
        assert named[f"hardware.terminals.configuration:{constant}"] == driver.driver_id
        assert driver.device_class is DeviceClass.CARD_TERMINAL
        driver.self_check()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"connection": NETWORK, "sale_id": "Till1"}, "poi_id"),
        ({"connection": NETWORK, "sale_id": "", "poi_id": "T1"}, "sale_id"),
        ({"connection": NETWORK, "sale_id": "Till1", "poi_id": "T1", "pin": "1"}, "pin"),
        ({"connection": {"by": "pigeon"}, "sale_id": "Till1", "poi_id": "T1"}, "pigeon"),
        ({"connection": NETWORK, "sale_id": "Till1", "poi_id": "T1", "refund_by": "post"}, "refund_by"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict, named: str) -> None:
    with pytest.raises(BadDriverSettings) as raised:
        make_nexo(settings)
    assert named in str(raised.value.sentence)


def test_a_terminal_says_what_it_can() -> None:
    settings = {"connection": NETWORK, "sale_id": "Till1", "poi_id": "T1", "partial_approval": True}
    capabilities = make_nexo(settings).capabilities
    assert (capabilities.refund, capabilities.reversal) == (True, True)
    assert (capabilities.partial_approval, capabilities.prints_itself) == (True, False)


def test_a_terminal_is_built_from_its_name_and_settings() -> None:
    worker = build_card_terminal("simulated-card-terminal", {}, lambda _: None, registry=REGISTRY)
    assert worker.device == "card_terminal"
    assert worker.busy_with is None
    assert worker.close(1.0)


def test_a_terminal_nobody_knows_is_a_sentence_that_names_those_there_are() -> None:
    with pytest.raises(UnknownDriver, match="nexo-terminal, simulated-card-terminal"):
        build_card_terminal("zvt", {}, lambda _: None, registry=REGISTRY)
