"""Numba, set up once: a cache that follows the sources, flags that keep bits, dispatch on type.

Numba's on-disk cache looks only at the file of the compiled function; here its folder carries the
hash of the whole library, so that an edit anywhere leaves no stale machine code behind.
"""

import functools
import hashlib
import inspect
import operator
import os
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent


def source_hash():
    """Return the hash of the library's sources."""
    sha = hashlib.sha256()
    for file in sorted(LIBRARY.rglob("*.py")):
        sha.update(f"{file.relative_to(LIBRARY)}\0".encode())
        sha.update(file.read_bytes())
    return sha.hexdigest()


def _set_cache_folder():
    name = f"errorflow-{source_hash()[:16]}"
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or caches)
    # A process started by one that had loaded the library inherits its folder.
    base = base.parent if base.name.startswith("errorflow-") else base / "errorflow"
    os.environ["NUMBA_CACHE_DIR"] = str(base / name)


_set_cache_folder()

import numba  # noqa: E402 (the cache folder must be set first)
from numba import types  # noqa: E402
from numba.core.typing.templates import AbstractTemplate, infer_global, signature  # noqa: E402
from numba.extending import intrinsic, lower_builtin, overload, register_jitable  # noqa: E402

FLAGS = {"nnan", "ninf", "nsz"}
"""Those of fastmath's freedoms that leave every bit of a finite result as it is."""

allocating = numba.njit(cache=True, fastmath=FLAGS, error_model="numpy", nogil=True)
"""Compile a function of this library that makes arrays."""

kernel = numba.njit(cache=True, fastmath=FLAGS, error_model="numpy", nogil=True, _nrt=False)
"""Compile a function that makes no array: what it calls counts no references to arrays, which would
cost a small net more than its sums. Copying by ``a[:] = b`` makes one; see
:func:`errorflow.core.numerics.assign`."""

inline = register_jitable(fastmath=FLAGS, error_model="numpy", forceinline=True)
"""Mark a function as part of the kernels that call it; outside of them it stays plain Python."""

specialise = functools.partial(
    overload, jit_options={"fastmath": FLAGS, "error_model": "numpy", "forceinline": True}
)
"""``@specialise(function)`` decorates what chooses, by the types of the arguments, the body that
``function`` has in kernels."""


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


def field_item(function):
    """Give ``function(thing, i)`` its body in kernels: entry i of a field of ``thing``, or of it.

    ``@field_item(function)`` decorates what names the field by the type of ``thing``, a
    ``NamedTuple``; None stands for ``thing`` itself, an array. The entry may be a row of an array,
    which a function could not return where no references are counted.
    """

    def register(choose):
        def array_of(thing):
            name = choose(thing)
            return thing if name is None else thing.types[thing.fields.index(name)]

        @infer_global(function)
        class Entry(AbstractTemplate):
            key = function

            def generic(self, args, kws):
                thing, i = args
                array = array_of(thing)
                got = self.context.resolve_function_type(operator.getitem, (array, types.int64), {})
                return signature(got.return_type, thing, i)

        @lower_builtin(function, types.Any, types.Integer)
        def lower(context, builder, sig, args):
            (thing, index), (array, i) = sig.args, args
            name = choose(thing)
            if name is not None:
                array = builder.extract_value(array, thing.fields.index(name))
            i = context.cast(builder, i, index, types.int64)
            wanted = signature(sig.return_type, array_of(thing), types.int64)
            return context.get_function(operator.getitem, wanted)(builder, (array, i))

        return choose

    return register


def generic(function):
    """Let ``function(thing, ...)`` run the static method of that name of ``thing``'s own class.

    ``thing`` is a ``NamedTuple``: in a kernel its class is known when the kernel is compiled, so
    the call costs nothing, and, unlike a compiled function handed over as an argument, it can be
    cached. The body of ``function`` is never run; it states the signature. Called from Python it
    is compiled too.
    """
    name = function.__name__
    parameters = list(inspect.signature(function).parameters)

    def resolve(first, *rest):
        cls = getattr(first, "instance_class", None)
        return getattr(cls, name, None)

    # overload() compares argument names, so the resolver is given those of `function`.
    scope = {"resolve": resolve}
    arguments = ", ".join(parameters)
    exec(f"def resolver({arguments}):\n    return resolve({arguments})", scope)

    def compiled(*args):
        return dispatched(*args)

    compiled = kernel(compiled)

    @functools.wraps(function)
    def dispatched(*args):
        return compiled(*args)

    specialise(dispatched)(scope["resolver"])
    return dispatched
