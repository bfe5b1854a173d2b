"""Quickprop: each weight jumps to the minimum of the parabola through its last two slopes.

S. E. Fahlman, *Faster-learning variations on back-propagation*, 1988; the cases below are those
of his public-domain program for cascade-correlation.
"""

from errorflow.core.compiled import inline


@inline
def quickprop(slope, previous, last, epsilon, mu):
    """Return the next step of a weight that is to go downhill.

    ``slope`` is dE/dw and ``previous`` that of an epoch before, ``last`` the step between them. A
    step is never larger than ``mu`` times the last one; as long as the slope points the same way
    ``epsilon`` times the slope is added, and at the start it is all there is.

    >>> quickprop(-1.0, 0.0, 0.0, 0.5, 2.0), quickprop(0.5, -0.5, 0.25, 0.5, 2.0)
    (0.5, -0.125)
    """
    shrink = mu / (1.0 + mu)
    if last < 0.0:
        linear = -epsilon * slope if slope > 0.0 else 0.0
        largest = slope >= shrink * previous
    elif last > 0.0:
        linear = -epsilon * slope if slope < 0.0 else 0.0
        largest = slope <= shrink * previous
    else:
        return -epsilon * slope
    return linear + (mu * last if largest else last * slope / (previous - slope))
