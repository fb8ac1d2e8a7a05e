"""Validates values against a pydantic model and reports every error in plain English.

Valid values are kept, so that the other settings can be checked in the same pass. The model may
belong to a plugin. pydantic's own messages are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from atsbridge.model import did_you_mean, suggest
from atsbridge.settings.pydantic_messages import sentence
from atsbridge.settings.setting_errors import Problem
from atsbridge.settings.toml_positions import Keys

M = TypeVar("M", bound=BaseModel)
_FILLED_IN = "?"
_ROUNDS = 20  # each round removes refused values; four are enough in practice


def validated(
    model: type[M], given: Mapping[str, Any], further: Iterable[str] = ()
) -> tuple[M | None, list[Problem]]:
    """An instance from the valid values (None if impossible), and every problem.

    `further`: more valid keys of the section, for suggestions. Keys of the problems start at
    `given`. An exception other than ValidationError comes from a plugin and is one problem of the
    section.
    """
    check = _Check(model, _copied(given), tuple(further))
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(check.given), check.problems
        except ValidationError as error:
            if not check.leave_out(error):
                break
        except Exception as error:  # noqa: BLE001  a validator of a plugin may raise anything
            what = f"these settings could not be checked: the plugin raised {type(error).__name__}"
            check.problems.append(Problem((), what, "Report it to the author of the plugin"))
            break
    return None, check.problems


class _Check(Generic[M]):
    """One section during validation: its remaining values, and the problems found."""

    def __init__(self, model: type[M], given: dict[str, Any], further: tuple[str, ...]) -> None:
        self.model = model
        self.given = given
        self.further = further
        self.problems: list[Problem] = []
        self._refused: set[Keys] = set()
        self._filled_in: set[Keys] = set()
        self._indexes: dict[
            Keys, list[int]
        ] = {}  # of lists that lost members: their original positions

    def leave_out(self, error: ValidationError) -> bool:
        """Note every problem and remove its value; False if nothing is left."""
        details = error.errors(include_url=False, include_input=False)
        branches: dict[Keys, list[Mapping[str, Any]]] = {}
        for detail in details:
            branches.setdefault(self._path(detail), []).append(detail)
        unknown = [d["loc"] for d in details if d["type"] == "extra_forbidden"]
        for path, found in branches.items():
            if path not in self._refused and not self._is_misspelled(path, found[0], unknown):
                self.problems.append(self._problem(path, found))
        done = [self._take_out(path) for path in sorted(branches, key=_backwards)]
        return all(done)

    def _path(self, detail: Mapping[str, Any]) -> Keys:
        """pydantic's path without union branches; for a missing key, including the key."""
        found: list[str | int] = []
        data: Any = self.given
        for part in detail["loc"]:
            if _holds(data, part):
                found.append(part)
                data = data[part]
        if detail["type"] == "missing":
            found.append(detail["loc"][-1])
        return tuple(found)

    def _is_misspelled(self, path: Keys, detail: Mapping[str, Any], unknown: list[Keys]) -> bool:
        """Whether a missing key is present under a misspelled name, which is reported itself."""
        if detail["type"] != "missing":
            return False
        beside = [str(loc[-1]) for loc in unknown if loc[:-1] == path[:-1]]
        names = self._names(path[:-1])
        return any(suggest(key, names) == path[-1] for key in beside)

    def _problem(self, path: Keys, found: list[Mapping[str, Any]]) -> Problem:
        keys = self._original(path)
        value = None if self._is_secret(path) else _at(self.given, path)
        kinds = {detail["type"] for detail in found}
        if "extra_forbidden" in kinds:
            known = [*self._names(path[:-1]), *(self.further if len(path) == 1 else ())]
            return Problem(keys, "unknown key", did_you_mean(str(path[-1]), known), at_key=True)
        if "missing" in kinds and (wrong := self._meant_for(path)):
            remedy = f'Did you mean "{path[-1]}"?'
            return Problem((*keys[:-1], wrong), "unknown key", remedy, at_key=True)
        at_key = any(detail["loc"][-1:] == ("[key]",) for detail in found)
        sentences = list(dict.fromkeys(sentence(detail, value) for detail in found))
        what = " or ".join(self._without_secrets(one) for one in sentences)
        return Problem(keys, what, at_key=at_key)

    def _meant_for(self, path: Keys) -> str | None:
        """An unknown key of an open section that looks like the missing one."""
        beside = _at(self.given, path[:-1])
        unknown = [key for key in beside or () if key not in self._names(path[:-1])]
        return suggest(str(path[-1]), unknown)

    def _original(self, path: Keys) -> Keys:
        """The path in the file; members of lists may have been removed before."""
        return tuple(
            self._indexes[path[:depth]][part]
            if isinstance(part, int) and path[:depth] in self._indexes
            else part
            for depth, part in enumerate(path)
        )

    def _take_out(self, path: Keys) -> bool:
        """Remove the value, or the section that needs it.

        A missing key of a section is first filled in, so that the section's other keys can be
        checked.
        """
        target = path
        while target and not _holds(_at(self.given, target[:-1]), target[-1]):
            target = target[:-1]
        if not target:
            return False
        self._refused.add(path)
        container = _at(self.given, target[:-1])
        below = isinstance(container[target[-1]], dict)
        if path != target and below and path not in self._filled_in:
            container[target[-1]][path[-1]] = _FILLED_IN
            self._filled_in.add(path)
            return True
        if isinstance(container, list):
            index = int(target[-1])
            kept = self._indexes.setdefault(target[:-1], list(range(len(container))))
            del kept[index]
        del container[target[-1]]
        return True

    def _names(self, section: Keys) -> list[str]:
        """The valid keys of a section, with the _file variants of secrets."""
        model = model_at(self.model, section)
        if model is None:
            return []
        fields = fields_of(model)
        twins = [f"{name}_file" for name, annotation in fields.items() if is_secret(annotation)]
        return list(dict.fromkeys([*fields, *twins]))

    def _is_secret(self, path: Keys) -> bool:
        model = model_at(self.model, path[:-1])
        if model is None or not path:
            return False
        return is_secret(fields_of(model).get(str(path[-1])))

    def _without_secrets(self, text: str) -> str:
        """A plugin's own sentence, with every secret of the section removed."""
        for name, annotation in fields_of(self.model).items():
            value = str(self.given.get(name) or "")
            if value and is_secret(annotation):
                text = text.replace(value, "***")
        return text


def within(problems: Iterable[Problem], keys: Keys) -> Iterator[Problem]:
    """The problems of a section, with keys from the top of the file."""
    for problem in problems:
        yield replace(problem, keys=(*keys, *problem.keys))


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """Key as written in the file -> its type."""
    return {
        info.validation_alias if isinstance(info.validation_alias, str) else name: info.annotation
        for name, info in model.model_fields.items()
    }


def is_secret(annotation: Any) -> bool:
    """Whether a field of this type holds a secret."""
    if annotation in (SecretStr, SecretBytes):
        return True
    return any(is_secret(inner) for inner in get_args(annotation))


def model_at(model: type[BaseModel], path: Keys) -> type[BaseModel] | None:
    """The model of the section at a path; None if it is not a section."""
    found: Any = annotation_at(model, path)
    models = list(_models(found))
    return models[0] if models else None


def annotation_at(model: type[BaseModel], path: Keys) -> Any:
    """The type at a path; None if the model does not know it."""
    found: Any = model
    for part in path:
        models = list(_models(found, deep=False))
        if models:
            found = fields_of(models[0]).get(str(part))
        else:
            arguments = [one for one in get_args(found) if one not in (type(None), Ellipsis)]
            found = arguments[-1] if arguments else None
    return found


def _models(annotation: Any, *, deep: bool = True) -> Iterator[type[BaseModel]]:
    """The models in an annotation; `deep`: also in its arguments."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif deep:
        for inner in get_args(annotation):
            yield from _models(inner)


def _holds(data: Any, part: Any) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _at(data: Any, path: Keys) -> Any:
    for part in path:
        if not _holds(data, part):
            return None
        data = data[part]
    return data


def _backwards(path: Keys) -> tuple[Any, ...]:
    """Deeper paths first, later members of a list before earlier ones."""
    return (-len(path), *(-part for part in path if isinstance(part, int)))


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
