"""How the numbers of an image are to be read, and how they become BT.709.

Matrices and ranges are swscale's. Images in another transfer curve or with wider primaries (HLG, PQ, BT.2020, P3) go
through the colour management of FFmpeg's `scale` filter first: Recommendation ITU-R BT.2100's curves, tone-mapped
perceptually to a BT.709 white, so that highlights stay apart instead of being clipped.
"""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

import av
from av.filter import Graph

from headturn.camera.take import Colour
from headturn.errors import CannotRead

FULL, LIMITED = 2, 1
"""FFmpeg's numbers for the range of an image (AVColorRange)."""
BT709: Final = 1
"""FFmpeg's number for BT.709, as matrix, primaries and transfer."""

MATRICES = {
    "bt709": 1,
    "fcc": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "bt2020nc": 9,
    "bt2020c": 10,
    "gbr": 0,
}
"""FFmpeg's names and numbers (AVColorSpace) of the matrices that can be converted."""
PRIMARIES = {
    "bt709": 1,
    "bt470m": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "film": 8,
    "bt2020": 9,
    "smpte431": 11,
    "smpte432": 12,
    "ebu3213": 22,
}
TRANSFERS = {
    "bt709": 1,
    "gamma22": 4,
    "gamma28": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "linear": 8,
    "iec61966-2-4": 11,
    "bt1361e": 12,
    "iec61966-2-1": 13,
    "bt2020-10": 14,
    "bt2020-12": 15,
    "smpte2084": 16,
    "arib-std-b67": 18,
}
_SCALER_MATRICES = {"bt709": 1, "fcc": 4, "smpte240m": 7, "bt2020nc": 9, "bt2020c": 9}
"""swscale's own numbers; BT.601 (5) for all others."""
_SCALER_BT601 = 5

_HDR = {"arib-std-b67": "HLG", "smpte2084": "PQ"}
_WIDE = {"bt2020": "BT.2020", "smpte431": "DCI-P3", "smpte432": "Display P3"}
_LINES_OF_HD = 720
"""Untagged images from this height are BT.709, smaller ones BT.601: what players and editors assume."""
_GRAPHS_KEPT = 4
"""Converters of wide colour per thread; each costs about 5 CPU seconds to set up, and some megabytes."""


def describe(frame: av.VideoFrame, path: Path) -> Colour:
    """The colour of a decoded frame; what its tags do not say is assumed, and said.

    Raises:
        CannotRead: colour that cannot be converted.
    """
    name = frame.format.name
    rgb = bool(frame.format.is_rgb)
    full = frame.color_range == FULL or name.startswith("yuvj") or rgb
    missing = []
    matrix = _named(MATRICES, frame.colorspace)
    if rgb:
        matrix = "gbr"
    elif matrix == "gbr" or frame.colorspace in (2, 3):  # RGB is no matrix of a YUV image; 2 and 3 say nothing
        matrix = "bt709" if max(frame.height, frame.width * 9 // 16) >= _LINES_OF_HD else "smpte170m"
        missing.append("BT.709" if matrix == "bt709" else "BT.601")
    elif not matrix:
        raise CannotRead(path, f"has a colour matrix (number {frame.colorspace}) that cannot be converted", _CURE)
    if not full and frame.color_range != LIMITED:
        missing.append("limited range")
    transfer, primaries = _named(TRANSFERS, frame.color_trc), _named(PRIMARIES, frame.color_primaries)
    if frame.color_trc not in (0, 2, 3) and not transfer:
        raise CannotRead(path, f"has a tone curve (number {frame.color_trc}) that cannot be converted", _CURE)
    if not primaries:
        primaries = "bt2020" if transfer in _HDR or matrix.startswith("bt2020") else "bt709"
    assumed = f"The colour is not (fully) tagged: read as {', '.join(missing)}." if missing else ""
    bits = max(component.bits for component in frame.format.components)
    return Colour(matrix, primaries, transfer or "bt709", full, bits, assumed)


_CURE = "convert it to BT.709 first"


def conversion(colour: Colour) -> str:
    """What is done to the colour on the way to BT.709, as a sentence; empty where nothing but matrix and range is."""
    what = [_HDR[colour.transfer]] if colour.transfer in _HDR else []
    what += [f"{_WIDE[colour.primaries]} colour"] if colour.primaries in _WIDE else []
    return f"Converted from {' in '.join(what)} to BT.709 (perceptual tone mapping)." if what else ""


def scaler_matrix(colour: Colour) -> int:
    """swscale's number for the matrix of a colour."""
    return _SCALER_MATRICES.get(colour.matrix, _SCALER_BT601)


class _Graphs(threading.local):
    def __init__(self) -> None:
        self.ready: OrderedDict[tuple[object, ...], Graph] = OrderedDict()


_graphs = _Graphs()


def to_bt709(frame: av.VideoFrame, colour: Colour) -> av.VideoFrame:
    """A frame of HDR or wide colour as full-range BT.709 in 16-bit RGB, at the same size."""
    frame.colorspace = 9 if colour.matrix == "bt2020c" else MATRICES[colour.matrix]
    frame.color_range = FULL if colour.full_range else LIMITED
    frame.color_primaries = PRIMARIES[colour.primaries]
    frame.color_trc = TRANSFERS[colour.transfer]
    key = (frame.width, frame.height, frame.format.name, colour)
    graph = _graphs.ready.pop(key, None) or _graph(frame)
    _graphs.ready[key] = graph
    while len(_graphs.ready) > _GRAPHS_KEPT:
        _graphs.ready.popitem(last=False)
    graph.push(frame)
    converted = graph.pull()
    assert isinstance(converted, av.VideoFrame)
    return converted


def _graph(frame: av.VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add(
        "buffer",
        f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/1000"
        f":colorspace={frame.colorspace}:range={frame.color_range}",
    )
    scale = graph.add(
        "scale",
        "out_transfer=bt709:out_primaries=bt709:out_color_matrix=bt709:out_range=pc:intent=perceptual"
        ":flags=bicubic+accurate_rnd+full_chroma_int",
    )
    form = graph.add("format", "rgb48le")
    sink = graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(form)
    form.link_to(sink)
    graph.configure()
    return graph


def _named(names: dict[str, int], number: int) -> str:
    return next((name for name, value in names.items() if value == number), "")
