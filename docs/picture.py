"""The picture of the README: take A, the film and take B around a splice of a film's folder.

python docs/picture.py demo/film docs/picture.jpg
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from headturn.camera import media
from headturn.camera.take import Clip
from headturn.edit import cut as cuts

AROUND_SPLICE = (-9, -5, -2, 0, 2, 5, 9)
STILL_PX = (320, 180)
WIDTH_PX = 1400


def stills(clip: Clip, wanted: list[int], pale: list[bool]) -> media.Pixels:
    """A row of frames; pale ones are not in the film."""
    frames = {
        f.index: f.pixels("rgb", *STILL_PX) for f in media.frames(clip, wanted[0], wanted[-1] + 1) if f.index in wanted
    }
    row = []
    for index, faint in zip(wanted, pale, strict=True):
        image = frames[index]
        if faint:
            image = (image.mean(axis=2, keepdims=True).repeat(3, axis=2) * 0.25 + 185).astype(np.uint8)
        row.append(cv2.copyMakeBorder(image, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(255, 255, 255)))
    return np.hstack(row)


def main(folder: Path, out: Path, number: int = 0) -> None:
    """Write the picture of the splice with that number, from 0 on."""
    data = json.loads((folder / "cut.json").read_text(encoding="utf-8"))
    cut = cuts.from_json(data)
    frames = [cut.splices[number].frame + offset for offset in AROUND_SPLICE]
    rows = []
    for segment, shown in (
        (number, [offset < 0 for offset in AROUND_SPLICE]),
        (number + 1, [o >= 0 for o in AROUND_SPLICE]),
    ):
        clip = media.probe([(folder / file).resolve() for file in data["takes"][cut.segments[segment].take]["files"]])
        times = media.frame_times(clip)
        wanted = [times.nearest(cut.source_time(segment, frame)) for frame in frames]
        rows.append(stills(clip, wanted, [not each for each in shown]))
    rows.insert(1, stills(media.probe([folder / "film.mp4"]), frames, [False] * len(frames)))
    picture = np.vstack(rows)
    size = WIDTH_PX, round(picture.shape[0] * WIDTH_PX / picture.shape[1])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(out), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
