"""Pictures and sound, read and written. The only room of the house that touches PyAV.

probe       what a recording is                frame_times   when each of its frames is shown
frames      its frames, decoded                sound         its sound, on the same clock
probe_sound, recorded       the same of a sound recorder's file
image_circle  is it a circle in black corners? PictureWriter, join_parts   a film, written in parts and joined
CutScorer   how likely a cut lies before each image
"""

from headturn.camera.media.circle import image_circle
from headturn.camera.media.cuts import CutScorer
from headturn.camera.media.frames import Frame, Layout, Pixels, covering, frames, frames_at, key_frames
from headturn.camera.media.hear import recorded, sound
from headturn.camera.media.probe import probe, probe_sound
from headturn.camera.media.times import frame_times, key_numbers
from headturn.camera.media.write import Codec, PictureWriter, join_parts

__all__ = [
    "Codec",
    "CutScorer",
    "Frame",
    "Layout",
    "PictureWriter",
    "Pixels",
    "covering",
    "frame_times",
    "frames",
    "frames_at",
    "image_circle",
    "join_parts",
    "key_frames",
    "key_numbers",
    "probe",
    "probe_sound",
    "recorded",
    "sound",
]
