"""The forty checks, each a row."""

from __future__ import annotations

from gateway.privacy.asked import ASKED
from gateway.privacy.chain import CHAIN
from gateway.privacy.check import Check
from gateway.privacy.elsewhere import ELSEWHERE
from gateway.privacy.rights import RIGHTS
from gateway.privacy.traces import TRACES

CHECKS: tuple[Check, ...] = tuple(sorted((*ASKED, *CHAIN, *RIGHTS, *TRACES, *ELSEWHERE), key=lambda row: row.number))
