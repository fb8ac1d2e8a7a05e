"""Where subjects belong: the requisition and the stage of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atsbridge.model import All, Key, Query, parents
from atsbridge.ports import SubjectStore


@dataclass(frozen=True, slots=True)
class SubjectPlace:
    """Ids of the requisition and the stage of a subject; None where it has none."""

    requisition: str | None = None
    stage: str | None = None


def find_places(
    subjects: SubjectStore, account: str, keys: Iterable[Key]
) -> Mapping[Key, SubjectPlace]:
    """The place of each subject that is stored, deleted ones included."""
    ids: dict[str, set[str]] = {}
    for key in keys:
        ids.setdefault(key.kind, set()).add(key.id)
    places: dict[Key, SubjectPlace] = {}
    for kind, its in ids.items():
        ways, stage = _requisition_paths(kind), _stage_path(kind)
        query = Query(kind, All(), (*ways, *((stage,) if stage else ())))
        for found in subjects.select(account, query, ids=sorted(its), filtered=False):
            requisition = next((one for way in ways if (one := found.facts.get(way))), None)
            places[Key(account, kind, found.id)] = SubjectPlace(
                found.id if kind == "requisition" else requisition,
                found.facts.get(stage) if stage else None,
            )
    return places


def _requisition_paths(kind: str) -> tuple[str, ...]:
    """Paths from a kind to the id of its requisition; an approval may have either of two."""
    above = parents(kind)
    ways = [above["requisition"]] if "requisition" in above else []
    if "application" in above:
        ways.append("application.requisition")
    return tuple(dict.fromkeys(ways))


def _stage_path(kind: str) -> str | None:
    above = (kind, *parents(kind))
    if "interview" in above:
        return "interview.stage"
    return "application.stage" if "application" in above else None
