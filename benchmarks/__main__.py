"""List and run the benchmarks: `python -m benchmarks [--list] [NAME [OPTIONS]]`; without a name all of them run.

A benchmark is a module of this folder with `main(arguments)`, which returns an exit code. `NAME --help` tells its
options.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Sequence

import benchmarks

Main = Callable[[Sequence[str]], int]


def found() -> dict[str, tuple[str, Main]]:
    """The benchmarks by name: the first line of what each says of itself, and how it is run."""
    modules = [
        (each.name, importlib.import_module(f"benchmarks.{each.name}"))
        for each in pkgutil.iter_modules(benchmarks.__path__)
        if each.name != "__main__"
    ]
    return {
        name: ((inspect.getdoc(module) or "").partition("\n")[0], module.main)
        for name, module in modules
        if hasattr(module, "main")
    }


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark that the arguments name, or all."""
    every = found()
    name, *options = arguments or ["all"]
    if name in ("--list", "-h", "--help"):
        print("python -m benchmarks [NAME [OPTIONS]]\n")
        for each, (says, _) in every.items():
            print(f"  {each:12} {says}")
        return 0
    if name == "all":
        return max((run([]) for _, run in every.values()), default=0)
    if name not in every:
        print(f"There is no benchmark '{name}'; there are {', '.join(every)}.", file=sys.stderr)
        return 2
    return every[name][1](options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
