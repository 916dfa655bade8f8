"""How long a shopper waits for the disk: a durable sale through the store against the bare driver writing the same rows.

Variants are interleaved in one run and compared by their medians: absolute times drift with the machine.
"""

import gc
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.ledger.chain import Signer
from app.members.coupons import CouponUse, Proof, ReturnRule
from app.payments.tenders import Tendered
from app.sales.basket import Basket, BasketLine
from app.sales.sale import (
    DiscountScope,
    DiscountShare,
    PriceSource,
    Sale,
    SaleLine,
    SaleMember,
    SaleOffer,
    SalePromotions,
    TaxSummaryRow,
)
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.quantity import SellingUnit
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText
from offline_store.keys import OwnerOnlyFiles, TillKeys
from offline_store.till_store import TillStoreFile, open_till_store

LINES = 20
ROUNDS = 400
WARM_UP = 40
BLOCK = 20
NOON = datetime(2026, 11, 22, 4, 0, 0, 123456, tzinfo=UTC)
STANDARD = TaxClass("standard", 1300)
TABLES = ("journal", "posting", "sale", "sale_line", "discount_share", "tender", "tax_summary", "print_job")
MEMBER_TABLES = (*TABLES, "sale_offer", "sale_member", "coupon_use", "free_note")


class NullSigner:
    """Signs nothing; only a benchmark may, to tell what the signature costs."""

    def __init__(self, signer: Signer) -> None:
        self._public_key = signer.public_key()

    def public_key(self) -> bytes:
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        return bytes(64)


def sale_of_twenty_lines(sale_id: str) -> Sale:
    """Twenty lines at 2 × 6.45, each with 10 % off by a promotion: 12.90 - 1.29 = 11.61."""
    lines = tuple(
        SaleLine(
            line_number=number,
            product_id=f"P{number:06d}",
            name=LocalizedText("农夫山泉饮用天然水", (("en", "Spring water"),)),
            department_id="drinks",
            unit=SellingUnit.EACH,
            quantity_thousandths=2000,
            list_price_minor=645,
            unit_price_minor=645,
            price_source=PriceSource.BOOK,
            extended_minor=1290,
            discounts=(DiscountShare("promo-1", DiscountScope.PROMOTION, LocalizedText("两件九折"), "v3", 129),),
            tax_class=STANDARD,
            tax=STANDARD.split(1161),
            gtin14="06921168509256",
        )
        for number in range(1, LINES + 1)
    )
    tax = TaxAmounts(0, 0, 0)
    for line in lines:
        tax = tax + line.tax
    return Sale(
        sale_id=sale_id,
        store_number=1,
        till_number=1,
        till_id="0001-01",
        session_id="session-1",
        business_date=date(2026, 11, 22),
        operator_number="007",
        operator_name="王芳",
        opened_at=NOON,
        completed_at=NOON,
        currency="CNY",
        lines=lines,
        tax_summary=(TaxSummaryRow(STANDARD, tax),),
        gross_minor=23220,
        rounding_minor=0,
        due_minor=23220,
        tenders=(Tendered(1, "cash", LocalizedText("现金"), "cash_drawer", 30000, 23220, opens_drawer=True),),
        change_minor=6780,
        discount_minor=2580,
    )


def sale_to_a_member(sale_id: str) -> Sale:
    """The same for a member, with three promotions and a coupon; every line earns 11 points."""
    return replace(
        sale_of_twenty_lines(sale_id),
        promotions=SalePromotions(
            "5f0c6b1f",
            "exact",
            tuple(
                SaleOffer(f"promo-{number}", LocalizedText("两件九折", (("en", "10 % off two"),)), 2, 860)
                for number in (1, 2, 3)
            ),
        ),
        member=SaleMember(
            "m-7",
            "gold",
            120,
            220,
            date(2027, 12, 31),
            tuple((number, 11) for number in range(1, 21)),
            23220,
            label="王**",
        ),
        coupons=(
            CouponUse(f"r-{sale_id}", f"c-{sale_id}", "form-1", "wake-up", "B", Proof.ONLINE, 860, ReturnRule.VOID),
        ),
    )


def basket_of(sale: Sale) -> Basket:
    return Basket(
        sale.sale_id,
        NOON,
        "007",
        "CNY",
        lines=tuple(
            BasketLine(
                line_id=line.line_number,
                product_id=line.product_id,
                name=line.name,
                department_id=line.department_id,
                unit=line.unit,
                tax_class=line.tax_class,
                quantity_thousandths=line.quantity_thousandths,
                list_price_minor=line.list_price_minor,
                unit_price_minor=line.unit_price_minor,
                price_source=line.price_source,
                gtin14=line.gtin14,
            )
            for line in sale.lines
        ),
    )


def open_store(folder: Path) -> TillStoreFile:
    return open_till_store(
        folder,
        till_id="0001-01",
        store_number=1,
        till_number=1,
        clock=FixedClock(NOON),
        identities=CountingIdentities(),
        zone=ZoneInfo("Asia/Shanghai"),
        day_starts=timedelta(hours=4),
        keys=OwnerOnlyFiles(folder / "keys"),
        ballast_bytes=0,
    )


class Shop:
    """A till of the product, timed from the call to the durable sale."""

    def __init__(self, folder: Path, *, signed: bool, make: Callable[[str], Sale] = sale_of_twenty_lines) -> None:
        self.store = open_store(folder)
        self.make = make
        if not signed:
            journal = self.store._file.journal
            journal.keys = TillKeys(journal.keys.database_key, NullSigner(journal.keys.signer))
        self.times: list[float] = []

    def sell(self, number: int) -> None:
        sale_id = f"sale-{number:08d}"
        self.store.save_basket(basket_of(self.make(sale_id)))
        # As at the till, and as for the bare driver's rows: made of the basket right before it is committed.
        sale = self.make(sale_id)
        begun = time.perf_counter()
        self.store.commit_sale(sale, print_job_id=f"job-{number:08d}")
        self.times.append(time.perf_counter() - begun)


class BareDriver:
    """The same driver, key, pragmas and tables; rows that are ready before the clock starts."""

    def __init__(self, folder: Path, *, guarded: bool, make: Callable[[str], Sale] = sale_of_twenty_lines) -> None:
        shop = Shop(folder, signed=True, make=make)
        self._tables = TABLES if make is sale_of_twenty_lines else MEMBER_TABLES
        shop.sell(0)
        connection = shop.store._file.connection()
        self._cursor = connection.driver.cursor()
        self._cursor.execute("PRAGMA synchronous = FULL")
        if not guarded:
            for (name,) in self._cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                self._cursor.execute(f"DROP TRIGGER {name}")
        self._shop = shop
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._insert: dict[str, str] = {}
        for table in self._tables:
            columns = [row[1] for row in self._cursor.execute(f"PRAGMA table_info({table})")]
            if table == "print_job":
                columns.remove("job_number")
            places = ["CAST(? AS TEXT)" if column == "body" else "?" for column in columns]
            self._insert[table] = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(places)})"  # noqa: S608 - names of our own tables
            first = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - names of our own tables
            if "entry_key" in columns:
                first += " WHERE entry_key = (SELECT max(entry_key) FROM sale)"
            self._rows[table] = self._cursor.execute(first).fetchall()
            self._columns = columns
            self._rows[table + ".columns"] = [tuple(columns)]
        self._head = self._cursor.execute(
            "SELECT epoch, sequence, hash, sale_count, gross_minor, last_receipt_number FROM head"
        ).fetchone()
        self.times: list[float] = []

    def sell(self, number: int) -> None:
        sale_id = f"sale-{number:08d}"
        sale = self._shop.make(sale_id)
        basket = basket_of(sale)
        self._shop.store.save_basket(basket)
        head, ready = self._ready(number, sale_id)
        cursor = self._cursor
        begun = time.perf_counter()
        # A till that need not wait for the disk at every scan switches here, whoever writes it.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("BEGIN IMMEDIATE")
        for statement, rows in ready:
            cursor.executemany(statement, rows)
        cursor.execute("DELETE FROM basket_line WHERE basket_id = ?", (sale_id,))
        cursor.execute("DELETE FROM basket WHERE basket_id = ?", (sale_id,))
        cursor.execute(
            "UPDATE head SET epoch = ?, sequence = ?, hash = ?, sale_count = ?, gross_minor = ?, "
            "last_receipt_number = ? WHERE one = 1",
            head,
        )
        cursor.execute("COMMIT")
        self.times.append(time.perf_counter() - begun)
        self._shop.store._file.connection()._synchronous = "FULL"
        self._shop.store._baskets.forget(sale_id)

    def _ready(self, number: int, sale_id: str) -> tuple[tuple[Any, ...], list[tuple[str, list[tuple[Any, ...]]]]]:
        """The rows of the first sale with the numbers of the next one."""
        epoch, sequence, previous, count, gross, receipt = self._head
        sequence, count, gross, receipt = sequence + 1, count + 1, gross + 23220, receipt + 1
        hashed = os.urandom(32)
        key = (epoch << 40) + sequence
        changed: dict[str, object] = {
            "entry_key": key,
            "sequence": sequence,
            "previous_hash": previous,
            "hash": hashed,
            "sale_id": sale_id,
            "job_id": f"job-{number:08d}",
            "receipt_number": receipt,
            "total_sale_count": count,
            "total_gross_minor": gross,
            "redemption_id": f"r-{sale_id}",
            "coupon_id": f"c-{sale_id}",
            "salt": os.urandom(16).hex(),
        }
        ready = []
        for table in self._tables:
            columns = self._rows[table + ".columns"][0]
            rows = [
                tuple(
                    value.encode() if column == "body" else changed.get(column, value)
                    for column, value in zip(columns, row, strict=True)
                )
                for row in self._rows[table]
            ]
            ready.append((self._insert[table], rows))
        self._head = (epoch, sequence, hashed, count, gross, receipt)
        return self._head, ready


def _microseconds(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median_us": round(statistics.median(ordered) * 1e6, 1),
        "p99_us": round(ordered[int(len(ordered) * 0.99)] * 1e6, 1),
    }


def _flush_us(folder: Path, flush: Callable[[int], None]) -> float:
    """What one flush of one written page costs on this disk."""
    times = []
    with (folder / "flush.bin").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            begun = time.perf_counter()
            flush(file.fileno())
            times.append(time.perf_counter() - begun)
    return round(statistics.median(times) * 1e6, 1)


def _head_note_us(shop: Shop) -> float:
    """What the signed note beside the store costs at the call after a sale; no shopper waits for it."""
    times = []
    for _ in range(200):
        begun = time.perf_counter()
        shop.store._file.journal.write_note(anyway=True)
        times.append(time.perf_counter() - begun)
    return round(statistics.median(times) * 1e6, 1)


def measure(rounds: int = ROUNDS, block: int = BLOCK) -> dict[str, object]:
    """Measure, and return the figures by their keys in `performance.md`."""
    folder = Path(tempfile.mkdtemp(prefix="guitai-bench-"))
    try:
        variants: dict[str, Shop | BareDriver] = {
            "raw": BareDriver(folder / "raw", guarded=True),
            "raw_unguarded": BareDriver(folder / "unguarded", guarded=False),
            "signed": Shop(folder / "signed", signed=True),
            "unsigned": Shop(folder / "unsigned", signed=False),
            "member_raw": BareDriver(folder / "member-raw", guarded=True, make=sale_to_a_member),
            "member": Shop(folder / "member", signed=True, make=sale_to_a_member),
        }
        gc.collect()
        gc.freeze()
        for begin in range(1, WARM_UP + rounds + 1, block):
            for variant in variants.values():
                for number in range(begin, begin + block):
                    variant.sell(number)
        figures = {name: _microseconds(variant.times[-rounds:]) for name, variant in variants.items()}
        signed = variants["signed"]
        flushes = {
            "fdatasync_us": _flush_us(folder, os.fdatasync),
            "fsync_us": _flush_us(folder, os.fsync),
            "head_note_us": _head_note_us(signed) if isinstance(signed, Shop) else 0.0,
        }
    finally:
        gc.unfreeze()
        shutil.rmtree(folder, ignore_errors=True)
    raw = figures["raw"]["median_us"]
    return {
        "sale_commit_vs_raw": round(figures["signed"]["median_us"] / raw, 3),
        "sale_commit_unsigned_vs_raw": round(figures["unsigned"]["median_us"] / raw, 3),
        "sale_commit_to_member_vs_raw": round(figures["member"]["median_us"] / figures["member_raw"]["median_us"], 3),
        "sale_commit_vs_raw_without_guards": round(
            figures["signed"]["median_us"] / figures["raw_unguarded"]["median_us"], 3
        ),
        **flushes,
        **{f"sale_commit_{name}_{unit}": value for name, values in figures.items() for unit, value in values.items()},
        "sale_commit_measured": f"{rounds} durable sales of {LINES} lines for each variant, interleaved in blocks of {block}; raw = the same "
        "rows into the same tables through sqlcipher3's executemany in one BEGIN IMMEDIATE, key and pragmas alike",
    }


if __name__ == "__main__":
    for key, value in measure().items():
        print(f"{key}: {value}")
