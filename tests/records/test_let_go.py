"""Where somebody was from zone to zone goes after fourteen days, what events say after 400, and the chain holds."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from gateway.events.event import News
from gateway.events.times import DAY
from gateway.records import anchor, bodies, chain, chain_export, rebuild, visits
from gateway.records import journal as journals
from gateway.records.anchor import ANCHOR_FILE
from gateway.records.journal import Journal
from gateway.records.rebuild import Difference
from gateway.records.retention import Measure, Retention, due, looked
from gateway.records.store import RECORDS_FILE, Store
from gateway.records.verify import Verdict, verify
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record

KEEP = Retention(receipts=1e4, sessions=1e4, answers=1e4)
NOON = DAY / 2


def lives(store: Store, journal: Journal, day: int) -> str:
    """A visit through three zones and back, on this day."""
    at, visit = day * DAY, f"v-{day}"
    record(store, journal, h.arrived(visit=visit, zone="door", at=at), at=at)
    for number, zone in enumerate(("bar", "lounge", "bar"), 1):
        record(store, journal, h.moved(visit=visit, zone=zone, at=at + number), at=at + number)
    record(store, journal, h.departed(visit=visit, at=at + 60), at=at + 60)
    return visit


def let_go(store: Store, journal: Journal, now: float, keep: Retention = KEEP) -> dict[str, int]:
    [event] = record(store, journal, h.retained(now, keep), at=now)
    gone: dict[str, int] = event.data["gone"]
    return gone


def walked(store: Store) -> Verdict:
    return verify(store.reader, kept=False)


def differences(store: Store) -> list[Difference]:
    return rebuild.check(store.reader, store.folder).differences


def told(journal: Journal) -> list[tuple[str, str | None]]:
    """What the journal still says of where somebody was, the oldest on top."""
    events = [each for each in journal.of_customer("c-1") if each.type.startswith("visit.")]
    return [(each.type, each.data.get("zone")) for each in reversed(events)]


def test_after_fourteen_days_a_visit_has_from_until_and_the_number_of_zones(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    old, young = lives(store, journal, 0), lives(store, journal, 10)
    assert let_go(store, journal, 14 * DAY - 1)["zones"] == 0
    assert len(told(journal)) == 10
    gone = let_go(store, journal, 14 * DAY + NOON)
    assert (gone["zones"], gone["presence"]) == (1, 5)
    found = visits.get(store.reader, old)
    assert found is not None
    assert (found.opened_at, found.closed_at, found.zones) == (0.0, 60.0, 3)
    assert (found.zone, found.evidence) == ("", {})
    assert visits.get(store.reader, young).zone == "bar"  # type: ignore[union-attr]
    assert [zone for _, zone in told(journal)] == ["door", "bar", "lounge", "bar", None]  # those of the younger
    assert [event.type for event in journal.of_customer("c-1")][-1] == "customer.enrolled"
    assert walked(store).ok
    assert differences(store) == []


def test_of_what_went_no_key_opens_anything_in_any_file(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    lives(store, journal, 0)
    bare = "SELECT sealed FROM journal WHERE type LIKE 'visit.%'"
    before = [row[0] for row in store.reader.conn.execute(bare)]
    let_go(store, journal, 15 * DAY)
    store.call(lambda tx: None)
    store.close()
    for path in store.folder.iterdir():
        if path.name.startswith((RECORDS_FILE, ANCHOR_FILE)) and not path.name.endswith("-wal"):
            content = path.read_bytes()
            assert not [each for each in before if each in content], path.name


def test_the_snapshot_does_not_know_for_longer_where_they_were(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    for day in range(40):
        lives(store, journal, day)
        let_go(store, journal, day * DAY + NOON)
    snapshot = anchor.reading(store.folder / ANCHOR_FILE, store.keyring)
    assert snapshot is not None
    known = snapshot.conn.execute("SELECT count(*) FROM visits WHERE zones IS NULL AND closed_at < ?", (24 * DAY,))
    assert known.fetchone()[0] == 0
    snapshot.close()
    assert differences(store) == []
    assert bodies.since(store.reader, "presence") == pytest.approx(26 * DAY, abs=DAY)


def test_a_visit_that_still_goes_on_knows_where_it_is(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), h.arrived(at=0.0), at=0.0)
    let_go(store, journal, 20 * DAY)
    assert visits.open_visits(store.reader)[0].zone == "door"
    record(store, journal, h.moved(at=20 * DAY), h.departed(at=20 * DAY + 5), at=20 * DAY)
    assert differences(store) == []
    let_go(store, journal, 40 * DAY)
    assert visits.get(store.reader, "v-1").zones == 1  # type: ignore[union-attr]  # the first of them is not known any more
    assert differences(store) == []


def test_what_events_say_goes_before_that_they_happened(store: Store, journal: Journal) -> None:
    keep = Retention(presence=2, visits=1e4, journal=4, skeleton=9, receipts=1e4)
    record(store, journal, h.enrolled(), at=0.0)
    record(store, journal, h.preferred(), at=DAY)
    record(store, journal, h.viewed(), at=2 * DAY)
    skeleton = "SELECT type, time FROM journal ORDER BY number"
    before = store.reader.conn.execute(skeleton).fetchall()
    gone = let_go(store, journal, 5.5 * DAY, keep)
    assert (gone["bodies"], gone["journal"]) == (3, 0)  # the epoch's beginning is one
    assert [event.type for event in journal.of_customer("c-1")] == ["customer.viewed"]
    assert store.reader.conn.execute(skeleton).fetchall()[:-1] == before
    assert walked(store).ok
    assert differences(store) == []
    assert let_go(store, journal, 9.5 * DAY, keep)["journal"] == 2
    assert store.reader.conn.execute(skeleton).fetchone()[0] == "preference.recorded"
    assert walked(store).ok
    assert differences(store) == []


def test_whoever_checks_the_chain_elsewhere_notices_nothing(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    lives(store, journal, 0)
    head, lines = journals.head(store.reader), list(chain_export.lines(store.reader))
    let_go(store, journal, 500 * DAY)
    after = list(chain_export.lines(store.reader))
    assert after[: len(lines)] == lines
    assert chain_export.check(after, head.hash).head_at == (head.epoch, head.position)
    assert json.loads(after[0])["format"] == chain_export.CHAIN


@pytest.mark.parametrize(
    ("type_", "sound"), [("visit.moved", True), ("customer.viewed", False)], ids=["where they were", "a look"]
)
def test_a_body_that_somebody_else_takes_out_is_found(store: Store, journal: Journal, type_: str, sound: bool) -> None:
    """What was let go is the oldest presence; a look that is made dark in the same way breaks the chain."""
    record(store, journal, h.enrolled(), h.viewed(), at=0.0)
    lives(store, journal, 0)
    let_go(store, journal, 20 * DAY)
    assert walked(store).ok
    digest = "UPDATE journal SET sealed = ? WHERE number = ?"
    row = store.reader.conn.execute("SELECT number, sealed FROM journal WHERE type = ?", (type_,)).fetchone()
    store.call(lambda tx: tx.db.conn.execute(digest, (chain.let_go(row[1]), row[0])).rowcount)
    assert walked(store).ok is sound


def test_a_mark_that_somebody_else_sets_is_found(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), h.viewed(), at=0.0)
    lives(store, journal, 0)
    let_go(store, journal, 20 * DAY)
    store.call(lambda tx: tx.db.conn.execute("UPDATE journal_let_go SET number = number + 1").rowcount)
    assert not walked(store).ok


def test_a_new_key_of_the_chain_proves_what_was_let_go(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    lives(store, journal, 0)
    let_go(store, journal, 20 * DAY)
    before = store.reader.conn.execute("SELECT proof FROM journal_let_go").fetchall()
    with store.keyring.changing() as connection:
        store.keyring.secrets.renew(connection, "proofs")
    store.call(lambda tx: anchor.prove_anew(tx.db))
    assert store.reader.conn.execute("SELECT proof FROM journal_let_go").fetchall() != before
    assert walked(store).ok


def test_tablets_that_were_away_for_longer_begin_anew(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    [seen] = record(store, journal, h.viewed(), at=1.0)
    lives(store, journal, 0)
    [later] = record(store, journal, h.viewed(), at=100.0)
    assert journal.since(seen.sequence) is not None
    let_go(store, journal, 20 * DAY)
    assert journal.since(seen.sequence) is None
    assert journal.since(later.sequence) is not None


def test_a_snapshot_that_was_lost_is_said_and_made_anew(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    lives(store, journal, 0)
    let_go(store, journal, 20 * DAY)
    store.anchor.close()
    (store.folder / ANCHOR_FILE).unlink()
    with pytest.raises(rebuild.Incomplete, match="what events say was let go up to row"):
        differences(store)
    store.call(store.anchor.mend)
    assert differences(store) == []


def test_of_presence_too_a_day_takes_its_measure_and_asks_for_the_rest(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    for day in range(40):
        lives(store, journal, day)
    now = 60 * DAY
    of_presence = next(over for over in looked(store.reader, now, KEEP) if over.kind == "presence")
    assert (of_presence.rows, of_presence.candidates) == (240, 240)  # forty visits, and five events of each
    data = due(store.reader, now, KEEP)
    assert data is not None
    record(store, journal, News("retention.applied", "test", data), at=now)
    [report] = [each for each in data["kinds"] if each["kind"] == "presence"]
    assert report["asks"]
    assert 40 <= report["deleted"] <= 50
    rounds = 0
    while (data := due(store.reader, now, KEEP, Measure(at_once=70, allowed=frozenset({"presence"})))) is not None:
        rounds += 1
        record(store, journal, News("retention.applied", "test", data), at=now)
        deleted = sum(each["deleted"] for each in data["kinds"] if each["kind"] == "presence")
        assert 1 <= deleted <= 70
    assert rounds >= 3
    assert bodies.since(store.reader, "presence") is None
    assert differences(store) == []
    assert walked(store).ok


def test_a_copy_of_before_lets_go_again(store: Store, journal: Journal, tmp_path: Path) -> None:
    """What was let go is not on any list: a copy that comes back lets go of it at its next run, by the same rule."""
    record(store, journal, h.enrolled(), at=0.0)
    lives(store, journal, 0)
    store.close()
    shutil.copytree(store.folder, tmp_path / "copy")
    with closing(Store.open(tmp_path / "copy", source=SOURCE)) as copy:
        again = Journal(copy, origin=ORIGIN, at=20 * DAY)
        assert let_go(copy, again, 20 * DAY)["presence"] == 5
        assert visits.get(copy.reader, "v-0").zones == 3  # type: ignore[union-attr]
        assert differences(copy) == []
