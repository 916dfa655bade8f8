"""A month of real baskets under the sample store's promotions: what they save, which are used, and how long it takes.

The baskets lie beside the checkout and are no part of it; without them there is nothing to try. `-s` shows the figures.
"""

import csv
import gzip
import os
import statistics
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from app.commands.site import sample_store
from app.promotions.baskets import OfferBasket, OfferLine, Shopper
from app.promotions.deal import best_deal
from app.promotions.rules import read_rules
from app.promotions.solving import Effort
from app.values.quantity import SellingUnit

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("GUITAI_SHARED_DATA", ROOT.parent / "shared" / "data"))
BASKETS = DATA / "groceries-baskets.csv.gz"
MAPPING = Path(__file__).with_name("grocery_categories.tsv")
GRAMS = 456
FIRST = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
"""08:30 in the store on the first of the month; the baskets are spread over its thirty days, fourteen hours each."""

PASSER_BY = Shopper()
MEMBER = Shopper(member=True, tier="silver", birthday=(3, 14))


class Shelves:
    """What a category of the real baskets is in the sample store."""

    def __init__(self) -> None:
        with (sample_store() / "products.tsv").open(encoding="utf-8", newline="") as file:
            self.products = {row["product_id"]: row for row in csv.DictReader(file, delimiter="\t")}
        with MAPPING.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            self.product_of = {row["category"].strip(): row["product_id"] for row in rows}

    def line(self, line_id: int, category: str) -> OfferLine:
        row = self.products[self.product_of[category]]
        weighed = row["unit"] == "kg"
        return OfferLine(
            line_id=line_id,
            product_id=row["product_id"],
            department_id=row["department"],
            unit=SellingUnit.KILOGRAM if weighed else SellingUnit.EACH,
            quantity_thousandths=GRAMS if weighed else 1000,
            unit_price_minor=int(Fraction(row["price"]) * 100),
            discountable=row["discountable"] != "no",
        )


def when(number: int, baskets: int) -> datetime:
    """Each basket's moment: as many a day, evenly from half past eight to half past ten at night."""
    day, within = divmod(number * 30, baskets)
    return FIRST + timedelta(days=day, minutes=within * 14 * 60 // baskets)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_month_of_real_baskets_is_priced_under_the_stores_promotions():
    if not BASKETS.exists():
        pytest.skip("the real baskets are not beside this checkout")
    shelves = Shelves()
    rules = read_rules((sample_store() / "promotions.toml").read_bytes())
    with gzip.open(BASKETS, "rt", encoding="utf-8") as file:
        baskets = [[name.strip() for name in line.strip().split(",") if name.strip()] for line in file if line.strip()]
    times: list[float] = []
    used: Counter[str] = Counter()
    saved_by: Counter[str] = Counter()
    gross = saved = exact_saved = proven = helped = 0
    for number, names in enumerate(baskets):
        lines = tuple(shelves.line(line_id, name) for line_id, name in enumerate(names, start=1))
        basket = OfferBasket(lines, when(number, len(baskets)), MEMBER if number % 2 else PASSER_BY)
        begin = time.perf_counter_ns()
        deal = best_deal(basket, rules, Effort.IMPROVED)
        times.append((time.perf_counter_ns() - begin) / 1e6)
        exact = best_deal(basket, rules, Effort.EXACT, explained=False)
        assert all(0 <= line.total_minor <= line.extended_minor for line in deal.lines), number
        assert sum(offer.saving_minor for offer in deal.given) == deal.saving_minor, number
        assert exact.saving_minor >= deal.saving_minor, number
        gross += deal.subtotal_minor
        saved += deal.saving_minor
        exact_saved += exact.saving_minor
        proven += exact.proven
        helped += bool(deal.given)
        for offer in deal.given:
            used[offer.offer_id] += 1
            saved_by[offer.offer_id] += offer.saving_minor
    times.sort()
    print(
        f"\n{len(baskets)} baskets under {len(rules.offers)} promotions, every second one a member's: {gross} fen before, "
        f"{saved} fen saved ({100 * saved / gross:.2f} %), in {helped} baskets; of the proven optimum "
        f"{saved / exact_saved:.6f}, {proven} proven\n"
        f"a basket, explained: median {statistics.median(times):.3f} ms, p99 {times[len(times) * 99 // 100]:.3f} ms, "
        f"worst {times[-1]:.3f} ms"
    )
    for offer_id, count in used.most_common(5):
        print(f"  {offer_id}: in {count} baskets, {saved_by[offer_id]} fen")
    assert len(baskets) == 9835
    assert proven == len(baskets)
    assert saved >= 0.99 * exact_saved
    assert 0.02 < saved / gross < 0.2
