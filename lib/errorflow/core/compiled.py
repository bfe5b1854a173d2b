"""Numba, set up once: kernels that stay on disk, flags that keep bits, dispatch on type.

With ``NUMBA_DISABLE_JIT=1`` all of it is plain Python, for a debugger: slow, with the same bits.
"""

import functools
import hashlib
import inspect
import struct

import numba
from numba import types
from numba.extending import intrinsic, overload, register_jitable
from numba.np import arrayobj

from errorflow.core.cache import LIBRARY, KernelCache
from errorflow.core.checks import said

PLAIN_PYTHON = bool(numba.config.DISABLE_JIT)

CompilationError = numba.core.errors.NumbaError
"""What a function that cannot be compiled raises."""


@functools.cache
def source_hash():
    """Return the hash of the sources that decide what comes of a trial."""
    sha = hashlib.sha256()
    for room in ("core", "nets", "rules", "tasks", "methods", "experiments"):
        for file in sorted((LIBRARY / room).rglob("*.py")):
            sha.update(f"{file.relative_to(LIBRARY)}\0".encode())
            sha.update(file.read_bytes())
    return sha.hexdigest()


FLAGS = {"nnan", "ninf", "nsz"}
"""Those of fastmath's freedoms that leave every bit of a finite result as it is."""


def kernel(function):
    """Compile a function, at its first call for each type of arguments, or load it from disk."""
    return _compiled(function, {})


def lean(function):
    """Compile a kernel that makes no array, nor what it calls: none counts references to arrays.

    Counting would cost a small net more than its sums. Copying by ``a[:] = b`` makes an array; see
    :func:`errorflow.core.numerics.assign`.
    """
    return _compiled(function, {"_nrt": False})


def _compiled(function, options):
    if PLAIN_PYTHON:
        return _plain(function)
    compiled = numba.njit(fastmath=FLAGS, error_model="numpy", nogil=True, **options)(function)
    compiled._cache = KernelCache(function)
    return compiled


_running = []
"""The kernels that run now, where they are plain Python: what they call is not checked."""


def _plain(function):
    @functools.wraps(function)
    def run(*args):
        _running.append(function)
        try:
            return function(*args)
        finally:
            _running.pop()

    return run


inline = register_jitable(fastmath=FLAGS, error_model="numpy", forceinline=True)
"""Mark a function as part of the kernels that call it; outside of them it stays plain Python."""

specialise = functools.partial(
    overload, jit_options={"fastmath": FLAGS, "error_model": "numpy", "forceinline": True}
)
"""``@specialise(function)`` decorates what chooses, by the types of the arguments, the body that
``function`` has in kernels."""


def lengths_differ(of_source, of_target):
    """Refuse ``target[:] = source`` in kernels."""
    raise ValueError("cannot assign slice from input of different size")


@overload(lengths_differ)
def _lengths_differ(of_source, of_target):
    return lengths_differ


# Numba's own writes the lengths into its message: a quarter of the time that kernels took to
# compile went into the making of that text.
arrayobj.raise_with_shape_context = lengths_differ


@intrinsic
def bits_to_float(typingctx, bits):
    """Return the float64 that has the given 64 bits."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), build


@intrinsic
def float_to_bits(typingctx, value):
    """Return the 64 bits of a float64."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), build


if PLAIN_PYTHON:

    def bits_to_float(bits):
        """Return the float64 that has the lowest 64 bits of an integer."""
        return struct.unpack("<d", (bits % 2**64).to_bytes(8, "little"))[0]

    def float_to_bits(value):
        """Return the 64 bits of a float64."""
        return int.from_bytes(struct.pack("<d", value), "little")


def generic(function=None, *, compiled=True, check=None):
    """Let ``function(thing, ...)`` run the static method of that name of ``thing``'s own class.

    ``thing`` is a ``NamedTuple``: in a kernel its class is known when the kernel is compiled, so
    the call costs nothing, and, unlike a compiled function handed over as an argument, it can be
    cached. The body of ``function`` is never run; it states the signature. Called from Python it
    is compiled too, unless ``compiled`` is False: looking up a size takes longer to compile than to
    do.

    Kernels do not look at bounds. So a call from Python goes through ``check`` first, a function of
    arguments of the same names that raises ``ValueError``; Python that has checked calls
    ``.unchecked``.
    """
    if function is None:
        return functools.partial(generic, compiled=compiled, check=check)
    name, signature = function.__name__, inspect.signature(function)
    parameters = list(signature.parameters)

    def resolve(first, *rest):
        cls = getattr(first, "instance_class", None)
        return getattr(cls, name, None)

    # overload() compares argument names, so the resolver is given those of `function`.
    scope = {"resolve": resolve}
    arguments = ", ".join(parameters)
    exec(f"def resolver({arguments}):\n    return resolve({arguments})", scope)

    def standing(*args):
        return dispatched(*args)

    vars(standing)["stands_for"] = function

    def found(*args):
        return getattr(args[0], name)(*args)

    # It may return arrays: an item of a set, say.
    called = kernel(standing) if compiled else found
    unchecked = _plain(found) if PLAIN_PYTHON else called

    @functools.wraps(function)
    def dispatched(*args, **named):
        if _running:  # in plain Python alone
            return unchecked(*args)
        given = signature.bind(*args, **named)
        first = given.args[0]
        if not (isinstance(first, tuple) and hasattr(type(first), name)):
            raise ValueError(f"{parameters[0]} = {said(first)}; it has no {name}")
        if check is not None:
            check(**given.arguments)
        return unchecked(*given.args)

    vars(dispatched)["unchecked"] = unchecked
    specialise(dispatched)(scope["resolver"])
    return dispatched
