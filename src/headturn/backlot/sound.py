"""What is heard on the backlot: footsteps when a foot comes down, the tone of each room, the yard's wind and birds."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfilt_zi

from headturn.backlot.performers import Performance
from headturn.backlot.world import World, rooms_of
from headturn.rotation import Floats

RATE_HZ = 48000
_STEP_S = 0.22
_TONE_LEVEL = 0.012
_WIND_LEVEL = 0.03
_BIRDS_PER_S = 0.7


def ambience(
    world: World, performance: Performance, start_s: float, duration_s: float, seed: int
) -> Iterator[NDArray[np.float32]]:
    """Blocks (n, 2) of a second or less, from `start_s` of the performance on; `seed` is the take's own."""
    rng = np.random.default_rng([seed, 8])
    low = butter(2, [60, 400], "bandpass", fs=RATE_HZ, output="sos")
    state = np.zeros((*sosfilt_zi(low).shape, 2))
    steps = [(float(time), _footstep(world, performance, float(time), rng)) for time in performance.steps_s]
    birds = [
        (float(time), _bird(rng))
        for time in np.sort(rng.uniform(start_s, start_s + duration_s, round(_BIRDS_PER_S * duration_s)))
    ]
    total = round(duration_s * RATE_HZ)
    for first in range(0, total, RATE_HZ):
        count = min(RATE_HZ, total - first)
        clock = start_s + first / RATE_HZ
        noise, state = sosfilt(low, rng.standard_normal((count, 2)), axis=0, zi=state)
        outdoors = np.interp(
            np.arange(count), [0, count], _outdoors(world, performance, np.array([clock, clock + count / RATE_HZ]))
        )
        hum = np.sin(2 * np.pi * 100 * (clock + np.arange(count) / RATE_HZ))[:, None]
        block = noise * (_TONE_LEVEL + (_WIND_LEVEL - _TONE_LEVEL) * outdoors[:, None]) * 3
        block += 0.002 * hum * (1 - outdoors[:, None])
        for time, sound in steps:
            _add(block, sound, time - clock)
        for time, sound in birds:
            _add(block, sound * (0.08 + 0.92 * float(outdoors.mean())), time - clock)
        yield np.clip(block, -1, 1).astype(np.float32)


def _outdoors(world: World, performance: Performance, times: Floats) -> Floats:
    rooms = rooms_of(world, performance.matrices(times)[0])
    return np.where(rooms >= 0, world.scene.room_outdoor[rooms], 0).astype(np.float64)


def _add(block: Floats, sound: Floats, at_s: float) -> None:
    """Mix a short sound (m, 2) into a block where they overlap."""
    first = round(at_s * RATE_HZ)
    a, b = max(first, 0), min(first + len(sound), len(block))
    if a < b:
        block[a:b] += sound[a - first : b - first]


def _footstep(world: World, performance: Performance, time: float, rng: np.random.Generator) -> Floats:
    """Heel and sole, duller on wood, brighter on stone, dry outdoors (m, 2)."""
    clock = np.arange(round(_STEP_S * RATE_HZ)) / RATE_HZ
    outdoors = bool(_outdoors(world, performance, np.array([time]))[0])
    thump = np.sin(2 * np.pi * rng.uniform(75, 105) * clock) * np.exp(-clock / 0.035)
    grit = sosfilt(
        butter(2, [500, 4500] if outdoors else [250, 2200], "bandpass", fs=RATE_HZ, output="sos"),
        rng.standard_normal(len(clock)),
    )
    sole = grit * (np.exp(-clock / 0.012) + 0.5 * np.exp(-(((clock - 0.09) / 0.02) ** 2)))
    level = rng.uniform(0.8, 1.2) * (0.16 if outdoors else 0.22)
    mono = level * (thump * 0.9 + sole * 0.9) * np.minimum(clock / 0.001, 1)
    side = 0.12 * (1 if rng.random() < 0.5 else -1)
    return np.column_stack([mono * (1 - side), mono * (1 + side)])


def _bird(rng: np.random.Generator) -> Floats:
    """A short chirp (m, 2)."""
    clock = np.arange(round(0.18 * RATE_HZ)) / RATE_HZ
    pitch = rng.uniform(2600, 4200)
    sweep = pitch * clock + rng.uniform(-5000, 5000) * clock**2 / 2 + 2.5 * np.sin(2 * np.pi * 28 * clock)
    mono = 0.03 * np.sin(2 * np.pi * sweep) * np.sin(np.pi * clock / clock[-1]) ** 2
    pan = rng.uniform(0.2, 0.8)
    return np.column_stack([mono * (1 - pan), mono * pan])
