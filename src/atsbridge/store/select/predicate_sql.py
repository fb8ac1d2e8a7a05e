"""Three-valued conditions in SQL: one column expression for each node of a condition tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import Grouping

from atsbridge.model import (
    OTHER_TERM,
    RELATIVE,
    All,
    AnyOf,
    Condition,
    Field,
    FieldType,
    Operator,
    Where,
)
from atsbridge.store.database import encode
from atsbridge.store.select.query_shape import NAMED, StandIn

Expression = ColumnElement[bool]
_UNKNOWN = cast(null(), Boolean)
# NULL without further SQL; written plainly, so that a partial index matches them.
_NULL_BY_ITSELF = frozenset(
    {
        Operator.EQ,
        Operator.GT,
        Operator.GTE,
        Operator.LT,
        Operator.LTE,
    }
)
_EVALUATED = RELATIVE | {Operator.CONTAINS, Operator.LIKE}


@dataclass(frozen=True, slots=True)
class Operand:
    """A path as SQL.

    `doubtful`: if this holds, the value is unknown, whatever it is. `fact`: NULL is a fact, so a
    condition on the value is never unknown because of it.
    """

    field: Field
    column: ColumnElement[Any]
    fact: bool
    readable: bool = True
    doubtful: Expression | None = None

    @property
    def certain(self) -> bool:
        """Whether no condition on it can be unknown."""
        return self.fact and self.readable and self.doubtful is None


Find = Callable[[str], Operand]


def conjuncts(where: Where) -> Iterator[Where]:
    """The parts that must all hold; nested `all`s are flattened."""
    if isinstance(where, All):
        for part in where.parts:
            yield from conjuncts(part)
    else:
        yield where


def _undecided(node: Condition) -> bool:
    """Whether only the evaluation can decide the condition: SQL calls it unknown and finds the
    subject.

    Each database folds case and reads JSON in its own way, and only the evaluation knows the time.
    """
    return bool(node.key) or node.operator in _EVALUATED


def filters(where: Where, find: Find, sqlite: bool) -> tuple[list[Expression], list[Expression]]:
    """(condition that a row must meet, condition under which that is unknown).

    A condition that cannot be unknown is compiled plainly, so that indexes can be used.
    """
    must: list[Expression] = []
    unknown: list[Expression] = []
    for part in conjuncts(where):
        tree = _Tree(find, sqlite)
        if isinstance(part, Condition) and not _undecided(part) and find(part.path).certain:
            must.append(tree.plain(part))
            continue
        value = tree.truth(part)
        if tree.certain:
            must.append(value)
        else:
            value = Grouping(value)  # NOT binds looser than IS
            must.append(value.is_not(false()))
            unknown.append(value.is_(null()))
    return must, unknown


class _Tree:
    """One conjunct. Its value is TRUE, FALSE or NULL in Kleene's three-valued logic."""

    def __init__(self, find: Find, sqlite: bool) -> None:
        self._find = find
        self._sqlite = sqlite
        self.certain = True

    def truth(self, node: Where) -> Expression:
        if isinstance(node, Condition):
            return self._condition(node)
        parts = [self.truth(part) for part in node.parts]
        if isinstance(node, All):
            return and_(true(), *parts)
        if isinstance(node, AnyOf):
            return or_(false(), *parts)
        return not_(or_(false(), *parts))

    def _condition(self, node: Condition) -> Expression:
        operand = self._find(node.path)
        undecided = _undecided(node)
        self.certain = self.certain and operand.certain and not undecided
        if not operand.readable:
            return _UNKNOWN
        value = _UNKNOWN if undecided else self._known(node, operand)
        if operand.fact:
            when_null = node.operator in (Operator.NOT_IN, Operator.NONE_OF, Operator.UNSET)
            value = case(
                (operand.column.is_(null()), true() if when_null else false()), else_=value
            )
        elif node.operator not in _NULL_BY_ITSELF:
            value = case((operand.column.is_(null()), _UNKNOWN), else_=value)
        if operand.doubtful is not None:
            value = case((operand.doubtful, _UNKNOWN), else_=value)
        return value

    def plain(self, node: Condition) -> Expression:
        """TRUE, or FALSE or NULL: enough for a WHERE on a fact."""
        operand = self._find(node.path)
        value = self._known(node, operand)
        if node.operator in (Operator.NOT_IN, Operator.NONE_OF):
            return or_(operand.column.is_(null()), value)
        return value

    def _known(self, node: Condition, operand: Operand) -> Expression:
        """The comparison, for a value that is not NULL."""
        column, field, operator = operand.column, operand.field, node.operator
        if operator is Operator.SET:
            return column.is_not(null())
        if operator is Operator.UNSET:
            return column.is_(null())
        if operator in (Operator.IN, Operator.NOT_IN, Operator.ANY_OF, Operator.NONE_OF):
            among = _without_unknown_terms(node, operand, self._among(column, field, node.value))
            return among if operator in (Operator.IN, Operator.ANY_OF) else not_(among)
        if operator is Operator.EQ:
            return _without_unknown_terms(node, operand, _equal(column, field, node.value))
        wanted = _wanted(column, field, node.value)
        compare: dict[Operator, Callable[[], Expression]] = {
            Operator.GT: lambda: column > wanted,
            Operator.GTE: lambda: column >= wanted,
            Operator.LT: lambda: column < wanted,
            Operator.LTE: lambda: column <= wanted,
        }
        compared: Expression = compare[operator]()
        return compared

    def _among(self, column: ColumnElement[Any], field: Field, values: Any) -> Expression:
        if field.type is FieldType.REF:
            return self._one_of(column, values)
        if field.type is not FieldType.LIST:
            return or_(false(), *(_equal(column, field, value) for value in values))
        if self._sqlite:
            items = func.json_each(column).table_valued("value")
        else:
            from sqlalchemy.dialects.postgresql import JSONB

            items = func.jsonb_array_elements_text(cast(column, JSONB)).table_valued("value")
        held: Select[Any] = select(literal_column("1")).where(items.c.value.in_(list(values)))
        return exists(held)

    def _one_of(self, column: ColumnElement[Any], ids: Any) -> Expression:
        """Whether the column holds one of the ids, which may be many: one parameter for all."""
        if self._sqlite:
            return column.in_(bindparam("named", expanding=True) if ids is NAMED else list(ids))
        from sqlalchemy.dialects.postgresql import ARRAY

        kind = ARRAY(Text)
        named = bindparam("named", type_=kind) if ids is NAMED else literal(list(ids), kind)
        return column == any_(named)


def _wanted(column: ColumnElement[Any], field: Field, value: Any) -> Any:
    """What the column is compared with."""
    if isinstance(value, StandIn):
        form = "ms" if field.type is FieldType.INSTANT else "text"
        return value.parameter(form, column.type)
    return encode(field, value)


def _without_unknown_terms(node: Condition, operand: Operand, value: Expression) -> Expression:
    """The comparison, NULL where it is false of a term that nobody knows.

    Written out and unchanged: the partial index of live applications has the same condition.
    """
    asked = node.value if isinstance(node.value, tuple) else (node.value,)
    if not operand.field.decisive or "other" in asked:
        return value
    ats_term = func.substr(operand.column, literal_column("1"), literal_column("6"))
    return or_(value, and_(ats_term == literal_column(f"'{OTHER_TERM}'"), null()))


def _equal(column: ColumnElement[Any], field: Field, value: Any) -> Expression:
    stored = encode(field, value)
    same: Expression = column == stored
    if field.type is FieldType.ENUM and stored in field.values:
        # Written out: a partial index is used only for the same text.
        same = column == literal_column(f"'{stored}'")
        if stored == "other":
            same = or_(same, column.like(f"{OTHER_TERM}%"))
    return same
