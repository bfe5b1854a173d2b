"""Bits and machine code: what all else is built on."""
