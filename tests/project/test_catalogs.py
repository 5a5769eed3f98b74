"""Spanish and French are complete: nothing empty, fuzzy, left over, or equal to English without a reason."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.portal import ROOT

LANGUAGES = ("es", "fr")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")
FORBIDDEN = {
    "es": re.compile(r"\b(menor(es)? de edad|el menor|secuestrador)", re.I),
    # A no-break space before a colon and inside « », none before ; ! ?; one form of the apostrophe.
    "fr": re.compile(r" [;!?:»]|« |’"),
}


def catalog(language: str) -> polib.POFile:
    return polib.pofile(ROOT / "locale" / language / "LC_MESSAGES" / "django.po")


def reasons(language: str) -> dict[str, str]:
    lines = (Path(__file__).with_name(f"same_as_english_{language}.txt")).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line.strip() and not line.startswith("#"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalog_is_complete(language):
    entries = catalog(language)
    assert [entry.msgid for entry in entries.untranslated_entries()] == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []
    assert [entry.msgid for entry in entries.obsolete_entries()] == []
    for entry in entries:
        assert all(text.strip() for text in (entry.msgstr_plural or {0: entry.msgstr}).values()), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_reads_like_english_has_a_reason(language):
    same = {entry.msgid for entry in catalog(language) if entry.msgstr == entry.msgid}
    assert same == same & set(reasons(language)), "add the reason to same_as_english"
    assert set(reasons(language)) == same, "reasons for entries that are translated now"
    assert all(len(reason) > 5 for reason in reasons(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_tags_survive(language):
    for entry in catalog(language):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            allowed = {*PLACEHOLDER.findall(entry.msgid), *PLACEHOLDER.findall(entry.msgid_plural)}
            found = set(PLACEHOLDER.findall(text))
            assert found <= allowed, entry.msgid
            if not entry.msgid_plural:
                assert found == allowed, entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_law_are_used(language):
    offending = [
        entry.msgid
        for entry in catalog(language)
        if any(FORBIDDEN[language].search(text) for text in (entry.msgstr, *entry.msgstr_plural.values()))
    ]
    assert offending == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed; `.ci/run` installs it")
def test_catalogs_hold_every_string_of_the_code(tmp_path):
    """Extract again into a copy: no string may be missing from, or left over in, the catalogs."""
    for name in ("agencies", "cases", "alerts", "config", "templates", "locale"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    command = [sys.executable, "manage.py", "makemessages", "--no-wrap", "--add-location", "file"]
    subprocess.run([*command, "--locale", "es", "--locale", "fr"], cwd=tmp_path, check=True, capture_output=True)
    for language in LANGUAGES:
        fresh = polib.pofile(tmp_path / "locale" / language / "LC_MESSAGES" / "django.po")
        wanted = {(entry.msgctxt, entry.msgid) for entry in fresh if not entry.obsolete}
        present = {(entry.msgctxt, entry.msgid) for entry in catalog(language) if not entry.obsolete}
        assert wanted - present == set()
        assert present - wanted == set()
