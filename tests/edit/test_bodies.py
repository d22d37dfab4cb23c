"""Bodies: who fills the image is told from who fills part of it, from looks elsewhere, and from plain walls."""

import cv2
import numpy as np
import pytest

from headturn.edit import bodies, covers
from headturn.edit.bodies import Suspect
from headturn.edit.look import Glance
from makers import lens, look_over, looking, panorama, view

RATE = 30.0
TIMES = np.arange(90) / RATE
THROUGH, WORLD = lens(320, 180, 80), panorama(1)
HIDDEN = range(40, 50)


def coat(image, share):
    """Cloth with some folds before the left part of the image."""
    cloth = np.full_like(image, (90, 40, 35))
    for fold in range(0, image.shape[1], 60):
        cv2.line(cloth, (fold, 0), (fold + 25, image.shape[0]), (120, 60, 50), 3)
    width = round(share * image.shape[1])
    return np.concatenate([cloth[:, :width], image[:, width:]], axis=1)


def filmed(way, share):
    """Images (frames, h, w, 3) along a path, with a coat before the camera for a while."""
    images = [view(WORLD, THROUGH, turned) for turned in way]
    return [coat(image, share) if frame in HIDDEN else image for frame, image in enumerate(images)]


def found(images, way):
    """Frames that are covered, as the lab asks."""
    small = [cv2.resize(image[..., 1], (160, 90), interpolation=cv2.INTER_AREA) for image in images]
    flat = np.array([covers.measured(each, THROUGH.resized(160, 90)).flat for each in small])
    seen = np.stack([bodies.coarse(each) for each in small])
    suspects = bodies.suspects(np.arange(len(images)), seen, flat, TIMES, way)

    def views(frames):
        return {frame: Glance(images[frame], THROUGH) for frame in frames}

    return [frames for each in suspects if (frames := bodies.covered(each, views, RATE))]


def test_who_fills_the_image_is_found_where_he_does():
    way = looking(0.02 * np.sin(3 * TIMES))
    (frames,) = set(found(filmed(way, 1.0), way))
    assert frames == HIDDEN


@pytest.mark.parametrize("share", [0.4, 0.7])
def test_who_leaves_some_of_the_place_to_be_seen_is_no_cover(share):
    way = looking(np.zeros(90))
    assert not found(filmed(way, share), way)


def test_a_look_elsewhere_and_back_is_none():
    yaw = look_over(TIMES, 1.1, 0.4, 70) - look_over(TIMES, 1.8, 0.4, 70)
    way = looking(yaw)
    plain = [
        coat(image, 1.0) if np.degrees(turn) > 60 else image for image, turn in zip(filmed(way, 0), yaw, strict=True)
    ]
    assert not found(plain, way)


def test_what_never_shows_the_place_again_is_none():
    """Before and after it there are two places: nobody knows whether the camera was covered or taken elsewhere."""
    way = looking(np.zeros(90))
    images = filmed(way, 1.0)
    elsewhere = view(panorama(2), THROUGH, way[0])
    assert not found([*images[:50], *[elsewhere] * 40], way)


def test_takes_too_short_to_tell_have_none():
    way = looking(np.zeros(3))
    images = [coat(view(WORLD, THROUGH, way[0]), 1.0)] * 3
    assert not found(images, way)
    assert not bodies.covered(Suspect(1, 0, 2), lambda frames: {}, RATE)
