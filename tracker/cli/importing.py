"""`tracker import`: one subcommand per kind of file, each loaded when it is asked for."""

from importlib import import_module

import click

#: Subcommands. `tracker import NAME` is the click command `command` of `tracker.cli.import_NAME`.
NAMES = (
    "areas",
    "checklist",
    "holidays",
    "organizations",
    "points",
    "responsibility",
    "tasks",
)


class ImportGroup(click.Group):
    """Finds its subcommands by name, so that asking for one does not load the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in NAMES if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NAMES:
            return None
        module = f"tracker.cli.import_{cmd_name}"
        try:
            command: click.Command = import_module(module).command
        except ModuleNotFoundError as missing:
            if missing.name != module:
                raise
            return None
        return command


@click.group(name="import", cls=ImportGroup)
def importing() -> None:
    """Bring in data from files; ends with 1 when a row was rejected."""
