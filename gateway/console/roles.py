"""Roles and what each may: one table of rights, which every route and every program's token is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.console.scopes import rights_of

Role = Literal["floor", "crew", "manager", "it", "integration", "local"]
GIVEN: tuple[Role, ...] = ("manager", "it", "crew", "floor", "integration")  # the first that a person has is theirs
ROLES: tuple[Role, ...] = (*GIVEN, "local")  # the last is nobody's: only the data folder's own socket gives it

# What each right is for, and who has it. Every route asks for exactly one; a test walks all of them with every role.
RIGHTS: dict[str, frozenset[Role]] = {
    **dict.fromkeys(
        ("see", "presence", "alerts", "facts", "service", "words", "serve", "answer", "learn"),
        frozenset({"floor", "crew", "manager", "integration", "local"}),
    ),
    # Whoever stands before the customer may ask them and be their witness.
    **dict.fromkeys(("agree", "agreed"), frozenset({"floor", "crew", "manager", "it", "integration", "local"})),
    "people": frozenset({"manager", "it", "integration", "local"}),
    "merge": frozenset({"manager", "local"}),
    "page": frozenset({"manager", "it", "local"}),  # no program: whoever has the link does what the customer may
    "carry": frozenset({"manager", "local"}),  # everything about one person, out of the house and in
    "glass": frozenset({"floor", "crew", "manager", "it"}),  # a named officer may be anybody; the house knows who
    "anyway": frozenset({"floor", "crew", "manager", "local"}),
    "find": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "withdraw": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "colleagues": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "staff": frozenset({"manager", "it", "integration", "local"}),
    "reset": frozenset({"manager", "it", "local"}),
    "points": frozenset({"floor", "crew", "manager", "integration", "local"}),
    "expect": frozenset({"manager", "integration", "local"}),
    "cater": frozenset({"crew", "manager", "integration", "local"}),
    "advise": frozenset({"floor", "crew", "manager", "local"}),  # no program: a person says what they did
    "enter": frozenset({"floor", "crew", "manager", "integration", "local"}),
    "readers": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "lead": frozenset({"manager", "local"}),
    "lay-out": frozenset({"manager", "it", "local"}),
    "equip": frozenset({"manager", "it", "local"}),
    "programs": frozenset({"manager", "it", "local"}),
    "admit": frozenset({"manager", "local"}),
    "own": frozenset({"local"}),
    "signed-in": frozenset(ROLES),
}
# Whom each role may hire, change, give a PIN and let go: people all of whose roles stand here.
GRANTS: dict[Role, frozenset[str]] = {
    "local": frozenset(GIVEN),
    "manager": frozenset(GIVEN),
    "it": frozenset({"floor", "crew", "it"}),
    "integration": frozenset({"floor", "crew"}),
}
FOR_ALL = frozenset({"signed-in", "words"})
"""Rights of whoever is let in: to know who they are, and the words of the house."""


@dataclass(slots=True, frozen=True)
class Principal:
    """Who is on the other side: a person signed in on a tablet, or a program with a token."""

    id: str
    name: str
    roles: tuple[Role, ...]
    staff: str | None
    door: str
    """What let them in; ending it closes their sockets."""
    by_cookie: bool
    scopes: frozenset[str] | None = None
    """What a program was given; None: all that its role has."""

    @property
    def role(self) -> Role:
        """The first of their roles."""
        return next(r for r in ROLES if r in self.roles)

    def may(self, right: str) -> bool:
        """Whether one of their roles has this right, and a program's scopes leave it."""
        return not RIGHTS[right].isdisjoint(self.roles) and (
            self.scopes is None or right in FOR_ALL or right in rights_of(self.scopes)
        )

    def may_grant(self, roles: Iterable[str]) -> bool:
        """Whether they may make or change somebody with these roles: nobody makes anybody more than they may."""
        return frozenset(roles) <= frozenset().union(*(GRANTS.get(role, frozenset()) for role in self.roles))

    @property
    def program(self) -> bool:
        """Not a person, nor a program that stands for one."""
        return "integration" in self.roles

    @property
    def lead(self) -> bool:
        """May act on what a colleague holds."""
        return self.may("lead")


def rights_in(role: Role, scopes: Collection[str] | None) -> frozenset[str]:
    """What a program may do that has these scopes (None: all) of this role."""
    its = frozenset(name for name, roles in RIGHTS.items() if role in roles and name not in FOR_ALL)
    return its if scopes is None else its & rights_of(scopes)


COMMAND_LINE = Principal("command-line", "command line", ("local",), None, "local", by_cookie=False)
"""Who asks on the data folder's own socket."""
