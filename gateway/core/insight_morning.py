"""What a manager reads in the morning: one sentence of each page of a run, and whom it is about."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from gateway.core.insight_book import Book
from gateway.core.suggestions import QUIET

Row = dict[str, Any]
MOST = 12
"""So many people are named under a sentence; its page has all."""
BEST = 0.2


def sentences(book: Book) -> list[Row]:
    """Five figures in the order of the pages, each ``page, count, of, share, interval, amount, people, more``.

    ``worth``: how many cost more than they bring, of how many; the share of net that the best 20 % bring; those.
    ``risk``: how many have gone silent, of how many with a rhythm; those, as the page orders them. ``spend``: how many
    costs have no reason, of how many, and their amount; on whom. ``network``: how many ties both agreed to; those tied.
    ``voices``: how many visits with indifference, of how many, and the share from thirty on; whose, the newest first.
    What is not said of a page is None, and a run of before pages had voices says nothing of them.
    """
    found = [_worth(book), _risk(book), _spend(book), _network(book)]
    return found if (voices := _voices(book)) is None else [*found, voices]


def _sentence(page: str, count: int, people: Iterable[str], **more: Any) -> Row:
    every = list(dict.fromkeys(people))
    rest: Row = {"of": None, "share": None, "interval": None, "amount": None}
    return {"page": page, "count": count, **rest, **more, "people": every[:MOST], "more": max(0, len(every) - MOST)}


def _worth(book: Book) -> Row:
    rows = [row["customer"] for row in book.worth["rows"]]
    best = rows[: ceil(BEST * len(rows))]
    net = book.worth["net"]
    interval = (net.get("intervals") or {}).get("top20")
    bounds = None if interval is None or net["top20"] is None else [net["top20"], *interval]
    return _sentence(
        "worth", book.worth["loss_makers"]["count"], best, of=len(rows), share=net["top20"], interval=bounds
    )


def _risk(book: Book) -> Row:
    rows = book.risk["rows"]
    silent = [row["customer"] for row in rows if row["band"] in QUIET]
    return _sentence("risk", len(silent), silent, of=len(rows))


def _spend(book: Book) -> Row:
    spend = book.spend()
    bare = spend["no_reason"]
    on = [customer for cost in spend["rows"] if not cost["has_reason"] for customer in cost["parts"]]
    return _sentence("spend", bare["entries"], on, of=len(spend["rows"]), share=bare["share"], amount=bare["amount"])


def _network(book: Book) -> Row:
    ties = book.network["ties"]
    return _sentence("network", len(ties), (each for tie in ties for each in (tie["a"], tie["b"])))


def _voices(book: Book) -> Row | None:
    voices = book.run.house.get("voices")
    if voices is None:
        return None
    told = voices["indifference"]
    met = sorted(((row["cold"][-1], each) for each, row in book.rows.items() if row.get("cold")), reverse=True)
    share = None if told["interval"] is None else told["interval"][0]
    return _sentence(
        "voices", told["count"], (each for _, each in met), of=told["of"], share=share, interval=told["interval"]
    )
