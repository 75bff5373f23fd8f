"""What every serial protocol and every reader that is talked to is held to; a test file of each derives its own."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost, Sighting
from reader_drivers.decode import decode_lines
from reader_drivers.legibility import GARBLED
from reader_drivers.simulated_device import Talker
from tests.reader_drivers.frames import READER, ignored, rejected, sightings
from tests.reader_drivers.readers import Heard, until

AT = 1_790_000_000.25

Tag = tuple[int | str | None, str, float | None]
"""Antenna, identifier, RSSI."""


def tags(found: list[Any]) -> list[Tag]:
    return [(each.antenna, each.identifier, each.rssi) for each in sightings(found)]


class FrameRules:
    """Frames of a protocol: ``rows`` are a frame and its tags, ``others`` a frame and a word of what is said of it."""

    driver: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}
    rows: ClassVar[list[tuple[str, list[Tag]]]]
    others: ClassVar[list[tuple[str, str]]]
    spare: ClassVar[int] = 0
    """Bytes of padding at either end of the first row's frame, and as many more before it."""

    def decoder(self) -> Any:
        made = DRIVERS[self.driver]
        return made.decoder(READER, made.settings.model_validate(self.settings))

    def hear(self, *chunks: bytes) -> list[Any]:
        decoder = self.decoder()
        found = [each for chunk in chunks for each in decoder.feed(chunk, AT)]
        return [*found, *decoder.idle(AT)]

    def test_each_real_frame_means_what_its_document_says(self) -> None:
        for sent, expected in self.rows:
            found = self.hear(bytes.fromhex(sent))
            assert tags(found) == expected, sent
            assert rejected(found) == []
            assert {(each.reader, each.distance, each.at) for each in sightings(found)} <= {(READER, None, AT)}

    def test_what_is_no_tag_is_named_without_an_identifier(self) -> None:
        for sent, word in self.others:
            found = self.hear(bytes.fromhex(sent))
            assert (sightings(found), rejected(found)) == ([], []), sent
            assert word in " ".join(ignored(found)), sent
            assert not any(bytes(8).hex() in each or "E2" in each for each in ignored(found))

    def test_a_frame_may_come_in_any_pieces(self) -> None:
        for sent, expected in self.rows:
            whole = bytes.fromhex(sent)
            ways = [[whole[i : i + 1] for i in range(len(whole))]]
            ways += [[whole[:cut], whole[cut:]] for cut in range(len(whole) + 1)]
            for chunks in ways:
                found = self.hear(*chunks)
                assert (tags(found), rejected(found)) == (expected, [])

    def test_glued_frames_are_all_told_in_order(self) -> None:
        rows = [*self.rows, *[(sent, []) for sent, _ in self.others]] * 3
        found = self.hear(b"".join(bytes.fromhex(sent) for sent, _ in rows))
        assert tags(found) == [each for _, expected in rows for each in expected]
        assert rejected(found) == []

    def test_a_good_frame_is_found_after_garbage_and_between(self) -> None:
        for sent, expected in self.rows:
            good = bytes.fromhex(sent)
            for garbage in (b"\x13\x37\x42", b"\xfe", good[:-2], good[5:], good[:4]):
                found = self.hear(garbage + good + garbage + good)
                assert tags(found) == expected * 2, (sent, garbage.hex())
                assert rejected(found)

    def test_a_spoilt_byte_anywhere_costs_one_frame(self) -> None:
        sent, expected = self.rows[0]
        good = bytes.fromhex(sent)
        for place in range(self.spare, len(good) - self.spare):
            spoilt = bytearray(good)
            spoilt[place] ^= 0x41
            found = self.hear(bytes(spoilt) + good)
            assert tags(found) == expected, place
            assert len(rejected(found)) >= 1
            assert not any(expected[0][1].partition(":")[2] in each for each in rejected(found))

    def test_a_lost_byte_costs_one_frame(self) -> None:
        sent, expected = self.rows[0]
        good = bytes.fromhex(sent)
        for place in range(2 * self.spare, len(good) - self.spare):
            found = self.hear(good[:place] + good[place + 1 :] + good + good)
            assert tags(found) == expected * 2, place

    def test_half_a_frame_and_silence_does_not_hide_the_next(self) -> None:
        sent, expected = self.rows[0]
        good = bytes.fromhex(sent)
        decoder = self.decoder()
        assert decoder.feed(good[:-3], AT) == []
        assert decoder.holding
        assert rejected(decoder.idle(AT))
        assert not decoder.holding
        assert tags(decoder.feed(good, AT)) == expected

    def test_a_good_frame_after_any_garbage_is_found(self) -> None:
        @given(st.data())
        def it_is(data: st.DataObject) -> None:
            sent, expected = data.draw(st.sampled_from(self.rows))
            good = bytes.fromhex(sent)
            pieces = st.binary(max_size=60) | st.sampled_from([good[:5], good[:-1], good[3:], bytes(3), good[:1] * 3])
            garbage = b"".join(data.draw(st.lists(pieces, max_size=4)))
            cut = data.draw(st.integers(0, len(garbage) + len(good)))
            line = garbage + good
            found = self.hear(line[:cut], line[cut:])
            assert tags(found)[-len(expected) :] == expected

        it_is()

    def test_a_hundred_thousand_random_bytes_raise_nothing_and_are_not_kept(self) -> None:
        chance, decoder = random.Random(5), self.decoder()
        good, expected = bytes.fromhex(self.rows[0][0]), self.rows[0][1]
        for step in range(400):
            piece = bytearray(chance.randbytes(250) if step % 2 else good * 8)
            for _ in range(chance.randrange(8)):
                piece[chance.randrange(len(piece))] ^= chance.randrange(256)
            decoder.feed(bytes(piece), AT)
            assert decoder.holding <= 8192
        decoder.idle(AT)
        assert tags(decoder.feed(good, AT)) == expected

    def test_moments_decode_prints_it(self) -> None:
        settings = DRIVERS[self.driver].settings.model_validate(self.settings)
        sent, expected = self.rows[0]
        rows = list(decode_lines(self.driver, settings, [sent[:10], sent[10:], "zz"], lambda: AT))
        assert [(row["antenna"], row["identifier"], row["rssi"]) for row in rows[:-1]] == expected
        assert rows[-1] == {"error": "line 3: not hex, two digits a byte"}


class ReaderRules:
    """A driver against a device that speaks its protocol on a real pseudo-terminal."""

    driver: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}
    device: ClassVar[Callable[..., Any]]
    tag: ClassVar[str]
    other: ClassVar[str]

    def make(self, device: Talker, **more: Any) -> Any:
        made: Any = DRIVERS[self.driver]
        return made("door", device.link, made.settings.model_validate({**self.settings, **more}))

    def plugged_in(self, tmp_path: Path, **how: Any) -> Any:
        return type(self).device(tmp_path / "door", round_s=0.01, **how)

    def is_said_at_each_open(self, command: bytes) -> bool:
        """All commands are but those whose effect outlives the power."""
        return True

    async def test_tags_are_heard_and_the_first_batch_may_be_empty(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            async with aclosing(self.make(device).listen()) as batches:
                assert await anext(batches) == []
            door = self.make(device)
            async with Heard(door) as heard:
                device.present(self.tag)
                await until(lambda: len(heard.sightings) >= 10)
            assert {each.identifier for each in heard.sightings} == {self.tag}
            assert {(each.reader, each.distance) for each in heard.sightings} == {("door", None)}
            assert door.status.quiet is None
            assert not door.status.rejected
            assert door.status.firmware
            assert door.status.sightings == len(heard.sightings)

    async def test_unplugged_it_is_lost_in_words_and_plugged_in_again_it_is_set_up_anew(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            async with Heard(self.make(device)) as heard:
                await until(lambda: heard.sightings)
                before = {each for each in device.heard_commands if self.is_said_at_each_open(each)}
                device.unplug()
                await until(lambda: heard.lost)
            assert heard.lost == f"{device.link} was unplugged"
            async with Heard(self.make(device)) as heard:
                await until(lambda: heard.lost)
            assert heard.lost == f"no such device: {device.link}"
            device.plug()
            device.remove(self.tag)
            device.present(self.other)
            async with Heard(self.make(device)) as heard:
                await until(lambda: heard.sightings)
                await until(lambda: set(device.heard_commands) >= before)
            assert {each.identifier for each in heard.sightings} == {self.other}

    async def test_spoilt_frames_and_noise_cost_those_frames_only(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            door = self.make(device)
            async with Heard(door) as heard:
                await until(lambda: heard.sightings)
                device.garble(1)
                device.noise(100)
                await until(lambda: door.status.rejected)
                heard.sightings.clear()
                await until(lambda: len(heard.sightings) >= 3)
                assert heard.lost is None
            assert {each.identifier for each in heard.sightings} == {self.tag}
            assert all(":" not in kind for kind in door.status.rejected), "kinds, not every fault's own words"

    async def test_nothing_is_left_open_after_many_openings(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            await self.listen_once(device)
            before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - what is counted is not paths
            for _ in range(5):
                await self.listen_once(device)
            assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208

    async def listen_once(self, device: Talker) -> list[Sighting]:
        async with aclosing(self.make(device).listen()) as batches:
            async for batch in batches:
                if batch:
                    heard: list[Sighting] = batch
                    return heard
        return []


class SilenceRules(ReaderRules):
    """And what it makes of a device that says nothing, too late, or nothing that can be read: these take seconds."""

    async def test_a_reader_that_hangs_is_lost(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            async with Heard(self.make(device)) as heard:
                await until(lambda: heard.sightings)
                device.stall()
                await until(lambda: heard.lost, within=40)
            assert heard.lost == "the reader stopped answering"

    async def test_a_reader_that_never_answers_is_lost_with_advice(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.stall()
            with pytest.raises(ReaderLost, match=r"does not answer: is it on, is it an? .*, is its baud rate right\?"):
                await self.listen_once(device)

    async def test_bytes_that_are_no_frames_are_called_so(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.stall()
            door = self.make(device)
            async with Heard(door) as heard:
                while heard.lost is None:
                    device.noise(20)
                    await asyncio.sleep(0.02)
            assert (heard.lost or "").startswith(GARBLED)
            assert (door.status.quiet or "").startswith(GARBLED)
            assert heard.batches == 0, "it was never said to work"

    async def test_a_late_answer_is_an_answer(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.late_s = 0.55  # the command has been sent again by then
            device.present(self.tag)
            async with Heard(self.make(device)) as heard:
                await until(lambda: len(heard.sightings) >= 3, within=30)
                assert heard.lost is None
