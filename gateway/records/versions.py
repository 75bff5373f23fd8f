"""Going back to the release before: a folder that a newer program has written is read where it has only added to it.

The name of a migration that takes nothing away and changes the meaning of nothing ends with ``+``: a table, an index, a
column that may be left out. A program that does not know it goes on beside it; see ``going_back``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.records.errors import NewerSchema

ADDS = "+"


def ahead(applied: Iterable[str], known: Iterable[str]) -> list[str]:
    """The migrations of a database that this program does not know, and can go on beside.

    Raises NewerSchema where there is one that it cannot.
    """
    unknown = sorted(set(applied) - set(known))
    broken = [name for name in unknown if not name.endswith(ADDS)]
    if broken:
        raise NewerSchema(
            f"the database was written by a newer program (it has {', '.join(broken)}), and this one cannot read it:"
            " start the newer one again, or bring back a copy from before it (moments restore)"
        )
    return unknown
