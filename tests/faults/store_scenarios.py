"""What a till does to its store while it is being killed."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from app.checkout.ports import PrintJob, PrintState
from app.ledger.entry import EntryKind
from app.members.coupons import LetGo
from app.sales.sale import Sale
from offline_store.problems import StoreProblem
from offline_store.till_store import TillStoreFile
from tests.faults.store_kill_harness import Acknowledge
from tests.faults.store_shop import basket, line, open_shop, sale, session, suspended, with_deal


def sell(folder: Path, acknowledge: Acknowledge) -> None:
    """Ring up and sell six times, with all that happens in between; each step is acknowledged once it returned."""
    with open_shop(folder) as store:
        acknowledge("opened")
        store.open_session(session("session-k"))
        acknowledge("session session-k")
        for number in range(6):
            _one_customer(store, number, acknowledge)


def sold_as(name: str) -> Sale:
    """Every other customer is a member with a coupon."""
    sold = sale(name, note="note")
    return with_deal(sold) if int(name[1:]) % 2 else sold


def _one_customer(store: TillStoreFile, number: int, acknowledge: Acknowledge) -> None:
    ringing = replace(basket(f"k{number}"), lines=(), next_line_id=1)
    for line_id in (1, 2, 3):
        ringing = replace(ringing, lines=(*ringing.lines, line(line_id)), next_line_id=line_id + 1)
        store.save_basket(ringing)
        acknowledge(f"basket k{number} {line_id}")
    store.commit_sale(sold_as(f"k{number}"), print_job_id=f"job-{number}")
    acknowledge(f"sale k{number}")
    if number in {1, 3}:
        store.facts_told(store.facts_to_tell(5).told_to)
        acknowledge(f"told k{number}")
    store.set_print_state(f"job-{number}", PrintState.PRINTED)
    acknowledge(f"printed job-{number}")
    if number == 1:
        store.save_basket(suspended("aside", 5))
        acknowledge("suspended aside")
    if number == 2:
        store.abandon_basket(replace(suspended("aside", 5), released=(LetGo("l-aside", "c-9"),)), "shopper left")
        acknowledge("abandoned aside")
    if number == 3:
        store.record(EntryKind.DRAWER_OPENED, {"operator": "007", "reason": "change"})
        acknowledge("drawer")
    if number == 4:
        store.add_print_job(PrintJob("copy-1", "k0", 1, PrintState.WAITING))
        acknowledge("copy k0")


def sell_on_a_failing_disk(folder: Path, acknowledge: Acknowledge) -> None:
    """Sell five times; what is refused is tried again, as a cashier does."""
    try:
        store = open_shop(folder)
    except StoreProblem as problem:
        acknowledge(f"not open {problem.code}")
        return
    with store:
        for number in range(5):
            _sell_until_taken(store, number, acknowledge)


def _sell_until_taken(store: TillStoreFile, number: int, acknowledge: Acknowledge) -> None:
    for _ in range(4):
        try:
            store.save_basket(basket(f"k{number}"))
            store.commit_sale(with_deal(sale(f"k{number}")), print_job_id=f"job-{number}")
        except StoreProblem as problem:
            acknowledge(f"refused k{number} {problem.code}")
        else:
            acknowledge(f"sale k{number}")
            return


def sell_with_many_checkpoints(folder: Path, acknowledge: Acknowledge) -> None:
    """Sell twelve times while the log is written back every few pages, and end without closing."""
    store = open_shop(folder)
    store._file.connection().driver.execute("PRAGMA wal_autocheckpoint = 40")
    for number in range(12):
        for lines in (1, 2):
            store.save_basket(basket(f"k{number}", lines))
        store.commit_sale(with_deal(sale(f"k{number}")), print_job_id=None)
        acknowledge(f"sale k{number}")
    os._exit(0)


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), lambda word: os.write(1, word.encode() + b"\n"))
