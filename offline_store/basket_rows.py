"""Keeps open and suspended baskets, writing only what changed: a scan costs one line and the header."""

from typing import Any, Final

import msgspec
from sqlalchemy import select

from app.members.coupon_problems import BadCoupon
from app.sales.basket import Basket, BasketState
from app.values.clock import write_instant
from app.values.identifiers import ReceiptNumber
from offline_store import schema
from offline_store.basket_document import header_document, line_document, read_basket
from offline_store.problems import damaged, sale_already_stored
from offline_store.till_file import TillFile

SAVE_HEADER: Final = (
    "INSERT INTO basket (basket_id, state, suspended_at, document) VALUES (?, ?, ?, ?) ON CONFLICT (basket_id) "
    "DO UPDATE SET state = excluded.state, suspended_at = excluded.suspended_at, document = excluded.document"
)
SAVE_LINE: Final = (
    "INSERT INTO basket_line (basket_id, line_id, document) VALUES (?, ?, ?) "
    "ON CONFLICT (basket_id, line_id) DO UPDATE SET document = excluded.document"
)
DELETE_LINE: Final = "DELETE FROM basket_line WHERE basket_id = ? AND line_id = ?"
DELETE_LINES: Final = "DELETE FROM basket_line WHERE basket_id = ?"
FIND_SALE: Final = "SELECT epoch, receipt_number FROM sale WHERE sale_id = ?"
DELETE_HEADER: Final = "DELETE FROM basket WHERE basket_id = ?"


class BasketRows:
    """The baskets in the store."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file
        self._saved: Basket | None = None
        """The open basket as the store holds it, so that the next save writes the difference."""

    def save(self, basket: Basket) -> None:
        """Keep a basket.

        Raises:
            SaleAlreadyStored: it was paid, and is kept as a sale only.
            StoreProblem: the basket as last saved is still there.
        """
        saved = self._saved if self._saved is not None and self._saved.basket_id == basket.basket_id else None
        # Should this fail, the next save writes the whole basket: what the store then holds is not certain.
        self._saved = None
        self._file.write_working_state(lambda cursor: self._write(cursor, basket, saved))
        self._saved = basket if basket.state is BasketState.OPEN else None

    def _write(self, cursor: Any, basket: Basket, saved: Basket | None) -> None:  # noqa: ANN401 - the driver has no types
        if saved is None:
            # At the first save only: a basket is known here until it is paid, so the later ones need not ask.
            sold = cursor.execute(FIND_SALE, (basket.basket_id,)).fetchone()
            if sold is not None:
                settings = self._file.settings
                raise sale_already_stored(ReceiptNumber(settings.store_number, settings.till_number, *sold))
        _write(cursor, basket, saved)

    def open_basket(self) -> Basket | None:
        """Return the basket that was being rung up, if one was."""
        found = self._baskets(BasketState.OPEN)
        self._saved = found[0] if found else None
        return self._saved

    def suspended(self) -> tuple[Basket, ...]:
        """Return the baskets put aside, the oldest first."""
        return self._baskets(BasketState.SUSPENDED)

    def forget(self, basket_id: str) -> None:
        """Take note that a basket is gone from the store."""
        if self._saved is not None and self._saved.basket_id == basket_id:
            self._saved = None

    def _baskets(self, state: BasketState) -> tuple[Basket, ...]:
        table, lines = schema.basket.c, schema.basket_line.c
        with self._file.reading() as connection:
            headers = connection.core.execute(
                select(table.basket_id, table.document)
                .where(table.state == state.value)
                .order_by(table.suspended_at, table.basket_id)
            ).all()
            documents = {
                header.basket_id: {
                    line.line_id: line.document
                    for line in connection.core.execute(
                        select(lines.line_id, lines.document).where(lines.basket_id == header.basket_id)
                    )
                }
                for header in headers
            }
        try:
            return tuple(read_basket(header.document, documents[header.basket_id]) for header in headers)
        except (msgspec.MsgspecError, LookupError, ValueError, BadCoupon) as error:
            raise damaged() from error


def delete_basket(cursor: Any, basket_id: str) -> None:  # noqa: ANN401 - the driver has no types
    """Take a basket out of the store within a transaction."""
    cursor.execute(DELETE_LINES, (basket_id,))
    cursor.execute(DELETE_HEADER, (basket_id,))


def _write(cursor: Any, basket: Basket, saved: Basket | None) -> None:  # noqa: ANN401 - the driver has no types
    basket_id = basket.basket_id
    if basket.state is BasketState.OPEN and saved is None:
        # An open basket that nothing was rung up in makes way; one with lines does not (the index refuses it).
        cursor.execute(
            "DELETE FROM basket WHERE state = 'open' AND basket_id <> ? "
            "AND NOT EXISTS (SELECT 1 FROM basket_line WHERE basket_line.basket_id = basket.basket_id)",
            (basket_id,),
        )
    suspended_at = write_instant(basket.suspended_at) if basket.suspended_at else None
    cursor.execute(SAVE_HEADER, (basket_id, basket.state.value, suspended_at, header_document(basket)))
    before = {line.line_id: line for line in saved.lines} if saved else {}
    if saved is None:
        cursor.execute(DELETE_LINES, (basket_id,))
    changed = []
    for line in basket.lines:
        old = before.pop(line.line_id, None)
        if old is not line and old != line:
            changed.append((basket_id, line.line_id, line_document(line)))
    if changed:
        cursor.executemany(SAVE_LINE, changed)
    for line_id in before:
        cursor.execute(DELETE_LINE, (basket_id, line_id))
