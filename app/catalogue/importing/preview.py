"""Shows what an import would do before anything is done: how much, and what is wrong with which row."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from app.catalogue.importing.findings import FindingKind, RowFinding, Severity
from app.catalogue.importing.options import ImportOptions, ImportSources, KnownCatalogue
from app.catalogue.importing.reading import Cancelled, CatalogueReading, Progress
from app.catalogue.importing.records import ProductRecord
from app.catalogue.products import PriceRule
from app.values.speech import ENGLISH, Speech

FINDINGS_SHOWN = 100
"""Findings that a summary holds; all of them go to the findings file, where one is wanted."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What is in the files of an import and what is wrong with them."""

    rows: int
    """Rows of the product table that are not empty."""

    products: int
    """Products that can be imported."""

    barcodes: int
    prices: int
    open_priced: int
    """Products whose price the cashier is asked for."""

    departments: int
    tax_classes: int
    errors: int
    """Findings that leave a row out."""

    warnings: int
    """Findings that import a row without what is wrong in it."""

    by_kind: Mapping[FindingKind, int]
    findings: tuple[RowFinding, ...]
    """The first of them, in the order of the files."""

    unknown_columns: tuple[str, ...]
    """Headers that mean nothing here and are passed over."""


def _no_progress(_rows: int) -> None:
    """Tell nobody."""


def _never_cancelled() -> bool:
    """Go on to the end."""
    return False


@dataclass(frozen=True, slots=True)
class ImportWatch:
    """How a person follows an import."""

    progress: Progress = _no_progress
    """Is told how many rows of the product table were read."""

    cancelled: Cancelled = _never_cancelled
    """Asked between rows whether to stop."""

    findings_file: Path | None = None
    """Where every finding is written to, as tab-separated text."""

    speech: Speech = ENGLISH
    """The language of that file."""


UNWATCHED = ImportWatch()


class ImportTally:
    """Counts an import while it is read, and keeps its first findings."""

    def __init__(self, watch: ImportWatch = UNWATCHED) -> None:
        """Write findings to a file where one is asked for."""
        self._watch = watch
        self._departments: set[str] = set()
        self._findings: list[RowFinding] = []
        self._kinds: Counter[FindingKind] = Counter()
        self._severities: Counter[Severity] = Counter()
        self._counts: Counter[str] = Counter()
        self._file: TextIO | None = None

    def report(self, finding: RowFinding) -> None:
        """Take a finding."""
        self._kinds[finding.kind] += 1
        self._severities[finding.severity] += 1
        if len(self._findings) < FINDINGS_SHOWN:
            self._findings.append(finding)
        if self._file is not None:
            self._write(self._file, finding)

    def counted(self, records: Iterator[ProductRecord]) -> Iterator[ProductRecord]:
        """Pass records on and count them."""
        counts = self._counts
        for record in records:
            counts["products"] += 1
            counts["barcodes"] += len(record.barcodes)
            counts["prices"] += len(record.prices)
            self._departments.add(record.product.department_id)
            counts["open"] += record.product.price_rule is PriceRule.OPEN
            yield record

    def writing_findings(self) -> ExitStack:
        """Write every finding to the findings file, where one is asked for, while the returned context is open."""
        stack = ExitStack()
        path = self._watch.findings_file
        if path is not None:
            # With a byte order mark, so that spreadsheets show Chinese at a double click.
            file = stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            csv.writer(file, dialect="excel-tab").writerow(
                ("table", "row", "column", "severity", "kind", "finding", "value")
            )
            self._file = file
            stack.callback(self._forget_file)
        return stack

    def preview(self, reading: CatalogueReading) -> ImportPreview:
        """Return what was counted."""
        return ImportPreview(
            reading.rows_read,
            self._counts["products"],
            self._counts["barcodes"],
            self._counts["prices"],
            self._counts["open"],
            len(reading.departments)
            - len({entry.department_id for entry in reading.spare_departments} - self._departments),
            len(reading.tax_classes),
            self._severities[Severity.ERROR],
            self._severities[Severity.WARNING],
            dict(self._kinds.most_common()),
            tuple(self._findings),
            reading.unknown_columns,
        )

    def _forget_file(self) -> None:
        self._file = None

    def _write(self, file: TextIO, finding: RowFinding) -> None:
        excerpt = finding.excerpt
        # A cell that was refused as a formula must not become one in the spreadsheet that shows the findings.
        shown = f"'{excerpt}" if excerpt[:1] in {"=", "+", "-", "@"} else excerpt
        csv.writer(file, dialect="excel-tab").writerow(
            (
                finding.table,
                finding.row_number,
                finding.column,
                finding.severity.value,
                finding.kind.value,
                self._watch.speech.say(finding.sentence),
                shown,
            )
        )


def preview(
    sources: ImportSources,
    options: ImportOptions,
    known: KnownCatalogue | None = None,
    watch: ImportWatch = UNWATCHED,
) -> ImportPreview:
    """Read the files of an import without importing anything.

    Args:
        sources: the tables; `sources_at` finds them at a path.
        options: what counts where the files say nothing.
        known: the catalogue that would be merged into.
        watch: how a person follows it.

    Raises:
        ImportProblem: if a file cannot be read, is in an unknown encoding or lacks its columns.
        ImportCancelled: if `watch.cancelled` said so.
    """
    tally = ImportTally(watch)
    with tally.writing_findings():
        reading = CatalogueReading(sources, options, tally.report, known)
        for _ in tally.counted(reading.records(watch.progress, watch.cancelled)):
            pass
        return tally.preview(reading)
