"""A till's file says where a device is; a person reads it back, and a wrong key is named."""

import pytest

from hardware.connections import (
    BadDriverSettings,
    Connection,
    FileConnection,
    NetworkConnection,
    SerialConnection,
    UsbConnection,
    decode_settings,
    place_of,
    transport_for,
)
from hardware.transport import FileTransport, NetworkTransport, SerialTransport, UsbTransport


@pytest.mark.parametrize(
    ("connection", "kind", "place"),
    [
        (NetworkConnection("192.0.2.7"), NetworkTransport, "192.0.2.7:9100"),
        (SerialConnection("/dev/ttyUSB0", 2400), SerialTransport, "/dev/ttyUSB0 (2400 baud)"),
        (FileConnection("/dev/usb/lp0"), FileTransport, "/dev/usb/lp0"),
        (UsbConnection(0x04B8, 0x0202), UsbTransport, "USB 04b8:0202"),
    ],
)
def test_each_way_to_a_device_has_its_transport_and_its_place(connection, kind, place):
    assert isinstance(transport_for(connection), kind)
    assert place_of(connection) == place


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"by": "network", "host": "p", "port": 70000}, "$.port"),
        ({"by": "network", "host": ""}, "$.host"),
        ({"by": "serial", "port": "COM3", "stop_bits": 3}, "$.stop_bits"),
        ({"by": "serial", "port": "COM3", "baud": "fast"}, "$.baud"),
        ({"by": "usb", "vendor_id": 70000, "product_id": 1}, "$.vendor_id"),
        ({"by": "pigeon"}, "pigeon"),
        ({"by": "file", "path": "x", "mode": 7}, "mode"),
    ],
)
def test_a_wrong_key_is_named(settings, named):
    with pytest.raises(BadDriverSettings) as refused:
        decode_settings(settings, Connection, "some-scale")
    assert named in str(refused.value.sentence)
    assert "some-scale" in str(refused.value.sentence)
