"""Strips: the frames around a splice, and a page of the best, middle and worst, with loops of them in motion."""

import html
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import windows
from benchmarks.windows import HALF, Frames

OFFSETS = (-6, -4, -3, -2, -1, 0, 1, 2, 3, 5)
"""Film frames from the splice: frame 0 is the first that belongs to the incoming take."""
ACROSS = 5
CELL_PX = 320
SMALL_PX = 190
"""Of a cell on the page."""
MARK = (60, 60, 255)
"""Red, BGR, where the splice lies."""
QUALITY = 85
"""Of the page's JPEG."""
EACH = 10
"""Strips of a kind on the page."""


def strip(frames: Frames, path: Path) -> None:
    """Write the strip of a window to a PNG; each frame bears its number, counted from the splice."""
    cells = _cells(frames, CELL_PX)
    rows = [np.concatenate(cells[i : i + ACROSS], axis=1) for i in range(0, len(cells), ACROSS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.concatenate(rows, axis=0))


def _cells(frames: Frames, width: int) -> list[Frames]:
    cells = []
    for offset in OFFSETS:
        frame = frames[HALF + offset]
        height = round(frame.shape[0] * width / frame.shape[1])
        cell = cv2.cvtColor(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(cell, f"{offset:+d}", (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thick, cv2.LINE_AA)
        cells.append(np.asarray(cell, np.uint8))
    return cells


def file_of(name: str) -> str:
    """A splice's name as that of a file, without a suffix."""
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in name)


def three(paths: Sequence[Path]) -> Frames:
    """The frames of three windows above one another, BGR: the take that is left, the splice, the take entered."""
    rows = [np.concatenate(_cells(windows.read(path), SMALL_PX), axis=1) for path in paths]
    height = max(row.shape[0] for row in rows)
    padded = [cv2.copyMakeBorder(row, 0, height + 4 - row.shape[0], 0, 0, cv2.BORDER_CONSTANT) for row in rows]
    at = OFFSETS.index(0) * SMALL_PX
    padded[1][:height, at - 2 : at + 2] = MARK
    return np.concatenate([np.asarray(row, np.uint8) for row in padded])


def page(records: Sequence[Any], folder: Path, path: Path) -> int:
    """Write the page of the ten best, middle and worst by detectability, one file; how many splices there are.

    folder: of the windows
    """
    told = sorted((record for record in records if record["verdict"]), key=lambda record: record["detectability"])
    first = max(0, len(told) // 2 - EACH // 2)
    kinds = {"Best": told[:EACH], "Middle": told[first : first + EACH], "Worst": told[-EACH:]}
    parts = ["<!doctype html><meta charset=utf-8><title>Splices of real takes</title>"]
    parts.append("<style>body{background:#222;color:#eee;font:15px sans-serif}img{max-width:100%}</style>")
    parts.append(f"<p>Of {len(told)} splices. Above the take that is left, uncut; below the take that is entered;")
    parts.append("between them the splice as it is rendered, marked red where the incoming take begins.</p>")
    for kind, own in kinds.items():
        parts += [f"<h2>{kind}</h2>", *(_entry(record, folder) for record in own)]
    path.write_text("\n".join(parts), encoding="utf-8")
    return len(told)


def _entry(record: Any, folder: Path) -> str:  # noqa: ANN401
    caption = (
        f"{record['name']}: {record['verdict']}, {record['hiding']}, detectability {record['detectability']:.2f}, "
        f"{record['blend']} over {record['overlap']} frames, {record['speed_deg_s']:.0f} degrees a second"
    )
    shown = [record["uncut"][0], record["seam"], record["uncut"][1]]
    paths = [folder / each["window"] for each in shown]
    _, jpeg = cv2.imencode(".jpg", three(paths), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    image = f"<img src='data:image/jpeg;base64,{b64encode(jpeg.tobytes()).decode()}'>"
    film = f"data:video/mp4;base64,{b64encode(paths[1].read_bytes()).decode()}"
    return f"<p>{html.escape(caption)}</p>{image}<br><video src='{film}' controls loop muted width=480></video>"
