"""The command line. Commands are imported when they are called, so that --help is quick."""

from __future__ import annotations

import gc
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lagebrief.errors import LagebriefError

if TYPE_CHECKING:
    from lagebrief.config import Loaded

# Name, module:function, help. The order is the way of an article, then upkeep.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("demo", "demo:demo", "Make a German issue from the bundled example weeks."),
    ("init", "setup:init", "Write a commented config.toml."),
    ("check", "setup:check", "Say what is wrong with configuration, database and templates."),
    ("config", "setup:config", "Show the configuration and where each value came from."),
    ("doctor", "sources:doctor", "Ask each source once, for real."),
    ("sources", "sources:sources", "List, test, pause and resume sources."),
    ("collect", "collect:collect", "Visit the sources that are due."),
    ("add-url", "collect:add_url", "Add an article by hand."),
    ("analyse", "analyse:analyse", "Read articles: topics, figures, milestones."),
    ("stories", "stories:stories", "Stories across outlets and languages; or group given items."),
    ("search", "search:search", "Search the archive."),
    ("article", "article:article", "One article: text, versions, notes, tags, citation."),
    ("searches", "searches:searches", "Keep searches and hear of what is new."),
    ("archive", "archive:archive", "Import, export, statistics, index."),
    ("figures", "figures:figures", "Figures with their sources, and who says what over time."),
    ("milestones", "milestones:milestones", "The AI Act register, its dates, and who states others."),
    ("digest", "digest:digest", "Compose, look at, approve and export weekly issues."),
    ("subscribers", "subscribers:subscribers", "Who gets the issue, and what proves that they want it."),
    ("bounces", "bounces:bounces", "Read what mail servers report back."),
    ("models", "models:models", "Fetch models that translate on this machine."),
    ("serve", "serve:serve", "Run the schedule."),
    ("status", "status:status", "Sources, archive and issues at a glance."),
    ("healthcheck", "status:healthcheck", "Exit 0 if all is well, 1 if somebody must look."),
    ("db", "db:db", "Upgrade, check and back up the database."),
    ("version", "setup:version", "Print the version."),
)


# Objects made between two looks for garbage. Python's 700 lets a start-up look hundreds of times, in vain.
_GARBAGE_AFTER = 50_000


@dataclass(frozen=True, slots=True)
class Options:
    """The options before the command."""

    config: Path | None
    data_dir: Path | None
    verbose: int
    quiet: bool

    def load(self) -> Loaded:
        """The configuration these options name."""
        from lagebrief.config import load

        return load(self.config, self.data_dir)


class LazyGroup(click.Group):
    """A group whose commands live in lagebrief.commands and are imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for name, target, _ in COMMANDS:
            if name == cmd_name:
                module, _, function = target.partition(":")
                command: Any = getattr(importlib.import_module(f"lagebrief.commands.{module}"), function)
                assert isinstance(command, click.Command)  # noqa: S101 - a slip in the table above
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, _, text in COMMANDS])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder for database and index.")
@click.option("-v", "--verbose", count=True, help="Say what is done; twice for libraries too.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, errors only.")
@click.pass_context
def lagebrief(
    ctx: click.Context, config: Path | None, data_dir: Path | None, verbose: int, quiet: bool
) -> None:
    """Watch the press on Chinese AI data centres and the EU AI Act; write a weekly German issue."""
    from lagebrief.console import set_up_logging

    set_up_logging(verbose, quiet=quiet)
    ctx.obj = Options(config, data_dir, verbose, quiet)


def main() -> None:
    """Entry point: turns our errors into one line and an exit code."""
    gc.set_threshold(_GARBAGE_AFTER)
    try:
        sys.exit(lagebrief(standalone_mode=False))  # the code of a command that ended by Exit
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, e.g. `| head`
        sys.stderr.close()
        sys.exit(1)
    except LagebriefError as error:
        click.echo(f"lagebrief: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:  # a folder nobody may write, a full disk
        click.echo(f"lagebrief: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
