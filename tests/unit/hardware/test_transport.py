"""Whatever happens to a cable becomes a sentence a person can act on."""

import os
import socket
from pathlib import Path

import pytest

from hardware.transport import (
    DeviceAway,
    FileTransport,
    MissingSupport,
    NetworkTransport,
    SerialTransport,
    UsbTransport,
)


def test_nobody_listening_is_a_device_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        port = closed_again.getsockname()[1]
    with pytest.raises(DeviceAway, match=f"127.0.0.1:{port} cannot be reached"):
        NetworkTransport("127.0.0.1", port, connect_timeout_s=0.5).open()


def test_a_name_that_nobody_knows_is_a_device_that_is_away() -> None:
    with pytest.raises(DeviceAway):
        NetworkTransport("printer.invalid", connect_timeout_s=0.5).open()


def test_a_device_that_hangs_up_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = NetworkTransport("127.0.0.1", listener.getsockname()[1])
        transport.open()
        connection, _ = listener.accept()
        connection.sendall(b"\x12")
        assert transport.read(1.0) == b"\x12"
        assert transport.read(0) == b""
        connection.close()
        with pytest.raises(DeviceAway):
            transport.read(1.0)
        transport.close()
        with pytest.raises(DeviceAway):
            transport.write(b"x", 0.1)


def test_a_network_device_that_takes_nothing_more_makes_nobody_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = NetworkTransport("127.0.0.1", listener.getsockname()[1])
        transport.open()
        with listener.accept()[0]:
            block = bytes(1_000_000)
            assert any(transport.write(block, 0.05) == 0 for _ in range(100))
        transport.close()


def test_a_plain_file_keeps_what_was_printed_and_never_answers(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "printed.bin")
    for _ in range(2):
        transport.open()
        assert not transport.can_read
        assert transport.write(b"\x1b@abc", 0.1) == 5
        assert transport.read(0.1) == b""
        transport.close()
    assert (tmp_path / "printed.bin").read_bytes() == b"\x1b@abc" * 2


def test_a_file_that_cannot_be_written_is_a_device_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(DeviceAway):
        FileTransport(tmp_path / "missing" / "lp0").open()
    with pytest.raises(DeviceAway):
        FileTransport(tmp_path / "never-opened").write(b"x", 0.1)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_device_node_is_read_as_well() -> None:
    import tty

    far, near = os.openpty()
    tty.setraw(near)
    try:
        transport = FileTransport(Path(os.ttyname(near)))
        transport.open()
        assert transport.can_read
        os.write(far, b"\x16\n")
        assert transport.read(1.0) == b"\x16\n"
        assert transport.read(0.01) == b""
        assert transport.write(b"hello", 0.5) == 5
        transport.close()
    finally:
        os.close(far)
        os.close(near)


def test_a_serial_line_that_is_not_there_is_a_device_that_is_away() -> None:
    with pytest.raises(DeviceAway, match="no-such-line"):
        SerialTransport("/dev/no-such-line").open()


def test_usb_without_its_library_says_what_to_install() -> None:
    pytest.importorskip("escpos")
    from escpos.printer import Usb

    if Usb.is_usable():
        pytest.skip("this computer has pyusb")
    with pytest.raises(MissingSupport, match="pyusb"):
        UsbTransport(0x04B8, 0x0E15).open()
