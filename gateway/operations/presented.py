"""The certificate that is shown to who connects: our own, which we renew, or the operator's, as its file changes.

A new one is shown to who comes next; who is connected stays so.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.operations.shown_tokens import ShownTokens
from gateway.settings.venue import VenueConfig

log = logging.getLogger(__name__)

LOOK_EVERY = 20.0  # seconds
WARN_BEFORE = timedelta(days=14)


class Presented:
    """What is shown now; ``renew`` is called at each look, and may put other files in their place.

    Raises what reading the files raises: OSError, ssl.SSLError, UnreadableAuthority.
    """

    def __init__(
        self, cert: Path, key: Path, renew: Callable[[datetime], None] | None = None, tokens: ShownTokens | None = None
    ) -> None:
        self.tokens = tokens
        """What an ACME authority is shown that comes and looks; None where none does."""
        self._cert, self._key = cert, key
        self._renew = renew
        self._complained = ""
        if renew is not None:
            renew(datetime.now(UTC))
        self._seen = self._stamp()
        self._context = context_of(cert, key)

    @property
    def context(self) -> ssl.SSLContext:
        """For the next handshake."""
        return self._context

    @property
    def cert(self) -> Path:
        """The file that it is read from."""
        return self._cert

    def look(self, now: datetime) -> None:
        """Renews what is ours and due, and takes up what has changed; what cannot be read leaves all as it is."""
        try:
            if self._renew is not None:
                self._renew(now)
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._context = context_of(self._cert, self._key)
            self._seen = stamp
        except Exception as error:  # whatever a half-written file does: the old one is good still
            self._complain(f"the new certificate {self._cert} cannot be taken ({error}): the old one is shown still")
            return
        self._complained = ""
        log.info("a new certificate is shown from now on: %s", self._cert)

    async def keep(self) -> None:
        """Looks now and then, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await asyncio.to_thread(self._look_and_warn)

    def _look_and_warn(self) -> None:
        now = datetime.now(UTC)
        self.look(now)
        if words := running_out(self._cert, now):
            self._complain(words)

    def _complain(self, words: str) -> None:
        if words != self._complained:
            self._complained = words
            log.error("%s", words)

    def _stamp(self) -> tuple[tuple[int, int, int], ...]:
        stats = [file.stat() for file in (self._cert, self._key)]
        return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in stats)


def context_of(cert: Path, key: Path) -> ssl.SSLContext:
    """How we speak TLS: 1.2 or 1.3, HTTP/1.1. Raises OSError and ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(cert, key)
    return context


def last_day(cert: Path) -> datetime | None:
    """Until when a certificate is good; None where it cannot be read."""
    from gateway.operations.venue_ca import read_certificate

    found = read_certificate(cert)
    return found.not_valid_after_utc if found is not None else None


def running_out(cert: Path, now: datetime) -> str | None:
    """What is wrong with a certificate's days, in words; None where nothing is, for a fortnight."""
    from gateway.operations.venue_ca import read_certificate

    found = read_certificate(cert)
    if found is None:
        return None
    first, last = found.not_valid_before_utc, found.not_valid_after_utc
    if now > last:
        return f"the certificate {cert} ran out on {last:%Y-%m-%d}: tablets refuse it; it needs to be renewed"
    if now < first:
        return f"the certificate {cert} is good from {first:%Y-%m-%d} on: is this machine's clock right?"
    if last - now < WARN_BEFORE:
        return f"the certificate {cert} runs out on {last:%Y-%m-%d}"
    return None


def presented_of(config: VenueConfig, data: Path) -> Presented | None:
    """What this house shows: the operator's certificate, else one of its own; None where no door speaks TLS."""
    given = config.console.tls
    if given is not None:
        return Presented(Path(given.cert), Path(given.key))
    if not (config.console.own_tls or (config.mqtt is not None and config.mqtt.beyond)):
        return None
    if config.console.acme is not None:
        from gateway.operations.acme_certificate import AcmeCertificate

        tokens = ShownTokens()
        given_by = AcmeCertificate(data, config, tokens)
        return Presented(given_by.file, given_by.file, given_by.renew, tokens)
    from gateway.operations.own_certificate import OwnCertificate  # x509 takes a tenth of a second: only where needed

    own = OwnCertificate(data, config)
    return Presented(own.file, own.file, own.renew)
