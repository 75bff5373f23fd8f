"""Files that come with the gateway, whether it runs from a checkout or from a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def config_folder() -> Path:
    """The folder with the example, the demo's venue and its sample people."""
    return _folder("config")


def systemd_folder() -> Path:
    """The folder with the units and the guide for operators."""
    return _folder("systemd")


def _folder(name: str) -> Path:
    in_wheel = PACKAGE / "data" / name
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent / name
