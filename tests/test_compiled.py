"""The machine-code cache: warm in a second process, never stale."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest
from conftest import ROOT

PROGRAM = """
import time
from errorflow.experiments.trials import condition, run
start = time.perf_counter()
print(run(condition("table2/rtrl-p4-lr1", "literal", 1000), 0, curve_every=1000).curve[0][1])
print(time.perf_counter() - start)
"""


@pytest.fixture
def library(tmp_path):
    shutil.copytree(ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "lib"


def run(library, program=PROGRAM):
    environment = {**os.environ, "PYTHONPATH": str(library), "XDG_CACHE_HOME": str(library / "c")}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(line) for line in done.stdout.split()]


def test_second_process_compiles_nothing_and_an_edit_is_seen(library):
    error, cold = run(library)
    same, warm = run(library)
    assert same == error
    assert warm < cold / 3
    numerics = library / "errorflow" / "numerics.py"
    text = numerics.read_text()
    assert "return b / (b + scale * a)" in text
    numerics.write_text(
        text.replace("return b / (b + scale * a)", "return 0.5 * b / (b + scale * a)")
    )
    edited, _ = run(library)
    assert edited != error


def test_workers_share_the_folder():
    program = """
    import os
    import subprocess
    import sys
    import errorflow.core.compiled
    code = "import errorflow.core.compiled, os; print(os.environ['NUMBA_CACHE_DIR'])"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    print(int(child.strip() == os.environ["NUMBA_CACHE_DIR"]))
    """
    assert run(ROOT / "lib", program) == [1.0]
