"""A scale, the line to it and its driver in a time of their own: seconds pass as fast as the computer can count."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from hardware.scales.agreement import Limits
from hardware.scales.configuration import make_protocol
from hardware.scales.driver import SerialScale
from hardware.scales.protocol import Finding, ScaleProtocol, Weighing
from hardware.simulated.scale import ScaleMake, SimulatedScale

RICE = Weighing(595, "Rice")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class VirtualLine:
    """A transport whose waiting is the clock's moving on."""

    can_read = True

    def __init__(self, scale: SimulatedScale, clock: Clock) -> None:
        self.twin = scale
        self._clock = clock
        self.flip: tuple[int, int] | None = None
        self.heard_bytes = 0
        self.asked: list[bytes] = []

    def open(self) -> None:
        self.twin._require_reachable()

    def close(self) -> None:
        pass

    def write(self, data: bytes, timeout_s: float) -> int:
        self.asked.append(data)
        return self.twin.receive(data)

    def read(self, timeout_s: float) -> bytes:
        data = self.twin.replies(0)
        if not data:
            self._clock.now += timeout_s
            data = self.twin.replies(0)
        if self.flip is not None and self.flip[0] < self.heard_bytes + len(data):
            place, bit = self.flip[0] - self.heard_bytes, self.flip[1]
            data = data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]
            self.flip = None
        self.heard_bytes += len(data)
        return data


@dataclass
class Rig:
    scale: SimulatedScale
    line: VirtualLine
    driver: SerialScale
    protocol: ScaleProtocol
    clock: Clock
    said: list[Finding] = field(default_factory=list)

    def run(self, seconds: float) -> list[Finding]:
        """Let time pass and return what the driver said meanwhile."""
        said, end = [], self.clock.now + seconds
        while self.clock.now < end:
            said += self.driver.listen(0.05)
        self.said = said
        return said

    def last(self, seconds: float = 2.0) -> Finding:
        return self.run(seconds)[-1]


@pytest.fixture(scope="session")
def make_rig() -> Callable[..., Rig]:
    def make(
        voice: str,
        settings: dict[str, Any] | None = None,
        limits: Limits | None = None,
        built: ScaleMake | None = None,
        expecting: bool = True,
    ) -> Rig:
        clock = Clock()
        scale = SimulatedScale(voice, built or ScaleMake(settles_s=0.0), monotonic_s=clock)
        line = VirtualLine(scale, clock)
        name, _, polled = voice.partition("-polled")
        own = {**({"mode": "polled"} if polled or voice.endswith("-polled") else {}), **(settings or {})}
        protocol, _ = make_protocol(name, own)
        driver = SerialScale(line, protocol, limits, monotonic_s=clock)
        driver.open()
        if expecting:
            driver.expect(RICE)
        return Rig(scale, line, driver, protocol, clock)

    return make
