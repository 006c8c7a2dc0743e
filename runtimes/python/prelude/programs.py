"""Compiles a source: the last expression apart, top-level await allowed."""
import ast
import asyncio
import inspect
import types

import __future__

from _wardian import toolbox

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
FUTURES = 0
for _name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, _name).compiler_flag
AWAIT_HOOK = "__wardian_await__"
RUN_HOOK = "__wardian_run__"


class Program:
    def __init__(self, codes, has_value):
        self.codes = codes
        # Whether the last code is an expression, whose value is the run's.
        self.has_value = has_value
        self.asynchronous = any(code.co_flags & inspect.CO_COROUTINE for code in codes)


def compile_program(source, filename):
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST | FLAGS, dont_inherit=True)
    if "await" in source:
        tree = AwaitTransformer().visit(tree)
    if "asyncio" in source:
        tree = RunTransformer().visit(tree)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    codes = []
    flags = FLAGS
    if tree.body:
        codes.append(compile(tree, filename, "exec", flags, dont_inherit=True))
        flags |= codes[0].co_flags & FUTURES
    if last is not None:
        codes.append(compile(ast.Expression(last.value), filename, "eval", flags, dont_inherit=True))
    return Program(codes, last is not None)


def called(hook, node, arguments, keywords=()):
    name = ast.copy_location(ast.Name(hook, ast.Load()), node)
    return ast.copy_location(ast.Call(name, arguments, list(keywords)), node)


class AwaitTransformer(ast.NodeTransformer):
    """`await x` also takes what a synchronous tool has returned: a program need not know which kind a tool is of."""

    def visit_Await(self, node):
        self.generic_visit(node)
        if isinstance(node.value, (ast.Call, ast.Name)):
            node.value = called(AWAIT_HOOK, node.value, [node.value])
        return node


class RunTransformer(ast.NodeTransformer):
    """`asyncio.run(main())` at the top level is awaited, so that the host is free while it waits."""

    def visit_Call(self, node):
        self.generic_visit(node)
        target = node.func
        if isinstance(target, ast.Attribute) and target.attr == "run" and isinstance(target.value, ast.Name) and target.value.id == "asyncio":
            return ast.copy_location(ast.Await(called(RUN_HOOK, node, [target, *node.args], node.keywords)), node)
        return node

    def leave_alone(self, node):
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = leave_alone
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = leave_alone


@types.coroutine
def ready(value):
    return value
    yield


def await_hook(value):
    last = toolbox.last_value
    if last and last[0] is value:
        last.clear()
        return ready(value)
    return value


asyncio_run = asyncio.run


async def run_hook(function, *positional, **named):
    if function is not asyncio_run:
        return function(*positional, **named)
    (main,) = positional
    if not inspect.iscoroutine(main) and not inspect.isawaitable(main):
        raise TypeError("An asyncio.Future, a coroutine or an awaitable is required")
    before = asyncio.all_tasks()
    try:
        return await asyncio.ensure_future(main)
    finally:
        for task in asyncio.all_tasks() - before:
            task.cancel()
