"""What is measured with: CPU time, fresh processes, and results that outlast an interruption."""

import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any, TypeVar

PROJECT = Path(__file__).resolve().parents[1]
FOOTAGE = PROJECT.parent / "shared" / "footage"
CACHE = Path(gettempdir()) / "headturn-benchmarks"

_Result = TypeVar("_Result")

_TELL_PEAK = """
import json, resource, sys
from pathlib import Path
status = Path("/proc/self/status")  # ru_maxrss counts what the parent had before the program was started
lines = status.read_text().splitlines() if status.exists() else []
peak = next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
print("\\n" + json.dumps(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


def cpu_s() -> float:
    """User and system time of this process, all its threads, and its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cost(work: Callable[[], _Result], rounds: int = 1) -> tuple[float, _Result]:
    """CPU seconds of the cheapest of some rounds, for other programs on the machine only make it dearer; its result."""
    best: tuple[float, _Result] | None = None
    for _ in range(rounds):
        start = cpu_s()
        result = work()
        took = cpu_s() - start
        best = (took, result) if best is None or took < best[0] else best
    assert best is not None
    return best


@dataclass(frozen=True)
class Run:
    """A finished process: CPU seconds, and peak memory in bytes."""

    cpu_s: float
    peak_bytes: int


def fresh(code: str, *arguments: str) -> Run:
    """Run Python code in a process of its own.

    Raises:
        CalledProcessError: it failed; its error output is shown.
    """
    start = cpu_s()
    command = [sys.executable, "-c", code + _TELL_PEAK, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=compiled())
    return Run(cpu_s() - start, int(json.loads(done.stdout.splitlines()[-1])))


def compiled() -> dict[str, str]:
    """The environment of a process that loads modules as on anybody's second day: compiled, wherever this one may not
    leave them beside their sources."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}


MAKE = """
import sys
from pathlib import Path
from headturn.office import production
production.make(Path(sys.argv[1]), Path(sys.argv[2]))
"""


class Ledger:
    """Results by name in a JSON file, written after each; those of other code than this are measured again."""

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        self.path, self.results = path, dict[str, Any]()
        self.code = _code()
        if path.exists() and not anew:
            kept = json.loads(path.read_text(encoding="utf-8"))
            self.results = kept["results"] if kept.get("code") == self.code else {}

    def kept(self, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What was measured under a name; measured now where it was not."""
        if name not in self.results:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            self.results[name] = measure()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.path.with_suffix(".unfinished")
            unfinished.write_text(json.dumps({"code": self.code, "results": self.results}, indent=1), encoding="utf-8")
            unfinished.replace(self.path)
        return dict(self.results[name])


def _code() -> str:
    """A hash of headturn and of the benchmarks."""
    digest = hashlib.sha256()
    for path in sorted((*(PROJECT / "src" / "headturn").rglob("*.py"), *(PROJECT / "benchmarks").glob("*.py"))):
        if "backlot" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns in line: the first to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * w if i == 0 else "-" * (w - 1) + ":") for i, w in enumerate(widths)]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])
