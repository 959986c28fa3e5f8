"""What the bot says besides the intake and the cases: welcome, help, drafts, and kind refusals."""

from collections.abc import Sequence

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Container,
    SubmitAction,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)

from cards.answers import subject
from cards.message import Message
from cards.parts import (
    buttons,
    heading,
    line,
    message,
    shortened,
    show_button,
    small,
    submit,
    words,
)
from cards.press import Ask, Press
from cases.model import Draft
from cases.papers import waits_for
from strings import LANGUAGES, Text


def command_button(
    command: str, text: Text, *, primary: bool = False, rest: str = ""
) -> SubmitAction:
    """Return a button that does what the command's words, and the rest after them, do."""
    press = Press(verb=Ask.COMMAND, command=command, value=rest)
    return submit(text(f"command.{command}.name"), press, primary=primary, bare=True)


def welcome_card(name: str, text: Text) -> Message:
    """Return what a person reads when they first meet the bot."""
    title = text("welcome.title", name=name) if name else text("welcome.title_no_name")
    body: list[CardElement] = [words(title, bold=True), line(text("welcome.what"))]
    actions = [command_button("new_case", text, primary=True), command_button("my_cases", text)]
    actions.append(command_button("help", text))
    return message(text, title, body, actions)


def help_card(commands: Sequence[str], text: Text) -> Message:
    """Return what can be said, and what each word does."""
    body: list[CardElement] = [heading(text("help.title")), line(text("help.how"))]
    body += [_command(command, text) for command in commands]
    actions = [command_button("new_case", text, primary=True), command_button("my_cases", text)]
    actions.append(command_button("drafts", text))
    return message(text, text("help.title"), body, actions)


def _command(command: str, text: Text) -> Container:
    return Container(
        items=[
            line(f"**{text(f'command.{command}.say')}**"),
            small(text(f"command.{command}.about")),
        ],
        spacing="Small",
    )


def desk_help(text: Text) -> Message:
    """Return what an agent can do in the desk's channel."""
    body: list[CardElement] = [heading(text("desk.help.title")), line(text("desk.help.how"))]
    return message(text, text("desk.help.title"), body)


def unclear_card(likely: Sequence[str], text: Text, given: str = "") -> Message:
    """Return what is said to words that the bot does not understand: the likeliest choices."""
    said = text("unclear")
    actions = [
        command_button(
            command, text, primary=index == 0, rest=given if command == "new_case" else ""
        )
        for index, command in enumerate(likely)
    ]
    return message(text, said, [line(said)], actions)


def draft_name(draft: Draft, text: Text) -> str:
    """Return what a draft is about, as far as it is known."""
    answers = draft.answers
    if answers.get("title"):
        return shortened(str(answers["title"]), 80)
    if not answers.get("category"):
        return text("drafts.untitled")
    if answers["category"] == "new_request" and not answers.get("case_type"):
        name = text("category.new_request.name")
        return f"{name} · {text.country(str(answers['country']))}" if "country" in answers else name
    return subject(
        str(answers.get("case_type") or "") or None, str(answers.get("country") or ""), text
    )


def _draft_press(verb: Ask, draft: Draft) -> Press:
    return Press(verb=verb, draft=draft.id)


def aside_card(draft: Draft, text: Text) -> Message:
    """Return what is said when a draft is put aside: nothing is lost, and how to go on."""
    said = text("drafts.aside", name=draft_name(draft, text))
    return message(text, said, [words(said), *_waits(draft, text)], _draft_actions(draft, text))


def resume_card(draft: Draft, text: Text) -> Message:
    """Return the reminder of an unfinished case after something else was talked about."""
    said = text("drafts.open", name=draft_name(draft, text))
    return message(text, said, [words(said), *_waits(draft, text)], _draft_actions(draft, text))


def _waits(draft: Draft, text: Text) -> list[CardElement]:
    """Return which papers are all that a draft waits for; nothing if it waits for more."""
    labels = [text(f"field.{paper}.label") for paper in waits_for(draft)]
    return [small(text("papers.waits", papers=", ".join(labels)))] if labels else []


def _draft_actions(draft: Draft, text: Text, *, primary: bool = True) -> list[Action]:
    return [
        submit(text("button.resume"), _draft_press(Ask.RESUME, draft), primary=primary),
        submit(text("button.discard"), _draft_press(Ask.DISCARD, draft)),
    ]


def drafts_card(drafts: Sequence[Draft], zone: str, text: Text) -> Message:
    """Return a person's drafts, each with a button to go on and one to throw it away."""
    title = text("drafts.title")
    body: list[CardElement] = [heading(title)]
    for index, draft in enumerate(drafts):
        about: list[CardElement] = [
            words(draft_name(draft, text), bold=True),
            small(text("drafts.touched", at=text.short_moment(draft.updated, zone))),
            *_waits(draft, text),
        ]
        actions = buttons(*_draft_actions(draft, text, primary=index == 0))
        body.append(Container(items=[*about, actions], separator=True))
    if not drafts:
        body.append(line(text("drafts.none")))
    fresh = [] if drafts else [command_button("new_case", text, primary=True)]
    return message(text, title, body, fresh)


def profile_card(language: str, text: Text) -> Message:
    """Return the choice of the language in which the bot speaks to this person."""
    title = text("profile.title")
    question = ChoiceSetInput(
        id="language",
        label=text("profile.language"),
        style="expanded",
        value=language or "auto",
        choices=[
            ChoiceElement(title=text(f"language.{name}"), value=name)
            for name in ("auto", *LANGUAGES)
        ],
    )
    save = submit(text("button.save"), Press(verb=Ask.COMMAND, command="profile"), primary=True)
    return message(text, title, [heading(title), question], [save])


def said(key: str, text: Text, **params: object) -> Message:
    """Return one sentence, as plain words."""
    return Message(text(key, **params))


def sorry(sentence: str, text: Text, commands: Sequence[str] = ()) -> Message:
    """Return a refusal and what can be done instead."""
    actions = [command_button(command, text) for command in commands]
    return message(text, sentence, [words(sentence)], actions)


def sent_card(numbers: Sequence[str], text: Text, *, again: bool) -> Message:
    """Return what the review turns into once the case, or each part of a batch, is saved."""
    if len(numbers) > 1:
        said_so = text("review.sent_parts", numbers=", ".join(numbers))
        shows = [show_button(number, text) for number in numbers]
        return message(text, said_so, [words(said_so, bold=True)], shows)
    said_so = text("review.sent_before" if again else "review.sent", number=numbers[0])
    show = submit(text("button.show"), Press(verb=Ask.SHOW, case=numbers[0]))
    return message(text, said_so, [words(said_so, bold=True)], [show])
