"""Drives one scale over any transport: asks in time, answers at once, and notices silence and nonsense."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from app.values.wording import wording
from hardware.scales.agreement import Agreement, Limits
from hardware.scales.protocol import Acknowledged, Finding, ScaleCapabilities, ScaleProtocol, Weighed, Weighing
from hardware.transport import DeviceAway, Transport

_OBEY_S: Final = 0.8
_WRITE_S: Final = 0.25
_PUSHED_APART_S: Final = 0.04
"""Two pushed answers closer together than this are one answer that came twice."""

_MOST_BYTES_AT_ONCE: Final = 8192


@dataclass(frozen=True, slots=True)
class ScaleTimes:
    """How often a scale is asked, and how long it is waited for."""

    ask_weighing_s: float = 0.1
    ask_resting_s: float = 0.75
    """With `silent_s` on top a dead scale is known within two seconds, even between customers."""

    ask_again_s: float = 0.3
    """An answer that has not begun, or stopped half-way, by then is asked for again."""

    silent_s: float = 1.0
    """A scale that says nothing for so long is away."""

    nonsense_s: float = 2.0
    """One that says nothing sensible for so long speaks another language."""


class ScaleDriver(Protocol):
    """What a scale's worker needs of a scale. One thread uses it."""

    @property
    def capabilities(self) -> ScaleCapabilities:
        """What the scale can do."""

    @property
    def flooded(self) -> bool:
        """Whether so much came at once that the rest was left lying; listen again after a pause."""

    def open(self) -> None:
        """Reach the scale's line; whether a scale is there shows by listening.

        Raises:
            Problem: if it is away or this computer cannot speak to it.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not open."""

    def expect(self, weighing: Weighing | None) -> None:
        """Weigh from now on, ten times a second; look now and then only where None."""

    def listen(self, timeout_s: float) -> tuple[Finding, ...]:
        """Return what the scale said within the time; at once when it said something.

        A `Weighed` that is stable may be sold: it was checked, or said twice.

        Raises:
            DeviceAway: if the scale is gone, silent, or makes no sense.
        """

    def zero(self) -> bool:
        """Set the scale to zero; whether it did.

        Raises:
            DeviceAway: if the scale is gone.
        """

    def tare(self, grams: int | None) -> bool:
        """Take the goods (None) or so many grams as tare, 0 for none; whether it did.

        Raises:
            DeviceAway: if the scale is gone.
        """


class SerialScale:
    """A scale that speaks a protocol over a transport; see `ScaleDriver` for what its methods promise."""

    def __init__(
        self,
        transport: Transport,
        protocol: ScaleProtocol,
        limits: Limits | None = None,
        *,
        times: ScaleTimes | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say where the scale is and what it speaks; nothing is sent yet."""
        self._times = times or ScaleTimes()
        self._transport = transport
        self._protocol = protocol
        self._monotonic_s = monotonic_s
        self._agreement = Agreement(limits or Limits(), twice=protocol.capabilities.needs_agreement)
        self._weighing = False
        self._flooded = False
        self._kept: list[Finding] = []
        self._tare_grams = 0
        self._shown: Weighed | None = None
        self._begin(monotonic_s())

    @property
    def capabilities(self) -> ScaleCapabilities:
        """What the protocol can do."""
        return self._protocol.capabilities

    @property
    def flooded(self) -> bool:
        """Whether so much came at once that the rest was left lying."""
        return self._flooded

    def open(self) -> None:
        """Connect, and believe nothing of before."""
        self._transport.open()
        self._protocol.reset()
        self._agreement.forget()
        self._kept.clear()
        self._shown = None
        self._begin(self._monotonic_s())

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def expect(self, weighing: Weighing | None) -> None:
        """Weigh from now on; what was on the scale before must be said again."""
        self._weighing = weighing is not None
        self._protocol.expect(weighing)
        self._agreement.forget()
        self._due_s = self._monotonic_s()

    def listen(self, timeout_s: float) -> tuple[Finding, ...]:
        """Ask where it is time to, and return what came."""
        found, self._kept = self._kept, []
        deadline = self._monotonic_s() + timeout_s
        self._flooded = False
        taken = 0
        while not found and not self._flooded:
            now = self._monotonic_s()
            self._ask_in_time(now)
            until = min(deadline, self._next_ask_s(deadline))
            data = self._transport.read(max(0.001, until - now))
            found = self._heard(data)
            taken += len(data)
            self._flooded = taken >= _MOST_BYTES_AT_ONCE
            if not found:
                now = self._monotonic_s()
                self._require_life(now)
                if now >= deadline:
                    break
        return tuple(found)

    def zero(self) -> bool:
        """Send the command, and wait for the answer where there is one."""
        if not self.capabilities.can_zero:
            return False
        done = self._obeyed(self._protocol.zero)
        if done:
            self._tare_grams = 0
        return done

    def tare(self, grams: int | None) -> bool:
        """Send the command, and wait for the answer where there is one."""
        able = self.capabilities.can_tare if grams is None else self.capabilities.can_preset_tare
        if not able:
            return False
        shown = self._shown
        done = self._obeyed(lambda: self._protocol.tare(grams))
        if done:
            # What the goods weigh as tare is only known where nothing was taken off before.
            gross = shown.grams if shown is not None and not shown.net else 0
            self._tare_grams = gross if grams is None else grams
        return done

    # Time.

    def _begin(self, now: float) -> None:
        self._due_s = now
        self._asked_s = now - self.capabilities.shortest_ask_s
        self._pending = False
        self._occasion = 0
        self._occasion_s = now
        self._heard_s = now
        self._waiting_since_s: float | None = now if self.capabilities.pushes else None

    def _ask_in_time(self, now: float) -> None:
        if self.capabilities.pushes or now < self._next_ask_s(now):
            return
        question = self._protocol.ask()
        self._occasion += 1
        self._pending = True
        self._asked_s = now
        self._due_s = now + (self._times.ask_weighing_s if self._weighing else self._times.ask_resting_s)
        if self._waiting_since_s is None:
            self._waiting_since_s = now
        self._send(question)

    def _next_ask_s(self, never_s: float) -> float:
        """Return when to ask next; `never_s` for a scale that is not asked."""
        if self.capabilities.pushes:
            return never_s
        if self._pending:
            return max(self._asked_s, self._heard_s) + self._times.ask_again_s
        return max(self._due_s, self._asked_s + self.capabilities.shortest_ask_s)

    def _require_life(self, now: float) -> None:
        since = self._waiting_since_s
        if since is None:
            return
        if now - max(since, self._heard_s) >= self._times.silent_s:
            raise DeviceAway(wording("The scale does not answer. Check its power and cable."))
        if now - since >= self._times.nonsense_s:
            raise DeviceAway(
                wording(
                    "The scale answers what cannot be understood: it speaks another protocol, or the line is set"
                    " otherwise (baud, parity). Compare the settings of scale and till."
                )
            )

    # Bytes.

    def _heard(self, data: bytes) -> list[Finding]:
        if not data:
            return []
        now = self._monotonic_s()
        self._heard_s = now
        heard = self._protocol.take(data)
        if self.capabilities.pushes and heard.findings and now - self._occasion_s >= _PUSHED_APART_S:
            self._occasion += 1
            self._occasion_s = now
        if heard.reply:
            self._send(heard.reply)
        if heard.findings:
            self._pending = False
            self._waiting_since_s = now if self.capabilities.pushes else None
        return [self._judged(finding) for finding in heard.findings]

    def _judged(self, finding: Finding) -> Finding:
        if not isinstance(finding, Weighed):
            return finding
        self._shown = finding
        if finding.net and not finding.tare_grams:
            finding = replace(finding, tare_grams=self._tare_grams)
        return self._agreement.judged(finding, self._occasion)

    def _send(self, data: bytes) -> None:
        sent = 0
        while sent < len(data):
            taken = self._transport.write(data[sent:], _WRITE_S)
            if not taken:
                raise DeviceAway(wording("The scale takes no data. Check its power and cable."))
            sent += taken

    # Commands.

    def _obeyed(self, command: Callable[[], bytes]) -> bool:
        """Give a command when the answer to the last question is in; whether it was carried out."""
        self._wait_for_quiet()
        self._agreement.forget()
        self._send(command())
        self._asked_s = self._monotonic_s()
        if not self.capabilities.acknowledges:
            return True
        deadline = self._asked_s + _OBEY_S
        while (now := self._monotonic_s()) < deadline:
            for finding in self._heard(self._transport.read(deadline - now)):
                if isinstance(finding, Acknowledged):
                    return finding.accepted
                self._kept.append(finding)
        return False

    def _wait_for_quiet(self) -> None:
        deadline = self._monotonic_s() + self._times.ask_again_s
        while (now := self._monotonic_s()) < deadline:
            ready_s = deadline if self._pending else self._asked_s + self.capabilities.shortest_ask_s
            if now >= ready_s:
                break
            self._kept += self._heard(self._transport.read(max(0.001, min(ready_s, deadline) - now)))
        self._pending = False
