"""Strips: the frames around a splice as PNG, and a page of the best, the middle and the worst."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.windows import HALF, Frames

OFFSETS = (-6, -4, -3, -2, -1, 0, 1, 2, 3, 5)
"""Film frames from the splice: frame 0 is the first that belongs to the incoming take."""
ACROSS = 5
CELL_PX = 320
EACH = 10
"""Strips of a kind on the page."""


def strip(frames: Frames, path: Path) -> None:
    """Write the strip of a window to a PNG; each frame bears its number, counted from the splice."""
    cells = []
    for offset in OFFSETS:
        frame = frames[HALF + offset]
        height = round(frame.shape[0] * CELL_PX / frame.shape[1])
        cell = cv2.cvtColor(cv2.resize(frame, (CELL_PX, height), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(cell, f"{offset:+d}", (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, width, cv2.LINE_AA)
        cells.append(cell)
    rows = [np.concatenate(cells[i : i + ACROSS], axis=1) for i in range(0, len(cells), ACROSS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.concatenate(rows, axis=0))


def file_of(name: str) -> str:
    """The strip's file for a splice of that name."""
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in name) + ".png"


def page(records: Sequence[Any], folder: Path, path: Path) -> int:
    """Write the page of the ten best, middle and worst by detectability, of those with a strip in `folder`."""
    told = sorted(
        (record for record in records if record["verdict"] and (folder / file_of(record["name"])).exists()),
        key=lambda record: record["detectability"],
    )
    middle = max(0, len(told) // 2 - EACH // 2)
    kinds = {"best": told[:EACH], "middle": told[middle : middle + EACH], "worst": told[-EACH:]}
    parts = ["<!doctype html><meta charset=utf-8><title>Splices of real takes</title>"]
    parts.append("<style>body{background:#222;color:#eee;font:15px sans-serif}img{max-width:100%}</style>")
    for kind, own in kinds.items():
        parts.append(f"<h2>{kind}</h2>")
        for record in own:
            caption = (
                f"{record['name']}: {record['verdict']}, detectability {record['detectability']:.2f}, "
                f"{record['blend']} over {record['overlap']} frames, {record['speed_deg_s']:.0f} degrees a second"
            )
            source = (folder / file_of(record["name"])).relative_to(path.parent).as_posix()
            parts.append(f"<p>{html.escape(caption)}</p><img src='{html.escape(source)}'>")
    path.write_text("\n".join(parts), encoding="utf-8")
    return len(told)
