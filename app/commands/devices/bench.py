"""The device bench over a house of devices: how each is, its last bytes, and having it do things."""

from collections.abc import Callable
from typing import Any

from app.commands.devices.actions import CannotTry, Offered, actions_of
from app.commands.devices.attached import LINE_DISPLAY, Attached
from app.commands.devices.house import DeviceHouse
from app.devices.bench import BenchDevice, Exchanged
from app.devices.line_display import DisplayContent
from app.values.wording import Wording, wording


class HouseBench:
    """A `DeviceBench`; any thread may call it, nothing waits."""

    def __init__(self, house: DeviceHouse, end: Callable[[], None] | None = None) -> None:
        """Show a house; `end` lets go of it where the bench is alone with it."""
        self._house = house
        self._end = end

    def devices(self) -> tuple[BenchDevice, ...]:
        """Return how every device is now."""
        return tuple(self._shown(device) for device in self._house.attached)

    def perform(self, device: str, action_id: str, text: str = "") -> Wording | None:
        """Begin an action.

        Raises:
            CannotTry: it cannot be done, and why.
        """
        return self._offered(device, action_id).do(text)

    def close(self) -> None:
        """Let go of the devices where they are the bench's own."""
        if self._end is not None:
            self._end()

    def _offered(self, name: str, action_id: str) -> Offered:
        for device in self._house.attached:
            if device.name == name:
                for offered in actions_of(device, self._house):
                    if offered.action.action_id == action_id:
                        return offered
        raise CannotTry(wording("This cannot be done with {device} now.", device=name))

    def _shown(self, device: Attached) -> BenchDevice:
        from hardware.conversation import Direction

        return BenchDevice(
            name=device.name,
            kind=device.kind.kind_id,
            title=device.kind.title,
            driver=device.driver,
            simulated=device.simulated,
            place=device.place,
            condition=device.condition,
            sentence=device.sentence,
            reading=_reading(device),
            facts=tuple(device.facts.values()),
            actions=tuple(offered.action for offered in actions_of(device, self._house)),
            traffic=tuple(
                Exchanged(one.direction is Direction.TO_DEVICE, one.data, one.at_s)
                for one in (device.tail.exchanges if device.tail is not None else ())
            ),
        )


def _reading(device: Attached) -> Wording | str:
    """Return what a device read or shows last; of a pole display what a person would see on it."""
    if device.kind is LINE_DISPLAY and device.twin is not None:
        lines: tuple[str, ...] = device.twin.lines
        return "\n".join(lines)
    if device.kind is LINE_DISPLAY and device.worker is not None:
        worker: Any = device.worker
        content: DisplayContent | None = worker.content
        return f"{content.upper}\n{content.lower}".replace("\t", "  ") if content is not None else ""
    return device.reading
