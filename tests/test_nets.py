"""What all nets share: weights that are counted, and copies."""

import numpy as np

from errorflow.nets import copy, layered, lstm, recurrent, zeros_like


def test_named_nets_count_their_weights():
    nets = [lstm.table1(3, 2), lstm.table1(4, 1), layered.table2(4), layered.table2(10)]
    nets += [layered.table2(100), lstm.table2(100), recurrent.table1(3), recurrent.table1(12)]
    wanted = [276, 264, 36, 144, 10_404, 10_504, 170, 494]
    assert [len(net.w) for net in nets] == wanted
    for net, weights in zip(nets, wanted, strict=True):
        assert f"weights={weights})" in repr(net)
        parts = [f for n, f in zip(net._fields, net, strict=True) if isinstance(f, np.ndarray)]
        assert sum(part.size for part in parts[1:]) == weights
        net.w[:] = np.arange(weights)
        assert sorted(np.concatenate([p.ravel() for p in parts[1:]])) == list(range(weights))


def test_copies_share_nothing():
    net = lstm.table1(3, 2)
    net.w[:] = 1.0
    twin = copy(net)
    twin.hidden[2, 3] = 5.0
    assert net.hidden[2, 3] == 1.0
    assert 5.0 in twin.w
    assert not zeros_like(net).w.any()
