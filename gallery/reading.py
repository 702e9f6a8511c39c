"""What a sample's calls set, and what it reads of the replies: from its code alone.

A value that came from the service is followed by the path that it has in the reply:
after `response = client.responses.create(...)` and `for item in response.output`, the
name `item` stands for `output.*`. Scopes are not told apart: samples are short.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass, field

ANY = "*"  # an item of a list, or an event of a stream
BESIDE = ("model", "input")  # what every call sets
# What the SDK makes of a reply, and where it takes it from.
MADE_BY_THE_SDK = {
    "output_text": ("output", ANY, "content", ANY, "text"),
    "output_parsed": ("output", ANY, "content", ANY, "text"),
    "parsed_arguments": ("arguments",),
}
PASS_ON = ("enumerate", "iter", "list", "next", "reversed", "set", "sorted", "tuple")
SENT_AS = {"text_format": "text"}

Path = tuple[str, ...]
Place = tuple[str, Path]  # the resource, such as `vector_stores.files`, and a path


@dataclass
class Reading:
    """Names and paths with the first line of the sample at which they stand.

    Both by resource: `sets` holds the arguments that are sent to it, `reads` the paths
    that are read in its replies. `strings` are all in the code, names of events too.
    """

    sets: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    reads: dict[str, dict[Path, int]] = field(default_factory=lambda: defaultdict(dict))
    strings: set[str] = field(default_factory=set)


def read(source: str) -> Reading:
    """Read a sample; what is read twice is found with what was found before."""
    reader = _Reader()
    tree = ast.parse(source)
    for _ in range(3):  # a loop's end may say what stands at its beginning
        reader.visit(tree)
    return reader.reading


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.reading = Reading()
        self.known: dict[str, set[Place]] = defaultdict(set)
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.returned: dict[str, set[Place]] = defaultdict(set)
        self.constants: dict[str, str] = {}
        self.function = ""

    # What names stand for

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for target in node.targets:
                self.constants[ast.unparse(target)] = node.value.value
        self._bind(node.targets, self._places(node.value))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._bind([node.target], self._places(node.value))
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind([node.target], self._places(node.value))
        self.generic_visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._bind([node.target], _items(self._places(node.iter)))
        self.generic_visit(node)

    visit_AsyncFor = visit_For

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._bind([node.target], _items(self._places(node.iter)))
        self.generic_visit(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if item.optional_vars:
                self._bind([item.optional_vars], self._places(item.context_expr))
        self.generic_visit(node)

    visit_AsyncWith = visit_With

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.functions[node.name] = node
        outer, self.function = self.function, node.name
        self.generic_visit(node)
        self.function = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Return(self, node: ast.Return) -> None:
        if node.value:
            self.returned[self.function] |= self._places(node.value)
        self.generic_visit(node)

    def _bind(self, targets: list[ast.expr], places: set[Place]) -> None:
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    self.known[node.id] |= places

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.reading.strings.add(node.value)

    # What is read and set

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._note(node, self._places(node))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            self._note(node, self._places(node))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        places = self._places(node)
        if isinstance(node.func, ast.Attribute):
            for resource in {resource for resource, _ in places}:
                self._note_arguments(resource, node)
            self.visit(node.func.value)  # the method itself is no property
        elif isinstance(node.func, ast.Name) and node.func.id in self.functions:
            parameters = self.functions[node.func.id].args.args
            for parameter, argument in zip(parameters, node.args, strict=False):
                self.known[parameter.arg] |= self._places(argument)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(argument)

    def _note(self, node: ast.expr, places: set[Place]) -> None:
        for resource, path in places:
            if path:
                self.reading.reads[resource].setdefault(path, node.lineno)

    def _note_arguments(self, resource: str, node: ast.Call) -> None:
        names = self.reading.sets[resource]
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg in ("body", "extra_headers") and isinstance(value, ast.Dict):
                for key in filter(None, value.keys):
                    names.setdefault(str(ast.literal_eval(key)), key.lineno)
            elif keyword.arg and keyword.arg not in BESIDE:
                name = SENT_AS.get(keyword.arg, keyword.arg)
                names.setdefault(name, keyword.lineno or value.lineno)

    # Where a value comes from

    def _places(self, node: ast.AST) -> set[Place]:
        match node:
            case ast.Name():
                return self.known[node.id]
            case ast.Attribute():
                return {
                    (resource, path + MADE_BY_THE_SDK.get(node.attr, (node.attr,)))
                    for resource, path in self._places(node.value)
                }
            case ast.Subscript():
                places = self._places(node.value)
                match node.slice:
                    case ast.Slice():
                        return places
                    case ast.Constant(value=str(key)):
                        return {(resource, (*path, key)) for resource, path in places}
                return _items(places)
            case ast.Call():
                return self._result(node)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                for generator in node.generators:
                    self.visit_comprehension(generator)
                return _listed(self._places(node.elt))
            case ast.Await() | ast.Starred() | ast.NamedExpr():
                return self._places(node.value)
            case ast.BoolOp():
                return set().union(*map(self._places, node.values))
            case ast.IfExp():
                return self._places(node.body) | self._places(node.orelse)
        return set()

    def _result(self, node: ast.Call) -> set[Place]:
        """What a call gives: a reply, or something of what it was given."""
        if isinstance(node.func, ast.Attribute):
            method, base = node.func.attr, node.func.value
            chain = ast.unparse(base).split(".")
            if chain[0] == "client":
                resource = ".".join(chain[1:]) or self._resource(node)
                resource = resource.removeprefix("beta.")
                return {(resource.removesuffix(".with_raw_response"), ())}
            if method == "get" and node.args and self._places(base):
                key = node.args[0]
                if isinstance(key, ast.Constant):
                    return {
                        (of, (*path, str(key.value))) for of, path in self._places(base)
                    }
            return self._places(base)
        name = ast.unparse(node.func)
        if name in PASS_ON:
            return set().union(*map(self._places, node.args))
        return self.returned[name]

    def _resource(self, node: ast.Call) -> str:
        """The resource of `client.post(PATH, ...)`, which the SDK has no name for."""
        path = self.constants.get(ast.unparse(node.args[0]), "") if node.args else ""
        return path.strip("/").removeprefix("dashboard/").replace("/", ".")


def _items(places: set[Place]) -> set[Place]:
    """What a loop over such values gives; a comprehension's items are at hand."""
    return {
        (resource, path[:-1] if path[-1:] == ("[]",) else (*path, ANY))
        for resource, path in places
    }


def _listed(places: set[Place]) -> set[Place]:
    return {(resource, (*path, "[]")) for resource, path in places}
