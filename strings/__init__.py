"""The sentences: one gettext catalogue per language, and the words that CLDR has for the rest.

Keys follow from ids (`field.loa.label`); a language is one `.po` file beside this module.
"""

from strings.text import LANGUAGES, Text, text_for

__all__ = ["LANGUAGES", "Text", "text_for"]
