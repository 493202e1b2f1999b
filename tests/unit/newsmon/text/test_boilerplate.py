"""Boxes a site puts into its articles are cut out; sentences about such boxes stay."""
# ruff: noqa: ISC004  sample sentences read best on one line

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.text.boilerplate import Reason, boilerplate_spans, without_boilerplate

# language -> a real sentence before, a real sentence after (both must survive every box of the language)
AROUND = {
    "en": ("The treasurer defended the budget on Tuesday.", "Opposition leaders called the plan weak."),
    "de": ("Der Minister verteidigte am Dienstag den Haushalt.", "Die Opposition nannte den Plan schwach."),
    "fr": ("Le ministre a défendu le budget mardi.", "Les députés ont jugé le plan trop faible."),
    "es": ("El ministro defendió el presupuesto el martes.", "Los diputados criticaron el plan."),
    "it": ("Il ministro ha difeso il bilancio martedì.", "I deputati hanno criticato il piano."),
    "pl": ("Minister bronił we wtorek budżetu.", "Posłowie skrytykowali plan."),
    "cs": ("Ministr v úterý hájil rozpočet.", "Poslanci plán kritizovali."),
    "uk": ("Міністр у вівторок захищав бюджет.", "Депутати розкритикували план."),
    "ru": ("Министр во вторник защищал бюджет.", "Депутаты раскритиковали план."),
}  # fmt: skip
BOXES = {
    "en": [
        "Sign up: AU Breaking News email",
        "Get our breaking news email, free app or daily news podcast",
        "Sign up to Dispatch Australia Get the most important news as it breaks",
        "Privacy Notice: Newsletters may contain information about charities, online ads, and content funded by outside parties.",
        "Privacy Notice: Newsletters may contain info about charities, online ads, and content funded by outside parties."
        " For more information see our Privacy Policy. We use Google reCaptcha to protect our website and the Google Privacy Policy"
        " and Terms of Service apply.",
        "This site is protected by reCAPTCHA and the Google Privacy Policy and Terms of Service apply.",
        "Sign up for our daily newsletter to get the stories that matter.",
        "Get the day's headlines delivered straight to your inbox.",
        "By signing up you agree to our terms of use.",
        "You can unsubscribe at any time.",
        "Continue reading...",
        "We use cookies to improve your experience.",
        "By continuing to use this site you agree to our use of cookies.",
        "Follow us on Facebook, X and Instagram.",
        "Share this article.",
        "Subscribe now.",
        "Subscribe to continue reading this article.",
        "Already a subscriber? Log in.",
        "This article is for subscribers only.",
        "Download our free app.",
        "Click here to read the full story.",
        "Read more: Who pays for the new frigates?",
        "Story continues below advertisement",
    ],
    "de": ["Abonnieren Sie unseren kostenlosen Newsletter.", "Melden Sie sich für unseren Newsletter an.",
           "Mit der Anmeldung stimmen Sie unseren Nutzungsbedingungen zu.", "Wir verwenden Cookies, um unser Angebot zu verbessern.",
           "Folgen Sie uns auf Instagram.", "Dieser Artikel ist nur für Abonnenten.", "Lesen Sie auch: Wer bezahlt die neuen Fregatten?"],
    "fr": ["Inscrivez-vous à notre newsletter quotidienne.", "En vous inscrivant, vous acceptez nos conditions.",
           "Nous utilisons des cookies pour améliorer votre visite.", "Suivez-nous sur Facebook et Instagram.",
           "Cet article est réservé aux abonnés.", "À lire aussi : Qui paiera les nouvelles frégates ?", "Lire la suite..."],
    "es": ["Suscríbete a nuestro boletín diario.", "Al suscribirte aceptas nuestras condiciones.", "Usamos cookies para mejorar tu experiencia.",
           "Síguenos en Facebook y X.", "Este artículo es exclusivo para suscriptores.", "Lee también: ¿Quién paga las fragatas?", "Seguir leyendo..."],
    "it": ["Iscriviti alla nostra newsletter.", "Iscrivendoti accetti le nostre condizioni.", "Utilizziamo i cookie per migliorare il sito.",
           "Seguici su Facebook.", "Questo articolo è riservato agli abbonati.", "Leggi anche: Chi paga le fregate?", "Continua a leggere..."],
    "pl": ["Zapisz się na nasz newsletter.", "Klikając akceptujesz regulamin.", "Używamy plików cookies, aby ulepszać serwis.",
           "Obserwuj nas na Facebooku.", "Czytaj też: Kto zapłaci za fregaty?", "Czytaj dalej..."],
    "cs": ["Přihlaste se k odběru našeho newsletteru.", "Odesláním souhlasíte s podmínkami.", "Používáme soubory cookies pro lepší služby.",
           "Sledujte nás na Facebooku.", "Čtěte také: Kdo zaplatí fregaty?", "Číst dál..."],
    "uk": ["Підпишіться на нашу розсилку новин.", "Натискаючи кнопку, ви погоджуєтеся з умовами.", "Ми використовуємо файли cookie, щоб покращити сайт.",
           "Підписуйтесь на наш канал у Telegram.", "Читайте також: Хто заплатить за фрегати?", "Читати далі..."],
    "ru": ["Подпишитесь на нашу рассылку новостей.", "Нажимая кнопку, вы соглашаетесь с условиями.", "Мы используем файлы cookie для улучшения сайта.",
           "Подписывайтесь на наш канал в Telegram.", "Читайте также: Кто заплатит за фрегаты?", "Читать далее..."],
}  # fmt: skip
WHOLE_LINES = {
    "en": ["Related: Treasurer says the budget will pass", "Advertisement", "Share on WhatsApp", "Accept all cookies", "Read more: The frigate row explained",
           "This article was amended on 5 May 2026 to correct the cost. An earlier version said it was A$40m.",
           "The post Budget passes appeared first on Harbour Wire."],
    "de": ["Anzeige", "Artikel teilen", "Lesen Sie auch: Der Haushalt im Überblick", "Dieser Artikel wurde am 5. Mai 2026 aktualisiert.", "Weiterlesen"],
    "fr": ["Publicité", "Partager cet article", "Lire aussi : le budget expliqué", "Cet article a été modifié le 5 mai 2026."],
    "es": ["Publicidad", "Compartir en Facebook", "Te puede interesar: el presupuesto explicado", "Este artículo fue actualizado el 5 de mayo."],
    "it": ["Pubblicità", "Condividi su Facebook", "Leggi anche: il bilancio spiegato", "Questo articolo è stato aggiornato il 5 maggio."],
    "pl": ["Reklama", "Udostępnij na Facebooku", "Zobacz też: budżet w liczbach", "Ten artykuł został zaktualizowany 5 maja."],
    "cs": ["Reklama", "Sdílet na Facebooku", "Přečtěte si také: rozpočet v číslech", "Tento článek byl aktualizován 5. května."],
    "uk": ["Реклама", "Поділитися у Facebook", "Читайте також: бюджет у цифрах", "Цю статтю оновлено 5 травня."],
    "ru": ["Реклама", "Поделиться в Telegram", "Читайте также: бюджет в цифрах", "Эта статья была обновлена 5 мая."],
}  # fmt: skip
NEWS = {
    "en": [
        "Nations sign up for peacekeeping force",
        "Sign up to the coalition or stay out, Kyiv tells allies.",
        "More capitals sign up to the coalition of the willing.",
        "Email newsletters may contain undisclosed adverts, the regulator found.",
        "The newsletter company cut its staff after subscribers left.",
        "Subscribers to the paper's newsletter will pay more from May.",
        "Privacy notice: lawmakers debate a new data bill.",
        "The privacy policy of the app broke European law, judges ruled.",
        "New cookie rules force sites to offer a reject button.",
        '"We use cookies" banners must go, the commission argues.',
        "This website uses cookies to track patients, a lawsuit claims.",
        "Bakers sold cookies to raise money for veterans.",
        "Follow the money on Facebook ads, auditors suggest.",
        "Related parties must disclose deals under the draft law.",
        "Read more books, the minister urged pupils.",
        "Share prices fell after the tariff vote.",
        "Get our troops home, senators demand.",
        "Support our troops, the president urged.",
        "The amended article of the treaty bars new bases.",
        "This article was amended by parliament in 1978.",
        "Subscription fees for the pension fund rise in June.",
        "Advertisement rules change in June.",
        "Download speeds rose across the country.",
        "The podcast tells how the app was built.",
        "Google said its terms of service apply to publishers.",
    ],
    "de": ["Newsletter-Anbieter müssen künftig zahlen.", "Wir verwenden Cookies nur mit Zustimmung, sagte der Sprecher.", "Teilen der Armee fehlt Munition.",
           "Die Datenschutzerklärung des Konzerns verstößt gegen das Gesetz.", "Werbung für Glücksspiel wird verboten.", "Das Abonnement der Zeitung wird teurer."],
    "fr": ["La newsletter du parti annonce une grève.", "Abonnez-vous au syndicat, a dit le maire.", "Publicité : la loi change en juin.",
           "La politique de confidentialité du groupe viole la loi.", "Les cookies seront interdits sans accord."],
    "es": ["El boletín oficial publica el decreto.", "La publicidad de apuestas queda prohibida.", "Compartir vivienda sale más barato.",
           "Las cookies exigirán consentimiento previo.", "La política de privacidad de la empresa viola la ley."],
    "it": ["La newsletter del partito annuncia lo sciopero.", "La pubblicità dei giochi sarà vietata.", "I cookie richiederanno il consenso.",
           "Condividi o muori, il motto dei soldati."],
    "pl": ["Newsletter partii zapowiada strajk.", "Reklama piwa będzie zakazana.", "Pliki cookie będą wymagały zgody.", "Prenumerata gazety drożeje."],
    "cs": ["Newsletter strany ohlásil stávku.", "Reklama na pivo bude zakázána.", "Cookies budou vyžadovat souhlas.", "Předplatné novin zdraží."],
    "uk": ["Розсилка партії оголосила страйк.", "Реклама азартних ігор буде заборонена.", "Підписуйтесь під петицією, закликав мер.",
           "Файли cookie потребуватимуть згоди.", "Передплата газети подорожчала."],
    "ru": ["Рассылка партии объявила забастовку.", "Реклама азартных игр будет запрещена.", "Лидеры подписались под соглашением.",
           "Файлы cookie потребуют согласия.", "Подписка на газету подорожала."],
}  # fmt: skip

_BOX_CASES = [(language, box) for language, boxes in BOXES.items() for box in boxes]
_LINE_CASES = [(language, line) for language, lines in WHOLE_LINES.items() for line in lines]
_NEWS_CASES = [(language, line) for language, lines in NEWS.items() for line in lines]


@pytest.mark.parametrize(("language", "box"), _BOX_CASES)
def test_a_box_glued_between_two_sentences_goes_and_the_sentences_stay(language: str, box: str) -> None:
    before, after = AROUND[language]
    assert without_boilerplate(f"{before} {box} {after}") == f"{before}\n{after}"


@pytest.mark.parametrize(("language", "box"), _BOX_CASES + _LINE_CASES)
def test_a_box_on_its_own_line_goes_and_the_lines_around_it_stay(language: str, box: str) -> None:
    before, after = AROUND[language]
    for bullet in ("", "• ", "- "):
        assert without_boilerplate(f"{before}\n{bullet}{box}\n{after}") == f"{before}\n{after}"


@pytest.mark.parametrize(("language", "sentence"), _NEWS_CASES)
def test_news_about_newsletters_privacy_or_subscriptions_stays_whole(language: str, sentence: str) -> None:
    before, after = AROUND[language]
    for text in (sentence, f"{before} {sentence} {after}", f"{before}\n{sentence}\n{after}"):
        assert without_boilerplate(text) == text
        assert without_boilerplate(text, language) == text


@pytest.mark.parametrize(("language", "box"), _BOX_CASES)
def test_naming_the_language_finds_the_same_boxes(language: str, box: str) -> None:
    before, after = AROUND[language]
    assert without_boilerplate(f"{before} {box} {after}", language) == f"{before}\n{after}"


def test_english_boxes_are_found_in_articles_of_any_language() -> None:
    before, after = AROUND["uk"]
    for language in ("uk", "ja", None):
        assert without_boilerplate(f"{before} Sign up: AU Breaking News email {after}", language) == f"{before}\n{after}"


def test_a_whole_sign_up_form_goes_line_by_line() -> None:
    form = "Sign up to First Light\nFree daily newsletter\nEnter your email address\nSign up\nPrivacy Notice: Newsletters may contain ads."
    before, after = AROUND["en"]
    assert without_boilerplate(f"{before}\n{form}\n{after}") == f"{before}\n{after}"


def test_a_sign_up_line_far_from_any_form_stays() -> None:
    text = "Sign up\nThe minister wants nurses to enlist."
    assert without_boilerplate(text) == text


def test_the_box_between_screen_reader_marks_goes_whole() -> None:
    text = "Talks began. skip past newsletter promotion Sign up to Dawn Anything at all here. after newsletter promotion Talks ended."
    assert without_boilerplate(text) == "Talks began.\nTalks ended."


def test_each_span_says_why() -> None:
    text = "Anzeige\nUsamos cookies para mejorar. Follow us on X. Get our free app. Read more..."
    assert [span.reason for span in boilerplate_spans(text)] == [
        Reason.ADVERTISING, Reason.COOKIES, Reason.SHARE, Reason.NEWSLETTER, Reason.READ_MORE,
    ]  # fmt: skip


_ALL_PIECES = [piece for table in (BOXES, WHOLE_LINES, NEWS) for pieces in table.values() for piece in pieces] + [
    piece for pair in AROUND.values() for piece in pair
]
_TEXTS = st.lists(
    st.sampled_from(_ALL_PIECES) | st.text(max_size=20) | st.sampled_from([" ", "\n", "\n\n", ". ", "• ", "Sign up", "Read more:"]),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(_TEXTS, st.sampled_from(["", " ", "\n"]), st.sampled_from([None, "en", "uk", "xx"]))
def test_spans_are_sorted_disjoint_and_inside_the_text(pieces: list[str], glue: str, language: str | None) -> None:
    text = glue.join(pieces)
    at = 0
    for span in boilerplate_spans(text, language):
        assert at <= span.start < span.end <= len(text)
        at = span.end


@settings(max_examples=150, deadline=None)
@given(_TEXTS, st.sampled_from(["", " ", "\n"]))
def test_cutting_twice_changes_nothing(pieces: list[str], glue: str) -> None:
    once = without_boilerplate(glue.join(pieces))
    assert without_boilerplate(once) == once
