"""The desk under any order of events: one holder, no card back from the dead, nobody rung who cannot hear."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateway.service import routing
from gateway.service.desk import FORGET_AFTER, Alert, AlertNews, Refused
from gateway.service.floor import Floor, Member, Shift
from gateway.service.routing import Wanted
from tests.service.played import PlayedDesk

STAFF = ("anna", "ben", "cora", "mei")
STEPS = (8.0, 15.0)
people = st.sampled_from(STAFF)


def floor(*connected: str) -> Floor:
    """Three of the floor and a manager, all on shift; the tablets of some."""
    made = Floor()
    for name in STAFF:
        made.put(Member(name, name.capitalize(), frozenset({"manager" if name == "mei" else "floor"})))
        made.start_shift(name, Shift())
    for name in connected:
        made.connect(name)
    return made


def desk(on: Floor) -> PlayedDesk:
    """A desk whose alerts are a1, a2 …"""
    ids = count(1)
    return PlayedDesk(on, STEPS, new_id=lambda: f"a{next(ids)}")


class AnyDay(RuleBasedStateMachine):
    """Any order of what customers, staff and tablets do."""

    visits = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.floor = floor()
        self.desk = desk(self.floor)
        self.now = 1000.0
        self.seen: dict[str, Alert] = {}
        self.closed: dict[str, str] = {}
        self.greeted: set[str] = set()

    def hear(self, news: list[AlertNews]) -> None:
        for n in news:
            self.seen[n.alert.id] = self.desk.get(n.alert.id)
            if n.type in ("alert.opened", "alert.escalated", "alert.released", "visit.hinted"):
                assert all(self.floor.connected(s) for s in n.alert.to), "rung a tablet that is not there"
            if n.type == "visit.hinted":
                assert (n.alert.stage, len(n.alert.to)) == ("hint", 1), "a hint is for one person"
            if n.type == "alert.opened" and n.alert.kind == "arrival":
                assert n.alert.stage == "card"
                assert n.alert.visit not in self.greeted, "rang for somebody who was dealt with in this visit"
            if n.type == "alert.closed":
                assert n.alert.id not in self.closed, "closed twice"
                self.closed[n.alert.id] = str(n.alert.outcome)
                if n.alert.outcome != "left" and n.alert.kind == "arrival":
                    self.greeted.add(n.alert.visit)

    def act(self, visit: str, do: Callable[[str], list[AlertNews]]) -> None:
        """Does what may be refused; what is refused changes nothing."""
        for alert in [a for a in self.seen.values() if a.visit == visit]:
            before = {a.id: a.data() for a in self.seen.values()}
            try:
                self.hear(do(alert.id))
            except Refused:
                assert {a.id: a.data() for a in self.seen.values()} == before

    @rule(target=visits, number=st.integers(1, 6), associate=people, deputy=people, alone=st.booleans())
    def arrives(self, number: int, associate: str, deputy: str, alone: bool) -> str:
        wanted = Wanted("bar", associate, deputy, tier=number)
        group = f"g{number}" if alone else "party"
        ringing = [a for a in self.desk.alerts("open") if a.stage == "card" and a.level < len(STEPS)]
        free = {m.id for m in self.floor.reachable(self.now)}.difference(*(a.to for a in ringing))
        news = self.desk.arrived(f"v{number}", f"c{number}", wanted, self.now, group)
        for opened in (n.alert for n in news if n.type == "alert.opened" and alone and associate in free):
            assert opened.to == [associate], "a card was kept from whose hands are free"
        self.hear(news)
        return f"v{number}"

    @rule(target=visits, number=st.integers(1, 6), associate=people)
    def is_at_the_door(self, number: int, associate: str) -> str:
        self.hear(self.desk.hinted(f"v{number}", f"c{number}", Wanted("", associate), self.now))
        return f"v{number}"

    @rule(number=st.integers(1, 6), kind=st.sampled_from(["waiting", "moved", "verify"]), who=people)
    def something_occurs(self, number: int, kind: str, who: str) -> None:
        wanted = Wanted("bar", owner=who, manager=kind == "verify")
        self.hear(self.desk.occurred(kind, f"v{number}", f"c{number}", wanted, self.now, party=f"g{number}"))

    @rule(visit=visits)
    def leaves(self, visit: str) -> None:
        self.hear(self.desk.left(visit, self.now))
        assert not [a for a in self.desk.alerts() if a.visit == visit], "an alert about somebody who has gone"

    @rule(visit=visits)
    def revokes(self, visit: str) -> None:
        self.hear(self.desk.revoked(visit, self.now))

    @rule(visit=visits, who=people)
    def claims(self, visit: str, who: str) -> None:
        holders = {a.id: a.by for a in self.seen.values() if a.state == "claimed"}
        self.act(visit, lambda a: self.desk.claim(a, who, self.now))
        for alert in self.seen.values():
            assert alert.by == holders.get(alert.id, alert.by), "somebody else's customer was taken"

    @rule(visit=visits, who=people)
    def releases(self, visit: str, who: str) -> None:
        self.act(visit, lambda a: self.desk.release(a, who, self.now))

    @rule(visit=visits, who=people, to=people)
    def hands_over(self, visit: str, who: str, to: str) -> None:
        self.act(visit, lambda a: self.desk.hand_over(a, who, to, self.now))

    @rule(visit=visits, who=people, outcome=st.sampled_from(["greeted", "not_found", "declined"]))
    def closes(self, visit: str, who: str, outcome: str) -> None:
        self.act(visit, lambda a: self.desk.close(a, who, outcome, None, self.now))  # type: ignore[arg-type]

    @rule(visit=visits, who=people, useful=st.booleans())
    def rates(self, visit: str, who: str, useful: bool) -> None:
        self.act(visit, lambda a: self.desk.rate(a, who, self.now, useful=useful))

    @rule(who=people)
    def connects(self, who: str) -> None:
        self.floor.connect(who)

    @rule(who=people)
    def disconnects(self, who: str) -> None:
        if self.floor.connected(who):
            self.floor.disconnect(who)

    @rule(who=people)
    def shift_changes(self, who: str) -> None:
        if self.floor.on_shift(who, self.now):
            self.floor.end_shift(who)
        else:
            self.floor.start_shift(who, Shift())

    @rule(who=people, to=st.none() | people)
    def goes_home(self, who: str, to: str | None) -> None:
        self.floor.end_shift(who)
        self.hear(self.desk.gone(who, "shift_ended", self.now, to, here=list({a.visit for a in self.seen.values()})))
        assert not [v for v in {a.visit for a in self.seen.values()} if self.desk.attends(v) == who]
        assert not [a for a in self.desk.alerts("claimed") if a.by == who], "a customer stayed with who has gone home"

    @rule(seconds=st.floats(0.1, 40))
    def waits(self, seconds: float) -> None:
        self.now += seconds
        levels = {a.id: (a.level, a.accept_by) for a in self.seen.values()}
        self.hear(self.desk.pulse(self.now))
        for alert in self.seen.values():
            level, accept_by = levels[alert.id]
            assert level <= alert.level <= len(STEPS)
            if alert.level > level:
                due = accept_by if accept_by is not None and self.now >= accept_by else alert.opened_at + STEPS[level]
                assert self.now >= due or accept_by is not None, "went on before its time"
            assert alert.state != "open" or alert.accept_by is None or self.now < alert.accept_by, "still waits"
        for _ in STEPS:  # one step at a time; the gateway's pulse comes four times a second
            self.hear(self.desk.pulse(self.now))
        if list(self.floor.reachable(self.now)):
            late = [a for a in self.desk.alerts("open") if a.stage == "card" and self.now - a.opened_at > STEPS[1]]
            managed = self.floor.managers(self.now)
            assert all(a.to for a in late) or not managed, "nobody was told although somebody could be"

    @invariant()
    def one_un_claimed_card_each(self) -> None:
        before: dict[str, set[str]] = {}
        for alert in self.desk.alerts("open"):
            if alert.stage == "card" and alert.accept_by is None and alert.level < len(STEPS):
                for staff in alert.to:
                    before.setdefault(staff, set()).add(alert.party or alert.id)
        assert not {s: groups for s, groups in before.items() if len(groups) > 1 and s != "mei"}

    @invariant()
    def one_holder_and_no_return_from_the_dead(self) -> None:
        for alert in self.seen.values():
            assert (alert.state == "claimed") <= (alert.by is not None)
            assert (alert.state == "open") <= (alert.by is None)
            assert (alert.state == "closed") == (alert.id in self.closed)
            assert alert.state != "closed" or alert.outcome == self.closed[alert.id]
            assert alert.stage == "card" or alert.state != "claimed"
        for visit in {a.visit for a in self.seen.values()}:
            assert len([a for a in self.desk.alerts() if (a.visit, a.kind) == (visit, "arrival")]) <= 1

    @invariant()
    def every_alert_survives_being_written_down(self) -> None:
        for alert in self.seen.values():
            assert Alert.from_data(alert.data()) == alert


def test_any_day_at_the_desk() -> None:
    run_state_machine_as_test(AnyDay, settings=settings(max_examples=200, stateful_step_count=40, deadline=None))


def test_who_waits_goes_to_the_next_at_eight_seconds_and_to_the_manager_at_fifteen() -> None:
    d = desk(floor("anna", "ben", "mei"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna", "ben"), 100.0)
    assert opened.alert.to == ["anna"]
    assert d.pulse(107.9) == []
    (first,) = d.pulse(108.0)
    assert (first.type, first.alert.to, first.alert.level) == ("alert.escalated", ["ben"], 1)
    assert d.pulse(114.9) == []
    (second,) = d.pulse(115.0)
    assert (second.alert.to, second.alert.level) == (["mei"], 2)
    assert d.pulse(1000.0) == []


def test_a_tablet_that_goes_away_hands_its_card_on_at_once() -> None:
    on = floor("anna", "ben")
    d = desk(on)
    d.arrived("v1", "chen", Wanted("bar", "anna", "ben"), 100.0)
    on.disconnect("anna")
    (moved,) = d.pulse(100.25)
    assert moved.alert.to == ["ben"]


def test_a_card_that_ended_while_nobody_could_hear_it_keeps_nobody_from_the_next() -> None:
    on = floor("anna")
    d = desk(on)
    d.arrived("v1", "chen", Wanted("bar", "anna", "ben"), 100.0)
    on.disconnect("anna")
    (unheard,) = d.pulse(100.25)
    assert unheard.alert.to == []
    d.close(unheard.alert.id, "mei", "not_found", None, 101.0, lead=True)
    on.connect("ben")
    on.connect("anna")
    (opened,) = d.arrived("v2", "hale", Wanted("bar", "anna", "ben"), 102.0)
    assert opened.alert.to == ["anna"]


def test_who_was_greeted_hours_ago_and_steps_out_for_a_moment_is_not_rung_for_again() -> None:
    d = desk(floor("anna"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    d.claim(opened.alert.id, "anna", 105.0)
    d.close(opened.alert.id, "anna", "greeted", None, 110.0)
    hours = 110.0 + 6 * 3600
    d.pulse(hours)
    assert d.left("v1", hours) == []
    assert d.arrived("v1", "chen", Wanted("bar", "anna"), hours + 300) == []
    d.pulse(111.0 + FORGET_AFTER)
    with pytest.raises(Refused, match="history"):
        d.get(opened.alert.id)


def test_a_lead_may_end_what_a_colleague_holds() -> None:
    d = desk(floor("anna", "ben", "mei"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    d.claim(opened.alert.id, "anna", 101.0)
    with pytest.raises(Refused, match="Anna has this customer"):
        d.close(opened.alert.id, "ben", "greeted", None, 102.0)
    (closed,) = d.close(opened.alert.id, "mei", "greeted", None, 103.0, lead=True)
    assert (closed.alert.state, closed.alert.by, closed.actor) == ("closed", "anna", "mei")
    assert d.close(opened.alert.id, "anna", "greeted", None, 104.0) == []  # the same once more
    with pytest.raises(Refused, match="closed: greeted"):
        d.claim(opened.alert.id, "ben", 105.0)


def test_an_alert_survives_being_written_down() -> None:
    d = desk(floor("anna"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna", "ben", "zh-CN"), 100.0)
    assert Alert.from_data(opened.alert.data()) == opened.alert


def test_a_second_card_goes_to_somebody_else_and_a_third_waits_for_free_hands() -> None:
    d = desk(floor("anna", "ben"))
    first, second, third = (
        d.arrived(f"v{n}", f"c{n}", Wanted("bar", "anna"), 100.0 + n, f"g{n}")[0].alert for n in range(3)
    )
    assert (first.to, second.to, third.to) == (["anna"], ["ben"], [])
    d.claim(first.id, "anna", 103.0)
    (given,) = d.pulse(103.25)
    assert (given.alert.id, given.alert.to) == (third.id, ["anna"])
    assert given.routing is not None
    assert given.routing.rule == "again"
    assert dict(given.routing.passed_over) == {}


def test_hands_that_come_free_take_the_complaint_then_the_promise_then_the_tier() -> None:
    d = desk(floor("anna"))
    (ringing,) = d.arrived("v", "c", Wanted("bar"), 100.0)
    waiting = {
        "gold": Wanted("bar", tier=3), "black": Wanted("bar", tier=0), "due": Wanted("bar", tier=3, due=True),
        "complaint": Wanted("bar", tier=9, complaint=True), "gold later": Wanted("bar", tier=3),
    }  # fmt: skip
    for n, (name, wanted) in enumerate(waiting.items()):
        d.arrived(name, name, wanted, 101.0 + n / 10)
    order, now = [], 102.0
    taken = ringing.alert
    for _ in waiting:
        d.claim(taken.id, "anna", now)
        now += 0.25
        taken = next(n.alert for n in d.pulse(now) if n.alert.to == ["anna"])
        order.append(taken.visit)
    assert order == ["complaint", "due", "black", "gold", "gold later"]


def test_a_card_that_rang_its_time_out_keeps_nobody_from_the_next() -> None:
    d = desk(floor("anna"))
    d.arrived("v1", "c1", Wanted("bar"), 100.0)
    (second,) = d.arrived("v2", "c2", Wanted("bar"), 101.0)
    assert second.alert.to == []
    for now in (108.0, 115.0, 115.25):
        d.pulse(now)
    assert d.get(second.alert.id).to == ["anna"]


@pytest.mark.parametrize("connected", [(), ("anna",)])
def test_a_full_house_with_no_hands_free_is_not_thought_through_card_by_card(
    connected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    on = floor(*connected)
    d = desk(on)
    for n in range(500):
        d.arrived(f"v{n}", f"c{n}", Wanted("bar"), 100.0)
    d.pulse(101.0)
    thought: list[str] = []
    rank = routing.next_after

    def counted(*a: Any) -> Any:
        thought.append(a[1].zone)
        return rank(*a)

    monkeypatch.setattr(routing, "next_after", counted)
    assert d.pulse(101.25) == []
    assert len(thought) < 5
    on.connect("ben")
    assert [n.alert.to for n in d.pulse(101.5)] == [["ben"]]


def test_a_party_stays_together_unless_it_has_its_own_people() -> None:
    d = desk(floor("anna", "ben", "cora"))
    first, mate, own = (
        d.arrived(f"v{n}", f"c{n}", Wanted("bar", who), 100.0 + n, "party")[0].alert
        for n, who in enumerate(("ben", None, "cora"))
    )
    assert (first.to, mate.to, own.to) == (["ben"], ["ben"], ["cora"])
    d.claim(own.id, "cora", 104.0)
    assert (
        d.get(mate.id).to == d.get(first.id).to == ["cora"]
    )  # whoever takes the first of them has them all before them


@pytest.mark.parametrize("size", [10, 20])
def test_everybody_of_a_large_party_is_told_to_one_associate(size: int) -> None:
    d = desk(floor("anna"))
    opened = [d.arrived(f"v{n}", f"c{n}", Wanted("bar"), 100.0 + 1.5 * n, "party")[0].alert for n in range(size)]
    assert [alert.to for alert in opened] == [["anna"]] * size


def test_a_hint_is_replaced_by_the_card_and_ends_by_itself_where_nobody_comes_in() -> None:
    d = desk(floor("anna", "ben"))
    (hint,) = d.hinted("v1", "chen", Wanted("", "ben"), 100.0)
    assert (hint.alert.to, hint.alert.stage) == (["ben"], "hint")
    assert d.hinted("v1", "chen", Wanted("", "ben"), 101.0) == []
    assert d.pulse(120.0) == []  # nobody is rung for a hint
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "ben"), 121.0)
    assert (opened.type, opened.alert.id, opened.alert.stage) == ("alert.opened", hint.alert.id, "card")
    assert opened.alert.opened_at == 121.0
    d.hinted("v2", "hale", Wanted(""), 130.0)
    (ended,) = [n for n in d.pulse(250.0) if n.alert.visit == "v2"]
    assert (ended.type, ended.alert.outcome) == ("alert.closed", "left")


def test_the_same_kind_of_the_same_customer_is_told_once_in_half_an_hour_and_a_promise_once() -> None:
    d = desk(floor("anna", "ben"))

    def told(kind: str, now: float, **about: str) -> bool:
        news = d.occurred(kind, "v1", "chen", Wanted("bar"), now, about=about)
        for n in news:
            d.close(n.alert.id, "anna", "greeted", None, now)
        return bool(news)

    assert [told("moved", 100.0 + minutes * 60) for minutes in (0, 29, 31)] == [True, False, True]
    assert [told("promise_due", 100.0 + h * 3600, promise=p) for h, p in ((0, "a"), (1, "b"), (2, "a"))] == [
        True, True, False
    ]  # fmt: skip


def test_what_is_owed_outlives_the_visit_and_ends_when_it_is_kept() -> None:
    d = desk(floor("anna"))
    (due,) = d.occurred("promise_due", "v1", "chen", Wanted("bar", owner="anna"), 100.0, about={"promise": "p1"})
    assert d.left("v1", 101.0) == []
    assert d.settled("other", 102.0) == []
    (ended,) = d.settled("p1", 103.0)
    assert (ended.alert.id, ended.alert.state) == (due.alert.id, "closed")


def test_an_alert_that_an_older_gateway_wrote_down_is_read() -> None:
    d = desk(floor("anna"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    row = opened.alert.data()
    for later in ("stage", "party", "about", "rated", "accept_by", "handed_by", "handed_because", "met_at"):
        del row[later]
    row["offered_at"] = None
    row["wanted"] = {"zone": "bar", "associate": "anna", "deputy": None, "language": None}
    assert Alert.from_data(row) == opened.alert


def test_a_party_does_not_bring_anybody_a_second_card_beside_another_customer_s() -> None:
    d = desk(floor("anna", "ben"))
    (other,) = d.arrived("v0", "c0", Wanted("bar", "anna"), 90.0, "alone")
    first, second = (d.arrived(f"v{n}", f"c{n}", Wanted("bar"), 100.0 + n, "party")[0].alert for n in (1, 2))
    assert (other.alert.to, first.to, second.to) == (["anna"], ["ben"], ["ben"])
    d.claim(first.id, "anna", 103.0)  # who has her hands full and takes this one too
    assert second.to == ["ben"]
    (third,) = d.arrived("v3", "c3", Wanted("bar"), 104.0, "party")
    assert third.alert.to == ["ben"]


def test_a_hand_over_is_the_colleague_s_to_accept_for_a_minute_and_then_the_manager_s() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    d.claim(opened.alert.id, "anna", 101.0)
    (handed,) = d.hand_over(opened.alert.id, "anna", "ben", 110.0)
    assert (handed.alert.to, handed.alert.accept_by) == (["ben"], 170.0)
    assert d.pulse(169.9) == []
    (late,) = d.pulse(170.0)
    assert (late.alert.to, late.alert.level, late.alert.accept_by) == (["mei"], 2, None)
    assert (late.alert.handed_by, late.alert.handed_because) == ("anna", "handed_over")


def test_who_goes_home_leaves_their_customers_to_the_next_or_to_whom_they_name() -> None:
    on = floor("anna", "ben", "cora", "mei")
    d = desk(on)
    for n, associate in ((1, "anna"), (2, "anna"), (3, "ben")):
        d.arrived(f"v{n}", f"c{n}", Wanted("bar", associate, "cora", tier=n), 100.0 + n, f"g{n}")
        d.claim(f"a{n}", associate, 110.0 + n)
    on.end_shift("anna")
    assert d.gone("cora", "shift_ended", 200.0) == []
    news = d.gone("anna", "shift_ended", 200.0)  # the better tier first, and to whom it belongs next
    assert [(n.type, n.alert.id, n.alert.to) for n in news] == [
        ("alert.released", "a1", ["cora"]), ("alert.released", "a2", ["ben"])
    ]  # fmt: skip
    for each in news:
        assert (each.alert.handed_by, each.alert.handed_because, each.alert.opened_at) == ("anna", "shift_ended", 200.0)
    (named,) = d.gone("ben", "shift_ended", 201.0, "mei")
    assert (named.type, named.alert.to, named.alert.accept_by) == ("alert.handed_over", ["mei"], 261.0)
    (lost,) = [n for n in d.claim("a1", "cora", 202.0) if n.alert.id == "a1"]
    assert (lost.alert.by, lost.alert.handed_by) == ("cora", "anna")  # who had them before stays told
    on.disconnect("mei")
    (lost,) = d.gone("cora", "tablet_lost", 203.0, "mei")
    assert (lost.type, lost.alert.handed_because) == ("alert.released", "tablet_lost")


def test_who_has_the_customer_says_once_that_they_are_with_them_and_may_take_it_back() -> None:
    d = desk(floor("anna", "ben", "mei"))
    (opened,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    card = opened.alert.id
    with pytest.raises(Refused, match="nobody has claimed"):
        d.meet(card, "anna", 103.0)
    d.claim(card, "anna", 104.0)
    with pytest.raises(Refused, match="Anna has this customer"):
        d.meet(card, "ben", 105.0)
    assert [(n.type, n.actor) for n in d.meet(card, "anna", 111.0)] == [("alert.met", "anna")]
    assert d.meet(card, "anna", 130.0) == []
    assert (d.get(card).met_at, d.get(card).state) == (111.0, "claimed")
    d.meet(card, "anna", 131.0, met=False)
    assert d.get(card).met_at is None
    d.meet(card, "mei", 140.0, lead=True)
    d.hand_over(card, "anna", "ben", 150.0)
    assert d.get(card).met_at == 140.0  # whoever has them next: the customer was met
    d.close(card, "ben", "greeted", None, 160.0)
    with pytest.raises(Refused, match="closed: greeted"):
        d.meet(card, "ben", 161.0)


def test_a_tablet_that_was_out_of_reach_says_later_when_they_were_with_the_customer() -> None:
    d = desk(floor("anna", "ben"))
    (first,) = d.arrived("v1", "chen", Wanted("bar", "anna"), 100.0)
    (second,) = d.arrived("v2", "hale", Wanted("bar", "anna"), 100.0)
    one, other = first.alert.id, second.alert.id
    for card, at, kept in ((one, 112.0, 112.0), (other, 90.0, 104.0)):
        d.claim(card, "anna", 104.0)
        d.meet(card, "anna", 160.0, at)
        assert d.get(card).met_at == kept, "never before the claim"
    d.meet(one, "anna", 161.0, met=False)
    d.meet(one, "anna", 162.0, 999.0)
    assert d.get(one).met_at == 162.0, "never after it was told"

    d.meet(one, "anna", 163.0, met=False)
    d.close(one, "anna", "greeted", None, 200.0)
    with pytest.raises(Refused, match="closed: greeted"):
        d.meet(one, "anna", 300.0, 201.0)
    with pytest.raises(Refused, match="Anna has this customer"):
        d.meet(one, "ben", 300.0, 150.0)
    (news,) = d.meet(one, "anna", 300.0, 150.0)
    assert (news.type, news.alert.state, news.alert.met_at) == ("alert.met", "closed", 150.0)

    (third,) = d.arrived("v3", "ward", Wanted("bar", "anna"), 400.0)
    d.claim(third.alert.id, "anna", 404.0)
    d.close(third.alert.id, "anna", "not_found", None, 420.0)
    with pytest.raises(Refused, match="closed: not_found"):
        d.meet(third.alert.id, "anna", 430.0, 410.0)
