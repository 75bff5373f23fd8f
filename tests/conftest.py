"""What all tests share: hypothesis takes its time where the machine is busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("moments", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("moments")
