"""Measures the catalogue: search and its recall, look-up against the bare driver, swapping against copying."""

import gc
import os
import random
import shutil
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter_ns

import sqlcipher3.dbapi2 as driver

from app.catalogue.search_text import Findable, findable, query_words
from offline_store.catalogue.connections import writing_connection
from offline_store.catalogue.file import CatalogueFile
from offline_store.catalogue.live import LiveCatalogue
from offline_store.catalogue.shelf import CatalogueShelf, digest_of
from tests.benchmarks.catalogue_million import MADE_AT, million_catalogue

__all__ = ["measure", "million_catalogue"]


KEPT = Path(gettempdir()) / "guitai-benchmarks"
"""Where the million is kept between runs."""

LIMIT = 20
QUERIES = 2400
SCANNED = 480
"""Queries whose answers are compared with a scan of the whole table."""


def queries(file: CatalogueFile, count: int, seed: int = 7) -> list[tuple[str, str]]:
    """Return pairs of kind and text, drawn from what stands in the catalogue as people would type it."""
    draw = random.Random(seed)
    makers: dict[str, Callable[[Findable, Findable], str]] = {
        "barcode_begins": lambda one, _: one.codes[0][: draw.randrange(3, 14)],
        "barcode_ends": lambda one, _: one.gtins[0][-draw.randrange(4, 7) :],
        "barcode": lambda one, _: one.codes[0],
        "article": lambda one, _: one.codes[-1],
        "initials": lambda one, _: _initials(draw, one),
        "pinyin": lambda one, _: _pinyin(draw, one),
        "one_character": lambda one, _: _piece(draw, one.text.split()[0], 1, 1),
        "two_characters": lambda one, _: _piece(draw, one.text.split()[0], 2, 2),
        "word": lambda one, _: draw.choice(one.text.split()),
        "part_of_word": lambda one, _: _piece(draw, max(one.text.split(), key=len), 3, 6),
        "two_words": lambda one, _: " ".join(draw.sample(one.text.split(), min(2, len(one.text.split())))),
        "two_parts": lambda one, _: " ".join(_piece(draw, word, 2, 4) for word in one.text.split()[:2]),
        "words_of_two_products": lambda one, two: f"{draw.choice(one.text.split())} {draw.choice(two.text.split())}",
        "name_and_size": lambda one, _: (
            f"{_piece(draw, one.text.split()[0], 2, 3)} {draw.choice(('500', '1l', '200'))}"
        ),
        "unknown": lambda one, _: _piece(draw, one.text.split()[0], 2, 4) + draw.choice("qzxжф鑫"),
        "three_words": lambda one, _: " ".join(draw.sample(one.text.split(), min(3, len(one.text.split())))),
    }
    found = []
    for number in range(count):
        kind = list(makers)[number % len(makers)]
        one, two = (_drawn(file, draw, chinese=kind in _CHINESE) for _ in range(2))
        found.append((kind, makers[kind](one, two)))
    return found


_CHINESE = {"initials", "pinyin", "one_character", "two_characters"}


def _drawn(file: CatalogueFile, draw: random.Random, *, chinese: bool) -> Findable:
    while True:
        number = draw.randrange(file.product_count)
        if chinese:
            number &= ~1
        record = file.record_of(str(100_000 + number))
        if record is not None:
            return findable(record.product, tuple(code.gtin14 for code in record.barcodes))


def _initials(draw: random.Random, one: Findable) -> str:
    initials = one.pinyin[len(one.pinyin) // 2]
    return initials[: draw.randrange(2, 6)] if draw.random() < 0.7 else _piece(draw, initials, 2, 4)


def _pinyin(draw: random.Random, one: Findable) -> str:
    return draw.choice(one.pinyin[: len(one.pinyin) // 2])[: draw.randrange(3, 11)]


def _piece(draw: random.Random, word: str, shortest: int, longest: int) -> str:
    length = min(len(word), draw.randrange(shortest, longest + 1))
    at = draw.randrange(len(word) - length + 1)
    return word[at : at + length]


def scan(file: CatalogueFile, texts: list[str]) -> dict[str, list[str]]:
    """Answer searches by reading the whole table once and asking the rule of each product."""
    answers: dict[str, list[str]] = {text: [] for text in texts}
    waiting = {text: words for text in answers if (words := query_words(text))}
    for record in file.records():
        one = findable(record.product, tuple(code.gtin14 for code in record.barcodes))
        everything = "\n".join((one.text, *one.codes, *one.gtins, *one.pinyin))
        full = []
        for text, words in waiting.items():
            # Most products do not even hold the letters; the rule is asked of the others.
            if words[0] in everything and one.finds(words):
                answers[text].append(record.product.product_id)
                if len(answers[text]) == LIMIT:
                    full.append(text)
        for text in full:
            del waiting[text]
    return answers


def measure_search(file: CatalogueFile, asked: list[tuple[str, str]]) -> dict[str, object]:
    """Return the 99th percentile over all queries and by kind, after a warm-up round.

    All are asked in turn in three rounds and the median of a query's times counts: between two times it is asked there
    are thousands of others, so its pages have left the small cache, while a neighbour on the machine is not measured.
    """
    for _, text in asked:
        file.search(text, MADE_AT, LIMIT)
    rounds = [[_time_of(file, text) for _, text in asked] for _ in range(3)]
    times = [median(taken) for taken in zip(*rounds, strict=True)]
    by_kind: dict[str, list[float]] = {}
    for (kind, _), taken in zip(asked, times, strict=True):
        by_kind.setdefault(kind, []).append(taken)
    return {
        "search_p99_ms": round(_p99(times), 3),
        "search_p50_ms": round(median(times), 3),
        "search_worst_ms": round(max(times), 3),
        "search_p99_ms_by_kind": {kind: round(_p99(taken), 3) for kind, taken in by_kind.items()},
        "search_queries": len(asked),
    }


def _time_of(file: CatalogueFile, text: str) -> float:
    begun = perf_counter_ns()
    file.search(text, MADE_AT, LIMIT)
    return (perf_counter_ns() - begun) / 1e6


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]


def measure_lookup(path: Path, count: int = 20_000) -> dict[str, object]:
    """Return how much longer a whole look-up takes than the driver's own for the same columns, medians interleaved."""
    file = CatalogueFile(path)
    raw = driver.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    known = raw.execute("SELECT gtin FROM barcode ORDER BY gtin").fetchall()
    chosen = [row[0] for row in random.Random(5).sample(known, count)]
    cursor = raw.cursor()
    bare, whole = [], []
    statement = (
        "SELECT p.product_id, p.name, p.translations, p.department_id, p.tax_class_id, p.unit, p.price_rule, p.plu,"
        " p.minimum_age, p.deposit_product_id, p.brand, p.specification, p.pinyin, p.picture, p.discountable,"
        " p.returnable, p.blocked_reason, b.quantity_thousandths, coalesce(p.standing_price_minor,"
        " (SELECT amount_minor FROM price WHERE position = p.position AND price_list = 'standard'"
        " AND minus_valid_from >= ? AND valid_until > ? ORDER BY minus_valid_from, amount_minor))"
        " FROM barcode b JOIN product p ON p.position = b.position WHERE b.gtin = ?"
    )
    now = round(MADE_AT.timestamp()) * 1_000_000
    for gtin in chosen:
        code = f"{gtin:014d}"
        begun = perf_counter_ns()
        row = cursor.execute(statement, (-now, now, gtin)).fetchone()
        between = perf_counter_ns()
        found = file.by_gtin(code, MADE_AT)
        whole.append(perf_counter_ns() - between)
        bare.append(between - begun)
        if found is None or (found.product.product_id, found.price_minor) != (row[0], row[18]):
            raise ValueError(f"look-up and driver disagree about {code}")
    file.close()
    raw.close()
    return {
        "lookup_vs_raw": round(median(whole) / median(bare), 2),
        "lookup_us": round(median(whole) / 1000, 1),
        "lookup_raw_us": round(median(bare) / 1000, 1),
    }


def measure_swap(path: Path, folder: Path, rounds: int = 5) -> dict[str, object]:
    """Return how much longer checking and swapping takes than copying the file, and how long selling was held up.

    Copying (with synchronising) and swapping take turns; each round swaps the other of two books in. The hold-up is the
    longest scan of a round (their median; the worst beside it), and for comparison the longest in as long a time in
    which nothing was swapped: that much is the machine's and its other processes' doing.
    """
    shelf = CatalogueShelf(folder / "shelf")
    other = folder / "other.db"
    shutil.copyfile(path, other)
    with writing_connection(other) as connection:
        connection.exec_driver_sql("UPDATE meta SET source = 'the other book'")
    books = [(book, digest_of(book)) for book in (path, other)]
    arriving = folder / "arriving.db"
    _copy(path, arriving)
    shelf.publish(arriving, books[0][1])
    copies, swaps, stalls, controls = [], [], [], []
    for number in range(1, rounds + 1):
        book, digest = books[number % 2]
        copies.append(_copy(book, folder / "copy.db"))
        (folder / "copy.db").unlink()
        _copy(book, arriving)
        taken, stall, changes = _while_selling(shelf, partial(shelf.publish, arriving, digest))
        if changes != 1:
            raise ValueError("the selling till did not change to the new book")
        swaps.append(taken)
        stalls.append(stall)
        controls.append(_while_selling(shelf, partial(threading.Event().wait, taken / 1e9))[1])
    return {
        "catalogue_swap_vs_copy": round(median(swaps) / median(copies), 2),
        "catalogue_copy_ms": round(median(copies) / 1e6),
        "catalogue_swap_ms": round(median(swaps) / 1e6),
        "catalogue_swap_selling_stall_ms": round(median(stalls) / 1e6, 2),
        "catalogue_swap_selling_stall_worst_ms": round(max(stalls) / 1e6, 2),
        "catalogue_no_swap_selling_stall_ms": round(median(controls) / 1e6, 2),
        "catalogue_reopen_ms": round(_reopening(shelf) / 1e6, 2),
    }


def _copy(source: Path, target: Path) -> int:
    begun = perf_counter_ns()
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    return perf_counter_ns() - begun


def _while_selling(shelf: CatalogueShelf, work: Callable[[], object]) -> tuple[int, int, int]:
    """Do something while a thread scans without a pause.

    Returns how long it took and how long the longest scan did, in nanoseconds, and how often the book changed.
    """
    ended = threading.Event()
    selling = threading.Event()
    longest = [0]
    changes = [0]

    def sell() -> None:
        catalogue = LiveCatalogue(shelf)
        draw = random.Random(3)
        last = False
        while not last:
            # One more look after the work has ended, so that a new book is sold from at least once.
            last = ended.is_set()
            product_id = str(100_000 + draw.randrange(catalogue.file.product_count))
            begun = perf_counter_ns()
            changes[0] += catalogue.refresh()
            found = catalogue.by_product_id(product_id, MADE_AT)
            longest[0] = max(longest[0], perf_counter_ns() - begun)
            if found is None:
                raise ValueError(f"{product_id} was not found")
            selling.set()
        catalogue.close()

    till = threading.Thread(target=sell)
    till.start()
    selling.wait()
    longest[0] = 0
    begun = perf_counter_ns()
    work()
    taken = perf_counter_ns() - begun
    ended.set()
    till.join()
    return taken, longest[0], changes[0]


def _reopening(shelf: CatalogueShelf) -> int:
    times = []
    for _ in range(20):
        begun = perf_counter_ns()
        opened = shelf.open_current().file
        times.append(perf_counter_ns() - begun)
        opened.close()
    return int(median(times))


def measure(products: int = 1_000_000, kept: Path = KEPT) -> dict[str, object]:
    """Measure the catalogue at a size; the file is made in `kept` where it is not there yet (minutes for a million)."""
    path = million_catalogue(kept, products)
    file = CatalogueFile(path)
    asked = queries(file, QUERIES)
    result = measure_search(file, asked)
    texts = [text for _, text in asked[:: QUERIES // SCANNED]]
    scanned = scan(file, texts)
    right = sum(
        [hit.product.product_id for hit in file.search(text, MADE_AT, LIMIT)] == scanned[text] for text in texts
    )
    result["search_recall"] = round(right / len(texts), 4)
    result["search_scanned"] = len(texts)
    file.close()
    result |= measure_lookup(path)
    # What was kept for the search figures is not to be walked by the garbage collector while scans are timed.
    gc.collect()
    gc.freeze()
    with TemporaryDirectory(dir=kept) as folder:
        result |= measure_swap(path, Path(folder))
    gc.unfreeze()
    result["catalogue_products"] = products
    result["catalogue_mb"] = round(path.stat().st_size / 1e6)
    return result


if __name__ == "__main__":
    for key, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000).items():
        print(f"{key}: {value}")
