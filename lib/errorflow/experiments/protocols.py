"""Protocols: named readings of what the literature leaves open, as overrides of options.

The options' defaults, and what the rows set, are the 1997 text read literally: that is the protocol
``literal``. Where one protocol is not enough, any option can be set by itself.
"""

from collections.abc import Mapping
from typing import Any

from errorflow.core.entries import guarded

PROTOCOLS: dict[str, dict[str, Any]] = {
    "literal": {},
    # The caption of the 1997 paper's Table 10 has the ranges of g and h the other way round.
    "caption": {"g": (-1.0, 1.0), "h": (-2.0, 2.0), "targets": (0.1, 0.9)},
    "closed-gate": {"input_gate": -2.0},
    "no-slope": {"output_slope": (0.0, 1.0), "cell": "start"},
    "delayed": {"outputs_see": "hidden(t-1)"},
    "per-sequence": {"update": "sequence"},
    # Combined input and output units, no knowledge of where a string begins: Smith and Zipser
    # (1989) as their successors describe them.
    "smith-zipser": {"clamped": True, "stream": True, "reset": False},
    "but-outer": {"but_outer": True},
    "pair": {"judged_by": "pair"},
    "c-first": {"order": "C first"},
    # The chunker's experiment of 1992 has no boundaries between sequences.
    "c-carries-on": {"C_reset": False},
    # As in their sister paper of 1989: context units start at 0.5.
    "cleeremans": {"context": 0.5, "momentum": 0.5},
    # The epsilons and the offset are those of Fahlman's program; so are these units, for which
    # they were chosen: the slope of a tanh is up to four times as large.
    "program": {"sigmoid": (0.5, 0.5), "targets": (-0.5, 0.5)},
}


@guarded
def protocol(name: str) -> Mapping[str, Any]:
    """Return the options that a protocol sets; an unknown one is a ``ValueError``."""
    if name not in PROTOCOLS:
        raise ValueError(f"protocol {name!r} is unknown; it must be one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
