"""Reads tables out of CSV, TSV and XLSX files one row at a time, whatever they hold."""

import csv
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from app.catalogue.importing.encoding import READ_ERRORS, detect_encoding, open_bytes
from app.catalogue.importing.problems import ImportProblem, unreadable
from app.values.wording import wording

LONGEST_LINE = 1 << 20
"""Characters; a longer line is no row of a table, and must not fill the memory."""

MOST_COLUMNS = 200

LARGEST_UNPACKED_BYTES = 1 << 31
"""What an XLSX file may unpack to; a larger one is made to do harm."""

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Excel 2003 and before begin."""

_XLSX_ERRORS = (
    zipfile.BadZipFile,
    ParseError,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    OverflowError,
)
"""What the workbook reader raises on files that are not what they seem; all are the file's doing, none is ours."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row with its place in the file."""

    number: int
    """As an editor or spreadsheet counts, from 1."""

    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header was read."""

    name: str
    """The file's name, for sentences."""

    header: TableRow
    rows: Iterator[TableRow]
    """What stands below the header, empty rows left out."""

    trims_rows: bool
    """Whether the format leaves out empty cells at the end of rows."""


@contextmanager
def open_table(path: Path, sheet: str | None = None) -> Iterator[Table]:
    """Open the table of a file; of a workbook the named sheet, else the first.

    Raises:
        UnreadableFile: if it cannot be read or holds no row.
        UnknownEncoding: if it is text in an unknown encoding.
        ImportProblem: while rows are read, if a line is without end.
    """
    if _is_workbook(path):
        with _workbook_rows(path, sheet) as rows:
            yield _with_header(path, rows, trims_rows=True)
    else:
        encoding = detect_encoding(path)
        with open_bytes(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
            yield _with_header(path, _text_rows(path, text), trims_rows=False)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, or none of another file.

    Raises:
        UnreadableFile: if it seems a workbook and is none.
    """
    if not _is_workbook(path):
        return ()
    with _workbook(path) as book:
        return tuple(sheet.title for sheet in book.worksheets)


def _is_workbook(path: Path) -> bool:
    with open_bytes(path) as file:
        try:
            head = file.read(8)
        except READ_ERRORS as error:
            raise unreadable(path.name, str(error)) from error
    if head == _OLD_WORKBOOK:
        raise unreadable(path.name, "XLS")
    return head.startswith(b"PK\x03\x04")


def _with_header(path: Path, rows: Iterator[TableRow], *, trims_rows: bool) -> Table:
    header = next(rows, None)
    if header is None:
        raise unreadable(path.name, "empty")
    return Table(path.name, header, rows, trims_rows)


def _text_rows(path: Path, text: io.TextIOWrapper) -> Iterator[TableRow]:
    lines = _lines(path, text)
    skipped = 0
    for first in lines:
        if first.strip():
            break
        skipped += 1
    else:
        return
    delimiter = max("\t;|,", key=first.count)
    whole = chain((first,), lines)
    rows = (
        _tab_separated(whole)
        if first.count(delimiter) == 0 or delimiter == "\t"
        else _comma_separated(path, whole, delimiter)
    )
    for row in rows:
        yield TableRow(row.number + skipped, row.cells) if skipped else row


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    while line := _line(path, text):
        if len(line) == LONGEST_LINE:
            raise ImportProblem(
                wording("{name} has a line without end. It is not a table; export it again.", name=path.name)
            )
        yield line


def _line(path: Path, text: io.TextIOWrapper) -> str:
    try:
        return text.readline(LONGEST_LINE)
    except (*READ_ERRORS, UnicodeDecodeError) as error:
        raise unreadable(path.name, str(error)) from error


def _tab_separated(lines: Iterable[str]) -> Iterator[TableRow]:
    """Split at tabs. A quotation mark means nothing there, except around a whole cell as spreadsheets write it.

    Names of goods are full of inches: read as CSV, one of them would swallow all rows up to the next.
    """
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r\n").split("\t")
        if any(cells):
            yield TableRow(number, [_unquoted(cell) if cell.startswith('"') else cell for cell in cells])


def _unquoted(cell: str) -> str:
    inner = cell[1:-1]
    if len(cell) < 2 or not cell.endswith('"') or '"' in inner.replace('""', ""):
        return cell
    return inner.replace('""', '"')


def _comma_separated(path: Path, lines: Iterable[str], delimiter: str) -> Iterator[TableRow]:
    reader = csv.reader(lines, delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            if any(cells):
                yield TableRow(number, cells)
            number = reader.line_num + 1
    except csv.Error as error:
        raise unreadable(path.name, f"{number}: {error}") from error


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED_BYTES:
                raise unreadable(path.name, "too large")
        with warnings.catch_warnings():
            # The reader warns of styles and extensions it leaves out; none of them holds a value.
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except _XLSX_ERRORS as error:
        raise unreadable(path.name, f"{type(error).__name__}: {error}") from error
    try:
        yield book
    finally:
        book.close()


@contextmanager
def _workbook_rows(path: Path, sheet: str | None) -> Iterator[Iterator[TableRow]]:
    with _workbook(path) as book:
        sheets = book.worksheets
        chosen = next((one for one in sheets if one.title == sheet), None) if sheet else next(iter(sheets), None)
        if chosen is None:
            raise unreadable(path.name, "no such sheet" if sheet else "no sheet")
        yield _sheet_rows(path, chosen)


def _sheet_rows(path: Path, sheet: Any) -> Iterator[TableRow]:  # noqa: ANN401  the reader has several classes of sheets
    # A sheet may claim a million empty columns.
    rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
    number = 0
    while (values := _next_values(path, rows)) is not None:
        number += 1
        cells = [_cell_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield TableRow(number, cells)


def _next_values(path: Path, rows: Iterator[Sequence[object]]) -> Sequence[object] | None:
    try:
        with warnings.catch_warnings():
            # Dates out of range and the like come as their numbers, which are then found wrong by themselves.
            warnings.simplefilter("ignore")
            return next(rows, None)
    except _XLSX_ERRORS as error:
        raise unreadable(path.name, f"{type(error).__name__}: {error}") from error


def _cell_text(value: object) -> str:
    """Return a cell as a text file would hold it; a formula begins with `=`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet itself shows of a number: 12.9, not 12.900000000000002.
        return f"{value:.15g}" if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "text", value))
