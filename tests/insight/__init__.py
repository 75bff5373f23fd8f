"""Insight: the plain rules, the models, and what they say of known houses."""
