"""What events of readers, doors and settings may hold."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[tuple[str, str], Any] = {
    ("ReaderChanged", "state"): "lost",
    ("ReaderChanged", "reason"): "no such device",
    ("ReaderChanged", "id"): "door",
    ("LimitReached", "kind"): "silent",
    ("ReaderPasswordMade", "users"): ["foyer@phones"],
    ("SettingsChanged", "change"): "0199ac52-3d4e-7f50-9b6a-2c3d4e5f6a7b",
    ("SettingsChanged", "because"): "screen",
    ("SettingsChanged", "undoes"): None,
    ("SettingsChanged", "tables"): ["readers"],
    ("SettingsChanged", "waits"): [],
    ("SettingsChanged", "lines"): [{"at": 11, "before": ['role = "inner"'], "after": ['role = "exit"']}],
}
