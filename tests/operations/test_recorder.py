"""What a recording of a venue holds: reads with hashed identifiers, and what contacts and motion sensors said."""

from __future__ import annotations

from pathlib import Path

from gateway.core.state import plan_of
from gateway.operations.recorder import Recorder
from gateway.recognition.recording import Read, Sensing, load
from gateway.settings.venue import VenueConfig
from reader_drivers.sighting import Left, Sensed, Sighting

VENUE = VenueConfig.model_validate(
    {
        "venue": {"id": "v", "name": {"en": "V", "zh-CN": "V"}},
        "zones": [
            {"id": "hall", "name": {"en": "Hall", "zh-CN": "厅"}}, {"id": "bar", "name": {"en": "Bar", "zh-CN": "吧"}},
        ],
        "readers": [
            {"id": "door", "driver": "espresense", "link": "espresense", "role": "inner", "rooms": {"a": "hall"}},
            {"id": "front", "driver": "json", "link": "x/front", "role": "inner", "zone": "hall",
             "settings": {"kind": "contact"}},
            {"id": "eye", "driver": "json", "link": "x/eye", "role": "zone", "zone": "bar",
             "settings": {"kind": "motion"}},
        ],
    }
)  # fmt: skip


def test_doors_and_motion_are_written_down_and_replayed_as_the_venue_has_them(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    with Recorder(path, VENUE) as recorder:
        recorder.hear(Sensed("front", None, "", None, None, 1.0, None, "contact", True))
        recorder.hear(Sighting("door", "a", "epc:SECRET", -50.0, None, 2.0))
        recorder.hear(Left("door", "a", "epc:SECRET", None, None, 3.0))
        recorder.hear(Sensed("eye", None, "", None, None, 4.0, None, "motion", False))
    assert recorder.reads == 1
    head, rows = load(path)
    plan, live = head.plan(), plan_of(VENUE)
    assert plan.sensors == live.sensors
    assert set(plan.readers) == set(live.readers)
    assert [type(row) for row in rows] == [Sensing, Read, Sensing]
    assert rows[0] == Sensing(1.0, "front", "contact", True)
    assert rows[2] == Sensing(4.0, "eye", "motion", False)
