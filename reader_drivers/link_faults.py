"""What the operating system says about a link, in words for a person."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

WORDS = {
    errno.ENOENT: "no such device: {link}",
    errno.ENOTDIR: "no such device: {link}",
    errno.EISDIR: "{link} is a folder, not a device",
    errno.EACCES: "permission denied for {link}: add the user of this program to the group dialout",
    errno.EPERM: "permission denied for {link}: add the user of this program to the group dialout",
    errno.EBUSY: "{link} is in use by another program",
    errno.EAGAIN: "{link} is in use by another program",
    errno.ENXIO: "no device behind {link}",
    errno.ENODEV: "no device behind {link}",
    errno.EIO: "no device behind {link}",
    errno.ENOTTY: "{link} is not a serial port",
    errno.EINVAL: "{link} is not a serial port",
    errno.ECONNREFUSED: "connection refused by {link}",
    errno.ECONNRESET: "{link} closed the connection",
    errno.EPIPE: "{link} closed the connection",
    errno.ETIMEDOUT: "{link} does not answer",
    errno.EHOSTUNREACH: "no way to {link}",
    errno.ENETUNREACH: "no way to {link}",
    errno.EMFILE: "too many open files",
}
UNPLUGGED = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF}


def in_words(fault: BaseException, link: str, *, is_open: bool = False) -> str | None:
    """Why ``link`` cannot be opened, or was lost where it ``is_open``; None where the fault is no fault of a link."""
    causes = list(_causes(fault))
    for each in causes:
        if isinstance(each, socket.gaierror):
            return f"no such host: {link}"
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"the certificate of {link} is not trusted: {each.verify_message}"
        if isinstance(each, ssl.SSLError):
            return f"{link} does not speak TLS as expected: {each.reason or 'handshake failed'}"
    for each in causes:
        code = _code(each)
        if is_open and code in UNPLUGGED:
            return f"{link} was unplugged"
        if code in WORDS:
            return WORDS[code].format(link=link)
        if isinstance(each, TimeoutError):
            return f"{link} does not answer"
    if is_open:
        return f"{link} was lost"
    if isinstance(fault, ValueError | OSError):  # SerialException is an OSError
        return f"{link} cannot be opened: {fault}"
    return None


def _causes(fault: BaseException) -> Iterator[BaseException]:
    # pyserial wraps what the system said, sometimes with its number and sometimes only as the context.
    seen: BaseException | None = fault
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _code(fault: BaseException) -> int | None:
    if isinstance(fault, OSError):
        return fault.errno
    # termios.error is no OSError; its first argument is the number all the same.
    if type(fault).__name__ == "error" and fault.args and isinstance(fault.args[0], int):
        return fault.args[0]
    return None
