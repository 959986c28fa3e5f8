"""Cards as pure functions: values and words in, a message out."""

from cards.message import Message
from cards.press import Press

__all__ = ["Message", "Press"]
