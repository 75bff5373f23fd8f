"""The venue's talk against the hub's, over real records of both: what is sent, how, and exactly once."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.events.event import News
from gateway.hub import leaving
from gateway.hub.own_keys import OwnKeys
from gateway.hub.own_rows import OwnRows
from gateway.hub.problems import HubProblem
from gateway.hub.talk import HubTalk
from gateway.hub.wire import octets
from gateway.joined import darkness
from gateway.joined.standing import Standing
from gateway.records import hub_cursors
from tests.joined.pair import LEASE_DAYS, NOW, TERMS, Ended, House, Venue, house
from tests.records import happening as h


@pytest.fixture
async def maison(tmp_path: Path) -> AsyncIterator[House]:
    """A hub."""
    async with house(tmp_path) as found:
        yield found


def of(said: list[Any], kind: str) -> list[Any]:
    return [message for message in said if message["type"] == kind]


def rows_of(said: list[Any]) -> list[Any]:
    return [row for message in of(said, "events") for row in message["rows"]]


def told(row: dict[str, Any]) -> str:
    """The type that a row shows to the hub."""
    return "dark" if "dark" in row else str(json.loads(row["head"])[5])


async def held(maison: House, venue: Venue) -> list[str]:
    """The types of all rows as the hub can read them, epoch by epoch."""
    found = []
    for epoch in range(1, venue.journal.epoch + 1):
        rows, more = await maison.hub.own_rows(venue.name, epoch, 0, 100_000)
        assert more == 0
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        found += [row.head.type if row.head else "dark" for row in rows]
    return found


def journal_of(venue: Venue) -> list[bytes]:
    return [row[0] for row in venue.store.reader.conn.execute("SELECT hash FROM journal ORDER BY number")]


async def same_rows(maison: House, venue: Venue) -> None:
    """The hub has exactly the rows that the venue has."""
    found = []
    for epoch in range(1, venue.journal.epoch + 1):
        rows, _ = await maison.hub.own_rows(venue.name, epoch, 0, 100_000)
        found += [row.hash for row in rows]
    assert found == journal_of(venue)


def chen(venue: Venue) -> None:
    venue.record(h.enrolled("c-1", name="Chen"), h.granted("c-1", "keep_preferences"), h.preferred("c-1"))


async def test_rows_are_dark_until_a_customer_agrees_and_again_after_they_stop(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    venue.record(h.enrolled("c-2", name="Wei"), h.preferred("c-2", "f-2"))
    said = await venue.converse()
    assert set(map(told, rows_of(said))) == {"dark"}
    assert {len(octets(row["dark"], "dark")) % darkness.STEP for row in rows_of(said)} == {28}
    assert not of(said, "keys")
    assert not of(said, "reveal")
    assert "Chen" not in json.dumps(said)
    assert "c-1" not in json.dumps(said)

    venue.record(h.granted("c-1", "share_houses", at=2.0), h.viewed("c-1"))
    said = await venue.converse()
    (keys,), (first, rest) = of(said, "keys"), of(said, "reveal")
    assert {each["customer"] for each in keys["keys"]} == {"c-1"}
    assert list(map(told, first["rows"])) == ["customer.enrolled", "consent.granted"]
    assert list(map(told, rest["rows"])) == [
        "customer.enrolled", "consent.granted", "preference.recorded",
        "consent.granted",  # it went just now: of who stopped before, what comes before the keys is not kept
    ]  # fmt: skip
    assert list(map(told, rows_of(said))) == ["consent.granted", "dark"]  # who looked at them is nobody's business
    assert said.index(of(said, "events")[0]) < said.index(keys) < said.index(rest)

    venue.record(h.preferred("c-1", "f-3"))
    said = await venue.converse()
    assert (of(said, "keys"), of(said, "reveal")) == ([], [])
    assert list(map(told, rows_of(said))) == ["preference.recorded"]

    venue.record(h.revoked("c-1", "share_houses", at=3.0), h.preferred("c-1", "f-4"))
    said = await venue.converse()
    assert list(map(told, rows_of(said))) == ["consent.revoked", "dark"]
    (concealed,) = of(said, "conceal")
    assert [row["position"] for row in concealed["rows"]] == [2, 3, 4, 7, 9, 10, 11], "all that was ever said of them"
    assert "c-1" not in json.dumps(concealed)
    venue.record(h.revoked("c-1", "keep_preferences", at=4.0), h.enrolled("c-9"))
    assert list(map(told, rows_of(await venue.converse()))) == ["dark", "dark"]
    assert set(await held(maison, venue)) == {"dark"}
    await same_rows(maison, venue)


async def test_the_hub_says_how_long_a_lease_is(maison: House) -> None:
    venue = await maison.venue("flagship")
    await venue.converse()
    assert venue.lease_days == LEASE_DAYS


async def test_a_row_is_lent_with_its_key_and_taken_back(maison: House) -> None:
    flagship, lounge = await maison.venue("flagship"), await maison.venue("lounge")
    chen(flagship)
    flagship.record(h.granted("c-1", "share_houses", at=2.0))
    await flagship.converse()
    heard: list[Any] = []
    await lounge.converse(says=heard)
    lends = [item for message in heard for item in message.get("items", ()) if item["kind"] == "lend"]
    assert [(each["customer"], len(each["rows"])) for each in lends] == [("c-1@flagship", 4)]
    assert [each["customer"] for message in of(heard, "keys") for each in message["keys"]] == ["c-1@flagship"]
    flagship.record(h.revoked("c-1", "share_houses", at=3.0))
    await flagship.converse()
    heard.clear()
    said = await lounge.converse(says=heard)
    assert [item["kind"] for message in of(heard, "news") for item in message["items"]] == ["recall"]
    assert {"type": "applied", "feed": "urgent", "number": 1} in said
    again = await lounge.converse()
    assert again[0]["cursors"]["urgent"]["number"] == 1


async def heard(maison: House, talk: HubTalk) -> list[Any]:
    """All that the hub has to say by itself."""
    heads = {feed: head.number for feed, head in (await maison.hub.heads()).items()}
    found = []
    while more := await talk.news(heads):
        found += more
    return found


async def test_what_was_on_its_way_when_a_box_greets_once_more_is_said_again_and_taken_once(maison: House) -> None:
    flagship, lounge = await maison.venue("flagship"), await maison.venue("lounge")
    await lounge.converse()
    chen(flagship)
    flagship.record(h.granted("c-1", "share_houses"))
    ours, theirs = lounge.talk(), HubTalk(maison.hub, OwnKeys(maison.folder / "hub"), TERMS, lounge.at_hub)
    try:
        (hello,) = await ours.begin(NOW)
        for message in await theirs.hear(hello, int(NOW * 1000)):
            await ours.hear(message, 0.0, NOW)
        await flagship.converse()
        late = await heard(maison, theirs)
        numbers = {message["feed"]: message["number"] for message in of(late, "news")}
        assert numbers, "or nothing was on its way"
        (hello,) = await ours.begin(NOW)
        down = [*late, *await theirs.hear(hello, int(NOW * 1000))]
        answers = [answer for message in down for answer in await ours.hear(message, 0.0, NOW)]
        assert of(answers, "applied") == [], "it is of the time before the greeting"
        answers = [answer for message in await heard(maison, theirs) for answer in await ours.hear(message, 0.0, NOW)]
        assert {message["feed"]: message["number"] for message in of(answers, "applied")} == numbers

        await theirs.hear(hello, int(NOW * 1000))
        for feed, number in numbers.items():  # another's box may have taken it
            assert await theirs.hear({"type": "applied", "feed": feed, "number": number}, int(NOW * 1000)) == []
            with pytest.raises(HubProblem, match="as far as the hub has told"):
                await theirs.hear({"type": "applied", "feed": feed, "number": number + 1}, int(NOW * 1000))
    finally:
        theirs.keys.close()


@pytest.mark.parametrize("seed", range(8))
async def test_however_often_the_line_is_cut_the_hub_has_each_row_once(maison: House, seed: int) -> None:
    venue, chance = await maison.venue("flagship"), random.Random(seed)
    chen(venue)
    for number in range(12):
        venue.record(h.preferred("c-1", f"g-{number}"))
        if number == 3:
            venue.record(h.granted("c-1", "share_houses", at=2.0))
        if number == 8 and seed % 2:
            venue.record(h.revoked("c-1", "share_houses", at=3.0))
        await venue.converse(cut_after=chance.randrange(6))
        if chance.random() < 0.4:
            venue.close()
            venue.open()
    await venue.converse()
    await same_rows(maison, venue)
    types = await held(maison, venue)
    assert types.count("preference.recorded") == (0 if seed % 2 else 13)


async def test_a_stop_goes_ahead_of_a_backlog(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    venue.record(h.granted("c-1", "share_houses", at=2.0))
    await venue.converse()
    venue.record(*[h.enrolled(f"d-{number}") for number in range(1_300)])
    venue.record(h.revoked("c-1", "share_houses", at=3.0))
    said = await venue.converse()
    (ahead,) = of(said, "ahead")
    assert list(map(told, ahead["rows"])) == ["consent.revoked"]
    assert said.index(ahead) < said.index(of(said, "events")[0])
    assert [bool(message["rows"]) for message in of(said, "events")] == [True, True, True, False]
    assert said.index(of(said, "conceal")[0]) == len(said) - 2, "once the hub has their stop in its turn"
    assert [message["backlog"] for message in of(said, "events")] == [801, 301, 0, 0]
    await same_rows(maison, venue)


async def test_a_consent_that_ran_out_and_is_given_again_brings_the_keys_again(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    venue.record(h.granted("c-1", "share_houses", at=2.0, expires=NOW + 10))
    await venue.converse()
    venue.now = NOW + 20
    await maison.hub.pulse(int(venue.now * 1000))
    venue.record(h.preferred("c-1", "f-5"))
    assert list(map(told, rows_of(await venue.converse()))) == ["dark"]
    venue.record(h.granted("c-1", "share_houses", at=NOW + 20))
    said = await venue.converse()
    assert len(of(said, "keys")) == 1
    assert "preference.recorded" in await held(maison, venue)
    assert [each.customer for each in await maison.hub.wraps.keys_for(["c-1@flagship"])] == ["c-1@flagship"]


async def put_back(venue: Venue, since: News) -> None:
    """The folder as it was before this happened, of which the hub was told."""
    await venue.converse()
    venue.close()
    shutil.copytree(venue.folder, copy := venue.folder.with_name("copy"))
    venue.open()
    venue.record(since)
    await venue.converse()
    venue.close()
    shutil.rmtree(venue.folder)
    copy.rename(venue.folder)
    venue.open()


async def test_a_folder_that_was_put_back_begins_another_epoch_by_itself(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    await put_back(venue, h.enrolled("c-2"))
    venue.record(h.enrolled("c-3"))
    with pytest.raises(Ended) as ended:
        await venue.converse()
    assert (ended.value.code, ended.value.retry_s) == ("fork", 0.0)
    assert venue.journal.epoch == 2
    assert "restored or copied" in venue.standing.told["fork"]["words"]["en"]
    await venue.converse()
    rows, _ = await maison.hub.own_rows("flagship", 2, 0, 100)
    assert [row.hash for row in rows] == journal_of(venue)[-len(rows) :]
    assert (await maison.hub.have("flagship", 1) or (0,))[0] == 5
    await venue.converse()
    assert venue.journal.epoch == 2


async def test_a_folder_put_back_that_wrote_nothing_since_begins_another_epoch_too(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    await put_back(venue, h.enrolled("c-2"))
    await venue.converse()
    assert (venue.journal.epoch, venue.standing.epochs) == (2, 1)
    venue.record(h.enrolled("c-3"))
    await venue.converse()
    assert (await maison.hub.have("flagship", 2) or (0,))[0] == 2


async def test_that_two_boxes_have_one_key_and_that_one_is_too_old_is_over_once_it_is_greeted(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    twice = HubProblem("box-twice")
    await maison.hub.members.told("flagship", twice.code, twice.words, int(NOW * 1000), over=False)
    ended = await venue.talk().refused(twice.body(), NOW)
    assert (ended.code, ended.retry_s, list(venue.standing.told)) == ("box-twice", 10.0, ["box-twice"])
    await venue.talk().refused(HubProblem("too-old").body(), NOW)
    assert len(venue.standing.told) == 2
    await venue.converse()
    assert venue.standing.told == {}
    assert await maison.hub.members.stands() == {}


async def test_how_far_the_hub_has_our_rows_is_known_with_its_greeting_and_in_every_epoch(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    await venue.converse()
    had = len(journal_of(venue))
    assert venue.standing.sent == had
    venue.standing = Standing()  # it started anew, and nothing was written since
    assert of(await venue.converse(), "events") == []
    assert venue.standing.sent == had
    venue.journal.begin_epoch("flagship", "restored", {}, NOW)
    await venue.converse(cut_after=1)
    assert venue.standing.sent == had
    await venue.converse()
    assert venue.standing.sent == len(journal_of(venue)) > had


async def test_older_epochs_are_sent_first_and_the_next_begin_where_they_end(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    venue.record(h.granted("c-1", "share_houses", at=2.0))
    venue.journal.begin_epoch("flagship", "restored", {}, NOW)
    venue.record(h.preferred("c-1", "f-2"))
    said = await venue.converse()
    assert [message["epoch"] for message in of(said, "hello")] == [1, 2]
    await same_rows(maison, venue)
    assert (await held(maison, venue)).count("preference.recorded") == 2
    assert [message["epoch"] for message in of(await venue.converse(), "hello")] == [2]


async def test_a_hub_that_lives_anew_is_told_everything_again_and_every_stop(tmp_path: Path) -> None:
    async with house(tmp_path / "old") as before, house(tmp_path / "new") as after:
        venue = await before.venue("flagship")
        chen(venue)
        venue.record(h.granted("c-1", "share_houses", at=2.0))
        await venue.converse()
        venue.record(h.revoked("c-1", "share_houses", at=3.0), h.enrolled("c-2"), h.granted("c-2", "share_houses"))
        await venue.converse()
        assert {each: one.open for each, one in hub_cursors.shared(venue.store.reader).items()} == {
            "c-1": False, "c-2": True,
        }  # fmt: skip
        other = await after.venue("flagship")
        venue.hub, venue.at_hub, venue.box = other.hub, other.at_hub, other.box
        venue.folder = tmp_path / "new" / "flagship"
        said = await venue.converse()
        shown = list(map(told, rows_of(said)))
        assert shown.count("consent.revoked") == 1
        assert {each["customer"] for message in of(said, "keys") for each in message["keys"]} == {"c-2"}
        await same_rows(after, venue)


async def test_keys_are_in_escrow_and_end_there_with_an_erasure(maison: House) -> None:
    venue = await maison.venue("flagship")
    chen(venue)
    said = await venue.converse()
    ids = {row["key_id"] for message in of(said, "escrow") for row in message["keys"]}
    (mine,) = venue.store.keyring.ids_of("c-1")
    assert {octets(each, "id").hex() for each in ids} >= {mine}
    assert not of(await venue.converse(), "escrow")
    venue.record(h.erased("c-1"))
    said = await venue.converse()
    (escrow,) = of(said, "escrow")
    assert [(octets(each["key_id"], "id").hex(), each["wrapped"]) for each in escrow["keys"]] == [(mine, "")]
    assert list(map(told, rows_of(said))) == ["dark"]  # of somebody the hub never knew


async def test_an_erasure_asked_elsewhere_and_a_leaver_are_done_before_it_is_said_that_they_are(maison: House) -> None:
    flagship, lounge = await maison.venue("flagship"), await maison.venue("lounge")
    chen(flagship)
    flagship.record(h.granted("c-1", "share_houses", at=2.0))
    await flagship.converse()
    await lounge.converse()
    lounge.record(h.erased("c-1@flagship"))
    await lounge.converse()
    said = await flagship.converse()
    assert flagship.acted.erased == ["c-1"]
    assert {"type": "applied", "feed": "urgent", "number": 1} in said
    receipt = await maison.hub.receipt("c-1@flagship")
    assert receipt is not None
    assert {place for place, _, done, _ in receipt["places"] if done is not None} >= {"flagship", "lounge"}


async def test_a_leaver_comes_with_who_takes_over_at_this_venue(maison: House) -> None:
    flagship, lounge = await maison.venue("flagship"), await maison.venue("lounge")

    async def does(_: Any, own: OwnRows) -> None:
        await own.write(leaving.rows("mei", [], leaving.Hand("lina", {"lounge": "noor"}), ""))

    await flagship.converse()
    await maison.hub.write(does, "boss", int(NOW * 1000))
    await flagship.converse()
    await lounge.converse()  # for the first time: what it is told is a snapshot
    assert (flagship.acted.left, flagship.acted.heirs) == (["mei"], ["lina"])
    assert (lounge.acted.left, lounge.acted.heirs) == (["mei"], ["noor"])


async def test_who_was_hired_anew_after_they_left_stays_when_a_snapshot_tells_of_it_again(maison: House) -> None:
    flagship = await maison.venue("flagship")

    async def does(_: Any, own: OwnRows) -> None:
        await own.write(leaving.rows("mei", [], leaving.Hand("lina", {}), ""))

    await maison.hub.write(does, "boss", int(NOW * 1000))
    flagship.now = NOW + 60
    flagship.record(h.staff_changed("mei"))
    await flagship.converse()
    assert flagship.acted.left == []


async def test_who_is_one_person_with_somebody_who_never_agreed_is_lent_no_more_and_again_when_they_are_two(
    maison: House,
) -> None:
    venue, lounge = await maison.venue("flagship"), await maison.venue("lounge")
    chen(venue)
    venue.record(h.granted("c-1", "share_houses", at=2.0), h.enrolled("c-2", name="Wei"), h.preferred("c-2", "f-2"))
    await venue.converse()
    await lounge.converse()
    venue.record(h.merged("c-2", "c-1"))
    said = await venue.converse()
    assert list(map(told, rows_of(said))) == ["customer.merged"]
    assert {each["customer"] for message in of(said, "keys") for each in message["keys"]} == {"c-2"}
    assert not of(said, "reveal")
    heard: list[Any] = []
    await lounge.converse(says=heard)
    assert [item["kind"] for message in of(heard, "news") for item in message["items"]] == ["recall"]
    venue.record(h.unmerged("c-2", "c-1"))
    await venue.converse()
    heard.clear()
    await lounge.converse(says=heard)
    lends = [item for message in heard for item in message.get("items", ()) if item["kind"] == "lend"]
    assert {each["customer"] for each in lends} == {"c-1@flagship"}
    assert "preference.recorded" in await held(maison, venue)
