"""Claims of Section 3 about the gradient methods."""
