"""What a connector has to offer that cannot write and cannot ask for single records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from atsbridge.api import CheckResult, FatalError, Key, Mark, Note, Page, Receipt, Stream


class ReadOnlyConnector:
    """The parts of a connector that have nothing to do for exports."""

    name: str

    def check_write(self, capability: str) -> CheckResult:
        """Exports cannot be written to."""
        return CheckResult(f"write {capability}", good=False, detail="exports are read only")

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """FatalError: a record of an export cannot be asked for by itself."""
        del ids
        raise FatalError(
            f"an export cannot be asked for one {kind}",
            where=self.name,
            remedy="The next run reads the whole export",
        )

    def write_note(self, note: Note) -> Receipt:
        """FatalError: exports are read only."""
        raise self._read_only(str(note.subject))

    def find_note(self, note: Note) -> Receipt | None:
        """None: exports have no notes."""
        del note
        return None

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """FatalError: exports are read only."""
        del mark
        raise self._read_only(str(record))

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """FatalError: exports are read only."""
        del mark
        raise self._read_only(str(record))

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """None: exports have no tags that atsbridge could add."""
        del record, mark
        return None

    def _read_only(self, where: str) -> FatalError:
        remedy = f"Take everything out of write of account {self.name}"
        return FatalError("an export cannot be written to", where=where, remedy=remedy)
