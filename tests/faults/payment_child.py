"""A till in a process of its own that takes a payment at a wallet simulated elsewhere; made to be killed.

One process is started, loads everything once, and forks a child for each payment. The child speaks with whoever
started it in lines: it asks for time to go by and for people to act, and says every point that it passes. It does not
wait for an answer to a point, so that whoever kills it there hits it anywhere in what follows.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from app.payments.alipay.provider import make_alipay
from app.payments.desk_requests import PaymentOrder
from app.payments.provider import PaymentProvider
from app.payments.wechat.provider import make_wechat
from app.values.clock import Clock, FixedClock
from tests.faults.payment_simulator_world import Does, Points, Run, Story, Strike, World
from tests.faults.store_kill_harness import ROOT

OUTSIDE = {Does.PAYS}
"""What happens at the wallet, in the other process."""


class Telling(Points):
    """Says every point that it passes."""

    def __init__(self, line: "Line") -> None:
        super().__init__()
        self._line = line

    def pass_by(self, place: str, kind: Strike = Strike.KILL) -> bool:
        if kind is Strike.KILL:
            self._line.say("point", place)
        return False


class Line:
    """Lines of JSON to and from the other process."""

    def __init__(self, hears: IO[str], says: IO[str]) -> None:
        self._hears, self._says = hears, says

    def say(self, *words: object) -> None:
        self._says.write(json.dumps(words) + "\n")
        self._says.flush()

    def hear(self) -> list[Any] | None:
        """Return what was said; None where the other one is gone."""
        line = self._hears.readline()
        return json.loads(line) if line.endswith("\n") else None

    def ask(self, *words: object) -> list[Any]:
        self.say(*words)
        return self.hear() or []


class FarStreet:
    """The wallet and its shoppers, as a child reaches them."""

    def __init__(self, line: Line, wallet: str, settings: dict[str, Any], now: str) -> None:
        self.wallet, self.settings, self._line = wallet, settings, line
        self.clock = FixedClock(datetime.fromisoformat(now))
        self.numbers = Counter[str]()
        self.refund_numbers: dict[str, set[tuple[str, int]]] = {}
        self.calls: list[Any] = []
        self.simulator = self

    def pass_time(self, by: timedelta) -> None:
        self._line.ask("time", by // timedelta(microseconds=1))
        self.clock.advance(by)

    def provider(self, clock: Clock, *, hasty: bool = False) -> PaymentProvider:
        del hasty
        return {"wechat": make_wechat, "alipay": make_alipay}[self.wallet](self.settings, clock)

    def code_for(self, story: Story) -> str:
        del story
        code: str = self._line.ask("code")[0]
        return code

    def shopper_pays(self, number: str) -> None:
        """The other process has seen to it."""


class FarWorld(World):
    """The story in a child: what people do at the wallet is done in the other process."""

    line: Line

    def order(self) -> PaymentOrder:
        self.line.ask("begun")
        return super().order()

    def do(self, run: Run, what: Does) -> None:
        self.line.ask("did", what.name)
        super().do(run, what)


def play_here(line: Line, asked: dict[str, Any]) -> None:
    """Play a story in this process until it is over or this process is killed."""
    from tests.faults.test_payment_simulators import BY_NAME

    street = FarStreet(line, asked["wallet"], asked["settings"], asked["now"])
    world = FarWorld(street, Path(asked["folder"]), asked["name"], BY_NAME[asked["story"]], points=Telling(line))
    world.line = line
    Run(world, world.folder).work()


class Nursery:
    """The process that forks children, as the test sees it."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.payment_child"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.communicate()

    def play(self, world: World, kill_at: int) -> tuple[str, bool]:
        """Play a story in a child, with a world that keeps pace, and kill it at a point.

        Returns the point's place and whether it was killed.
        """
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        line = Line(process.stdout, process.stdin)
        place, points, child = "", 0, 0
        line.say(described(world))
        while True:
            match line.hear():
                case ["born", int(child)]:
                    pass
                case ["point", str(said)]:
                    points += 1
                    if points == kill_at:
                        place = said
                        os.kill(child, signal.SIGKILL)
                case ["over", int(status)]:
                    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
                    if not killed and status:
                        raise RuntimeError(f"the child failed: {status}")
                    return place, killed
                case [*asked]:
                    line.say(*keep_pace(world, asked))
                case None:
                    raise RuntimeError("the nursery is gone")


def described(world: World) -> dict[str, Any]:
    """Return what a child needs to play a world's story."""
    street = world.street
    return {
        "wallet": street.wallet,
        "settings": street.settings,
        "now": street.clock.now().isoformat(),
        "folder": str(world.folder),
        "name": world.attempt_id.removesuffix("pay"),
        "story": world.story.name,
    }


def keep_pace(world: World, asked: list[Any]) -> list[object]:
    """Do outside of the till what its child asks for, and return the answer."""
    match asked:
        case ["time", int(microseconds)]:
            world.pass_time(timedelta(microseconds=microseconds))
        case ["begun"]:
            world.begun = True
        case ["code"]:
            return [world.street.code_for(world.story)]
        case ["did", str(name)]:
            what = Does[name]
            world.agenda.pop(0)
            if what in OUTSIDE:
                world.street.simulator.shopper_pays(world.number)
            elif what is not Does.CANCEL:
                # Whether it was understood is seen after the kill, and asked for once more.
                world.agenda.append((int(world.elapsed().total_seconds()) + 20, what))
        case _:
            raise RuntimeError(f"the child said {asked}")
    return []


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """Start the process that forks children."""
    made = Nursery()
    try:
        yield made
    finally:
        made.close()


def main() -> None:
    """Fork a child for each line, and say how it ended."""
    import requests

    import tests.faults.test_payment_simulators as loaded  # before the first fork, once for all children

    del loaded, requests
    line = Line(sys.stdin, sys.stdout)
    while (asked := line.hear()) is not None:
        if not asked or not isinstance(asked[0], dict):
            # An answer to a child that did not live to hear it.
            continue
        child = os.fork()
        if child == 0:
            code = 1
            try:
                line.say("born", os.getpid())
                play_here(line, asked[0])
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        line.say("over", status)


if __name__ == "__main__":
    main()
