"""What a notice says by mail: text and HTML, in every language, threaded by case.

A mail can be read and cannot be answered: it says where an answer is heard.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from html import escape
from typing import Final

from cards.answers import detail_rows, subject
from cards.calendar import MEDIA_TYPE, calendar_file, due, file_name, method_of
from cards.case import status_words
from cards.dates import happening
from cards.parts import shortened
from cases.countries import all_countries
from cases.model import Case, Confirmed, Event, Notice
from cases.vocabulary import Audience, Status, Verb
from strings import LANGUAGES, Text, text_for

WIDTH: Final = 72
LONGEST_TITLE: Final = 120
FILES_NAMED: Final = 10

_BREAKS: Final = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")

_STYLE: Final = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 16px; font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
.letter { max-width: 600px; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 20px; line-height: 1.3; margin: 0 0 4px; }
p { margin: 0 0 12px; }
.said { margin: 0 0 16px; padding: 4px 0 4px 12px; border-left: 4px solid #5b5fc7; }
dl { margin: 0 0 16px; }
dt { font-size: 14px; opacity: .75; }
dd { margin: 0 0 8px; }
.answer { padding: 12px; border: 1px solid #5b5fc7; border-radius: 6px; }
.small { font-size: 14px; opacity: .75; }
hr { border: 0; border-top: 1px solid #8a8a8a; margin: 28px 0; }
"""


class UnusableAddress(Exception):
    """An address that no mail can be sent to."""


@dataclass(frozen=True)
class Mailbox:
    """An address as it stands on an envelope, the domain in ASCII."""

    local: str
    domain: str

    @classmethod
    def parse(cls, address: str) -> "Mailbox":
        """Read an address without a name; raises `UnusableAddress`."""
        local, at, domain = address.strip().rpartition("@")
        if not (at and local and address.strip().isprintable()) or re.search(r"[\s<>,;:]", address):
            raise UnusableAddress
        try:
            return cls(local, domain.encode("idna").decode("ascii"))
        except UnicodeError:
            raise UnusableAddress from None

    @property
    def spelled(self) -> str:
        """The address as a mail server reads it."""
        return f"{self.local}@{self.domain}"

    @property
    def ascii(self) -> bool:
        """Whether every mail server can take it."""
        return self.local.isascii()


@dataclass(frozen=True)
class Letter:
    """A mail and its envelope."""

    sender: Mailbox
    recipient: Mailbox
    content: EmailMessage

    @property
    def ascii(self) -> bool:
        """Whether every mail server can take it."""
        return self.sender.ascii and self.recipient.ascii


@dataclass(frozen=True)
class _Section:
    """What a mail says in one language."""

    language: str
    heading: str
    lead: str
    said: str
    rows: Sequence[tuple[str, str]]
    rows_as_lines: Sequence[str]
    answer: str
    no_reply: str
    why: str
    below: Sequence[tuple[str, str]] = ()
    """Language and words of the hints that there are other languages below."""


class Letters:
    """Writes mails from one sender (`MAIL_FROM`, with or without a display name)."""

    def __init__(self, sender: str) -> None:
        """Take the sender; raises `UnusableAddress`."""
        name, address = parseaddr(sender)
        self.sender = Mailbox.parse(address)
        self._name = _flat(name) or text_for()("mail.sender")

    def write(
        self,
        notice: Notice,
        case: Case,
        event: Event,
        address: str,
        locale: str,
        at: datetime,
        *,
        zone: str = "",
    ) -> Letter:
        """Return the mail of a notice, sent `at` an instant; raises `UnusableAddress`.

        A date that the desk confirmed comes with its calendar file, and so does its end when the
        case is cancelled. `zone` is the reader's.

        Message-ID and thread depend on nothing else than the notice and the case, so that a mail
        that is sent twice is the same mail.
        """
        recipient = Mailbox.parse(address)
        texts = _texts(locale, zone)
        sections = [_section(notice, case, event, text) for text in texts]
        below = tuple((text.language, text("mail.below")) for text in texts[1:])
        first = replace(sections[0], below=below)
        plain = recipient.ascii and self.sender.ascii
        content = EmailMessage(policy=SMTP if plain else SMTPUTF8)
        content["From"] = Address(self._name, self.sender.local, self.sender.domain)
        content["To"] = Address("", recipient.local, recipient.domain)
        content["Subject"] = _subject(case, event, texts[0])
        content["Date"] = format_datetime(at)
        content["Message-ID"] = f"<{notice.id}@{self.sender.domain}>"
        content["In-Reply-To"] = content["References"] = f"<{_thread(case)}@{self.sender.domain}>"
        content["Auto-Submitted"] = "auto-generated"
        content["X-Auto-Response-Suppress"] = "All"
        written = [first, *sections[1:]]
        content.set_content(_as_text(written), cte="quoted-printable")
        content.add_alternative(_as_html(written), subtype="html", cte="quoted-printable")
        content["Content-Language"] = ", ".join(text.language for text in texts)
        date = _date(case, event)
        if date:
            _add_calendar(content, case, date, texts[0])
        return Letter(self.sender, recipient, content)


def _texts(locale: str, zone: str) -> list[Text]:
    """Return all languages, that of the reader first; English, if it is not known."""
    first = text_for(locale, zone=zone)
    others = (text_for(name, zone=zone) for name in LANGUAGES if name != first.language)
    return [first, *others]


def _add_calendar(content: EmailMessage, case: Case, date: Confirmed, text: Text) -> None:
    """Attach the calendar file, as a text that a calendar program knows by its type."""
    kind, _, of = MEDIA_TYPE.partition("/")
    content.add_attachment(
        calendar_file(case, date, text),
        maintype=kind,
        subtype=of,
        filename=file_name(case),
        params={"charset": "utf-8", "method": method_of(date)},
    )


def _date(case: Case, event: Event) -> Confirmed | None:
    """Return the date that an event confirmed, or withdrew with the case."""
    return case.dated if event.verb is Verb.CANCEL else event.confirmed


def _thread(case: Case) -> str:
    """Return what all mails of a case refer to; no id that opens anything."""
    return sha256("\x1f".join(("thread", case.tenant, case.uid)).encode()).hexdigest()[:32]


def _then(case: Case, event: Event) -> Case:
    """Return the case in the status that the event left it in."""
    resolution = case.resolution if event.status is Status.RESOLVED else None
    return case.but(status=event.status, resolution=resolution)


def _subject(case: Case, event: Event, text: Text) -> str:
    return text(
        "mail.subject",
        number=case.number,
        title=shortened(_flat(case.title), LONGEST_TITLE),
        status=text(f"status.{event.status}"),
    )


# -- one language ----------------------------------------------------------------------------


def _section(notice: Notice, case: Case, event: Event, text: Text) -> _Section:
    opening = event.verb is Verb.OPEN
    named = notice.to.audience is Audience.MAIL
    name = _flat(event.by.name)
    done = text("event.named", name=name) if opening and named else happening(event, name, text)
    zone = all_countries()[case.country].zones[0]
    why = "mail.why.named" if named else "mail.why.unreachable"
    rows = tuple(_rows(case, event, text))
    return _Section(
        language=text.language,
        heading=f"{case.number} · {shortened(_flat(case.title), LONGEST_TITLE)}",
        lead=f"{done} · {text.short_moment(event.at, zone)}",
        said=_lines(case.description if opening else event.text),
        rows=rows,
        rows_as_lines=[text("mail.field", label=label, value=value) for label, value in rows],
        answer=text("mail.answer", say=text("mail.say", number=case.number)),
        no_reply=text("mail.no_reply"),
        why=text(why, name=_flat(case.requester.name)),
    )


def _rows(case: Case, event: Event, text: Text) -> Iterator[tuple[str, str]]:
    yield text("mail.about"), subject(case.type, case.country, text)
    yield text("mail.status"), status_words(_then(case, event), text)
    if event.verb is Verb.CANCEL and case.cancel_reason:
        yield text("case.cancel_reason"), text(f"cancel_reason.{case.cancel_reason}")
    yield from _date_rows(case, event, text)
    if event.verb is Verb.OPEN:
        rows = detail_rows(case.type, case.answers, text, hide=True)
        yield from ((label, _flat(value)) for label, value in rows)
    if event.files:
        names = [_flat(file.name) for file in event.files[:FILES_NAMED]]
        rest = ", …" if len(event.files) > FILES_NAMED else ""
        yield text("mail.files"), ", ".join(names) + rest


def _date_rows(case: Case, event: Event, text: Text) -> Iterator[tuple[str, str]]:
    date = _date(case, event)
    if date is None:
        return
    told = text.moment(date.at, date.zone)
    if date.withdrawn:
        yield text("case.withdrawn"), " · ".join((told, text("calendar.removes")))
        return
    moved = [text("calendar.replaces")] if event.replaces else []
    yield text("case.confirmed"), " · ".join((told, *due(case, text), *moved))


# -- text ------------------------------------------------------------------------------------


def _as_text(sections: Iterable[_Section]) -> str:
    rule = "\n\n" + "-" * 20 + "\n\n"
    return rule.join("\n\n".join(_paragraphs(section)) for section in sections) + "\n"


def _paragraphs(section: _Section) -> Iterator[str]:
    if section.below:
        yield "\n".join(words for _, words in section.below)
    yield _wrapped(section.heading)
    yield _wrapped(section.lead)
    if section.said:
        yield "\n".join(_wrapped(line, "> ") for line in section.said.split("\n"))
    yield "\n".join(map(_wrapped, section.rows_as_lines))
    yield _wrapped(section.answer)
    yield _wrapped(section.no_reply)
    yield _wrapped(section.why)


def _wrapped(words: str, prefix: str = "") -> str:
    lines = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) or prefix.rstrip()


# -- HTML ------------------------------------------------------------------------------------


def _as_html(sections: Sequence[_Section]) -> str:
    body = "<hr>\n".join(_block(section) for section in sections)
    first = sections[0]
    return (
        f'<!DOCTYPE html>\n<html lang="{first.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(first.heading)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body>\n<div class="letter">\n{body}</div>\n</body>\n</html>\n'
    )


def _block(section: _Section) -> str:
    return "\n".join((f'<div lang="{section.language}">', *_elements(section), "</div>\n"))


def _elements(section: _Section) -> Iterator[str]:
    for language, words in section.below:
        yield f'<p class="small" lang="{language}">{escape(words)}</p>'
    yield f"<h1>{escape(section.heading)}</h1>"
    yield f"<p><b>{escape(section.lead)}</b></p>"
    if section.said:
        said = "<br>\n".join(escape(line) for line in section.said.split("\n"))
        yield f'<p class="said">{said}</p>'
    rows = (f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in section.rows)
    yield "<dl>\n" + "\n".join(rows) + "\n</dl>"
    yield f'<p class="answer"><b>{escape(section.answer)}</b><br>{escape(section.no_reply)}</p>'
    yield f'<p class="small">{escape(section.why)}</p>'


# -- people's words --------------------------------------------------------------------------


def _flat(words: str) -> str:
    """Return somebody's words as one line without signs that cannot be seen."""
    return " ".join(_seen(_BREAKS.sub(" ", words)).split())


def _lines(words: str) -> str:
    """Return somebody's words without signs that cannot be seen, their lines kept."""
    return "\n".join(_seen(line).rstrip() for line in _BREAKS.split(words.strip()))


def _seen(words: str) -> str:
    # A joiner makes one emoji of several; signs that turn the direction of a line only deceive.
    return "".join(char if char.isprintable() or char == "\u200d" else " " for char in words)
