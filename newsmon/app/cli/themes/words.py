"""`newsmon words`: check the word files, shipped and own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from newsmon.app.cli.options import config_option, settings_from


@click.group(name="words", short_help="check word files")
def command() -> None:
    """Word files: names, places, event words, stop words, number words, languages and boilerplate rules.

    The shipped ones are under seeds/words/ and explain themselves. Yours go into the folder that `words.directory` names, in folders
    of the same names (names/, places/, events/, stop-words/, number-words/, languages/, boilerplate/), and add to the shipped ones.
    """


@command.command(name="check", short_help="Read every word file and list what is wrong.")
@click.option("--words", "directory", type=click.Path(path_type=Path), help="Folder with your word files. Default: words.directory.")
@config_option
def check(directory: Path | None, config_file: Path | None) -> None:
    """Read every word file, shipped and yours, and list every problem as file:line:key.

    Exit code 2 if a file cannot be used.
    """
    from newsmon.words import Words, read_files

    words = Words.checked(read_files(directory or settings_from(config_file).words.directory))
    kinds = Counter(key[0] for key in words.gazetteer.weights)
    rule_count = len({id(rule) for rules in words.boilerplate.by_word.values() for rule in rules})
    click.echo(
        f"{kinds['n']} names, {kinds['p']} places, {kinds['k']} kinds of event, {len(words.stop_words.words)} stop words, "
        f"{len(words.number_words.digits)} number words, {rule_count} boilerplate rules"
    )
    own_count = sum(file.is_own for file in words.files.files)
    click.echo(f"{len(words.files.files)} files, {own_count} of them yours, generation {words.generation}")
