"""Claims of Section 3 about methods without gradients: type (1)."""
