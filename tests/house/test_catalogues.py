"""Everything that people read is there in every language, and nothing in it is broken."""

import io
import re

import pytest
from babel.messages.mofile import read_mo
from django.conf import settings

from tests import catalogues

TAG = re.compile(r"<[^>]*>")
# What is the same word in a language as in English; anything else that is equal was forgotten.
IN_ALL = ["Tocsin", "API", "Code", "Prio", "Triage", "%d min", "%d s", "TLP"]
SAME = {
    "nl": [
        *"Account Auditor Console Context Direct Filters Incident Machines Mail Management".split(),
        *"Open Passkeys Scopes Start Tenants Update Updates Workflows account code".split(),
        *"detail details hash incident later node open procedure scopes score tenant".split(),
        *"tenants token zone Week".split(),
        *["%d d", "Account: %s", "Security officer", "Macro…", "filters", "macro"],
    ],
    "de": [
        *"Information Management Name Passkeys Person Phase Playbook Portal Start Text".split(),
        *"Version Workspaces".split(),
        *["%(hours)d h %(minutes)d min", "%d d", "%d h", "in %s"],
    ],
    "fr": [
        *"Action Macro… Note macro macros note".split(),
        *"Console Dates Description Incident Incidents Information Machines Messages".split(),
        *"Notes Pages Phase Police Public Service Sessions Version analyse cause code".split(),
        *"description incident incidents mode phase position score verdicts version zone".split(),
        *["%(hours)d h %(minutes)d min", "%d h", "1 rare", "3 possible"],
    ],
}

every_language = pytest.mark.parametrize("language", catalogues.LANGUAGES)


def keyed(catalog):
    return {(message.id, message.context): message for message in catalogues.phrases(catalog)}


def is_word(phrase):
    """False for "%(count)s %%" and its like, which have nothing to translate."""
    words = TAG.sub("", catalogues.PLACEHOLDER.sub("", phrase))
    return any(sign.isalpha() for sign in words)


def test_every_language_of_the_site_has_a_catalogue():
    assert [code for code, _name in settings.LANGUAGES] == ["en", *catalogues.LANGUAGES]


@every_language
def test_a_catalogue_has_exactly_what_the_sources_say(language):
    stored = keyed(catalogues.stored(language))
    wanted = keyed(catalogues.wanted(language))

    assert sorted(map(str, wanted.keys() - stored.keys())) == []  # run `make messages`
    assert sorted(map(str, stored.keys() - wanted.keys())) == []
    assert not catalogues.stored(language).obsolete


@every_language
def test_every_message_is_translated_and_keeps_what_programs_need(language):
    messages = catalogues.phrases(catalogues.stored(language))

    faults = {str(each.id): catalogues.faults(each, language) for each in messages}

    assert {text: found for text, found in faults.items() if found} == {}
    assert [str(each.id) for each in messages if each.fuzzy] == []


@every_language
def test_a_translation_is_not_the_english_once_more(language):
    messages = catalogues.phrases(catalogues.stored(language))

    equal = {
        each.id
        for each in messages
        if not each.pluralizable and each.id == each.string and is_word(each.id)
    }

    assert sorted(equal - {*IN_ALL, *SAME[language]}) == []


@every_language
def test_the_compiled_catalogue_says_what_the_readable_one_does(language):
    compiled = catalogues.po_file(language).with_suffix(".mo").read_bytes()

    assert compiled == catalogues.compiled(language)  # run `make messages`
    assert len(read_mo(io.BytesIO(compiled))) == len(catalogues.stored(language))


@pytest.mark.parametrize(
    ("english", "translation", "fault"),
    [
        ("%(name)s is late", "%(naam)s is laat", "placeholders"),
        ("Call %s", "Bel", "placeholders"),
        ("One of {roles}", "Een van {rollen}", "placeholders"),
        ("Before <b>it</b>", "Voor het", "tags"),
        ("Save", "Opslaan ", "space at the edges"),
        ("Subject", "Onder\nwerp", "a line break where there was none"),
    ],
)
def test_a_broken_translation_is_found(english, translation, fault):
    assert catalogues.differences(english, translation) == [fault]


def test_a_template_is_read_as_its_tags(tmp_path, monkeypatch):
    page = tmp_path / "portal" / "templates" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '{% load i18n %}\n  <p title="{% translate "Title" %}">it\'s ("odd</p>\n'
        "    {% blocktranslate count n=n trimmed %}\n   {{ n }} file\n"
        '{% plural %}{{ n }} files{% endblocktranslate %}\n{% translate "May" context "month" %}'
    )
    monkeypatch.setattr("tests.house.tree.ROOT", tmp_path)

    found = list(catalogues.said_in(page.relative_to(tmp_path)))

    assert [(each.text, each.context) for each in found] == [
        ("Title", None),
        (("%(n)s file", "%(n)s files"), None),
        ("May", "month"),
    ]
