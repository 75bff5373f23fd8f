"""Every bench still runs, in its smallest form: it prints its rows, loses nothing, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reader_drivers import DRIVERS
from staff_console import DIST

ROOT = Path(__file__).parents[1]


def run(names: list[str], temporary: Path) -> dict[str, list[list[str]]]:
    """The rows of each table by its title; cells are parted by two blanks or more."""
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks", "--tiny", *names]
    done = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        said, errors = done.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signal.SIGKILL)  # with its browser, which would go on in everybody's way
        raise
    assert (done.returncode, errors) == (0, "")
    assert ended(done.pid), "a bench left something running"
    assert re.search(r"\d cores \(.*\), .*load .*Python 3\.\d+", said.splitlines()[0])
    tables: dict[str, list[list[str]]] = {}
    for block in said.split("\n\n")[1:]:
        title, _columns, rule, *rest = block.strip("\n").splitlines()
        assert set(rule) == {"-"}
        tables[title] = [re.split(r" {2,}", row.strip()) for row in rest if not row.startswith("#")]
    return tables


def ended(group: int) -> bool:
    """Whether every process of a group ends soon; those that nobody has collected yet have ended."""
    give_up = time.monotonic() + 40.0
    while time.monotonic() < give_up:
        stats = []
        for each in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                stats.append(each.read_text().rpartition(")")[2].split())
        if not any(state != "Z" and int(own) == group for state, _parent, own, *_rest in stats):
            return True
        time.sleep(0.02)
    return False


def test_latency_times_every_arrival_on_every_socket(tmp_path: Path) -> None:
    ((title, rows),) = run(["latency"], tmp_path).items()
    assert title == "Latency: read to 4 live sockets, ms"
    news = [row[:3] for row in (" ".join(row).split() for row in rows)]
    assert news == [["50", over, kind] for over in ("pty", "mqtt") for kind in ("visit.arrived", "alert.opened")]
    for row in rows:
        _heard, receipts, missing, p50, p99, greatest, bare, bare_p99, _core = row[-9:]
        assert (receipts, missing) == ("12", "0")  # 3 arrivals on 4 sockets
        assert 0 < float(p50) <= float(p99) <= float(greatest)
        assert 0 < float(bare) <= float(bare_p99)
    assert list(tmp_path.iterdir()) == []


def test_four_times_the_tablets_and_a_deaf_one_all_hear_every_arrival(tmp_path: Path) -> None:
    ((title, rows),) = run(["tablets"], tmp_path).items()
    assert title == "Latency: read to 16 live sockets, ms"
    assert {tuple(row[-8:-6]) for row in rows} == {("48", "0")}  # receipts and missing: 3 arrivals on 16 sockets
    assert list(tmp_path.iterdir()) == []


def test_throughput_counts_what_was_sent(tmp_path: Path) -> None:
    pairs, overload = run(["throughput"], tmp_path).values()
    assert [row[0] for row in pairs] == ["mqtt, 8 rooms", "pty, 8 lines"]
    for _link, ours, bare, ratio, _cpu, _bare_cpu, lost, *_rest in pairs:
        assert int(ours.replace(",", "")) > 1000
        assert float(ratio) == pytest.approx(int(ours.replace(",", "")) / int(bare.replace(",", "")), abs=0.01)
        assert lost == "0 / 0"
    ((_offered, _counted, _lost, _slowest, health, _counters),) = overload
    assert health in ("ok", "degraded")
    assert list(tmp_path.iterdir()) == []


def test_which_facts_hold_costs_in_proportion(tmp_path: Path) -> None:
    ((_title, rows),) = run(["facts"], tmp_path).items()
    assert [row[0] for row in rows] == ["21", "200", "800"]
    each = [float(row[-1]) for row in rows]
    assert max(each) < 6 * min(each), "facts of one customer are looked at more often than their number"


def test_frames_has_a_row_for_every_driver(tmp_path: Path) -> None:
    frames, noise = run(["frames"], tmp_path).values()
    assert [row[0] for row in frames] == list(DRIVERS)
    for _driver, size, sightings, decoded, bare, ratio, micros in frames:
        assert int(size) > 5
        assert 20 <= int(sightings) <= 200
        assert 0 < int(decoded.replace(",", "")) < int(bare.replace(",", ""))
        assert 0 < float(ratio) < 1
        assert float(micros) > 0
    assert [row[0] for row in noise] == [name for name, driver in DRIVERS.items() if driver.over != "mqtt"]
    assert all(int(held.replace(",", "")) < 262_144 for *_rest, held in noise)
    assert list(tmp_path.iterdir()) == []


def test_a_babbling_reader_and_strangers_cost_nobody_a_receipt(tmp_path: Path) -> None:
    ((_title, rows),) = run(["babble"], tmp_path).items()
    *phases, first, second = rows
    assert [row[0] for row in phases] == ["calm", "one babbles", "calm again", "one babbles again"]
    for _phase, receipts, missing, p50, p99, greatest, _core, memory in phases:
        assert (receipts, missing) == ("48", "0")  # 6 arrivals on 4 sockets, told twice
        assert 0 < float(p50) <= float(p99) <= float(greatest)
        assert float(memory) > 20
    assert [row[:3] for row in (first, second)] == [
        ["1,000 strangers", "1,000", "0"],
        ["2,000 strangers", "1,000", "0"],
    ]
    assert list(tmp_path.iterdir()) == []


def test_messages_has_a_row_for_every_mqtt_driver_and_loses_nothing(tmp_path: Path) -> None:
    decoded, others = run(["messages"], tmp_path).values()
    mqtt = [name for name, driver in DRIVERS.items() if driver.over == "mqtt"]
    assert [row[0] for row in decoded] == [*mqtt, "zebra_iotc, a full batch"]
    assert all(float(each.replace(",", "")) > 0 for *_rest, each, _a_read in decoded)
    assert [row[0] for row in others][-2:] == ["1,000 strangers", "1,000 strangers more"]
    assert [row[5] for row in others][-2:] == ["1,000", "1,000"]
    _calm, batches, large, *_rest = others
    assert int(batches[5].replace(",", "")) % 1091 == 0
    assert (int(large[5]), int(large[6])) == (0, 3)
    assert list(tmp_path.iterdir()) == []


def test_a_week_is_told_in_numbers_and_lists(tmp_path: Path) -> None:
    ((_title, rows),) = run(["week"], tmp_path).items()
    names = ["rows opened", "the numbers", "a list, its first 200", "a day's numbers", "nothing"]
    assert [row[0] for row in rows] == names


def test_rebuild_makes_the_same_tables(tmp_path: Path) -> None:
    ((_title, rows),) = run(["rebuild"], tmp_path).items()
    assert [row[0] for row in rows] == ["rebuild --check", "verify"]
    for _program, rate, bare, ratio in rows:
        ours, theirs = int(rate.replace(",", "")), int(bare.replace(",", ""))
        assert min(ours, theirs) > 0
        assert float(ratio) == pytest.approx(ours / theirs, abs=0.01)
    assert list(tmp_path.iterdir()) == []


def test_memory_and_look_ups(tmp_path: Path) -> None:
    starts, firsts, looks = run(["memory"], tmp_path).values()
    ((customers, first, memory, *_rest),) = starts
    assert customers == "50"
    assert 0 < float(first) < 30
    assert int(memory) > 20
    ((customers, matched, *_rest),) = firsts
    assert customers == "50"
    assert 0 < float(matched) < 30
    assert [row[:2] for row in looks] == [["50", "present"], ["50", "present, tags"], ["50", "stranger"]]
    present, _tags, stranger = (float(row[2].partition(" ")[0]) for row in looks)
    assert present > 3 * stranger > 0  # a customer who was taken for a stranger would cost as little as one
    assert list(tmp_path.iterdir()) == []


def test_a_full_house_is_pulsed(tmp_path: Path) -> None:
    (rows,) = run(["full-house"], tmp_path).values()
    assert [row[:3] for row in rows] == [["20", hands, minutes] for hands in ("0", "10") for minutes in ("0.5", "7")]
    assert all(row[3].endswith("%") and row[4].endswith("%") for row in rows)
    assert list(tmp_path.iterdir()) == []


def test_an_import_is_timed_three_ways_beside_a_bare_program(tmp_path: Path) -> None:
    ((title, rows),) = run(["imports"], tmp_path).items()
    assert title.startswith("Imports of 50 customers")
    assert [row[0] for row in rows] == ["an empty folder", "the same again", "through a gateway"]
    for _kind, ours, rate, bare, ratio, *_health in rows:
        assert float(ours) > 0
        assert int(rate.replace(",", "")) > 0
        assert float(ratio) == pytest.approx(float(ours) / float(bare), rel=0.5)
    assert len(rows[2][-1].split(" / ")) == 3
    assert list(tmp_path.iterdir()) == []


def test_writes_and_the_first_page(tmp_path: Path) -> None:
    writes, page = run(["writes", "first-page"], tmp_path).values()
    assert [row[0] for row in writes] == ["1", "20"]
    for _writers, acknowledged, bare, *_rest in writes:
        assert int(acknowledged.replace(",", "")) > 0
        assert int(bare.replace(",", "")) > 0
    assert len(page) == (3 if (DIST / "index.html").exists() else 0)
    for _part, _files, built, small in page:
        assert 0 < int(small.replace(",", "")) < int(built.replace(",", ""))
    assert list(tmp_path.iterdir()) == []


def test_a_start_is_timed_until_the_first_read_and_until_the_console_answers(tmp_path: Path) -> None:
    ((title, rows),) = run(["start"], tmp_path).items()
    assert title == "Start with 1,000 customers, one of them at a reader"
    ((read, health, processor, bare, *_ratios, memory),) = rows
    assert 0 < float(read) < float(health)
    assert min(float(processor), float(bare), float(memory)) > 0


def test_paint_times_cards_in_an_empty_house_and_in_a_full_one() -> None:
    with TemporaryDirectory() as short:  # Chromium has a socket in it, and a socket's path ends after 107 characters
        paint, first = run(["paint"], Path(short)).values()
    houses = [f"{cards} cards, {held}" for held in ("landscape", "portrait") for cards in (0, 60)]
    assert [row[:2] for row in paint] == [[house, kind] for house in houses for kind in ("arrival", "alert", "claim")]
    for _house, _event, p50, p95, most, bare, ratio in paint:
        assert 0 < float(p50) <= float(p95) <= float(most)
        assert float(bare) > 0
        assert float(ratio) > 0
    assert [row[0] for row in first] == ["first paint", "first card"]
    assert 0 < float(first[0][1]) <= float(first[1][1])


def test_what_a_hub_stores_is_told_beside_a_bare_merge(tmp_path: Path) -> None:
    ((title, rows),) = run(["hub"], tmp_path).items()
    assert title == "Hub: rows stored a second in batches of 500, beside a bare merge of the same rows"
    assert [row[0] for row in rows] in (["SQLite"], ["SQLite", "PostgreSQL"])
    for _store, ours, bare, ratio in rows:
        stored, merged = (float(each.replace(",", "")) for each in (ours, bare))
        assert min(stored, merged) > 0
        assert float(ratio) == pytest.approx(stored / merged, abs=0.01)
    assert list(tmp_path.iterdir()) == []


def test_insight_is_measured_for_each_size_of_house(tmp_path: Path) -> None:
    models, folds, ((_visitors, planted, _found, precision, recall, _s),) = run(["insight"], tmp_path).values()
    assert planted == "30"
    assert min(float(precision), float(recall)) > 0.8
    for rows in (models, folds):
        assert [row[0] for row in rows] == ["50"]
        assert int(rows[0][1].replace(",", "")) > 100
        assert float(rows[0][-1]) > 30
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_name_is_answered_with_the_right_ones() -> None:
    command = [sys.executable, "-m", "benchmarks", "latncy"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "latncy" in done.stderr
    assert "latency" in done.stderr


def test_what_the_clubs_ledger_books_is_told_beside_bare_rows(tmp_path: Path) -> None:
    ((title, rows),) = run(["club"], tmp_path).items()
    assert "entries booked a second" in title
    assert rows[0][0] == "SQLite"
    assert float(rows[0][3]) > 0
