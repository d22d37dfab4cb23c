"""What `headturn days --json` must say of a simulated shoot, counted from its script alone."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from benchmarks.ledger import table
from benchmarks.shoot_script import BINNED, Recording, Shoot, Take

CLOSE = 1e-9
"""Both add exact fractions, and tell them as floats."""
LOST = "technical"
"""Why the A camera's recording of a take is in the bin whose B camera stands for it."""


def figures(shoot: Shoot, day: int, shown: Mapping[str, Fraction]) -> dict[str, Any]:
    """The days as they stand when a day is over. shown: seconds of each take in the cut, by slate."""
    count = _Count(shoot, day, shown)
    days = sorted({take.day for take in count.takes})
    dated = [[take for take in count.takes if take.day == each] for each in days]
    planned = {shot: (sequence, block) for shot, sequence, block in shoot.planned}
    parts: dict[str, list[dict[str, Any]]] = {}
    for column, heading in enumerate(("sequences", "blocks")):
        parts[heading] = []
        for name in dict.fromkeys(each[column + 1] for each in shoot.planned):
            if heading == "blocks":  # a day is of one block, whatever else is shot on it
                own = [take for take in count.takes if f"block {1 + shoot.block_of(take.day)}" == name]
            else:
                own = [take for take in count.takes if planned[take.shot][column] == name]
            missing = [shot for shot in count.missing if planned[shot][column] == name]
            parts[heading].append(
                {"name": name, "days": sorted({take.day for take in own}), "missing": missing} | count.tally(own)
            )
    return {
        "days": [
            {
                "day": each,
                "date": shoot.dates[each - 1].isoformat(),
                "block": f"block {1 + shoot.block_of(each)}",
                "first": own[0].begins.isoformat(),
                "last": own[-1].begins.isoformat(),
            }
            | count.tally(own)
            for each, own in zip(days, dated, strict=True)
        ],
        **parts,
        "total": count.tally(count.takes),
        "missing": count.missing,
        "pace": {"matched_a_day": [len(count.tally(own)["matched"]) for own in dated]} if count.stands else None,
    }


class _Count:
    """Counts takes as they stand when a day is over."""

    def __init__(self, shoot: Shoot, day: int, shown: Mapping[str, Fraction]) -> None:
        self.day, self.shown = day, shown
        self.takes = [take for take in shoot.takes if take.day <= day]
        self.recordings = [each for each in shoot.recordings() if each.take.day <= day]
        self.stands = {take.shot: take for take in self.takes if take.kind_on(day) == "good"}
        self.missing = [shot for shot, *_ in shoot.planned if shot not in self.stands]

    def tally(self, takes: Sequence[Take]) -> dict[str, Any]:
        """What some takes add up to."""
        meant = [take for take in takes if take.kind != "rehearsal"]
        matched = [take.shot for take in meant if self.stands.get(take.shot) == take]
        binned: dict[str, int] = {}
        binned_s: dict[str, Fraction] = {}
        cameras_s: dict[str, Fraction] = {}
        for take in meant:
            if why := self._why(take):
                binned[why] = binned.get(why, 0) + 1
        for each in self.recordings:
            if each.take in meant:
                cameras_s[each.camera] = cameras_s.get(each.camera, Fraction(0)) + each.duration
                if why := self._why_recording(each):
                    binned_s[why] = binned_s.get(why, Fraction(0)) + each.duration
        shot_s = sum(cameras_s.values(), Fraction(0))
        used_s = sum((self.shown.get(take.name, Fraction(0)) for take in meant), Fraction(0))
        takes_of_matched = [take for take in self.takes if take.shot in matched and take.kind != "rehearsal"]
        return {
            "takes": len(meant),
            "rehearsals": len(takes) - len(meant),
            "circled": sum(take.kind_on(self.day) == "good" for take in meant),
            "shots": sorted({take.shot for take in meant}),
            "matched": sorted(matched),
            "takes_a_match": len(takes_of_matched) / len(matched) if matched else None,
            "binned": binned,
            "bin_share": sum(binned.values()) / len(meant) if meant else None,
            "bin_share_of_minutes": float(sum(binned_s.values()) / shot_s) if shot_s else None,
            "binned_s": {why: float(seconds) for why, seconds in binned_s.items()},
            "shot_s": float(shot_s),
            "rehearsal_s": float(sum(r.duration for r in self.recordings if r.take in takes and r.take not in meant)),
            "used_s": float(used_s),
            "used_share": float(used_s / shot_s) if shot_s else None,
            "screen_s": float(used_s),
            "cameras_s": {camera: float(seconds) for camera, seconds in cameras_s.items()},
            "sounds": 0,
            "sound_s": 0.0,
        }

    def _why(self, take: Take) -> str:
        kind = take.kind_on(self.day)
        return kind if kind in (*BINNED, "no good", "false start") else ""

    def _why_recording(self, each: Recording) -> str:
        return self._why(each.take) or (LOST if each.take.a_lost and each.camera == "A" else "")


def differences(truth: Any, said: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401  # JSON
    """Where what is said is not the truth, a sentence each; what the truth does not speak of is left alone."""
    if isinstance(truth, dict) and isinstance(said, dict):
        closed = where.endswith(("binned", "binned_s", "cameras_s"))
        for key in [*truth, *(key for key in said if closed and key not in truth)]:
            yield from differences(truth.get(key), said.get(key), f"{where} {key}".strip())
    elif isinstance(truth, list) and isinstance(said, list) and len(truth) == len(said):
        for number, pair in enumerate(zip(truth, said, strict=True), start=1):
            yield from differences(*pair, f"{where} {number}")
    elif isinstance(truth, float) and isinstance(said, int | float):
        if abs(truth - said) > CLOSE:
            yield f"{where}: {said}, and the script {truth}"
    elif truth != said:
        yield f"{where}: {said}, and the script {truth}"


def side_by_side(truth: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """The main figures of a shoot, the script's and those of `days`."""
    rows: list[tuple[str, ...]] = [
        (name, _cell(tell(truth)), _cell(tell(said)))
        for name, tell in (
            ("shooting days", lambda it: len(it["days"])),
            ("takes", lambda it: it["total"]["takes"]),
            ("rehearsals", lambda it: it["total"]["rehearsals"]),
            ("shots matched", lambda it: len(it["total"]["matched"])),
            ("takes a matched shot", lambda it: it["total"]["takes_a_match"]),
            ("minutes shot", lambda it: it["total"]["shot_s"] / 60),
            ("minutes of the B camera", lambda it: it["total"]["cameras_s"].get("B", 0.0) / 60),
            ("minutes of rehearsals", lambda it: it["total"]["rehearsal_s"] / 60),
            ("in the cut (yield)", lambda it: it["total"]["used_share"]),
            ("takes in the bin", lambda it: it["total"]["bin_share"]),
            ("minutes in the bin", lambda it: it["total"]["bin_share_of_minutes"]),
            ("not shot yet", lambda it: len(it["missing"])),
        )
    ]
    reasons = sorted({*truth["total"]["binned"], *said["total"]["binned"]})
    rows += [(f"bin: {why}", *(_cell(it["total"]["binned"].get(why, 0)) for it in (truth, said))) for why in reasons]
    for one, other in zip(truth["sequences"], said["sequences"], strict=False):
        rows.append((f"days of {one['name']}", *(" ".join(map(str, it["days"])) for it in (one, other))))
    rows.append(("matched a day", *(" ".join(str(len(day["matched"])) for day in it["days"]) for it in (truth, said))))
    return table(("", "the script", "headturn days"), rows)


def _cell(value: float | None) -> str:
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.6f}"
