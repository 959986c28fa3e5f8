"""Names, dates and numbers as each region writes them."""

from datetime import UTC, datetime

import pytest

from strings import text_for
from strings.text import folded, keys

WINTER = datetime(2026, 12, 1, 14, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "locale, moment, short, number",
    [
        (
            "en-US",
            "Tuesday, December 1, 2026, 3:05\u202fPM – Paris (UTC+01:00)",
            "Dec 1, 2026, 9:05\u202fAM (New York)",
            "1,234,567",
        ),
        (
            "en-GB",
            "Tuesday, 1 December 2026, 15:05 – Paris (UTC+01:00)",
            "1 Dec 2026, 09:05 (New York)",
            "1,234,567",
        ),
        (
            "fr-FR",
            "mardi 1 décembre 2026, 15:05 – Paris (UTC+01:00)",
            "1 déc. 2026, 09:05 (New York)",
            "1\u202f234\u202f567",
        ),
        (
            "fr-CA",
            "mardi 1 décembre 2026, 15 h 05 – Paris (UTC+01:00)",
            "1 déc. 2026, 09 h 05 (New York)",
            "1\u00a0234\u00a0567",
        ),
    ],
)
def test_dates_and_numbers_are_the_regions(
    locale: str, moment: str, short: str, number: str
) -> None:
    text = text_for(locale)
    assert text.moment(WINTER, "Europe/Paris") == moment
    assert text.short_moment(WINTER, "America/New_York") == short
    assert text.number(1_234_567) == number


@pytest.mark.parametrize(
    "locale, names",
    [
        ("en-US", ("United Kingdom", "Germany", "Puerto Rico", "Côte d’Ivoire")),
        ("en-GB", ("United Kingdom", "Germany", "Puerto Rico", "Côte d’Ivoire")),
        ("fr-FR", ("Royaume-Uni", "Allemagne", "Porto Rico", "Côte d’Ivoire")),
        ("fr-CA", ("Royaume-Uni", "Allemagne", "Porto Rico", "Côte d’Ivoire")),
    ],
)
def test_countries_have_the_names_of_the_language(locale: str, names: tuple[str, ...]) -> None:
    text = text_for(locale)
    assert tuple(text.country(iso) for iso in ("GB", "DE", "PR", "CI")) == names


@pytest.mark.parametrize(
    "locale, winter, summer",
    [
        ("en-US", "Mexico City (UTC\u201106:00)", "Vienna (UTC+02:00)"),
        ("en-GB", "Mexico City (UTC\u201106:00)", "Vienna (UTC+02:00)"),
        ("fr-FR", "Mexico (UTC\u201106:00)", "Vienne (UTC+02:00)"),
        ("fr-CA", "Mexico (UTC\u201106:00)", "Vienne (UTC+02:00)"),
    ],
)
def test_zones_say_their_city_and_distance_on_that_day(
    locale: str, winter: str, summer: str
) -> None:
    text = text_for(locale)
    assert text.zone("America/Mexico_City", WINTER) == winter
    assert text.zone("Europe/Vienna", SUMMER) == summer


def test_half_hours_are_told() -> None:
    assert text_for("en").zone("Asia/Kolkata", WINTER).endswith("(UTC+05:30)")
    assert text_for("en").zone("America/St_Johns", WINTER).endswith("(UTC\u201103:30)")


def test_countries_stand_in_the_order_of_the_alphabet_accents_aside() -> None:
    french = [name for name, _ in text_for("fr").countries(("EG", "US", "ES", "EE", "EC"))]
    assert french == ["Égypte", "Équateur", "Espagne", "Estonie", "États-Unis"]


@pytest.mark.parametrize(
    "names, language",
    [
        ((), "en"),
        (("",), "en"),
        (("fr",), "fr"),
        (("fr-FR",), "fr"),
        (("FR_fr",), "fr"),
        (("fr-XX",), "fr"),
        (("de-DE",), "en"),
        (("de-DE", "fr-CA"), "fr"),
        (("", "fr"), "fr"),
        (("en-AU", "fr"), "en"),
        (("nonsense", "fr"), "fr"),
        (("../../etc/passwd",), "en"),
        (("fr" * 5000,), "en"),
    ],
)
def test_the_first_language_that_there_is_holds(names: tuple[str, ...], language: str) -> None:
    assert text_for(*names).language == language


def test_a_key_without_a_string_is_a_defect() -> None:
    text = text_for("fr")
    with pytest.raises(LookupError):
        text("no.such.key")
    with pytest.raises(LookupError):
        text.count("no.such.key", 2)
    assert text.maybe("no.such.key") == ""


def test_what_fills_a_string_is_not_read_as_one() -> None:
    assert "{name}" in text_for("en")("drafts.aside", name="{name}{0}%s")


def test_keys_are_the_same_for_all_regions() -> None:
    assert keys("en") == keys("fr")


@pytest.mark.parametrize(
    "said, plain",
    [("  Où  Êtes-Vous\u00a0?", "ou etes-vous ?"), ("l’été", "l'ete"), ("STRASSE ß", "strasse ss")],
)
def test_text_is_folded_for_comparing(said: str, plain: str) -> None:
    assert folded(said) == plain


@pytest.mark.parametrize(
    "locale, zone, moment",
    [
        (
            "en-US",
            "America/New_York",
            "Tuesday, December 1, 2026, 3:05\u202fPM – Paris (UTC+01:00); "
            "for you 9:05\u202fAM (New York)",
        ),
        (
            "fr-FR",
            "Pacific/Auckland",
            "mardi 1 décembre 2026, 15:05 – Paris (UTC+01:00)\u00a0; "
            "pour vous mer. 2 déc. 2026, 03:05 (Auckland)",
        ),
        # Madrid's clocks show what those of Paris show.
        ("en-GB", "Europe/Madrid", "Tuesday, 1 December 2026, 15:05 – Paris (UTC+01:00)"),
        ("en-GB", "", "Tuesday, 1 December 2026, 15:05 – Paris (UTC+01:00)"),
    ],
)
def test_a_moment_is_told_by_the_readers_clock_too(locale: str, zone: str, moment: str) -> None:
    assert text_for(locale, zone=zone).moment(WINTER, "Europe/Paris") == moment


def test_words_for_a_reader_are_made_once() -> None:
    assert text_for("fr-FR", zone="Europe/Paris") is text_for("fr-FR", zone="Europe/Paris")
    assert text_for("fr-FR", zone="Europe/Paris") is not text_for("fr-FR")
