"""The headers with which every page of ours travels: a gateway's console, and head office at a hub."""

from __future__ import annotations

POLICY = (
    "default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:; style-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'none'"
)
UNUSED = (  # what no screen of ours asks a tablet for, and no script that got in should
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "midi", "payment",
    "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": ", ".join(f"{each}=()" for each in UNUSED),
}
