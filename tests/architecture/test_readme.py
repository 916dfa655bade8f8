"""What the README shows can be typed as it stands."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from app.commands.device_sections import DevicesFile
from hardware.registry import DeviceClass, load_drivers

ROOT = Path(__file__).resolve().parents[2]
BLOCK = next(
    block
    for block in re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    if "[scale]" in block
)
DEVICES = tomllib.loads(BLOCK)
CLASSES = {
    "printer": DeviceClass.RECEIPT_PRINTER,
    "scale": DeviceClass.SCALE,
    "scanner": DeviceClass.SCANNER,
    "customer_display": DeviceClass.LINE_DISPLAY,
    "rfid": DeviceClass.RFID_READER,
    "card_terminal": DeviceClass.CARD_TERMINAL,
}


def test_the_devices_of_the_readme_are_a_devices_file():
    msgspec.convert(DEVICES, DevicesFile)


@pytest.mark.parametrize("section", sorted(CLASSES))
def test_each_driver_of_the_readme_takes_its_settings(section):
    found = DEVICES[section][0] if section == "scanner" else DEVICES[section]
    driver = load_drivers().driver(found["driver"], CLASSES[section])
    driver.make(found["settings"], lambda transport: transport)


def test_every_driver_the_readme_names_is_there():
    known = {status.driver_id for status in load_drivers().statuses if status.usable}
    named = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", BLOCK)) & {
        "nci-ecr",
        "toledo-prix3",
        "pattern-scale",
        "serial-scanner",
        "evdev-scanner",
        "serial-drawer",
        "nexo-terminal",
        "mettler-toledo-8217",
    }
    assert len(named) == 8
    assert named <= known
    assert {"nci", "cas", "os2", "dialog06", "camera", "led8n", "cd5220", "llrp"} <= known
