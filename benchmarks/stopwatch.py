"""What `headturn match` spends its CPU time on, by stage: run in a process of its own, which imports nothing before.

    python -c "from benchmarks import stopwatch; stopwatch.verdict('FILM', '42B-1', '42A-1')"

Each stage counts what its functions spend, less what those of other stages spend within. Prints one line of JSON.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

STAGES = (
    ("the film's log, the files opened", "headturn.office.match", "in_film"),
    ("telemetry", "headturn.camera.telemetry", "read"),
    ("motion", "headturn.head.motion", "image_motion"),
    ("image seen through", "headturn.office.lab", "seen"),
    ("turns", "headturn.head.turns", "find"),
    ("joins: search", "headturn.edit.joins", "find"),
    ("joins: frames decoded", "headturn.office.lab:Glancer", "__call__"),
    ("joins: covers looked for", "headturn.office.lab:Glancer", "covers"),
    ("joins: sound", "headturn.office.lab:Glancer", "hear"),
    ("joins: turns aligned", "headturn.edit.look", "align"),
    ("joins: frames compared", "headturn.edit.cost", "judged"),
)
"""Name, module (and class), function."""


class Stopwatch:
    """Exclusive CPU seconds by stage, and how often each was entered. Each thread has stages of its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.entered: dict[str, int] = {}
        self._here = threading.local()

    def switch(self, stage: str | None) -> None:
        """Enter a stage, or with None leave the one that runs."""
        now, stack = time.thread_time(), self._here.__dict__.setdefault("stack", [])
        if stack:
            self.spent[stack[-1]] = self.spent.get(stack[-1], 0.0) + now - self._here.since
        self._here.since = now
        if stage is None:
            stack.pop()
        else:
            stack.append(stage)
            self.entered[stage] = self.entered.get(stage, 0) + 1

    def watched(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        @wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            self.switch(stage)
            try:
                return work(*args, **kwargs)
            finally:
                self.switch(None)

        return timed


def verdict(film: str, take: str, after: str) -> None:
    """The verdict on a take of a film's log, with what each stage of it cost."""
    watch = Stopwatch()
    started = time.process_time()
    import importlib

    import rich.progress  # noqa: F401  # as the command line does

    import headturn.cli.program  # noqa: F401
    from headturn.office import match, match_summary
    from headturn.office.store import Store

    imported = time.process_time()
    watched: dict[int, Callable[..., Any]] = {}
    for stage, where, name in STAGES:
        module, _, kind = where.partition(":")
        owner = importlib.import_module(module)
        owner = getattr(owner, kind) if kind else owner
        plain = getattr(owner, name)
        watched[id(plain)] = watch.watched(stage, plain)
        setattr(owner, name, watched[id(plain)])
    for loaded in [each for name, each in sys.modules.items() if name.startswith("headturn")]:
        for name, value in list(vars(loaded).items()):  # those that were imported by name
            if id(value) in watched:
                setattr(loaded, name, watched[id(value)])
    first = next(match.in_film(Store(Path(film)), take, after, {}, lambda *_: None))
    told = match_summary.as_json(first, None)
    stages = {"interpreter": started, "imports": imported - started, **watch.spent}
    stages["threads of libraries"] = time.process_time() - imported - sum(watch.spent.values())
    print(json.dumps({"stages": stages, "entered": watch.entered, "told": told}))
