"""The web page and the few files of npm packages that it loads, read-only."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "page"
PACKAGES = FOLDER / "node_modules"
LIBRARIES = {
    "adaptivecards.js": PACKAGES / "adaptivecards/dist/adaptivecards.min.js",
    "markdown-it.js": PACKAGES / "markdown-it/dist/browser/markdown-it.umd.min.js",
}
ENDINGS = (".css", ".js", ".svg")


def page_routes() -> list[web.RouteDef]:
    """Returns the routes of the page."""
    return [
        web.get("/", _index),
        web.get("/lib/{name}", _library),
        web.get("/{name}", _asset),
    ]


async def _index(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(FOLDER / "index.html")


async def _library(request: web.Request) -> web.StreamResponse:
    path = LIBRARIES.get(request.match_info["name"])
    if path is None or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)


async def _asset(request: web.Request) -> web.StreamResponse:
    path = FOLDER / request.match_info["name"]
    # The folder is flat, so a name with a slash cannot be one of its files.
    if path.parent != FOLDER or path.suffix not in ENDINGS or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)
