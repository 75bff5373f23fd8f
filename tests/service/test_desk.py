"""The desk under any order of events: one holder, no card back from the dead, nobody rung who cannot hear."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateway.service.desk import FORGET_AFTER, Alert, AlertNews, Desk, Refused
from gateway.service.floor import Floor, Member, Shift
from gateway.service.routing import Wanted

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


def desk(on: Floor) -> Desk:
    """A desk whose alerts are a1, a2 …"""
    ids = count(1)
    return Desk(on, STEPS, new_id=lambda: f"a{next(ids)}")


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
        self.handed_over: set[str] = set()

    def hear(self, news: list[AlertNews]) -> None:
        for n in news:
            self.seen[n.alert.id] = n.alert
            if n.type in ("alert.opened", "alert.escalated", "alert.released"):
                assert all(self.floor.connected(s) for s in n.alert.to), "rung a tablet that is not there"
            if n.type == "alert.handed_over":
                self.handed_over.add(n.alert.id)
            if n.type == "alert.opened":
                assert n.alert.visit not in self.greeted, "rang for somebody who was dealt with in this visit"
            if n.type == "alert.closed":
                assert n.alert.id not in self.closed, "closed twice"
                self.closed[n.alert.id] = str(n.alert.outcome)
                if n.alert.outcome != "left":
                    self.greeted.add(n.alert.visit)

    def act(self, visit: str, do: Callable[[str], list[AlertNews]]) -> None:
        """Does what may be refused; what is refused changes nothing."""
        alert = self.desk.of_visit(visit)
        if alert is None:
            return
        before = alert.row()
        try:
            self.hear(do(alert.id))
        except Refused:
            assert alert.row() == before

    @rule(target=visits, number=st.integers(1, 4), associate=people, deputy=people)
    def arrives(self, number: int, associate: str, deputy: str) -> str:
        self.hear(self.desk.arrived(f"v{number}", "chen", Wanted("bar", associate, deputy), self.now))
        return f"v{number}"

    @rule(visit=visits)
    def leaves(self, visit: str) -> None:
        self.hear(self.desk.left(visit, self.now))

    @rule(visit=visits)
    def revokes(self, visit: str) -> None:
        self.hear(self.desk.revoked(visit, self.now))

    @rule(visit=visits, who=people)
    def claims(self, visit: str, who: str) -> None:
        alert = self.desk.of_visit(visit)
        holder = alert.by if alert and alert.state == "claimed" else None
        self.act(visit, lambda a: self.desk.claim(a, who, self.now))
        if holder is not None and alert is not None:
            assert alert.by == holder, "somebody else's customer was taken"

    @rule(visit=visits, who=people)
    def releases(self, visit: str, who: str) -> None:
        self.act(visit, lambda a: self.desk.release(a, who, self.now))

    @rule(visit=visits, who=people, to=people)
    def hands_over(self, visit: str, who: str, to: str) -> None:
        self.act(visit, lambda a: self.desk.hand_over(a, who, to, self.now))

    @rule(visit=visits, who=people, outcome=st.sampled_from(["greeted", "not_found", "declined"]))
    def closes(self, visit: str, who: str, outcome: str) -> None:
        self.act(visit, lambda a: self.desk.close(a, who, outcome, None, self.now))  # type: ignore[arg-type]

    @rule(who=people)
    def connects(self, who: str) -> None:
        self.floor.connect(who)

    @rule(who=people)
    def disconnects(self, who: str) -> None:
        if self.floor.connected(who):
            self.floor.disconnect(who)

    @rule(seconds=st.floats(0.1, 20))
    def waits(self, seconds: float) -> None:
        self.now += seconds
        levels = {a.id: a.level for a in self.seen.values()}
        self.hear(self.desk.pulse(self.now))
        for alert in self.seen.values():
            assert levels[alert.id] <= alert.level <= len(STEPS)
            if alert.level > levels[alert.id] and alert.id not in self.handed_over:
                assert self.now - alert.opened_at >= STEPS[levels[alert.id]], "went on before its time"

    @invariant()
    def one_holder_and_no_return_from_the_dead(self) -> None:
        for alert in self.seen.values():
            assert (alert.state == "claimed") <= (alert.by is not None)
            assert (alert.state == "open") <= (alert.by is None)
            assert (alert.state == "closed") == (alert.id in self.closed)
            assert alert.state != "closed" or alert.outcome == self.closed[alert.id]
        for visit in {a.visit for a in self.seen.values()}:
            assert len([a for a in self.desk.alerts() if a.visit == visit]) <= 1


def test_any_day_at_the_desk() -> None:
    run_state_machine_as_test(AnyDay, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


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
    assert Alert.from_row(opened.alert.row()) == opened.alert
