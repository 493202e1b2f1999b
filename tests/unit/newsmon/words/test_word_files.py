"""Every mistake in a word file is named by file, line and key, all of them at once; what is right changes what newsmon decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from newsmon.text import html_to_text, identify_language, without_boilerplate
from newsmon.words import Words, current, read_files, use, use_directory
from newsmon.words.files import KINDS, SHIPPED
from processors.features.numbers import number_keys

NAMES = "names/mine.toml"
RULE = '[[rule]]\nbegins = "meld"\nreason = "newsletter"\nextent = "phrase"\n'


@pytest.fixture(autouse=True)
def _the_shipped_words_afterwards() -> Iterator[None]:
    yield
    use_directory(None)


def write(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return directory


def use_own(directory: Path, files: dict[str, str]) -> None:
    use(Words.checked(read_files(write(directory, files))))


def problems(directory: Path, files: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Words.checked(read_files(write(directory, files)))
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_files_have_no_problem_and_say_how_to_extend_them() -> None:
    files = read_files(None)
    words = Words.checked(files)
    assert {file.kind for file in files.files} == set(KINDS)
    assert words.gazetteer.acts_for["n:merz"] == "p:germany"
    assert words.boilerplate.languages == {"en", "de", "fr", "es", "it", "pl", "cs", "uk", "ru"}
    for file in files.files:
        assert file.raw.startswith(b"# "), file.name
        assert b"words.directory" in file.raw or b"common.toml" in file.raw, file.name


MISTAKES = {
    "unknown key": ({NAMES: "[fekete]\nweight = 1.5\naliases = 'fekete'\nwieght = 2"}, "names/mine.toml:4:fekete.wieght: unknown key"),
    "unknown key in a rule": (
        {"boilerplate/nl.toml": RULE + "pattern = 'meld je aan'\ncolour = 'red'"},
        "boilerplate/nl.toml:6:rule[0].colour: unknown key",
    ),
    "no weight": ({NAMES: "[fekete]\naliases = 'fekete'"}, "names/mine.toml:1:fekete.weight: is missing: a new key needs one"),
    "no alias": ({NAMES: "[fekete]\nweight = 1"}, "names/mine.toml:1:fekete.aliases: is missing: a new key needs one"),
    "weight of nought": ({NAMES: "\n[trump]\nweight = 0"}, "names/mine.toml:3:trump.weight: Input should be greater than 0"),
    "weight in quotes": ({"places/mine.toml": "[kyiv]\nweight = '1'"}, "places/mine.toml:2:kyiv.weight: Input should be a valid number"),
    "capitals": ({NAMES: "[trump]\naliases = 'Donnie'"}, "names/mine.toml:2:trump.aliases: 'Donnie' must be in lower case"),
    "stem too short": (
        {NAMES: "[trump]\naliases = 'dt*'"},
        "names/mine.toml:2:trump.aliases: 'dt*' is too short: at least 3 letters before *",
    ),
    "never found": (
        {NAMES: "[g8]\nweight = 1\naliases = 'g8'"},
        "names/mine.toml:3:g8.aliases: 'g8' is never found: a word is letters or digits, with * only behind its letters; join words with _",
    ),
    "an alias of another key": (
        {NAMES: "[fekete]\nweight = 1\naliases = '''\nfekete\nputin*\n'''"},
        "names/mine.toml:3:fekete.aliases: 'putin*' is already an alias of seeds/words/names/politicians.toml:putin; remove it",
    ),
    "taking away what is not there": (
        {NAMES: "[trump]\nwithout = 'biden'"},
        "names/mine.toml:2:trump.without: 'biden' is not an alias of trump",
    ),
    "removing what is not there": ({NAMES: "remove = ['trump', 'biden']"}, "names/mine.toml:1:remove[1]: there is no 'biden' in names"),
    "acts for nobody": ({NAMES: "[trump]\nacts_for = 'mars'"}, "names/mine.toml:2:trump.acts_for: there is no place 'mars'"),
    "acts_for of a place": ({"places/mine.toml": "[kyiv]\nacts_for = 'ukraine'"}, "places/mine.toml:2:kyiv.acts_for: unknown key"),
    "a bad key": ({NAMES: "['Mr X']\nweight = 1\naliases = 'mrx'"}, "a key is made of a-z, 0-9 and _"),
    "a number word twice": (
        {"number-words/nl.toml": "7 = 'zes'\n6 = 'zes'"},
        'number-words/nl.toml:2:"6": \'zes\' already stands for 7 (number-words/nl.toml:"7")',
    ),
    "a number without quotes": ({"number-words/nl.toml": "6 = 6"}, 'number-words/nl.toml:1:"6": Input should be a valid string'),
    "no power of ten": (
        {"number-words/nl.toml": "[scale]\nmillion = ['miljoen']"},
        'number-words/nl.toml:2:scale."million": must be a power of ten',
    ),
    "a bad scale": (
        {"number-words/nl.toml": "[scale]\n6 = ['miljoen', '(?i)mln']"},
        'number-words/nl.toml:2:scale."6"[1]: is not a regular',
    ),
    "a number in words": ({"number-words/nl.toml": "zes = 'zes'"}, "number-words/nl.toml:1:zes: unknown key: must be digits, or hundred"),
    "a stop word that is none": (
        {"stop-words/nl.toml": "[remove]\nwords = 'trump'"},
        "stop-words/nl.toml:2:remove.words: 'trump' is not in the list",
    ),
    "a bad regular expression": (
        {"boilerplate/nl.toml": RULE + "pattern = 'meld (je aan'"},
        "boilerplate/nl.toml:5:rule[0].pattern: is not a regular expression: missing ), unterminated subpattern at position",
    ),
    "matches anything": (
        {"boilerplate/nl.toml": RULE + "pattern = 'meld|'"},
        "boilerplate/nl.toml:5:rule[0].pattern: matches the empty text",
    ),
    "a pattern that can run for hours": (
        {"boilerplate/nl.toml": RULE + "pattern = 'meld (a+)+z'"},
        "boilerplate/nl.toml:5:rule[0].pattern: repeats a repetition",
    ),
    "a misspelt ending": ({"names/mine.tml": ""}, "names/mine.tml: is not read; did you mean mine.toml?"),
    "an unknown part": ({"boilerplate/nl.toml": RULE + "pattern = 'meld {letter}'"}, "rule[0].pattern: unknown part {letter}"),
    "parts in a circle": (
        {"boilerplate/nl.toml": "[parts]\na = '{b}'\nb = '{a}'\n" + RULE + "pattern = 'meld {a}'"},
        "boilerplate/nl.toml:8:rule[0].pattern: its parts include one another",
    ),
    "an unknown reason": (
        {"boilerplate/nl.toml": RULE.replace("newsletter", "spam") + "pattern = 'meld'"},
        "boilerplate/nl.toml:3:rule[0].reason",
    ),
    "a bad reported word": (
        {"boilerplate/nl.toml": "reported = ['zei', 'zegt(']"},
        "boilerplate/nl.toml:1:reported[1]: is not a regular expression",
    ),
    "a rule of no language": ({"boilerplate/common.toml": RULE + "pattern = 'meld'"}, "a rule belongs in the file of its language"),
    "named after no language": ({"boilerplate/dutch.toml": ""}, "boilerplate/dutch.toml: must be named after an ISO 639 code"),
    "no rule to remove": (
        {"boilerplate/en.toml": "remove = ['sign up']"},
        "boilerplate/en.toml:1:remove[0]: no rule has exactly this pattern",
    ),
    "a bad ending": ({"languages/nl.toml": "[nl]\nendings = ['lijk', 'h.d']"}, "languages/nl.toml:2:nl.endings[1]: 'h.d' must be letters"),
    "not TOML": ({NAMES: "[trump\n"}, "names/mine.toml:1: is not TOML"),
    "no kind": ({"mine.toml": ""}, "mine.toml: must be in one of the folders boilerplate, "),
    "unknown kind": ({"nmaes/mine.toml": ""}, "nmaes/: unknown folder; did you mean names/?"),
}


@pytest.mark.parametrize(("files", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_by_file_line_and_key(tmp_path: Path, files: dict[str, str], said: str) -> None:
    [problem] = problems(tmp_path, files)
    assert said in problem


def test_mistakes_of_all_files_are_reported_together_by_file_and_line(tmp_path: Path) -> None:
    mistakes = {
        "names/a.toml": "[trump]\nweight = 9\nwho = 1",
        "boilerplate/nl.toml": RULE + "pattern = '('",
        "number-words/nl.toml": "six = 'zes'",
    }
    found = problems(tmp_path, mistakes)
    assert [one.split(":")[:2] for one in found] == [
        ["boilerplate/nl.toml", "5"], ["names/a.toml", "2"], ["names/a.toml", "3"], ["number-words/nl.toml", "1"],
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not a directory of word files"):
        read_files(tmp_path / "none")


def test_not_utf8_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "names/mine.toml").write_bytes(b"[x]\naliases = '\xff'")
    with pytest.raises(SettingsError, match=r"names/mine\.toml: is not UTF-8"):
        Words.checked(read_files(tmp_path))


def test_a_users_file_adds_changes_and_takes_away(tmp_path: Path) -> None:
    shipped = current().gazetteer
    assert shipped.key_of(["fekete"], 0) is None
    use_own(tmp_path, {
        "names/mine.toml": "remove = ['swinney']\n[fekete]\nweight = 1.4\nacts_for = 'wakanda'\naliases = 'fekete* lady-fekete'\n"
        "[trump]\nweight = 0.9\naliases = 'donnie'\nwithout = 'trumps'",
        "places/mine.toml": "remove = ['michigan']\n[wakanda]\nweight = 1.2\naliases = 'wakanda*'",
        "number-words/nl.toml": "remove = 'two'\n2 = 'twee'\nhundred = 'honderd'",
        "stop-words/nl.toml": "words = 'het één'\ncapitalised = 'vlaams'\n[remove]\nwords = 'the'",
    })  # fmt: skip
    words = current()
    gazetteer = words.gazetteer
    assert gazetteer.key_of(["feketevel"], 0) == ("n:fekete", 1)
    assert gazetteer.key_of(["lady", "fekete"], 0) == ("n:fekete", 2)
    assert gazetteer.acts_for["n:fekete"] == "p:wakanda"
    assert gazetteer.weights["n:trump"] == 0.9
    assert (gazetteer.key_of(["donnie"], 0), gazetteer.key_of(["trump"], 0)) == (("n:trump", 1), ("n:trump", 1))
    assert gazetteer.key_of(["swinney"], 0) is None
    assert "p:michigan" not in gazetteer.weights
    assert words.number_words.with_digits(["twee", "honderd", "two", "three"]) == ["200", "two", "3"]
    assert {"het", "een", "teh"} & words.stop_words.words == {"het", "een"}
    assert "the" not in words.stop_words.words
    assert "vlaams" in words.stop_words.capitalised
    assert shipped.weights["n:trump"] == 0.5  # a value never changes: who took it keeps it


def test_scales_and_shares_of_a_new_language_are_numbers(tmp_path: Path) -> None:
    text = "Schade van 3 miljoen en 4 procentpunt"
    assert list(number_keys(text)) == ["q:3", "q:4%"]
    use_own(tmp_path, {"number-words/nl.toml": "percent = ['pond']\n[scale]\n6 = ['miljoen']"})
    assert list(number_keys(text)) == ["q:3e+06", "q:4%"]
    assert list(number_keys("5 pond")) == ["q:5%"]


def test_an_alias_moves_from_a_shipped_key_to_a_key_of_ones_own(tmp_path: Path) -> None:
    use_own(tmp_path, {"names/mine.toml": "[fekete]\nweight = 1\naliases = 'costa'\n[costa]\nwithout = 'costa'"})
    assert current().gazetteer.key_of(["costa"], 0) == ("n:fekete", 1)


def test_a_name_may_lose_the_place_it_acts_for(tmp_path: Path) -> None:
    use_own(tmp_path, {"places/mine.toml": "remove = ['switzerland']", "names/mine.toml": "[fed]\nacts_for = ''"})
    assert {"n:parmelin", "n:fed"}.isdisjoint(current().gazetteer.acts_for)


def test_rules_of_a_new_language_cut_and_a_shipped_rule_can_be_dropped(tmp_path: Path) -> None:
    dutch = "De minister trad af.\nMeld je aan voor onze gratis nieuwsbrief.\nDe Kamer debatteert morgen."
    english = "The minister resigned.\nUnsubscribe at any time.\nParliament debates tomorrow."
    assert without_boilerplate(dutch, "nl") == dutch
    assert without_boilerplate(english, "en") == "The minister resigned.\nParliament debates tomorrow."
    use_own(tmp_path, {
        "boilerplate/nl.toml": "reported = ['zei']\n[parts]\nletter = 'nieuwsbrief(?:ven)?'\n" + RULE + "pattern = 'meld je aan voor {gap:3}{letter}'",
        "boilerplate/en.toml": "remove = ['unsubscribe (?:at )?any ?time']",
    })  # fmt: skip
    assert without_boilerplate(dutch, "nl") == "De minister trad af.\nDe Kamer debatteert morgen."
    reported = dutch.replace("nieuwsbrief.", "nieuwsbrief zei hij.").replace("gratis nieuwsbrief", "gratis nieuwsbrief, zo")
    assert without_boilerplate(reported, "nl") == reported
    assert without_boilerplate(english, "en") == english


def test_names_of_boxes_and_signs_of_a_language_can_be_added(tmp_path: Path) -> None:
    markup = '<p>Rain is coming.</p><div class="nieuwsbrief-blok"><p>Every morning in your inbox</p></div>'
    headline = "Vill stoppa stödet"
    assert "inbox" in html_to_text(markup)
    before = identify_language(headline, candidates=("en", "sv", "de")).score
    use_own(
        tmp_path, {"boilerplate/common.toml": "box_names = ['nieuwsbrief']", "languages/sv.toml": "[sv]\nwords = 'vill'\nletters = 'å'"}
    )
    assert "inbox" not in html_to_text(markup)
    after = identify_language(headline, candidates=("en", "sv", "de"))
    assert after.code == "sv"
    assert after.score > before


def test_a_part_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    text = "The minister resigned.\nFollow us on Hyves.\nParliament debates tomorrow."
    assert "Hyves" in without_boilerplate(text, "en")
    use_own(tmp_path, {"boilerplate/common.toml": "[parts]\nnetwork = '(?:facebook|hyves)'"})
    assert "Hyves" not in without_boilerplate(text, "en")


def test_messages_name_shipped_files_where_they_are() -> None:
    assert all(file.name.startswith(SHIPPED) and not file.is_own for file in read_files(None).files)


def test_words_are_read_when_first_needed(tmp_path: Path) -> None:
    write(tmp_path, {"names/mine.toml": "[fekete]\nwho = 1"})
    use_directory(tmp_path)
    assert current().boilerplate.by_word  # the names are somebody else's business
    with pytest.raises(SettingsError, match="who: unknown key"):
        _ = current().gazetteer
