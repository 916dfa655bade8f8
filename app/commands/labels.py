"""`labels`: writes price labels for the shelf as a PDF, as pictures, or as commands for the receipt printer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from app.catalogue.gtin import BadGtin, to_gtin14
from app.catalogue.importing.records import ProductRecord
from app.catalogue.products import STANDARD_PRICE_LIST, PricedProduct, price_at
from app.catalogue.shelf_label_sheet import BadLabelSheet, LabelSheet, parse_mm
from app.catalogue.shelf_labels import LabelStyle, NoLabelPrice, ShelfLabel, shelf_label
from app.commands.sample import prepared_shelf
from app.commands.site import Site, default_folder
from app.commands.world import SystemClock
from app.values.clock import Clock
from app.values.money import currency_of
from app.values.problems import Problem
from app.values.quantity import ONE
from app.values.speech import Speech
from app.values.wording import wording

if TYPE_CHECKING:
    from hardware.printers.profile import PrinterProfile
    from offline_store.catalogue.file import CatalogueFile

LabelFormat = Literal["pdf", "png", "escpos"]
"""What labels can be written as."""

_LISTED = 20


class NoLabels(Problem):
    """Raised when nothing was chosen, or what was chosen is not there."""

    code = "NO-LABELS"


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """What the command line says."""

    out: Path
    data: Path | None = None
    codes: tuple[str, ...] = ()
    """Barcodes, PLUs or article numbers; the labels lie in this order."""

    department: str = ""
    """All of a department, by its identifier."""

    changed_since: date | None = None
    """All whose price of today began on this day of the store or later."""

    format: LabelFormat = "pdf"
    sheet: LabelSheet = field(default_factory=LabelSheet)
    sample: bool = False


class BadLabelRequest(Problem):
    """Raised when a choice on the command line is none of those there are."""

    code = "BAD-LABEL-REQUEST"


def format_of(kind: str, out: Path) -> LabelFormat:
    """Return what labels are to be written as: what was said, else what the file's name ends in, else PDF.

    Raises:
        BadLabelRequest: if it is none of the three.
    """
    match kind.lower() or out.suffix.lower().removeprefix("."):
        case "pdf" | "":
            return "pdf"
        case "png":
            return "png"
        case "escpos" | "bin":
            return "escpos"
        case other:
            raise BadLabelRequest(
                wording("Labels cannot be written as {kind}. Choose pdf, png or escpos.", kind=other[:20])
            )


def sheet_of(label: str, grid: str, *, cut_marks: bool) -> LabelSheet:
    """Read the size of a label, such as `63.5x38.1` in mm, and the grid, such as `3x7`.

    Raises:
        BadLabelSheet: if they are not written so, or do not fit a page.
    """
    width, _, height = label.lower().replace("×", "x").partition("x")
    columns, _, rows = grid.lower().replace("×", "x").partition("x")
    if not (columns.isascii() and columns.isdecimal() and rows.isascii() and rows.isdecimal() and len(grid) < 8):
        raise BadLabelSheet(wording('"{text}" is no grid. Type labels across and down, such as 3x7.', text=grid[:20]))
    return LabelSheet(parse_mm(width), parse_mm(height), int(columns), int(rows), cut_marks=cut_marks)


def print_labels(request: LabelRequest, speech: Speech, clock: Clock | None = None) -> int:
    """Write labels; 1 where some that were asked for have no price today.

    Several choices together mean what fulfils all of them. Without any, nothing is chosen: a whole shop's labels are
    asked for by department.

    Raises:
        NoLabels: nothing was chosen or found, or the file cannot be written.
        NoCatalogue: there is none yet.
        NoChineseFont: labels cannot be drawn on this computer.
    """
    if not (request.codes or request.department or request.changed_since):
        raise NoLabels(wording("Say which labels to print: codes, --department or --changed-since; --help shows how."))
    clock = clock or SystemClock()
    site = Site(request.data or default_folder(), sample=request.sample)
    labels, without = _labels(request, site, clock)
    if not labels:
        raise NoLabels(wording("No product with a price of today was found for these labels. Check what you chose."))
    try:
        said = _write(labels, request, site, speech)
    except OSError as error:
        raise NoLabels(
            wording(
                "{file} cannot be written: {reason}. Choose another one.",
                file=str(request.out),
                reason=error.strerror or str(error),
            )
        ) from error
    for problem in without[:_LISTED]:
        typer.echo(speech.say(problem.sentence), err=True)
    typer.echo(said)
    return 1 if without else 0


def _labels(request: LabelRequest, site: Site, clock: Clock) -> tuple[list[ShelfLabel], list[Problem]]:
    from offline_store.catalogue.live import LiveCatalogue

    settings = site.settings()
    now = clock.now()
    today = now.astimezone(settings.zone).date()
    style = LabelStyle(currency_of(site.configuration().store.currency))
    catalogue = LiveCatalogue(prepared_shelf(site, clock))
    labels: list[ShelfLabel] = []
    without: list[Problem] = []
    try:
        departments = {one.department_id: one for one in catalogue.departments()}
        if request.department and request.department not in departments:
            raise NoLabels(
                wording(
                    "There is no department {wanted}. Choose one of: {known}.",
                    wanted=request.department[:40],
                    known=", ".join(departments),
                )
            )
        for found in _found(request, catalogue.file, now, settings.zone, without):
            department = departments.get(found.product.department_id)
            try:
                labels.append(shelf_label(found, department, today, style))
            except NoLabelPrice as problem:
                without.append(problem)
    finally:
        catalogue.close()
    return labels, without


def _found(
    request: LabelRequest, file: "CatalogueFile", now: datetime, zone: tzinfo, without: list[Problem]
) -> Iterator[PricedProduct]:
    """Yield what was chosen, each product once: by code in the order of the codes, else in the order of sale."""
    wanted = _by_codes(request.codes, file, now, without) if request.codes else _all(file)
    seen: set[str] = set()
    for record, gtin14 in wanted:
        product = record.product
        if product.product_id in seen:
            continue
        seen.add(product.product_id)
        price = price_at(tuple(one for one in record.prices if one.price_list == STANDARD_PRICE_LIST), now)
        if request.department and product.department_id != request.department:
            continue
        if request.changed_since is not None and (
            price is None
            or price.valid_from is None
            or price.valid_from.astimezone(zone).date() < request.changed_since
        ):
            continue
        single = next((code.gtin14 for code in record.barcodes if code.quantity_thousandths == ONE), None)
        yield PricedProduct(product, price.amount_minor if price else None, gtin14=gtin14 or single)


def _all(file: "CatalogueFile") -> Iterator[tuple[ProductRecord, str | None]]:
    for record in file.records():
        yield record, None


def _by_codes(
    codes: Iterable[str], file: "CatalogueFile", now: datetime, without: list[Problem]
) -> Iterator[tuple[ProductRecord, str | None]]:
    for code in codes:
        found = file.by_product_id(code, now) or file.by_plu(code, now)
        if found is None:
            try:
                found = file.by_gtin(to_gtin14(code), now)
            except BadGtin:
                found = None
        record = None if found is None else file.record_of(found.product.product_id)
        if found is None or record is None:
            without.append(NoLabels(wording("No product has the code {code}.", code=code[:40])))
        else:
            # The barcode that was named goes on the label where it sells one piece; that of a pack of six does not.
            yield record, found.gtin14 if found.quantity_thousandths == ONE else None


def _write(labels: list[ShelfLabel], request: LabelRequest, site: Site, speech: Speech) -> str:
    from hardware.printers.shelf_labels import label_commands, write_label_pdf, write_label_pictures

    match request.format:
        case "pdf":
            pages = write_label_pdf(labels, request.sheet, speech, request.out)
        case "png":
            pages = len(write_label_pictures(labels, request.sheet, speech, request.out))
        case "escpos":
            profile = _profile(site)
            with request.out.open("wb") as file:
                for piece in label_commands(labels, speech, profile):
                    file.write(piece)
            return speech.say(
                wording("{count} labels were written to {file}.", count=len(labels), file=str(request.out))
            )
    return speech.say(
        wording(
            "Labels: {count}, pages: {pages}, written to {file}.",
            count=len(labels),
            pages=pages,
            file=str(request.out),
        )
    )


def _profile(site: Site) -> "PrinterProfile":
    """Return what the till's receipt printer can do, as its configuration says."""
    from hardware.connections import decode_settings
    from hardware.printers.profile import PrinterProfile

    section = site.configuration().printer
    return decode_settings(section.settings.get("profile", {}), PrinterProfile, section.driver)
