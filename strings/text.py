"""`Text`: everything the desk says in one language, looked up by key."""

import gettext
import io
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

FALLBACK = "en"


def _read(language: str) -> Catalog:
    with files("strings").joinpath(f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def _languages() -> tuple[str, ...]:
    names = (entry.name for entry in files("strings").iterdir())
    found = sorted(name.removesuffix(".po") for name in names if name.endswith(".po"))
    return (FALLBACK, *(name for name in found if name != FALLBACK))


LANGUAGES = _languages()
"""The languages there are, English first; each is one `.po` file."""


class _Strict(gettext.NullTranslations):
    """The end of the line: a key without a string is a defect, never shown as it is."""

    def gettext(self, message: str) -> str:
        raise LookupError(f"no string for {message!r}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise LookupError(f"no string for {msgid1!r}")


@cache
def _translations(language: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, _read(language))
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    translations.add_fallback(_Strict())
    return translations


@cache
def keys(language: str) -> frozenset[str]:
    """Return the keys that a language has strings for."""
    return frozenset(
        str(message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in _read(language)
        if message.id
    )


class Text:
    """What the desk says in one language; dates and numbers as the region writes them."""

    def __init__(self, language: str, locale: Locale, zone: str = "") -> None:
        """Take the language of the strings, the locale of dates and numbers, the reader's zone."""
        self.language = language
        self._locale = locale
        self._translations = _translations(language)
        self._keys = keys(language)
        self._own_zone = zone

    def __call__(self, key: str, **params: object) -> str:
        """Return the string of a key, filled in; raises `LookupError` if there is none."""
        found = self._translations.gettext(key)
        return found.format(**params) if params else found

    def count(self, key: str, n: int, **params: object) -> str:
        """Return the string of a key in the plural form that `n` asks for."""
        found = self._translations.ngettext(key, key, n)
        return found.format(n=self.number(n), **params)

    def maybe(self, key: str, **params: object) -> str:
        """Return the string of a key, or nothing if there is none."""
        return self(key, **params) if key in self._keys else ""

    def number(self, value: int) -> str:
        """Return a number with the separators of the region."""
        return str(format_decimal(value, locale=self._locale))

    def country(self, iso: str) -> str:
        """Return a country's name."""
        return str(self._locale.territories.get(iso, iso))

    def countries(self, isos: Iterable[str]) -> list[tuple[str, str]]:
        """Return (name, ISO code) in the order of the alphabet, accents aside."""
        return sorted(((self.country(iso), iso) for iso in isos), key=lambda pair: folded(pair[0]))

    def zone(self, name: str, at: datetime) -> str:
        """Return a zone as its city and its distance from UTC at an instant.

        Its hyphen is one at which no line breaks.
        """
        offset = at.astimezone(ZoneInfo(name)).strftime("%z").replace("-", "\u2011")
        return f"{self.city(name)} (UTC{offset[:3]}:{offset[3:]})"

    def city(self, zone: str) -> str:
        """Return the name of the city that a zone is known by."""
        return _city(self._locale, zone)

    def moment(self, at: datetime, zone: str) -> str:
        """Return an instant as date, time and zone, and by the reader's clock if that differs."""
        local = at.astimezone(ZoneInfo(zone))
        day = format_date(local, "full", locale=self._locale)
        there = f"{day}, {self.clock(local)} – {self.zone(zone, at)}"
        yours = self.yours(at, zone)
        return self("time.yours", there=there, yours=yours) if yours else there

    def yours(self, at: datetime, zone: str) -> str:
        """Return the reader's time at an instant; nothing if their clock shows that of the zone.

        The day is named where it is another one.
        """
        there, here = at.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(self._own_zone or zone))
        if here.utcoffset() == there.utcoffset():
            return ""
        day = f"{self.day(here)}, " if here.date() != there.date() else ""
        return f"{day}{self.clock(here)} ({self.city(self._own_zone)})"

    def at(self, at: datetime, zone: str) -> str:
        """Return the time of day at an instant in a zone."""
        return self.clock(at.astimezone(ZoneInfo(zone)))

    def day(self, day: date) -> str:
        """Return a day briefly, with its weekday."""
        return str(format_skeleton("yMMMEd", day, locale=self._locale))

    def clock(self, local: datetime) -> str:
        """Return the time of day that a local clock shows."""
        return _clock(self._locale, local)

    def short_moment(self, at: datetime, zone: str) -> str:
        """Return an instant briefly: day, time and city."""
        return _short_moment(self._locale, at, zone)

    def read_in(self, zone: str) -> "Text":
        """Return the same words for a reader whose clocks are those of a zone."""
        return Text(self.language, self._locale, zone)


@lru_cache(maxsize=8192)
def _short_moment(locale: Locale, at: datetime, zone: str) -> str:
    """Spell a moment once: a card is drawn again and again, and its timeline stays as it is."""
    local = at.astimezone(ZoneInfo(zone))
    day, time = format_date(local, "medium", locale=locale), _clock(locale, local)
    return f"{day}, {time} ({_city(locale, zone)})"


def _clock(locale: Locale, local: datetime) -> str:
    return format_time(local, "short", tzinfo=local.tzinfo, locale=locale)


def _city(locale: Locale, zone: str) -> str:
    return get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def folded(text: str) -> str:
    """Return text for comparing: small letters, no accents, plain signs, single blanks."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2011", "-"))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())


def _locale_of(name: str) -> Locale | None:
    try:
        return Locale.parse(name.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


@cache
def _known(names: tuple[str, ...]) -> Text:
    for name in names:
        locale = _locale_of(name) or _locale_of(name.split("-", maxsplit=1)[0])
        if locale and locale.language in LANGUAGES:
            return Text(locale.language, locale)
    return Text(FALLBACK, Locale.parse("en_US"))


@lru_cache(maxsize=4096)
def _read_in(text: Text, zone: str) -> Text:
    return text.read_in(zone)


def text_for(*names: str, zone: str = "") -> Text:
    """Return the words for the first of these locales that there are words for; else English.

    With the IANA zone of whoever reads them, moments are told by their clock as well.
    """
    text = _known(tuple(name for name in names if name)[:3])
    return _read_in(text, zone) if zone else text


def in_every_language(key: str) -> Mapping[str, str]:
    """Return the string of a key by language."""
    return MappingProxyType({name: _translations(name).gettext(key) for name in LANGUAGES})
