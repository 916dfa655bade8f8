"""Simulated devices fail in every way they are told to, the same way with the same seed, on every line."""

import threading

import pytest

from hardware.simulated.device import SimulatedDevice, Trouble
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer, SimulatedTransport, line_to, twin_behind
from hardware.transport import DeviceAway, NetworkTransport, SerialTransport

GREETING = b"HELLO WORLD\r"


class Parrot(SimulatedDevice):
    """Answers every byte with a greeting."""

    def _heard(self, data: bytes) -> None:
        for _ in data:
            self._say(GREETING)


class Clock(Parrot):
    speaks_every_s = 0.01

    def _spoken(self) -> bytes:
        return b"tick\r"


def answer(device: SimulatedDevice) -> bytes:
    device.receive(b"?")
    return device.replies(0.2)


def test_a_device_without_trouble_answers():
    assert answer(Parrot()) == GREETING


def test_each_trouble_shows_in_the_answer():
    assert answer(_in(Trouble.SILENT)) == b""
    assert answer(_in(Trouble.DOUBLED)) == GREETING * 2
    assert answer(_in(Trouble.FOREIGN)) == Parrot.FOREIGN_ANSWER
    assert answer(_in(Trouble.IN_PIECES)) == GREETING[:1]
    truncated = answer(_in(Trouble.TRUNCATED))
    assert len(truncated) < len(GREETING)
    assert GREETING.startswith(truncated)
    flipped = answer(_in(Trouble.FLIPPED_BIT))
    assert sum((one ^ other).bit_count() for one, other in zip(flipped, GREETING, strict=True)) == 1
    noisy = answer(_in(Trouble.NOISE))
    assert GREETING in noisy
    assert len(noisy) > len(GREETING)


def test_a_flood_never_ends_and_never_grows():
    device = _in(Trouble.FLOOD)
    for _ in range(50):
        assert 0 < len(device.replies(0.1)) <= 8192


def test_the_same_seed_makes_the_same_noise():
    assert answer(_in(Trouble.NOISE)) == answer(_in(Trouble.NOISE))


def test_an_unplugged_device_is_away_until_it_is_plugged_in():
    device = Parrot()
    device.unplug()
    for use in (lambda: device.receive(b"?"), lambda: device.replies(0.05)):
        with pytest.raises(DeviceAway):
            use()
    device.plug_in()
    assert answer(device) == GREETING


def test_a_device_that_speaks_by_itself_is_heard():
    assert Clock().replies(0.5) == b"tick\r"


def _in(*troubles: Trouble) -> Parrot:
    device = Parrot(seed=7)
    device.suffer(*troubles)
    return device


@pytest.mark.parametrize("line", ["memory", "network", "serial"])
def test_every_line_leads_to_the_device_and_knows_it(line):
    parrot = Parrot()
    transport = line_to(parrot, line)
    assert twin_behind(transport) is parrot
    transport.open()
    transport.write(b"?", 1.0)
    assert _whole(transport) == GREETING
    transport.close()
    if line != "memory":
        transport.end()


def _read_on(transport) -> None:
    for _ in range(200):
        transport.read(0.05)


def _whole(transport) -> bytes:
    heard = b""
    for _ in range(100):
        heard += transport.read(0.1)
        if heard.endswith(b"\r"):
            break
    return heard


def test_a_caller_on_the_network_is_hung_up_when_the_device_loses_its_power():
    parrot = Parrot()
    with SimulatedServer(parrot) as server:
        transport = NetworkTransport("127.0.0.1", server.port)
        transport.open()
        transport.write(b"?", 1.0)
        assert _whole(transport) == GREETING
        parrot.switch_off()
        with pytest.raises(DeviceAway):
            _read_on(transport)
        transport.close()


def test_a_serial_line_vanishes_with_its_plug_and_comes_back_at_the_same_path():
    parrot = Parrot()
    with SimulatedSerialLine(parrot) as line:
        transport = SerialTransport(str(line.path))
        transport.open()
        parrot.unplug()
        with pytest.raises(DeviceAway):
            _read_on(transport)
        with pytest.raises(DeviceAway):
            transport.open()
        parrot.plug_in()
        _until(line.path.exists)
        transport.open()
        transport.write(b"?", 1.0)
        assert _whole(transport) == GREETING
        transport.close()


def test_a_serial_line_stays_and_is_silent_when_only_the_power_is_off():
    parrot = Parrot()
    with SimulatedSerialLine(parrot) as line:
        transport = SerialTransport(str(line.path))
        transport.open()
        parrot.switch_off()
        transport.write(b"?", 1.0)
        assert transport.read(0.3) == b""
        parrot.switch_on()
        transport.write(b"?", 1.0)
        assert _whole(transport) == GREETING
        transport.close()


def test_a_cable_to_a_device_that_is_off_cannot_be_opened():
    parrot = Parrot()
    parrot.switch_off()
    with pytest.raises(DeviceAway):
        SimulatedTransport(parrot).open()


def _until(happened, tries: int = 500) -> None:
    waiting = threading.Event()
    for _ in range(tries):
        if happened():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not happen")
