"""What consent is asked for: one row for each purpose, in the terms of the Data Privacy Vocabulary (DPV 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

RECOGNISE = frozenset({"recognise_tag", "recognise_phone"})
"""The purposes by which somebody is recognised; the wish not to be is a stop of both."""
ID = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)


@dataclass(slots=True, frozen=True)
class Purpose:
    """One purpose: its terms, how many months a consent lasts at most, and what belongs to being asked.

    ``partner``: it is asked for one named partner at a time. ``adults``: a child is not asked. ``pii`` are the kinds of
    data that it is about, ``keeps`` the classes of records that it keeps; of one that a house has added there are none:
    it keeps what is asked for it alone.
    """

    id: str
    dpv: tuple[str, ...]
    months: int
    partner: bool = False
    adults: bool = False
    pii: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


STARTER: tuple[Purpose, ...] = (
    Purpose(
        "recognise_tag", ("dpv:ServicePersonalisation",), 24, pii=("pd:DeviceBased", "pd:Location"),
        keeps=("presence", "visits"), labels={"zh-CN": "凭钥匙扣认出", "en": "Recognise by tag"},
    ),
    Purpose(
        "recognise_phone", ("dpv:ServicePersonalisation",), 12, pii=("pd:DeviceBased", "pd:Location"),
        keeps=("presence", "visits"), labels={"zh-CN": "凭手机认出", "en": "Recognise by phone"},
    ),
    Purpose(
        "keep_preferences", ("dpv:CustomerRelationshipManagement",), 24,
        pii=("pd:Preference", "dpv:SpecialCategoryPersonalData"),
        keeps=("preferences",), labels={"zh-CN": "记住喜好", "en": "Keep preferences"},
    ),
    Purpose(
        "share_partners", ("dpv:CustomerRelationshipManagement",), 12, partner=True, adults=True,
        pii=("pd:Preference",), keeps=("preferences",), labels={"zh-CN": "告知合作方", "en": "Share with a partner"},
    ),
    Purpose(
        "share_houses", ("dpv:CustomerRelationshipManagement",), 24, pii=("pd:Preference",),
        keeps=("preferences",), labels={"zh-CN": "本集团其他店可认出", "en": "Share with our other houses"},
    ),
    Purpose(
        "introductions", ("dpv:ServicePersonalisation",), 12, adults=True, pii=("pd:Location", "pd:SocialNetwork"),
        keeps=("preferences",), labels={"zh-CN": "介绍认识", "en": "Introductions"},
    ),
    Purpose(
        "insight", ("dpv:ServiceUsageAnalytics", "dpv:Profiling"), 12, adults=True,
        pii=("pd:Purchase", "pd:Location"), keeps=("visits",), labels={"zh-CN": "到访与消费分析", "en": "Insight"},
    ),
)  # fmt: skip
OF_A_CLUB: tuple[Purpose, ...] = (
    Purpose(
        "invitations", ("dpv:CustomerRelationshipManagement",), 12, pii=("pd:Preference", "pd:Location"),
        keeps=("visits",), labels={"zh-CN": "邀请参加聚会", "en": "Invitations"},
    ),
    Purpose(
        "club_points", ("dpv:ServiceProvision",), 24, pii=("pd:Purchase",), keeps=("visits",),
        labels={"zh-CN": "会员积分", "en": "Club points"},
    ),
)  # fmt: skip
"""The purposes that a house has beside those, where it is of a club that keeps gatherings or points."""
ALWAYS: tuple[str, ...] = tuple(row.id for row in STARTER)
"""The purposes that every house has; a house may add its own."""


def rows(more: Iterable[Purpose] = ()) -> dict[str, Purpose]:
    """Every purpose of a house by its id, its own after those that all have."""
    found = {row.id: row for row in STARTER}
    return {**found, **{row.id: row for row in more if row.id not in found}}
