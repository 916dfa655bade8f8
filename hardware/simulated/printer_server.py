"""Puts a simulated printer on a TCP port of this computer, as a network printer stands on its port 9100."""

import socket
import threading
from types import TracebackType
from typing import Final, Self

from app.values.problems import Problem
from hardware.simulated.printer import SimulatedPrinter

_TICK_S: Final = 0.02
_PIECE_BYTES: Final = 1024


class SimulatedPrinterServer:
    """Serves one till at a time, as such printers do; hangs up when the printer loses its power."""

    def __init__(self, printer: SimulatedPrinter, port: int = 0) -> None:
        """Listen on the loopback interface; port 0 takes a free one."""
        self.printer = printer
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(_TICK_S)
        self.port: int = self._listener.getsockname()[1]
        """Where it listens."""

        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="simulated-printer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up and stop listening."""
        self._stopping.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        with self._listener:
            while not self._stopping.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(_TICK_S)
        waiting = b""
        try:
            while not self._stopping.is_set() and self.printer.reachable:
                # A printer with a full buffer reads nothing more, and the till's bytes wait on the line.
                if not waiting:
                    waiting = self._received(connection)
                waiting = waiting[self.printer.receive(waiting) :]
                if answer := self.printer.replies(_TICK_S if waiting else 0):
                    connection.sendall(answer)
        except (OSError, Problem):
            # The till hung up or the printer died: the next one to call starts afresh.
            return

    @staticmethod
    def _received(connection: socket.socket) -> bytes:
        try:
            data = connection.recv(_PIECE_BYTES)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError
        return data
