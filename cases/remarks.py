"""Words beside a number: which of their digits are no number's, and what they say against it.

What a remark says is left out only if it is nothing to the number. One that excludes something,
or that calls the number something else, is never left out.
"""

import re

from cases.asides import labels
from cases.headers import is_filed, is_of_file

# Digits that are certainly neither a number nor a count

_ALONE = r"(?!\w|[ .\-/]*\d)"
"""No digit and no letter goes on."""
_YEAR = r"(?:19|20)\d\d"
_MONTH = (
    r"(?:jan|f[eé]b|f[eé]v|m[aä]r|mrz|apr|avr|abr|mai|may|mag|maj|mei|jun|juin|giu|cze|jul|juil|lug"
    r"|lip|aug|ao[uû]|ago|sie|sep|set|wrz|o[ck]t|ott|pa[zź]|nov|lis|de[cz]|d[eé]c|dic|gru)"
)
_PLACES = (
    "room|rm|suite|ste|floor|level|building|bldg|desk|office|site|store|shop|branch|unit|door|gate"
    "|hall|apartment|apt|flat|house|warehouse|bay|wing|table|lobby|raum|zimmer|zi|etage|stock|haus"
    "|gebäude|geb|filiale|standort|büro|halle|tor|werk|wohnung|platz|salle|bureau|étage|bâtiment"
    "|bât|agence|magasin|porte|boutique|appartement|sala|oficina|planta|piso|edificio|tienda"
    "|stanza|ufficio|piano|negozio|sede|camera|kamer|kantoor|verdieping|gebouw|winkel|vestiging"
    "|pokój|biuro|piętro|budynek|sklep|oddział|lokal|rum|kontor|våning|butik|etasje|huone"
    "|toimisto|kerros|kancelář|patro|budova|pobočka|iroda|emelet|szoba"
)
_FLOORS = "og|ug|stock|etage|obergeschoss|untergeschoss|geschoss|floor|emelet|patro|kerros|piętro"
_FROM_TO = r"(?: *(?:-|to|bis|à|a|al|tot|do) *\d{1,2}(?:[:.h]\d\d)?)?"
_SURELY_WORDS = "|".join(
    (
        # 2nd floor, 2e étage, 2. OG
        r"(?<![\w.+\-/])\d{1,3}(?:st|nd|rd|th|er|[eè]re|re|e|[eè]me|de|ste|º|ª|o|a)(?= +[^\W\d_])",
        rf"(?<![\w.+\-/])\d{{1,2}}\. ?(?:{_FLOORS})\b",
        # Room 101, Bldg. B-12
        rf"\b(?:{_PLACES})\b\.? *(?:no\.?|nr\.?|n°|#)? *(?:[A-Z]-?)?\d{{1,5}}[a-z]?{_ALONE}",
        # B12; of `x12` and `p12` nobody knows whether they are extensions.
        rf"(?<![\w.+\-])(?-i:[A-OQ-WYZ])\d{{1,4}}(?!-){_ALONE}",
        # ab 01.01.2027, (2027-01-01), 1 Jan 2027, since 2019
        rf"(?:[^\W\d_][.:,]? +|[(\[] *)(?:\d{{1,2}}([./\-])\d{{1,2}}\1{_YEAR}"
        rf"|{_YEAR}-\d\d-\d\d){_ALONE}",
        rf"(?<!\d )(?<![\w.+\-/])\d{{1,2}}\.? {_MONTH}[^\W\d_]*\.?(?: {_YEAR})?{_ALONE}",
        rf"\b(?:since|seit|depuis) {_YEAR}{_ALONE}",
        # 8-17 Uhr, 9am, 24/7
        rf"(?<!\d )(?<![\w.:+\-/])\d{{1,2}}(?:[:.h]\d\d)?{_FROM_TO}"
        r" *(?:uhr|hrs?|h|am|pm|heures?|horas|uur|godz)\b",
        r"(?<![\w.:+\-/])\d{1,2}(?::\d\d)?(?:am|pm|h)(?: *- *\d{1,2}(?::\d\d)?(?:am|pm|h))?\b",
        rf"(?<!\d )(?<![\w.+\-/])24/7{_ALONE}",
        # A count that changes nothing
        r"(?<!\d )(?<![\w.+\-/])1 +(?:number|line|numéro|ligne|nummer|rufnummer|leitung|n[uú]mero"
        r"|l[ií]nea|linea|numer|lijn)\b",
    )
)
_OF_WORDS = re.compile(_SURELY_WORDS, re.IGNORECASE)
_NAMED = re.compile(r"([^\W\d_][^\d:+]*?) *[#-]?\d{1,4}[a-z]?(?= *: *[+(\d])", re.IGNORECASE)
"""A label such as `Lobby 2:`."""
_COUNTING = re.compile(
    r"\b(?:block|blok|bloc|bloque|range|plage|bereich|series?|qty|quantity|count|total|anzahl|menge"
    r"|stück|nombre|nb|qté|quantité|aantal|ilość|cantidad|quantità|antal|ext|extn|extension|poste"
    r"|dw|durchwahl|kl|klappe|x|from|von|ab|de|du|van|od|first|last|next|plus|of|to|bis|à|t/?m|do"
    r"|tot|numbers?|nos?|nummern?|nr|numéros?|numery|lines)\b|\d",
    re.IGNORECASE,
)
"""Words of a label whose digits may be a count, or the end of a number."""
_DIGIT = re.compile(r"\d")
_STAND_IN = "n"


def worded(text: str) -> str:
    """Return a plain text in which digits that are certainly a word's stand as letters.

    `Room 101` becomes `Room nnn`; every digit that is left may be one of a number.
    """
    text = _rounded(text)
    if not _WORDS.search(text):
        return text
    named = _NAMED.match(text)
    if named and not _COUNTING.search(named[1]):
        text = f"{_DIGIT.sub(_STAND_IN, named[0])}{text[named.end() :]}"
    return _OF_WORDS.sub(lambda said: _DIGIT.sub(_STAND_IN, said[0]), text)


_WORDS = re.compile(r"[^\W\d_]|\(\d{4}-")
_BRACKET = re.compile(r"\[|\d[({]")
_LAST_IN_BRACKETS = re.compile(r"(\+?[\d ().\-/]*\d)[\[({](\d+) *- *(\d+)[\])}]")
_ALL_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_SQUARE = re.compile(r"(?<= )\[([\d \-/]+)\](?!\w)")


def _rounded(text: str) -> str:
    """Return a text without the square brackets around it, and with round ones behind a number."""
    if _BRACKET.search(text) is None:
        return text
    around = _ALL_IN_BRACKETS.fullmatch(text)
    spread = _LAST_IN_BRACKETS.fullmatch(text)
    if spread and len(spread[2]) == len(spread[3]):
        return f"{spread[1]}{spread[2]} - {spread[1]}{spread[3]}"
    return around[1].strip() if around else _SQUARE.sub(r"(\1)", text)


# What is said against a number

_LEAVES_OUT = (
    "not|except|excepting|excepted|exclud(?:es?|ed|ing)|excl|sauf|excepté[es]*|exception|hormis"
    "|hors|pas|exclu[es]*|nicht|kein[es]*|außer|ausser|ausgenommen|exkl|entfällt|excepto"
    "|excluyendo|eccetto|tranne|esclus[oiae]|behalve|uitgezonderd|niet|exceto|oprócz|wyjątkiem"
    "|nie|poza|utom|inte|undtagen|unntatt|ikke|paitsi|kromě|kivéve|fără"
)
_BEHIND_A_NUMBER = "minus|less|but|salvo|menos|meno|bez|w/o"
"""Some of these are names as well."""
_WITHOUT = "ohne|without|sans|zonder|senza|sin|sem|uden|uten|utan|ilman"
"""Somebody is without a fax; only digits behind them are those of a number."""
_EXCLUSION = re.compile(
    rf"\b(?:{_LEAVES_OUT})\b(?!-)|(?<=\d)\D*?\b(?:{_BEHIND_A_NUMBER})\b"
    rf"|(?<=\d)\D*?\b(?:{_WITHOUT})\b(?=\D{{0,12}}\d)",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?$")


def exclusion_in(text: str) -> str:
    """Return the word of a text that leaves something out, such as `except`; empty if none."""
    found = _EXCLUSION.search(text)
    word = _LAST_WORD.search(found[0]) if found else None
    return word[0] if word else ""


_OPEN_END = re.compile(
    r"\d\D*?\b(?:ff|etc|usw|ecc|following|onwards?|upwards?|consecutive|sequential|and up|& up"
    r"|fortlaufend|folgende|aufwärts|suivants?|et suite|siguientes|consecutivos|seguenti|seguintes"
    r"|en verder|opeenvolgend|i kolejne|kolejne)\b|& up\b|\d *\.\.\.? *$",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|hundred"
    r"|dozen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwanzig|dreißig|fünfzig|hundert|deux"
    r"|trois|quatre|cinq|sept|huit|neuf|dix|vingt|trente|cinquante|cent|dos|tres|cuatro|cinco|diez"
    r"|veinte|cien|due|tre|dieci|venti|cento|twee|drie|tien|twintig|honderd|dziesięć)"
    r" +(?:[^\W\d_]+ +)?(?:numbers|lines|ddis|dids|numéros|lignes|nummern|rufnummern|leitungen"
    r"|números|líneas|numeri|linee|nummers|numery|numerów)\b",
    re.IGNORECASE,
)


def is_more(text: str) -> bool:
    """Return whether words say that there are more numbers, and not which: `ff.`, `and up`."""
    return bool(_OPEN_END.search(text) or _IN_WORDS.search(text))


_PARTS = re.compile(r"[,;(|]")
_SIGNS = " ()[],;:.-"
_FIRST_DIGITS = re.compile(r"\(?\+?\(?\d")


def thing_named(text: str) -> str:
    """Return what words beside a number call it, if that is no telephone number.

    Those in front of it are `Acct #` and the like; those behind, as in `2125550188 (account
    number)`, must say that it is the number of something.
    """
    first = _FIRST_DIGITS.search(text)
    if first is None:
        return ""
    before = _PARTS.split(text[: first.start()])[-1].strip()
    behind = re.split(r"\d", text)[-1].strip(_SIGNS)
    if labels(before, text[first.start() :]):
        return before.strip(_SIGNS + "#")
    return behind if is_filed(behind) and is_of_file(behind) else ""
