"""Whether the certificate that tablets are shown, and the authority behind it, will do for the days to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.operations.tls_folder import TLS
from gateway.settings.venue import VenueConfig

Found = tuple[str, dict[str, str], tuple[str, dict[str, str]]]
"""A kind, its facts, and the step against it with its own."""


def found(config: VenueConfig, data: Path, now: datetime) -> Iterator[Found]:
    """What somebody must do about them; nothing where no door speaks TLS."""
    given = config.console.tls
    if given is not None:
        yield from _days(Path(given.cert), now, ("given_certificate", {"cert": given.cert}))
    elif config.console.own_tls or (config.mqtt is not None and config.mqtt.beyond):
        # x509 takes a tenth of a second, and twenty megabytes: only where it is needed
        from gateway.operations import own_certificate, venue_ca

        ours = "acme" if config.console.acme is not None else "own_certificate"
        yield from _days(data / TLS / venue_ca.CONSOLE, now, (ours, {}))
        try:
            authority = venue_ca.read_authority(data)
        except venue_ca.UnreadableAuthority as error:
            yield "authority", {"what": str(error)}, ("rotate_ca", {})
            return
        names = own_certificate.wanted_names(config)
        for words in own_certificate.faults(authority, names, now) if authority is not None else ():
            yield "authority", {"what": words.partition(":")[0]}, ("rotate_ca", {})


def _days(cert: Path, now: datetime, step: tuple[str, dict[str, str]]) -> Iterator[Found]:
    from gateway.operations.presented import WARN_BEFORE, last_day

    last = last_day(cert)
    if last is None or last - now >= WARN_BEFORE:
        return
    yield ("certificate" if last > now else "certificate_over"), {"day": f"{last:%Y-%m-%d}"}, step
