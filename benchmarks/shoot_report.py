"""What a simulated shoot showed: the office's figures beside the script's, verdicts, slates, cards, costs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.ledger import table
from benchmarks.shoot_script import RATE, Recording, Shoot, Take
from benchmarks.shoot_truth import differences, side_by_side

JOINED_SHARE = 0.8
"""Of the takes that share a turn with the shot before, how many have to be joined."""
LEAST_ASKED = 10
"""Of fewer takes a share says nothing."""
AS_WRITTEN, OTHER_WAY = "as written: good, for safety, no good", "in the bin: match, turns the other way"
OTHER_ROOM, NEW_BLOCK = "in the bin: match, in another room", "a block begins in another room"
Results = Mapping[str, Mapping[str, Any]]


def report(
    shoot: Shoot,
    days: Sequence[Mapping[str, Any]],
    results: Results,
    made: Mapping[str, Any],
    film: tuple[int, int],
    cost: Mapping[str, tuple[int, float]],
) -> tuple[str, bool]:
    """The report, and whether the office told the truth.

    days: what `days` said and what the script says, at the end of each; results: of every verb, by when and how it was
    typed; film: frames of it, and those in which a code can be read; cost: of each verb, times and CPU seconds
    """
    wrong = [
        f"day {n}: {each}" for n, day in enumerate(days, start=1) for each in differences(day["truth"], day["said"])
    ]
    frames, codes = film
    shown_s = days[-1]["said"]["total"]["screen_s"]
    if abs(frames / RATE - shown_s) > 1e-9 or frames != made["frames"]:
        wrong.append(f"the film has {frames} frames, the cut {made['frames']}, and days says {shown_s:.3f} s")
    if codes:
        wrong.append(f"the code of a slate is seen in {codes} of the film's {frames} frames")
    parts = [side_by_side(days[-1]["truth"], days[-1]["said"])]
    for tell in (_slates, _cards, _cameras, _matches):
        told, faults = tell(shoot, results)
        parts.append(told)
        wrong += faults
    splices = Counter(shot["verdict"] for shot in made["shots"] if shot["verdict"])
    parts.append(f"Splices of the film: {_told(splices)}; {frames} frames, {codes} of them with a code in sight.")
    spent = sorted(cost.items(), key=lambda each: -each[1][1])
    parts.append(table(("verb", "times", "CPU s"), [(verb, str(n), f"{cpu_s:.1f}") for verb, (n, cpu_s) in spent]))
    parts.append("\n".join(f"NOT TRUE: {each}" for each in wrong) or "All that the office said is true.")
    return "\n\n".join(parts), not wrong


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"


def _typed(results: Results, verb: str) -> Iterator[tuple[str, list[str], Any]]:
    """When a verb was typed, its words and its answer."""
    for name, result in results.items():
        when, _, words = name.partition(": ")
        if words.split()[0] == verb:
            yield when, words.split(), result.get("said")


def _slates(shoot: Shoot, results: Results) -> tuple[str, list[str]]:
    """Codes read, against those filmed."""
    read: dict[tuple[str, str], Mapping[str, Any]] = {}
    for when, _, said in _typed(results, "takes"):
        read |= {(when.rpartition(" ")[2], file): each for file, each in said.items()}
    counts, wrong = Counter[str](), []
    for each in shoot.recordings():
        said = read[each.roll, each.file]
        filmed = bool(each.take.code) and _long_enough(each)
        right = (said["slate"], said["camera"]) == (each.take.name, each.camera)
        counts["filmed"] += filmed
        counts["read"] += said["slate"] is not None
        if said["slate"] is not None and not (right and each.take.code):
            wrong.append(f"{each.roll}/{each.file} is {each.name}, and was read as {said['slate']} {said['camera']}")
    typed = sum(1 for _ in _typed(results, "slate"))
    return f"Slates: {counts['filmed']} codes filmed, {counts['read']} read, {typed} slates typed.", wrong


def _long_enough(each: Recording) -> bool:
    return each.take.code == "tail" or each.late_s < 1.0


def _cards(shoot: Shoot, results: Results) -> tuple[str, list[str]]:
    said = [answer for _, _, answer in _typed(results, "offload")]
    safe = sum(bool(answer) for _, _, answer in _typed(results, "card"))
    size = sum(each["bytes"] for each in said) / 1e6
    rates = sum("frames a second" in note for each in said for note in each["takes"])
    wanted = sum(each.rate != RATE for each in shoot.recordings())
    wrong = [trouble for each in said for trouble in each["troubles"]]
    if rates != wanted:
        wrong.append(f"{wanted} recordings have another frame rate than the film, and {rates} were reported")
    return (
        f"Cards: {len(said)} offloaded ({size:.0f} MB), {safe} SAFE TO FORMAT; {rates} wrong frame rates told.",
        wrong,
    )


def _cameras(shoot: Shoot, results: Results) -> tuple[str, list[str]]:
    """Offsets of the second camera, against the script's."""
    takes = {take.name: take for take in shoot.takes}
    off, refused = [0.0], 0
    for _, words, said in _typed(results, "sync"):
        if said["offset_s"] is None:
            refused += 1
        else:
            off.append(abs(said["offset_s"] - takes[words[1]].b_late_s))
    frames = max(off) * float(RATE)
    told = (
        f"Second camera: {len(off) - 1} takes laid on the first, off by at most {frames:.2f} frame; {refused} refused."
    )
    return told, [f"a second camera lies {frames:.2f} frames off"] if frames > 0.5 else []


def _matches(shoot: Shoot, results: Results) -> tuple[str, list[str]]:
    """Verdicts by what became of the takes: those played as the script has it share a turn with the shot before, those
    in another room cannot match. Of one whose turns all go the other way nothing is known: before the first of them the
    hero looks the same way at rest.
    """
    takes = {take.name: take for take in shoot.takes}
    found: dict[str, Counter[str]] = {}
    for _, words, said in _typed(results, "match"):
        take = takes.get(words[1]) or takes[words[1].removesuffix("B")]
        found.setdefault(_asked(shoot, take), Counter())[said["verdict"]] += 1
    heads = ("seamless", "workable", "visible", "no match")
    rows = [(name, *(str(counts[head]) for head in heads)) for name, counts in sorted(found.items())]
    wrong = [
        f"{name}: {found[name]['seamless']} takes that cannot match are called seamless"
        for name in (OTHER_ROOM, NEW_BLOCK)
        if name in found and found[name]["seamless"]
    ]
    shared = found.get(AS_WRITTEN, Counter())
    joined = (shared["seamless"] + shared["workable"]) / max(1, shared.total())
    if joined < JOINED_SHARE and shared.total() >= LEAST_ASKED:
        wrong.append(f"only {joined:.0%} of the takes that share a turn with the shot before are joined")
    return f"{table(('match', *heads), rows)}\n\nJoined of those played as written: {joined:.0%}.", wrong


def _asked(shoot: Shoot, take: Take) -> str:
    if shoot.opens_block(take.place):
        return NEW_BLOCK
    if take.kind == "match":
        return OTHER_ROOM if take.variant % 2 else OTHER_WAY
    return AS_WRITTEN if take.kind in ("good", "spare", "no good") else f"in the bin: {take.kind}"
