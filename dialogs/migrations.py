"""What becomes of drafts that an older version of the bot saved.

A draft names its stages and answers, so most changes need nothing here: a stage that is gone is
skipped, a new one is asked. Only a changed *meaning* of an answer raises `DRAFT_SCHEMA` and adds a
step below; an unknown version keeps its answers and starts at the first stage.
"""

from collections.abc import Callable, Mapping

from cases.model import DRAFT_SCHEMA, Draft

STEPS: Mapping[int, Callable[[Draft], Draft]] = {}
"""By the version that a step starts from: what makes the next version of a draft."""


def current(draft: Draft) -> Draft:
    """Return a draft as this version understands it, with its answers kept."""
    while draft.schema_version in STEPS:
        draft = STEPS[draft.schema_version](draft)
    if draft.schema_version == DRAFT_SCHEMA:
        return draft
    return draft.but(schema_version=DRAFT_SCHEMA, asked="", finished=(), typed={}, problems={})
