"""What a customer is worth, who may leave, who knows whom: folded from facts; no disk, no web, no clock.

Plain rules need nothing but Python. What needs numpy and scipy is in ``gateway.insight.models``, and in no gateway.
"""
