"""Measures a whole till: from a scanner's Enter to the painted row at two sizes of catalogue, and its memory."""

import os
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from app.catalogue.codes import CodeReader, ProductCode
from app.catalogue.products import PriceRule
from app.commands.site import Site
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.quantity import SellingUnit
from tests.benchmarks.catalogue_bench import KEPT
from tests.benchmarks.catalogue_million import MADE_AT, million_catalogue
from tests.faults.till_scenario import Nobody, Tray

BASKETS = 1000
LINES = 4
SEED = 11


def sellable_codes(path: Path, count: int) -> list[str]:
    """Draw barcodes from all over a catalogue that sell without a question."""
    from offline_store.catalogue.file import CatalogueFile

    file = CatalogueFile(path)
    draw, codes = random.Random(SEED), []
    reader = CodeReader(Site(path.parent, sample=True).configuration().code_settings())
    try:
        records = file.records()
        step = max(1, file.product_count // (count * 3))
        for position, record in enumerate(records):
            product = record.product
            plain = (
                product.unit is SellingUnit.EACH and product.price_rule is PriceRule.FIXED and not product.minimum_age
            )
            if position % step == 0 and plain and record.barcodes and record.prices and not product.blocked_reason:
                code = record.barcodes[0].gtin14.lstrip("0").zfill(13)
                if isinstance(reader.read(code), ProductCode):
                    codes.append(code)
    finally:
        file.close()
    draw.shuffle(codes)
    return codes[:count]


def measure(products: int, scans: int) -> dict[str, Any]:
    """Scan at a catalogue of a size, in baskets of four lines paid in cash; return times and memory."""
    from app.commands.assembly import Parts, TillAtWork, open_till_at_work
    from offline_store.catalogue.shelf import CatalogueShelf
    from tests.benchmarks.ui_bench import measure_scan_to_paint

    path = million_catalogue(KEPT, products)
    codes = sellable_codes(path, scans)
    with TemporaryDirectory(dir=KEPT) as folder:
        site = Site(Path(folder) / "till", sample=True)
        # Publishing moves a file in: a second name for it keeps the one that is kept between runs.
        second_name = Path(folder) / path.name
        second_name.hardlink_to(path)
        CatalogueShelf(site.catalogue_folder).publish(second_name)
        parts = Parts(FixedClock(MADE_AT), CountingIdentities())

        def make_service() -> TillAtWork:
            return open_till_at_work(site, "", parts, Nobody())

        with patch("app.commands.assembly.DeviceHouse", lambda *_: Tray()):
            measured: dict[str, Any] = measure_scan_to_paint(make_service, codes, lines_a_basket=LINES)
    return measured | {"till_rss_mb": _memory_mb()}


def _memory_mb() -> float:
    """Return what the process holds in memory now (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    import json

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
