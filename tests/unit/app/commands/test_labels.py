"""Labels are written for what was asked for, and what has none is named."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from app.catalogue.shelf_label_sheet import BadLabelSheet, LabelSheet
from app.commands.labels import BadLabelRequest, LabelRequest, NoLabels, format_of, print_labels, sheet_of
from app.values.clock import FixedClock
from app.values.speech import ENGLISH
from hardware.simulated.printer import SimulatedPrinter

BEFORE = FixedClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
IN_JANUARY = FixedClock(datetime(2027, 1, 2, 4, 0, tzinfo=UTC))
QUINOA, CABBAGE, GINGER = "6981622801012", "4552", "P00024"


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("till")


def read(picture: Path) -> set[str]:
    with Image.open(picture) as image:
        return {code.text for code in zxingcpp.read_barcodes(image)}


def test_labels_of_three_codes_are_one_picture_with_their_barcodes(till, tmp_path, capsys) -> None:
    request = LabelRequest(tmp_path / "labels.png", till, (QUINOA, CABBAGE, GINGER), format="png", sample=True)
    assert print_labels(request, ENGLISH, BEFORE) == 0
    # The cabbage and the ginger are weighed and carry none.
    assert read(request.out) == {QUINOA}
    assert "Labels: 3, pages: 1" in capsys.readouterr().out


def test_a_code_that_nobody_knows_is_named_and_the_others_are_printed(till, tmp_path, capsys) -> None:
    request = LabelRequest(tmp_path / "labels.pdf", till, (QUINOA, "123", QUINOA), sample=True)
    assert print_labels(request, ENGLISH, BEFORE) == 1
    said = capsys.readouterr()
    assert "No product has the code 123" in said.err
    assert "Labels: 1," in said.out
    assert request.out.read_bytes().startswith(b"%PDF")


def test_a_department_comes_out_on_the_receipt_printer_cut_label_by_label(till, tmp_path, capsys) -> None:
    request = LabelRequest(tmp_path / "labels.bin", till, department="bakery", format="escpos", sample=True)
    assert print_labels(request, ENGLISH, BEFORE) == 0
    printer = SimulatedPrinter()
    printer.receive(request.out.read_bytes())
    assert printer.misunderstood == ()
    count = int(capsys.readouterr().out.split()[0])
    assert len(printer.papers) == count > 10
    assert all(paper.cut for paper in printer.papers)


def test_changed_since_finds_the_prices_that_began_on_that_day_of_the_store(till, tmp_path) -> None:
    # prices.tsv: the ginger's price changes on 2027-01-01.
    asked = LabelRequest(
        tmp_path / "labels.bin",
        till,
        changed_since=date(2027, 1, 1),
        department="produce",
        format="escpos",
        sample=True,
    )
    with pytest.raises(NoLabels):
        print_labels(asked, ENGLISH, BEFORE)
    assert print_labels(asked, ENGLISH, IN_JANUARY) == 0
    printer = SimulatedPrinter()
    printer.receive(asked.out.read_bytes())
    assert any("Fresh ginger" in text and "14.98" in text for text in printer.texts)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({}, "Say which labels"),
        ({"department": "toys"}, "no department toys"),
        ({"codes": ("nothing",)}, "Check what you chose"),
        ({"codes": (QUINOA,), "out": Path("/no/such/folder/labels.pdf")}, "cannot be written"),
    ],
)
def test_what_cannot_be_printed_is_said_in_a_sentence(till, tmp_path, choice: dict[str, object], said: str) -> None:
    request = LabelRequest(**{"out": tmp_path / "labels.pdf", "data": till, "sample": True, **choice})
    with pytest.raises(NoLabels) as refused:
        print_labels(request, ENGLISH, BEFORE)
    assert said in str(refused.value.sentence)


def test_the_form_is_what_was_said_or_what_the_name_of_the_file_says() -> None:
    assert format_of("", Path("labels.PNG")) == "png"
    assert format_of("", Path("/dev/usb/lp0")) == "pdf"
    assert format_of("escpos", Path("/dev/usb/lp0")) == "escpos"
    with pytest.raises(BadLabelRequest, match="docx"):
        format_of("", Path("labels.docx"))


def test_a_sheet_is_read_as_a_person_types_it() -> None:
    assert sheet_of("63.5x38.1", "3x7", cut_marks=False) == LabelSheet(63_500, 38_100, 3, 7, cut_marks=False)
    for label, grid in (("66", "3x7"), ("66x38", "3"), ("66x38", "x"), ("66x38", "9x9"), ("x", "3x7")):
        with pytest.raises(BadLabelSheet):
            sheet_of(label, grid, cut_marks=True)
