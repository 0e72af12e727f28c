"""Follows the part of a script that its main process runs, with the values that its text tells."""

from __future__ import annotations

import ast

from engine.source.expressions import Expressions
from engine.source.loops import Loop
from engine.source.values import Call, Defined, Known
from engine.syntax.functions import FunctionNode


class Flow(Expressions):
    """Executes statements on known and unknown values."""

    def call_blindly(self, function: FunctionNode) -> None:
        """Follow a function that something unseen calls, with arguments that are not known."""
        call = Call(ast.copy_location(ast.Call(ast.Name(function.name), [], []), function), open=True)
        self.guarded = True
        self._enter(function, call)

    def run(self, body: list[ast.stmt]) -> str:
        for node in body:
            self._step(node)
            end = self._statement(node)
            if end:
                return end
        return ""

    def _statement(self, node: ast.stmt) -> str:
        match node:
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.TryStar():
                return self._block(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.expr(item.context_expr)
                    if item.optional_vars:
                        self._bind(item.optional_vars, value)
                return self.run(node.body)
            case ast.Return():
                if node.value:
                    self._returned.append(self.expr(node.value))
                return "return"
            case ast.Break():
                return "break"
            case ast.Continue():
                return "continue"
            case _:
                self._simple(node)
                return ""

    def _simple(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._define(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Assign():
                value = self.expr(node.value)
                for target in node.targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as right):
                self._bind(target, self.expr(right))
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr():
                self.expr(node.value)
            case ast.Delete() | ast.Match():
                self._forget([node])
            case _:
                pass

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        where = "inner" if self.entered else "guard" if self.guarded else "top"
        self.scope[node.name] = Defined(node.name, node, where)
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                self.library.subclassed(self.expr(base), node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.library.modules.add(alias.name)
                path = alias.name if alias.asname else alias.name.split(".", maxsplit=1)[0]
                self.scope[alias.asname or path] = self.library.constant(path)
        else:
            module = "." * node.level + (node.module or "")
            self.library.modules.add(module)
            for alias in node.names:
                self.scope[alias.asname or alias.name] = self.library.constant(f"{module}.{alias.name}")

    def _block(self, node: ast.stmt) -> str:
        match node:
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                end = self._iterate(node.target, node.iter, node.body, lambda: self.run(node.body))
                return end or self.run(node.orelse)
            case ast.While():
                if self.expr(node.test) == Known(False):
                    return ""
                self._once(Loop(node.test, None, None, self.doubt), node.body, lambda: self.run(node.body))
                return ""
            case ast.Try() | ast.TryStar():
                end = self.run(node.body)
                for handler in node.handlers:
                    self._forget(handler.body)
                return end or self.run(node.orelse) or self.run(node.finalbody)
            case _:
                return ""

    def _if(self, node: ast.If) -> str:
        guarded, self.guarded = self.guarded, self.guarded or "__name__" in ast.unparse(node.test)
        try:
            test = self.expr(node.test)
            if isinstance(test, Known):
                if self.loops and self.loops[-1].partial:
                    self.loops[-1].unsure = True  # it may be otherwise in the turns that are not followed
                return self.run(node.body if test.value else node.orelse)
            self.doubt += 1
            ends = {self.run(node.body), self.run(node.orelse)}
            self.doubt -= 1
            if self.loops and ends != {""}:
                self.loops[-1].unsure = True
            self._forget(node.body + node.orelse)
            return ""
        finally:
            self.guarded = guarded
