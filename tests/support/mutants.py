"""Small changes of a function's source, as slips of the pen make them."""

import ast
import copy
from collections.abc import Iterator

OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
OTHER |= {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.GtE: ast.Lt}


def mutants(source: str) -> list[tuple[str, str]]:
    """What is changed, and the source with it: axes, signs, terms, constants, variables."""
    tree, found = ast.parse(source), {}
    first = tree.body[0].body[0]
    docstring = first.value if isinstance(first, ast.Expr) else None
    names = [arg.arg for arg in tree.body[0].args.args]
    places = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    stored = {n.id for n in places if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names += sorted(stored - {*names})
    kinds = {id(n.value) for n in places if isinstance(n, ast.Attribute) and n.attr == "dtype"}
    for node in places:
        if id(node) in kinds or node is docstring:  # whose dtype it is changes no value
            continue
        for other in _changes(node, names):
            # What is remembered as this node's copy takes its place.
            changed = ast.unparse(copy.deepcopy(tree, {id(node): other}))
            if changed != ast.unparse(tree):
                found.setdefault(changed, f"{ast.unparse(node)} → {ast.unparse(other)}")
    return [(what, changed) for changed, what in found.items()]


def _changes(node: ast.expr, names: list[str]) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, op, right):
            yield left
            if isinstance(op, (ast.Add, ast.Sub)):
                yield right
            if type(op) in OTHER:
                yield ast.BinOp(left, OTHER[type(op)](), right)
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.UnaryOp(ast.USub(), ast.Constant(value)):  # an axis, most often
            yield from (ast.Constant(other) for other in (0, 1) if other != -value)
        case ast.Compare(left, [op], [right]) if type(op) in OTHER:
            yield ast.Compare(left, [OTHER[type(op)]()], [right])
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            yield from (ast.Constant(other) for other in (value + 1, value - 1, 2 * value))
        case ast.Call(ast.Attribute(value), args) if not (args or node.keywords):
            yield value  # .exp(), .log(), .sqrt(), ... forgotten
        case ast.Name(name, ast.Load()) if name in names:
            yield from (ast.Name(other, ast.Load()) for other in names if other != name)
