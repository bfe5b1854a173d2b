"""Type (1), methods without gradients."""
