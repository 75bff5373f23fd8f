"""Every type of event: what it holds, whose key seals it, who is sent it, and which members name somebody.

What stands in no list here is sent to nobody. ``docs/events.md`` and ``/asyncapi.json`` are made from these rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from gateway.events.event import HOUSE, STAFF, Event

if TYPE_CHECKING:
    from gateway.events.data import Data

Audience = Literal["service", "technical", "program"]
"""``service`` looks after customers, ``technical`` after equipment alone, ``program`` is software without a person."""
Holder = Literal["customer", "staff", "house"]

NOBODY: frozenset[Audience] = frozenset()
SERVICE: frozenset[Audience] = frozenset({"service"})
STAFF_ONLY: frozenset[Audience] = frozenset({"service", "technical"})
EVERYONE: frozenset[Audience] = frozenset({"service", "technical", "program"})
WITH_PROGRAMS: frozenset[Audience] = frozenset({"service", "program"})

NAMING = frozenset({"name", "address_as", "card", "about", "alerts", "preferences", "asks", "rounds"})


@dataclass(slots=True, frozen=True)
class Row:
    """One type of event.

    ``facts`` is what its data is, as ``module.Model`` of ``gateway.events``: imported when one first happens or is
    asked for, since most types are rare and their models are a seventh of what a start would import.
    ``holder`` is whose key seals ``data``: the customer's or the member of staff's who is its subject, or the house's.
    ``to`` are the audiences that are sent it; ``person``: of them only whom its ``to`` names. ``program`` are the
    members that a program is sent, and no others. ``names`` are the members that say what a customer is called or known
    by: who looks after equipment alone is not sent them. ``lead``: it is sent to managers, and to nobody else.
    """

    facts: str
    holder: Holder
    to: frozenset[Audience] = NOBODY
    program: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    person: bool = False
    lead: bool = False

    @property
    def data(self) -> type[Data]:
        """The model of its data."""
        return model(self.facts)


@cache
def model(facts: str) -> type[Data]:
    """The model of that name in ``gateway.events``, as ``module.Model``; raises AttributeError where there is none."""
    module, _, name = facts.partition(".")
    found: type[Data] = getattr(import_module(f"gateway.events.{module}"), name)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHERE = _words(
    "visit customer zone since confidence reason sightings_at state late party companions wishes asks quiet_since keeps"
    " place"
)
_ALERT = _words(
    "id alert kind state visit customer zone to by opened_at claimed_at level outcome party stage accept_by"
    " handed_by handed_because met_at"
)
_ASK = _words("id visit customer state by at count answered_by answered_at served_by served_at")
_PLACE = _words("visit customer place was zone because by at")
_EXPECTED = _words("id customer place from until removed missed wishes")
_ROUND = _words("id zones menu state by started_at ended_at rows counts sequence late_since")
_OWED = _words("id kind customer visit owner due state by at closed_by closed_at handed_from handed_because")
_FACT = _words("id customer visit category polarity basis scope by at state")
_READER = _words("reader id driver role zone zones state reason firmware reads_per_s last_sighting since rejected")
_STAFF = _words("id on_shift connected zones languages roles shift_until removed")
_CONSENT = _words("id customer purpose brand partner act expires last_day")
FOLLOWING: Mapping[str, frozenset[str]] = {
    "asks": _ASK, "rounds": _ROUND, "rows": _words("row place state visit customer"), "menus": _words("menu items"),
    "counts": _words("item n served left over"),
}  # fmt: skip
"""What a program is sent of each row of what an event brings along."""
LISTS: Mapping[str, frozenset[str]] = {
    **FOLLOWING, "present": _WHERE - {"asks"}, "alerts": _ALERT, "promises": _OWED, "complaints": _OWED,
    "readers": _READER, "staff": _STAFF, "expected": _EXPECTED - {"removed"},
}  # fmt: skip
"""The same of each row in the state that it begins with."""


def _of_customer(facts: str, program: frozenset[str]) -> Row:
    return Row(facts, "customer", WITH_PROGRAMS, program, NAMING)


def _visit(facts: str) -> Row:
    return _of_customer(facts, _WHERE)


def _alert(facts: str) -> Row:
    return _of_customer(facts, _ALERT)


def _ask() -> Row:
    return _of_customer("alerts.AskFacts", _ASK | {"rounds", "menus"})


def _round(facts: str) -> Row:
    return Row(facts, "house", WITH_PROGRAMS, _words("id change by at rounds menus"))


def _owed() -> Row:
    return _of_customer("alerts.OwedFacts", _OWED)


def _staff(facts: str, *, holder: Holder = "staff") -> Row:
    return Row(facts, holder, EVERYONE, _STAFF)


def _reader() -> Row:
    return Row("house.ReaderChanged", "house", EVERYONE, _READER)


CATALOGUE: Mapping[str, Row] = {
    # --- who is here
    "visit.hinted": Row("visits.Hinted", "customer", WITH_PROGRAMS, _WHERE | _ALERT, NAMING, person=True),
    "visit.arrived": _visit("visits.Arrived"),
    "visit.moved": _visit("visits.Moved"),
    "visit.departed": _visit("visits.Departed"),
    "visit.forgotten": Row("visits.Forgotten", "house"),
    "visit.companions": _visit("visits.Companions"),
    "visit.reviewed": Row(
        "visits.Reviewed", "customer", WITH_PROGRAMS, _words("id visit customer satisfaction about by at")
    ),
    # --- who looks after them
    "alert.opened": _alert("alerts.AlertGiven"),
    "alert.escalated": _alert("alerts.AlertGiven"),
    "alert.claimed": _alert("alerts.AlertFacts"),
    "alert.released": _alert("alerts.AlertGiven"),
    "alert.handed_over": _alert("alerts.AlertGiven"),
    "alert.met": _alert("alerts.AlertFacts"),
    "alert.closed": _alert("alerts.AlertFacts"),
    "alert.rated": _alert("alerts.AlertFacts"),
    "alert.waited": _alert("alerts.AlertGiven"),
    "alert.reconsidered": Row("alerts.AlertFacts", "customer"),
    "card.shown": Row("alerts.CardShown", "customer"),
    "ask.opened": _ask(),
    "ask.answered": _ask(),
    "ask.served": _ask(),
    "order.flagged": Row("rounds.OrderFlagged", "customer", SERVICE, names=NAMING),
    "promise.made": _owed(),
    "promise.kept": _owed(),
    "promise.handed_over": _owed(),
    "complaint.opened": _owed(),
    "complaint.closed": _owed(),
    "complaint.handed_over": _owed(),
    # --- where they sit, and what they are served
    "places.changed": Row("rounds.PlacesChanged", "house", WITH_PROGRAMS, _words("places")),
    "place.taken": _of_customer("rounds.PlaceTaken", _PLACE),
    "place.freed": _of_customer("rounds.PlaceFreed", _PLACE),
    "expected.changed": _of_customer("rounds.ExpectedChanged", _EXPECTED),
    "expected.missed": _of_customer("rounds.ExpectedMissed", _EXPECTED),
    "menu.changed": Row("rounds.MenuChanged", "house", WITH_PROGRAMS, _words("menu items removed rounds")),
    "round.started": _round("rounds.RoundStarted"),
    "round.changed": _round("rounds.RoundChanged"),
    "round.ended": _round("rounds.RoundEnded"),
    # --- what is known of them, and what they agreed to
    "preference.recorded": _of_customer("customers.PreferenceFacts", _FACT),
    "preference.served": _of_customer("customers.PreferenceServed", _FACT | {"served_by", "served_at"}),
    "customer.enrolled": _of_customer("customers.Enrolled", _words("customer")),
    "customer.changed": _of_customer("customers.Changed", _words("customer")),
    "customer.erased": Row("customers.Erased", "house", EVERYONE, _words("customer rounds"), NAMING),
    "lent.changed": Row("lending.LentChanged", "customer", SERVICE, names=NAMING),
    "lent.ended": Row("lending.LentEnded", "house", EVERYONE, _words("customer rounds"), NAMING),
    "erasure.answered": Row("erasing.ErasureAnswered", "house"),
    "customer.merged": _of_customer("customers.Merged", _words("customer merge other")),
    "customer.unmerged": _of_customer("customers.Unmerged", _words("customer merge other")),
    "customer.told_apart": Row("customers.ToldApart", "customer"),
    "customer.mistaken": Row("customers.Mistaken", "customer"),
    "customer.settled": Row("customers.MistakeSettled", "customer", SERVICE, names=NAMING),
    "customer.viewed": Row("customers.Viewed", "customer"),
    "customer.expected": Row("customers.Expected", "customer"),
    "customer.doubted": Row("customers.Doubted", "customer", SERVICE, names=NAMING),
    "wish.changed": _of_customer("customers.WishChanged", _words("customer wishes")),
    "credential.given": _of_customer("customers.CredentialGiven", _words("customer credential scheme")),
    "credential.taken": _of_customer("customers.CredentialTaken", _words("customer credential scheme")),
    "consent.asked": _of_customer("consents.ConsentAsked", _CONSENT),
    "consent.granted": _of_customer("consents.ConsentGranted", _CONSENT),
    "consent.refused": _of_customer("consents.ConsentRefused", _CONSENT),
    "consent.revoked": _of_customer("consents.ConsentRevoked", _CONSENT),
    "consent.signed": Row("consents.ConsentSigned", "customer"),
    "notice.published": Row("consents.NoticePublished", "house", STAFF_ONLY),
    "access.overridden": Row("customers.Overridden", "customer", lead=True),
    "receipt.made": Row("customers.ReceiptMade", "customer"),
    "customers.searched": Row("customers.Searched", "house"),
    "customers.exported": Row("customers.Exported", "house"),
    "customers.imported": Row("customers.Imported", "house"),
    "customers.listed": Row("pages.Listed", "house"),
    # --- what they bring and cost, and what they say of themselves
    "entry.recorded": Row("insight.EntryFacts", "customer"),
    "entry.reversed": Row("insight.EntryFacts", "customer"),
    "entry.judged": Row("insight.EntryFacts", "customer"),
    "entry.shared": Row("insight.EntryShared", "house"),
    "budget.set": Row("insight.BudgetSet", "house"),
    "visit.imported": Row("insight.VisitImported", "customer"),
    "gathering.attended": Row("insight.GatheringAttended", "customer"),
    "customer.lost": Row("insight.CustomerLost", "customer"),
    "wallet.stated": Row("insight.WalletStated", "customer"),
    "survey.answered": Row("insight.SurveyAnswered", "customer"),
    "satisfaction.answered": Row("insight.SatisfactionAnswered", "customer"),
    "potential.noted": Row("insight.PotentialNoted", "customer"),
    "standing.noted": Row("insight.StandingNoted", "customer"),
    "measures.noted": Row("insight.MeasuresNoted", "customer"),
    "evidence.noted": Row("insight.EvidenceNoted", "customer"),
    "list.kept": Row("insight.ListKept", "house"),
    "list.dropped": Row("insight.ListDropped", "house"),
    "tier.decided": Row("insight.TierDecided", "customer"),
    "tie.recorded": Row("insight.TieRecorded", "customer"),
    "tie.ended": Row("insight.TieEnded", "customer"),
    "suggestion.drawn": Row("insight.SuggestionDrawn", "customer"),
    "suggestion.shown": Row("insight.SuggestionShown", "customer"),
    "suggestion.done": Row("insight.SuggestionEnded", "customer", SERVICE, names=NAMING),
    "suggestion.dismissed": Row("insight.SuggestionEnded", "customer", SERVICE, names=NAMING),
    "insight.computed": Row("insight.InsightComputed", "house"),
    # --- gatherings
    "gathering.opened": Row("gatherings.GatheringFacts", "house"),
    "gathering.changed": Row("gatherings.GatheringFacts", "house"),
    **{
        f"invitation.{each}": Row("gatherings.InvitationFacts", "customer")
        for each in ("listed", "sent", "answered", "attended")
    },
    "introduction.opened": Row("gatherings.IntroductionOpened", "house"),
    "introduction.answered": Row("gatherings.IntroductionAnswered", "customer"),
    "introduction.made": Row("gatherings.IntroductionMade", "house"),
    "introduction.stopped": Row("gatherings.IntroductionStopped", "house"),
    "membership.seen": Row("gatherings.MembershipSeen", "customer"),
    "membership.ended": Row("gatherings.MembershipEnded", "customer"),
    # --- their own page, and what leaves the house about one of them
    "page.linked": Row("pages.PageLinked", "customer"),
    "page.closed": Row("pages.PageClosed", "customer"),
    "page.digits_chosen": Row("pages.DigitsChosen", "customer"),
    "page.digits_refused": Row("pages.DigitsRefused", "customer"),
    "page.opened": Row("pages.PageOpened", "customer"),
    "person.passed_on": Row("pages.PassedOn", "customer"),
    "person.passing_on": Row("pages.PassingOn", "customer"),
    "partner.answered": Row("pages.PartnerAnswered", "customer"),
    "person.exported": Row("pages.PersonExported", "customer"),
    "person.imported": Row("pages.PersonImported", "customer"),
    # --- the house
    "staff.changed": _staff("house.StaffChanged"),
    "staff.code_made": Row("house.PinCodeMade", "house", lead=True),
    "staff.removed": _staff("house.StaffRemoved", holder="house"),
    "staff.connected": _staff("house.StaffConnected", holder="house"),
    "shift.started": _staff("house.ShiftStarted", holder="house"),
    "shift.ended": _staff("house.ShiftEnded", holder="house"),
    "session.began": Row("house.SessionBegan", "house"),
    "session.ended": Row("house.SessionEnded", "house"),
    "session.locked": Row("house.SessionLocked", "house"),
    "session.unlocked": Row("house.SessionUnlocked", "house"),
    "sign_in.refused": Row("house.SignInRefused", "house"),
    "sign_in.odd": Row("house.OddSignIn", "house", lead=True),
    "passkey.added": Row("passkeys.PasskeyAdded", "staff", lead=True),
    "passkey.used": Row("passkeys.PasskeyUsed", "staff"),
    "passkey.removed": Row("passkeys.PasskeyRemoved", "staff", lead=True),
    "glass.asked": Row("house.GlassAsked", "house", lead=True),
    "glass.opened": Row("house.GlassOpened", "house", lead=True),
    "glass.ended": Row("house.GlassEnded", "house", lead=True),
    "token.made": Row("house.TokenMade", "house", lead=True),
    "token.limited": Row("house.TokenLimited", "house", lead=True),
    "token.used": Row("house.TokenUsed", "house"),
    "token.revoked": Row("house.TokenRevoked", "house"),
    "tablet.paired": Row("house.TabletPaired", "house", STAFF_ONLY),
    "tablet.bound": Row("house.TabletBound", "house"),
    "tablet.revoked": Row("house.TabletRevoked", "house", STAFF_ONLY),
    "tablet.wiped": Row("house.TabletWiped", "house"),
    "reader.lost": _reader(),
    "reader.quiet": _reader(),
    "reader.back": _reader(),
    "reader.password_made": Row("house.ReaderPasswordMade", "house"),
    "catalogue.changed": Row("house.CatalogueChanged", "house", WITH_PROGRAMS, _words("version")),
    "plan.changed": Row("house.PlanChanged", "house", EVERYONE, _words("width height zones readers")),
    "settings.changed": Row("house.SettingsChanged", "house"),
    "walk.ended": Row("house.WalkEnded", "house", STAFF_ONLY),
    "areas.learnt": Row("house.AreasLearnt", "house"),
    "rooms.learnt": Row("house.RoomsLearnt", "house"),
    "retention.applied": Row("letting_go.RetentionApplied", "house"),
    "retention.allowed": Row("letting_go.RetentionAllowed", "house"),
    "retention.listed": Row("letting_go.RetentionListed", "house"),
    "webhook.ended": Row("house.WebhookEnded", "house", STAFF_ONLY),
    "limit.reached": Row("house.LimitReached", "house", STAFF_ONLY),
    "clock.moved": Row("house.ClockMoved", "house"),
    "clock.confirmed": Row("letting_go.ClockConfirmed", "house"),
    "records.damaged": Row("house.RecordsDamaged", "house", STAFF_ONLY),
    "records.backed_up": Row("house.BackedUp", "house"),
    "privacy.filed": Row("papers.PaperFiled", "house"),
    "quarantine.ended": Row("erasing.QuarantineEnded", "house", STAFF_ONLY),
    "keys.rotated": Row("house.KeysRotated", "house"),
    "epoch.began": Row("house.EpochBegan", "house"),
}


def load() -> None:
    """Imports the models of all types, so that none is imported on the loop when it first happens."""
    for row in CATALOGUE.values():
        model(row.facts)


def holder_of(type: str, subject: str) -> str:  # noqa: A002
    """Whose key seals an event of this type about this subject."""
    kind = CATALOGUE[type].holder
    return subject if kind == "customer" else STAFF + subject if kind == "staff" else HOUSE


def seen_by(audience: Audience, event: Event, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """What this audience may see of ``sent``, the members of an event as it leaves; None: it is not sent it at all."""
    row = CATALOGUE[event.type]
    if audience not in row.to:
        return None
    if audience == "program":
        return _kept(sent, row.program - (HEALTH if sensitive(sent) else frozenset()), FOLLOWING)
    return {name: value for name, value in sent.items() if audience == "service" or name not in row.names}


WARNINGS = frozenset({"allergy", "may_contain", "not_declared"})
"""Why a dish is warned of, where that is an allergy."""
HEALTH = frozenset({"category", "polarity"})
"""Members of a preference that say of somebody's health what no program is told."""


def sensitive(sent: Mapping[str, Any]) -> bool:
    """Whether a preference as it is sent says something of somebody's health."""
    return sent.get("polarity") == "allergy" or sent.get("category") in ("allergy", "accessibility")


def without_health(sent: Any) -> Any:
    """The same as a program may be told it: of every list only the rows that say nothing of anybody's health."""
    if isinstance(sent, Mapping):
        return {name: without_health(value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [without_health(row) for row in sent if not _of_health(row)]
    return sent


def _of_health(row: Any) -> bool:
    """Whether a row of a list is a preference, an event, a warning or a line of care that says something of health."""
    if not isinstance(row, Mapping):
        return False
    about = row.get("data")
    return sensitive(row) or row.get("why") in WARNINGS or (isinstance(about, Mapping) and sensitive(about))


def state_for_programs(state: Mapping[str, Any]) -> dict[str, Any]:
    """The whole state as a program begins with it: no more of anything than its events hold."""
    return {**_kept(state, frozenset(state), LISTS), "preferences": {}}


def _kept(members: Mapping[str, Any], names: frozenset[str], lists: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Those members that are named, and of ``lists`` among them what a program is sent of each row."""
    return {
        name: [_kept(row, lists[name], lists) for row in value] if name in lists and value is not None else value
        for name, value in members.items()
        if name in names
    }


def example(type: str) -> dict[str, Any]:  # noqa: A002
    """What an event of this type may hold."""
    from gateway.events.examples import example_of

    return example_of(CATALOGUE[type].data)


def check(event: Event) -> None:
    """Raises pydantic's ValidationError where the data is not what the catalogue says."""
    CATALOGUE[event.type].data.model_validate(event.data, strict=True)
