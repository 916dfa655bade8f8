"""A till that dies while its receipt prints leaves one original at most: what comes after a restart says that it is a copy."""

import subprocess
import sys
from pathlib import Path

import pytest

from hardware.simulated.lines import SimulatedServer
from hardware.simulated.printer import SimulatedPrinter

ROOT = Path(__file__).resolve().parents[2]
COPY = "副本"


class DeadlyPrinter(SimulatedPrinter):
    """Kills the till when it has taken so many bytes; what it took by then it prints."""

    def __init__(self) -> None:
        super().__init__()
        self.kills_after: int | None = None
        self.victim: subprocess.Popen[bytes] | None = None
        self.taken = 0

    def receive(self, data: bytes) -> int:
        taken = super().receive(data)
        self.taken += taken
        if self.kills_after is not None and self.taken >= self.kills_after and self.victim is not None:
            self.kills_after = None
            self.victim.kill()
        return taken


def start(folder: Path, port: int, what: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.printing_child", str(folder), str(port), what], cwd=ROOT
    )


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("after_bytes", [60, 200, 700, 1500, 2500, 4000])
def test_a_kill_at_any_byte_of_a_receipt_leaves_one_original_at_most(tmp_path, after_bytes):
    printer = DeadlyPrinter()
    with SimulatedServer(printer) as server:
        printer.kills_after = after_bytes
        with start(tmp_path / "till", server.port, "sells") as first:
            printer.victim = first
            first.wait(60)
        with start(tmp_path / "till", server.port, "opens") as second:
            assert second.wait(60) == 0
        papers = [text for text in printer.texts if "合计" in text or "小票号" in text or "邻里鲜生" in text]
    originals = [text for text in papers if COPY not in text]
    assert len(originals) <= 1, papers
    whole = [text for text in papers if "合计" in text and "谢谢惠顾" in text]
    assert whole, "the shopper got a receipt, the first or its copy"
