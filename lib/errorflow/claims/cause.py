"""Claims about the cause: do nets learn long lags slowly because the error vanishes?"""

from errorflow.claims import NOT_RUN, claim

PAGE = "42-the-cause"


@claim(
    "capacity",
    section="Abstract",
    claim="In principle a recurrent net can store a past input until the output needs it.",
    kind="numeric",
    criterion="Weights given by a formula solve the two-sequence task with Table 2's net for RTRL "
    "at p = 4, 10, 100 and 1000: every output error of both sequences is below 0.25.",
    page=PAGE,
)
def capacity():
    """Run the nets with weights from a formula."""
    return NOT_RUN


@claim(
    "weight-changes-insufficient",
    section="Section 1",
    claim="Where error signals vanish, the weight changes for a long lag are insufficient.",
    kind="numeric",
    criterion="Lag 10, rate 1, 100,000 sequences: at the start, in the middle and at the end of a "
    "trial of RTRL that fails, the first symbol's use has less than 1 % of the last error's change "
    "of the weights into the hidden unit, and the last use more than half. In the memory cell's "
    "net, trained as long, the first use has at least half of an even share, 1/(2 p).",
    page=PAGE,
)
def weight_changes_insufficient():
    """Divide the change of weights by the lag."""
    return NOT_RUN


@claim(
    "faster-with-flow",
    section="Abstract",
    claim="If the error does not vanish at the start, a lag of 4 is learned much sooner.",
    kind="numeric",
    criterion="RTRL, rate 1, five seeds, 500,000 sequences: from a start with a flow of about 1 "
    "the median time is at most a tenth of that from the start as drawn (a failure counts as "
    "500,000).",
    page=PAGE,
)
def faster_with_flow():
    """Compare two starts."""
    return NOT_RUN


@claim(
    "rescaled-gradient",
    section="Abstract; Section 1",
    claim="Learning a long lag fails because the far part of the gradient is too small.",
    kind="numeric",
    criterion="RTRL, rate 1, lag 10, ten seeds, 100,000 sequences: with the factor of every step "
    "divided by its size, so that the far part is as large as the near one, more than half of the "
    "trials succeed; with the true factor none. Same direction only: the first at lag 4 alone.",
    page=PAGE,
)
def rescaled_gradient():
    """Compare the true derivative with the rescaled one."""
    return NOT_RUN


@claim(
    "flow-held",
    section="Abstract; Section 2",
    claim="A net whose flow is 1 whatever is learned learns a long lag.",
    kind="numeric",
    criterion="The hidden unit linear, its weight to itself fixed at 1; rate 1, lag 10, ten seeds, "
    "100,000 sequences: more than half of the trials succeed. Same direction only: at lag 4 alone.",
    page=PAGE,
)
def flow_held():
    """Learn with a linear hidden unit."""
    return NOT_RUN


@claim(
    "flow-protected",
    section="Abstract; Section 1",
    claim="A flow of 1 at the start is enough for a long lag where nearer errors cannot destroy "
    "it.",
    kind="numeric",
    criterion="RTRL, rate 1, lag 10, ten seeds, 100,000 sequences, a start with a flow of about 1, "
    "the weights into the hidden unit changed by the error of the last step alone: more than half "
    "of the trials succeed; with all errors, and with the last error alone but the start as drawn, "
    "at most half do. Same direction only: the first at lag 4 alone.",
    page=PAGE,
)
def flow_protected():
    """Compare which errors reach the hidden unit, and both starts."""
    return NOT_RUN


@claim(
    "time-by-size",
    section="Abstract; Section 1",
    claim="The smaller the far part of the gradient, the longer learning takes.",
    kind="numeric",
    criterion="RTRL, rate 1, lag 4, five seeds, 500,000 sequences, the factor of every step set to "
    "the size c with its sign kept: the median time (a failure counts as 500,000) rises from each "
    "of c^3 = 1, 0.1, 0.01, 0.001 to the next, in all at least tenfold.",
    page=PAGE,
)
def time_by_size():
    """Change nothing but the size of the far gradient."""
    return NOT_RUN
