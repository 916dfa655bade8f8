"""Keeps print jobs, so that a receipt is neither forgotten nor printed twice unmarked after a crash."""

from typing import Final

from sqlalchemy import func, select

from app.checkout.ports import PrintJob, PrintState
from app.ledger.entry import EntryKind
from offline_store import schema
from offline_store.documents import ReprintDocument, encode
from offline_store.journal import JournalWriter
from offline_store.sale_rows import INSERT_JOB
from offline_store.till_file import TillFile

SET_STATE: Final = "UPDATE print_job SET state = ? WHERE job_id = ?"


class PrintJobs:
    """The print jobs in the store."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def add(self, job: PrintJob) -> None:
        """Keep a job; a copy gets its journal entry in the same transaction.

        Raises:
            StoreProblem: it was not stored.
        """
        row = (job.job_id, job.sale_id, job.copy_number, job.state.value, job.opens_drawer)
        if job.copy_number == 0:
            self._file.write_working_state(lambda cursor: cursor.execute(INSERT_JOB, row))
            return

        def write(writer: JournalWriter) -> None:
            writer.cursor.execute(INSERT_JOB, row)
            reprint = ReprintDocument(copy_number=job.copy_number, job_id=job.job_id, sale_id=job.sale_id)
            writer.record(EntryKind.RECEIPT_REPRINTED, encode(reprint))

        self._file.write_entries(write)

    def copies_of(self, sale_id: str) -> int:
        """Return how many copies of a sale's receipt were asked for."""
        table = schema.print_job.c
        with self._file.reading() as connection:
            counted = connection.core.execute(
                select(func.count()).where(table.sale_id == sale_id, table.copy_number > 0)
            ).scalar_one()
        return int(counted)

    def set_state(self, job_id: str, state: PrintState) -> None:
        """Keep how far a job came.

        Raises:
            StoreProblem: the state is as before.
        """
        # That its bytes may leave must outlive a power cut: else two originals of one receipt come out.
        begins = state is PrintState.PRINTING
        write = self._file.write_durably if begins else self._file.write_working_state
        write(lambda cursor: cursor.execute(SET_STATE, (state.value, job_id)))

    def unfinished(self) -> tuple[PrintJob, ...]:
        """Return jobs neither printed nor cancelled, the oldest first."""
        table = schema.print_job.c
        with self._file.reading() as connection:
            rows = connection.core.execute(
                select(table.job_id, table.sale_id, table.copy_number, table.state, table.opens_drawer)
                .where(table.state.in_([PrintState.WAITING.value, PrintState.PRINTING.value]))
                .order_by(table.job_number)
            ).all()
        return tuple(
            PrintJob(row.job_id, row.sale_id, row.copy_number, PrintState(row.state), bool(row.opens_drawer))
            for row in rows
        )
