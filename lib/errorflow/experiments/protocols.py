"""What the literature leaves open, as named fields: the literal reading and its alternatives."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Protocol:
    """How a trial is run where the papers do not fix it; the defaults are the 1997 text, literally.

    Fields that a row has no use for are without effect.
    """

    name: str = "literal"

    update: str = "step"
    """Weights change after every "step" or at the end of a "sequence"; the paper does not say."""

    reset: bool = True
    """Activations are set to zero before each sequence."""

    outputs_see: str = "hidden(t)"
    """Outputs see "hidden(t)", or "hidden(t-1)" as in the formulas of Section 2."""

    hidden_range: tuple = (0.0, 1.0)
    """Range of the logistic hidden units of RTRL and BPTT."""

    hidden_slope_offset: float = 0.0
    """Added to the slope of those hidden units when an error goes back."""

    targets: tuple = (0.0, 1.0)
    """Targets for the other symbols and for the next one."""

    output_slope: tuple = (1.0, 0.0)
    """An output's error is multiplied by a f' + b: (1, 0) is f'; (0, 1) leaves it as it is."""

    initial: float = 0.2
    """Weights are drawn from [-initial, initial]."""

    duplicates: bool = True
    """Experiment 1: the training set is kept as drawn, with duplicates."""

    context: float = 0.0
    """Elman nets: what the hidden units' activations are set to before each sequence."""

    momentum: float = 0.0
    """Elman nets: this times the last weight change is added to each change; not stated."""

    cascade_inputs: tuple = (0.0, 1.0)
    """Cascade-correlation: an input without and with its symbol; not stated."""

    cascade_sigmoid: tuple = (1.0, 1.0)
    """Units are a tanh(b net), (a, b): the tanh of the 1991 paper; its program has (0.5, 0.5)."""

    cascade_targets: tuple = (-1.0, 1.0)
    """Targets for the other symbols and for the next one: the ends of the sigmoid."""

    cascade_offset: float = 0.1
    """Added to the outputs' slope when their error goes back, and to no other: the program's."""

    cascade_epsilon: float = 1.0
    """Quickprop's for candidates: the program's; what was used for this task is not stated."""

    cascade_epochs: tuple = (100, 100)
    """At most so many epochs in a phase of outputs and of candidates: the program's examples."""

    g1: tuple = (-2.0, 2.0)
    """Experiment 1: range of the cells' input function."""

    h1: tuple = (-1.0, 1.0)
    """Experiment 1: range of the cells' output function."""

    strict: bool = True
    """Experiment 1: all legal successors must be the most active; else only the most active one."""

    but_outer: bool = False
    """Experiment 1: the last symbol but one, which repeats the second, need not be predicted."""

    clamped: bool = False
    """Experiment 1, RTRL: visible units are inputs and outputs in one. After each step they are set
    to the true symbol, so that hidden and visible units see it and the hidden units before."""

    stream: bool = False
    """Experiment 1: training strings are fresh, each is used once, and the first symbol of the next
    one is predicted too."""

    test_every: int = 20
    """Experiment 1: both sets are tested after so many strings."""

    g2: tuple = (0.0, 1.0)
    """Experiment 2: range of the cell's input function; its output function is the identity."""

    judged: str = "learning"
    """Experiment 2: success is judged while "learning", or every 1,000 sequences "frozen"."""

    judged_at: str = "every step"
    """Experiment 2: errors count at "every step" or at the "end" of a sequence."""

    tolerance: float = 0.25
    """Experiment 2: no output's error may reach this."""

    tolerance_2c: float = 0.2
    """The same, for task 2c."""

    streak: int = 10_000
    """Experiment 2: so many successive sequences must be right."""

    cell: object = "stagnation"
    """Experiment 2: the memory cell is there from the "start", added at "stagnation" of the error,
    or after the given number of sequences."""

    eps: float = 0.25
    """Chunkers: a net fails to predict a symbol if one of its outputs' errors exceeds this."""

    chunker_order: str = "A first"
    """Two-net chunker: A learns to predict C's activation "A first", before C reads what A failed
    to predict, or "C first", after it."""

    chunker_reset: bool = True
    """Two-net chunker: C's activation too is set to zero before each sequence."""

    chunker_judged: str = "automatizer"
    """Two-net chunker: judged is the "automatizer" A alone, or the "pair", C where A fails."""

    levels: int = 10
    """Hierarchical chunker: the largest number of levels; each is added at "stagnation" of the
    error of the one below, as the memory cell is."""

    input_gate: float = 0.0
    """Added at the start to the input gates' biases, or, where there are none, to their weights."""

    def __post_init__(self):
        """Refuse values that no code reads."""
        allowed = {
            "update": ("step", "sequence"),
            "outputs_see": ("hidden(t)", "hidden(t-1)"),
            "judged": ("learning", "frozen"),
            "judged_at": ("every step", "end"),
            "chunker_order": ("A first", "C first"),
            "chunker_judged": ("automatizer", "pair"),
        }
        for name, values in allowed.items():
            value = getattr(self, name)
            if value not in values:
                raise ValueError(
                    f"{name} = {value!r}; it must be one of {', '.join(map(repr, values))}"
                )
        is_count = isinstance(self.cell, int) and not isinstance(self.cell, bool) and self.cell > 0
        if not is_count and self.cell not in ("stagnation", "start"):
            raise ValueError(
                f"cell = {self.cell!r}; it must be 'stagnation', 'start' or a number > 0"
            )
        for name in ("test_every", "streak", "levels"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} = {value!r}; it must be an integer of at least 1")

    def differences(self):
        """Return the fields, with their values, in which this protocol differs from `literal`."""
        literal = Protocol()
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "name" and getattr(self, field.name) != getattr(literal, field.name)
        }


LITERAL = Protocol()

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        LITERAL,
        # The caption of the 1997 paper's Table 10 has the ranges of g and h the other way round.
        replace(LITERAL, name="caption", g1=(-1.0, 1.0), h1=(-2.0, 2.0), targets=(0.1, 0.9)),
        replace(LITERAL, name="closed-gate", input_gate=-2.0),
        replace(LITERAL, name="no-slope", output_slope=(0.0, 1.0), cell="start"),
        replace(LITERAL, name="delayed", outputs_see="hidden(t-1)"),
        replace(LITERAL, name="per-sequence", update="sequence"),
        # Combined input and output units, no knowledge of where a string begins: Smith and Zipser
        # (1989) as their successors describe them.
        replace(LITERAL, name="smith-zipser", clamped=True, stream=True, reset=False),
        replace(LITERAL, name="but-outer", but_outer=True),
        replace(LITERAL, name="pair", chunker_judged="pair"),
        replace(LITERAL, name="c-first", chunker_order="C first"),
        # The chunker's experiment of 1992 has no boundaries between sequences.
        replace(LITERAL, name="c-carries-on", chunker_reset=False),
        # As in their sister paper of 1989: context units start at 0.5.
        replace(LITERAL, name="cleeremans", context=0.5, momentum=0.5),
        # The epsilons and the offset are those of Fahlman's program; so are these units, for which
        # they were chosen: the slope of a tanh is up to four times as large.
        replace(LITERAL, name="program", cascade_sigmoid=(0.5, 0.5), cascade_targets=(-0.5, 0.5)),
    )
}


def protocol(name):
    """Return the protocol of that name; an unknown one is a ``ValueError``."""
    if name not in PROTOCOLS:
        raise ValueError(f"protocol {name!r} is unknown; it must be one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
