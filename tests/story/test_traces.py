"""What must not be found: strangers anywhere, and customers' names and identifiers on the disk or in a log."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

from reader_drivers.simulated import SimulatedEspresense
from tests.mosquitto import mosquitto
from tests.story.settings import COUNTER, DOOR, PHONES
from tests.story.venue import Venue, answered, guest

LISTEN = "0A"  # in /proc/net/tcp


async def test_strangers_leave_no_trace_and_customers_none_in_clear(tmp_path: Path) -> None:
    chen = guest("Xenophilia Chen", address_as="Madam Xenophilia", associate="anna")
    stranger, barred = guest("Stranger"), guest("Zebulon Withheld", associate="anna")
    with mosquitto() as broker:
        async with Venue(tmp_path, [DOOR, COUNTER, PHONES], mqtt=broker.url) as venue:
            await venue.staff("anna")
            await venue.enrol(chen)
            await venue.enrol(barred, consents=["share_partners"])
            await venue.knows(chen, "anna", "do", "drink", "quinquina tonic")
            anna = await venue.client("anna")
            rooms = SimulatedEspresense(broker.url, ["lounge", "bar"], every_s=0.15)
            async with await venue.tablet("anna") as annas, rooms:
                for one in (stranger, barred, chen):
                    venue.m100["door"].present(one.epc, -50)
                    rooms.place(one.irk, "lounge", 1.0)
                for one in (stranger, barred):
                    venue.em4100["counter"].hold(one.em)
                    await venue.hears("counter")
                visit = (await annas.expect("visit.arrived", customer=chen.id))["data"]["visit"]
                await answered(anna.post(f"/api/visits/{visit}/asks", json={"question": "quinquina?"}))
                await answered(anna.get("/api/customers", params={"q": "Xenophilia"}))
                venue.m100["door"].noise(500)
                venue.m100["door"].garble(5)
                venue.m100["door"].unplug()
                await annas.expect("reader.lost", reader="door")
                metrics = (await anna.get("/metrics")).text
                health = str(await venue.health())
                assert annas.told_of == {chen.id}
            assert (await venue.moments("recovery", "new")).code == 0
            copies = await venue.moments("backup", tmp_path / "copies")
            assert copies.code == 0, copies
    places = {str(f): f.read_bytes() for folder in (venue.data, tmp_path / "copies") for f in files(folder)}
    places |= {"log": venue.log.encode(), "metrics": metrics.encode(), "health": health.encode()}
    assert len(places) > 6
    secrets = [i for one in (chen, stranger, barred) for i in (one.epc, one.em, one.irk)]
    words = ["Xenophilia", "Zebulon", "quinquina", await venue.token("anna")]
    for word in [*words, *(s.partition(":")[2] for s in secrets)]:
        raw = bytes.fromhex(word) if word.isalnum() and len(word) % 2 == 0 and is_hex(word) else word.encode()
        for name, content in places.items():
            assert word.lower().encode() not in content.lower(), f"{word} stands in {name}"
            assert raw not in content, f"{word} stands in {name}, in binary"


async def test_nothing_listens_beyond_this_machine_unless_it_is_told_to(tmp_path: Path) -> None:
    async with Venue(tmp_path, [COUNTER, PHONES], mqtt="embedded") as venue:
        heard = {address for pid in venue.processes() for address in listening(pid)}
    assert len(heard) >= 2, "the console and the broker"
    assert {address for address, _ in heard} == {"127.0.0.1"}


def listening(pid: int) -> set[tuple[str, int]]:
    """The TCP addresses and ports at which a process listens; an address of IPv6 in hex, as it stands there."""
    links = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was open a moment ago
            links.add(str(each.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            address, _, port = local.partition(":")
            shown = socket.inet_ntoa(bytes.fromhex(address)[::-1]) if table == "tcp" else address
            if state == LISTEN and f"socket:[{inode}]" in links:
                found.add((shown, int(port, 16)))
    return found


def files(folder: Path) -> list[Path]:
    """Every plain file below."""
    return [f for f in folder.rglob("*") if f.is_file()]


def is_hex(word: str) -> bool:
    """Whether the word could be bytes written in hex."""
    return set(word.lower()) <= set("0123456789abcdef")
