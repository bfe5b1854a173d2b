"""Whatever a public function is given, it answers or refuses: see :mod:`hostile`.

``make fuzz`` tries more; what it finds is said by the call that went wrong.
"""

import inspect
import multiprocessing
import os
import random

import hostile
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
ENTRIES = hostile.entries()

numbers = st.integers(0, 10_000)
changes = st.none() | st.tuples(st.sampled_from(["hostile", "mutated"]), numbers, numbers)


@pytest.fixture(scope="module")
def call():
    """Yield what has a call made by the server: see :func:`hostile.serve`."""
    spawn = multiprocessing.get_context("spawn")
    ours, its = spawn.Pipe()
    server = spawn.Process(target=hostile.serve, args=(its,), daemon=True)
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    server.start()
    del os.environ["NUMBA_DISABLE_JIT"]

    def call(*what):
        ours.send(what)
        return ours.recv()

    yield call
    server.kill()


def test_no_kernel_has_a_public_name():
    kernels = [
        f"{module.__name__}.{name}"
        for module in hostile.modules()
        for name, thing in hostile.public(module)
        if isinstance(thing, Dispatcher)
    ]
    assert kernels == []


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_answers_or_refuses(name, call):
    parameters = len(inspect.signature(ENTRIES[name]).parameters)

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],  # choices say nothing, so that smaller ones say no more
        derandomize=EXAMPLES < 100,
        deadline=None,
        database=None,
    )
    @given(numbers, st.lists(st.tuples(numbers, changes), min_size=parameters, max_size=parameters))
    def search(kit, choices):
        assert call(name, (kit, choices)) in ("fine", "refused")

    search()


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_has_calls_that_it_answers(name, call):
    """Else the test above would see nothing but refusals."""
    chosen, n = random.Random(name), len(inspect.signature(ENTRIES[name]).parameters)
    for _ in range(200):
        valid = [(chosen.randrange(10_000), None) for _ in range(n)]
        result = call(name, (chosen.randrange(10_000), valid))
        if result == "fine":
            return
        assert result == "refused"
    pytest.fail(f"{name} has refused 200 calls")
