"""The words and signs in which a join is told, the same in a terminal and on a page. Loads nothing."""

from headturn.edit.cut import Blend, Hiding, Seam, Verdict

VERDICT_SIGN: dict[Verdict, str] = {"seamless": "●", "workable": "◆", "visible": "✕"}
"""Beside the word, so that a verdict is known without its colour."""
STYLE: dict[Verdict, str] = {"seamless": "green", "workable": "yellow", "visible": "red"}
"""Of the word in a terminal."""
HIDDEN_BY: dict[Hiding, str] = {
    "turn": "a head turn",
    "occluder": "something that fills the image",
    "darkness": "darkness",
    "flash": "a flash",
    "rest": "a matched rest",
    "nothing": "nothing",
}
BLENDED: dict[Blend, str] = {
    "morph": "morphed along the motion",
    "wipe": "wiped with the motion",
    "dissolve": "mixed",
    "cut": "cut at once",
}


def percent(share: float) -> str:
    """A share from 0 to 1 as people read it: "8 %"; what is not quite nothing or all is not called so."""
    if 0 < share < 0.005:
        return "below 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def blended(seam: Seam) -> str:
    """How one take gives way to the other, in words: "morphed along the motion over 6 frames"."""
    if seam.blend == "cut" or not seam.overlap_frames:
        return BLENDED["cut"]
    return f"{BLENDED[seam.blend]} over {seam.overlap_frames} frames"
