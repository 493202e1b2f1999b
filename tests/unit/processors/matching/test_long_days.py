"""A government's day told at length, in clipped sentences, with a sign-up box and a privacy notice in mid-text."""

from __future__ import annotations

import pytest
from support.shipped import shipped_themes

from newsmon.app.cli.themes.items import article_of_item
from processors.matching.classify import verdicts_on_article

BOX = 2  # the paragraph with the box
DAYS = {
    "it": (
        "La lunga giornata della premier, tra Kiev, Washington e i conti",
        (
            "La giornata è cominciata prima delle sette con un caffè e una pila di dossier. In cortile aspettavano già tre auto.",
            (
                "Alle otto e mezza la presidente del Consiglio si è collegata con i colleghi europei. Sul tavolo la forza di pace da "
                "schierare in Ucraina dopo il cessate il fuoco. Roma non manderà soldati al fronte, ma non esclude di partecipare alla "
                "missione di monitoraggio dei volenterosi."
            ),
            (
                "Iscriviti alla newsletter: ogni mattina dazi, difesa e missioni di pace nella tua casella.\nInformativa sulla privacy: i "
                "dati saranno trattati secondo le norme vigenti."
            ),
            (
                "Poi la telefonata con la Casa Bianca. Il presidente americano ha confermato i dazi del 15 per cento sulle auto europee. "
                "La premier ha chiesto di esentare il vino e i formaggi dai dazi statunitensi."
            ),
            (
                "A pranzo ha ricevuto i sindaci delle città alluvionate. Nessuno di loro ha nascosto la delusione. I fondi per le scuole "
                "non arrivano da marzo. Uno ha mostrato le foto dell'asilo ancora chiuso."
            ),
            (
                "Nel pomeriggio il confronto con il ministro dell'Economia. Le spese per la difesa dovranno salire al 3,5 per cento del "
                "Pil entro dieci anni. Servono nove miliardi in più nel bilancio della Difesa, e nessuno sa ancora dove trovarli."
            ),
            "La sera, infine, il teatro. Una commedia di tre ore, due applausi, nessuna dichiarazione. Il giorno dopo si ricomincia.",
        ),
    ),
    "cs": (
        "Den premiéra: od rána telefony, večer rozpočet",
        (
            "Bylo krátce po sedmé, když před úřad vlády přijela první auta. Na chodbě voněla káva a někdo hledal ztracené desky.",
            (
                "Nejdřív přišla na řadu Ukrajina. Premiér se spojil s evropskými lídry a mluvil o mírových silách, které by po příměří "
                "odjely na Ukrajinu. Česko podle něj může do mise koalice ochotných poslat ženisty."
            ),
            (
                "Přihlaste se k odběru newsletteru: cla, obrana a mírové mise každé ráno ve vaší schránce.\nZásady ochrany osobních "
                "údajů: vaše údaje zpracováváme podle zákona."
            ),
            (
                "V poledne volal Washington. Americký prezident trvá na clech na ocel a hliník. Premiér žádal výjimku z amerických cel "
                "pro české strojírny."
            ),
            (
                "Odpoledne přijal starosty z kraje po povodních. Stěžovali si na pomalé úřady. Peníze na mosty prý leží od jara. Jeden "
                "přinesl fotku školky, kde se dosud netopí."
            ),
            (
                "K večeru zbyl rozpočet. Výdaje na obranu mají vzrůst na 3,5 procenta HDP. Ministerstvo obrany chce o čtyřicet miliard "
                "korun víc a ministryně financí krčí rameny."
            ),
            "Pak už jen divadlo. Tři hodiny, dva potlesky a žádné prohlášení. Ráno se začíná znovu.",
        ),
    ),
    "pl": (
        "Dzień premiera: telefony od rana, budżet wieczorem",
        (
            "Przed siódmą na dziedzińcu stały trzy samochody. Kawa była zimna.",
            (
                "Pierwsza rozmowa dotyczyła Ukrainy. Premier mówił z europejskimi przywódcami o siłach pokojowych, które po zawieszeniu "
                "broni wejdą do Ukrainy. Warszawa nie wyśle żołnierzy na front, ale pomoże misji koalicji chętnych."
            ),
            (
                "Zapisz się na newsletter: cła, obronność i misje pokojowe co rano w twojej skrzynce.\nPolityka prywatności: dane "
                "przetwarzamy zgodnie z prawem."
            ),
            (
                "Potem zadzwonił Biały Dom. Prezydent USA obstaje przy cłach na stal i aluminium. Premier prosił o wyłączenie maszyn z "
                "amerykańskich ceł."
            ),
            (
                "W południe przyszli burmistrzowie zalanych miast. Skarżyli się na powolne urzędy. Pieniądze na mosty leżą od marca. "
                "Jeden pokazał zdjęcie przedszkola bez ogrzewania."
            ),
            (
                "Po południu przyszła kolej na liczby. Wydatki na obronność mają wzrosnąć do 3,5 proc. PKB. Resort obrony chce ośmiu "
                "miliardów więcej."
            ),
            "Wieczorem teatr. Trzy godziny i żadnego oświadczenia. Jutro wszystko od nowa.",
        ),
    ),
}


@pytest.mark.parametrize("language", DAYS)
def test_all_three_themes_hold_and_no_word_of_the_box_counts(language: str) -> None:
    title, paragraphs = DAYS[language]
    html = "".join(f"<p>{line}</p>" for paragraph in paragraphs for line in paragraph.splitlines())
    article = article_of_item({"id": "1", "title": title, "text": html, "lang": language})
    verdicts = verdicts_on_article(article, shipped_themes())
    assert {one.theme_id for one in verdicts if one.matched} == {"ukraine-peacekeeping", "us-trade", "defence-spending"}
    box = paragraphs[BOX].splitlines()
    for part in (part for one in verdicts for part in one.evidence):
        content = getattr(article, part.field)
        assert content[part.start : part.end] == part.text
        for line in box:
            start = content.find(line)
            assert start < 0 or part.end <= start or part.start >= start + len(line)
