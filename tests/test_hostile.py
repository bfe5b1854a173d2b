"""Whatever a public function is given, it answers or refuses: see :mod:`hostile`.

``make fuzz`` tries more; what it finds is said by the call that went wrong.
"""

import concurrent.futures
import inspect
import multiprocessing
import os

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

EXAMPLES = int(os.environ.get("ERRORFLOW_FUZZ", "4"))
ENTRIES = hostile.entries()
SECONDS = 60

numbers = st.integers(0, 10_000)
changes = st.none() | st.tuples(st.sampled_from(["hostile", "mutated"]), numbers, numbers)


class Worker:
    """A process in which kernels are plain Python; one that has died is replaced."""

    def __init__(self):
        self._pool = None

    def call(self, name, choices):
        if self._pool is None:
            os.environ["NUMBA_DISABLE_JIT"] = "1"
            spawn = multiprocessing.get_context("spawn")
            self._pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn)
        try:
            return self._pool.submit(hostile.call, name, choices).result(SECONDS)
        except (concurrent.futures.BrokenExecutor, TimeoutError) as error:
            for process in self._pool._processes.values():
                process.kill()
            self._pool = None
            return f"{name}: {type(error).__name__} with {choices}"
        finally:
            os.environ.pop("NUMBA_DISABLE_JIT", None)


@pytest.fixture(scope="module")
def worker():
    worker = Worker()
    yield worker
    if worker._pool:
        worker._pool.shutdown()


def test_no_kernel_has_a_public_name():
    kernels = [
        f"{module.__name__}.{name}"
        for module in hostile.modules()
        for name, thing in hostile.public(module)
        if isinstance(thing, Dispatcher)
    ]
    assert kernels == []


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_answers_or_refuses(name, worker):
    parameters = len(inspect.signature(ENTRIES[name]).parameters)

    @settings(max_examples=EXAMPLES, derandomize=EXAMPLES < 100, deadline=None, database=None)
    @given(numbers, st.lists(st.tuples(numbers, changes), min_size=parameters, max_size=parameters))
    def search(kit, choices):
        assert worker.call(name, (kit, choices)) in ("fine", "refused")

    search()
