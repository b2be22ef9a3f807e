"""Who vouches for a mail: DKIM, SPF, DMARC and ARC, checked here or told by hosts that are trusted.

Pure: whoever calls hands in the function that asks the domain name system. Not part of `app.mime`'s door, so that reading mails does not
load what only checking needs.
"""

from .judging import Judgement, judge
from .lookup import Ask, LookupFailed
from .trail import Trail, read_trail

__all__ = ["Ask", "Judgement", "LookupFailed", "Trail", "judge", "read_trail"]
