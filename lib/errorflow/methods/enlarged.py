"""Type (2), methods that keep gradients larger."""
