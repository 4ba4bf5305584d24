"""Compile a type into the nodes that read it."""

import types
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from balcao.base.errors import FieldErrors
from balcao.doors.wire.leaves import Check, sound_decimal
from balcao.doors.wire.nodes import Anything, Choice, Entries, Items, Leaf, Node, blame, join
from balcao.doors.wire.shapes import ANY_DECIMAL, Bounds

_SEQUENCES = (list, set, frozenset, tuple)
_ANYTHING = Anything(sound_decimal(ANY_DECIMAL))


class Fields:
    """A struct: its fields by their documented names."""

    def __init__(self, struct: Any) -> None:
        self._struct = struct
        self.origin: type = get_origin(struct) or struct
        self.nodes: dict[str, Node] = {}
        """By documented name; filled after the node is known, so that a struct may hold itself."""
        self._filled = False
        self._required: list[str] = []
        self._never_null: set[str] = set()
        self._spelling: dict[str, str] = {}
        self._checks: list[tuple[str, Check]] = []
        self._decimals: set[str] = set()

    def fill(self, seen: dict[Any, Node]) -> None:
        """Compile the fields; `seen` has the structs met so far."""
        for field in msgspec.structs.fields(self._struct):
            self._fill_field(field, _compile(field.type, seen))
        for alias, name in getattr(self.origin, "__aliases__", {}).items():
            self._spelling[alias.lower()] = self._spelling[name.lower()]
        if (tag := self.config.tag_field) is not None:
            self._spelling[tag.lower()] = tag
        self._filled = True

    def _fill_field(self, field: Any, node: Node) -> None:
        self.nodes[field.encode_name] = node
        self._spelling[field.encode_name.lower()] = field.encode_name
        if field.required:
            self._required.append(field.encode_name)
        elif not _takes_null(field.type):
            self._never_null.add(field.encode_name)
        # A null needs no look, so the one member of an optional field may be asked straight away.
        looked = node.lone if isinstance(node, Choice) and node.lone is not None else node
        if looked.check is not None:
            self._checks.append((field.name, looked.check))
            if isinstance(looked, Leaf) and looked.is_decimal:
                self._decimals.add(field.name)

    @property
    def config(self) -> Any:
        """msgspec's settings of the struct."""
        return self.origin.__struct_config__  # type: ignore[attr-defined]

    @property
    def check(self) -> Check | None:
        """None only once it is known that no field needs a look."""
        return self._check if self._checks or not self._filled else None

    def _check(self, value: Any) -> bool:
        for name, check in self._checks:
            inner = getattr(value, name)
            if inner is not None and inner is not msgspec.UNSET and not check(inner):
                return False
        return True

    def check_all(self, values: Sequence[Any]) -> bool:
        """What `check` says of each of them: of an amount that many of them have, once."""
        for name, check in self._checks:
            column: Collection[Any] = [
                inner for value in values if (inner := getattr(value, name)) is not None and inner is not msgspec.UNSET
            ]
            if name in self._decimals:  # told apart as text: a decimal with decimals takes five times as long to hash
                column = dict(zip(map(str, column), column, strict=True)).values()
            if not all(map(check, column)):
                return False
        return True

    def tidy(self, value: Any) -> Any:
        """Documented names in place of any casing and alias; unknown names are dropped; the last of two wins.

        A null where the field has a default and takes none is as good as nothing: many clients write every field.
        """
        if not isinstance(value, dict):
            return value
        tidied: dict[str, Any] = {}
        spelling, nodes = self._spelling, self.nodes
        for key, inner in value.items():
            name = key if key in nodes else spelling.get(key.lower())
            if name is None or (inner is None and name in self._never_null):
                continue
            node = nodes.get(name)
            tidied[name] = inner if node is None else node.tidy(inner)
        return tidied

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """Every missing and every wrong field; then what the struct itself says (`__post_init__`)."""
        if not isinstance(value, dict):
            return blame(errors, path, f"must be an object, not {_kind_of(value)}")
        before = len(errors)
        for name in self._required:
            if name not in value:
                blame(errors, join(path, name), "is required")
        for name, inner in value.items():
            if name in self.nodes:
                self.nodes[name].explain(inner, join(path, name), errors)
        if len(errors) == before:
            self._explain_whole(value, path, errors)
        return None

    def _explain_whole(self, value: Any, path: str, errors: FieldErrors) -> None:
        try:
            msgspec.convert(value, self._struct)
        except (ValueError, ArithmeticError) as error:
            blame(errors, path, str(error).split(" - at `", maxsplit=1)[0])


def compile_type(annotation: Any) -> Node:
    """The nodes of a type: structs, lists, sets, dicts, unions, and everything else that msgspec reads."""
    return _compile(annotation, {})


def _compile(annotation: Any, seen: dict[Any, Node]) -> Node:
    bare, bounds = unwrap(annotation)
    origin = get_origin(bare) or bare
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return _compile_struct(bare, seen)
    if origin in (Union, types.UnionType):
        return _compile_union(annotation, get_args(bare), seen)
    args = get_args(bare)
    if origin in _SEQUENCES and (len(args) == 1 or args[1:] == (Ellipsis,)):
        return Items(annotation, _limited(annotation, list[Any]), _compile(args[0], seen))
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(args) == 2:
        return Entries(annotation, _limited(annotation, dict[str, Any]), _compile(args[1], seen))
    if origin in (Any, object, dict, list):
        return _ANYTHING
    return Leaf(annotation, bare, bounds if bare is Decimal else None)


def _compile_struct(struct: Any, seen: dict[Any, Node]) -> Node:
    if struct not in seen:
        seen[struct] = node = Fields(struct)
        node.fill(seen)
    return seen[struct]


def _compile_union(annotation: Any, members: tuple[Any, ...], seen: dict[Any, Node]) -> Node:
    real = tuple(member for member in members if member is not msgspec.UnsetType)
    if len(real) < len(members):
        annotation = Union[real]  # noqa: UP007 - built at run time
    nodes = {member: _compile(member, seen) for member in real if member is not type(None)}
    choice = Choice(Leaf(annotation, None, None), list(nodes.values()), nullable=type(None) in real)
    for member, node in nodes.items():
        choice.branches.update(dict.fromkeys(_json_kinds(member, node), node))
        if node.check is not None:
            choice.checks.update(dict.fromkeys(_python_kinds(member, node), node.check))
    structs = [node for node in nodes.values() if isinstance(node, Fields)]
    if len(structs) > 1:
        choice.branches[dict] = Tagged(structs)
    return choice


class Tagged:
    """A union of structs told apart by their tag field."""

    check = None

    def __init__(self, structs: Sequence[Fields]) -> None:
        configs = [(node, node.config) for node in structs]
        self._field: str = configs[0][1].tag_field
        self._by_tag = {config.tag: node for node, config in configs}

    def tidy(self, value: Any) -> Any:
        """As the struct does that the tag names."""
        node = self._by_tag.get(self._tag(value))
        return value if node is None else node.tidy(value)

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """As the struct does that the tag names."""
        node = self._by_tag.get(self._tag(value))
        if node is not None:
            return node.explain(value, path, errors)
        return blame(errors, join(path, self._field), f"must be one of {', '.join(map(str, self._by_tag))}")

    def _tag(self, value: Any) -> Any:
        tags = [tag for key, tag in value.items() if key.lower() == self._field.lower()]
        return tags[-1] if tags and isinstance(tags[-1], str | int) else None


def unwrap(annotation: Any) -> tuple[Any, Bounds]:
    """A type without `Annotated` and `NewType` around it, and the bounds that they set."""
    bounds = ANY_DECIMAL
    while True:
        if get_origin(annotation) is Annotated:
            for meta in annotation.__metadata__:
                bounds = (getattr(meta, "extra", None) or {}).get("bounds", bounds)
            annotation = annotation.__origin__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation, bounds


def _limited(annotation: Any, bare: Any) -> Any:
    """The annotation's own limits (its length) around elements of any kind."""
    for limit in getattr(annotation, "__metadata__", ()):
        if isinstance(limit, msgspec.Meta):
            bare = Annotated[bare, limit]
    return bare


def _takes_null(annotation: Any) -> bool:
    bare, _ = unwrap(annotation)
    if get_origin(bare) in (Union, types.UnionType):
        return any(_takes_null(member) for member in get_args(bare))
    return bare in (None, type(None), Any, object)


def _json_kinds(member: Any, node: Node) -> list[type]:
    if isinstance(node, Fields | Entries):
        return [dict]
    if isinstance(node, Items):
        return [list]
    if isinstance(node, Anything):
        return [dict, list]
    bare = unwrap(member)[0]
    return [Decimal] if bare is int else [str] if bare is datetime else []


def _python_kinds(member: Any, node: Node) -> list[type]:
    if isinstance(node, Fields):
        return [node.origin]
    if isinstance(node, Anything):
        return [dict, list, int, Decimal]
    bare = unwrap(member)[0]
    return [get_origin(bare) or bare]


def _kind_of(value: Any) -> str:
    kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
