"""A scanner that sends codes without end sells nothing and does not hold the till up; when it is silent it is believed again."""

import threading
from datetime import UTC, datetime

from app.values.clock import FixedClock
from hardware.scanners.configuration import build_scanner
from hardware.scanners.readings import CodeRead
from hardware.simulated.lines import twin_behind
from hardware.worker import DeviceState, StatusUpdate


def test_a_flood_of_good_codes_is_stopped_and_forgotten():
    events: list[object] = []
    changed = threading.Condition()
    twins = []

    def keep(event: object) -> None:
        with changed:
            events.append(event)
            changed.notify_all()

    def wrap(transport):
        twins.append(twin_behind(transport))
        return transport

    def states() -> list[DeviceState]:
        return [event.state for event in events if isinstance(event, StatusUpdate)]

    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    worker = build_scanner("simulated-scanner", {}, keep, device="hand", clock=clock, wrap=wrap)
    worker.start()
    with changed:
        assert changed.wait_for(lambda: states()[-1:] == [DeviceState.READY], 10)
    for _ in range(500):
        twins[0].scan("6901234567892")
    with changed:
        assert changed.wait_for(lambda: states()[-1] is DeviceState.STOPPED, 10)
    sold = sum(isinstance(event, CodeRead) for event in events)
    assert sold < 120, "some were read before anybody could know; the rest are lost"
    with changed:
        assert changed.wait_for(lambda: states()[-1] is DeviceState.READY, 10), states()
    twins[0].scan("6901234567892")
    with changed:
        assert changed.wait_for(lambda: sum(isinstance(one, CodeRead) for one in events) == sold + 1, 10)
    assert worker.close(5)
