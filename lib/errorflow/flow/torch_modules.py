"""What goes into a torch module and comes out of it, one sequence at a time; for `flow.torch`."""

from collections.abc import Mapping
from functools import partial
from numbers import Integral

import numpy as np

from errorflow.core.checks import real_array
from errorflow.core.extras import extra

with extra("torch"):
    import torch
    from torch import nn
    from torch.nn.modules.module import register_module_forward_pre_hook
    from torch.nn.utils import rnn


def sequences(inputs, batch_dim, embedding):
    """Return a list of sequences, what makes a module's input of one, and if it was one alone."""
    if embedding is not None and not isinstance(embedding, nn.Module):
        raise ValueError(
            f"embedding is {type(embedding).__name__}; it must be a layer of the module"
        )
    may_be_tokens = embedding is not None
    if batch_dim is not None and not (isinstance(batch_dim, Integral) and batch_dim in (0, 1)):
        raise ValueError(f"batch_dim = {batch_dim!r}; it must be 0, 1 or, without a batch, None")
    if isinstance(inputs, rnn.PackedSequence):
        unpacked = [_reals(part, may_be_tokens) for part in rnn.unpack_sequence(inputs)]
        return unpacked, lambda x: rnn.pack_sequence([x]), False
    if not isinstance(inputs, torch.Tensor):
        values = real_array("inputs", inputs)
        whole = np.asarray(inputs).dtype.kind in "iu"
        inputs = torch.tensor(values, dtype=torch.int64 if whole else torch.float64)
    inputs = _reals(inputs, may_be_tokens)
    axes, form = (2, "T, I") if inputs.is_floating_point() else (1, "T,")
    shape = tuple(inputs.shape)
    wrap = None if batch_dim is None else (lambda x: x.unsqueeze(int(batch_dim)))
    if inputs.ndim == axes:
        return [inputs], wrap, True
    if inputs.ndim != axes + 1:
        more = "; for tokens, say embedding=, a layer of the module" if len(shape) == 1 else ""
        raise ValueError(f"inputs has shape {shape}; it must be ({form}) or a batch{more}")
    if batch_dim is None:
        form = form.rstrip(",")
        raise ValueError(
            f"inputs has shape {shape}; say batch_dim=0 if it is (B, {form}), batch_dim=1 if time "
            "comes before the batch"
        )
    return list(inputs.unbind(int(batch_dim))), wrap, False


def _reals(inputs, may_be_tokens):
    """Return a tensor of finite float64, or of integers where these are tokens."""
    if inputs.is_nested or inputs.is_quantized or inputs.is_meta or inputs.layout != torch.strided:
        raise ValueError("inputs is a nested, sparse, quantized or meta tensor; it must be dense")
    shape = tuple(inputs.shape)
    if inputs.is_complex():
        raise ValueError(f"inputs are {inputs.dtype}; they must be real numbers")
    if 0 in shape:
        raise ValueError(f"inputs has shape {shape}; it must be (T, I) or a batch, none of it 0")
    if may_be_tokens and not inputs.is_floating_point():
        return inputs
    inputs = inputs.detach().to(torch.float64)
    if not inputs.isfinite().all():
        raise ValueError("inputs has entries that are not finite; all must be numbers")
    return inputs


class _RefusedError(ValueError):
    """What a hook finds wrong while the module runs."""


def _watch(steps, layer, args):
    """Refuse a layer, before it runs, that would compute something else than is asked for."""
    kind, x = type(layer).__name__, args[0] if args else None
    if isinstance(layer, nn.modules.batchnorm._NormBase):
        if layer.training and layer.track_running_stats:
            raise _RefusedError(
                f"{kind} is in training mode: it would mix steps and sequences and change its "
                "buffers; call module.eval() before"
            )
    elif isinstance(x, torch.Tensor) and steps > 1:
        shape, recurrent = tuple(x.shape), isinstance(layer, nn.RNNBase) and x.ndim == 3
        if recurrent and shape[:2] == ((steps, 1) if layer.batch_first else (1, steps)):
            raise _RefusedError(
                f"{kind} with batch_first={layer.batch_first} is given {shape}: it takes the "
                f"{steps} steps for a batch; change batch_first, or batch_dim and the inputs"
            )
        if isinstance(layer, nn.RNNCellBase) and x.ndim == 2 and len(x) == steps:
            raise _RefusedError(
                f"{kind} is given {shape}: it takes the {steps} steps for a batch; write a module "
                f"that gives it one step after the other, or use nn.{kind.removesuffix('Cell')}"
            )


def run(module, wrap, embedding, output, sequence):
    """Return the last outputs, (U,), and the leaf (T, I) of the graph to differentiate them by."""
    if isinstance(module, nn.Module):
        for name, w in module.named_parameters():
            if w.dtype in (torch.float16, torch.bfloat16, torch.float32, torch.complex64):
                raise ValueError(f"{name} is {w.dtype}; call module.double() before")
    outputs, leaf = _outputs(module, wrap, embedding, output, sequence)
    y, steps, shape = _alone(outputs, wrap), len(sequence), tuple(outputs.shape)
    if y.shape == (steps,) and steps > 1:  # U outputs, or one at each of the T steps?
        shorter, _ = _outputs(module, wrap, embedding, output, sequence[1:])
        y = y if shorter.shape == outputs.shape else y[None, None]
    if 0 in shape or not (y.ndim == 1 or (y.ndim == 2 and len(y) == steps)):
        one = "" if wrap is None else "1, "
        raise ValueError(
            f"the outputs have shape {shape}; it must be ({one}T, U) with T = {steps}, or "
            f"({one}U,); for a module with a batch axis, say batch_dim="
        )
    if outputs.dtype != torch.float64 or outputs.layout != torch.strided:
        kind = outputs.dtype if outputs.layout == torch.strided else outputs.layout
        raise ValueError(f"the outputs are {kind}; call module.double() before, or return reals")
    if not outputs.isfinite().all():
        raise ValueError("the outputs have entries that are not finite; all must be numbers")
    if not outputs.requires_grad:
        raise ValueError("the outputs carry no gradient; they must depend on the inputs")
    return y if y.ndim == 1 else y[-1], leaf


def _outputs(module, wrap, embedding, output, sequence):
    """Return the outputs that are meant, whatever their shape, and the leaf of their graph."""
    leaves, steps = [], len(sequence)

    def leaf(values):
        if not isinstance(values, torch.Tensor) or values.dtype != torch.float64:
            raise _RefusedError("the embedding must return a tensor of float64")
        values = values.detach().clone(memory_format=torch.contiguous_format)
        leaves.append(values.requires_grad_())
        return leaves[-1].clone()  # which a layer may change in place

    x = leaf(sequence) if embedding is None else sequence
    x = x if wrap is None else wrap(x)
    shape = tuple((x.data if isinstance(x, rnn.PackedSequence) else x).shape)
    hooks = [register_module_forward_pre_hook(partial(_watch, steps))]
    if embedding is not None:
        hooks.append(embedding.register_forward_hook(lambda layer, args, values: leaf(values)))
    try:
        outputs = module(x)
    except _RefusedError as refusal:
        raise ValueError(str(refusal)) from None
    except Exception as error:
        raise ValueError(
            f"the module does not take inputs of shape {shape}: {type(error).__name__}: {error}; "
            "where it needs a batch axis, say batch_dim=, and for integer tokens embedding="
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    if len(leaves) != 1:
        raise ValueError(f"the embedding was called {len(leaves)} times; it must be once")
    shape = tuple(leaves[0].shape)
    if shape[:-1] not in ((steps,), (1, steps), (steps, 1)):
        raise ValueError(f"the embedding returned {shape}; it must be (T, E) with T = {steps}")
    return _chosen(outputs, output), leaves[0]


def _chosen(outputs, output):
    """Return the tensor that is meant among all that a module returned."""
    kind = type(outputs).__name__
    if (
        output is None
        and isinstance(outputs, tuple)
        and not isinstance(outputs, rnn.PackedSequence)
    ):
        if not outputs:
            raise ValueError("the module returned an empty tuple; it must begin with the outputs")
        output = 0
    if output is not None:
        by_name = isinstance(output, str) and not isinstance(outputs, Mapping)
        try:
            if isinstance(outputs, torch.Tensor):
                raise TypeError
            outputs = getattr(outputs, output) if by_name else outputs[output]
        except (LookupError, TypeError, AttributeError):
            raise ValueError(
                f"output = {output!r}; the module returned {kind} without it"
            ) from None
    if isinstance(outputs, rnn.PackedSequence):
        return outputs.data[None]  # of one sequence: in order
    if not isinstance(outputs, torch.Tensor):
        keys = f" of {', '.join(map(str, outputs))}" if isinstance(outputs, Mapping) else ""
        raise ValueError(
            f"the module returned {type(outputs).__name__}{keys}; it must return a tensor, or "
            "output= say which is meant"
        )
    return outputs


def _alone(outputs, wrap):
    """Return the outputs without the axis of the batch, which is of one sequence."""
    if wrap is None or not outputs.ndim:
        return outputs.reshape(1) if not outputs.ndim else outputs
    if len(outputs) == 1:
        return outputs[0] if outputs.ndim > 1 else outputs
    return outputs[:, 0] if outputs.ndim == 3 and outputs.shape[1] == 1 else outputs[None, None]
