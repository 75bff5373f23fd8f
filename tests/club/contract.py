"""What both stores of the club's ledger have to do: ``TestSQLite`` and ``TestPostgres`` bring a database each."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest

from gateway.club.ledger import ClubDatabase, Ledger, RulesChanged
from gateway.club.verify import verify
from gateway.club.watch import watch
from tests.club.given import PROGRAMMES, TEXT, Desk, Refusal, config


async def refused(asked: object) -> Refusal:
    """The refusal that an asking ends with."""
    with pytest.raises(Refusal) as found:
        await asked  # type: ignore[misc]
    return found.value


class LedgerContract:
    """The cases; a class below has the fixture ``database``."""

    async def test_the_worked_example_to_the_cent(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-01").book("block", id="t1", partner="maison", points=1000)
        assert await desk.entries("t1") == ["blocks:maison > block:t1 1000 pt", "bank > pool:maison 800000 mc"]
        await desk.on("2026-03-03").earn("m", 128_999, id="t2", sale="n-1")
        await desk.on("2026-03-05").earn("m", 24_000, "maison", id="t3")
        assert await desk.entries("t3") == ["issued:maison > lot:t3 240 pt", "block:t1 > blocks:maison 240 pt"]
        burnt = await desk.on("2026-03-08").burn("m", 300, id="t4")
        assert (burnt["points"], burnt["value_cents"]) == (-300, 300)
        assert await desk.entries("t4") == [
            "lot:t2 > redeemed:lakeside 128 pt",
            "clearing:norden > clearing:lakeside 121600 mc",
            "clearing:norden > fund 6400 mc",
            "lot:t3 > redeemed:lakeside 172 pt",
            "pool:maison > clearing:lakeside 137600 mc",
        ]
        assert [each["follows"] for each in (await desk.get("transfers/t4"))["entries"]] == [None, 1, 1, None, 4]
        back = await desk.on("2026-03-12").book("refund", id="t5", of="t2", amount_cents=50_000)
        assert (back["points"], back["amount_cents"], back["owed"]) == (-50, 50_000, 0)
        assert await desk.entries("t5") == ["lot:t3 > recovered:norden 50 pt", "pool:maison > clearing:norden 40000 mc"]
        stands = await desk.get("members/m")
        assert stands == {
            "member": "m", "points": 18, "reserved": 0, "owed": 0,
            "expiring": [{"points": 18, "at": "2028-03-31T16:00:00.000Z"}],
        }  # fmt: skip
        assert {id_: each["cents"] for id_, each in (await desk.get("liability"))["partners"].items()} == {
            "lakeside": 0, "maison": 14, "norden": 0,
        }  # fmt: skip
        march = await desk.on("2026-03-31").ask("POST", "statements", {"id": "march"})
        of = march["partners"]
        assert {id_: (each["net_cents"], each["carried_mc"]) for id_, each in of.items()} == {
            "norden": (-87, -1000), "lakeside": (258, 1200), "maison": (0, 0),
        }  # fmt: skip
        assert {line["with"]: line["net_cents"] for line in of["norden"]["lines"]} == {
            "lakeside": -121, "fund": -6, "pool:maison": 40,
        }  # fmt: skip
        assert [of["maison"][name] for name in ("issued", "reversed", "redeemed", "expired", "recovered")] == [
            240, 0, 0, 0, 0,
        ]  # fmt: skip
        april = await desk.on("2028-04-30").ask("POST", "statements", {"id": "april"})
        assert april["partners"]["maison"]["net_cents"] == 14
        assert await desk.entries("expire:7") == [
            "lot:t3 > expired:maison 18 pt", "pool:maison > clearing:maison 14400 mc",
        ]  # fmt: skip
        assert await desk.points("m") == 0
        assert (await verify(desk.ledger)).wrong is None

    async def test_what_is_refused_leaves_no_trace_and_its_id_stays_free(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000, id="e1", sale="s1")
        assert (await refused(desk.burn("m", 101, id="b1"))).body["available"] == 100
        await desk.burn("m", 40, id="b1")
        assert (await refused(desk.earn("m", 5_000, id="e2", sale="s1"))).code == "sale-taken"
        assert (await refused(desk.earn("m", 5_000, id="e1"))).code == "id-taken"
        assert (await refused(desk.earn("m", 1_000, id="e2", category="wine"))).code == "no-such-rule"
        assert (await refused(desk.earn("m", 1_000, "nobody"))).code == "no-such-rule"
        assert (await refused(desk.burn("m", 1, "nobody"))).code == "not-a-burn-partner"
        assert (await refused(desk.earn("m", 0))).code == "amount-not-positive"
        assert (await refused(desk.earn("m", 1_000, venue="garden"))).code == "nothing-sold-here"
        assert (await refused(desk.book("refund", of="nothing"))).code == "no-such-transfer"
        assert (await refused(desk.book("post", of="e1"))).code == "no-such-reservation"
        found = await refused(desk.earn("m", 1_000, "maison"))
        assert (found.code, found.body["missing"]) == ("block-empty", 10)
        assert (await refused(desk.book("block", partner="maison", points=3, price_mc=333))).code == "not-whole-cents"
        assert await desk.points("m") == 60
        assert (await verify(desk.ledger)).position == 2

    async def test_the_same_again_is_answered_and_not_booked(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        first = await desk.book("earn", id="e", member="m", partner="norden", amount_cents=10_000)
        again = await desk.book("earn", id="e", member="m", partner="norden", amount_cents=10_000)
        assert again == {**first, "replayed": True}
        assert await desk.points("m") == 10

    async def test_what_a_rule_says_of_a_burn_is_kept(self, database: ClubDatabase) -> None:
        rules = PROGRAMMES.replace(
            'partner = "lakeside", kind = "burn", value_mc = 1000',
            'partner = "lakeside", kind = "burn", value_mc = 1000, min_points = 500, step = 100, max_share = 50',
        )
        desk = await Desk.open(database, config(rules))
        await desk.earn("m", 5_000_000)
        for points in (400, 550):
            found = await refused(desk.burn("m", points))
            assert (found.code, found.body["min_points"], found.body["step"]) == ("points-not-allowed", 500, 100)
        found = await refused(desk.book("burn", member="m", partner="lakeside", points=800, sale_cents=1_500))
        assert (found.code, found.body["most_points"]) == ("share-exceeded", 700)
        assert (await desk.book("burn", member="m", partner="lakeside", points=700, sale_cents=1_500))[
            "value_cents"
        ] == 700
        assert (await refused(desk.burn("m", 2_500))).code == "confirm-first"
        await desk.burn("m", 2_500, confirmed="tag")

    async def test_many_refunds_take_what_one_does(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.book("block", partner="maison", points=30)
        await desk.book("block", partner="maison", points=100, price_mc=500)
        for member, parts in (("one", [9_999]), ("many", [1, 4_999, 4_999])):
            sale = await desk.earn(member, 20_005, "norden")
            for part in parts:
                await desk.book("refund", of=sale, amount_cents=part)
            found = await refused(desk.book("refund", of=sale, amount_cents=10_007))
            assert (found.code, found.body["most_cents"]) == ("exceeds-sale", 10_006)
        assert await desk.points("one") == await desk.points("many") == 10
        sale = await desk.earn("p", 6_000, "maison")
        await desk.book("refund", of=sale, amount_cents=4_000)
        lots = (await desk.get("members/p/lots"))["lots"]
        assert [(each["price_mc"], each["open"]) for each in lots] == [(800, 20), (500, 0)], "as if it had been smaller"
        assert (await desk.money())["pool:maison"] == 74_000
        await desk.book("refund", of=sale)
        assert await desk.points("p") == 0

    async def test_a_burn_goes_back_to_the_very_lots_at_the_prices_of_that_day(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-01").earn("m", 10_000, "norden", id="a")
        await desk.on("2026-04-01").earn("m", 10_000, "lakeside", id="b")
        before = await desk.money()
        await desk.on("2026-05-01").burn("m", 15, id="s")
        await desk.book("refund", of="s", points=7)
        lots = (await desk.get("members/m/lots"))["lots"]
        assert {each["lot"]: each["open"] for each in lots} == {"lot:a": 2, "lot:b": 10}
        assert (await refused(desk.book("refund", of="s", points=9))).body["most_points"] == 8
        await desk.book("refund", of="s")
        after = await desk.money()
        assert {id_: each for id_, each in after.items() if id_ in before} == before
        assert set(after) == set(before)

    async def test_points_that_ended_come_back_for_a_month(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-05").earn("m", 10_000, id="e")
        await desk.on("2028-03-31T23:59:59+08:00").burn("m", 10, id="b")
        await desk.on("2028-04-02").book("refund", of="b", id="r")
        (lot,) = [each for each in (await desk.get("members/m/lots"))["lots"] if each["open"]]
        assert (lot["lot"], lot["issuer"], lot["expires_at"]) == ("lot:r", "norden", "2028-05-02T04:00:00.000Z")
        assert await desk.on("2028-05-03").points("m") == 0

    async def test_who_gives_back_what_was_spent_owes_and_pays_first(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 10_000, "norden", id="e")
        await desk.burn("m", 10, "lakeside")
        assert (await desk.book("refund", of="e"))["owed"] == 10
        assert await desk.get("members/m") == {
            "member": "m", "points": -10, "reserved": 0, "owed": 10, "expiring": [],
        }  # fmt: skip
        found = await refused(desk.book("write_off", member="m", partner="norden", points=11))
        assert (found.code, found.body["owed"]) == ("exceeds-owed", 10)
        await desk.book("write_off", member="m", partner="norden", points=4, reason="kind")
        await desk.earn("m", 20_000, "lakeside", id="p")
        assert await desk.entries("p") == [
            "issued:lakeside > lot:p 20 pt", "lot:p > owed:m:norden 6 pt",
            "clearing:lakeside > clearing:norden 6000 mc",
        ]  # fmt: skip
        assert await desk.points("m") == 14

    async def test_a_reservation_is_resolved_once(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000)
        held = await desk.book("reserve", id="r", member="m", partner="lakeside", points=60, minutes=5)
        assert held["reserved"] == 60
        stands = await desk.get("members/m")
        assert (stands["points"], stands["reserved"]) == (40, 60)
        assert (await refused(desk.burn("m", 41))).code == "insufficient-points"
        assert (await refused(desk.book("post", of="r", points=61, sale_cents=10_000))).body["reserved"] == 60
        posted = await desk.book("post", id="p", of="r", points=50, sale_cents=10_000)
        assert (posted["points"], posted["value_cents"], posted["released"]) == (-50, 50, 10)
        for kind in ("post", "void"):
            assert (await refused(desk.book(kind, of="r", **({"points": 1} if kind == "post" else {})))).code == (
                "already-resolved"
            )
        assert await desk.points("m") == 50
        await desk.book("refund", of="p")
        assert await desk.points("m") == 100

    async def test_a_reservation_that_is_over_lets_go_by_itself(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-01T12:00:00Z").earn("m", 100_000)
        await desk.book("reserve", id="r", member="m", partner="lakeside", points=60, minutes=5)
        assert await desk.on("2026-03-01T12:04:59Z").points("m") == 40
        assert await desk.on("2026-03-01T12:05:00Z").points("m") == 100
        assert (await refused(desk.book("post", of="r", points=1, sale_cents=10_000))).code == "reservation-expired"

    async def test_what_is_held_does_not_end_while_it_is_held(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-01").earn("m", 100_000)
        await desk.on("2028-03-31T23:58:00+08:00").book(
            "reserve", id="r", member="m", partner="lakeside", points=60, minutes=5
        )
        stands = await desk.on("2028-04-01T00:01:00+08:00").get("members/m")
        assert (stands["points"], stands["reserved"]) == (0, 60)
        await desk.book("post", of="r", points=50, sale_cents=10_000)
        stands = await desk.get("members/m")
        assert (stands["points"], stands["reserved"]) == (0, 0), "what was let go of had ended meanwhile"

    async def test_what_is_let_go_of_pays_debts_first(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000, id="e")
        for kind, id_ in (("void", "r1"), ("withdraw", "r2"), ("post", "r3")):
            await desk.book("reserve", id=id_, member="m", partner="lakeside", points=30)
            await desk.earn("m", 10_000, "norden", id=f"e-{id_}")
            await desk.book("burn", id=f"b-{id_}", member="m", partner="norden", points=await desk.points("m"))
            assert (await desk.book("refund", of=f"e-{id_}"))["owed"] == 10
            await desk.book(kind, of=id_, **({"points": 5, "sale_cents": 9_000} if kind == "post" else {}))
            stands = await desk.get("members/m")
            assert (stands["owed"], stands["points"]) == (0, 15 if kind == "post" else 20), kind
            await desk.book("refund", of=f"b-{id_}")

    async def test_what_came_and_went_is_as_if_it_had_never_been(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.book("block", partner="maison", points=1_000)
        for partner in ("norden", "maison"):
            await desk.earn("m", 30_000, partner, id=f"kept-{partner}")
        before = await desk.money(), await desk.get("members/m/lots")
        for _ in range(2):
            sale = await desk.earn("m", 45_000, "maison")
            await desk.book("refund", of=sale)
            burn = await desk.burn("m", 200)
            await desk.book("refund", of=burn["id"])
            held = await desk.book("reserve", member="m", partner="lakeside", points=100)
            await desk.book("void", of=held["id"])
        after = await desk.money(), await desk.get("members/m/lots")
        kept = [each for each in after[1]["lots"] if each["lot"].startswith("lot:kept")]
        assert (after[0], kept) == (before[0], before[1]["lots"])
        assert all(not each["open"] for each in after[1]["lots"] if each not in kept)

    async def test_every_discount_has_its_entries(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000)
        burn = await desk.burn("m", 40)
        held = await desk.book("reserve", member="m", partner="lakeside", points=30)
        post = await desk.book("post", of=held["id"], points=10, sale_cents=9_000)
        for said in (burn, post):
            entries = (await desk.get(f"transfers/{said['id']}"))["entries"]
            spent = sum(each["amount"] for each in entries if each["credit"] == "redeemed:lakeside")
            assert spent == -said["points"] == said["value_cents"]

    async def test_an_allowance_is_a_quarter_and_ends_by_the_venue_alone(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 400_000)
        lent = await desk.book(
            "reserve", id="a", member="m", partner="lakeside", venue="lake-lobby", points=300, allowance=True
        )
        assert lent["reserved"] == 100
        assert "expires" not in lent
        desk.on("2026-04-20")
        assert (await desk.get("members/m"))["reserved"] == 100, "a silent venue keeps it held"
        await desk.book("post", of="a", points=30, offline=True)
        await desk.book("post", of="a", points=20, offline=True)
        assert (await refused(desk.book("post", of="a", points=51, offline=True))).body["reserved"] == 50
        assert (await desk.book("void", of="a"))["released"] == 50
        assert await desk.points("m") == 350

    async def test_what_is_posted_after_a_forced_void_is_the_partners_loss(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 400_000)
        await desk.book("reserve", id="a", member="m", partner="lakeside", venue="lake-lobby", allowance=True)
        await desk.book("void", of="a", force=True, reason="the box is gone")
        await desk.burn("m", 340)
        late = await desk.book("post", id="late", of="a", points=80, offline=True)
        assert (late["points"], late["shortfall"], late["value_cents"]) == (-80, 20, 80)
        assert (await desk.entries("late"))[-1] == "shortfall:lakeside > redeemed:lakeside 20 pt"
        assert await desk.points("m") == 0
        assert (await refused(desk.book("post", of="a", points=21, offline=True))).body["reserved"] == 20
        assert (await desk.book("refund", of="late"))["points"] == 60, "only what was covered comes back"

    async def test_a_till_that_gave_up_takes_its_id_back(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000)
        await desk.burn("m", 30, id="b")
        assert (await desk.book("withdraw", of="b"))["points"] == 30
        assert (await refused(desk.burn("m", 30, id="b"))).code == "withdrawn"
        assert (await desk.book("withdraw", of="never"))["points"] == 0
        assert (await refused(desk.burn("m", 30, id="never"))).code == "withdrawn"
        await desk.book("reserve", id="r", member="m", points=20)
        assert (await desk.book("withdraw", of="r"))["released"] == 20
        assert await desk.points("m") == 100

    async def test_an_earning_that_comes_late_is_never_refused_for_an_empty_block(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.book("block", partner="maison", points=30)
        found = await desk.on("2026-04-02").book(
            "earn",
            id="late",
            member="m",
            partner="maison",
            amount_cents=5_000,
            offline=True,
            at="2026-03-31T20:00:00+08:00",
        )
        assert found["points"] == 50
        lots = (await desk.get("members/m/lots"))["lots"]
        assert [(each["lot"], each["open"]) for each in lots] == [("lot:late", 30), ("lot:late.2", 20)]
        assert {each["expires_at"] for each in lots} == {"2028-03-31T16:00:00.000Z"}, "dated when it was made"

    async def test_a_cost_is_shared_to_the_cent(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        found = await desk.book("cost", partner="norden", amount_cents=1_001, split="house", reason="music")
        assert found["parts_cents"] == {"lakeside": 300, "maison": 200, "norden": 501}
        assert await desk.money() == {
            "clearing:norden": 500_000, "clearing:lakeside": -300_000, "clearing:maison": -200_000,
        }  # fmt: skip
        statement = await desk.ask("POST", "statements", {"id": "s"})
        assert sum(each["net_cents"] for each in statement["partners"].values()) == 0
        await desk.book("pay", partner="lakeside", amount_cents=300, direction="in", reference="bank 7")
        await desk.book("pay", partner="norden", amount_cents=500, direction="out")
        assert await desk.money() == {"due:maison": -200_000, "bank": 200_000}

    async def test_a_statement_is_never_made_again(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000)
        await desk.burn("m", 33)
        first = await desk.ask("POST", "statements", {"id": "s1"})
        await desk.burn("m", 7)
        assert await desk.ask("POST", "statements", {"id": "s1"}) == first
        second = await desk.ask("POST", "statements", {"id": "s2"})
        assert await desk.get("statements/s1") == first
        assert second["partners"]["lakeside"]["redeemed"] == 7
        # 33 × 950 and 40 × 950 thousandths: 31 cents, then 7 more, and nothing lost on the way.
        nets = [each["partners"]["lakeside"]["net_cents"] for each in (first, second)]
        assert nets == [31, 7]
        assert second["partners"]["lakeside"]["carried_mc"] == 0
        table = await desk.get("statements/s2", partner="lakeside", format="csv")
        assert "s2,4,lakeside,line,norden,,7," in table
        assert "norden,redeemed" not in table
        assert (await refused(desk.earn("m", 1_000, id="s1"))).code == "id-taken"

    async def test_what_comes_late_is_on_the_next_statement_with_its_own_day(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.on("2026-03-20").earn("m", 100_000)
        march = await desk.on("2026-03-31").ask("POST", "statements", {"id": "march"})
        assert "late" not in march
        await desk.on("2026-04-02").burn("m", 10, id="late", at="2026-03-30T23:30:00+08:00", offline=True)
        await desk.burn("m", 20, "norden")
        april = await desk.on("2026-04-30").ask("POST", "statements", {"id": "april"})
        assert april["late"] == [{"id": "late", "kind": "burn", "partner": "lakeside", "day": "2026-03-30"}]
        assert april["partners"]["lakeside"]["redeemed"] == 10
        assert "late" not in await desk.get("statements/april", partner="norden")
        assert "late burn of 2026-03-30" in await desk.get("statements/april", format="csv")
        assert (await verify(desk.ledger)).wrong is None

    async def test_what_looks_odd_is_listed(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        for number in range(21):
            desk.now += 60_000
            await desk.earn(f"m{number % 4}", 10_000, by="lina", id=f"e{number}")
        assert [(each["what"], each["whose"]) for each in await watch(desk.ledger, 0)] == [("earns-by-one", "lina")]
        for number in (0, 4, 8):
            desk.now += 86_400_000
            await desk.book("refund", of=f"e{number}")
        for _ in range(5):
            desk.now += 120_000
            await desk.burn("m1", 1)
        found = await watch(desk.ledger, 0)
        assert [(each["what"], each["whose"], len(each["transfers"])) for each in found] == [
            ("earns-by-one", "lina", 21), ("sales-refunded", "m0", 3), ("quick-burns", "m1", 5),
        ]  # fmt: skip
        assert [each["what"] for each in await watch(desk.ledger, desk.now - 86_400_000)] == ["quick-burns"]

    async def test_merged_and_not_after_all_leaves_each_what_is_theirs(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("one", 100_000, id="e1")
        await desk.earn("two", 50_000, "lakeside", id="e2")
        await desk.book("merge", member="one", **{"with": "two"})
        assert await desk.points("one") == await desk.points("two") == 150
        await desk.burn("one", 120, id="b")
        await desk.book("refund", of="b", points=5)
        assert await desk.points("two") == 35
        await desk.book("unmerge", member="two", **{"with": "one"}, id="u")
        assert await desk.points("two") == 50
        assert await desk.points("one") == -15
        await desk.book("refund", of="b")
        assert (await desk.points("one"), await desk.points("two")) == (100, 50)
        assert (await desk.money()).get("fund", 0) == 0, "what was paid for them has come back"

    async def test_a_batch_is_all_or_none_where_it_is_linked(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        earn = {"id": "e", "kind": "earn", "member": "m", "partner": "norden", "amount_cents": 10_000}
        burn = {"id": "b", "kind": "burn", "member": "m", "partner": "lakeside", "points": 11, "sale_cents": 10_000}
        found = await refused(desk.ask("POST", "transfers", {"linked": True, "transfers": [earn, burn]}))
        assert found.code == "insufficient-points"
        assert await desk.points("m") == 0
        both = await desk.ask("POST", "transfers", {"linked": False, "transfers": [earn, burn, {**burn, "id": 7}]})
        assert [each.get("points", each.get("status")) for each in both["transfers"]] == [10, 409, 400]
        assert await desk.points("m") == 10

    async def test_a_rule_that_was_used_is_not_edited(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 10_000)
        edited = PROGRAMMES.replace("points = 1, per_cents = 1000", "points = 2, per_cents = 1000", 1)
        with pytest.raises(RulesChanged, match="norden earn default 2026-01-01"):
            await Ledger.open(database, config(edited))
        later = PROGRAMMES.replace(
            "programmes = [",
            'programmes = [ { partner = "norden", kind = "earn", points = 2, per_cents = 1000, from = "2026-04-01" },',
        )
        desk.ledger = await Ledger.open(database, config(later))
        await desk.earn("m", 10_000)
        await desk.on("2026-04-01T00:00:00+08:00").earn("m", 10_000)
        assert await desk.points("m") == 40
        with pytest.raises(RulesChanged, match="'riverside'"):
            await Ledger.open(database, config(text=TEXT.replace("riverside", "seaside")))

    async def test_a_stranger_walks_the_chain(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000, id="one")
        await desk.burn("m", 3, id="two")
        before = bytes(32)
        for id_ in ("one", "two"):
            found = await desk.get(f"transfers/{id_}")
            text = [json.dumps(found[name], sort_keys=True, separators=(",", ":")) for name in ("body", "entries")]
            before = sha256(before + "".join(text).encode()).digest()
            assert found["hash"] == before.hex()

    async def test_eight_writers_at_once_overdraw_nobody(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 200_000)

        async def writer(name: int) -> int:
            booked = 0
            for number in range(6):
                with suppress(Refusal):
                    await desk.burn("m", 7, id=f"w{name}-{number}")
                    booked += 1
            return booked

        assert sum(await asyncio.gather(*map(writer, range(8)))) == 28
        assert await desk.points("m") == 4
        assert (await verify(desk.ledger)).wrong is None

    async def test_who_asks_at_once_shares_a_commit_and_each_is_answered(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 1_000_000)
        said = {"id": "same", "kind": "burn", "member": "m", "partner": "lakeside", "points": 7, "sale_cents": 9_000}
        many = [desk.ask("POST", "transfers", {**said, "id": f"b{n}"}) for n in range(150)]
        bad: list[Any] = [{**said, "points": 0}, {"kind": "burn"}, [], 7]
        wrong = [desk.ask("POST", "transfers", each) for each in bad]
        twice = [desk.ask("POST", "transfers", said) for _ in range(3)]
        found: list[Any] = await asyncio.gather(*many, *wrong, *twice, return_exceptions=True)
        positions = {each["position"] for each in found if isinstance(each, dict)}
        assert sorted(positions) == list(range(2, 2 + 142))
        codes = [str(each.code) for each in found[150:154]]
        assert codes == ["amount-not-positive", "message", "message", "message"]
        again = [each for each in found[154:] if isinstance(each, dict) and each.get("replayed")]
        assert len(again) in (0, 2)
        assert await desk.points("m") == 1_000 - 142 * 7
        assert (await verify(desk.ledger)).wrong is None

    async def test_who_is_erased_has_nothing_left_and_the_numbers_stay(self, database: ClubDatabase) -> None:
        desk = await Desk.open(database)
        await desk.earn("m", 100_000)
        await desk.ledger.erase("m", desk.now)
        assert await desk.points("m") == 0
        assert (await desk.get("transfers/expire:2"))["body"]["reason"] == "erased"
        assert (await verify(desk.ledger)).wrong is None
