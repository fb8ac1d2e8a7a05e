"""Find the wanted headers among those of an export."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from atsbridge.api import FatalError
from atsbridge_files.export_text import refuse

_SHOWN = 12  # headers in an error


def plain_header(header: str) -> str:
    """The header without case, accents, signs at its ends and repeated spaces."""
    text = unicodedata.normalize("NFKD", header.replace("\ufeff", ""))
    kept = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(kept.casefold().replace("_", " ").split()).strip(" *:")


@dataclass(frozen=True, slots=True)
class HeaderSearch:
    """The headers whose cells are wanted, in order; each with the other names it may have.

    `identity`: positions of those without which a row has no id.
    """

    wanted: tuple[tuple[str, ...], ...]
    identity: frozenset[int] = frozenset()

    def missing(self, headers: Sequence[str]) -> list[tuple[str, ...]]:
        """The wanted headers that are not among these."""
        known = {plain_header(one) for one in headers}
        return [
            names for names in self.wanted if not any(plain_header(name) in known for name in names)
        ]

    def check_identity(self, headers: Sequence[str], where: str) -> None:
        """FatalError if one is missing that names the records. JSON may leave out other ones."""
        needed = HeaderSearch(tuple(self.wanted[at] for at in sorted(self.identity)))
        if needed.missing(headers):
            raise needed.refusal(headers, where)

    def refusal(self, headers: Sequence[str], where: str) -> FatalError:
        """The error that names the missing headers and the nearest ones that are there."""
        missing = self.missing(headers)
        if len(missing) == len(self.wanted):  # it may have no header, and hold people in its place
            what = (
                f'no line at its beginning has the column "{missing[0][0]}" or another wanted one'
            )
            return refuse(what, where, "Is it the right file, with the right delimiter?")
        plain = {plain_header(one): one.strip() for one in headers if one.strip()}
        parts = []
        for names in missing[:5]:
            near = get_close_matches(plain_header(names[0]), plain, 1, 0.6)
            meant = f' (is it now "{plain[near[0]]}"?)' if near else ""
            parts.append(f'"{names[0]}"{meant}')
        shown = ", ".join(f'"{one}"' for one in list(plain.values())[:_SHOWN])
        return refuse(
            f"this export has no column {', '.join(parts)}",
            where,
            f"Its columns: {shown}. Correct the export, or the table of this account",
        )

    def places(self, headers: Sequence[str], where: str) -> tuple[int, ...]:
        """The position of each wanted header. FatalError if one stands there twice."""
        known: dict[str, list[int]] = {}
        for at, header in enumerate(headers):
            known.setdefault(plain_header(header), []).append(at)
        found = []
        for names in self.wanted:
            name = next(one for one in names if plain_header(one) in known)
            places = known[plain_header(name)]
            if len(places) > 1:
                what = f'two columns are called "{name}" (columns {places[0] + 1} and'
                raise refuse(f"{what} {places[1] + 1})", where, "Rename one of them in the export")
            found.append(places[0])
        return tuple(found)

    def names(self, headers: Sequence[str]) -> tuple[str, ...]:
        """The name under which each wanted header is there; of one that is not, its first."""
        known = {plain_header(one): one for one in headers}
        return tuple(
            next((known[p] for p in map(plain_header, names) if p in known), names[0])
            for names in self.wanted
        )
