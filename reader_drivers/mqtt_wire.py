"""paho and its thread: nothing that happens to a message or a connection may end it unseen."""

from __future__ import annotations

import fcntl
import logging
import random
import ssl
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from reader_drivers.link_faults import in_words
from reader_drivers.mqtt_packets import Cutter, Malformed, Publish

log = logging.getLogger(__name__)

FIRST_WAIT = 0.5  # seconds before a lost broker is tried again; doubled each time
LONGEST_WAIT = 5.0  # and no longer: a broker that restarts is back within seconds, and a try costs it nothing
CONNECT_TIMEOUT = 5.0  # seconds
READ = 65_536  # bytes in one go: some 300 sightings
LARGEST_PACKET = 262_144 + 65_537 + 8  # bytes: the largest payload that is read, behind the longest topic there can be
PORTS = {"mqtt": 1883, "mqtts": 8883}
NOT_AUTHORISED = {"Bad user name or password", "Not authorized"}

News = Literal["up", "lost", "subscribed", "refused"]


class BrokerAddress(NamedTuple):
    """Where a broker is, from a URL without secrets."""

    host: str
    port: int
    tls: bool
    user: str | None

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """From ``mqtt://[user@]host[:port]`` or ``mqtts://…``; ValueError says what is wrong, and no password."""
        parts = urlsplit(url)
        if parts.password is not None:
            raise ValueError("a broker's password does not belong in its URL: give it apart")
        if parts.scheme not in PORTS:
            raise ValueError(f"a broker's URL begins with mqtt:// or mqtts://, not {parts.scheme or 'nothing'}://")
        if not parts.hostname:
            raise ValueError("a broker's URL needs a host: mqtt://host:1883")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("a broker's URL ends after host and port; topics belong to the readers")
        user = unquote(parts.username) if parts.username else None
        return cls(parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "mqtts", user)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


class Trust(NamedTuple):
    """How a broker and we know each other over TLS, each a PEM file; none: by whom the system trusts, and not at all.

    ``ca`` holds who signed the broker's certificate, ``cert`` our own one and ``key`` its private key.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def fault(self, link: str) -> str | None:
        """What is wrong with the files, for a person; None where they can be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except OSError as fault:  # an SSLError is one
            if isinstance(fault, ssl.SSLError):
                return f"the certificate files for {link} cannot be used: {fault.reason or 'no PEM'}"
            return f"a certificate file for {link} cannot be read: {(fault.strerror or 'unknown fault').lower()}"
        return None


BY_THE_SYSTEM = Trust()


class Will(NamedTuple):
    """What the broker tells for us, retained, when it has lost us."""

    topic: str
    payload: str


class _Client(paho.Client):
    """paho's client, which reads as much as has come instead of byte by byte, and shows a sign of life of its thread.

    Messages of QoS 0 are cut out here, some hundreds in one go; any other packet paho reads as ever, from memory.
    is_connected() stays True when paho's thread has died: so the thread says when it last turned.
    """

    turned_at = 0.0
    on_batch: Callable[[list[Publish]], None]
    on_too_large: Callable[[int], None]
    _cutter = Cutter(LARGEST_PACKET)
    _whole = b""

    def reconnect(self) -> MQTTErrorCode:
        self._cutter, self._whole = Cutter(LARGEST_PACKET), b""
        return super().reconnect()

    def loop_misc(self) -> MQTTErrorCode:
        self.turned_at = time.monotonic()
        return super().loop_misc()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        if self._sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        try:
            chunk = super()._sock_recv(READ)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            chunk = b""
        if not chunk:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        try:
            for found in self._cutter.feed(chunk):
                if isinstance(found, list):
                    self.on_batch(found)
                    continue
                self._whole = found
                result = self._packet_read()
                if result > 0:
                    return self._loop_rc_handle(result)
                if self._sock is None:
                    break
        except Malformed:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)
        finally:
            if count := self._cutter.too_large:
                self._cutter.too_large = 0
                self.on_too_large(count)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _sock_recv(self, bufsize: int) -> bytes:
        """What paho reads of the one packet that it was given."""
        if not self._whole:
            raise BlockingIOError
        taken, self._whole = self._whole[:bufsize], self._whole[bufsize:]
        return taken


class Wire:
    """One paho client with its thread, on which ``on_messages``, ``on_too_large`` and ``on_news`` are called."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        username: str | None,
        password: str | None,
        trust: Trust,
        keepalive: int,
        will: Will | None = None,
    ) -> None:
        self.on_messages: Callable[[list[Publish]], None] = _nobody
        self.on_too_large: Callable[[int], None] = _nobody
        self.on_news: Callable[[News, str], None] = _nobody
        self._address = address
        self._username = username
        self._keepalive = keepalive
        self._refused: str | None = None
        self._asked: dict[int, list[str]] = {}
        self._asking = threading.Lock()
        self._faults = 0
        # A clean session: what a broker kept for us while we were away is history, and would greet people who left.
        self.client = _Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311)
        self.client.max_queued_messages_set(1000)
        self.client.connect_timeout = CONNECT_TIMEOUT
        if username is not None:
            self.client.username_pw_set(username, password)
        if address.tls:
            self.client.tls_set(ca_certs=trust.ca, certfile=trust.cert, keyfile=trust.key)
        if will is not None:
            self.client.will_set(will.topic, will.payload, qos=1, retain=True)
        for name in ("connect", "connect_fail", "disconnect", "subscribe", "message"):
            setattr(self.client, f"on_{name}", self._guarded(getattr(self, f"_{name}")))
        heard = self._guarded(lambda messages: self.on_messages(messages))
        passed = self._guarded(lambda count: self.on_too_large(count))
        self.client.on_batch = lambda messages: heard(self.client, None, messages)
        self.client.on_too_large = lambda count: passed(self.client, None, count)

    @property
    def turned_at(self) -> float:
        """When paho's loop last turned, or the connection last failed; seconds of the monotonic clock."""
        return self.client.turned_at

    @property
    def unread(self) -> int:
        """Bytes that have come and that paho's thread has not taken yet; 0 while there is no connection."""
        connection = self.client.socket()
        if connection is None:
            return 0
        count = bytearray(4)
        try:
            fcntl.ioctl(connection.fileno(), termios.FIONREAD, count)
        except (OSError, ValueError):  # closed meanwhile, on paho's thread
            return 0
        return int.from_bytes(count, sys.byteorder)

    def start(self) -> None:
        """Begins to connect, on paho's own thread."""
        self.client.turned_at = time.monotonic()
        self._jitter()
        self.client.connect_async(self._address.host, self._address.port, keepalive=self._keepalive)
        self.client.loop_start()

    def subscribe(self, filters: list[str]) -> None:
        """Asks for these topics; news "subscribed" or "refused" follows for each."""
        with self._asking:  # the answer may come before paho has told the number of the question
            # QoS 0: sightings are samples, and at QoS 1 a broker holds 20 back and throws away what waits beyond 1,000.
            result, mid = self.client.subscribe([(each, 0) for each in filters])
            if result == MQTTErrorCode.MQTT_ERR_SUCCESS and mid is not None:
                self._asked[mid] = filters

    def end(self) -> None:
        """Says goodbye and waits for paho's thread, up to its connect timeout."""
        self.client.disconnect()
        self.client.loop_stop()

    def abandon(self) -> None:
        """Lets go of a thread that hangs or is dead."""
        connection = self.client.socket()
        if connection:
            connection.close()
        self.end()

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        # An exception out of a callback ends paho's thread for good, while is_connected() goes on saying True.
        def call(client: paho.Client, userdata: object, *arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception:
                self._faults += 1
                if self._faults == 1 or self._faults % 1000 == 0:  # one bad line of ours meets 1,000 messages a second
                    log.exception("%s: %d faults in our own code", self._address, self._faults)

        return call

    def _connect(self, flags: object, reason: ReasonCode, properties: object) -> None:
        if reason.is_failure:
            self._refused = self._why_refused(str(reason))
            self.on_news("lost", self._refused)
            return
        self._refused = None
        self._asked.clear()
        self.on_news("up", "")

    def _connect_fail(self) -> None:
        self.client.turned_at = time.monotonic()
        fault = sys.exc_info()[1]  # paho calls from its except clause and does not say what was caught
        reason = in_words(fault, str(self._address)) if fault else None
        self.on_news("lost", reason or f"{self._address} cannot be reached")

    def _disconnect(self, flags: object, reason: ReasonCode, properties: object) -> None:
        self._jitter()
        if self._refused is not None:  # the first fault is the cause, the closed connection its echo
            return
        silent = reason == ReasonCode(PacketTypes.DISCONNECT, "Keep alive timeout")
        self.on_news("lost", f"{self._address} {'stopped answering' if silent else 'closed the connection'}")

    def _subscribe(self, mid: int, reasons: list[ReasonCode], properties: object) -> None:
        with self._asking:
            asked = self._asked.pop(mid, [])
        for name, reason in zip(asked, reasons, strict=False):
            self.on_news("refused" if reason.is_failure else "subscribed", name)

    def _message(self, message: paho.MQTTMessage) -> None:
        """One of another QoS than we ask for: brokers send none, and what one sends all the same is heard."""
        self.on_messages([Publish(message.topic.encode(), bytes(message.payload), message.retain)])

    def _why_refused(self, reason: str) -> str:
        if reason not in NOT_AUTHORISED:
            return f"{self._address} refuses us: {reason}"
        if self._username is None:
            return f"{self._address} asks for a user name and a password"
        return f"{self._address} refuses user {self._username}: wrong user name or password"

    def _jitter(self) -> None:
        first, longest = (wait * random.uniform(0.7, 1.3) for wait in (FIRST_WAIT, LONGEST_WAIT))
        self.client.reconnect_delay_set(first, longest)  # type: ignore[arg-type]  # floats work and are documented nowhere


def _nobody(*arguments: object) -> None:
    return
