"""Names, documents and messages are spelled American, so that one search finds a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .source_tree import ROOT

_TEXT = frozenset(
    {".py", ".pyi", ".md", ".yaml", ".yml", ".toml", ".jinja", ".txt", ".j2", ".json"}
)
# "cancelled" stays: it is the stored word of a status, and every rule writes it.
_BRITISH = re.compile(
    r"[a-z]+?(?:is(?:e|ed|er|ers|es|ing|ation|ations))"
    r"|analys(?:e|ed|es|ing)|paralys(?:e|ed|es|ing)"
    r"|(?:arm|behavi|cand|col|endeav|fav|flav|harb|hon|hum|lab|neighb|rum|sav|vap|vig)our[a-z]*"
    r"|(?:cent|fib|lit|meag|theat)re[sd]?"
    r"|(?:defen|licen|offen|preten)ce[sd]?"
    r"|(?:cata|ana|dia|mono|pro)logue[sd]?"
    r"|(?:cancell|channell|fuell|labell|levell|modell|signall|totall|travell)ing"
    r"|(?:channell|fuell|labell|levell|modell|signall|totall|travell)ed"
    r"|(?:mis)?spelt|learnt|judgements?|fulfil|enrol|grey|programmes?|whilst|artefacts?"
)
# No spelling matter: "-ise" is part of the word.
_STEMS = frozenset(
    re.findall(
        r"\w+",
        "adv appr ar bru chast comprom compr conc cru dem desp dev disgu enterpr exc exerc expert"
        " franch gu improv inc lik likew merchand mo no otherw outsourc pairw parad po pra prec"
        " prem prom ra rera rev r superv surpr telev treat w",
    )
)
# Words of others, and the former name that a migration reads.
_ALLOWED: Mapping[str, frozenset[str]] = {
    "grey": frozenset(
        {"docs/sinks.md", "src/atsbridge/replies/parse.py"}  # Slack's :grey_question:
    ),
    "customise": frozenset({"src/atsbridge/settings/settings_model.py"}),
    "judgement": frozenset({"tests/laws/test_retired_words.py"}),
    "unknownpromises": frozenset({"docs/reference/json.md"}),  # an anchor
    "organiser": frozenset(
        {
            "CHANGELOG.md",
            "tests/rules/language/bad/to-former-name.yaml",
            "src/atsbridge/store/database/migration_steps.py",
            "src/atsbridge/store/database/renamed_fields.py",
            "tests/store/database/test_renamed_fields.py",
        }
    ),
}
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def british(text: str) -> Iterator[str]:
    """Each word of a text or name that is spelled British, in lower case."""
    for part in _PARTS.findall(text):
        word = part.lower()
        if _BRITISH.fullmatch(word) and re.sub("is(e|ed|er|ers|es|ing)$", "", word) not in _STEMS:
            yield word


def offenders() -> Iterator[str]:
    """ "file: word" for each British word in a text file of the repository."""
    folders = ("src", "plugins", "tests", "docs", "tools", "rules", "benchmarks", "deploy")
    below = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")))
    for path in (*sorted(ROOT.glob("*.*")), *below):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in _TEXT and path != Path(__file__) and ".egg-info" not in name:
            found = sorted(set(british(path.read_text("utf-8"))))
            yield from (f"{name}: {word}" for word in found if not _is_allowed(word, name))


def _is_allowed(word: str, file: str) -> bool:
    return file in _ALLOWED.get(word, ())


def test_every_text_is_spelled_american() -> None:
    """Code, comments, tests, documents, packs and fixtures."""
    assert list(offenders()) == []


def test_planted_british_words_are_found() -> None:
    """In names of any case and in sentences; not where the letters are part of the word."""
    text = "def normaliseRow(colour_of): 'Organiser of the centre, labelled by its licences'"
    assert list(british(text)) == [
        *("normalise", "colour", "organiser", "centre", "labelled", "licences"),
    ]
    fine = "We promise to raise, advise, revise and exercise; your hour is precise and cancelled"
    assert list(british(fine)) == []
