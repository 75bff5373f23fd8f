"""Sequences of facts with what the merge makes of them, for the tablets to make the same of.

``python -m tests.records.agreement`` writes ``build/facts-agreement.jsonl``: a line for each sequence, with ``facts``
(as they are sent), ``open_visits`` and ``answer``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from gateway.records.facts import Merged, merge
from gateway.records.values import Catalogue, starter

FILE = Path(__file__).parents[2] / "build" / "facts-agreement.jsonl"
SEQUENCES = 10_000
MOST = 40  # facts of one sequence
SEED = 20_260_503
VISITS = ("v1", "v2")
PEOPLE = ("lina", "anna", "ben")
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC).timestamp()
OWN = {
    "drink": ("不加奶", "Rooibos, no milk", "ｒｏｏｉｂｏｓ,  NO milk", "花生牛奶", "a nutcracker", "Tonic."),
    "food": ("宫保鸡丁（花生）", "芒果布丁", "鱼", "no onions", "Café crème", "核桃酥"),
    "dislike": ("鱼", "不要核桃酥", "no walnuts please", "no onions"),
    "seat": ("窗边的安静座位", "by the lift"),
    "gift": ("lilies", "a box of pistachios"),
    "allergy": ("莲藕", "虾和螃蟹", "Tonic", "peanut butter"),
    "other": ("likes opera", "歌剧"),
}


@dataclass(slots=True, frozen=True)
class Recorded:
    """A fact as the merge takes it."""

    id: str
    category: str
    code: str | None
    value: str
    polarity: str
    basis: str
    scope: str
    visit: str | None
    by: str
    at: float
    corrects: tuple[str, ...] = ()
    retracts: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    def sent(self) -> dict[str, Any]:
        """It as it is sent, as far as the merge asks."""
        lists = {name: list(getattr(self, name)) for name in ("corrects", "retracts", "replaces")}
        at = datetime.fromtimestamp(round(self.at, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**asdict(self), **lists, "at": at}


def answer(merged: Merged) -> dict[str, Any]:
    """What the merge makes, as the tablets are to make it."""
    aside = {
        id_: {"state": why.state} if why.by is None else {"state": why.state, "by": why.by}
        for id_, why in merged.aside.items()
    }
    return {"holds": merged.holds, "aside": aside, "doubted": merged.doubted, "suggest": merged.suggest}


def sequence(random: Random, catalogue: Catalogue, most: int = MOST) -> list[Recorded]:
    """Facts about one customer: of a few things, so that they meet; who names what, at random, also in circles."""
    count = random.randint(1, most)
    values = random.sample(list(catalogue.values.values()), random.randint(2, 14))
    made = [_one(random, f"f{number:02}", values) for number in range(count)]
    return [_naming(random, one, made) for one in made]


def _one(random: Random, id_: str, values: list[Any]) -> Recorded:
    if random.random() < 0.75:
        value = random.choice(values)
        avoided = value.polarity == "do" and random.random() < 0.25
        what = (value.category, value.code, value.labels["zh-CN"], "avoid" if avoided else value.polarity)
    else:
        category = random.choice(list(OWN))
        words = "" if random.random() < 0.2 else random.choice(OWN[category])
        what = (category, None, words, "allergy" if category == "allergy" else random.choice(["do", "do", "avoid"]))
    one_off = random.random() < 0.25
    return Recorded(
        id_,
        *what,
        basis=random.choice(["stated", "stated", "observed", "inferred"]),
        scope="one_off" if one_off else "standing",
        visit=random.choice([*VISITS, None]) if one_off else None,
        by=random.choice(PEOPLE),
        at=NOON + random.choice([0, 0.001, 300, 600, 600.001, random.randint(0, 86_400)]),
    )


def _naming(random: Random, one: Recorded, others: list[Recorded]) -> Recorded:
    def names(chance: float) -> tuple[str, ...]:
        if random.random() >= chance:
            return ()
        return tuple({random.choice(others).id for _ in range(random.randint(1, 3))} | _unknown(random))

    chance = 0.6 if not one.value else 0.12
    lists = {"corrects": names(chance / 2), "retracts": names(chance), "replaces": names(0.3)}
    return Recorded(**{**asdict(one), **{name: tuple(sorted(ids)) for name, ids in lists.items()}})


def _unknown(random: Random) -> set[str]:
    return {"not-here"} if random.random() < 0.05 else set()


def sequences(count: int = SEQUENCES, seed: int = SEED) -> Iterator[tuple[list[Recorded], list[str]]]:
    """So many sequences, each with the visits that go on; the same for the same seed."""
    random, catalogue = Random(seed), starter()
    for _ in range(count):
        found = sequence(random, catalogue)
        yield found, [visit for visit in VISITS if random.random() < 0.5]


def write(file: Path = FILE, count: int = SEQUENCES) -> None:
    """Writes the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for found, open_visits in sequences(count):
            made = answer(merge(found, open_visits, starter()))
            row = {"facts": [one.sent() for one in found], "open_visits": open_visits, "answer": made}
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
