"""The answers to invokes, each a body with HTTP 200, as Teams wants them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from botbuilder.core import InvokeResponse

from cards import Message
from cards.message import ADAPTIVE
from cases.countries import all_countries
from strings import Text
from strings.text import folded

Json = dict[str, Any]
MOST_FOUND = 15
"""Results of a search as one types."""


def answer(body: Json, status: HTTPStatus = HTTPStatus.OK) -> InvokeResponse:
    """Return an answer with a body."""
    return InvokeResponse(status=int(status), body=body)


def card(message: Message) -> Json:
    """Return the card that takes the place of the pressed one."""
    return {"statusCode": 200, "type": ADAPTIVE, "value": message.card}


def line(sentence: str) -> Json:
    """Return a line that is shown while the card stays as it is."""
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": sentence,
    }


def bad_request(sentence: str) -> Json:
    """Return the refusal of an invoke that is not one of ours."""
    return {
        "statusCode": 400,
        "type": "application/vnd.microsoft.error",
        "value": {"code": "BadRequest", "message": sentence},
    }


def not_ours(sentence: str) -> InvokeResponse:
    """Return the answer to an invoke that nothing of ours sends."""
    body = {
        "statusCode": 501,
        "type": "application/vnd.microsoft.error",
        "value": {"code": "NotSupported", "message": sentence},
    }
    return answer(body, HTTPStatus.NOT_IMPLEMENTED)


def found_countries(value: object, text: Text) -> Json:
    """Return the countries whose names, in the reader's language, match what is being typed."""
    query = value.get("queryText") if isinstance(value, Mapping) else ""
    typed = folded(str(query or ""))
    names = text.countries(all_countries())
    first = [pair for pair in names if folded(pair[0]).startswith(typed)]
    within = [pair for pair in names if typed in folded(pair[0]) and pair not in first]
    results = [{"value": iso, "title": name} for name, iso in (*first, *within)[:MOST_FOUND]]
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.search.searchResponse",
        "value": {"results": results},
    }


def task_line(sentence: str) -> Json:
    """Return a dialog window's answer that is one line."""
    return {"task": {"type": "message", "value": sentence}}


def found_cases(messages: list[Message]) -> Json:
    """Return cases to choose from in the compose box."""
    attachments = [
        {
            "contentType": ADAPTIVE,
            "content": each.card,
            "preview": {
                "contentType": "application/vnd.microsoft.card.thumbnail",
                "content": {"title": each.summary},
            },
        }
        for each in messages
    ]
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": attachments,
        }
    }
