"""A device that cannot be reached says why in words, never in those of a library."""

import errno
import socket

import pytest
import serial

from hardware.transport import DeviceAway, FileTransport, NetworkTransport, SerialTransport


def reason(transport) -> str:
    with pytest.raises(DeviceAway) as away:
        transport.open()
    return str(away.value.sentence)


@pytest.mark.parametrize("host", ["192.168..50", "a" * 300, "printer\x00"])
def test_a_host_that_can_be_none_is_a_sentence(host):
    assert "cannot be reached" in reason(NetworkTransport(host, 9100))


def test_a_port_where_nobody_listens_refuses():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "it refuses the connection" in reason(NetworkTransport("127.0.0.1", port))


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("/dev/ttyNOWHERE", "it is not there"),
        ("/etc/hostname", "that is no serial line"),
        ("/tmp", "that is a folder"),
        ("tty\x00", "no device can be called that"),
    ],
)
def test_a_serial_port_that_is_none_says_so(port, words):
    assert words in reason(SerialTransport(port))


def test_two_programs_do_not_share_a_serial_line(tmp_path):
    import os

    near, far = os.openpty()
    first, second = SerialTransport(os.ttyname(far)), SerialTransport(os.ttyname(far))
    first.open()
    assert "another program uses it" in reason(second)
    first.close()
    os.close(near)
    os.close(far)


def test_a_printer_that_is_not_plugged_in_gets_no_plain_file_in_its_place(tmp_path):
    from pathlib import Path

    missing = Path("/dev/usb/no-such-printer")
    assert "it is not there" in reason(FileTransport(missing))
    assert not missing.exists()


def test_a_fault_nobody_foresaw_still_gives_a_sentence(monkeypatch):
    def fail(*_: object) -> None:
        raise serial.SerialException("device reports readiness to read but returned no data")

    transport = SerialTransport("/dev/ttyUSB9")
    monkeypatch.setattr(transport._line, "open", fail)
    said = reason(transport)
    assert "it is gone" in said
    assert "readiness" not in said
    assert errno.EIO
