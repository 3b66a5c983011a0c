"""Who may import whom: each folder from those to its left, and at the door nothing but Python."""

import ast
import graphlib
import importlib
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from mini_clone import BOOTSTRAP
from places import PACKAGE, TESTS

import course_utils

CHAIN = ["densities", "toys", "estimators", "models", "training", "pretrained"]
MATHS = {*CHAIN, "data", "plots"}
GROUND = {"_require", "_inputs", "_paths"}  # to the left of all
LEFT_OF = {name: set(CHAIN[:position]) for position, name in enumerate(CHAIN)}
LEFT_OF["training"] |= {"data", "plots"}
LEFT_OF["pretrained"] |= {"data"}
LEFT_OF |= {"data": set(), "plots": set(), "strokes": {"data"}}
LEFT_OF |= {"exercises": MATHS | {"strokes", "_jupyter"}, "widgets._shared": MATHS}
EXPLORERS = ("conditional", "elbo", "gradient", "latent", "monte_carlo", "rate_distortion")
EXPLORERS += ("strokes",)
LEFT_OF["widgets"] = {f"widgets.{name}" for name in EXPLORERS}
LEFT_OF |= dict.fromkeys(LEFT_OF["widgets"], MATHS | {"strokes", "widgets._shared"})
LEFT_OF |= dict.fromkeys(GROUND, set())
LEFT_OF |= {"__init__": {"_door"}, "__main__": {"_door", "data", "exercises"}}
LEFT_OF |= {"_door": {"data"}, "doctor": {"_door"}, "_jupyter": set()}

TEST_FILES = sorted(TESTS.rglob("*.py"))
FOLDERS = sorted({path.parent for path in PACKAGE.rglob("__init__.py")})
PUBLIC = sorted(p.stem for p in PACKAGE.iterdir() if re.fullmatch(r"[a-z]\w*(\.py)?", p.name))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def words_of(modules: set[str]) -> set[str]:
    """The parts of dotted names."""
    return {part for module in modules for part in module.split(".")}


def modules_imported(nodes: Iterable[ast.AST]) -> set[str]:
    """Dotted names, ".a" for a relative one; `from b import a` counts as b.a, module or not."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("name", BOOTSTRAP)
def test_the_bootstrap_needs_nothing_installed_and_no_new_python(name):
    """At import, that is: a verb imports what it needs once it runs where that is installed.

    An old Python is to say what is wrong with it, which takes parsing first.
    """
    source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
    body = ast.parse(source, feature_version=(3, 7)).body
    assert body
    imported = modules_imported(body)
    own = {module for module in imported if module.startswith("course_utils.")}
    assert {module.partition(".")[0] for module in imported - own} <= sys.stdlib_module_names
    assert {module_of(module, PACKAGE).replace(".", "/") for module in own} <= {*BOOTSTRAP}


def module_of(dotted: str, package: Path) -> str:
    """The module below a package that a dotted name is, or is a name of: course_utils.toys.Ring
    is of toys.__init__."""
    parts = dotted.split(".")[1:]
    while parts and not package.joinpath(*parts).with_suffix(".py").is_file():
        if package.joinpath(*parts, "__init__.py").is_file():
            return ".".join([*parts, "__init__"])
        parts.pop()
    return ".".join(parts) or "__init__"


def imports_in(package: Path) -> dict[str, set[str]]:
    """{module: those of the package that it imports}, wherever in the file the import stands."""
    graph = {}
    for path in sorted(package.rglob("*.py")):
        name = ".".join(path.relative_to(package).with_suffix("").parts)
        found = modules_imported(ast.walk(parsed(path)))
        relative = {module for module in found if module.startswith(".")}
        own = {module for module in found if module.partition(".")[0] == package.name}
        graph[name] = relative | {module_of(module, package) for module in own}
    return graph


def layer_of(module: str, left_of: dict[str, set[str]]) -> str:
    """Its place in the order: the longest name there that it lies under; its folder if none."""
    above = [name for name in left_of if f"{module}.".startswith(f"{name}.")]
    return max(above, key=len, default=module.partition(".")[0])


def wrong_imports(package: Path, left_of: dict[str, set[str]]) -> list[str]:
    """What breaks the order: from the right, relative, of a folder without a place, in a ring."""
    graph, wrong = imports_in(package), []
    for name, imported in graph.items():
        layer = layer_of(name, left_of)
        if layer not in left_of:
            wrong.append(f"{layer} has no place in the order")
            continue
        allowed = left_of[layer] | GROUND | {layer}
        others = sorted(other for other in imported if layer_of(other, left_of) not in allowed)
        wrong += [f"{name} imports {other}" for other in others]
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        wrong.append(f"a ring: {' > '.join(error.args[1])}")
    return wrong


def test_a_module_imports_only_from_those_to_its_left():
    assert wrong_imports(PACKAGE, LEFT_OF) == []


WRONG = {
    "toys/_ring.py": ("from course_utils.models import VAE", "toys._ring imports models.__init__"),
    "toys/_wheel.py": ("from .models import VAE", "toys._wheel imports .models.VAE"),
    "data/_load.py": (
        "def load():\n    import course_utils.toys",
        "data._load imports toys.__init__",
    ),
    "models/_vae.py": ("from course_utils.models import VAE", "a ring: "),
    "widgets/latent/_pad.py": (
        "from course_utils.widgets.elbo._math import kl",
        "widgets.latent._pad imports widgets.elbo._math",
    ),
    "games/__init__.py": ("import random", "games has no place in the order"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_import_is_found(name, tmp_path):
    package = tmp_path / "course_utils"
    sources = {
        "_require.py": "import math",
        "toys/__init__.py": "from course_utils import _require",
        "models/__init__.py": "from course_utils.models._vae import VAE",
        "models/_vae.py": "from course_utils.toys import Ring",
        "data/__init__.py": "",
        "widgets/elbo/_math.py": "from course_utils.data import load",
    }
    source, said = WRONG[name]
    for path, text in sources.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text)
    assert wrong_imports(package, LEFT_OF) == []
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_text(source)
    (found,) = wrong_imports(package, LEFT_OF)
    assert found.startswith(said)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_says_what_it_is_for_and_what_it_shows(folder):
    dotted = ".".join(folder.relative_to(PACKAGE.parent).parts)
    module = importlib.import_module(dotted)
    assert module.__doc__
    if folder == PACKAGE:  # whose docstring is the map
        assert {*PUBLIC} <= {*re.findall(r"\w+", course_utils.__doc__)}
    elif not folder.name.startswith("_"):
        assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize(
    ("short", "whole"), [("strokes", "data._strokes"), ("doctor", "_door.doctor")]
)
def test_a_short_name_is_the_module_itself(short, whole):
    """Not a copy of its names: what is set there counts."""
    module = importlib.import_module(f"course_utils.{whole}")
    assert importlib.import_module(f"course_utils.{short}") is module
    assert getattr(course_utils, short) is module


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("from course_utils.data import fetch_mnist", {"torch"}),
        ("import course_utils.pretrained", {"course_utils.training", "course_utils.data"}),
    ],
)
def test_an_import_does_without_what_takes_seconds(statement, absent):
    """Torch, and what trains; what the doctor imports is in tests/_door/test_imports_check.py."""
    code = f"import sys; {statement}; print({absent} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("name", ["_load", "_train", "_card"])
def test_no_pickle_is_involved_in_a_model_that_is_loaded(name):
    nodes = list(ast.walk(parsed(PACKAGE / "pretrained" / f"{name}.py")))
    imported = words_of(modules_imported(nodes))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert "course_utils" in imported and called  # the search above does find what there is
    assert not imported & {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve"}
    assert not called & {"torch.load", "torch.save", "np.load", "eval", "exec"}


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.stem)
def test_a_test_file_imports_no_other(path):
    """What two of them need stands in tests/support: an import would run tests, or skip them."""
    others = {path.stem for path in TEST_FILES if path.stem.startswith("test_")}
    assert words_of(modules_imported(ast.walk(parsed(path)))) & others == set()
