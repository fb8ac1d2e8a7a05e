"""The settings of an account that reads exports: where they are, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from atsbridge_files.mappable_columns import mappable_columns

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _as_tuple(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


Headers = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class ColumnSource(BaseModel):
    """Where the value of one column comes from.

    `header`: the header of the export; of several, the first that the file has. `value`: the same
    for every row. `template`: text with headers in braces ("https://ats.example/{ID}"). `key`: for
    a reference: the headers that are the `key` of the record it names. `by`: a reference holds the
    e-mail address or the name of the record, not its id. `dates`: the formats of its dates, as
    `strptime` takes them. `split`: what separates several values in one cell.
    """

    model_config = _STRICT

    header: Headers = ()
    value: str | None = None
    template: str = ""
    key: Headers = ()
    by: Literal["", "email", "name"] = ""
    dates: Headers = ()
    split: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnSource:
        given = [bool(self.header), self.value is not None, bool(self.template), bool(self.key)]
        if sum(given) != 1:
            raise ValueError("write one of header, value, template and key")
        return self


def _as_source(given: Any) -> Any:
    return {"header": given} if isinstance(given, str | list | tuple) else given


class RecordMap(BaseModel):
    """How the rows of a table become records of one kind.

    `id`: the header of the vendor's own id. `key`: without one, the headers that together name a
    record; the id is then a hash of their cells. `complete`: a record that the table no longer
    shows was deleted. `columns`: column -> its source. `values`: column -> the term of the export
    -> the term of atsbridge.
    """

    model_config = _STRICT

    id: Headers = ()
    key: Headers = ()
    complete: bool = False
    columns: dict[str, Annotated[ColumnSource, BeforeValidator(_as_source)]] = Field(
        default_factory=dict
    )
    values: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named(self) -> RecordMap:
        if bool(self.id) == bool(self.key):
            raise ValueError("write id (a header) or key (headers that together name a record)")
        if stray := sorted(self.values.keys() - self.columns.keys()):
            raise ValueError(f"values has {stray[0]}, which columns does not fill")
        return self


class TableSettings(BaseModel):
    """One export: its files, and the kinds of record that its rows fill.

    `files`: a name or pattern below `folder`, or a path below `base_url`. `take`: of several files
    that match, the one whose name sorts last, or all. `encoding` and `delimiter`: found by
    themselves if they are left out. `rows`: the member of a JSON file that holds its rows. `sheet`:
    the sheet of an Excel workbook, needed if it has several.
    """

    model_config = _STRICT

    files: str
    take: Literal["latest", "all"] = "latest"
    encoding: str = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    rows: str = ""
    sheet: str = ""
    user: RecordMap | None = None
    office: RecordMap | None = None
    department: RecordMap | None = None
    requisition: RecordMap | None = None
    opening: RecordMap | None = None
    team_member: RecordMap | None = None
    stage: RecordMap | None = None
    reason: RecordMap | None = None
    application: RecordMap | None = None
    stage_stay: RecordMap | None = None
    interview: RecordMap | None = None
    seat: RecordMap | None = None
    scorecard: RecordMap | None = None
    offer: RecordMap | None = None
    approval: RecordMap | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError("write an encoding such as utf-8, utf-16 or cp1252") from None
        return value

    @model_validator(mode="after")
    def _mapped(self) -> TableSettings:
        if not self.records:
            raise ValueError("map at least one kind of record, such as application")
        for kind, record in self.records.items():
            known = mappable_columns(kind)
            if unknown := next((one for one in record.columns if one not in known), ""):
                raise ValueError(f"{kind} has no column {unknown}; it has: {', '.join(known)}")
        return self

    @property
    def records(self) -> Mapping[str, RecordMap]:
        """The kinds that are mapped, in the order of the catalog."""
        return dict(self._records())

    def _records(self) -> Iterator[tuple[str, RecordMap]]:
        for name in type(self).model_fields:
            found = getattr(self, name)
            if isinstance(found, RecordMap):
                yield name, found


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("write a time zone such as Europe/Berlin") from None
    return name


class FilesSettings(BaseModel):
    """`folder`: of the exports, from the folder of the settings on. `base_url`: an address in its
    place. `dates_timezone`: of dates that name none. `settle`: seconds for which a file must not
    have changed. `max_age_hours`: an older file is not read, and what it tells becomes unknown:
    whoever acted since must not be reminded. `decimal`: what separates decimals in numbers.
    """

    model_config = _STRICT

    folder: str = Field(default="", json_schema_extra={"ask": True})
    base_url: str = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    dates_timezone: Annotated[str, AfterValidator(_zone)]
    decimal: Literal[".", ","] = "."
    settle: float = Field(default=10.0, ge=0, le=3600)
    max_age_hours: float = Field(default=26.0, gt=0, le=24 * 366)
    max_file: int = Field(default=2 * 2**30, ge=1, le=2**40)  # bytes
    tables: dict[str, TableSettings] = Field(default_factory=dict)

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        sound = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if value and not (sound and parts.hostname):
            raise ValueError("write an address such as https://reports.example/acme")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_place(self) -> FilesSettings:
        if bool(self.folder) == bool(self.base_url):
            raise ValueError("write folder or base_url")
        return self

    @model_validator(mode="after")
    def _no_column_twice(self) -> FilesSettings:
        seen: dict[str, tuple[str, set[str]]] = {}
        for name, table in self.tables.items():
            for kind, record in table.records.items():
                mine = set(record.columns)
                other, theirs = seen.setdefault(kind, (name, mine))
                if mine != theirs and (both := sorted(mine & theirs)):
                    raise ValueError(
                        f"tables {other} and {name} both fill {kind}.{both[0]}: let them fill the"
                        " same columns of it, or different ones"
                    )
        return self
