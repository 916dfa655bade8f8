"""`catalogue`: imports products with a preview of what is wrong, and searches them."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.catalogue.importing.findings import Severity
from app.catalogue.importing.options import ImportMode, ImportOptions, sources_at
from app.catalogue.importing.preview import ImportPreview, ImportWatch, preview
from app.catalogue.importing.records import NamedTaxClass
from app.commands.configuration import BadConfiguration
from app.commands.sample import prepared_shelf
from app.commands.site import Site, default_folder
from app.commands.world import SystemClock
from app.values.money import CNY, Currency, currency_of, format_minor, parse_minor
from app.values.problems import Problem
from app.values.quantity import SellingUnit
from app.values.speech import Speech
from app.values.wording import wording

if TYPE_CHECKING:
    from offline_store.catalogue.file import CatalogueFile

_SHOWN_FINDINGS = 20
_PROGRESS_EVERY_ROWS = 5000


class NoSuchTaxClass(Problem):
    """Raised when rows are to get a tax class that the catalogue does not have."""

    code = "NO-SUCH-TAX-CLASS"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the command line says."""

    file: Path
    data: Path | None
    findings: Path | None
    default_tax_class: str
    default_price: str
    replace: bool
    preview_only: bool


def import_catalogue(request: ImportRequest, speech: Speech) -> int:
    """Import a file and say what was wrong with which row; 1 where rows were left out.

    Raises:
        ImportProblem: CatalogueProblem: nothing was imported; the sentence says why.
    """
    from offline_store.catalogue.deliveries import import_into
    from offline_store.catalogue.problems import NoCatalogue
    from offline_store.catalogue.shelf import CatalogueShelf

    site = Site(request.data or default_folder())
    shelf = CatalogueShelf(site.catalogue_folder)
    try:
        known: CatalogueFile | None = None if request.replace else shelf.open_current().file
    except NoCatalogue:
        known = None
    options = _options(request, site, known)
    sources = sources_at(request.file)
    with _cancellable() as cancelled:
        watch = ImportWatch(_progress_line(speech), lambda: bool(cancelled), request.findings, speech)
        if request.preview_only:
            seen = preview(sources, options, known, watch)
        else:
            if known is not None:
                known.close()
                known = None
            seen = import_into(shelf, sources, options, at=SystemClock().now(), watch=watch).preview
    if known is not None:
        known.close()
    _say_preview(seen, request, speech)
    return 1 if seen.errors else 0


def _options(request: ImportRequest, site: Site, known: "CatalogueFile | None") -> ImportOptions:
    defaults = ImportOptions()
    try:
        settings = site.settings()
        zone, currency = settings.zone, settings.currency
    except BadConfiguration:
        zone, currency = defaults.zone, CNY
    classes = known.named_tax_classes() if known is not None else (defaults.default_tax_class,)
    return ImportOptions(
        mode=ImportMode.REPLACE if request.replace else ImportMode.MERGE,
        zone=zone,
        currency=currency,
        default_price_minor=parse_minor(request.default_price, currency) if request.default_price else None,
        default_tax_class=_tax_class(request.default_tax_class, classes),
    )


def _tax_class(wanted: str, classes: tuple[NamedTaxClass, ...]) -> NamedTaxClass:
    for named in classes:
        if named.tax_class.tax_class_id == wanted:
            return named
    raise NoSuchTaxClass(
        wording(
            "There is no tax class {wanted}. Choose one of: {known}.",
            wanted=wanted,
            known=", ".join(named.tax_class.tax_class_id for named in classes),
        )
    )


class _ProgressLine:
    """Says how far an import has come, on one line of a terminal."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._said = 0

    def __call__(self, rows: int) -> None:
        if rows - self._said >= _PROGRESS_EVERY_ROWS and sys.stderr.isatty():
            self._said = rows
            line = self._speech.say(wording("{count} rows read. Ctrl+C stops, and nothing is imported.", count=rows))
            typer.echo(f"\r{line}", nl=False, err=True)


def _progress_line(speech: Speech) -> _ProgressLine:
    return _ProgressLine(speech)


@contextmanager
def _cancellable() -> Iterator[list[int]]:
    """Let Ctrl+C stop the import in order; the list is no longer empty once it was pressed."""
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _say_preview(seen: ImportPreview, request: ImportRequest, speech: Speech) -> None:
    for finding in seen.findings[:_SHOWN_FINDINGS]:
        mark = "✗" if finding.severity is Severity.ERROR else "!"
        line = wording(
            "{mark} row {row}, {column}: {sentence}",
            mark=mark,
            row=finding.row_number,
            column=finding.column or "-",
            sentence=finding.sentence,
        )
        typer.echo(speech.say(line))
    hidden = seen.errors + seen.warnings - min(len(seen.findings), _SHOWN_FINDINGS)
    if hidden > 0:
        typer.echo(speech.say(wording("… and {count} more findings; --findings FILE writes them all.", count=hidden)))
    for kind, count in sorted(seen.by_kind.items(), key=lambda item: -item[1]):
        typer.echo(f"  {count:>7} {kind.value}")
    sentence = (
        wording(
            "{products} products, {barcodes} barcodes and {prices} prices would be imported; {errors} rows left out.",
            products=seen.products,
            barcodes=seen.barcodes,
            prices=seen.prices,
            errors=seen.errors,
        )
        if request.preview_only
        else wording(
            "{products} products, {barcodes} barcodes and {prices} prices were imported; {errors} rows left out.",
            products=seen.products,
            barcodes=seen.barcodes,
            prices=seen.prices,
            errors=seen.errors,
        )
    )
    typer.echo(speech.say(sentence))


def search_catalogue(data: Path | None, text: str, limit: int, speech: Speech, *, sample: bool) -> int:
    """Print what a search finds, the most sold first; 1 where it finds nothing.

    Raises:
        NoCatalogue: there is none yet.
    """
    from offline_store.catalogue.live import LiveCatalogue

    site = Site(data or default_folder(), sample=sample)
    currency: Currency = currency_of(site.configuration().store.currency) if sample else CNY
    clock = SystemClock()
    catalogue = LiveCatalogue(prepared_shelf(site, clock))
    try:
        found = catalogue.search(text, clock.now(), limit)
    finally:
        catalogue.close()
    for item in found:
        product = item.product
        price = "-" if item.price_minor is None else f"{currency.symbol}{format_minor(item.price_minor, currency)}"
        per = "" if product.unit is SellingUnit.EACH else f"/{product.unit.value}"
        code = (item.gtin14 or "").lstrip("0") or product.plu or ""
        typer.echo(f"{product.product_id}\t{code}\t{price}{per}\t{speech.say(product.name)}")
    if not found:
        typer.echo(speech.say(wording("Nothing was found for {text}.", text=text[:60])), err=True)
    return 0 if found else 1
