"""What a camera makes of light: exposure that lags, white balance that drifts, vignetting, dirt, noise, tone."""

import math
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headturn.backlot.raycast import _compiled
from headturn.backlot.textures import fbm
from headturn.backlot.world import THREADS, Picture
from headturn.camera.lens import Lens
from headturn.camera.light import codes_from_linear
from headturn.rotation import Floats

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TONE_STEPS = 4096
_TONE_TOP = 6.0
"""Light that the tone curve still tells apart: two and a half stops above white."""
_SHOULDER = 0.62
"""From here on highlights are compressed, as cameras do, so that windows keep some of their view."""


@dataclass(frozen=True)
class AutoExposure:
    """key: mean of the picture that the camera aims at, where 1 is white; lag_s: time constant.

    The gain is about 1 in a bright room; bias_stops: how far the take is off, on top of it.
    """

    key: float = 0.23
    lag_s: float = 0.45
    least_gain: float = 0.05
    most_gain: float = 16.0
    bias_stops: float = 0.0


@dataclass(frozen=True)
class WhiteBalance:
    """Gains of red and blue against green as shares, and how fast they drift, per second."""

    red: float = 0.0
    blue: float = 0.0
    drift_red_per_s: float = 0.0
    drift_blue_per_s: float = 0.0


@dataclass(frozen=True)
class Noise:
    """At gain 1: shot noise as variance per unit of light, read noise as a share of white; both grow with gain."""

    shot: float = 0.00010
    read: float = 0.0012


@dataclass(frozen=True)
class Optics:
    """vignetting: stops lost in the corners; saturation: of the camera's colours; dirt: 0 clean to 1 smeared."""

    vignetting_stops: float = 0.55
    saturation: float = 1.0
    dirt: float = 0.0


class Sensor:
    """Turns linear pictures into 8-bit RGB, one after another; remembers its exposure."""

    def __init__(
        self,
        lens: Lens,
        exposure: AutoExposure,
        balance: WhiteBalance,
        noise: Noise,
        optics: Optics,
        seed: int,
        threads: Executor,
    ) -> None:
        self.exposure, self.balance, self.noise, self.optics, self.seed = exposure, balance, noise, optics, seed
        self.threads = threads
        self.gain: float | None = None
        self.shade = _shade(lens, optics, seed)
        self.tone = _tone()
        self.out = np.zeros((lens.height, lens.width, 3), np.uint8)

    def meter(self, picture: Picture, step_s: float) -> float:
        """The gain for this picture: the last one's, on its way to what the metered mean asks for."""
        spots = picture[::8, ::8] @ _LUMA
        spots = spots[spots > 0]
        limits = self.exposure.least_gain, self.exposure.most_gain
        settle = self.gain is None
        gain = 1.0 if self.gain is None else self.gain
        for _ in range(12 if settle else 1):
            seen = float(np.mean(np.minimum(spots * gain, 1.3))) if len(spots) else self.exposure.key
            wanted = math.log2(self.exposure.key / max(seen, 1e-4)) * 1.2
            share = 0.7 if settle else 1 - math.exp(-step_s / self.exposure.lag_s)
            gain = float(np.clip(gain * 2 ** (share * wanted), *limits))
        self.gain = gain
        return gain * 2**self.exposure.bias_stops

    def develop(self, picture: Picture, gain: float, time_s: float, number: int) -> NDArray[np.uint8]:
        """The 8-bit picture (h, w, 3); the array is used again for the next."""
        balance = self.balance
        gains = np.array(
            [
                gain * (1 + balance.red + balance.drift_red_per_s * time_s),
                gain,
                gain * (1 + balance.blue + balance.drift_blue_per_s * time_s),
            ]
        )
        veil = float(picture[::16, ::16].mean()) * gain
        height = picture.shape[0]
        step = -(-height // (2 * THREADS))

        def band(top: int) -> None:
            stop = min(top + step, height)
            noise = self.noise
            key = np.uint64((self.seed * 1_000_003 + number) & 0xFFFFFFFF)
            develop(
                picture,
                self.shade,
                gains,
                veil,
                noise.shot * gain,
                noise.read * gain,
                self.optics.saturation,
                key,
                self.tone,
                top,
                stop,
                self.out,
            )

        list(self.threads.map(band, range(0, height, step)))
        return self.out


def _shade(lens: Lens, optics: Optics, seed: int) -> Floats:
    """What reaches each pixel (h, w, 2) float32: share of the light, share of the veil that dirt scatters."""
    y, x = np.mgrid[: lens.height, : lens.width].astype(np.float32)
    centre = lens.centre_px
    edge = lens.circle_px or math.hypot(lens.width, lens.height) / 2
    square = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / edge**2
    fall = 2 ** (optics.vignetting_stops / 2) - 1
    share = 1 / (1 + fall * square) ** 2
    veil = np.zeros_like(share)
    if optics.dirt > 0:
        rng = np.random.default_rng([seed, 3])
        smear = np.clip(0.5 + 0.45 * fbm(rng, 1024, (4, 4), 4), 0, 1)
        spots = np.clip(fbm(rng, 1024, (16, 16), 2) - 1.5, 0, 0.6)
        pick = np.ix_((np.arange(lens.height) * 1024) // lens.height, (np.arange(lens.width) * 1024) // lens.width)
        dirt = optics.dirt * np.clip(0.35 * smear + spots, 0, 0.8)[pick]
        share, veil = share * (1 - 0.5 * dirt), dirt * 0.9
    if lens.circle_px is not None:
        rim = np.clip((edge - np.sqrt(square) * edge) / 2, 0, 1)
        share, veil = share * rim, veil * rim
    return np.stack([share, veil], axis=2).astype(np.float32)


def _tone() -> NDArray[np.uint8]:
    """8-bit codes by the square root of light: BT.709 with a soft shoulder."""
    light = (np.linspace(0, 1, _TONE_STEPS) ** 2 * _TONE_TOP).astype(np.float32)
    over = np.maximum(light - _SHOULDER, 0)
    room = 1 - _SHOULDER
    soft = np.where(light > _SHOULDER, _SHOULDER + room * (1 - np.exp(-over / room)), light)
    return np.asarray(codes_from_linear(soft.astype(np.float32)), np.uint8)


@_compiled
def develop(picture, shade, gains, veil, shot, read, saturation, key, tone, top, stop, out):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, PLR0913
    """Rows top to stop of a linear picture as 8-bit codes. key: of the noise, 32 bits."""
    scale = (_TONE_STEPS - 1) / math.sqrt(_TONE_TOP)
    for row in range(top, stop):
        state = (key * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(row + 1) * np.uint64(0xD1B54A32D192ED03))
        for column in range(picture.shape[1]):
            share, scatter = shade[row, column, 0], shade[row, column, 1] * veil
            red = picture[row, column, 0] * gains[0]
            green = picture[row, column, 1] * gains[1]
            blue = picture[row, column, 2] * gains[2]
            grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue
            for c in range(3):
                value = red if c == 0 else green if c == 1 else blue
                value = (grey + saturation * (value - grey)) * share + scatter
                state ^= state >> np.uint64(12)
                state ^= state << np.uint64(25)
                state ^= state >> np.uint64(27)
                draw = state * np.uint64(0x2545F4914F6CDD1D)
                total = (
                    float(draw & np.uint64(0xFFFF))
                    + float((draw >> np.uint64(16)) & np.uint64(0xFFFF))
                    + float((draw >> np.uint64(32)) & np.uint64(0xFFFF))
                    + float(draw >> np.uint64(48))
                )
                normal = (total - 131070.0) * (1.0 / 37836.0)  # four uniform draws: sd 65536 / sqrt(3)
                value += normal * math.sqrt(max(value, 0.0) * shot + read * read)
                index = int(math.sqrt(max(value, 0.0)) * scale + 0.5)
                out[row, column, c] = tone[min(index, _TONE_STEPS - 1)]
