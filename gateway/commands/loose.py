"""Whether the house is shut: what others on this machine may read, and what the network reaches without TLS."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.operations import broker_users
from gateway.operations.own_certificate import faults, wanted_names
from gateway.operations.presented import running_out
from gateway.operations.tls_folder import TLS
from gateway.operations.venue_ca import UnreadableAuthority, read_authority
from gateway.settings.venue import VenueConfig

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def loose_files(data: Path) -> Iterator[str]:
    """What in a data folder others than its owner may read, in words; nothing where the folder itself is shut."""
    if not data.is_dir():
        return
    if not stat.S_IMODE(data.stat().st_mode) & OTHERS:
        return
    for each in sorted(data.rglob("*")):
        mode = stat.S_IMODE(each.lstat().st_mode)
        if each.is_file() and not each.is_symlink() and mode & OTHERS:
            yield f"others on this machine may read {each} (mode {mode:04o}); type: chmod 0700 {data}"


def loose_secrets() -> Iterator[str]:
    """Secrets in this process's environment, which every program of the same user reads."""
    for name in sorted(os.environ):
        if name == "MOMENTS_MQTT_PASSWORD" or name.startswith("MOMENTS_WEBHOOK_SECRET_"):
            yield f"{name} holds a secret where every program of this user reads it: a credential file does not"


def without_password(venue: VenueConfig, data: Path) -> Iterator[str]:
    """Readers of the network that nobody has given a password to yet, so that they cannot sign in."""
    mqtt = venue.mqtt
    if mqtt is None or not (mqtt.beyond or mqtt.listen_plain):
        return
    known = broker_users.hashes(data)
    if lacking := [user for user in broker_users.users_of(venue) if user not in known]:
        yield f"no password yet for {', '.join(lacking)}: moments reader password ID"


def open_doors(venue: VenueConfig) -> Iterator[str]:
    """What the network reaches without TLS, because the settings say so in so many words."""
    console, mqtt = venue.console, venue.mqtt
    if console.beyond and not console.speaks_tls:
        yield f"the console is open to the network without TLS on {console.listen}: {console.unencrypted}"
    if mqtt is not None and mqtt.listen_plain is not None and mqtt.unencrypted is not None:
        yield f"the broker is open to the network without TLS on {mqtt.listen_plain}: {mqtt.unencrypted}"


def certificate_faults(venue: VenueConfig, data: Path) -> Iterator[str]:
    """What is wrong with the certificate that tablets meet, or soon will be."""
    now = datetime.now(UTC)
    cert = Path(venue.console.tls.cert) if venue.console.tls is not None else data / TLS / "console.pem"
    if words := running_out(cert, now):
        yield words
    if venue.console.own_tls and venue.console.acme is None:
        try:
            authority = read_authority(data)
        except UnreadableAuthority as error:
            yield str(error)
            return
        except PermissionError:
            return
        if authority is not None:
            yield from faults(authority, wanted_names(venue), now)
