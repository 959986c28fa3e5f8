"""Who is reached by mail: those whom Teams does not reach, once for each event, and nobody else."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar
from pydantic import SecretStr

from tests.chat.intake import ABOUT, INQUIRY, PORT, business_day, opens_a_case
from tests.chat.office import Office, office
from tests.delivery.mailserver import MailServer, mail_server
from tests.storage.rig import Valkey

NOBODY, COLIN, ADA = "nobody@contoso.com", "colin@contoso.com", "ada@contoso.com"


@pytest.fixture
async def inbox() -> AsyncIterator[MailServer]:
    async with mail_server() as opened:
        yield opened


@pytest.fixture
async def desk(valkey: Valkey, tmp_path: Path, inbox: MailServer) -> AsyncIterator[Office]:
    """Opens a desk that has a mail server."""
    with valkey.client() as store:
        store.flushall()
    mail = {"smtp_url": SecretStr(inbox.url), "mail_from": "no-reply@numberdesk.example"}
    async with office(valkey, tmp_path / "data", **mail) as opened:
        yield opened


async def opens(desk: Office, *contacts: str) -> str:
    """Have Ada open a case and name people on it."""
    number = await opens_a_case(
        desk.ada, replace(INQUIRY, about={**ABOUT, "contacts": " ".join(contacts)})
    )
    await desk.delivered()
    return number


async def replies(desk: Office, words: str) -> None:
    """Have the desk answer in the case's thread."""
    await desk.agnes.says(words, thread=desk.teams.threads()[0].root.id)
    await desk.delivered()


def said(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return re.sub(r"\s+", " ", str(body.get_content()))


async def test_one_is_told_in_the_chat_and_one_by_mail(desk: Office, inbox: MailServer) -> None:
    await desk.meets(desk.ada, desk.colin)
    number = await opens(desk, COLIN, NOBODY, ADA)
    await replies(desk, "The carrier has agreed.")
    await desk.agnes.clicks("Take", on=desk.teams.threads()[0].root)
    await desk.delivered()

    assert len(desk.colin.all_saying("The carrier has agreed.", f"{number} · ")) == 1
    assert {recipient for _, recipient in inbox.envelopes} == {NOBODY}
    opened, replied, taken = inbox.to(NOBODY)
    assert "Ada Admin opened a case and named you" in said(opened)
    assert "Agnes Desk wrote" in said(replied)
    assert "The carrier has agreed." in said(replied)
    assert "Agnes Desk is working on it" in said(taken)
    assert taken["Subject"] == f"[{number}] {ABOUT['title']} – In progress"
    assert len({mail["References"] for mail in inbox.taken}) == 1
    assert len({mail["Message-ID"] for mail in inbox.taken}) == 3


async def test_a_date_comes_moves_and_goes_by_mail(desk: Office, inbox: MailServer) -> None:
    await desk.meets(desk.ada)
    await opens_a_case(desk.ada, replace(PORT, about={**ABOUT, "contacts": NOBODY}))
    await desk.delivered()
    root = desk.teams.threads()[0].root
    for clock in ("10:00", "11:30"):
        typed = {"schedule_date": business_day(40), "schedule_time": clock}
        await desk.agnes.clicks("send_schedule", on=root, **typed)
        await desk.delivered()
    living = next(one for one in desk.ada.heard if "Cancel this case" in desk.ada.offered(one))
    await desk.ada.clicks("send_cancel", on=living, cancel_reason="duplicate")
    await desk.delivered()

    _, confirmed, moved, cancelled = inbox.to(NOBODY)
    assert "Agnes Desk confirmed the date" in said(confirmed)
    assert "Agnes Desk moved the date from" in said(moved)
    assert "Cancelled date" in said(cancelled)
    calendars = list(map(calendar, (confirmed, moved, cancelled)))
    assert [one["METHOD"] for one in calendars] == ["PUBLISH", "PUBLISH", "CANCEL"]
    events = [one.events[0] for one in calendars]
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert len({event["UID"] for event in events}) == 1


def calendar(mail: EmailMessage) -> Calendar:
    (file,) = mail.iter_attachments()
    return Calendar.from_ical(file.get_content())


async def test_whoever_installs_the_bot_is_told_in_the_chat_from_then_on(
    desk: Office, inbox: MailServer
) -> None:
    await desk.meets(desk.ada)
    number = await opens(desk, COLIN)
    await replies(desk, "First words.")
    assert len(inbox.to(COLIN)) == 2
    await desk.meets(desk.colin)
    await replies(desk, "Second words.")
    assert len(desk.colin.all_saying("Second words.", f"{number} · ")) == 1
    assert len(inbox.to(COLIN)) == 2


async def test_a_mail_that_waits_goes_to_the_chat_of_whoever_comes(
    desk: Office, inbox: MailServer
) -> None:
    inbox.refused[COLIN] = "451 come again"
    await desk.meets(desk.ada)
    number = await opens_a_case(desk.ada, replace(INQUIRY, about={**ABOUT, "contacts": COLIN}))
    await desk.meets(desk.colin)
    await desk.colin.hears(number)
    await desk.delivered()
    assert inbox.taken == []
    assert len(desk.colin.all_saying(number)) == 1


async def test_a_requester_who_blocked_the_bot_gets_mail(desk: Office, inbox: MailServer) -> None:
    await desk.meets(desk.ada)
    number = await opens(desk, NOBODY)
    desk.teams.block("ada")
    await replies(desk, "The carrier has agreed.")
    (mail,) = inbox.to(ADA)
    assert mail["Subject"].startswith(f"[{number}]")
    assert "The carrier has agreed." in said(mail)
    assert "cannot reach you in Teams" in said(mail)
    assert len(inbox.to(NOBODY)) == 2

    desk.teams.block("ada", blocked=False)
    await desk.ada.says("thanks for the mail")
    await replies(desk, "One more thing.")
    assert len(desk.ada.all_saying("One more thing.", f"{number} · ")) == 1
    assert len(inbox.to(ADA)) == 1


async def test_notes_are_mailed_to_nobody(desk: Office, inbox: MailServer) -> None:
    await desk.meets(desk.ada)
    await opens(desk, NOBODY)
    await replies(desk, "note: difficult customer")
    assert len(inbox.taken) == 1
    assert "difficult" not in str(inbox.taken[0])


async def test_a_mailbox_that_does_not_exist_stops_nobody(desk: Office, inbox: MailServer) -> None:
    inbox.refused[NOBODY] = "550 no such user"
    await desk.meets(desk.ada, desk.colin)
    number = await opens(desk, NOBODY, COLIN)
    await replies(desk, "The carrier has agreed.")
    assert len(desk.colin.all_saying("The carrier has agreed.", f"{number} · ")) == 1
    async with desk.web.get(f"{desk.base_url}/metrics") as answer:
        counted = await answer.text()
    assert 'desk_delivery_mails_total{outcome="gone"} 2.0' in counted


async def test_the_thread_says_that_mail_went_instead(desk: Office, inbox: MailServer) -> None:
    await desk.meets(desk.ada)
    await opens(desk, NOBODY)
    desk.teams.block("ada")
    await replies(desk, "The carrier has agreed.")
    thread = desk.teams.threads()[0]
    (told,) = [one for one in thread.replies if one.sender == "bot"]
    said_there = "✉ Not delivered to Ada Admin in Teams (the bot is blocked): e-mail sent"
    desk.agnes.sees(said_there, on=told)
    desk.agnes.sees(said_there, f"✉ E-mail sent to {NOBODY}", on=thread.root)
    assert len(inbox.to(ADA)) == 1
