"""With the settings that a shop has, the status tells the truth within two seconds."""

import threading
import time

from hardware.rfid.configuration import make_simulated_reader
from hardware.rfid.worker import RfidWorker
from hardware.simulated.device import Trouble
from hardware.simulated.lines import twin_behind
from hardware.worker import DeviceState, StatusUpdate


def test_a_reader_that_falls_silent_is_away_within_two_seconds_and_back_within_the_longest_pause() -> None:
    states: list[tuple[float, DeviceState]] = []
    changed = threading.Condition()

    def on_event(event: object) -> None:
        if isinstance(event, StatusUpdate):
            with changed:
                states.append((time.monotonic(), event.state))
                changed.notify_all()

    def wait_for(state: DeviceState) -> float:
        with changed:
            assert changed.wait_for(lambda: bool(states) and states[-1][1] is state, 15), states
            return states[-1][0]

    driver = make_simulated_reader({})
    reader = twin_behind(driver.transport)
    worker = RfidWorker("rfid", driver, on_event)
    worker.start()
    wait_for(DeviceState.READY)
    reader.suffer(Trouble.SILENT)
    began = time.monotonic()
    # 1.8 s of silence; half a second more is left to a machine under load.
    assert wait_for(DeviceState.AWAY) - began < 2.5
    reader.suffer()
    wait_for(DeviceState.READY)
    assert worker.close(3.0)
