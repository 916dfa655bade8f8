"""The list changes in place: only what differs is drawn again."""

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from ui.cashier.basket_model import ROW_ROLE, BasketModel
from ui.presenters.rows import BasketRow, RowKind


def row(key: str, amount: str = "1.00") -> BasketRow:
    return BasketRow(RowKind.LINE, key, "1", f"name {key}", "", "1 × 1.00", amount)


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    model = BasketModel()
    model.show((row("a"), row("b")))
    qtmodeltester.check(model)
    model.show((row("b"), row("c"), row("d")))


def test_only_the_row_that_differs_is_changed() -> None:
    model = BasketModel()
    model.show((row("a"), row("b"), row("c")))
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.show((row("a"), row("b", "2.00"), row("c")))
    assert changed == [(1, 1)]
    assert not resets


def test_a_new_line_is_put_in_before_the_discounts_without_a_reset() -> None:
    model = BasketModel()
    model.show((row("line:1"), row("discount:1")))
    inserted: list[int] = []
    model.rowsInserted.connect(lambda _parent, first, _last: inserted.append(first))
    model.show((row("line:1"), row("line:2"), row("discount:1")))
    assert inserted == [1]
    assert [model.row(position).key for position in range(3)] == ["line:1", "line:2", "discount:1"]


def test_a_voided_line_is_taken_out_alone() -> None:
    model = BasketModel()
    model.show((row("a"), row("b"), row("c")))
    removed: list[int] = []
    model.rowsRemoved.connect(lambda _parent, first, _last: removed.append(first))
    model.show((row("a"), row("c")))
    assert removed == [1]


def test_rows_in_another_order_are_shown_in_it() -> None:
    model = BasketModel()
    model.show((row("a"), row("b"), row("c")))
    model.show((row("c"), row("a"), row("b")))
    assert [model.row(position).key for position in range(3)] == ["c", "a", "b"]


def test_assistive_technology_hears_the_whole_row() -> None:
    model = BasketModel()
    model.show((row("a", "12.90"),))
    spoken = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "name a, 1 × 1.00, 12.90"
    assert model.data(model.index(0), ROW_ROLE) == row("a", "12.90")
