"""Checks values against a model and says all that is wrong with them, in plain words.

What is right is kept: the rest of the settings can be checked in the same pass. The model may be
a plugin's, of any shape; nothing pydantic says reaches the reader.
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
_ROUNDS = 20  # each leaves out what the one before refused; nothing real needs more than four


def validated(
    model: type[M], given: Mapping[str, Any], further: Iterable[str] = ()
) -> tuple[M | None, list[Problem]]:
    """An instance made of what is right, and every mistake; None where nothing could be made.

    `further`: keys that the section may have besides the model's own, for suggestions. Keys of the
    problems start at `given`. An exception that is no ValidationError comes from a plugin's own
    code and is one problem of the whole section.
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
    """One section on its way: what is left of it, and what was wrong with it."""

    def __init__(self, model: type[M], given: dict[str, Any], further: tuple[str, ...]) -> None:
        self.model = model
        self.given = given
        self.further = further
        self.problems: list[Problem] = []
        self._refused: set[Keys] = set()
        self._filled_in: set[Keys] = set()
        self._indexes: dict[Keys, list[int]] = {}  # of lists that lost members: where each stood

    def leave_out(self, error: ValidationError) -> bool:
        """Note every mistake and take it out of what is given; False where nothing is left."""
        details = error.errors(include_url=False, include_input=False)
        branches: dict[Keys, list[Mapping[str, Any]]] = {}
        for detail in details:
            branches.setdefault(self._path(detail), []).append(detail)
        unknown = [d["loc"] for d in details if d["type"] == "extra_forbidden"]
        for path, found in branches.items():
            if path not in self._refused and not self._is_misspelt(path, found[0], unknown):
                self.problems.append(self._problem(path, found))
        done = [self._take_out(path) for path in sorted(branches, key=_backwards)]
        return all(done)

    def _path(self, detail: Mapping[str, Any]) -> Keys:
        """pydantic's path without the names of union branches; of a missing key, with it."""
        found: list[str | int] = []
        data: Any = self.given
        for part in detail["loc"]:
            if _holds(data, part):
                found.append(part)
                data = data[part]
        if detail["type"] == "missing":
            found.append(detail["loc"][-1])
        return tuple(found)

    def _is_misspelt(self, path: Keys, detail: Mapping[str, Any], unknown: list[Keys]) -> bool:
        """Whether a missing key is there under a wrong name, which is a mistake of its own."""
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
        said = list(dict.fromkeys(sentence(detail, value) for detail in found))
        what = " or ".join(self._without_secrets(one) for one in said)
        return Problem(keys, what, at_key=at_key)

    def _meant_for(self, path: Keys) -> str | None:
        """A key of an open section that looks like the one that is missing beside it."""
        beside = _at(self.given, path[:-1])
        unknown = [key for key in beside or () if key not in self._names(path[:-1])]
        return suggest(str(path[-1]), unknown)

    def _original(self, path: Keys) -> Keys:
        """The path as it stands in the file: members of lists may have been taken out before."""
        return tuple(
            self._indexes[path[:depth]][part]
            if isinstance(part, int) and path[:depth] in self._indexes
            else part
            for depth, part in enumerate(path)
        )

    def _take_out(self, path: Keys) -> bool:
        """Leave the value out. Where it was needed there, leave out what it is needed for.

        A name that is missing in a section is first filled in, so that the section's other keys
        can be checked too.
        """
        target = path
        while target and not _holds(_at(self.given, target[:-1]), target[-1]):
            target = target[:-1]
        if not target:
            return False
        self._refused.add(path)
        holder = _at(self.given, target[:-1])
        below = isinstance(holder[target[-1]], dict)
        if path != target and below and path not in self._filled_in:
            holder[target[-1]][path[-1]] = _FILLED_IN
            self._filled_in.add(path)
            return True
        if isinstance(holder, list):
            index = int(target[-1])
            kept = self._indexes.setdefault(target[:-1], list(range(len(holder))))
            del kept[index]
        del holder[target[-1]]
        return True

    def _names(self, section: Keys) -> list[str]:
        """The keys that a section may have, with the twins of secrets that name a file."""
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
        """A plugin's own sentence, cleared of every secret of the section it may repeat."""
        for name, annotation in fields_of(self.model).items():
            value = str(self.given.get(name) or "")
            if value and is_secret(annotation):
                text = text.replace(value, "***")
        return text


def within(problems: Iterable[Problem], keys: Keys) -> Iterator[Problem]:
    """The problems of a section, with their keys from the top of the file."""
    for problem in problems:
        yield replace(problem, keys=(*keys, *problem.keys))


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """The keys of a section -> their types; a key is called as it is written."""
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
    """The model of the section that a path leads to; None where it is no section."""
    found: Any = annotation_at(model, path)
    models = list(_models(found))
    return models[0] if models else None


def annotation_at(model: type[BaseModel], path: Keys) -> Any:
    """The type of what a path leads to; None where the model does not know it."""
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
    """The models that an annotation names; `deep`: in its arguments, too."""
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
