"""The docs name everything the code has: commands, options, settings, exit codes, states, dependencies."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from archive.values import SourceState
from lagebrief.cli import COMMANDS, lagebrief
from lagebrief.config import Config
from lagebrief.errors import LagebriefError

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUIRED = {"key": "some-key", "name": "Some name", "kind": "manual"}  # fields without a default


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    context = click.Context(lagebrief)
    for name, _, _ in COMMANDS:
        command = lagebrief.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"lagebrief {name} {inner}", found) for inner, found in command.commands.items())
        elif command:
            yield f"lagebrief {name}", command


@pytest.mark.parametrize(("call", "command"), list(commands()))
def test_every_command_and_option_is_described(call: str, command: click.Command) -> None:
    sections = dict(
        re.findall(r"^### `(lagebrief[^`]*)`\n(.*?)(?=^##|\Z)", PAGES["commands.md"], re.M | re.S)
    )
    assert call in sections
    names = [option for part in command.params if isinstance(part, click.Option) for option in part.opts]
    assert [name for name in names if f"`{name}" not in sections[call]] == []
    assert f"\n{call}" in sections[call] or " | " + call in sections[call], "an example is missing"


def test_options_before_the_command_are_described() -> None:
    assert [part.opts for part in lagebrief.params if f"`{part.opts[0]}" not in PAGES["commands.md"]] == []


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[type[BaseModel], str, str, str]]:
    """(model, field, its name in the file, dotted key) of every setting."""
    for field, info in model.model_fields.items():
        name = info.alias or field
        for part in (info.annotation, *getattr(info.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from settings(part, f"{prefix}{name}.")
                break
        else:
            yield model, field, name, f"{prefix}{name}"


@pytest.mark.parametrize(
    ("model", "field", "name", "key"), [pytest.param(*s, id=s[3]) for s in settings(Config)]
)
def test_every_setting_is_described_with_its_default(
    model: type[BaseModel], field: str, name: str, key: str
) -> None:
    row = re.search(rf"^\| `{re.escape(key)}` \| (.+?) \| (.+?) \| (.+) \|$", PAGES["configuration.md"], re.M)
    assert row, f"docs/configuration.md has no row for {key}"
    info = model.model_fields[field]
    assert row[3] == info.description
    needed = (k for k, part in model.model_fields.items() if part.is_required())
    given: dict[str, Any] = {k: REQUIRED[k] for k in needed}
    if info.is_required():
        assert row[2] == "required"
    else:
        documented = tomllib.loads(f"default = {row[2].strip('`')}")["default"]
        plain, told = model.model_validate(given), model.model_validate({**given, name: documented})
        assert getattr(told, field) == getattr(plain, field)


def test_every_error_and_exit_code_is_described() -> None:
    kinds = [LagebriefError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in PAGES["architecture.md"]] == []
    codes = {kind.exit_code for kind in kinds} | {0, 2, 3}
    assert [code for code in codes if not re.search(rf"^\| {code} \|", PAGES["commands.md"], re.M)] == []


def test_every_state_of_a_source_is_described() -> None:
    rows = PAGES["operating.md"]
    assert [state for state in SourceState if f"| `{state}` |" not in rows] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    lines = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *(line for extra in extras.values() for line in extra),
        *json.loads((ROOT / "tests" / "package.json").read_text(encoding="utf-8"))["devDependencies"],
    ]
    names = {match[0] for line in lines if (match := re.match(r"[\w.-]+", line))}
    assert [name for name in sorted(names) if f"| `{name}" not in PAGES["dependencies.md"]] == []
    assert [extra for extra in extras if f"`{extra}`" not in PAGES["dependencies.md"]] == []


def test_the_readme_names_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{name}" for name in PAGES)])
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8"))
    links = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
