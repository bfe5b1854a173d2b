"""The machine-code cache: warm in a second process, never stale, never in the way."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ROOT

TRIAL = """
from numba.core import event
from errorflow.core import cache
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run

e = experiment("table2/rtrl-p4-lr1", budget=100)
with event.install_recorder("numba:compile") as recorder:
    print(run(e, 0, curve_every=100).curve[0][1])
stack, compiled, missed = [], 0, 0
for _, each in recorder.buffer:
    dispatcher = each.data["dispatcher"]
    if each.is_end:
        stack.pop()
        continue
    stack.append((dispatcher, each.data["args"]))
    if dispatcher.py_func.__module__.startswith("numba."):
        continue
    compiled += 1
    for kernel, arguments in stack:
        if isinstance(kernel._cache, cache.KernelCache):
            function = getattr(kernel.py_func, "stands_for", kernel.py_func)
            classes = [cls for argument in arguments for cls in cache._classes(argument)]
            modules = [function.__module__, *(cls.__module__ for cls in classes)]
            files = map(str, map(cache._file, cache.sources(modules)))
            missed += dispatcher.py_func.__code__.co_filename not in files
print(compiled, missed)
"""
"""Prints an error, the number of functions compiled, and of those that a kernel's key misses."""

MINE = """
from typing import NamedTuple
import numpy as np
from numba.core import event
from errorflow.core.sequences import item
from squares import square

class Mine(NamedTuple):
    w: np.ndarray

    @staticmethod
    def item(data, i):
        return square(len(data.w))

def measure():
    with event.install_recorder("numba:compile") as compiled:
        size = item(Mine(np.zeros(3)), 0)
    return size, sum(each.is_start for _, each in compiled.buffer)
"""

SQUARES = """
from errorflow.core.compiled import inline

@inline
def square(n):
    return n * n
"""

MEASURE = "import mine; print(*mine.measure(), sep='\\n')"


@pytest.fixture
def library(tmp_path):
    shutil.copytree(ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "lib" / "mine.py").write_text(MINE)
    (tmp_path / "lib" / "squares.py").write_text(SQUARES)
    return tmp_path / "lib"


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def process(library, program, **environment):
    kept = {
        k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT")
    }
    places = {"PYTHONPATH": str(library), "XDG_CACHE_HOME": str(library / "c")}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**kept, **places, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def run(library, program=MEASURE, **environment):
    """Return what a program prints: a result, and how many functions were compiled for it."""
    done = process(library, program, **environment)
    assert done.stderr == ""
    return [float(line) for line in done.stdout.split()]


def test_trials_compile_nothing_twice_and_see_an_edit(library):
    error, compiled, missed = run(library, TRIAL)
    assert compiled > 5
    assert missed == 0
    for file in ("display/figures.py", "claims/__init__.py", "records/store.py", "cli.py",
                 "methods/rtrl.py", "nets/lstm.py", "rules/truncated.py"):  # fmt: skip
        with (library / "errorflow" / file).open("a") as end:
            end.write("\n# edited\n")
    assert run(library, TRIAL) == [error, 0, 0]
    assert run(library, TRIAL, NUMBA_DISABLE_JIT="1") == [error, 0, 0]
    numerics = library / "errorflow" / "core" / "numerics.py"
    edit(numerics, "return b / (b + scale * a)", "return 0.5 * b / (b + scale * a)")
    edited, compiled, _ = run(library, TRIAL)
    assert edited != error
    assert compiled > 5


def test_the_users_own_net_is_compiled_anew_after_an_edit(library):
    assert run(library) == [9, 3]
    assert run(library) == [9, 0]
    edit(library / "squares.py", "n * n", "n * n + 1")
    assert run(library)[0] == 10
    edit(library / "mine.py", "len(data.w)", "2 * len(data.w)")
    assert run(library)[0] == 37
    assert run(library) == [37, 0]


def test_what_is_not_in_a_file_as_it_runs_is_not_kept(library):
    with_class = MINE + "\nprint(*measure(), sep='\\n')"
    patched = f"import mine; mine.Mine.item = staticmethod(lambda data, i: 4); {MEASURE}"
    edited = f"""
    import mine, pathlib, time
    file = pathlib.Path(mine.__file__)
    time.sleep(0.05)
    file.write_text(file.read_text().replace("len(data.w)", "5"))
    {MEASURE}
    """
    assert run(library, with_class) == run(library, with_class) == [9, 3]
    assert run(library, patched)[0] == 4
    assert run(library, edited)[0] == 9
    assert run(library)[0] == 25


def test_spawned_workers_find_it(library):
    program = """
    import mine
    from errorflow.records.runner import processes
    with processes(1) as pool:
        print(*pool.submit(mine.measure).result(), sep="\\n")
    """
    run(library)
    assert run(library, program) == [9, 0]


def test_two_processes_at_once(library):
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(run, [library] * 2))
    assert [size for size, _ in results] == [9, 9]
    assert run(library) == [9, 0]


def test_cut_off_files_are_made_anew(library):
    size, _ = run(library)
    for share in (0, 2):
        for file in (library / "c").rglob("*.nbc"):
            content = file.read_bytes()
            file.write_bytes(content[: len(content) // 2 * share // 2])
        assert run(library)[1] > 0
    assert run(library) == [size, 0]


@pytest.mark.parametrize("where", [{"NUMBA_CACHE_DIR": "/proc/x"},
                                   {"XDG_CACHE_HOME": "", "HOME": "/proc/x"}])  # fmt: skip
def test_no_folder_can_be_written(library, where):
    for expected in (9, 10):
        done = process(library, MEASURE, **where)
        assert float(done.stdout.split()[0]) == expected
        assert re.fullmatch(r"errorflow: .*\(.*/proc/x.*\).* NUMBA_CACHE_DIR .*\n", done.stderr)
        edit(library / "squares.py", "n * n", "n * n + 1")
    assert not [*library.rglob("*.nb?")]


def test_what_is_not_used_is_removed(library):
    run(library)
    folder = library / "c" / "errorflow"
    kept = {file.name for file in folder.iterdir()}
    (folder / "errorflow-0").mkdir()
    for name in ("old.nbc", "errorflow-0/old.nbc", "errorflow-0"):
        (folder / name).exists() or (folder / name).write_text("")
        os.utime(folder / name, (0, 0))
    edit(library / "squares.py", "n * n", "n * n + 1")
    run(library)
    assert {file.name for file in folder.iterdir()} > kept
    assert not {"old.nbc", "errorflow-0"} & {file.name for file in folder.iterdir()}


def test_bounds_are_looked_at_if_numba_is_told_to(library):
    """Inside of kernels too, inlined functions included; their machine code is kept apart."""
    program = """
    import numpy as np
    from errorflow.core.loss import Loss
    from errorflow.nets.layered import layered
    from errorflow.rules import learn
    from errorflow.rules.elman import elman
    net = layered(3, 2, 3)
    rule = elman(net, 0.1)._replace(errors=np.zeros(9))
    learn.unchecked(rule, net, np.arange(4) % 3, 3, Loss(0.0, 1.0, 1.0, 0.0, 0.25))
    """
    done = process(library, program, NUMBA_BOUNDSCHECK="1")
    assert done.stderr.splitlines()[-1] == "IndexError: index is out of bounds"
