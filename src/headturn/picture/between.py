"""Pictures between two frames of a take: for films that do not run at its rate.

The nearer of the two is carried to the moment: by what the head turned, which is most of it, and by its share of the
flow that is left (what is near streams by, people move). The other one is seen only where the first has nothing to
show, at the border that the turn bares: mixed all over they would be softer than the frames beside them.
"""

from dataclasses import replace

import cv2
import numpy as np

from headturn.camera.lens import Lens
from headturn.picture import seams
from headturn.rotation import Floats


def pictured(near: seams.Picture, beyond: seams.Picture, lens: Lens, turns: Floats, share: float) -> seams.Picture:
    """The picture (h, w, 3), in linear light, of a moment that lies `share` of the way from one frame to the other.

    near, beyond: both frames in linear light; lens: for their pixels
    turns (2, 4): what carries each one's image to the moment, see `head.moments.Moments`
    """
    height, width = near.shape[:2]
    a = seams.Shot(near, lens, turns[0], zoom=1.0, gain=np.ones(3))
    b = replace(a, picture=beyond, film_from_image=turns[1])
    flow = seams.flow_at(seams.flows(a, b, calmed=False), share, (width, height))
    shown, inside = seams.seen(a, flow * np.float32(share), feather=seams.NARROW)
    if (inside == 1).all():
        return shown
    other, there = seams.seen(b, flow * np.float32(share - 1), cv2.INTER_LINEAR)  # a strip of it is all that is seen
    return seams.mixed(shown, inside, other, there, np.float32(0))
