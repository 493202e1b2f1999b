"""What a page counts beside an article is cut in every language; figures of the article are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.text import without_counters

TEXT = "Talks resume in Geneva."
COUNTERS = """
Read {} times|{} views|{} comments|{} min read|{}-minute read|Updated {} minutes ago|{} hours ago|Views: {}|{}k views|{} likes, {} shares
This article has been read {} times|{} comments and {} shares|👁 {}|💬 {}|Gelesen: {} Mal|{} Aufrufe|vor {} Minuten|Lesezeit: {} Min.|{} Kommentare
Lu {} fois|il y a {} minutes|Temps de lecture : {} min|{} commentaires|{} vues|{} partages|Visto {} veces|hace {} minutos|{} comentarios|{} visitas
{} visualizzazioni|Tempo di lettura: {} minuti|{} minuti fa|{} commenti|Przeczytano {} razy|Wyświetleń: {}|{} minut temu|Czas czytania: {} min
{} komentarzy|Přečteno {}×|před {} minutami|{} zobrazení|Переглядів: {}|Прочитано {} рази|{} хвилин тому|Час читання: {} хв|{} коментарів
Просмотров: {}|{} минут назад|{} комментариев|閲覧数：{}|コメント{}件|{}分前|阅读 {}|阅读量：{}次|{}条评论|{}分钟前|조회수 {}회|댓글 {}개|{}분 전
{} مشاهدة|منذ {} دقائق|{} تعليق|{} görüntüleme|{} dakika önce|{} yorum|Dibaca {} kali|{} menit yang lalu|{} lượt xem|{} phút trước
{} visningar|Lästid: {} min|för {} minuter sedan|Leestijd: {} minuten|{} minuten geleden|{} reacties|{} προβολές|πριν {} λεπτά|{} σχόλια
צפיות: {}|לפני {} דקות|{} megtekintés|Luettu {} kertaa|{} minuuttia sitten|{} visninger|for {} minutter siden|{} vizualizări|acum {} minute
{} visualizações|há {} minutos|{} прегледа|преди {} минути|{} peržiūrų|prieš {} minutes|{} skatījumi|{} बार पढ़ा गया|{} मिनट पहले|{} بازدید
"""  # fmt: skip
SHAPES = [one.strip() for line in COUNTERS.strip().split("\n") for one in line.split("|")]
NUMBERS = ["3", "12", "1204", "1,204", "1.204", "1 204", "1\u202f204", "1’204"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_counter_is_cut_wherever_it_stands_at_an_edge(shape: str) -> None:
    for number in NUMBERS:
        counter = shape.replace("{}", number)
        for text in (
            f"{TEXT}\n{counter}",
            f"{counter}\n{TEXT}",
            f"{TEXT} {counter}",
            f"{TEXT} ({counter})",
            f"{TEXT} | {counter}",
            f"{TEXT} · {counter}.",
        ):
            assert without_counters(text) == TEXT, text
        assert without_counters(counter) == ""
        assert without_counters(f"{TEXT}\n{counter}\n{counter}\nMore follows.") == f"{TEXT}\nMore follows."


@pytest.mark.parametrize(
    "text",
    ["5 dead becomes 12 dead.", "Tariff of 25 %", "Read 25 % more", "12 comments were deleted.", "The film had 3 million views, police said.", "Toll: 12",
     "25 killed in Kyiv. 12 dead.", "Shares fell 3 %.", "Talks on 5 November. 3 ministers left.", "$5 a share", "€12 views", "Article 5", "3-2", "3 days",
     "1,204 people were evacuated (12 of them children)", "War in Ukraine, day 1,204", "Week 5: talks", "1204", "Seats: 120", "12 votes against",
     "Hryvnia at 41.5", "Читали вирок 5 годин.", "12 загиблих", "3 Tote", "5 morts", "Talks (25)", "Minister read 3 letters aloud", "5,000 new views of the city"],
)  # fmt: skip
def test_figures_of_the_article_stay(text: str) -> None:
    assert without_counters(text) == text
    assert without_counters(f"{TEXT} {text}") == f"{TEXT} {text}"
    assert without_counters(f"{TEXT}\n{text}") == f"{TEXT}\n{text}"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*SHAPES, TEXT, "5 dead.", "(25 %)", "|", " – ", "\n", "12"]), max_size=8), st.integers(1, 10**7))
def test_cutting_twice_cuts_no_more_and_numbers_do_not_matter(pieces: list[str], number: int) -> None:
    text = "\n".join(pieces)
    once = without_counters(text.replace("{}", str(number)))
    assert without_counters(once) == once
    if "{}" in text and all(piece in SHAPES or piece == TEXT for piece in pieces):
        assert once == without_counters(text.replace("{}", str(number + 1)))
