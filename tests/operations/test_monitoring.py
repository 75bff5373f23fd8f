"""The alert rules and the dashboard ask for what the gateway measures, and the real program takes them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.story.settings import COUNTER
from tests.story.venue import Venue, guest

MONITORING = Path(__file__).parents[2] / "config" / "monitoring"
RULES = MONITORING / "moments.rules.yml"
DASHBOARD = MONITORING / "grafana-dashboard.json"
PROMTOOL = shutil.which("promtool", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
METRIC = re.compile(r"\b(moments_\w+|process_\w+)\b")


def asked() -> set[str]:
    """The metrics that rules and panels ask for."""
    rules = re.findall(r"^ +expr: (.+)$", RULES.read_text(), re.MULTILINE)
    assert rules
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return set(METRIC.findall(" ".join([*rules, *(t["expr"] for p in panels for t in p["targets"])])))


async def metrics(venue: Venue) -> str:
    """What Prometheus is answered."""
    async with httpx2.AsyncClient(base_url=venue.url, trust_env=False) as monitor:
        return (await monitor.get("/metrics")).text


async def test_whatever_is_asked_for_is_measured_and_counters_outlive_a_link(tmp_path: Path) -> None:
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(who := guest("Somebody"))
        async with await venue.tablet("anna") as anna:
            await venue.taps(who, anna)
        said = await metrics(venue)
        not_here = {"moments_watchdog_age_seconds", "moments_mqtt_unread_bytes"}  # under systemd, with a broker
        assert {each for each in asked() if each not in said} == not_here
        before = reads(said)
        assert before > 0
        venue.em4100["counter"].unplug()
        await venue.eventually(venue.health, lambda h: h["readers"]["counter"] == "lost")
        venue.em4100["counter"].plug()
        await venue.eventually(venue.health, lambda h: h["readers"]["counter"] == "up")
        assert reads(await metrics(venue)) >= before


def reads(said: str) -> float:
    """How many reads were counted."""
    found = re.search(r'^moments_sightings_total\{reader="counter"\} (\S+)$', said, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_every_panel_and_rule_says_what_it_is_about() -> None:
    for rule in RULES.read_text().split("- alert: ")[1:]:
        assert re.search(r"labels: \{severity: (page|ticket)\}", rule), rule
        assert {"summary", "description"} <= set(re.findall(r"^ +(\w+):", rule, re.MULTILINE)), rule
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool comes with Debian's package prometheus")
def test_the_real_program_takes_the_rules_and_the_queries() -> None:
    assert PROMTOOL is not None
    checked = subprocess.run([PROMTOOL, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            parsed = subprocess.run(
                [PROMTOOL, "query", "instant", "http://127.0.0.1:1", target["expr"]],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert "parse error" not in parsed.stderr, (panel["title"], parsed.stderr)
