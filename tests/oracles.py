"""What several test modules compare with, or make their cases of."""

import torch

from errorflow import claims


def elman(W, f):
    """Return what runs y(t) = f(W y(t-1) + x(t)) from y = 0 in torch, (T, n) to (T, n)."""
    W = torch.as_tensor(W)

    def run(x):
        y, outputs = torch.zeros(len(W), dtype=torch.float64), []
        for now in x:
            y = f(W @ y + now)
            outputs.append(y)
        return torch.stack(outputs)

    return run


def verdicts(page):
    """Return the verdicts that the predicates of a page's claims give now, by id."""
    return {c.id: claims.entry(c)["verdict"] for c in claims.all_claims() if c.page == page}
