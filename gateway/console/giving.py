"""What may be given: nobody gives a program, or anybody, more than they have."""

from __future__ import annotations

from collections.abc import Collection

from gateway.console.roles import ROLES, Principal, Role, rights_in
from gateway.console.scopes import scopes_with

SCOPES_OF_A_ROLE = "scopes: they are for programs of the role integration; another role has what it has"
SCOPES_OF_A_PROGRAM = "scopes: missing; a program has scopes, or it stands for a person (staff) and may what they may"


def everything(role: str) -> frozenset[str]:
    """All that a role may; nothing of one that there is not."""
    return frozenset().union(*(rights_in(each, None) for each in ROLES if each == role))


def scopes_in(role: str, scopes: list[str] | None) -> list[str]:
    """The scopes of a token; of one that has all that its role may, those of the role."""
    return scopes if scopes is not None else scopes_with(everything(role))


def more_than(role: str, roles: Collection[str], staff: str | None) -> str | None:
    """Why a program that stands for this person, who has ``roles``, may not have ``role``; None where it may."""
    if everything(role) <= frozenset().union(*map(everything, roles)):
        return None
    return f"the role {role!r} may more than {staff!r} does: their program may what they may"


def withheld(who: Principal, role: Role, scopes: Collection[str] | None, staff: str | None) -> str | None:
    """What somebody would give a program that they do not have themselves; None where they have all of it.

    Whoever is at this machine gives what there is: the records are theirs.
    """
    if who.may("own"):
        return None
    lacking = [each for each in rights_in(role, scopes) if not who.may(each)]
    names = scopes_with(lacking) or ([f"all of {role}"] if lacking else [])
    if not names and staff is not None and not who.may("admit"):
        names = ["a program that stands for a person"]
    return f"nobody gives what they do not have themselves: {', '.join(names)}" if names else None
