"""What a program may be given: scopes, each of which is some rights; and what it is told on the live socket."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gateway.events.event import FORGOTTEN

# What each scope lets a program do: rights of ``roles.RIGHTS``. A right of no scope is for this machine alone.
SCOPES: Mapping[str, frozenset[str]] = {
    "read:presence": frozenset({"presence"}),
    "read:alerts": frozenset({"alerts"}),
    "read:customers": frozenset({"see", "find"}),
    "read:preferences": frozenset({"facts"}),
    "read:consents": frozenset({"agreed"}),
    "read:service": frozenset({"service"}),
    "read:readers": frozenset({"readers"}),
    "read:staff": frozenset({"colleagues"}),
    "write:alerts": frozenset({"answer"}),
    "write:service": frozenset({"serve"}),
    "write:preferences": frozenset({"learn"}),
    "write:customers": frozenset({"people"}),
    "write:consents": frozenset({"agree", "withdraw"}),
    "write:expected": frozenset({"expect"}),
    "write:entries": frozenset({"enter"}),
    "write:menus": frozenset({"cater"}),
    "write:points": frozenset({"points"}),
    "write:staff": frozenset({"staff"}),
    "manage:service": frozenset({"lead", "merge"}),
    "manage:equipment": frozenset({"equip", "lay-out"}),
    "manage:programs": frozenset({"admit", "programs"}),
}
# By the first word of an event's type: without this scope a program is not sent it. Of the others nobody
# learns anything of a person.
HEARD: Mapping[str, str] = {
    "visit": "read:presence",
    "alert": "read:alerts",
    **dict.fromkeys(
        ("ask", "promise", "complaint", "order", "round", "menu", "place", "places", "expected"), "read:service"
    ),
    "preference": "read:preferences",
    **dict.fromkeys(("customer", "credential", "wish", "lent"), "read:customers"),
    "consent": "read:consents",
    **dict.fromkeys(("reader", "plan"), "read:readers"),
    **dict.fromkeys(("staff", "shift"), "read:staff"),
}
ALWAYS = FORGOTTEN  # whoever keeps something of them must let it go
# The same of what an event brings along, and of the parts of the state with which a socket begins.
PARTS: Mapping[str, str] = {
    "present": "read:presence",
    "alerts": "read:alerts",
    **dict.fromkeys(("asks", "promises", "complaints", "places", "expected", "menus", "rounds"), "read:service"),
    "preferences": "read:preferences",
    **dict.fromkeys(("readers", "plan"), "read:readers"),
    "staff": "read:staff",
}
PAGE: Mapping[str, str] = {
    "preferences": "read:preferences",
    "consents": "read:consents",
    **dict.fromkeys(("asks", "promises", "complaints"), "read:service"),
    "presence": "read:presence",
}
"""The same of the page of a customer, which is ``read:customers`` without them."""


def a_scope(name: str) -> str:
    """``name``, where it is a scope; raises ValueError with those that there are."""
    if name not in SCOPES:
        raise ValueError(f"there is no scope {name!r}; there are {', '.join(SCOPES)}")
    return name


def rights_of(scopes: Collection[str]) -> frozenset[str]:
    """What these scopes let a program do; a scope that is none lets it do nothing."""
    return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))


def scopes_with(rights: Collection[str]) -> list[str]:
    """The scopes of which at least one right is among these, in the order of the table."""
    return [scope for scope, its in SCOPES.items() if not its.isdisjoint(rights)]


def hears(scopes: Collection[str] | None, type: str) -> bool:  # noqa: A002
    """Whether who has these scopes (None: all) is sent events of this type."""
    needs = HEARD.get(type.partition(".")[0])
    return scopes is None or needs is None or needs in scopes or type in ALWAYS


def parts(scopes: Collection[str] | None, whole: Mapping[str, Any], needs: Mapping[str, str] = PARTS) -> dict[str, Any]:
    """``whole`` without what these scopes (None: all) do not show: a list is empty then, and anything else null."""
    if scopes is None:
        return dict(whole)
    return {
        name: value if name not in needs or needs[name] in scopes else _nothing(value) for name, value in whole.items()
    }


def _nothing(value: Any) -> Any:
    return type(value)() if isinstance(value, list | dict) else None
