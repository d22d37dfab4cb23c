"""CPU time of each stage of `make`, beside the bare decode and the bare encode of the same material in the same run.

Bare decode: every frame by PyAV on one thread, nothing converted. Bare encode: x264 with the options of the viewing
copy, its frames already in memory. CPU time is user and system time of the process with all its threads. Generated
1080p60 H.264 and 4K30 HEVC, each with gyro logs and without, and every folder of the real footage where it is there.

Results are kept in a JSON file after each folder of takes: run again after an interruption, it goes on.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, TypeVar

import av
import av.video
import cv2

from benchmarks import material
from benchmarks.ledger import CACHE, FOOTAGE, MAKE, Ledger, cost, fresh, table
from headturn.camera import card, media, telemetry
from headturn.camera.take import Clip, Take
from headturn.clock import Span
from headturn.edit import assemble, joins
from headturn.edit.cut import Cut
from headturn.edit.look import Glance
from headturn.exchange import otio
from headturn.head.rush import Rush
from headturn.office import dailies, lab, order, report, telling
from headturn.office.made import Made
from headturn.office.settings import Settings
from headturn.office.store import Store
from headturn.picture import render, treatment
from headturn.review import ride
from headturn.review.ride import Ride

_Result = TypeVar("_Result")

FRAMES_BYTES = 300 << 20
"""Of frames held in memory for the bare encode."""
SEAM_FRAMES = 150
"""At most so many frames of seams are rendered to be measured."""
MOST_BEYOND_MS = 6.0
MOST_RATIO = {"1080p60 H.264": 1.5, "4K30 HEVC": 1.15}
"""The design's standing numbers for rotation from the image: CPU ms a frame beyond the decode, and times the decode."""


@dataclass
class _Costs:
    """CPU seconds by stage, and how many frames each handled."""

    stages: dict[str, tuple[float, int]] = field(default_factory=dict)

    def time(self, stage: str, frames: int, work: Callable[[], _Result], rounds: int = 1) -> _Result:
        took, result = cost(work, rounds)
        self.stages[stage] = took, frames
        return result


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 where the standing numbers are met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stages", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where generated recordings and results are kept")
    parser.add_argument("--anew", action="store_true", help="measure everything again")
    parser.add_argument("--only", default="", help="folders whose name holds this text")
    options = parser.parse_args(arguments)
    ledger = Ledger(options.cache / "stages.json", anew=options.anew)
    folders = {
        f"{format.name}, {told}": folder
        for format, seconds in ((material.HD60, 5.0), (material.UHD30, 4.0))
        for told, folder in zip(
            ("gyro log", "no telemetry"), material.two_takes(options.cache, format, seconds), strict=True
        )
    }
    if FOOTAGE.is_dir():
        folders |= {folder.name: folder for folder in sorted(FOOTAGE.iterdir()) if any(folder.glob("*.mp4"))}
    found = {}
    for name, folder in folders.items():
        if options.only in name:
            found[name] = ledger.kept(name, partial(measured, folder, options.cache))
            print(f"\n### {name}\n\n{stage_table(found[name])}", flush=True)
    print(f"\n### Rotation from the image\n\n{rotation_table(found)}")
    missed = list(unmet(found))
    print("\n" + ("\n".join(missed) if missed else "The standing numbers are met."))
    return 1 if missed else 0


def measured(folder: Path, cache: Path) -> dict[str, Any]:
    """All stages of `make` on one folder of takes."""
    cv2.setNumThreads(1)
    with TemporaryDirectory(dir=cache) as place:
        store, chosen, costs = Store(Path(place) / "film"), Settings(), _Costs()
        store.open()
        begun = fresh("import headturn.office.production")
        costs.stages["import"] = begun.cpu_s, 0
        found = costs.time("card", 0, lambda: card.ingest(folder))
        arranged = order.arrange(found.clips, (), folder)
        takes = arranged.takes
        frames = sum(take.clip.image.frames for take in takes)
        costs.time("bare decode", frames, lambda: [decoded(take.clip) for take in takes], rounds=2)
        costs.time("telemetry", 0, lambda: [telemetry.read(t.clip.files, t.clip.chapter_starts) for t in takes])
        rushes = costs.time("motion, turns", frames, lambda: developed(takes, store, chosen), rounds=2)
        film = joined(arranged, rushes, store, chosen, costs)
        film = costs.time("treatments", 0, partial(treatment.chosen, film, rushes))
        planned = costs.time("ride", film.frames, lambda: ride.plan(film, rushes))
        rendered(film, planned, rushes, store, chosen, costs)
        told(Made(store, film, arranged, (), rushes, chosen), costs)
        made = fresh(MAKE, str(folder), str(Path(place) / "again"))
        costs.stages["make, fresh process"] = made.cpu_s, film.frames
        sources = {rush.motion.source for rush in rushes.values()}
        return {
            "stages": costs.stages,
            "takes": len(takes),
            "size": f"{film.width}x{film.height}",
            "rate": str(film.rate),
            "splices": len(film.splices),
            "motion": ", ".join(sorted(sources)),
            "image": sources == {"image"},
            "peak_bytes": made.peak_bytes,
            "bare_peak_bytes": begun.peak_bytes,
        }


def decoded(clip: Clip, stop: int | None = None) -> int:
    """Decode the frames of a clip, up to `stop`, and do nothing with them; how many there were."""
    count = 0
    for path in clip.files:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for _ in container.decode(stream):
                count += 1
                if count == stop:
                    return count
    return count


def encoded(pictures: Sequence[media.Pixels], film: Cut, out: Path) -> None:
    """Encode frames in memory as the viewing copy is, with PyAV alone."""
    with av.open(str(out), "w") as container:
        stream = container.add_stream("libx264", rate=film.rate, options={"preset": "faster", "crf": "18"})
        assert isinstance(stream, av.video.VideoStream)
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.gop_size = 2, round(film.rate)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def developed(takes: Sequence[Take], store: Store, chosen: Settings) -> dict[str, Rush]:
    """Motion and turns of all takes, nothing taken from what was kept."""
    for kept in (store.folder / ".headturn" / "motion").glob("*"):
        kept.unlink()
    return {take.id: lab.develop(take, store, chosen.turns, Event()) for take in takes}


def joined(arranged: order.Order, rushes: Mapping[str, Rush], store: Store, chosen: Settings, costs: _Costs) -> Cut:
    """The film, with what joins, and the looks at images within them, cost."""
    glancer, looking = lab.Glancer({take.id: take.clip for take in arranged.takes}), [0.0, 0.0]

    def glances(take: str, frames: Sequence[int]) -> Mapping[int, Glance]:
        took, seen = cost(lambda: glancer(take, frames))
        looking[0] += took
        looking[1] += len(seen)
        return seen

    def spans(a: Take, b: Take) -> tuple[Span, Span]:
        return assemble.exit_span(a, chosen.assemble), assemble.entry_span(b, chosen.assemble)

    def find() -> dict[tuple[str, str], tuple[joins.Join, ...]]:
        pairs = [(a, b) for before, after in pairwise(arranged.shots) for a in before for b in after]
        return {
            (a.id, b.id): joins.find(rushes[a.id], rushes[b.id], *spans(a, b), glances, chosen.joins, glancer.aids)
            for a, b in pairs
        }

    found = costs.time("joins", 0, find)
    costs.stages["of which glances"] = looking[0], round(looking[1])
    return costs.time(
        "assembly",
        0,
        lambda: assemble.cut(
            assemble.choose(arranged.shots, found, chosen.assemble),
            title="Measured",
            rate=dailies.prevailing_rate(arranged.takes),
            size=dailies.prevailing_size(arranged.takes),
            brief=chosen.assemble,
        ),
    )


def rendered(
    film: Cut, planned: Ride, rushes: Mapping[str, Rush], store: Store, chosen: Settings, costs: _Costs
) -> None:
    """The film's file, and on stretches of it what frames cost that pass through, and those of seams."""
    takes = {id: rush.take for id, rush in rushes.items()}
    first = min((film.changed_frames(k).start for k in range(len(film.splices))), default=film.frames)
    plain = range(min(first, max(24, FRAMES_BYTES // (film.width * film.height * 3 // 2))))
    sources = planned.layers[0].source[: len(plain)]
    clip = takes[film.segments[0].take].clip

    def bare_decode() -> int:
        return decoded(clip, int(sources[-1]) + 1)

    pictures: list[media.Pixels] = list(render.film_pixels(film, planned, takes, plain, "yuv420"))
    costs.time("same frames, bare decode", len(plain), bare_decode)
    costs.time("bare encode", len(plain), lambda: encoded(pictures, film, store.folder / "bare.mp4"))
    pictures.clear()
    costs.time("render, passing through", len(plain), lambda: written(film, planned, takes, [plain], store))
    seams = [seam for seam in _up_to(film.seam_frames(), SEAM_FRAMES) if seam]  # a hard cut changes no frame
    if seams:
        count = sum(len(seam) for seam in seams)
        costs.time("render, in seams", count, lambda: written(film, planned, takes, seams, store))

    def whole() -> None:
        render.render(film, planned, takes, store.reels, store.film, chosen.render)

    costs.time("render, the film", film.frames, whole)
    parts = list(store.reels.glob("*.mp4"))
    voices = any(take.clip.sound for take in takes.values())
    if parts:
        costs.time("of which join and sound" if voices else "of which join", film.frames, whole)


def _up_to(seams: Sequence[range], most: int) -> Iterator[range]:
    for seam in seams:
        if most > 0:
            yield seam[:most]
        most -= len(seam)


def written(film: Cut, planned: Ride, takes: Mapping[str, Take], stretches: Sequence[range], store: Store) -> None:
    """Stretches of the film, each rendered into a file."""
    for frames in stretches:
        with media.PictureWriter(store.folder / "part.mp4", film.width, film.height, film.rate) as writer:
            for pixels in render.film_pixels(film, planned, takes, frames, "yuv420"):
                writer.write(pixels)


def told(made: Made, costs: _Costs) -> None:
    """The timeline and the report."""
    takes = {id: rush.take for id, rush in made.rushes.items()}
    times = {id: rush.times for id, rush in made.rushes.items()}
    folder = made.store.folder
    costs.time("otio", 0, lambda: otio.write(otio.timeline(made.cut, takes, times, folder), made.store.timeline))
    costs.time("report", 0, lambda: report.write_report(telling.film_report(made), made.store.report))


def stage_table(result: Mapping[str, Any]) -> str:
    """The stages of one folder beside its bare decode and encode."""
    stages: Mapping[str, tuple[float, int]] = result["stages"]
    decode_s, decoded_frames = stages["bare decode"]
    encode_s, encoded_frames = stages["bare encode"]
    film_frames = stages["render, the film"][1]
    encode_all_s = encode_s / encoded_frames * film_frames
    rows: list[tuple[str, ...]] = []
    for name, (took, frames) in stages.items():
        each = f"{took / frames * 1000:.1f}" if frames else ""
        part = frames / film_frames if name in ("render, passing through", "render, in seams") else 1.0
        shares = (decode_s * part, encode_all_s * part)
        if name in ("same frames, bare decode", "bare encode"):
            rows.append((name, f"{took:.2f}", str(frames), each, "", ""))
        else:
            rows.append((name, f"{took:.2f}", str(frames or ""), each, *(f"{took / share:.2f}" for share in shares)))
    head = (
        f"{result['takes']} takes, {decoded_frames} frames, {result['size']} at {float(Fraction(result['rate'])):.2f}; "
        f"a film of {film_frames} frames with {result['splices']} splices; motion from {result['motion']}; peak memory "
        f"{result['peak_bytes'] / 1e6:.0f} MB ({result['bare_peak_bytes'] / 1e6:.0f} MB of it to start)"
    )
    return head + "\n\n" + table(("stage", "CPU s", "frames", "ms a frame", "x decode", "x encode"), rows)


def beyond(result: Mapping[str, Any]) -> tuple[float, float, float]:
    """Of rotation from the image: CPU ms a frame of the decode, beyond the decode, and both over the decode."""
    decode_s, frames = result["stages"]["bare decode"]
    seen_s, _ = result["stages"]["motion, turns"]
    return decode_s / frames * 1000, (seen_s - decode_s) / frames * 1000, seen_s / decode_s


def rotation_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Rotation from the image beside the decode, where all of it comes from there."""
    rows = []
    for name, result in found.items():
        if result["image"]:
            decode_ms, more_ms, ratio = beyond(result)
            limit = next((f"{most:.2f}" for key, most in MOST_RATIO.items() if name.startswith(key)), "")
            rows.append((name, f"{decode_ms:.1f}", f"{more_ms:.1f}", f"{MOST_BEYOND_MS:.0f}", f"{ratio:.2f}", limit))
    return table(("recordings", "decode ms", "beyond ms", "at most", "x decode", "at most"), rows)


def unmet(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The standing numbers that are not met, in words."""
    for name, result in found.items():
        if not result["image"]:
            continue
        _, more_ms, ratio = beyond(result)
        if more_ms > MOST_BEYOND_MS:
            yield f"NOT MET: {name}: rotation costs {more_ms:.1f} ms a frame beyond the decode."
        for key, most in MOST_RATIO.items():
            if name.startswith(key) and ratio > most:
                yield f"NOT MET: {name}: rotation costs {ratio:.2f} times the decode, more than {most}."


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
