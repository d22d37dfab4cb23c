"""Lens: pixel to ray and back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lens:
    """Stand-in: see the lens contract."""

    width: int
    height: int
