"""Processes that measure beside one another, each with its own detectors; what they measure is kept in one folder."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from benchmarks.detectors import Judge
from benchmarks.splices import Bench
from headturn.office.store import Store

Task = Callable[[Bench, Store], Any]
"""Module-level function, its other arguments bound by `partial`: it travels to another process."""

_own: list[tuple[Bench, Store]] = []
"""Of a process of the crew, made once."""


def results(tasks: Iterable[Task], folder: Path, workers: int) -> Iterator[Any]:
    """What the tasks come to, as they are done; who stops asking stops those that have not begun."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (folder,))
    try:
        waiting: list[Future[Any]] = [pool.submit(_do, task) for task in tasks]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def opened(folder: Path) -> Store:
    """The store of all takes of the benchmark."""
    store = Store(folder / "film")
    store.open()
    return store


def _begin(folder: Path) -> None:
    cv2.setNumThreads(1)  # there is a process for every core
    _own.append((Bench(folder, Judge(folder)), opened(folder)))


def _do(task: Task) -> Any:  # noqa: ANN401
    return task(*_own[0])
