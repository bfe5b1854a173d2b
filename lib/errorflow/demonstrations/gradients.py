"""Rows of the gradient methods.

Learning rate and first weights of the common test are those of Table 2. On the 2-sequence problem
of reference [1] the nets have its 5 units and first weights from [-0.5, 0.5]; what it published are
the sequences wrong after training. Lags and time constants were chosen after a pilot, seeds 0 to 5.
"""

from errorflow.demonstrations.row import Demonstration, bridges, table2

ONE_UNIT = "1 hidden unit"
FIVE_UNITS = (("hidden", 4), ("initial", 0.5))
WRONG = {5: 58, 10: 56, 20: 43, 50: 53, 100: 50}
"""Percent wrong of back-propagation on the 2-sequence problem, by the largest length."""


def _two_sequence(method, p, net="5 units", weights=35):
    source = f"[1]: back-propagation has {WRONG[p]} % wrong"
    return {
        f"{method}/2-sequence-p{p}": Demonstration(
            method, "2-sequence", p, net, weights, 10, 30_000, (), FIVE_UNITS, source=source
        )
    }


def _learned_time_constant(p):
    return {
        f"pearlmutter/learned-T-p{p}": Demonstration(
            "pearlmutter", "2a", p, "1 unit, T learned", table2(p) + 1, 10, 30_000,
            constants=(("adaptive", True),),
        )
    }  # fmt: skip


ROWS = {
    **bridges("elman", ONE_UNIT, table2),
    **bridges("rtrl", ONE_UNIT, table2),
    **bridges("bptt", ONE_UNIT, table2),
    **bridges("truncated-bptt", ONE_UNIT, table2),
    **bridges("hybrid", ONE_UNIT, table2, h=10),
    **bridges("pearlmutter", "1 unit, T = 10 steps", table2),
    **bridges("rcc", "a cascade, at first without units", lambda p: (p + 1) * (p + 2)),
    **_learned_time_constant(3),
    **_learned_time_constant(10),
    **_two_sequence("elman", 10),
    **_two_sequence("bptt", 5),
    **_two_sequence("bptt", 10),
    **_two_sequence("bptt", 20),
    **_two_sequence("bptt", 50),
    **_two_sequence("bptt", 100),
    **_two_sequence("truncated-bptt", 10),
    **_two_sequence("hybrid", 10),
    **_two_sequence("pearlmutter", 10, "4 units, T = 10 steps", 30),
    **_two_sequence("pearlmutter", 50, "4 units, T = 10 steps", 30),
}
"""With one unit, blocks of h = n = 1 steps would make the O(n^3) algorithm RTRL: h is 10 there."""
