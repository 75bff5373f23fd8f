"""What is said where the models of insight are not installed."""

from __future__ import annotations

ABSENT = "this needs numpy and scipy: pip install 'moments[insight]'"
