"""How shelf labels lie on a sheet of paper: sizes and places, nothing drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Final, TypeVar

from app.values.problems import Problem
from app.values.wording import wording

_UNPRINTABLE_UM: Final = 3_000
"""Along its edges an office printer puts nothing."""

_SMALLEST_UM: Final = (30_000, 18_000)
"""Below this the text is smaller than can be read from a step away."""

LabelT = TypeVar("LabelT")


class BadLabelSheet(Problem):
    """Raised when labels of that size do not lie on the page in that grid."""

    code = "BAD-LABEL-SHEET"


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A page with a grid of labels in its middle. Lengths are whole micrometres: 66 mm is 66000."""

    label_width_um: int = 66_000
    label_height_um: int = 38_000
    columns: int = 3
    rows: int = 7
    gap_across_um: int = 0
    """Between two columns; 0 where one cut parts two labels."""

    gap_down_um: int = 0
    page_width_um: int = 210_000
    """A4."""

    page_height_um: int = 297_000
    cut_marks: bool = True
    """Whether marks show where to cut; not wanted on sheets of stickers."""

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 1 or min(self.gap_across_um, self.gap_down_um) < 0:
            raise BadLabelSheet(wording("A sheet has at least one label across and one down."))
        if self.label_width_um < _SMALLEST_UM[0] or self.label_height_um < _SMALLEST_UM[1]:
            raise BadLabelSheet(wording("A shelf label is at least 30 mm wide and 18 mm high, or nobody can read it."))
        if (
            self._used_across_um > self.page_width_um - 2 * _UNPRINTABLE_UM
            or self._used_down_um > self.page_height_um - 2 * _UNPRINTABLE_UM
        ):
            raise BadLabelSheet(
                wording(
                    "{columns} × {rows} labels of {width} × {height} mm do not fit the page. Choose fewer or smaller"
                    " ones.",
                    columns=self.columns,
                    rows=self.rows,
                    width=write_mm(self.label_width_um),
                    height=write_mm(self.label_height_um),
                )
            )

    @property
    def per_page(self) -> int:
        """Labels on a full page."""
        return self.columns * self.rows

    @property
    def _used_across_um(self) -> int:
        return self.columns * self.label_width_um + (self.columns - 1) * self.gap_across_um

    @property
    def _used_down_um(self) -> int:
        return self.rows * self.label_height_um + (self.rows - 1) * self.gap_down_um

    def place(self, index: int) -> tuple[int, int]:
        """Return left and top of a label on its page, in micrometres; the first is 0, row by row."""
        row, column = divmod(index, self.columns)
        left = (self.page_width_um - self._used_across_um) // 2
        top = (self.page_height_um - self._used_down_um) // 2
        return (
            left + column * (self.label_width_um + self.gap_across_um),
            top + row * (self.label_height_um + self.gap_down_um),
        )

    def pages(self, labels: Sequence[LabelT]) -> Iterator[tuple[LabelT, ...]]:
        """Share labels out to pages."""
        rest = iter(labels)
        while page := tuple(islice(rest, self.per_page)):
            yield page


def parse_mm(text: str) -> int:
    """Read millimetres as a person types them into micrometres.

    >>> parse_mm("63.5")
    63500

    Raises:
        BadLabelSheet: if it is no length.
    """
    try:
        length = Decimal(text.strip()).scaleb(3)
        if not length.is_finite() or length != length.to_integral_value() or not 0 <= length <= 2_000_000:
            raise InvalidOperation
    except InvalidOperation:
        raise BadLabelSheet(
            wording('"{text}" is no length in millimetres. Type one such as 66 or 63.5.', text=text[:20])
        ) from None
    return int(length)


def write_mm(length_um: int) -> str:
    """Write micrometres as millimetres.

    >>> write_mm(63500), write_mm(66000)
    ('63.5', '66')
    """
    return f"{Decimal(length_um).scaleb(-3).normalize():f}"
