"""Readers of tags: one file per wire protocol, not per brand."""
