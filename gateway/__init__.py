"""Moments: in-venue recognition of key customers."""

__version__ = "0.1.0"
