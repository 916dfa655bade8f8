"""The devices in a till's configuration: what they become, and what is refused by its path."""

from pathlib import Path

import pytest

from app.checkout.settings import WeighingRules
from app.commands.configuration import BadConfiguration, Configuration, read_configuration
from app.commands.site import sample_store

SHOP = """
[store]
number = 1
name = "邻里鲜生"
[till]
number = 2
name = "2号收银台"
[[operator]]
number = "1001"
name = "王芳"
[[tender]]
id = "cash"
name = "现金"
"""
DEVICES = """
[scale]
driver = "cas"
minimum_grams = 40
fixed_tare_grams = 3
[scale.settings]
connection = { by = "serial", port = "COM3" }
[[container]]
id = "small_tray"
name = "小盘"
name_en = "Small tray"
tare_grams = 12
[[container]]
id = "bowl"
name = "纸碗"
tare_grams = 8
[[scanner]]
name = "hand"
driver = "serial-scanner"
[scanner.settings]
connection = { by = "serial", port = "COM4" }
[[scanner]]
name = "camera"
driver = "camera"
[customer_display]
driver = "led8n"
[drawer]
driver = "serial-drawer"
open_without_sale = ["admin"]
[card_terminal]
driver = "nexo-terminal"
[rfid]
driver = "llrp"
settings = { host = "10.0.0.9" }
"""


def read(folder: Path, text: str) -> Configuration:
    path = folder / "store.toml"
    path.write_text(text, encoding="utf-8")
    return read_configuration(path)


def test_a_till_without_devices_has_none_and_keeps_its_drawer_to_supervisors(tmp_path: Path) -> None:
    configuration = read(tmp_path, SHOP)
    one_of_a_kind = (
        configuration.scale,
        configuration.customer_display,
        configuration.drawer,
        configuration.card_terminal,
        configuration.rfid,
    )
    assert one_of_a_kind == (None,) * 5
    assert (configuration.scanner, configuration.container) == ((), ())
    settings = configuration.till_settings()
    assert settings.weighing == WeighingRules()
    assert settings.roles_that_open_the_drawer == ("supervisor", "admin")


def test_the_sections_of_devices_are_read_with_their_drivers_own_settings(tmp_path: Path) -> None:
    configuration = read(tmp_path, SHOP + DEVICES)
    assert configuration.scale is not None
    assert configuration.rfid is not None
    assert configuration.drawer is not None
    assert configuration.scale.driver == "cas"
    assert configuration.scale.settings == {"connection": {"by": "serial", "port": "COM3"}}
    assert [(scanner.name, scanner.driver) for scanner in configuration.scanner] == [
        ("hand", "serial-scanner"),
        ("camera", "camera"),
    ]
    assert configuration.scanner[0].settings == {"connection": {"by": "serial", "port": "COM4"}}
    assert configuration.rfid.settings == {"host": "10.0.0.9"}
    assert configuration.drawer.driver == "serial-drawer"


def test_the_till_is_told_how_it_weighs_and_who_opens_the_drawer(tmp_path: Path) -> None:
    settings = read(tmp_path, SHOP + DEVICES).till_settings()
    assert (settings.weighing.fixed_tare_grams, settings.weighing.minimum_grams) == (3, 40)
    small, bowl = settings.weighing.containers
    assert (small.container_id, small.name.in_language("en"), small.tare_grams) == ("small_tray", "Small tray", 12)
    assert (bowl.name.in_language("en"), bowl.tare_grams) == ("纸碗", 8)
    assert settings.roles_that_open_the_drawer == ("admin",)


def test_containers_serve_a_till_whose_scale_stands_elsewhere(tmp_path: Path) -> None:
    settings = read(tmp_path, SHOP + "[[container]]\nid = 'tray'\nname = '盘'\ntare_grams = 12\n").till_settings()
    assert len(settings.weighing.containers) == 1


def test_a_drawer_hangs_on_the_printer_unless_it_is_told(tmp_path: Path) -> None:
    drawer = read(tmp_path, SHOP + "[drawer]\n").drawer
    assert drawer is not None
    assert (drawer.driver, drawer.open_without_sale) == ("printer", ("supervisor", "admin"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("minimum_grams = 40", "minimum_grams = -1"), "scale.minimum_grams"),
        (("minimum_grams = 40", 'minimum_grams = "40"'), "scale.minimum_grams"),
        (("fixed_tare_grams = 3", "fixed_tare = 3"), "scale.fixed_tare"),
        (('[scale]\ndriver = "cas"', "[scale]"), "scale"),
        (("tare_grams = 12", "tare_grams = 0"), r"container\[0\].tare_grams"),
        (("tare_grams = 12", "tare_grams = 12.5"), r"container\[0\].tare_grams"),
        (('id = "bowl"', 'id = "small_tray"'), "container.id: small_tray"),
        (('id = "bowl"', 'id = "纸碗"'), r"container\[1\].id"),
        (('name = "camera"', 'name = "hand"'), "scanner.name: hand"),
        (('name = "camera"', 'name = "scale"'), "scanner.name: scale"),
        (('name = "camera"', 'name = "扫码枪"'), r"scanner\[1\].name"),
        (('open_without_sale = ["admin"]', 'open_without_sale = ["king"]'), r"drawer.open_without_sale\[0\]"),
        (('driver = "llrp"', "driver = 3"), "rfid.driver"),
        (('driver = "led8n"', 'driver = "led8n"\ncolumns = 20'), "customer_display.columns"),
        (('driver = "nexo-terminal"', 'driver = ""'), "card_terminal.driver"),
        (("[card_terminal]", "[card_terminals]"), "card_terminals"),
    ],
)
def test_a_wrong_key_of_a_device_is_named_by_its_path(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    assert change[0] in DEVICES
    with pytest.raises(BadConfiguration, match=named):
        read(tmp_path, SHOP + DEVICES.replace(*change, 1))


def test_the_sample_store_has_one_of_every_device(tmp_path: Path) -> None:
    configuration = read_configuration(sample_store() / "store.toml")
    assert configuration.scale is not None
    assert configuration.customer_display is not None
    assert configuration.drawer is not None
    assert configuration.card_terminal is not None
    assert configuration.rfid is not None
    assert [scanner.name for scanner in configuration.scanner] == ["hand"]
    lines = [
        section.settings["line"]
        for section in (
            configuration.printer,
            configuration.scale,
            *configuration.scanner,
            configuration.customer_display,
            configuration.card_terminal,
            configuration.rfid,
        )
    ]
    assert lines == ["network", "serial", "serial", "serial", "network", "network"]
    settings = configuration.till_settings()
    assert [(key.name.default, key.tare_grams) for key in settings.weighing.containers] == [
        ("小盘", 12),
        ("大盘", 25),
        ("纸碗", 8),
    ]
    assert "cashier" in settings.roles_that_open_the_drawer
