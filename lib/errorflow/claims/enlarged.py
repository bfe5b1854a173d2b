"""Claims of Section 3 about methods that keep gradients larger: type (2)."""
