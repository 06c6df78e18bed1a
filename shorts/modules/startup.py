"""What a module does when it is imported, as far as its source alone tells."""

import ast
from collections.abc import Iterable, Iterator

import msgspec

# With one of these, a module may define names that its source does not show.
_DYNAMIC = frozenset("globals exec eval vars setattr modules __getattr__ __dict__".split())


class Startup(msgspec.Struct, frozen=True, kw_only=True):
    """The import of one module.

    Attributes:
        names: what it defines at its top; None where that cannot be told from the source.
        imports: the dotted names that it always imports: outside functions, conditions
            and ``try``. Those of ``from`` may be modules or names in one.
    """

    names: frozenset[str] | None
    imports: list[str]


def read(source: bytes, module: str, *, package: bool) -> Startup | None:
    """Return what a module does; None where this interpreter's Python cannot parse it.

    Args:
        source: the file's bytes.
        module: its dotted name.
        package: whether it is a package's ``__init__``.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    parents = module.split(".") if package else module.split(".")[:-1]
    names = frozenset(_defined(tree.body))
    is_open = "*" in names or any(_is_dynamic(node) for node in ast.walk(tree))
    return Startup(
        names=None if is_open else names | frozenset(_globals(tree)),
        imports=[name for node in tree.body for name in _imported(node, parents)],
    )


def _imported(node: ast.stmt, parents: list[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            above = parents[: len(parents) - level + 1] if level else []
            base = ".".join([*above, *([module] if module else [])])
            if base:
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)


def _defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements define, also in conditions and loops."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.AnnAssign(value=None):
                pass  # a type alone
            case _:
                for inner in ast.iter_child_nodes(node):
                    yield from _bound(inner)


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a part of a statement binds."""
    if isinstance(node, ast.stmt):
        yield from _defined([node])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    else:
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        for inner in ast.iter_child_nodes(node):
            yield from _bound(inner)


def _globals(tree: ast.Module) -> Iterator[str]:
    """Yield the names that functions define for the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names


def _is_dynamic(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else ""
    name = node.attr if isinstance(node, ast.Attribute) else name
    name = node.name if isinstance(node, ast.FunctionDef) else name
    return name in _DYNAMIC
