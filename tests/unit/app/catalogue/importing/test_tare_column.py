"""The column of tares in an imported table."""

from pathlib import Path

import pytest

from app.catalogue.importing.findings import FindingKind, RowFinding
from app.catalogue.importing.options import ImportOptions, sources_at
from app.catalogue.importing.reading import CatalogueReading


def imported(folder: Path, text: str) -> tuple[list[int], list[RowFinding]]:
    path = folder / "goods.csv"
    path.write_text(text, encoding="utf-8")
    findings: list[RowFinding] = []
    reading = CatalogueReading(sources_at(path), ImportOptions(), findings.append)
    return [record.product.tare_grams for record in reading.records(lambda _rows: None, lambda: False)], findings


@pytest.mark.parametrize("header", ["tare_grams", "Tare", "皮重（克）", "皮重"])
def test_a_tare_is_read_in_grams_and_an_empty_cell_is_none(tmp_path: Path, header: str) -> None:
    text = f"product_id,name,price,unit,{header}\nA1,散装坚果,88,kg,6\nA2,苹果,9.9,kg,\nA3,梨,9.9,kg,12g\n"
    assert imported(tmp_path, text) == ([6, 0, 12], [])


@pytest.mark.parametrize("cell", ["-1", "1.5", "10000", "six", "²"])
def test_a_tare_that_is_none_leaves_the_row_out_with_its_reason(tmp_path: Path, cell: str) -> None:
    tares, findings = imported(tmp_path, f"product_id,name,price,unit,tare_grams\nA1,散装坚果,88,kg,{cell}\n")
    assert tares == []
    assert [(finding.kind, finding.column) for finding in findings] == [(FindingKind.BAD_TARE, "tare_grams")]


def test_a_table_without_the_column_means_no_tare(tmp_path: Path) -> None:
    assert imported(tmp_path, "product_id,name,price\nA1,散装坚果,88\n") == ([0], [])
