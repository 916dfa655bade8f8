"""Does heavy work on files in a thread that gives way to the selling one."""

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")

GIVES_WAY = 10
"""Added to the niceness of the thread: where both want the same core, the till gets nine tenths of it."""


def in_background(work: Callable[[], _Result]) -> _Result:
    """Do something in a thread of low priority and wait for it; what it raises is raised here.

    A thread of its own, because a priority that was given up cannot be taken back without being an administrator.
    Only Linux knows a priority for each thread; elsewhere the system's own fairness has to do.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="catalogue-background")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
