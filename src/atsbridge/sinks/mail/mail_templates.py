"""Fill the layouts of messages: jinja2 templates in a sandbox, a customer's own before ours.

What stands in them is the sink's to say, already cut; a template that fails is told, never fatal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.loaders import split_template_path
from jinja2.sandbox import ImmutableSandboxedEnvironment

from atsbridge.errors import AtsbridgeError
from atsbridge.textfile import read_text

_OURS = Path(__file__).with_name("layouts")
NAMES = tuple(sorted(path.name for path in _OURS.iterdir()))


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled layout. `fault`: the error in the customer's layout, so that ours was used."""

    text: str
    fault: str = ""


class Layouts:
    """Fills layouts by name: from `folder` if it has one of that name, else the built-in one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._ours = _environment(FileSystemLoader(_OURS))
        self._theirs = None if folder is None else _environment(FunctionLoader(_reader(folder)))

    def fill(self, name: str, facts: Mapping[str, Any], room: int) -> Filled:
        """The layout with these facts, in at most `room` bytes of UTF-8 if it is theirs.

        Names that end in .html are escaped as HTML. Whatever a customer's template does wrong is
        the `fault`, with file and line.
        """
        fault = ""
        if self._theirs is not None:
            try:
                text = self._theirs.get_template(name).render(facts)
            except TemplateNotFound as error:
                if error.name != name:  # the layout includes a file that does not exist
                    fault = f"{self._folder}/{name}: there is no template {error.name!r}"
            except Exception as error:  # noqa: BLE001  a template may raise anything
                fault = self._say(name, error)
            else:
                size = len(text.encode())
                if size <= room:
                    return Filled(text)
                fault = f"{self._folder}/{name}: {size:,} bytes, and there is room for {room:,}"
        return Filled(self._ours.get_template(name).render(facts), fault)

    def _say(self, name: str, error: Exception) -> str:
        """The place and the error, without values, which may be a candidate's."""
        if isinstance(error, AtsbridgeError):
            return str(error)
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename or name}:{error.lineno}: {error.message}"
        file, line, at = f"{self._folder}/{name}", 0, error.__traceback__
        while at is not None:
            here = at.tb_frame.f_code.co_filename
            if here.startswith(str(self._folder)):
                file, line = here, at.tb_lineno
            at = at.tb_next
        return f"{file}:{line}: {type(error).__name__}"


def _reader(folder: Path) -> Callable[[str], tuple[str, str, Callable[[], bool]] | None]:
    """A loader that reads a customer's layouts with the bounds of all files that people write."""

    def read(template: str) -> tuple[str, str, Callable[[], bool]] | None:
        file = folder.joinpath(*split_template_path(template))
        try:
            written = file.stat().st_mtime_ns
        except OSError:
            return None
        return read_text(file), str(file), lambda: file.stat().st_mtime_ns == written

    return read


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
