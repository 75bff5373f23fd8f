"""What the venue has taught, taken back at the start."""

from __future__ import annotations

import logging

from gateway.recognition.learnt import Learnt
from gateway.records import house_documents
from gateway.records.connection import SealedDatabase

log = logging.getLogger(__name__)


def take_back(learnt: Learnt, reader: SealedDatabase) -> None:
    """What was kept; where that is damaged it is taught anew, which is told in the log, and nothing else is lost."""
    try:
        kept = house_documents.get(reader, house_documents.ROOMS)
        if kept is not None:
            learnt.take_back(kept)
    except (ValueError, RecursionError) as wrong:  # BadLearnt, or no JSON at all
        log.warning("what was learnt of the rooms cannot be read, and is learnt anew: %s", wrong)
