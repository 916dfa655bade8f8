"""A till in a process of its own that sells once, or only opens, and prints on a network printer; made to be killed."""

import queue
import sys
import threading
import time
from pathlib import Path

from app.checkout import requests as ask
from app.checkout.ports import PrintState
from app.checkout.requests import ReportPrint
from app.commands import assembly
from app.commands.assembly import open_till_at_work, real_parts
from app.commands.site import Site
from tests.faults.till_scenario import BAG, Nobody, open_small_store

BUSY_S = 1.5


class Mail(Nobody):
    """Brings what the printer reports back to the till's thread."""

    def __init__(self) -> None:
        self.reports: queue.Queue[ReportPrint] = queue.Queue()

    def print_report(self, report: ReportPrint) -> None:
        self.reports.put(report)


def main(folder: Path, port: int, *, sells: bool) -> None:
    site = Site(folder, sample=True)
    mail = Mail()
    folder.mkdir(exist_ok=True)
    connection = f'settings.connection = {{ by = "network", host = "127.0.0.1", port = {port} }}'
    (folder / "devices.toml").write_text(f'[printer]\ndriver = "escpos"\n{connection}\n', encoding="utf-8")
    assembly.open_store = open_small_store
    till = open_till_at_work(site, "", real_parts(), mail)
    if sells:
        till.handle(ask.AddProduct(BAG))
        till.handle(ask.BeginPayment())
        till.handle(ask.TakeTender("cash", "20"))
        # The till's thread has something else to do just then: what the printer reports is stored a moment later.
        threading.Event().wait(BUSY_S)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            report = mail.reports.get(timeout=0.1)
        except queue.Empty:
            continue
        till.handle(report)
        if report.state is PrintState.PRINTED:
            break
    till.stop_devices()
    till.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sells=sys.argv[3] == "sells")
