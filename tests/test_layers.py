"""The house keeps its shape: one direction of imports, no buckets, nothing too long, everything said.

The order is that of docs/architecture.md. Imports are read from the source, also those inside functions and those
for types only: what is written down is what the next reader has to follow.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
MODULES = sorted((SOURCE / "headturn").rglob("*.py"))

HOUSE = ["", "errors", "clock", "rotation", "camera", "head", "edit", "review", "picture", "exchange", "office", "cli"]
"""Each may import from those before it; "" is the package itself, which holds the version."""
CAMERA = {"take": 1, "media": 2, "telemetry": 2, "slate": 3, "card": 4, "code": 4, "recorder": 5, "proxy": 5}
"""The floors of the largest room; all its other modules read bytes and know no takes: floor 0."""
BACKLOT_READS = {"", "errors", "clock", "rotation", "camera", "head"}
BACKLOT_READERS = {"cli", "web"}
BUCKETS = {"utils", "util", "core", "common", "helpers", "helper", "base", "misc", "tools", "shared", "lib"}

LONGEST_MODULE = 500
LONGEST_FUNCTION = 60


def name_of(path: Path) -> str:
    """The dotted name of a module's file."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of all that a module imports; `from a import b` is a.b where that is a module, else a."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are written in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in NAMES else str(node.module)


def department(module: str) -> str:
    """The room of the house a module belongs to: "camera" for headturn.camera.lens, "" for headturn."""
    return ([*module.split("."), ""])[1]


def may_import(module: str, wanted: str) -> bool:
    """Whether the house allows one module of headturn to import another."""
    here, there = department(module), department(wanted)
    if here == "backlot":
        return there in BACKLOT_READS or there == "backlot"
    if there == "backlot":
        return here in BACKLOT_READERS
    if here == there == "camera":
        return _camera_rank(wanted) <= _camera_rank(module)
    return here == there or _rank(there) < _rank(here)


def _rank(room: str) -> float:
    return HOUSE.index(room) if room in HOUSE else {"web": len(HOUSE) - 1, "__main__": len(HOUSE)}[room]


def _camera_rank(module: str) -> int:
    return CAMERA.get(module.split(".")[2], 0) if module.count(".") > 1 else 0


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def own_imports(path: Path) -> set[str]:
    return {name for name in imports(tree_of(path)) if name.split(".")[0] == "headturn"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_above(path):
    module = name_of(path)
    wrong = [wanted for wanted in own_imports(path) if not may_import(module, wanted)]
    assert not wrong, f"{module} may not import {', '.join(wrong)}"


def test_the_rule_itself_knows_right_from_wrong():
    allowed = [
        ("headturn.edit.joins", "headturn.head.turns"), ("headturn.camera.card", "headturn.camera.slate"),
        ("headturn.cli", "headturn.backlot.world"), ("headturn.backlot.world", "headturn.camera.media"),
        ("headturn.head.flow", "headturn.head.motion"), ("headturn.office.report", "headturn"),
    ]  # fmt: skip
    forbidden = [
        ("headturn.head.turns", "headturn.edit.joins"), ("headturn.camera.take", "headturn.camera.media"),
        ("headturn.edit.joins", "headturn.backlot.world"), ("headturn.backlot.world", "headturn.edit.cut"),
        ("headturn.review.ride", "headturn.picture.render"), ("headturn.clock", "headturn.camera.take"),
        ("headturn.office.store", "headturn.cli"), ("headturn.camera.slate", "headturn.camera.card"),
    ]  # fmt: skip
    assert all(may_import(*pair) for pair in allowed)
    assert not any(may_import(*pair) for pair in forbidden)
    assert list(imports(ast.parse("def f():\n    from headturn.camera import take"))) == ["headturn.camera.take"]


def test_no_two_modules_import_each_other():
    try:
        TopologicalSorter({name_of(path): own_imports(path) for path in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(f"imports in a circle: {' -> '.join(error.args[1])}")


def test_only_the_camera_s_media_touches_pyav():
    touching = {name_of(path) for path in MODULES if {"av"} & {n.split(".")[0] for n in imports(tree_of(path))}}
    outside = {name for name in touching if not name.startswith("headturn.camera.media")}
    assert touching and not outside


def test_no_module_is_a_bucket():
    assert not {part for path in MODULES for part in name_of(path).split(".")} & BUCKETS


def test_every_room_is_known():
    assert {department(name) for name in NAMES} <= {*HOUSE, "backlot", "web", "__main__"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_too_long(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE, f"{lines} lines: split it where it hides two things"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _length(node)
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring and decorators."""
    said = function.body[0] if ast.get_docstring(function) else None
    length = (function.end_lineno or 0) - function.lineno + 1
    return length - ((said.end_lineno or 0) - said.lineno + 1 if said else 0)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_and_public_function_says_what_it_is(path):
    tree = tree_of(path)
    assert ast.get_docstring(tree), "a module says what it is for"
    silent = [name for name, node in _public(tree) if not ast.get_docstring(node)]
    assert not silent, f"without a docstring: {', '.join(silent)}"


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Public classes and functions of a module, and public methods of those classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", method) for name, method in _public(node))


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_a_folder_s_own_file_only_opens_doors(path):
    code = [node for node in tree_of(path).body[1:] if not isinstance(node, ast.ImportFrom)]
    assert all(ast.unparse(node).startswith(("__version__ = ", "__all__ = ")) for node in code)
