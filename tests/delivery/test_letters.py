"""What a mail says, in both languages, and what people's words cannot do to it."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest
from icalendar import Calendar

from cases.deeds import Deed, doing, mailbox, opening, person
from cases.model import Case, Event, Notice, Recipient, Speaker
from cases.vocabulary import NoticeKind, Resolution, Status, Verb
from delivery.letters import Letters, UnusableAddress
from tests.cases.samples import AGENT, ANN, ANSWERS, NOW, case, draft, file

NOBODY = "nobody@acme.com"
HOSTILE = "Port\r\nBcc: evil@example.com\r\n\r\n<img src=x onerror=alert(1)>\u2028\u202eevil\x00"
CHOICES = {Verb.RESOLVE: "problem_solved", Verb.CANCEL: "duplicate"}


def after(verb: Verb, by: Speaker = AGENT, text: str = "", **members: Any) -> tuple[Case, Event]:
    deed = Deed(verb=verb, key="k1", text=text or "hello", choice=CHOICES.get(verb, ""))
    if verb is Verb.SCHEDULE:
        deed = deed.but(date="2026-12-08", time="10:00")
    change = doing(case(**members), deed, by, {}, NOW)
    return change.after, change.event


def letter(
    told: tuple[Case, Event],
    to: Recipient | None = None,
    locale: str = "",
    address: str = NOBODY,
    sender: str = "no-reply@numberdesk.example",
    zone: str = "",
) -> EmailMessage:
    """Write a letter and read it as its recipient's mail program does."""
    notice = Notice.about(*told, to or mailbox(NOBODY), NoticeKind.MESSAGE)
    written = Letters(sender).write(notice, *told, address, locale, NOW, zone=zone)
    read = message_from_bytes(written.content.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def plain(mail: EmailMessage) -> str:
    """Return the text with its lines unwrapped and its blanks plain."""
    return re.sub(r"\s+", " ", part(mail, "plain"))


class Seen(HTMLParser):
    """What a browser makes of a page: its elements and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


ASKED = after(Verb.ASK, text="Which account is it?")


def test_says_who_did_what_and_whose_turn_it_is() -> None:
    mail = letter(ASKED)
    for said in (plain(mail), re.sub(r"\s+", " ", Seen(part(mail, "html")).words)):
        assert "TNS-000123 · Move our numbers" in said
        assert "Gil Agent needs details" in said
        assert "Which account is it?" in said
        assert "Waiting for details – your answer is needed" in said
        assert "Gil Agent demande des précisions" in said
        assert "En attente de précisions – votre réponse est attendue" in said


def test_says_where_an_answer_is_heard() -> None:
    said = plain(letter(ASKED))
    assert "write “case TNS-000123” to Number Desk in Microsoft Teams" in said
    assert "do not reply to this mail" in said
    assert "écrivez « cas TNS-000123 » à Number Desk" in said
    assert "ne pas répondre à cet e-mail" in said
    assert "Ann Example named your address" in said


def test_says_why_somebody_known_gets_mail() -> None:
    said = plain(letter(ASKED, person("dan-id")))
    assert "cannot reach you in Teams" in said
    assert "named your address" not in said


@pytest.mark.parametrize(
    "locale, first, hint",
    [
        ("", "en", "En français plus bas."),
        ("en-GB", "en", "En français plus bas."),
        ("fr-CA", "fr", "In English below."),
        ("de-DE", "en", "En français plus bas."),
    ],
)
def test_begins_in_the_readers_language(locale: str, first: str, hint: str) -> None:
    mail = letter(ASKED, locale=locale)
    assert part(mail, "plain").startswith(hint)
    assert f'<html lang="{first}">' in part(mail, "html")
    assert mail["Content-Language"].startswith(first)
    needed = "Waiting for details" if first == "en" else "En attente de précisions"
    assert mail["Subject"] == f"[TNS-000123] Move our numbers – {needed}"


def test_headers_that_keep_machines_from_answering() -> None:
    mail = letter(ASKED)
    assert mail["From"] == "Number Desk <no-reply@numberdesk.example>"
    assert mail["To"] == NOBODY
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] is None
    assert mail["Date"].datetime == NOW


def test_a_sender_with_a_name_of_its_own() -> None:
    mail = letter(ASKED, sender="Desk of Contoso <desk@bücher.example>")
    assert mail["From"] == "Desk of Contoso <desk@xn--bcher-kva.example>"


def test_all_mails_of_a_case_are_one_thread_and_each_is_itself() -> None:
    first, second = letter(after(Verb.TAKE)), letter(after(Verb.COMMENT))
    again = letter(after(Verb.TAKE))
    other = letter(after(Verb.TAKE, uid="draft-2"))
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["References"] != other["References"]
    ids = [mail["Message-ID"] for mail in (first, second, other)]
    opened = {**ANSWERS, "contacts": [NOBODY]}
    ids.append(letter(opening(draft(answers=opened), ANN, {}, NOW)[:2])["Message-ID"])
    assert len({notice for notice in ids if notice.endswith("@numberdesk.example>")}) == 4 - 1
    assert first["Message-ID"] == again["Message-ID"]
    assert "draft-1" not in first.as_string()


def test_the_opening_tells_what_is_asked_with_numbers_masked() -> None:
    answers = {**ANSWERS, "contacts": [NOBODY]}
    opened, event, notices = opening(draft(answers=answers), ANN, {}, NOW)
    mail = letter((opened.but(number="TNS-000124"), event), notices[-1].to)
    said = plain(mail)
    assert "Ann Example opened a case and named you" in said
    assert "All of the Lyon office" in said
    assert "+33…789" in said
    assert "loa.pdf" in said
    assert "33123456789" not in mail.as_string()
    assert [kind.get_content_type() for kind in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in (Verb.OPEN, Verb.NOTE)])
def test_every_deed_can_be_told(verb: Verb) -> None:
    by, status = AGENT, Status.IN_PROGRESS
    if verb is Verb.CANCEL:
        by = ANN
    if verb is Verb.REOPEN:
        status = Status.RESOLVED
    mail = letter(after(verb, by, status=status))
    assert mail["Subject"].startswith("[TNS-000123] Move our numbers – ")


def test_tells_the_status_of_then_not_of_now() -> None:
    changed, event = after(Verb.TAKE)
    solved = changed.but(status=Status.RESOLVED, resolution=Resolution.PROBLEM_SOLVED)
    said = plain(letter((solved, event)))
    assert "Status: In progress" in said
    assert "Resolved" not in said


class TestPeoplesWords:
    @pytest.fixture
    def mail(self) -> EmailMessage:
        changed, event = after(
            Verb.COMMENT,
            text=HOSTILE,
            title=HOSTILE,
            requester=case().requester.but(name=HOSTILE),
            files=(),
        )
        named = event.by.but(name=HOSTILE)
        return letter((changed, event.but(by=named, text=HOSTILE, files=(file(name=HOSTILE),))))

    def test_make_no_header(self, mail: EmailMessage) -> None:
        assert mail["Bcc"] is None
        assert mail["To"] == NOBODY
        assert "\n" not in mail["Subject"]
        assert mail["Subject"].startswith("[TNS-000123] Port Bcc: evil@example.com")

    def test_make_no_element(self, mail: EmailMessage) -> None:
        seen = Seen(part(mail, "html"))
        assert not seen.tags & {"img", "script", "a"}
        assert "<img src=x onerror=alert(1)>" in seen.words

    def test_hide_nothing(self, mail: EmailMessage) -> None:
        for kind in ("plain", "html"):
            assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x00]", part(mail, kind))

    def test_are_told_from_ours(self, mail: EmailMessage) -> None:
        assert "> Port\n> Bcc: evil@example.com\n>\n> <img" in part(mail, "plain")


def test_lines_are_as_long_as_mail_programs_like_them() -> None:
    mail = letter(
        after(Verb.COMMENT, text="many words " * 200 + "https://example.com/" + "x" * 200)
    )
    lines = part(mail, "plain").split("\n")
    assert all(len(line) <= 72 or "https://" in line for line in lines)
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\n"))


def test_a_long_title_is_shortened() -> None:
    assert len(letter(after(Verb.TAKE, title="word " * 200))["Subject"]) < 180


@pytest.mark.parametrize("address", ["jörg@bücher.example", "a+b@xn--bcher-kva.example"])
def test_addresses_of_all_alphabets(address: str) -> None:
    mail = letter(ASKED, address=address)
    local = address.partition("@")[0]
    assert mail["To"] == f"{local}@xn--bcher-kva.example"


@pytest.mark.parametrize("sender", ["", "desk", "a@b@", "Desk <desk>"])
def test_refuses_a_sender_that_is_none(sender: str) -> None:
    with pytest.raises(UnusableAddress):
        Letters(sender)


def test_a_letter_of_tomorrow_is_the_same_letter() -> None:
    notice = Notice.about(*ASKED, mailbox(NOBODY), NoticeKind.MESSAGE)
    letters = Letters("desk@x.com")
    today = letters.write(notice, *ASKED, NOBODY, "", NOW).content
    later = letters.write(notice, *ASKED, NOBODY, "", NOW + timedelta(days=1)).content
    same = ("Message-ID", "References", "Subject")
    assert [today[name] for name in same] == [later[name] for name in same]


CONFIRMED = after(Verb.SCHEDULE, text="The carrier agreed.")


def test_a_confirmed_date_is_told_by_both_clocks() -> None:
    said = plain(letter(CONFIRMED, zone="America/New_York"))
    assert "Gil Agent confirmed the date" in said
    assert "Confirmed date: Tuesday, December 8, 2026, 10:00 AM – Paris (UTC+01:00)" in said
    assert "for you 4:00 AM (New York)" in said
    assert "mardi 8 décembre 2026, 10:00 – Paris (UTC+01:00) ; pour vous 04:00 (New York)" in said
    assert "for you" not in plain(letter(CONFIRMED, zone="Europe/Madrid"))


@pytest.mark.parametrize("sender", ["no-reply@numberdesk.example", "büro@numberdesk.example"])
def test_a_confirmed_date_comes_with_its_calendar_file(sender: str) -> None:
    mail = letter(CONFIRMED, sender=sender)
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached["Content-Type"].params == {"charset": "utf-8", "method": "PUBLISH"}
    assert attached.get_filename() == "TNS-000123.ics"
    (event,) = Calendar.from_ical(attached.get_content()).events
    assert event.start == datetime(2026, 12, 8, 9, tzinfo=UTC)
    assert "The carrier agreed." in part(mail, "plain")


MOVED = doing(
    CONFIRMED[0],
    Deed(verb=Verb.SCHEDULE, key="k2", date="2026-12-09", time="11:30"),
    AGENT,
    {},
    NOW,
)
CANCELLED = doing(MOVED.after, Deed(verb=Verb.CANCEL, key="k3", choice="duplicate"), ANN, {}, NOW)


def attached(mail: EmailMessage, method: str) -> Any:
    """Return the event of the mail's calendar file, the method said in both places."""
    (file,) = mail.iter_attachments()
    assert file["Content-Type"].params["method"] == method
    calendar = Calendar.from_ical(file.get_content())
    assert calendar["METHOD"] == method
    (event,) = calendar.events
    return event


def test_a_moved_date_is_told_as_moved_and_replaces_the_calendar_entry() -> None:
    mail = letter((MOVED.after, MOVED.event))
    said = plain(mail)
    assert (
        "Gil Agent moved the date from Dec 8, 2026, 10:00 AM (Paris) "
        "to Dec 9, 2026, 11:30 AM (Paris)"
    ) in said
    assert "The calendar file replaces the earlier entry." in said
    assert "Gil Agent a déplacé la date du 8 déc. 2026" in said
    before, after = attached(letter(CONFIRMED), "PUBLISH"), attached(mail, "PUBLISH")
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert "replaces the earlier entry" not in plain(letter(CONFIRMED))


def test_a_cancelled_case_takes_the_date_out_of_the_calendar() -> None:
    mail = letter((CANCELLED.after, CANCELLED.event))
    said = plain(mail)
    assert "Cancelled date: Wednesday, December 9, 2026, 11:30 AM – Paris (UTC+01:00)" in said
    assert "removes it from your calendar" in said
    assert "Date annulée : mercredi 9 décembre 2026" in said
    before, after = (
        attached(letter((MOVED.after, MOVED.event)), "PUBLISH"),
        attached(mail, "CANCEL"),
    )
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after["STATUS"] == "CANCELLED"


def test_a_resolved_case_keeps_the_date() -> None:
    resolve = Deed(verb=Verb.RESOLVE, key="k4", choice="problem_solved")
    change = doing(MOVED.after, resolve, AGENT, {}, NOW)
    mail = letter((change.after, change.event))
    assert not list(mail.iter_attachments())
    assert "Cancelled date" not in plain(mail)


def test_a_case_without_a_date_has_none_to_cancel() -> None:
    mail = letter(after(Verb.CANCEL, by=ANN))
    assert not list(mail.iter_attachments())
    assert "Cancelled date" not in plain(mail)


def test_no_other_mail_has_a_calendar_file() -> None:
    case, _ = CONFIRMED
    later = doing(case, Deed(verb=Verb.HOLD, key="k2", text="Wait."), AGENT, {}, NOW)
    assert not list(letter((later.after, later.event)).iter_attachments())
