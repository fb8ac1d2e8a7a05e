"""A status written into a pack: where it goes, what stays, and when nothing is written."""

from __future__ import annotations

from textwrap import dedent

import pytest
import yaml

from atsbridge.errors import RuleError
from atsbridge.rules.language.pack_override import Promotion, promoted

LIVE = Promotion("late", "live", ("shadow -> live on 2026-03-09", "tests: 3 came true"))
PROOF = "# shadow -> live on 2026-03-09\n{0}# tests: 3 came true\n"

CASES = {
    "no overrides": (
        "version: 1  # ours\nrules: []\n\n\n",
        """\
        version: 1  # ours
        rules: []

        overrides:
          # shadow -> live on 2026-03-09
          # tests: 3 came true
          - id: late
            status: live
        """,
    ),
    "others are overridden": (
        """\
        version: 1
        overrides:
            # Kim asked for two days
            - id: other
              target: 2bd
        rules: []
        """,
        """\
        version: 1
        overrides:
            # shadow -> live on 2026-03-09
            # tests: 3 came true
            - id: late
              status: live
            # Kim asked for two days
            - id: other
              target: 2bd
        rules: []
        """,
    ),
    "not indented": (
        "version: 1\noverrides:\n- {id: other, target: 2bd}\n",
        """\
        version: 1
        overrides:
        # shadow -> live on 2026-03-09
        # tests: 3 came true
        - id: late
          status: live
        - {id: other, target: 2bd}
        """,
    ),
    "its status is overridden": (
        """\
        version: 1
        overrides:
          - id: late
            status: 'shadow'  # for now
            target: 2bd
        """,
        """\
        version: 1
        overrides:
          # shadow -> live on 2026-03-09
          # tests: 3 came true
          - id: late
            status: live  # for now
            target: 2bd
        """,
    ),
    "in braces": (
        "version: 1\noverrides:\n  - {id: late, status: shadow, target: 2bd}  # hm\n",
        """\
        version: 1
        overrides:
          # shadow -> live on 2026-03-09
          # tests: 3 came true
          - {id: late, status: live, target: 2bd}  # hm
        """,
    ),
    "it is overridden otherwise": (
        "version: 1\noverrides:\n  - id: late\n    target: 2bd\n",
        """\
        version: 1
        overrides:
          # shadow -> live on 2026-03-09
          # tests: 3 came true
          - id: late
            status: live
            target: 2bd
        """,
    ),
    "otherwise in braces": (
        "version: 1\noverrides:\n  - {target: 2bd, id: late}\n",
        """\
        version: 1
        overrides:
          # shadow -> live on 2026-03-09
          # tests: 3 came true
          - {target: 2bd, id: late, status: live}
        """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_written_and_all_else_stays(name: str) -> None:
    """Comments, order and indentation are the author's; the evidence stands above."""
    before, after = (dedent(text) for text in CASES[name])
    written = promoted("p.yaml", before, LIVE)
    assert written == after
    (mine,) = (one for one in yaml.safe_load(written)["overrides"] if one["id"] == "late")
    assert mine["status"] == "live"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("version: 1\noverrides: [{id: other, target: 2bd}]\n", "not a list of one entry a line"),
        ("version: 1\noverrides: []\n", "these overrides are empty"),
        ('version: 1\noverrides:\n  - {id: late, status: "\\x73hadow"}\n', "written unusually"),
    ],
)
def test_what_cannot_be_added_to_safely_is_left_alone(text: str, why: str) -> None:
    """The error has the line, and what to write by hand."""
    with pytest.raises(RuleError) as caught:
        promoted("p.yaml", text, LIVE)
    assert why in caught.value.what
    assert caught.value.where.startswith("p.yaml:2:")
    assert "{id: late, status: live}" in caught.value.remedy


def test_the_last_override_of_a_rule_counts() -> None:
    """As in loading: that one is changed."""
    text = "version: 1\noverrides:\n  - {id: late, status: draft}\n  - {id: late, status: shadow}\n"
    found = yaml.safe_load(promoted("p.yaml", text, LIVE))["overrides"]
    assert [one["status"] for one in found] == ["draft", "live"]
