"""The languages that feeds are written in, and the encodings that people write each of them in when it is not UTF-8."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """Where the words of a language are found (justext's list; Babel's names by `locale`), and its encodings."""

    list_name: str | None
    encodings: tuple[str, ...]
    prior: float = 0.0  # nats: how much rarer a feed in it is than one in a large language
    locale: str | None = None  # None: the code itself


_WEST = ("windows-1252", "iso-8859-15", "macintosh", "cp850", "cp437")
_CENTRAL = ("windows-1250", "iso-8859-2", "cp852")
_CYRILLIC = ("windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic", "cp855")
_UKRAINIAN = ("windows-1251", "koi8-u", "iso-8859-5", "ibm866", "x-mac-cyrillic")
_BALTIC = ("windows-1257", "iso-8859-13", "iso-8859-4")
_ARABIC = ("windows-1256", "iso-8859-6")
_RARE = -3.0

LANGUAGES = {
    "en": Language("English", _WEST),
    "de": Language("German", (*_WEST, "windows-1250", "iso-8859-2")),
    "fr": Language("French", _WEST),
    "es": Language("Spanish", _WEST),
    "pt": Language("Portuguese", _WEST),
    "it": Language("Italian", _WEST),
    "nl": Language("Dutch", _WEST),
    "sv": Language("Swedish", _WEST),
    "da": Language("Danish", _WEST),
    "nb": Language("Norwegian_Bokmal", _WEST),
    "fi": Language("Finnish", _WEST),
    "is": Language("Icelandic", _WEST, _RARE),
    "ca": Language("Catalan", _WEST, _RARE),
    "gl": Language("Galician", _WEST, _RARE),
    "eu": Language("Basque", _WEST, _RARE),
    "ga": Language("Irish", (*_WEST, "iso-8859-14"), _RARE),
    "cy": Language("Welsh", (*_WEST, "iso-8859-14"), _RARE),
    "af": Language("Afrikaans", _WEST, _RARE),
    "sq": Language("Albanian", (*_WEST, "windows-1250", "iso-8859-2"), _RARE),
    "id": Language("Indonesian", _WEST),
    "ms": Language("Malay", _WEST, _RARE),
    "pl": Language("Polish", _CENTRAL),
    "cs": Language("Czech", _CENTRAL),
    "sk": Language("Slovak", _CENTRAL),
    "hu": Language("Hungarian", _CENTRAL),
    "sl": Language("Slovenian", _CENTRAL),
    "hr": Language("Serbo_Croatian", _CENTRAL),
    "ro": Language("Romanian", (*_CENTRAL, "iso-8859-16")),
    "ru": Language("Russian", _CYRILLIC),
    "uk": Language("Ukrainian", _UKRAINIAN),
    "be": Language("Belarusian", _UKRAINIAN, _RARE),
    "bg": Language("Bulgarian", _CYRILLIC),
    "mk": Language("Macedonian", _CYRILLIC, _RARE),
    "sr": Language("Serbian", _CYRILLIC),
    "el": Language("Greek", ("windows-1253", "iso-8859-7", "cp737")),
    "tr": Language("Turkish", ("windows-1254",)),
    "he": Language("Hebrew", ("windows-1255", "iso-8859-8")),
    "ar": Language("Arabic", _ARABIC),
    "fa": Language("Persian", _ARABIC),
    "ur": Language("Urdu", _ARABIC, _RARE),
    "lt": Language("Lithuanian", _BALTIC),
    "lv": Language("Latvian", _BALTIC),
    "et": Language("Estonian", ("windows-1257", "iso-8859-13", "windows-1252", "iso-8859-15", "iso-8859-4")),
    "vi": Language("Vietnamese", ("windows-1258",), -2.0),
    "th": Language(None, ("windows-874",)),
    "eo": Language("Esperanto", ("iso-8859-3",), 2 * _RARE),
    "mt": Language("Maltese", ("iso-8859-3",), 2 * _RARE),
    "zh": Language(None, ("gb18030",)),
    "zh-hant": Language(None, ("big5",), locale="zh_Hant"),
    "ja": Language(None, ("shift_jis", "euc-jp")),
    "ko": Language(None, ("euc-kr",)),
}  # fmt: skip

# How much rarer than the first encoding of its languages, in nats.
ENCODING_PRIORS = {
    "iso-8859-2": -1.0, "iso-8859-15": -1.0, "koi8-r": -0.5, "koi8-u": -0.5, "iso-8859-5": -3.0, "ibm866": -3.0, "x-mac-cyrillic": -4.0,
    "cp855": -6.0, "macintosh": -4.0, "cp850": -5.0, "cp437": -5.5, "cp852": -4.0,
    "iso-8859-7": -1.0, "iso-8859-8": -1.0, "iso-8859-6": -2.0,
    "iso-8859-13": -1.5, "iso-8859-4": -3.0, "iso-8859-3": -2.0, "iso-8859-14": -3.0, "iso-8859-16": -3.0, "cp737": -4.0,
}  # fmt: skip

_SAME = {
    "no": "nb", "nn": "nb", "bs": "hr", "sh": "hr", "iw": "he", "cz": "cs", "gr": "el", "jp": "ja", "kr": "ko", "cn": "zh", "tw": "zh-hant",
    "ua": "uk", "by": "be", "dk": "da", "se": "sv", "in": "id", "tl": "id", "fil": "id", "ast": "es", "oc": "ca", "lb": "de", "fy": "nl",
    "zho": "zh", "chi": "zh", "rus": "ru", "ukr": "uk", "pol": "pl", "ger": "de", "deu": "de", "fra": "fr", "fre": "fr", "spa": "es",
    "ita": "it", "por": "pt", "tur": "tr", "gre": "el", "ell": "el", "heb": "he", "ara": "ar", "jpn": "ja", "kor": "ko", "hun": "hu",
    "ces": "cs", "cze": "cs", "slk": "sk", "bul": "bg", "srp": "sr", "hrv": "hr", "ron": "ro", "rum": "ro", "mo": "ro", "eng": "en",
}  # fmt: skip
_ALSO = {"zh": ("zh-hant",), "zh-hant": ("zh",), "sr": ("hr",), "hr": ("sr",)}  # languages people write in two ways


def languages_named(code: str | None) -> tuple[str, ...]:
    """The languages of the table that a feed's language code may mean; none for a code that the table does not have."""
    plain = (code or "").lower().replace("_", "-")
    if plain.startswith("zh-") and plain.endswith(("tw", "hk", "mo", "hant")):
        plain = "zh-hant"
    for spelling in (plain, plain.split("-")[0]):
        name = _SAME.get(spelling, spelling)
        if name in LANGUAGES:
            return (name, *_ALSO.get(name, ()))
    return ()
