"""The journal is the truth: tables made anew from it are the tables, whatever happened."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.events.event import VISIT, News
from gateway.events.times import DAY
from gateway.records import anchor, journal_rows, projector, rebuild, rounds
from gateway.records.anchor import ANCHOR_FILE, TABLES
from gateway.records.backup import backup, restore
from gateway.records.customers import Taken
from gateway.records.errors import Conflict, Erased
from gateway.records.journal import Journal
from gateway.records.rebuild import Difference
from gateway.records.retention import Retention
from gateway.records.store import Store
from gateway.records.writer import Tx
from tests.records import gathering_news, insight_news
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record
from tests.records.recovering import with_recovery

MEMORY = Path("/dev/shm")
KEEP = Retention(presence=1, visits=2, journal=3, skeleton=4, receipts=4, sessions=1, answers=1)
PURPOSES = ("recognise_tag", "keep_preferences")


class House:
    """A venue of which something happens with every step; what is there decides what may."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.copies = folder, folder.with_name("copies")
        self.clock = 1_700_000_000.0
        self.happened = {"epoch.began"}
        self._open = ExitStack()
        self.start()

    def start(self) -> None:
        self.store = Store.open(self.folder, source=SOURCE)
        self._open.callback(self.store.close)
        self.journal = Journal(self.store, origin=ORIGIN, at=self.clock)

    def stop(self) -> None:
        self._open.close()

    def step(self, seed: int) -> None:
        """One thing that happens, the same for the same seed."""
        r = Random(seed)
        self.clock += r.choice((1.0, 60.0, DAY / 2))
        news = STEPS[seed % len(STEPS)](self, r)
        if news is None:
            return
        before = tables(self.store)
        try:
            events = record(self.store, self.journal, *([news] if isinstance(news, News) else news), at=self.clock)
            self.happened |= {event.type for event in events}
        except (Conflict, Taken, Erased):
            assert tables(self.store) == before, "who is refused has changed nothing"

    def some(self, r: Random, sql: str, *values: object) -> Any:
        rows = [row[0] if len(row) == 1 else row for row in self.store.reader.conn.execute(sql, values).fetchall()]
        return r.choice(rows) if rows else None


Step = Callable[[House, Random], Any]


def tables(store: Store) -> dict[str, Any]:
    return {table: store.reader.conn.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def of_customer(make: Callable[[House, Random, str], Any]) -> Step:
    """A step about somebody who is known."""

    def step(house: House, r: Random) -> Any:
        customer = house.some(r, "SELECT id FROM customers")
        return h.enrolled(f"c-{r.randrange(4)}") if customer is None else make(house, r, customer)

    return step


def of_staff(make: Callable[[House, Random, str], Any]) -> Step:
    """A step about somebody who works here."""

    def step(house: House, r: Random) -> Any:
        member = house.some(r, "SELECT id FROM staff")
        return h.staff_changed(f"s-{r.randrange(3)}") if member is None else make(house, r, member)

    return step


def _grant(house: House, r: Random, customer: str) -> News:
    purpose = r.choice(PURPOSES)
    rows = house.store.reader.conn.execute(
        "SELECT id FROM consents WHERE act = 'withdrawn' AND customer = ? AND purpose = ?", (customer, purpose)
    ).fetchall()
    lifts = [row[0] for row in rows] if r.random() < 0.7 else []
    expires = r.choice((None, house.clock + 3 * DAY))
    if r.random() < 0.3:
        return h.said("refused", customer, purpose, at=house.clock)
    return h.granted(customer, purpose, lifts=lifts, expires=expires, at=house.clock)


def _merge(house: House, r: Random, customer: str) -> Any:
    other = house.some(r, "SELECT id FROM customers WHERE id <> ?", customer)
    if other is None:
        another = f"c-{1 + int(customer[2:]) % 4}"
        return [h.enrolled(another), h.merged(customer, another, f"m-{r.randrange(999)}")]
    return h.merged(customer, other, f"m-{r.randrange(999)}")


def _part(house: House, r: Random, customer: str) -> Any:
    row = house.some(r, "SELECT id, kept, other FROM merges")
    return _merge(house, r, customer) if row is None else h.unmerged(row[1], row[2], row[0])


def _settle(house: House, r: Random, customer: str) -> Any:
    row = house.some(r, "SELECT id, customer FROM mistakes")
    return h.mistaken(customer, f"w-{r.randrange(99)}") if row is None else h.settled(row[1], row[0])


def _visit(house: House, r: Random, customer: str) -> Any:
    visit = house.some(r, "SELECT id, closed_at FROM visits WHERE customer = ?", customer)
    if visit is None or r.random() < 0.3:
        return h.arrived(customer, f"v-{r.randrange(8)}", at=house.clock)
    id_, closed = visit
    soon = closed is not None and house.clock - closed < DAY
    if closed is not None and not soon:
        return h.arrived(customer, f"v-{r.randrange(100, 999)}", at=house.clock)
    zone = r.choice(("bar", "door", None))
    choices = [
        h.moved(customer, id_, zone, house.clock, resumed=soon),
        h.departed(customer, id_, house.clock),
        h.companions(customer, id_, r.randrange(5)),
        h.arrived(customer, id_, "door", house.clock),
        h.hinted(customer, id_, alert=h.alert_facts(customer, f"a-{r.randrange(6)}", id_, stage="hint")),
    ]
    return r.choice(choices)


def _alert(house: House, r: Random, customer: str) -> News:
    type_ = r.choice([name for name in projector.APPLIED if name.startswith("alert.")])
    state = "closed" if type_ == "alert.closed" else r.choice(("open", "claimed"))
    return h.alert_news(type_, customer, alert=f"a-{r.randrange(6)}", visit=f"v-{r.randrange(8)}", state=state)


def _ask(house: House, r: Random, customer: str) -> News:
    type_, state = r.choice((("ask.opened", "open"), ("ask.answered", "answered"), ("ask.served", "served")))
    visit = house.some(r, "SELECT id FROM visits WHERE customer = ?", customer) or "v-0"
    round_ = house.some(r, "SELECT id FROM rounds WHERE is_open = 1") if r.random() < 0.7 else None
    order = {"round": round_, "menu": "lunch", "item": "rice", "takes": r.choice(("rice", None))}
    order |= {"gives_back": "rice" if order["takes"] is None and r.random() < 0.3 else None}
    more = {**(order if state != "open" else {"round": round_}), "count": r.randrange(1, 3)}
    if state == "answered" and r.random() < 0.3:
        type_, more = "order.flagged", {**more, "takes": None, "because": "recorded"}
    return h.ask_news(type_, customer, f"q-{r.randrange(5)}", visit=visit, state=state, **more)


def _seat(house: House, r: Random, customer: str) -> News | None:
    visit = house.some(r, "SELECT id FROM visits WHERE customer = ?", customer)
    if visit is None:
        return None
    make = h.place_taken if r.random() < 0.7 else h.place_freed
    return make(customer, visit, f"{r.randrange(3)}A", house.clock)


def _expect(house: House, r: Random, customer: str) -> News:
    ends, id_ = house.clock + r.choice((-DAY, DAY)), f"e-{r.randrange(4)}"
    if r.random() < 0.2:
        return h.missed_visit(customer, id_, house.clock - DAY, ends)
    return h.expected_visit(customer, id_, house.clock - DAY, ends, removed=r.random() < 0.3)


def _menu(house: House, r: Random) -> News:
    return h.menu_changed("lunch", r.randrange(9), r.choice(([], ["rice"])), removed=r.random() < 0.2)


def _round(house: House, r: Random) -> News:
    id_, at = f"r-{r.randrange(3)}", house.clock
    choices = [
        h.round_started(id_, at),
        h.round_ended(id_, at),
        h.round_changed(id_, "acknowledged", at, acknowledged=r.randrange(50)),
        h.round_changed(id_, "late", at, late_since=None),
        h.round_changed(id_, "rows", at, rows=[{"row": 0, "place": "12A", "visit": "v-1", "state": "here"}]),
        h.round_changed(id_, "order", at, order=h.seat_order("o-1", at), takes="rice", menu="lunch"),
        h.round_changed(
            id_, "order", at, order=h.seat_order("o-1", at, cancelled=True), gives_back="rice", menu="lunch"
        ),
    ]
    return r.choice(choices)


def _owed(house: House, r: Random, customer: str) -> News:
    kind = r.choice(("promise", "complaint"))
    name = r.choice(("made", "kept", "handed_over") if kind == "promise" else ("opened", "closed", "handed_over"))
    state = "closed" if name in ("kept", "closed") else "open"
    return h.owed_news(f"{kind}.{name}", customer, f"p-{r.randrange(5)}", state=state, owner=r.choice(("lina", "ben")))


def _prefer(house: House, r: Random, customer: str) -> News:
    visit = house.some(r, "SELECT id FROM visits WHERE customer = ?", customer)
    scope = r.choice(("standing", "one_off"))
    id_, value = f"f-{r.randrange(9)}", r.choice(("tea", "wine"))
    if visit is not None and r.random() < 0.4:  # for this visit alone
        one_off = h.preferred(customer, f"w-{visit}-{r.randrange(3)}", value, 1.0, visit=visit, scope="one_off")
        return replace(one_off, holder=VISIT + visit)
    return h.preferred(customer, id_, value, house.clock, visit=visit, scope=scope)


def _twice(house: House, r: Random, customer: str) -> list[News]:
    """Forgotten and known again in one go."""
    return [h.erased(customer), h.enrolled(customer, name="Again"), h.given(customer, f"em:{r.randrange(5)}", "k-9")]


def _late(house: House, r: Random) -> None:
    """Recognition has not heard yet that somebody was erased."""
    customer, visit = f"c-{r.randrange(4)}", f"v-{r.randrange(8)}"
    if house.store.keyring.erased(customer):
        record(house.store, house.journal, h.departed(customer, visit), at=house.clock, unless_erased=True)


def _restart(house: House, r: Random) -> None:
    house.stop()
    house.start()


def _set_clock(house: House, r: Random) -> News:
    by = r.choice((-120.0, 54_000.0, -54_000.0))
    house.clock += by
    return h.clock_moved(by)


def _back_up(house: House, r: Random) -> None:
    with_recovery(house.folder)
    backup(house.folder, house.copies)


def _restore(house: House, r: Random) -> None:
    if house.copies.exists():
        house.stop()
        restore(house.copies, house.folder, force=True)
        house.start()


TOLD = of_customer(
    lambda house, r, customer: r.choice([*insight_news.any_of(r, customer), *gathering_news.any_of(r, customer)])
)
STEPS: tuple[Step, ...] = (
    lambda house, r: h.enrolled(f"c-{r.randrange(4)}", name=r.choice(("Anna", "Ben"))),
    of_customer(lambda house, r, customer: h.changed(customer, tier=r.choice(("", "gold")))),
    of_customer(lambda house, r, customer: h.wished(customer, r.choice(("no_name", "do_not_recognise")))),
    of_customer(
        lambda house, r, customer: h.given(customer, f"em:{r.randrange(5)}", f"k-{r.randrange(5)}", r.choice("ab"))
    ),
    of_customer(lambda house, r, customer: h.taken(customer, f"k-{r.randrange(5)}")),
    of_customer(_grant),
    of_customer(_grant),
    of_customer(lambda house, r, customer: h.receipted(customer, f"R-{r.randrange(16**9):09X}")),
    of_customer(lambda house, r, customer: h.revoked(customer, r.choice(PURPOSES), at=house.clock)),
    of_customer(lambda house, r, customer: h.said("asked", customer, r.choice(PURPOSES), at=house.clock)),
    of_customer(lambda house, r, customer: h.signed(customer, at=house.clock)),
    lambda house, r: h.published(r.choice(("tea", "tag")), r.randrange(1, 4)),
    of_customer(_visit),
    of_customer(_visit),
    of_customer(_visit),
    of_customer(_alert),
    of_customer(_alert),
    of_customer(_ask),
    of_customer(_seat),
    of_customer(_expect),
    lambda house, r: h.places_changed(r.randrange(4)),
    lambda house, r: _menu(house, r),
    lambda house, r: _round(house, r),
    lambda house, r: _round(house, r),
    of_customer(_owed),
    of_customer(_prefer),
    lambda house, r: h.forgotten(house.some(r, "SELECT visit FROM preferences WHERE holder IS NOT NULL") or "v-0"),
    of_customer(lambda house, r, customer: h.erased(customer, r.choice((None, f"E-{r.randrange(3)}")))),
    lambda house, r: h.lent_ended("c-1@flagship", r.choice((None, f"E-{r.randrange(3)}"))),
    lambda house, r: h.erasure_answered(f"E-{r.randrange(3)}", r.choice(("tablet", "list")), done=r.random() < 0.7),
    of_customer(lambda house, r, customer: h.passing_on(customer, ended=r.random() < 0.3, stop=r.random() < 0.3)),
    of_customer(lambda house, r, customer: h.partner_answered(customer, stop=r.random() < 0.3)),
    of_customer(_merge),
    of_customer(_part),
    of_customer(lambda house, r, customer: h.told_apart(customer, f"c-{r.randrange(4)}")),
    of_customer(lambda house, r, customer: h.mistaken(customer, f"w-{r.randrange(99)}")),
    of_customer(_settle),
    of_customer(lambda house, r, customer: h.expected(customer, house.clock, house.clock + r.choice((-DAY, DAY)))),
    of_customer(lambda house, r, customer: h.expected(customer, None, None)),
    of_customer(lambda house, r, customer: h.page_linked(customer, f"{r.randrange(2**32):064x}")),
    of_customer(lambda house, r, customer: h.page_closed(customer)),
    of_customer(lambda house, r, customer: h.digits_chosen(customer, f"hash {r.randrange(9)}")),
    of_customer(lambda house, r, customer: h.digits_refused(customer, r.randrange(6))),
    of_customer(lambda house, r, customer: h.page_opened(customer)),
    lambda house, r: h.person_imported(f"c-{r.randrange(4)}"),
    of_customer(_twice),
    lambda house, r: h.staff_changed(f"s-{r.randrange(3)}", new_pin=r.random() < 0.3),
    of_staff(lambda house, r, staff: h.shift_started(staff, house.clock, r.choice((None, house.clock + DAY)))),
    of_staff(lambda house, r, staff: h.shift_ended(staff)),
    of_staff(lambda house, r, staff: h.session_began(f"a{r.randrange(5)}", staff, r.choice((None, "d-1")))),
    of_staff(lambda house, r, staff: h.session_ended(f"a{r.randrange(5)}", staff)),
    of_staff(lambda house, r, staff: h.token_made(f"t-{(n := r.randrange(4))}", f"b{n}", staff)),
    of_staff(lambda house, r, staff: h.staff_removed(staff)),
    lambda house, r: h.token_used(f"t-{r.randrange(4)}", house.clock),
    lambda house, r: h.token_limited(f"t-{r.randrange(4)}", house.clock + DAY),
    lambda house, r: h.token_revoked(f"t-{r.randrange(4)}"),
    lambda house, r: h.tablet_paired(f"d-{(n := r.randrange(3))}", f"c{n}"),
    lambda house, r: h.tablet_revoked(f"d-{r.randrange(3)}"),
    lambda house, r: r.choice((h.tablet_bound, h.tablet_wiped))(f"d-{r.randrange(3)}"),
    of_staff(lambda house, r, staff: h.session_locked(f"a{r.randrange(5)}", staff)),
    of_staff(lambda house, r, staff: h.session_unlocked(f"a{r.randrange(5)}", staff)),
    of_staff(
        lambda house, r, staff: h.passkey_added(
            f"p-{(n := r.randrange(9))}-{staff}", staff, f"{n:02x}{staff[-1:].encode().hex()}"
        )
    ),
    of_staff(lambda house, r, staff: h.passkey_used(f"p-{r.randrange(9)}-{staff}", staff, r.randrange(5))),
    of_staff(lambda house, r, staff: h.passkey_removed(f"p-{r.randrange(9)}-{staff}", staff)),
    TOLD,
    of_customer(lambda house, r, customer: next(insight_news.any_of(r, customer))),
    lambda house, r: h.plan_changed(float(r.randrange(10))),
    lambda house, r: h.catalogue_changed(r.randrange(10)),
    lambda house, r: h.walk_ended(passed=r.random() < 0.5),
    lambda house, r: h.areas_learnt([[r.randrange(3)]]),
    lambda house, r: h.rooms_learnt({"version": r.randrange(3)}),
    lambda house, r: h.retained(house.clock, KEEP),
    lambda house, r: h.retained(house.clock, KEEP),
    _set_clock,
    _late,
    _restart,
    _back_up,
    _restore,
)


@contextmanager
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.exists() else None) as place:
        opened = House(Path(place) / "data")
        try:
            yield opened
        finally:
            opened.stop()


def differences(store: Store) -> list[Difference]:
    with closing(store.open_reader()) as reader:
        return rebuild.check(reader, store.folder).differences


def test_every_type_that_changes_tables_may_happen_in_a_story() -> None:
    with house() as venue:
        for seed in range(45 * len(STEPS)):
            if STEPS[seed % len(STEPS)] not in (_restore, _restart):
                venue.step(seed)
        for seed in range(STEPS.index(TOLD), 300 * len(STEPS), len(STEPS)):  # one step is forty types
            venue.step(seed)
        assert set(projector.APPLIED) <= venue.happened


STORY = st.lists(st.integers(0, 50_000), max_size=60)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(STORY)
@example([198, 919, 1752])
@example([8264, 133, 33])
@example(list(range(len(STEPS))))
@example(list(range(2 * len(STEPS))))
@example(list(range(3 * len(STEPS))))
@example([n for n in range(5 * len(STEPS)) if STEPS[n % len(STEPS)] is not _restore])
def test_tables_made_anew_are_the_tables(story: list[int]) -> None:
    with house() as venue:
        for seed in story:
            venue.step(seed)
        assert differences(venue.store) == []
        assert venue.journal.verify().ok
        twice(venue.store)
        there = opened(venue.store)
        rebuild.replace(venue.store)
        assert opened(venue.store) == there
        assert differences(venue.store) == []


def opened(store: Store) -> dict[str, Any]:
    with closing(store.open_reader()) as reader:
        gone = rebuild._gone(reader)
        return {table: list(rebuild.rows_of(reader, table, gone)) for table in TABLES}


def twice(store: Store) -> None:
    """Every event applied twice at once, against every event applied once."""
    with closing(store.open_reader()) as reader, ExitStack() as closing_all:
        made = []
        for times in (1, 2):
            scratch = closing_all.enter_context(closing(rebuild.scratch_of(reader.keyring)))
            snapshot = anchor.reading(store.folder / ANCHOR_FILE, reader.keyring)
            rows = 0
            if snapshot is not None:
                rows = anchor.standing_of(snapshot)
                rebuild._restore(snapshot, scratch, TABLES)
                snapshot.close()
            tx = Tx(scratch, scratch.keyring)
            for event in journal_rows.changing(reader, rows, 1 << 62, projector.APPLIED):
                projector.replay(tx, itertools.repeat(event, times))
            made.append({table: list(rebuild.rows_of(scratch, table, set())) for table in TABLES})
        assert made[0] == made[1]


def test_what_was_sold_stands_though_who_ordered_it_was_erased(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1"), h.enrolled("c-2"), h.menu_changed("lunch", 9, []))
    for customer, ask, count in (("c-1", "q-1", 1), ("c-1", "q-2", 2), ("c-2", "q-3", 1)):
        record(store, journal, h.arrived(customer, f"v-{customer}"))
        order = {"round": None, "menu": "lunch", "item": "rice", "takes": "rice", "gives_back": None, "count": count}
        of = {"visit": f"v-{customer}", "state": "answered"}
        record(store, journal, h.ask_news("ask.answered", customer, ask, **of, **order))
    record(store, journal, h.erased("c-1"))
    assert differences(store) == []
    rebuild.replace(store)
    [lunch] = rounds.menus(store.reader)
    assert lunch["sold"] == {"rice": 3}
    record(store, journal, h.menu_changed("lunch", 5, ["rice"]), h.erased("c-2"))
    rebuild.replace(store)
    assert [menu["sold"] for menu in rounds.menus(store.reader)] == [{}]


# --- what does not follow --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE customers SET changed_at = 9 WHERE id = 'c-1'", Difference("customers", "c-1", "differs")),
        ("UPDATE customers SET sealed = CAST(sealed || x'00' AS BLOB)", Difference("customers", "c-1", "differs")),
        ("DELETE FROM preferences", Difference("preferences", "f-1", "missing")),
        ("INSERT INTO staff VALUES ('eve', 1.0, zeroblob(40))", Difference("staff", "eve", "extra")),
        (
            "INSERT INTO tokens (hash, id, role, created_at) VALUES (x'00', 't', 'manager', 1.0)",
            Difference("tokens", "t", "extra"),
        ),
        ("UPDATE consents SET stopped_at = NULL WHERE act = 'given'", Difference("consents", "", "differs")),
    ],
)
def test_a_row_that_does_not_follow_from_the_journal_is_named(
    store: Store, journal: Journal, tampering: str, found: Difference
) -> None:
    record(store, journal, h.enrolled(), h.preferred(), h.granted(), h.revoked())
    assert differences(store) == []
    assert store.call(lambda tx: tx.db.conn.execute(tampering).rowcount) == 1
    named = [one if one.table != "consents" else Difference(one.table, "", one.what) for one in differences(store)]
    assert named == [found]
    rebuild.replace(store)
    assert differences(store) == []


def test_a_snapshot_keeps_nobodys_visits_for_longer_than_the_tables(store: Store, journal: Journal) -> None:
    keep = Retention(visits=10, skeleton=10)
    for day in range(30):
        at = day * DAY
        news = [h.enrolled()] if day == 0 else []
        record(
            store, journal, *news, h.arrived(visit=f"v-{day}", at=at), h.departed(visit=f"v-{day}", at=at + 9), at=at
        )
        record(store, journal, h.retained(at, keep), at=at)
    snapshot = anchor.reading(store.folder / ANCHOR_FILE, store.keyring)
    assert snapshot is not None
    kept = [row[0] for row in snapshot.conn.execute("SELECT closed_at FROM visits")]
    snapshot.close()
    assert kept
    assert min(kept) >= (29 - 10 - 3) * DAY
    assert differences(store) == []


def test_a_snapshot_that_does_not_reach_the_cut_is_said(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=1.0)
    record(store, journal, h.retained(1e9, KEEP), at=1e9)
    assert differences(store) == []
    store.anchor.close()
    (store.folder / ANCHOR_FILE).unlink()
    with pytest.raises(rebuild.Incomplete, match="was cut at row 2"):
        differences(store)
    store.call(store.anchor.mend)
    assert differences(store) == []
