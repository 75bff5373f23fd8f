"""Chunks from real pseudo-terminals, sockets and serial servers, and in words what is wrong with them."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from reader_drivers import ReaderLost
from reader_drivers.framing import LONGEST
from reader_drivers.link_faults import in_words
from reader_drivers.serial_link import HOLD, SerialLink
from tests.ports import free_port
from tests.reader_drivers.readers import until


@contextmanager
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the device's end, and the path of the other."""
    device, port = os.openpty()
    tty.setraw(port)
    try:
        yield device, os.ttyname(port)
    finally:
        for end in (device, port):
            try:
                os.close(end)
            except OSError:
                continue  # the test pulled it out


async def gathered(link: SerialLink, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += await link.read(5.0)
    return data


async def test_bytes_go_both_ways() -> None:
    with terminal() as (device, path):
        async with SerialLink(path, 115200) as link:
            os.write(device, b"\x00\x03\x11\x13\xff")
            assert await gathered(link, 5) == b"\x00\x03\x11\x13\xff", (
                "nothing is echoed, translated or taken as control"
            )
            await link.write(b"\xbb\x0d\x0a\x7e")
            assert os.read(device, 100) == b"\xbb\x0d\x0a\x7e"


async def test_it_is_an_async_iterator_of_chunks() -> None:
    with terminal() as (device, path):
        async with SerialLink(path) as link:
            os.write(device, b"hello")
            async for chunk in link:
                assert chunk == b"hello"
                break


async def test_silence_is_an_empty_answer() -> None:
    with terminal() as (_, path):
        async with SerialLink(path) as link:
            before = asyncio.get_running_loop().time()
            assert await link.read(0.05) == b""
            assert asyncio.get_running_loop().time() - before >= 0.045


async def test_what_came_before_it_was_pulled_out_is_still_read() -> None:
    with terminal() as (device, path):
        async with SerialLink(path) as link:
            os.write(device, b"last words")
            assert await gathered(link, 10) == b"last words"
            os.close(device)
            with pytest.raises(ReaderLost, match="was unplugged"):
                await link.read(5.0)
            with pytest.raises(ReaderLost, match="was unplugged"):
                await link.write(b"x")


async def test_a_slow_driver_holds_the_sender_up_and_loses_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        async with SerialLink(f"socket://127.0.0.1:{server.getsockname()[1]}") as link:
            connection, _ = server.accept()
            data = os.urandom(16 * HOLD)

            def send() -> None:
                with connection:
                    connection.sendall(data)

            sender = threading.Thread(target=send)
            sender.start()
            await asyncio.sleep(0.2)
            assert len(link._held) < 3 * HOLD, "memory is bounded"
            assert await gathered(link, len(data)) == data
            with pytest.raises(ReaderLost, match="closed the connection"):
                await link.read(5.0)
            sender.join()


async def test_a_socket_is_read_from_its_first_byte_and_written() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"socket://127.0.0.1:{server.getsockname()[1]}"
        opening = asyncio.create_task(SerialLink(address).__aenter__())
        await asyncio.sleep(0)
        connection, _ = await asyncio.to_thread(server.accept)
        with connection:
            connection.sendall(b"first")
            link = await opening
            assert await gathered(link, 5) == b"first"
            await link.write(b"answer")
            assert connection.recv(100) == b"answer"
        with pytest.raises(ReaderLost, match=r"socket://127\.0\.0\.1:\d+ closed the connection"):
            await link.read(5.0)
        await link.__aexit__(None, None, None)


async def test_a_port_without_a_descriptor_is_read_in_a_thread_that_ends_with_it() -> None:
    async with SerialLink("loop://") as link:
        await link.write(bytes(range(256)))
        assert await gathered(link, 256) == bytes(range(256))
        assert await link.read(0.05) == b""
        assert any(thread.name.startswith("serial") for thread in threading.enumerate())
    assert not any(thread.name.startswith("serial") for thread in threading.enumerate())


class Rfc2217Server:
    """A serial server for one client, whose port echoes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"
        self._port = serial.serial_for_url("loop://", timeout=0.02)
        self._thread = threading.Thread(target=self._serve)
        self.connection: socket.socket | None = None

    def __enter__(self) -> Rfc2217Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        if self.connection:
            self.connection.close()
        self._thread.join()
        self._port.close()

    def write(self, data: bytes) -> None:
        assert self.connection is not None
        self.connection.sendall(data)

    def _serve(self) -> None:
        self.connection, _ = self._listener.accept()
        self.connection.settimeout(0.02)
        manager = serial.rfc2217.PortManager(self._port, self)
        while True:
            try:
                data = self.connection.recv(1024)
                if not data:
                    return
                self._port.write(b"".join(manager.filter(data)))
            except TimeoutError:
                pass
            except OSError:
                return
            if waiting := self._port.in_waiting:
                self.write(b"".join(manager.escape(self._port.read(waiting))))


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")  # pyserial's
async def test_a_serial_server_is_read_and_written_with_every_byte_and_its_loss_told() -> None:
    with Rfc2217Server() as server:
        async with SerialLink(server.url, 115200) as link:
            await link.write(bytes(range(256)))
            assert await gathered(link, 256) == bytes(range(256))
            assert server.connection is not None
            server.connection.shutdown(socket.SHUT_RDWR)
            with pytest.raises(ReaderLost, match=f"{server.url} was lost"):
                await gathered(link, 1)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("/dev/serial/by-id/usb-none", "no such device: /dev/serial/by-id/usb-none"),
        ("/dev/null", "/dev/null is not a serial port"),
        ("/tmp", "/tmp is a folder, not a device"),
        ("socket://no-such-host.invalid:4001", "no such host: socket://no-such-host.invalid:4001"),
        ("socket://127.0.0.1", "socket://127.0.0.1 cannot be opened: a socket needs a host and a port: socket://host:port"),
        ("socket://127.0.0.1:99999", "socket://127.0.0.1:99999 cannot be opened: Port out of range 0-65535"),
        ("pigeon://coop", "pigeon://coop cannot be opened: invalid URL, protocol 'pigeon' not known"),
    ],
)  # fmt: skip
async def test_a_link_that_cannot_be_opened_is_lost_in_words(link: str, reason: str) -> None:
    with pytest.raises(ReaderLost) as lost:
        await SerialLink(link).__aenter__()
    assert str(lost.value) == reason


@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_a_refused_connection(scheme: str) -> None:
    link = f"{scheme}://127.0.0.1:{free_port()}"
    with pytest.raises(ReaderLost) as lost:
        await SerialLink(link).__aenter__()
    assert str(lost.value) == f"connection refused by {link}"


async def test_a_port_in_use_is_not_shared_and_is_free_afterwards() -> None:
    with terminal() as (_, path):
        async with SerialLink(path):
            with pytest.raises(ReaderLost) as lost:
                await SerialLink(path).__aenter__()
            assert str(lost.value) == f"{path} is in use by another program"
        async with SerialLink(path):
            pass


def test_no_permission_says_what_to_do() -> None:
    fault = serial.SerialException(13, "could not open port /dev/ttyUSB0: [Errno 13] Permission denied")
    told = in_words(fault, "/dev/ttyUSB0")
    assert told == "permission denied for /dev/ttyUSB0: add the user of this program to the group dialout"


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ENXIO])
def test_the_same_fault_means_another_thing_before_and_after_it_was_open(number: int) -> None:
    fault = OSError(number, os.strerror(number))
    assert in_words(fault, "/dev/ttyUSB0") == "no device behind /dev/ttyUSB0"
    assert in_words(fault, "/dev/ttyUSB0", is_open=True) == "/dev/ttyUSB0 was unplugged"


def test_a_fault_of_ours_is_no_lost_reader() -> None:
    assert in_words(KeyError("x"), "/dev/ttyUSB0") is None


async def test_a_device_that_takes_nothing_is_lost_and_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.serial_link.WRITE_TIMEOUT", 0.1)
    with terminal() as (_, path):
        async with SerialLink(path) as link:
            with pytest.raises(ReaderLost, match="takes no data"):
                await link.write(bytes(1_000_000))


async def test_opening_and_cancelling_leaves_no_descriptor_and_no_thread() -> None:
    with terminal() as (_, path), socket.create_server(("127.0.0.1", 0)) as server:
        links = [path, f"socket://127.0.0.1:{server.getsockname()[1]}", "loop://"]
        for link in links:
            await open_and_close(link)
        threads = {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio")}
        before = descriptors()
        for _ in range(10):
            for link in links:
                await open_and_close(link)
                opening = asyncio.create_task(open_and_close(link))
                await asyncio.sleep(0)
                opening.cancel()
                await asyncio.wait([opening])
        await until(lambda: len(descriptors()) <= len(before))
        await until(lambda: {t for t in threading.enumerate() if not t.name.startswith("asyncio")} <= threads)


async def open_and_close(link: str) -> None:
    for _ in range(100):
        try:
            async with SerialLink(link) as opened:
                await opened.read(0.001)
                return
        except ReaderLost as lost:  # the one that was cancelled before this is still closing
            if "in use" not in str(lost):
                raise
            await asyncio.sleep(0.01)


def descriptors() -> list[Path]:
    return [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]


def test_the_framers_bound_is_the_one_that_is_promised() -> None:
    assert LONGEST == 4096
