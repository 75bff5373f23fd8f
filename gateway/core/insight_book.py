"""One run, opened, as it may be shown now: whoever has ended ``insight`` since is in no answer, and in no sum."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from gateway.core import insight_ids
from gateway.events.times import iso
from gateway.insight import rendered
from gateway.insight.concentration import concentration, whale_curve
from gateway.insight.facts import BANDS, LEVERS, STAGES, Bond, Gathering, Rules
from gateway.insight.money import nearest
from gateway.insight.network import Network, standings, stickiness, without
from gateway.records.insight_file import Run

Row = dict[str, Any]
SILENT = "silent"
WAYS_TO_GROUP = ("lever", "way", "reason", "approver", "budget", "customer")


class NoSuchWay(ValueError):
    """Costs are not grouped so."""


@dataclass(slots=True)
class Part:
    """Some rows of a list, and the id after which the next ones begin; None where there are no more."""

    rows: list[Row]
    after: str | None


def part(rows: list[Row], after: str | None, limit: int, name: str = "customer") -> Part:
    """At most ``limit`` rows after the one of this id, in the order of the list."""
    start = next((at + 1 for at, row in enumerate(rows) if row[name] == after), 0) if after else 0
    some = rows[start : start + limit]
    return Part(some, some[-1][name] if some and start + limit < len(rows) else None)


class Book:
    """What a run found of those who agree now."""

    def __init__(self, run: Run, agreed: Collection[str], introductions: Collection[str], rules: Rules) -> None:
        self.run = run
        self.rows = {each: row for each, row in run.customers.items() if each in agreed}
        self._introductions = {
            each for each, row in self.rows.items() if row["introductions"] and each in introductions
        }
        self._codes = {each: insight_ids.coded(row["place"], each) for each, row in self.rows.items()}
        self._rules = rules
        self._scale = run.house["scale"]

    def head(self, ordered_by: str) -> Row:
        """What every answer has: which run, of which days, up to where in the journal, and in which order."""
        run = self.run
        return {
            "run": run.run, "on": run.on, "from": run.begins, "until": run.ends, "computed_at": iso(run.at),
            "position": run.position, "ordered_by": ordered_by, "currency": run.house["currency"],
        }  # fmt: skip

    # --- worth

    @cached_property
    def worth(self) -> Row:
        """``rows, total, others, net, revenue, loss_makers``; the best first."""
        strategic = {insight_ids.ours(each.customer): each.influence_money for each in self._standings}
        rows = []
        for each, row in sorted(self.rows.items(), key=lambda pair: (-pair[1]["net"], pair[1]["place"])):
            shown = {name: value for name, value in row["worth"].items() if name != "entries"}
            stage = row["stage"]["stage"] if row["stage"] else "target"
            rows.append({**shown, "strategic": self._major(nearest(strategic[each])), "stage": stage})
        nets = [row["net"] for row in self.rows.values()]
        losing = [net for net in nets if net < 0]
        return {
            "rows": rows,
            "total": self._total(),
            "others": self._others(),
            "net": rendered.concentration(concentration(nets)),
            "revenue": rendered.shares(concentration([row["revenue"] for row in self.rows.values()])),
            "loss_makers": {"count": len(losing), "net": self._major(sum(losing))},
        }

    def _others(self) -> Row | None:
        found: Row | None = self.run.house["others"]
        return found

    def _total(self) -> Row:
        every = [row["worth"] for row in self.rows.values()]
        if (others := self._others()) is not None:
            every = [*every, others]
        total: Row = {"cost": self._sum(each["cost"] for each in every)}
        for name in ("value", "net"):
            total[name] = {
                bound: self._sum(each[name][bound] for each in every) for bound in ("amount", "low", "high")
            } | {"assumed": sorted(entry for each in every for entry in each[name]["assumed"])}
        return {name: total[name] for name in ("value", "cost", "net")}

    def curve(self) -> list[tuple[float, float]]:
        """The running net, best first, as shares of customers and of the whole."""
        return whale_curve([row["net"] for row in self.rows.values()])

    # --- risk and stages

    @property
    def ordered_by(self) -> str:
        """By what the silent are ordered: ``silent``, or what models found better for this house."""
        models = self.run.house.get("models")
        return models["ordered_by"] if models is not None else SILENT

    @cached_property
    def risk(self) -> Row:
        """``rows``, as the house's own past found best, and how many of each band; the longest silent first without."""
        rows = [row["risk"] for row in self.rows.values() if row["risk"] is not None]
        best = {each: row.get("order") if self.ordered_by != SILENT else None for each, row in self.rows.items()}
        rows.sort(
            key=lambda row: (
                -(best[row["customer"]] or 0.0), -row["silent_days"], self.rows[row["customer"]]["place"],
            )
        )  # fmt: skip
        bands = [row["band"] for row in rows]
        return {"rows": rows, "counts": {band: bands.count(band) for band in BANDS}}

    @cached_property
    def stages(self) -> Row:
        """``rows, counts, cohorts``."""
        rows = [self.rows[each]["stage"] for each in self._in_order if self.rows[each]["stage"] is not None]
        now = [row["stage"] for row in rows]
        counts = {stage: now.count(stage) for stage in STAGES}
        return {"rows": rows, "counts": counts, "cohorts": self.run.house["cohorts"]}

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.rows, key=lambda each: int(self.rows[each]["place"]))

    # --- who knows whom

    @cached_property
    def _own(self) -> dict[str, Fraction]:
        return {self._codes[each]: Fraction(row["own"]) for each, row in self.rows.items()}

    def _told(self, value: Any) -> Any:
        return insight_ids.told(value, self._codes.values())

    @cached_property
    def _network(self) -> Network:
        bonds, gatherings = [], dict[str, tuple[date, set[str]]]()
        agreed = {self._codes[each] for each in self._introductions}
        for each in self._introductions:
            code = self._codes[each]
            for other, kind, on, event in self.rows[each]["bonds"]:
                if other in self._introductions:
                    bonds.append(Bond(code, self._codes[other], kind, date.fromisoformat(on) if on else None, event))
            for id_, on in self.rows[each]["gatherings"].items():
                gatherings.setdefault(id_, (date.fromisoformat(on), set()))[1].add(code)
        met = [Gathering(id_, on, frozenset(who)) for id_, (on, who) in gatherings.items()]
        return Network(agreed, bonds, met, date.fromisoformat(self.run.on), self._rules.strengths)

    @cached_property
    def _standings(self) -> list[Any]:
        nets = {self._codes[each]: row["net"] for each, row in self.rows.items()}
        return standings(self._own, self._network.theta(), nets)

    @cached_property
    def network(self) -> Row:
        """``ties, rows``."""
        currency = self.run.house["currency"]
        ties = [rendered.tie(each) for each in self._network.ties()]
        rows = [rendered.standing(each, currency) for each in self._standings]
        return {"ties": self._told(ties), "rows": self._told(rows)}

    def if_they_met(self, guests: Iterable[str]) -> list[Row]:
        """How sticky each is, and would be after one more gathering of these."""
        met = [self._codes[each] for each in guests]
        return self._compared(stickiness(self._own, self._network.if_they_met(met)))

    def without(self, gone: str) -> list[Row]:
        """How sticky the others are, and would be without one."""
        return self._compared(without(self._own, self._network.theta(), self._codes[gone]))

    def _compared(self, after: Mapping[str, Fraction]) -> list[Row]:
        before = stickiness(self._own, self._network.theta())
        found = rendered.before_after(before, after)
        return [{"customer": insight_ids.ours(each), **change} for each, change in found.items()]

    # --- spend

    @cached_property
    def costs(self) -> list[Row]:
        """Every cost; those without a reason first, then by day and id. Who may not be shown is not named."""
        parts: dict[str, dict[str, float]] = {}
        for each in self._in_order:
            for entry, amount in self.rows[each]["costs"].items():
                parts.setdefault(entry, {})[each] = self._major(amount)
        found = []
        for entry, holder, told in self.run.costs:
            named = holder in self.rows or told["customer"] is None
            cost = {name: value for name, value in told.items() if name not in ("minor", "own")}
            if not named:
                cost |= {"customer": None, "reason": None, "expects": None}
            found.append(cost | {"parts": parts.get(entry, {})})
        return sorted(found, key=lambda cost: (cost["has_reason"], cost["on"], cost["id"]))

    def spend(self, by: str = "lever") -> Row:
        """``total, by_lever, rows, by, no_reason, only_money, budgets``; raises NoSuchWay."""
        if by not in WAYS_TO_GROUP:
            raise NoSuchWay(by)
        kept = self.run.house["spend"]
        groups = self._by_customer() if by == "customer" else self._grouped(by)
        return {
            "total": kept["total"], "by_lever": kept["by_lever"], "rows": self.costs, "by": by, "groups": groups,
            "no_reason": kept["no_reason"], "only_money": self._only_money(), "budgets": kept["budgets"],
        }  # fmt: skip

    def _grouped(self, by: str) -> list[Row]:
        found: dict[str, list[float]] = {}
        for cost in self.costs:
            found.setdefault(cost[by] or "", []).append(cost["amount"])
        return self._groups(found)

    def _by_customer(self) -> list[Row]:
        found: dict[str, list[float]] = {}
        for cost in self.costs:
            for customer, amount in cost["parts"].items():
                found.setdefault(customer, []).append(amount)
            rest = self._sum([cost["amount"], *(-amount for amount in cost["parts"].values())])
            if rest:
                found.setdefault("", []).append(rest)
        return self._groups(found)

    @cached_property
    def last_cost(self) -> dict[str, list[str]]:
        """The days on which something was spent on each customer, in order."""
        found: dict[str, list[str]] = {}
        for cost in sorted(self.costs, key=lambda cost: str(cost["on"])):
            for customer in cost["parts"]:
                found.setdefault(customer, []).append(cost["on"])
        return found

    def quiet_tie(self, customer: str, quiet: Collection[str]) -> str:
        """Somebody whom this one is tied to and who is in one of these bands; empty where there is nobody."""
        return next((each for each in self._tied.get(customer, ()) if self._band(each) in quiet), "")

    def _band(self, customer: str) -> str:
        risk = self.rows[customer]["risk"]
        return str(risk["band"]) if risk else ""

    @cached_property
    def _tied(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for tie in self.network["ties"]:
            found.setdefault(tie["a"], []).append(tie["b"])
            found.setdefault(tie["b"], []).append(tie["a"])
        return found

    def _groups(self, found: Mapping[str, list[float]]) -> list[Row]:
        total = self._sum(amount for amounts in found.values() for amount in amounts)
        place: dict[str, int] = {lever: at for at, lever in enumerate(LEVERS)}
        rows: list[Row] = [
            {"key": key, "entries": len(amounts), "amount": self._sum(amounts),
             "share": round(self._sum(amounts) / total, rendered.SHARE) if total else 0.0}
            for key, amounts in found.items()
        ]  # fmt: skip
        return sorted(
            rows, key=lambda row: (place.get(str(row["key"]), 9), -float(str(row["amount"])), str(row["key"]))
        )

    def _only_money(self) -> list[str]:
        levers: dict[str, list[str]] = {}
        for cost in self.costs:
            for customer in cost["parts"]:
                levers.setdefault(customer, []).append(cost["lever"])
        found = [each for each, its in levers.items() if len(its) >= 2 and set(its) == {"financial"}]
        return sorted(found, key=lambda each: int(self.rows[each]["place"]))

    # --- one person

    def person(self, customer: str) -> Row | None:
        """All of one person with what it rests on; None for who may not be shown."""
        row = self.rows.get(customer)
        if row is None:
            return None
        worth = next(each for each in self.worth["rows"] if each["customer"] == customer)
        standing = next(each for each in self.network["rows"] if each["customer"] == customer)
        return {
            "customer": customer,
            "worth": worth,
            "risk": row["risk"],
            "stage": row["stage"],
            "network": {name: value for name, value in standing.items() if name != "customer"},
            "ties": [each for each in self.network["ties"] if customer in (each["a"], each["b"])],
            "costs": [cost for cost in self.costs if customer in cost["parts"]],
            "entries": row["worth"]["entries"],
            "contact_days": row["days"],
        }

    # --- money

    def _major(self, minor: int) -> float:
        unit = int(self._scale)
        return minor // unit if minor % unit == 0 else minor / unit

    def _sum(self, amounts: Iterable[float]) -> float:
        """A sum of amounts in the currency's own unit, exact to its smallest."""
        return self._major(sum(round(amount * self._scale) for amount in amounts))
