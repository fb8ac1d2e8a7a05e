"""`python -m atsbridge`: the command line, where no script is installed.

The commands themselves are `cli`'s.
"""

from atsbridge.cli import main

if __name__ == "__main__":
    main()
