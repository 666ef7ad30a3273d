#!/usr/bin/env python3
"""Checks the GPU kernel texts: as Metal by clang's type checker, and the dialect's own rules by a walk of the tree.

Usage: tools/check_kernels.py           checks metal/kernels and tests/kernels_generated, which the library writes
                                        at run time, and that every tests/kernels_refused/*.metal is refused
       tools/check_kernels.py FILE ...  checks these kernel texts
Needs libclang (PyPI). A refused text says in its first line, after `// refused:`, a part of the expected complaint.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clang import cindex

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "metal" / "include"
ARGUMENTS = [
    "-x", "c++", "-std=c++14", "-nostdinc", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-pedantic-errors",
    "-D__METAL_VERSION__=310", "-DGPU_LINT", "-Wall", "-Wextra", "-Wno-unknown-attributes", "-Wno-unused-parameter",
    "-Wno-unused-function", "-Wno-keyword-macro", "-Wno-unknown-pragmas", "-Wno-pass-failed",
    "-isystem", str(ROOT / "tools" / "kernels"), f"-I{INCLUDE}",
]  # fmt: skip
DIALECT = ("dialect.h", "dialect_msl.h", "metal_stdlib")  # what is allowed to know Metal
SPACES = {"DEVICE", "CONSTANT", "THREADGROUP", "THREAD"}
MAX_THREADGROUP_BYTES = 32 * 1024
Kind, Type = cindex.CursorKind, cindex.TypeKind
FUNCTIONS = {Kind.FUNCTION_DECL, Kind.FUNCTION_TEMPLATE, Kind.CXX_METHOD}
POINTERS = {Type.POINTER, Type.LVALUEREFERENCE, Type.RVALUEREFERENCE}
INT64 = {Type.LONGLONG, Type.ULONGLONG, Type.LONG, Type.ULONG}
FLOATS = {Type.FLOAT, Type.DOUBLE, Type.LONGDOUBLE, Type.HALF}
DEVICE_SPACE = 1


@dataclass(frozen=True, order=True)
class Complaint:
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Check:
    """One kernel text with its headers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: set[Complaint] = set()
        self.calls: dict[str, tuple[cindex.Cursor, set[str]]] = {}
        self.texts: dict[str, str] = {}

    def run(self) -> list[Complaint]:
        unit = cindex.Index.create().parse(str(self.path), args=ARGUMENTS)
        for diagnostic in unit.diagnostics:
            if diagnostic.severity >= cindex.Diagnostic.Warning:
                where = diagnostic.location
                name = Path(where.file.name).name if where.file else self.path.name
                self.found.add(Complaint(name, where.line, diagnostic.spelling))
        self.check_macros()
        for cursor in unit.cursor.get_children():
            self.visit(cursor, None)
        self.check_recursion()
        return sorted(self.found)

    def complain(self, cursor: cindex.Cursor, text: str) -> None:
        self.found.add(Complaint(Path(cursor.location.file.name).name, cursor.location.line, text))

    def text_of(self, cursor: cindex.Cursor) -> str:
        """The source text of a cursor, and the word before it: address spaces that are empty macros stand there."""
        name = cursor.extent.start.file.name
        text = self.texts.setdefault(name, Path(name).read_text())
        before = re.search(r"(\w+)\s*$", text[: cursor.extent.start.offset])
        prefix = f"{before[1]} " if before and before[1] in SPACES else ""
        return prefix + text[cursor.extent.start.offset : cursor.extent.end.offset]

    def check_macros(self) -> None:
        """Rules that are seen in the text alone."""
        text = re.sub(r"//[^\n]*", "", self.path.read_text())
        for match in re.finditer(r"#\s*include\s*[<\"]([^>\"]+)", text):
            if not (INCLUDE / match[1]).exists():
                self.found.add(
                    Complaint(self.path.name, line_of(text, match), f"includes {match[1]}, which no GPU has")
                )
        for match in re.finditer(
            r"#\s*if|\b(function_constant|dispatch_threads|threadgroup_barrier)\b", text
        ):
            self.found.add(
                Complaint(
                    self.path.name,
                    line_of(text, match),
                    "a kernel text must not know its target, nor go around the dialect",
                )
            )
        kernels = list(re.finditer(r"^KERNEL\((\w+),\s*(\d+),", text, re.MULTILINE))
        for kernel, following in zip(kernels, [*kernels[1:], None], strict=True):
            body = text[kernel.end() : following.start() if following else None]
            group = int(kernel[2])
            if "SHARED(" in body and group <= 32:
                complaint = f"kernel {kernel[1]} has barriers in a group of {group}: Metal breaks those"
                self.found.add(Complaint(self.path.name, line_of(text, kernel), complaint))
            shared = re.findall(r"SHARED\(\s*u32\s*,\s*\w+\s*,\s*([\d\s*+]+)\)", body)
            size = sum(4 * eval_size(count) for count in shared)
            if size > MAX_THREADGROUP_BYTES:
                complaint = f"kernel {kernel[1]} shares {size} bytes, more than {MAX_THREADGROUP_BYTES}"
                self.found.add(Complaint(self.path.name, line_of(text, kernel), complaint))

    def visit(self, cursor: cindex.Cursor, function: str | None) -> None:
        file = cursor.location.file
        if file is None or Path(file.name).name in DIALECT:
            return
        if cursor.kind in FUNCTIONS and cursor.is_definition():
            function = cursor.get_usr()
            self.calls.setdefault(function, (cursor, set()))
            if cursor.kind == Kind.CXX_METHOD:
                self.complain(cursor, f"member function {cursor.spelling}: use a free function by value")
        for check in (self.check_declaration, self.check_cast, self.check_expression):
            check(cursor, function)
        for child in cursor.get_children():
            self.visit(child, function)

    def check_declaration(self, cursor: cindex.Cursor, function: str | None) -> None:
        if cursor.kind not in (Kind.PARM_DECL, Kind.VAR_DECL, Kind.FIELD_DECL):
            return
        depth, base = pointer_depth(cursor.type)
        if base.get_canonical().kind == Type.FUNCTIONPROTO:
            self.complain(cursor, f"function pointer {cursor.spelling}")
        elif depth:
            text = self.text_of(cursor).split("=")[0]
            marks = len(re.findall(r"[*&]", text))
            words = sum(word in SPACES for word in re.findall(r"\w+", text))
            if marks and words < marks and not text.startswith(("BUF", "ARGS", "KERNEL")):
                self.complain(cursor, f"{cursor.spelling}: pointer or reference without an address space")
        if base.get_canonical().kind in FLOATS:
            self.complain(cursor, f"{cursor.spelling}: floating point")
        if base.kind in INT64:
            self.complain(cursor, f"{cursor.spelling}: 64-bit integers are called u64")
        text = self.text_of(cursor)
        if cursor.kind == Kind.VAR_DECL and function and cursor.storage_class == cindex.StorageClass.STATIC:
            name = cursor.extent.start.file.name
            line = self.texts[name].splitlines()[cursor.location.line - 1]
            if "SHARED(" not in line:
                self.complain(cursor, f"static local {cursor.spelling}")

    def check_cast(self, cursor: cindex.Cursor, function: str | None) -> None:
        casts = (Kind.CSTYLE_CAST_EXPR, Kind.CXX_REINTERPRET_CAST_EXPR, Kind.CXX_STATIC_CAST_EXPR)
        if cursor.kind in casts and pointer_depth(cursor.type)[0]:
            self.complain(cursor, "cast to a pointer: use gpu_load4, gpu_store4 or gpu_address")

    def check_expression(self, cursor: cindex.Cursor, function: str | None) -> None:
        children = list(cursor.get_children())
        if cursor.kind == Kind.FLOATING_LITERAL:
            self.complain(cursor, "floating point")
        elif cursor.kind == Kind.LAMBDA_EXPR:
            self.complain(cursor, "lambda")
        elif cursor.kind == Kind.CALL_EXPR and function and cursor.referenced is not None:
            self.calls[function][1].add(cursor.referenced.get_usr())
        elif cursor.kind == Kind.ARRAY_SUBSCRIPT_EXPR and in_device(children[0].type):
            self.complain(cursor, "device memory without gpu_load or gpu_store")
        elif (
            cursor.kind == Kind.UNARY_OPERATOR and children and self.text_of(cursor).lstrip().startswith("*")
        ):
            if in_device(children[0].type):
                self.complain(cursor, "device memory without gpu_load or gpu_store")
        elif cursor.kind == Kind.MEMBER_REF_EXPR and children and in_device(children[0].type):
            self.complain(cursor, "device memory without gpu_load or gpu_store")
        elif cursor.kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
            self.check_operator(cursor, children)

    def check_operator(self, cursor: cindex.Cursor, children: list[cindex.Cursor]) -> None:
        operator = operator_of(cursor, children)
        if operator in ("/", "/=", "%", "%=") and not is_constant(children[1]):
            self.complain(cursor, "division or remainder by a run-time value")
        if operator in ("*", "*=") and all(is_wide(child) for child in children):
            self.complain(cursor, "64 x 64 bit multiplication: write (u64)a * b of 32-bit factors")

    def check_recursion(self) -> None:
        state: dict[str, bool] = {}  # True while it is being followed

        def follow(function: str) -> None:
            state[function] = True
            for called in self.calls[function][1] & self.calls.keys():
                if state.get(called):
                    self.complain(
                        self.calls[function][0], f"recursion through {self.calls[called][0].spelling}"
                    )
                elif called not in state:
                    follow(called)
            state[function] = False

        for function in list(self.calls):
            if function not in state:
                follow(function)


def line_of(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def eval_size(expression: str) -> int:
    """A sum of products of literals."""
    total = 0
    for term in expression.split("+"):
        product = 1
        for factor in term.split("*"):
            product *= int(factor)
        total += product
    return total


def pointer_depth(kind: cindex.Type) -> tuple[int, cindex.Type]:
    """How many pointers and references a type is made of, and what they end in."""
    depth = 0
    while True:
        if kind.kind in POINTERS:
            depth, kind = depth + 1, kind.get_pointee()
        elif kind.kind in (Type.CONSTANTARRAY, Type.INCOMPLETEARRAY):
            kind = kind.get_array_element_type()
        else:
            return depth, kind


def in_device(kind: cindex.Type) -> bool:
    if kind.kind in (Type.POINTER, Type.LVALUEREFERENCE):
        kind = kind.get_pointee()
    return kind.get_address_space() == DEVICE_SPACE


def is_constant(cursor: cindex.Cursor) -> bool:
    if cursor.kind == Kind.INTEGER_LITERAL:
        return True
    children = list(cursor.get_children())
    transparent = (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR, Kind.CSTYLE_CAST_EXPR)
    return cursor.kind in transparent and bool(children) and is_constant(children[-1])


def is_wide(cursor: cindex.Cursor) -> bool:
    """Whether a factor had 64 bits before it was widened for the product."""
    children = list(cursor.get_children())
    widening = (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR, Kind.CSTYLE_CAST_EXPR)
    if cursor.kind in widening and children and not is_constant(cursor):
        return is_wide(children[-1])
    return cursor.type.get_canonical().kind in INT64 and not is_constant(cursor)


def operator_of(cursor: cindex.Cursor, children: list[cindex.Cursor]) -> str:
    """The operator of a binary expression: the first token after its left side."""
    end = children[0].extent.end.offset
    for token in cursor.get_tokens():
        if (
            token.extent.start.offset >= end
            and token.kind == cindex.TokenKind.PUNCTUATION
            and token.spelling != ")"
        ):
            return str(token.spelling)
    return ""


def refused() -> Iterator[str]:
    """What is wrong with the texts that must be refused."""
    texts = sorted((ROOT / "tests" / "kernels_refused").glob("*.metal"))
    for path in texts:
        expected = path.read_text().splitlines()[0].removeprefix("// refused:").strip()
        complaints = [str(complaint) for complaint in Check(path).run()]
        if not any(expected in complaint for complaint in complaints):
            yield f"{path.relative_to(ROOT)}: not refused for '{expected}', complaints: {complaints}"
    print(f"kernels that must be refused: {len(texts)}")


def main() -> int:
    folders = (ROOT / "metal" / "kernels", ROOT / "tests" / "kernels_generated")
    paths = [Path(name) for name in sys.argv[1:]]
    paths = paths or [path for folder in folders for path in sorted(folder.glob("*.metal"))]
    problems = [str(complaint) for path in paths for complaint in Check(path).run()]
    if len(sys.argv) == 1:
        problems += refused()
    print("\n".join(dict.fromkeys(problems)) or f"kernel texts: {len(paths)} checked")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
