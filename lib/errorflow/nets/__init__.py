"""The nets: what is computed, and how an error goes back through one step of it.

A net is a ``NamedTuple`` of arrays. Its first field ``w`` holds all weights; the matrices that
follow are views of it, so that a rule may change all weights at once and ``len(net.w)`` counts
them. Rows of hidden matrices are contiguous (the weights into a unit), and columns of output
matrices (the weights out of a unit), since an input symbol picks one column.

Every net brings the four functions below; a gradient method needs nothing else. Its state is a
vector that holds all activations of a time step; an input is a symbol (an integer) or a vector.
"""

from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np

from errorflow.core.checks import check_size, check_vector, said
from errorflow.core.compiled import generic
from errorflow.core.entries import check_fields, check_twin, guarded
from errorflow.core.numerics import aligned_zeros
from errorflow.core.sequences import check_sequence


@runtime_checkable
class Net(Protocol):
    """What every net is: all its weights, and static methods with the names of the functions below.

    Kernels find ``step``, ``read``, ``back_read``, ``back_step``, ``state_size`` and
    ``output_size`` by the class of the net; nets for pseudo-Newton rules have ``curve_read`` and
    ``curve_step`` too. Those that many nets have in common are given to a class by
    :func:`has`, where type checkers do not see them. With ``input_size`` inputs are checked; a net
    that does not read both symbols and vectors of that size has ``reads``, see :func:`reader`.
    """

    @property
    def w(self) -> np.ndarray:
        """All weights, a vector."""

    @staticmethod
    def step(net, x, before: np.ndarray, state: np.ndarray) -> None:
        """See :func:`step`."""

    @staticmethod
    def state_size(net) -> int:
        """See :func:`state_size`."""


def _check_itself(net):
    check_fields("net", net)


@generic(compiled=False, check=_check_itself)
def state_size(net):
    """Return the number of entries of the net's state."""


@generic(compiled=False, check=_check_itself)
def input_size(net):
    """Return the number of the net's inputs: of symbols, or of the entries of a vector."""


@generic(compiled=False, check=_check_itself)
def output_size(net):
    """Return the number of the net's outputs."""


def check_net(net: Any, what: str = "net") -> dict[str, Any]:
    """Refuse a net that does not fit itself; return its sizes, and the net as ``"net"``."""
    sizes = check_fields(what, net)
    if not isinstance(sizes.get("W"), int):
        raise ValueError(f"{what} = {said(net)}; it must be a net: it has no weights w")
    return {"I": None, **sizes, "net": net}


def check_finite(net: Any, what: str = "net") -> None:
    """Refuse a net with weights that are not finite: kernels take every number for finite."""
    for part in (net, *(field for field in net if hasattr(field, "w"))):
        if not np.isfinite(part.w).all():
            raise ValueError(f"{what} has weights that are not finite; all must be numbers")


def check_offers(net: Any, *functions: str) -> None:
    """Refuse a net that lacks one of these functions, which a rule needs."""
    for name in functions:
        if not hasattr(type(net), name):
            raise ValueError(f"{said(net)} has no {name}; it must have one here")


def reader(net: Any) -> Any:
    """Return which inputs a net reads: of n > 0 whether vectors of n entries, of 0 symbols."""
    own = getattr(type(net), "reads", None)
    if own:
        return partial(own, net)
    inputs = input_size(net) if hasattr(type(net), "input_size") else None
    return lambda n: inputs is None or n in (0, inputs)


def check_shown(
    net: Any, sequence: Any, steps: Any, *functions: str, targets: bool = False, **how: bool
) -> dict[str, Any]:
    """Refuse a sequence that is not for ``net``, with its ``targets``; return the net's sizes.

    The net must be finite and have these functions. See
    :func:`errorflow.core.sequences.check_sequence`.
    """
    sizes = check_net(net)
    check_offers(net, *functions)
    check_finite(net)
    check_sequence(sequence, steps, reader(net), sizes["I"], sizes["O"] if targets else None, **how)
    return sizes


def _check(net, x, **arrays):
    """Check the arguments of the functions below; what these read must be finite."""
    sizes, reads, last = check_net(net), reader(net), [*arrays][-1]
    check_finite(net)
    if isinstance(x, np.ndarray) and x.ndim:
        check_vector("x", x, finite=True, written=False)
        if not reads(len(x)):
            raise ValueError(f"x has shape {x.shape}; the net has {sizes['I']} inputs")
    elif not reads(0):
        raise ValueError(f"x = {said(x)}; the net reads vectors of {sizes['I']} inputs")
    elif check_size("x", x, 0) >= (sizes["I"] or x + 1):
        raise ValueError(f"symbol x = {x}; it must be 0 .. {sizes['I'] - 1}")
    for name, value in arrays.items():
        if name == "change":
            check_twin(name, value, net)
        elif name in ("loss", "uses"):
            check_fields(name, value, sizes)
        else:
            size = sizes["O" if name in ("y", "errors", "curves") else "S"]
            writes = name in ("e_before", "h_before") or (name == last and name in ("state", "y"))
            check_vector(name, value, size, more=name == "y", finite=not writes)


@generic(check=_check)
def step(net, x, before, state):
    """Write into ``state`` the state after input ``x`` is read in state ``before``."""


@generic(check=_check)
def read(net, x, state, y):
    """Write into ``y`` the outputs that belong to ``state`` and input ``x``.

    ``y`` may be longer than the number of outputs; what stands behind them has no meaning.
    """


@generic(check=_check)
def back_read(net, x, state, y, errors, loss, change, e):
    """Send the outputs' errors d - y back into the state: add to ``change`` and to ``e``.

    ``change`` is a net of the same shape that collects the weight changes for learning rate 1,
    ``e`` the error at each entry of the state. ``errors`` are used up on the way.
    """


@generic(check=_check)
def back_step(net, x, before, state, e, change, e_before):
    """Send the errors ``e`` at ``state`` one step back: add to ``change``, write ``e_before``."""


@generic(check=_check)
def curve_read(net, x, state, y, errors, curves, loss, uses, e, h):
    """Send the outputs' errors and curvatures back into the state: add to ``e`` and to ``h``.

    ``curves`` are the second derivatives by the outputs, ``h`` those by the state, of half the
    squared error; ``uses``, a :class:`~errorflow.nets.curvature.Uses`, takes up what the weights
    were used for. ``errors`` and ``curves`` are used up. Only nets for pseudo-Newton rules offer
    this.
    """


@generic(check=_check)
def curve_step(net, x, before, state, e, h, uses, e_before, h_before):
    """Send errors and curvatures one step back: write ``e_before`` and ``h_before``.

    ``e`` and ``h`` are used up. Only nets for pseudo-Newton rules offer this.
    """


def has(*functions):
    """Decorate a class of nets that has ``functions``, shared by several nets, as static methods.

    They are found by their own names, as methods written in the class are.
    """

    def decorate(cls):
        for function in functions:
            setattr(cls, function.__name__, staticmethod(function))
        return cls

    return decorate


def matrices(*shapes: Any) -> Any:
    """Return a vector of zeros and one view of it for each shape, in order.

    A shape is (rows, columns) for contiguous rows, (rows, columns, "F") for contiguous columns, or
    (entries,).
    """
    shape: Any
    for shape in shapes:
        if (
            not isinstance(shape, tuple)
            or len(shape) not in (1, 2, 3)
            or shape[2:] not in ((), ("F",))
        ):
            raise ValueError(f"shape {said(shape)}; it must be (n,), (rows, columns) or with 'F'")
        for size in shape[:2]:
            check_size("size", size, 0)
    sizes = [int(np.prod(shape[:2])) for shape in shapes]
    w = aligned_zeros(sum(sizes))
    views, start = [], 0
    for shape, size in zip(shapes, sizes, strict=True):
        order: Any = "F" if shape[-1] == "F" else "C"
        views.append(
            w[start : start + size].reshape(shape[: 2 if order == "F" else None], order=order)
        )
        start += size
    return w, *views


@guarded
def copy(net: Net) -> Any:
    """Return a net of the same shape and weights that shares no weight with ``net``.

    Arrays that are no views of ``w`` are constants: both nets have the same.
    """
    return _copy(net)


def _copy(net):
    w = net.w.copy()
    start = net.w.__array_interface__["data"][0]
    fields = []
    for field in net:
        if field is net.w:
            field = w
        elif isinstance(field, np.ndarray) and np.may_share_memory(field, net.w):
            offset = field.__array_interface__["data"][0] - start
            field = np.ndarray(field.shape, field.dtype, w, offset, field.strides)
        elif isinstance(field, np.ndarray):
            field = field.copy("K")
        fields.append(field)
    return type(net)(*fields)


@guarded
def zeros_like(net: Net) -> Any:
    """Return a net of the same shape whose weights are 0."""
    zeros = copy(net)
    zeros.w[:] = 0.0
    return zeros


def describe(net, *, weights=None, **sizes):
    """Return the ``repr`` of a net: its kind, its sizes and its number of weights.

    A net that does not use all of ``net.w`` says how many ``weights`` it has.
    """
    parts = ", ".join(f"{name}={value}" for name, value in sizes.items())
    return f"{type(net).__name__}({parts}, weights={len(net.w) if weights is None else weights})"
