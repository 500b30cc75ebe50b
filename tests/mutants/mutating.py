"""What may be changed in a module: one small mistake at a time, as people make them.

A mutation is known by its module and number; numbers follow the tree, so that they stay as long as the module does.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

import attrs

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
}  # fmt: skip


@attrs.frozen
class Mutation:
    """One change: the node's place in the tree (``number``), its line, what is done to it."""

    number: int
    line: int
    what: str


Change = Callable[[ast.AST], ast.AST]


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What may be done to a node. Sentences, docstrings and types are left alone."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        yield f"{type(node.ops[0]).__name__} turned", _operator
    if isinstance(node, ast.BoolOp):
        yield f"{type(node.op).__name__} turned", _bool
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        yield f"{type(node.op).__name__} turned", _arithmetic
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", lambda n: n.operand  # type: ignore[attr-defined]
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition always", lambda n: _condition(n, True)
        yield "condition never", lambda n: _condition(n, False)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} turned", lambda n: ast.Constant(not n.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield f"{node.value} and one", lambda n: ast.Constant(n.value + 1)  # type: ignore[attr-defined]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isascii() and node.value.strip():
        yield f"{node.value!r:.30} another word", lambda n: ast.Constant(n.value + "x")  # type: ignore[attr-defined]
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield "returns nothing", lambda n: ast.Return(ast.Constant(None))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "call left out", lambda n: ast.Pass()
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        yield "last entry left out", _shorter
    if isinstance(node, ast.Call) and node.keywords:
        yield "last keyword left out", _less


def _operator(node: ast.AST) -> ast.AST:
    node.ops[0] = SWAPPED[type(node.ops[0])]()  # type: ignore[attr-defined]
    return node


def _bool(node: ast.AST) -> ast.AST:
    node.op = SWAPPED[type(node.op)]()  # type: ignore[attr-defined]
    return node


_arithmetic = _bool


def _condition(node: ast.AST, value: bool) -> ast.AST:
    node.test = ast.Constant(value)  # type: ignore[attr-defined]
    return node


def _shorter(node: ast.AST) -> ast.AST:
    node.keys.pop()  # type: ignore[attr-defined]
    node.values.pop()  # type: ignore[attr-defined]
    return node


def _less(node: ast.AST) -> ast.AST:
    node.keywords.pop()  # type: ignore[attr-defined]
    return node


def _left_alone(tree: ast.Module) -> set[int]:
    """Nodes that say nothing to a machine: annotations, docstrings, names of exports, decorators of functions, that
    fields of a class are given by name, errors' sentences."""
    alone: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            first = node.body[0] if node.body else None
            parts += [first if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None]
        if isinstance(node, ast.FunctionDef):
            parts += [
                node.returns,
                *node.decorator_list,
                *(a.annotation for a in node.args.args + node.args.kwonlyargs),
            ]
        if isinstance(node, ast.ClassDef):
            parts += (made for made in node.decorator_list if ast.unparse(made).endswith("(kw_only=True)"))
        if isinstance(node, ast.AnnAssign):
            parts.append(node.annotation)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.append(node)  # what stands under a constant or a field, and says what it is
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            parts.append(node)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log":
                parts.append(node)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            parts.append(node)
        for part in parts:
            if part is not None:
                alone |= {id(inner) for inner in ast.walk(part)}
    return alone


def mutations(source: str) -> list[Mutation]:
    """Everything that may be changed in a module."""
    tree = ast.parse(source)
    alone = _left_alone(tree)
    found: list[Mutation] = []
    for node in ast.walk(tree):
        if id(node) in alone:
            continue
        for what, _ in _changes(node):
            found.append(Mutation(number=len(found), line=getattr(node, "lineno", 0), what=what))
    return found


def mutated(source: str, number: int) -> str:
    """The module with one change made."""
    return ast.unparse(mutant(source, number))


def mutant(source: str, number: int) -> ast.Module:
    """The same as a tree, everything in its place."""
    tree = ast.parse(source)
    alone, at = _left_alone(tree), -1
    for node in ast.walk(tree):
        if id(node) in alone:
            continue
        for _, change in _changes(node):
            at += 1
            if at == number:
                changer = _Replaced(node, change(copy.deepcopy(node)))
                changed: ast.Module = ast.fix_missing_locations(changer.visit(tree))
                return changed
    raise IndexError(number)


class _Replaced(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if node is not self._old:
            return super().generic_visit(node)
        return ast.copy_location(self._new, node) if hasattr(node, "lineno") else self._new
