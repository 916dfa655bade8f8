"""A shop for tests of the till's store: sales whose figures are worked out by hand, and a way past the guards."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.checkout.ports import TillSession
from app.members.coupons import CouponUse, LetGo, Proof, ReturnRule
from app.payments.tenders import Tendered
from app.sales.basket import Basket, BasketLine, BasketState, DiscountKind, GivenDiscount
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
    WeightSource,
)
from app.values.clock import Clock, FixedClock
from app.values.identifiers import CountingIdentities
from app.values.quantity import SellingUnit
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText
from offline_store.connection import StoreConnection
from offline_store.keys import OwnerOnlyFiles, TillKeys, read_keys
from offline_store.reader import StoreReader
from offline_store.settings import StoreSettings
from offline_store.till_store import TillStoreFile, open_till_store

NOON = datetime(2026, 11, 22, 4, 0, 0, tzinfo=UTC)
"""12:00 in Shanghai."""

TODAY = date(2026, 11, 22)
ZONE = ZoneInfo("Asia/Shanghai")
DAY_STARTS = timedelta(hours=4)
STANDARD = TaxClass("standard", 1300)
REDUCED = TaxClass("reduced", 900)
WATER = LocalizedText("农夫山泉", (("en", "Spring water"),))
APPLES = LocalizedText("苹果")
GROSS = 1656
DUE = 1655


def keys_of(folder: Path) -> OwnerOnlyFiles:
    return OwnerOnlyFiles(folder / "keys")


def settings_of(till_id: str = "0001-01") -> StoreSettings:
    return StoreSettings(till_id, 1, 1, ZONE, DAY_STARTS, ballast_bytes=0, low_space_bytes=1)


def open_shop(
    folder: Path,
    clock: Clock | None = None,
    *,
    till_id: str = "0001-01",
    ballast_bytes: int = 0,
    low_space_bytes: int = 1,
) -> TillStoreFile:
    return open_till_store(
        folder,
        till_id=till_id,
        store_number=1,
        till_number=1,
        clock=clock or FixedClock(NOON),
        identities=CountingIdentities("salt"),
        zone=ZONE,
        day_starts=DAY_STARTS,
        keys=keys_of(folder),
        ballast_bytes=ballast_bytes,
        low_space_bytes=low_space_bytes,
    )


def reader_of(folder: Path) -> StoreReader:
    return StoreReader(folder, keys_of(folder))


def secrets_of(folder: Path) -> TillKeys:
    return read_keys(keys_of(folder))


def sale(sale_id: str, note: str = "") -> Sale:
    """Two waters at 6.45 with 10 % off and half a kilo of apples at 9.90 out of a tray of 25 g, paid with 20 yuan.

    12.90 - 1.29 = 11.61; its 13 %: 11.61 × 13 / 113 = 1.336 → 1.34, net 10.27.
    0.5 × 9.90 = 4.95; its 9 %: 4.95 × 9 / 109 = 0.409 → 0.41, net 4.54.
    Together 16.56, to 5 fen 16.55; change 3.45. A third line was voided.
    """
    lines = (
        SaleLine(
            line_number=1,
            product_id="P1",
            name=WATER,
            department_id="drinks",
            unit=SellingUnit.EACH,
            quantity_thousandths=2000,
            list_price_minor=645,
            unit_price_minor=645,
            price_source=PriceSource.BOOK,
            extended_minor=1290,
            discounts=(
                DiscountShare("d1", DiscountScope.LINE, LocalizedText("损耗"), "dented", 29),
                DiscountShare("p1", DiscountScope.PROMOTION, LocalizedText("两件", (("en", "Two"),)), "v3", 100),
            ),
            tax_class=STANDARD,
            tax=TaxAmounts(1027, 134, 1161),
            gtin14="06921168509256",
            batch="A7",
            expiry=date(2027, 1, 31),
            serial=f"S-{sale_id}",
            minimum_age=18,
        ),
        SaleLine(
            line_number=2,
            product_id="P2",
            name=APPLES,
            department_id="fruit",
            unit=SellingUnit.KILOGRAM,
            quantity_thousandths=500,
            list_price_minor=1090,
            unit_price_minor=990,
            price_source=PriceSource.OVERRIDE,
            extended_minor=495,
            discounts=(),
            tax_class=REDUCED,
            tax=TaxAmounts(454, 41, 495),
            reason="bruised",
            deposit_of_line=1,
            note=note and f"line: {note}",
            tare_grams=25,
            weighed_by=WeightSource.SCALE,
        ),
    )
    return Sale(
        sale_id=sale_id,
        store_number=1,
        till_number=1,
        till_id="0001-01",
        session_id="session-1",
        business_date=TODAY,
        operator_number="007",
        operator_name="王芳",
        opened_at=NOON,
        completed_at=NOON + timedelta(minutes=1),
        currency="CNY",
        lines=lines,
        tax_summary=(
            TaxSummaryRow(STANDARD, TaxAmounts(1027, 134, 1161)),
            TaxSummaryRow(REDUCED, TaxAmounts(454, 41, 495)),
        ),
        gross_minor=GROSS,
        rounding_minor=-1,
        due_minor=DUE,
        tenders=(
            Tendered(1, "voucher", LocalizedText("礼券"), "vouchers", 500, 500, "V-77", "attempt-1"),
            Tendered(2, "cash", LocalizedText("现金"), "cash_drawer", 1500, 1155, opens_drawer=True),
        ),
        change_minor=345,
        discount_minor=129,
        note=note,
        voided_lines=(replace(lines[1], line_number=3, deposit_of_line=None, note=""),),
    )


def with_deal(sold: Sale) -> Sale:
    """The same sale, made for a member, with a coupon that set the 1.00 off its water off, and one that was let go.

    A point for each full yuan: 11 for the water, 4 for the apples, and one on top for the birthday.
    """
    name = sold.sale_id
    return replace(
        sold,
        promotions=SalePromotions(
            "rules-7",
            "exact",
            (
                SaleOffer("p1", LocalizedText("两件", (("en", "Two"),)), 2, 100, (f"r-{name}",)),
                SaleOffer("gift", LocalizedText("赠品"), 1, 0),
            ),
        ),
        member=SaleMember(
            "m-7", "gold", 120, 16, date(2027, 12, 31), ((1, 11), (2, 5)), GROSS, birthday=True, label="王**"
        ),
        coupons=(
            CouponUse(f"r-{name}", "c-1", "form-1", "wake-up", "B", Proof.LEASED, 100, ReturnRule.VOID, "lease-1"),
        ),
        released=(LetGo(f"l-{name}", "c-9"),),
    )


def line(line_id: int, quantity_thousandths: int = 1000) -> BasketLine:
    return BasketLine(
        line_id=line_id,
        product_id=f"P{line_id}",
        name=WATER,
        department_id="drinks",
        unit=SellingUnit.EACH,
        tax_class=STANDARD,
        quantity_thousandths=quantity_thousandths,
        list_price_minor=645,
        unit_price_minor=645,
        price_source=PriceSource.BOOK,
        discount=GivenDiscount("d1", DiscountKind.PERCENT, 1000, "dented") if line_id % 2 else None,
        expiry=date(2027, 1, 31) if line_id % 2 else None,
    )


def basket(basket_id: str, lines: int = 2) -> Basket:
    return Basket(
        basket_id,
        NOON,
        "007",
        "CNY",
        lines=tuple(line(number) for number in range(1, lines + 1)),
        discounts=(GivenDiscount("b1", DiscountKind.AMOUNT, 100, "regular"),),
        note="ring the bell",
        next_line_id=lines + 1,
    )


def suspended(basket_id: str, minutes: int) -> Basket:
    return replace(
        basket(basket_id),
        state=BasketState.SUSPENDED,
        suspended_as="the lady in red",
        suspended_at=NOON + timedelta(minutes=minutes),
    )


def session(session_id: str = "session-1", float_minor: int = 50000) -> TillSession:
    return TillSession(session_id, TODAY, "007", NOON, float_minor)


@contextlib.contextmanager
def past_the_guards(folder: Path) -> Iterator[Any]:
    """The store as someone with its key and an editor has it: triggers dropped, checks and foreign keys off."""
    connection = StoreConnection(folder / "till.db", secrets_of(folder).database_key)
    try:
        driver = connection.driver
        for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("PRAGMA ignore_check_constraints = ON")
        yield driver
    finally:
        connection.close()


def undo_members(driver: Any) -> None:
    """Bring an open store's tables back to how the version before members and promotions left them."""
    for table in ("member_outbox", "coupon_lease", "member_key", "member_copy"):
        driver.execute(f"DROP TABLE {table}")
    for table in ("coupon_let_go", "coupon_use", "sale_member", "sale_offer"):
        driver.execute(f"DROP TABLE {table}")
    for column in ("rules_version", "effort"):
        driver.execute(f"ALTER TABLE sale DROP COLUMN {column}")
    driver.execute("DROP TRIGGER IF EXISTS free_note_is_erased_only")
    driver.execute(
        "CREATE TRIGGER free_note_is_erased_only BEFORE UPDATE ON free_note "
        "WHEN NEW.text IS NOT NULL OR NEW.entry_key <> OLD.entry_key OR NEW.place <> OLD.place "
        "OR NEW.salt <> OLD.salt BEGIN SELECT RAISE(ABORT, 'free_note: a note is erased, never changed'); END"
    )
    driver.execute("UPDATE alembic_version SET version_num = '0005'")


def undo_offline_tenders(driver: Any) -> None:
    """Bring an open store's tables back to how the version before tenders could be offline left them."""
    undo_members(driver)
    driver.execute("DROP TRIGGER IF EXISTS payment_end_is_an_answer")
    driver.execute("DROP TABLE provider_answer")
    driver.execute("DROP INDEX tender_offline")
    driver.execute("DROP INDEX tender_reference")
    driver.execute("ALTER TABLE tender DROP COLUMN approved_offline")
    driver.execute("UPDATE alembic_version SET version_num = '0004'")
