"""A driver that fails is a sentence to read, never a till that does not start."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from app.values.problems import Problem
from app.values.wording import wording
from hardware.registry import BUILT_IN, GROUP, DeviceClass, Driver, UnknownDriver, load_drivers


class NoDongle(Problem):
    code = "NO-DONGLE"


def refuse() -> None:
    raise NoDongle(wording("The dongle is missing. Plug it in."))


def accept() -> None:
    pass


@pytest.fixture
def strangers() -> Iterator[ModuleType]:
    module = ModuleType("drivers_of_strangers")
    module.FINE = Driver("fine", DeviceClass.SCALE, wording("Fine scale"), dict, accept)
    module.REFUSED = Driver("refused", DeviceClass.SCALE, wording("Scale with dongle"), dict, refuse)
    module.MISNAMED = Driver("other", DeviceClass.SCALE, wording("Misnamed"), dict, accept)
    module.NOTHING = object()
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def point(name: str, target: str) -> EntryPoint:
    return EntryPoint(name, f"drivers_of_strangers:{target}", GROUP)


def test_the_built_in_printers_can_be_used() -> None:
    registry = load_drivers()
    assert registry.driver("escpos", DeviceClass.RECEIPT_PRINTER).driver_id == "escpos"
    assert {point.name for point in BUILT_IN} <= {status.driver_id for status in registry.statuses}


def test_a_driver_of_others_is_found_by_its_entry_point(strangers: ModuleType) -> None:
    registry = load_drivers([point("fine", "FINE")])
    assert registry.driver("fine", DeviceClass.SCALE) is strangers.FINE
    assert str(registry.statuses[0].sentence) == "Fine scale can be used."


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [
        ("refused", "REFUSED", "The dongle is missing. Plug it in."),
        ("misnamed", "MISNAMED", "not made for this version"),
        ("nothing", "NOTHING", "not made for this version"),
        ("gone", "GONE", "cannot be loaded (AttributeError)"),
    ],
)
def test_a_driver_that_fails_is_told_of_and_the_others_load(
    strangers: ModuleType, name: str, target: str, said: str
) -> None:
    registry = load_drivers([point(name, target), point("fine", "FINE")])
    assert list(registry.drivers) == ["fine"]
    assert said in str(registry.statuses[0].sentence)
    assert not registry.statuses[0].usable
    with pytest.raises(UnknownDriver) as asked:
        registry.driver(name, DeviceClass.SCALE)
    assert said in str(asked.value.sentence)


def test_a_missing_module_is_told_of() -> None:
    registry = load_drivers([EntryPoint("lost", "no_such_module:DRIVER", GROUP)])
    assert "ModuleNotFoundError" in str(registry.statuses[0].sentence)


def test_the_first_of_two_drivers_of_one_name_is_used(strangers: ModuleType) -> None:
    registry = load_drivers([point("fine", "FINE"), point("fine", "FINE")])
    assert registry.driver("fine", DeviceClass.SCALE) is strangers.FINE
    assert "two drivers" in str(registry.statuses[1].sentence)


def test_a_scale_is_no_printer(strangers: ModuleType) -> None:
    with pytest.raises(UnknownDriver, match="Set one of"):
        load_drivers([point("fine", "FINE")]).driver("fine", DeviceClass.RECEIPT_PRINTER)
