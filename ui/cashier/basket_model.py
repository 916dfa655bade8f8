"""The rows of the basket as Qt's list wants them, changed in place: only what differs is drawn again."""

from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ui.presenters.rows import BasketRow, RowKind

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
_NO_PARENT: Final = QModelIndex()

AnyIndex = QModelIndex | QPersistentModelIndex


class BasketModel(QAbstractListModel):
    """A list of `BasketRow`."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._rows: list[BasketRow] = []

    def rowCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row, or its words for assistive technology."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return row.spoken()
        return None

    def row(self, position: int) -> BasketRow:
        """Return the row at a position."""
        return self._rows[position]

    def is_last_line(self, position: int) -> bool:
        """Whether the row at a position is a line and none comes after it."""
        kinds = [row.kind for row in self._rows[position : position + 2]]
        return kinds[:1] == [RowKind.LINE] and kinds[1:] != [RowKind.LINE]

    def position(self, key: str | None) -> int:
        """Return where the row with a key is; -1 where there is none."""
        return next((position for position, row in enumerate(self._rows) if row.key == key), -1)

    def show(self, rows: tuple[BasketRow, ...]) -> None:
        """Change to these rows: take out what is gone, put in what is new, mark what differs."""
        wanted = {row.key for row in rows}
        for position in range(len(self._rows) - 1, -1, -1):
            if self._rows[position].key not in wanted:
                self.beginRemoveRows(QModelIndex(), position, position)
                del self._rows[position]
                self.endRemoveRows()
        for position, row in enumerate(rows):
            here = self._rows[position] if position < len(self._rows) else None
            if here is None or here.key != row.key:
                if any(later.key == row.key for later in self._rows[position:]):
                    self._replace_all(rows)
                    return
                self.beginInsertRows(QModelIndex(), position, position)
                self._rows.insert(position, row)
                self.endInsertRows()
            elif here is not row and here != row:
                self._rows[position] = row
                index = self.index(position)
                self.dataChanged.emit(index, index)

    def _replace_all(self, rows: tuple[BasketRow, ...]) -> None:
        """Begin anew where rows changed places, which a basket's lines do not."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()
