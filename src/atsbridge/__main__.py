"""Run the command line as `python -m atsbridge`, without the installed script."""

from atsbridge.cli import main

if __name__ == "__main__":
    main()
