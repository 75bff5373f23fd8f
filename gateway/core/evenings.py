"""What time brings to gatherings: offers run out, they begin and end, and who is there is seen without a scan."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import inf

from gateway.club import gatherings as rules
from gateway.core.action import Action
from gateway.core.actions.gatherings import changes, invitation_news
from gateway.core.gateway import Gateway
from gateway.core.gatherings import Kept, read, recognised, seen, stays
from gateway.events.event import GATEWAY
from gateway.events.times import iso
from gateway.records import gatherings
from gateway.service.alert import Refused

EVERY = 15.0  # seconds
HEARING = frozenset({"open", "closed", "under_way"})


class Evenings:
    """Looks at the gatherings that go on, a few times a minute."""

    def __init__(self, house: Gateway) -> None:
        self._house = house
        self._looked_at = -inf

    def pulse(self, steady: float) -> None:
        """Called often; has what time brought written down."""
        if not self._house.config.club.gatherings or steady - self._looked_at < EVERY:
            return
        self._looked_at = steady
        for id_ in gatherings.going_on(self._house.store.reader):
            if self._due(id_).news:
                self._house.by_itself(partial(self._due, id_))

    def _due(self, id_: str) -> Action:
        return due(self._house, id_, self._house.memory.now())


def due(house: Gateway, id_: str, now: float) -> Action:
    """What is otherwise with a gathering by now; nothing for one that is gone."""
    try:
        kept = read(house, id_)
    except Refused:
        return Action(None)
    evening = kept.evening
    if evening.state == "open" and evening.begins <= now * 1000:
        evening = rules.moved(evening, "closed")
    was = kept.evening
    evening = rules.passed(evening, round(now * 1000))
    there = _there(house, kept, now) if was.state in HEARING else {}
    if evening.state == "over":
        evening = rules.settled(evening, there)
    else:
        evening = evening.with_(
            *(replace(evening.invitations[person], standing="attended") for person in _new(evening, there))
        )
    news = []
    for each in changes(kept, evening, GATEWAY, now):
        person = house.memory.family.root(each.subject)
        if each.type == "invitation.attended" and person in there:
            data = {**seen(each.data, there[person]), "by": GATEWAY, "at": iso(now)}
            each = invitation_news(data, None)
        news.append(each)
    news += [
        invitation_news({**seen(kept.invitations[person], found), "by": GATEWAY, "at": iso(now)}, None)
        for person, found in there.items()
        if was.invitations[person].standing == "attended"
        and evening.state == "over"
        and kept.invitations[person] != seen(kept.invitations[person], found)
    ]
    return Action(None, news=news, rests_on=frozenset({id_}))


def _there(house: Gateway, kept: Kept, now: float) -> dict[str, rules.Attendance]:
    if now * 1000 < kept.evening.begins - rules.EARLY_MS:
        return {}
    people = recognised(house, kept.invitations)
    found = rules.attendance(kept.evening, stays(house, kept, now), people)
    return {person: each for person, each in found.items() if _is_out(kept, person)}


def _is_out(kept: Kept, person: str) -> bool:
    """Whether somebody was invited: who was listed alone is on nobody's list."""
    return kept.evening.invitations[person].standing != "listed"


def _new(evening: rules.Gathering, there: dict[str, rules.Attendance]) -> list[str]:
    return [person for person in there if evening.invitations[person].standing != "attended"]
