"""Small numbers written as words, in nine languages: copies differ in whether an outlet's house style spells them out.

Out: `with_digits(words)`.
I/O: none.

One is left out: in most of these languages it is the article too.
"""

from __future__ import annotations

from collections.abc import Sequence

_ROWS = """
2 | two zwei deux dos due dwa dwie dwoch dwóch dva dvě dvou два дві двох две двух
3 | three drei trois tres tre trzy trzech tři tří три трьох трех трёх
4 | four vier quatre cuatro quattro cztery czterech čtyři čtyř чотири чотирьох четыре четырех четырёх
5 | five fünf cinq cinco cinque pięć pięciu pět pěti п'ять пять пяти
6 | six sechs seis sei sześć sześciu šest šesti шість шести шесть
7 | seven sieben sept siete sette siedem siedmiu sedm sedmi сім семи семь
8 | eight acht huit ocho otto osiem ośmiu osm osmi вісім восьми восемь
9 | nine neun neuf nueve nove dziewięć dziewięciu devět devíti дев'ять девять девяти
10 | ten zehn dix diez dieci dziesięć dziesięciu deset deseti десять десяти
11 | eleven elf onze once undici jedenaście jedenastu jedenáct jedenácti одинадцять одинадцяти одиннадцать одиннадцати
12 | twelve zwölf douze doce dodici dwanaście dwunastu dvanáct dvanácti дванадцять дванадцяти двенадцать двенадцати
13 | thirteen dreizehn treize trece tredici trzynaście třináct тринадцять тринадцать тринадцати
14 | fourteen vierzehn quatorze catorce quattordici czternaście čtrnáct чотирнадцять четырнадцать
15 | fifteen fünfzehn quinze quince quindici piętnaście patnáct п'ятнадцять пятнадцать
16 | sixteen sechzehn seize dieciséis sedici szesnaście šestnáct шістнадцять шестнадцать
17 | seventeen siebzehn diecisiete diciassette siedemnaście sedmnáct сімнадцять семнадцать
18 | eighteen achtzehn dieciocho diciotto osiemnaście osmnáct вісімнадцять восемнадцать
19 | nineteen neunzehn diecinueve diciannove dziewiętnaście devatenáct дев'ятнадцять девятнадцать
20 | twenty zwanzig vingt veinte venti dwadzieścia dwudziestu dvacet двадцять двадцати двадцать
30 | thirty dreissig dreißig trente treinta trenta trzydzieści třicet тридцять тридцати тридцать
40 | forty vierzig quarante cuarenta quaranta czterdzieści čtyřicet сорок сорока
50 | fifty fünfzig cinquante cincuenta cinquanta pięćdziesiąt padesát п'ятдесят пятьдесят
60 | sixty sechzig soixante sesenta sessanta sześćdziesiąt šedesát шістдесят шестьдесят
200 | zweihundert doscientos duecento dwieście двісті двести
300 | dreihundert trescientos trecento trzysta триста
90 | ninety neunzig noventa novanta dziewięćdziesiąt devadesát дев'яносто девяносто
"""
_DIGITS = {word: digits.strip() for row in _ROWS.strip().splitlines() for digits, words in [row.split("|")] for word in words.split()}
VALUES = frozenset(_DIGITS.values())


def with_digits(words: Sequence[str]) -> list[str]:
    """Return lower-case words with the small numbers among them as digits, "two hundred" as one."""
    written: list[str] = []
    for word in words:
        if word == "hundred" and written and written[-1] in VALUES:
            written[-1] += "00"
        else:
            written.append(_DIGITS.get(word, word))
    return written
