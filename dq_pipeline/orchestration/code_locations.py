"""The code locations that a command looks at: of a module, a file, a workspace.yaml, or the project one stands in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster import RepositoryDefinition
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

WHO = "Definitions"


@dataclass(frozen=True)
class Where:
    """Where a command's options say that definitions are.

    Attributes:
        module: A module that holds the Definitions.
        file: A Python file that holds them.
        workspace: A workspace.yaml; without any of the three, that of the current folder, or its pyproject.toml.
    """

    module: str | None = None
    file: str | None = None
    workspace: str | None = None


@dataclass(frozen=True)
class CodeLocation:
    """One code location, loaded into this process.

    Attributes:
        name: Its name, as Dagster's UI has it.
        repository: What it defines; None where it cannot be loaded here.
        why_not: Why it cannot: it runs on a server or in another environment.
    """

    name: str
    repository: RepositoryDefinition | None
    why_not: str = ""

    @property
    def graph(self) -> AssetGraph:
        """Its assets and checks; the location is loaded."""
        if self.repository is None:
            raise InputError(
                WHO,
                found=f"{self.name}: {self.why_not}",
                expected="a location that can be loaded here",
                fix="-m",
            )
        return self.repository.asset_graph


def code_locations(where: Where) -> list[CodeLocation]:
    """Load the code locations.

    Raises:
        InputError: Too many options, nothing found, or a location that cannot be imported.
    """
    return [_loaded(origin) for origin in _origins(where)]


def _origins(where: Where) -> Sequence[Any]:
    from dagster._core.workspace import load_target

    given = [option for option in (where.module, where.file, where.workspace) if option is not None]
    if len(given) > 1:
        raise InputError(
            WHO, found=f"{' and '.join(given)}", expected="one of -m, -f and -w", fix=f"take {given[1]} out"
        )
    if where.module is not None:
        return load_target.ModuleTarget(where.module, None, ".", None).create_origins()
    if where.file is not None:
        return load_target.PythonFileTarget(where.file, None, ".", None).create_origins()
    file = Path(where.workspace or "workspace.yaml")
    if where.workspace is not None and not file.is_file():
        raise InputError(
            WHO, found=f"no file {file}", expected="a workspace.yaml", fix="-w path/to/workspace.yaml"
        )
    try:
        if file.is_file():
            return load_target.WorkspaceFileTarget([str(file)]).create_origins()
        project = Path("pyproject.toml")
        origins = load_target.PyProjectFileTarget(str(project)).create_origins() if project.is_file() else ()
    except Exception as error:  # Dagster raises errors of many kinds for a file that it cannot take
        raise InputError(
            WHO,
            found=f"{file}: {str(error).splitlines()[0]}",
            expected="code locations as Dagster reads them",
            fix="load_from: [{python_module: my_project.definitions}]",
        ) from error
    if not origins:
        lone = Path("definitions.py").is_file()
        raise InputError(
            WHO,
            found="neither -m, -f or -w, nor a workspace.yaml or a Dagster project in this folder",
            expected="where the Definitions are",
            fix="-f definitions.py" if lone else "-m my_project.definitions",
        )
    return origins


def _loaded(origin: Any) -> CodeLocation:
    """The code location of an origin."""
    from dagster._core.definitions.reconstruct import repository_def_from_target_def
    from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
    from dagster._grpc.utils import get_loadable_targets

    if isinstance(origin, GrpcServerCodeLocationOrigin):
        return CodeLocation(origin.location_name, None, "it runs on a server of its own")
    target = origin.loadable_target_origin
    if target.executable_path not in {None, sys.executable}:
        return CodeLocation(origin.location_name, None, f"it runs in {target.executable_path}")
    holder = (
        target.module_name or target.python_file or target.package_name or target.autoload_defs_module_name
    )
    try:
        targets = get_loadable_targets(
            python_file=target.python_file,
            module_name=target.module_name,
            package_name=target.package_name,
            autoload_defs_module_name=target.autoload_defs_module_name,
            working_directory=target.working_directory,
            attribute=target.attribute,
            resolve_lazy_defs=False,
        )
        repository = repository_def_from_target_def(targets[0].target_definition)
    except Exception as error:  # importing runs the user's code, which may raise anything
        cause = next((one for one in _causes(error) if isinstance(one, InputError)), None)
        if cause is not None:
            raise cause from error
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"definitions in {holder}",
            found=f"{type(error).__name__}: {first}",
            expected="a module or file that can be imported and holds Definitions",
            fix="dagster definitions validate",
        ) from error
    if repository is None:
        raise InputError(
            f"definitions in {holder}",
            found="no Definitions",
            expected="one",
            fix="defs = dg.Definitions(...)",
        )
    return CodeLocation(origin.location_name, repository)


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
