"""The command line: thin commands; errors become exit codes."""


def main() -> None:
    """Entry point."""
