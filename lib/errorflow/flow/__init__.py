"""Section 2: the error's way back, analysed; no task and no training."""
