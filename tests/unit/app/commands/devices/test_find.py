"""`devices detect` finds what hangs on the till, shows each try, and writes a file that the till then starts with."""

import tomllib

import pytest

from app.commands.configuration import BadConfiguration, read_configuration, read_devices
from app.commands.device_sections import DEVICES_FILE
from app.commands.devices.find import FindRequest, find_devices
from app.commands.site import Site, sample_store
from app.values.speech import ENGLISH
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer
from hardware.simulated.printer import SimulatedPrinter
from hardware.simulated.scale import SimulatedScale

REAL = """
[printer]
driver = "escpos"
[printer.settings.connection]
by = "network"
host = "192.0.2.7"

[scale]
driver = "cas"
[scale.settings.connection]
by = "serial"
port = "/dev/ttyUSB0"

[[scanner]]
name = "front"
driver = "serial-scanner"
[scanner.settings.connection]
by = "serial"
port = "/dev/ttyUSB1"

[drawer]
driver = "printer"
"""


def test_a_scale_and_a_printer_on_serial_lines_are_found_and_written_down(tmp_path, capsys):
    with SimulatedSerialLine(SimulatedScale("cas")) as scale, SimulatedSerialLine(SimulatedPrinter()) as printer:
        request = FindRequest(tmp_path, ports=(str(scale.path), str(printer.path)), write=True)
        assert find_devices(request, ENGLISH) == 0
    written = tomllib.loads((tmp_path / DEVICES_FILE).read_text(encoding="utf-8"))
    assert written["scale"]["driver"] == "cas"
    assert written["scale"]["settings"]["connection"]["port"] == str(scale.path)
    assert written["printer"]["driver"] == "escpos"
    assert written["printer"]["settings"]["connection"]["port"] == str(printer.path)
    shown = capsys.readouterr().out
    assert "✓" in shown
    assert "05" in shown, "what was sent to it"
    # The till of this folder now has them, and what the shop decided beside them stays.
    configuration = Site(tmp_path, sample=True).configuration()
    assert (configuration.scale.driver, configuration.printer.driver) == ("cas", "escpos")
    assert configuration.scale.minimum_grams == 5
    assert configuration.printer.language == "zh_CN"
    assert "cashier" in configuration.drawer.open_without_sale


def test_a_network_printer_is_found_at_its_address_only_when_asked(tmp_path):
    with SimulatedServer(SimulatedPrinter()):
        assert find_devices(FindRequest(tmp_path, write=True), ENGLISH) == 0
    assert not (tmp_path / DEVICES_FILE).exists()


def test_nothing_is_written_without_a_yes(tmp_path, capsys):
    with SimulatedSerialLine(SimulatedScale("cas")) as scale:
        assert find_devices(FindRequest(tmp_path, ports=(str(scale.path),)), ENGLISH) == 0
    assert not (tmp_path / DEVICES_FILE).exists()
    assert "--write" in capsys.readouterr().out


def test_the_file_that_was_there_is_kept(tmp_path):
    (tmp_path / DEVICES_FILE).write_text(REAL, encoding="utf-8")
    with SimulatedSerialLine(SimulatedScale("cas")) as scale:
        find_devices(FindRequest(tmp_path, ports=(str(scale.path),), write=True), ENGLISH)
    kept = list(tmp_path.glob("devices.*.toml"))
    assert [path.read_text(encoding="utf-8") for path in kept] == [REAL]


def test_listing_sends_nothing(tmp_path, capsys):
    scale = SimulatedScale("cas")
    with SimulatedSerialLine(scale) as line:
        find_devices(FindRequest(tmp_path, ports=(str(line.path),), probe=False), ENGLISH)
    assert "05" not in capsys.readouterr().out.replace(str(line.path), "")


def test_a_tills_devices_go_before_the_shops(tmp_path):
    (tmp_path / DEVICES_FILE).write_text(REAL, encoding="utf-8")
    found = read_configuration(sample_store() / "store.toml", tmp_path / DEVICES_FILE)
    assert (found.printer.driver, found.scale.driver) == ("escpos", "cas")
    assert [scanner.name for scanner in found.scanner] == ["front"]
    assert found.printer.settings == {"connection": {"by": "network", "host": "192.0.2.7"}}
    # What the file does not name stays as the shop has it.
    assert found.rfid.driver == "simulated-rfid-reader"
    assert found.drivers >= {"escpos", "cas", "serial-scanner", "simulated-rfid-reader"}
    assert "printer" not in found.drivers


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[scale]\ndrivr = 'cas'", "scale.drivr"),
        ("[store]\nnumber = 2", "store"),
        ("[scale", "devices.toml"),
        ("[[scanner]]\nname = 'A b'\ndriver = 'x'", "scanner[0].name"),
    ],
)
def test_a_wrong_key_in_the_devices_file_is_named(tmp_path, text, named):
    (tmp_path / DEVICES_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        read_devices(tmp_path / DEVICES_FILE)
    assert named in str(refused.value.sentence)
