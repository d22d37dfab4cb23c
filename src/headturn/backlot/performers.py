"""Performers: a script says where the hero goes and what he looks at; a performer plays it, each time a little
differently; a performance is the exact motion that came of it.

World axes: metres, z up. Heading is counted from +x towards +y, so that a turn to the right lowers it.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from headturn.rotation import Floats, compose, from_matrix, inverse, to_vector

GRAVITY_M_S2 = 9.80665
_STEP_S = 1 / 250
"""The motion is a spline through points this far apart: far above anything a head does."""
_MARGIN_S = 1.0
_BODY_LAG_S = 0.16
"""A body rounds its corners: the path is smoothed by a bell of this width."""
_DIFFERENCE_S = 2e-4
_LEAST_REST_S = 0.12
"""Pause between two turns that a nervous performer still makes."""


@dataclass(frozen=True)
class Look:
    """A turn of the head: when it begins, which way it then looks, how long it takes. Heading is not wrapped."""

    at_s: float
    heading_rad: float
    pitch_rad: float
    duration_s: float


@dataclass(frozen=True)
class Walk:
    """Somebody on his way: times (s) and points (x, y) in metres."""

    times_s: tuple[float, ...]
    points_m: tuple[tuple[float, float], ...]

    def shifted(self, by_s: float) -> "Walk":
        """The same, later."""
        return replace(self, times_s=tuple(time + by_s for time in self.times_s))


@dataclass(frozen=True)
class Script:
    """What happens in a shot of `duration_s`, on the shot's own clock; it may know what came before and comes after.

    heading_rad, pitch_rad: where the hero looks before the first look; passers: people who walk by
    """

    duration_s: float
    walk: Walk
    heading_rad: float
    pitch_rad: float
    looks: tuple[Look, ...]
    passers: tuple[Walk, ...] = ()
    eyes_m: float = 1.66

    def window(self, start_s: float, stop_s: float) -> "Script":
        """The part of it from `start_s` to `stop_s`, as a script of its own."""
        return replace(
            self,
            duration_s=stop_s - start_s,
            walk=self.walk.shifted(-start_s),
            looks=tuple(replace(look, at_s=look.at_s - start_s) for look in self.looks),
            passers=tuple(walk.shifted(-start_s) for walk in self.passers),
        )


@dataclass(frozen=True)
class Performer:
    """How differently takes turn out: standard deviations, as measured on people who repeat one scene.

    timing_s: of each turn, as a random walk; amplitude, duration: shares of a turn's size and length
    start_m: of the place; heading_rad: of the direction; step_hz, bob_m: gait
    """

    timing_s: float = 0.13
    amplitude: float = 0.06
    duration: float = 0.12
    start_m: float = 0.10
    heading_rad: float = float(np.radians(2.0))
    step_hz: float = 1.87
    step_hz_sd: float = 0.05
    bob_m: float = 0.021
    sway_m: float = 0.014
    jitter_rad: float = float(np.radians(0.22))

    def play(self, script: Script, seed: int) -> "Performance":
        """One performance of a script; the same seed gives the same one."""
        rng = np.random.default_rng([seed, 2015])
        times = np.arange(-_MARGIN_S, script.duration_s + _MARGIN_S + _STEP_S, _STEP_S)
        looks = self._looks(script, rng)
        position, moving = self._path(script, looks, times, rng)
        yaw, pitch = _gaze(script, looks, times)
        roll = np.zeros_like(times)
        frequency = self.step_hz + self.step_hz_sd * rng.standard_normal()
        phase = rng.random() + np.cumsum(frequency * (0.75 + 0.25 * moving)) * _STEP_S
        wave, half = 2 * np.pi * phase, np.pi * phase
        side = np.column_stack([np.sin(yaw), -np.cos(yaw)])
        position[:, :2] += (self.sway_m * moving * np.sin(half))[:, None] * side
        position[:, 2] += self.bob_m * moving * np.cos(wave)
        yaw = yaw + moving * np.radians(0.55) * np.sin(half + 0.4)
        pitch = pitch - moving * np.radians(0.40) * np.cos(wave - 0.5)
        roll = roll + moving * np.radians(0.55) * np.sin(half - 0.3)
        shaken = [angle + self.jitter_rad * _wander(times, rng) for angle in (yaw, pitch, roll)]
        position += 0.004 * np.column_stack([_wander(times, rng, 0.9) for _ in range(3)])
        falls = np.flatnonzero((np.diff(np.floor(phase + 0.5)) > 0) & (moving[1:] > 0.35))
        passers = tuple(walk.shifted(self.timing_s * rng.standard_normal()) for walk in script.passers)
        spline = CubicSpline(times, np.column_stack([position, *shaken]))
        return Performance(script.duration_s, spline, times[falls], passers)

    def _looks(self, script: Script, rng: np.random.Generator) -> list[Look]:
        """The looks as played: later or sooner, further or less far, quicker or slower."""
        played: list[Look] = []
        lateness, before = 0.0, (script.heading_rad, script.pitch_rad)
        aside = self.heading_rad * rng.standard_normal()
        for look in script.looks:
            draw = rng.standard_normal(3)
            share, length = (
                self.amplitude * draw[1],
                look.duration_s * (1 + self.duration * float(np.clip(draw[2], -2, 2))),
            )
            lateness += self.timing_s * draw[0] if look.at_s >= 0 else 0.0
            at = look.at_s + lateness
            if played and at < (end := played[-1].at_s + played[-1].duration_s + _LEAST_REST_S):
                at, lateness = end, end - look.at_s
            heading = look.heading_rad + share * (look.heading_rad - before[0]) + aside
            pitch = look.pitch_rad + share * (look.pitch_rad - before[1])
            played.append(Look(at, heading, pitch, length))
            before = look.heading_rad, look.pitch_rad
        return played

    def _path(
        self, script: Script, looks: list[Look], times: Floats, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Where the eyes would be without a gait (n, 3), and how much the hero walks (n,), 0 to 1."""
        planned = [-1e3, *(look.at_s for look in script.looks), 1e3]
        played = [-1e3, *(look.at_s for look in looks), 1e3]
        when = np.maximum.accumulate(np.interp(script.walk.times_s, planned, played))
        points = np.array(script.walk.points_m)
        flat = np.column_stack([np.interp(times, when, points[:, axis]) for axis in (0, 1)])
        start = self.start_m * rng.standard_normal(2)
        flat += start * np.exp(-np.maximum(times, 0) / 5)[:, None]
        flat = gaussian_filter1d(flat, _BODY_LAG_S / _STEP_S, axis=0, mode="nearest")
        speed = np.linalg.norm(np.gradient(flat, _STEP_S, axis=0), axis=1)
        moving = gaussian_filter1d(np.clip(speed / 1.1, 0, 1.2), 0.10 / _STEP_S, mode="nearest")
        height = np.full(len(times), script.eyes_m) + 0.008 * rng.standard_normal()
        return np.column_stack([flat, height]), moving


@dataclass(frozen=True, eq=False)
class Performance:
    """The exact motion of the hero's eyes, at any time of `-1 s` to `duration_s + 1 s`.

    spline: x, y, z (m), yaw, pitch, roll (rad); steps_s: when his feet come down; passers: who walks by
    """

    duration_s: float
    spline: CubicSpline
    steps_s: Floats
    passers: tuple[Walk, ...]

    def matrices(self, times_s: Floats) -> tuple[Floats, Floats]:
        """Positions (n, 3) in metres and world_from_camera as matrices (n, 3, 3)."""
        values = self.spline(np.clip(times_s, self.spline.x[0], self.spline.x[-1]))
        yaw, pitch, roll = values[:, 3], values[:, 4], values[:, 5]
        forward = np.stack([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)], axis=1)
        right = np.stack([np.sin(yaw), -np.cos(yaw), np.zeros_like(yaw)], axis=1)
        down = np.cross(forward, right)
        c, s = np.cos(roll)[:, None], np.sin(roll)[:, None]
        return values[:, :3], np.stack([c * right + s * down, c * down - s * right, forward], axis=2)

    def pose(self, times_s: Floats) -> tuple[Floats, Floats]:
        """Positions (n, 3) in world metres, z up, and orientations world_from_camera (n, 4)."""
        positions, turns = self.matrices(np.asarray(times_s, np.float64))
        return positions, from_matrix(turns)

    def angular_velocity(self, times_s: Floats) -> Floats:
        """(n, 3) rad/s in camera axes, by differences over `2 * _DIFFERENCE_S` of the exact orientation."""
        times = np.asarray(times_s, np.float64)
        before, after = self.pose(times - _DIFFERENCE_S)[1], self.pose(times + _DIFFERENCE_S)[1]
        return np.asarray(to_vector(compose(inverse(before), after)) / (2 * _DIFFERENCE_S), np.float64)

    def specific_force(self, times_s: Floats) -> Floats:
        """(n, 3) m/s² in camera axes: acceleration less gravity, what an accelerometer feels."""
        times = np.asarray(times_s, np.float64)
        acceleration = self._acceleration(np.clip(times, self.spline.x[0], self.spline.x[-1]))[:, :3]
        return np.asarray(
            np.einsum("nij,ni->nj", self.matrices(times)[1], acceleration + np.array((0.0, 0.0, GRAVITY_M_S2))),
            np.float64,
        )

    @cached_property
    def _acceleration(self) -> CubicSpline:
        return self.spline.derivative(2)


def _gaze(script: Script, looks: list[Look], times: Floats) -> tuple[Floats, Floats]:
    """Yaw and pitch (n,): minimum-jerk turns, with the small dip of the chin that turns have."""
    yaw, pitch = np.full(len(times), script.heading_rad), np.full(len(times), script.pitch_rad)
    before = script.heading_rad, script.pitch_rad
    for look in looks:
        share = np.clip((times - look.at_s) / look.duration_s, 0, 1)
        risen = share**3 * (10 - 15 * share + 6 * share**2)
        size = look.heading_rad - before[0]
        yaw += size * risen
        pitch += (look.pitch_rad - before[1]) * risen - 0.05 * abs(size) * 16 * (share * (1 - share)) ** 2
        before = look.heading_rad, look.pitch_rad
    return yaw, pitch


def _wander(times: Floats, rng: np.random.Generator, fastest_hz: float = 3.5) -> Floats:
    """A smooth random curve (n,) of standard deviation 1, without anything faster than `fastest_hz`."""
    frequencies = rng.uniform(0.15, fastest_hz, 9)
    weights = 1 / np.sqrt(0.5 + frequencies)
    weights *= np.sqrt(2 / np.sum(weights**2))
    phases = rng.uniform(0, 2 * np.pi, 9)
    return np.asarray(np.sin(2 * np.pi * np.outer(times, frequencies) + phases) @ weights, np.float64)
