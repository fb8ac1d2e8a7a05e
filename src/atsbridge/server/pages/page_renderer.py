"""Renders the live pages with the report's templates and styles."""

from __future__ import annotations

import hashlib
from functools import cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from atsbridge import __version__
from atsbridge.report import RequisitionView, page_environment, read_style

_PACKAGE = "atsbridge.server"


class PageRenderer:
    """Turns the values of a page into HTML. Threads may share it."""

    def __init__(self) -> None:
        self._environment = page_environment(_PACKAGE)
        self._environment.filters["segment"] = lambda value: quote(str(value), safe="")
        self._environment.globals.update(version=__version__, style_path=self.style_path)
        self._row = self._environment.get_template("role_row.html.jinja")

    @cached_property
    def style(self) -> bytes:
        """The style sheet: the report's, and what only live pages need."""
        own = files(_PACKAGE).joinpath("templates", "live.css").read_text("utf-8")
        return (read_style() + own).encode()

    @cached_property
    def style_path(self) -> str:
        """The path of the style sheet; it changes with its text, so that it is kept for ever."""
        return f"/style/{hashlib.sha256(self.style).hexdigest()[:16]}.css"

    def render(self, template: str, **values: Any) -> bytes:
        """The page of that name."""
        return self._environment.get_template(f"{template}.html.jinja").render(values).encode()

    def render_row(self, role: RequisitionView, account: str, id_: str) -> Markup:
        """One row of the overview."""
        text = self._row.render(s=role, account=account, id=id_)
        return Markup(text)  # noqa: S704  the template escapes every value
