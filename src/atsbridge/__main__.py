"""Run the command line as `python -m atsbridge`, where the script is not installed."""

from atsbridge.cli import main

if __name__ == "__main__":
    main()
