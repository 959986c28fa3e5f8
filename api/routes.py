"""The app that stands under `/api/v1/`."""

from collections.abc import Mapping

from aiohttp import web

from api.callers import Callers, only
from api.letters import Letters
from api.problems import problems
from cases.ports import DeadLetters


def api_app(secrets: Mapping[str, str], letters: DeadLetters) -> web.Application:
    """Return the app for callers with these secrets, by their names."""
    app = web.Application(middlewares=[problems, only(Callers(secrets))])
    app.router.add_routes(Letters(letters).routes())
    return app
