"""Whole articles with boxes in them, in six languages, and articles about just those things: written after the rules, to catch them out.

Each article's sentences must stay and each box must go, whether boxes stand between sentences or as lines of their own.
"""

from __future__ import annotations

import pytest

from newsmon.text.boilerplate import without_boilerplate

# Sentences about newsletters, cookies, privacy law, sharing, subscribing, reading on: news, all of it.
ABOUT = {
    "en": [
        "The ministry will stop sending its weekly newsletter in January.",
        "Voters who signed up for the party's newsletter received a second letter.",
        "He urged residents to sign up for flood alerts before the storm season.",
        "Sharing intelligence with allies remains the priority, the general wrote.",
        "Cookie banners cost visitors 575 million hours a year, a study in Brussels found.",
        "We use cookies less than our rivals do, the chief executive told the committee.",
        "Your data belongs to you, the commissioner said when she presented the privacy bill.",
        "By signing the treaty, you agree to nothing that parliament has not seen, the premier told critics.",
        "Share of renewables in the grid reached 40 per cent.",
        "Follow the ceasefire line on any map and it runs through the town.",
        "Subscribe to that theory and the tariffs look harmless, the economist wrote.",
        "Privacy notices must name every recipient of the data, the court held.",
        "Readers can unsubscribe from state mailings under the new law.",
        "Related charges against two officers were dropped.",
        "The app was downloaded four million times in the first week of the war.",
        "Join the alliance or pay the price, the envoy warned.",
    ],
    "de": [
        "Der Rundbrief der Partei erscheint künftig nur noch als Newsletter.",
        "Wer sich für den Newsletter der Behörde anmeldete, bekam Post von Betrügern.",
        "Cookies dürfen ohne Zustimmung nicht gesetzt werden, entschied das Gericht.",
        "Das Datenschutzgesetz tritt im Mai in Kraft.",
        "Wir nutzen Daten sparsam, betonte die Ministerin.",
        "Teilen müssen sich die Länder auch die Kosten der Brigade.",
        "Folgen Sie den Anweisungen der Polizei, hieß es in der Durchsage.",
        "Mehr zum Thema Rüstung sagt der Koalitionsvertrag nicht.",
        "Abonnenten des Nahverkehrs zahlen künftig 58 Euro.",
        "Lesen lernen viele Kinder erst in der dritten Klasse.",
        "Jetzt anmelden müssen sich alle Reservisten bis Jahresende.",
        "Die Anzeige gegen den Oberst wurde zurückgezogen.",
    ],
    "fr": [
        "La lettre d'information du ministère cessera de paraître en janvier.",
        "Les cookies publicitaires seront soumis à une autorisation, a tranché la Cour.",
        "Le règlement sur la protection des données entre en vigueur en mai.",
        "Partager le fardeau de la défense reste l'objectif, rappelle l'état-major.",
        "Suivez la ligne de front sur la carte : elle traverse la ville.",
        "Lire la presse étrangère était interdit sous l'occupation.",
        "Inscrivez-vous sur les listes électorales avant vendredi, demande la préfecture.",
        "Nous utilisons moins de gaz russe qu'avant, assure le gouvernement.",
        "La publicité pour les paris sera interdite pendant les matchs.",
        "Les abonnés au gaz paieront davantage cet hiver.",
        "En cliquant sur un lien, vous risquez le vol de vos données, prévient la police.",
        "Votre adresse suffit pour voter par correspondance.",
    ],
    "es": [
        "El boletín de la policía confirmó dos detenciones.",
        "Las cookies de terceros quedarán prohibidas en marzo, según la comisión.",
        "La ley de protección de datos entra en vigor en mayo.",
        "Compartir inteligencia con los aliados sigue siendo la prioridad.",
        "Síganme, gritó el soldado, y cruzaron el puente.",
        "Suscribirse al acuerdo costará al país mil millones.",
        "Usamos menos gas ruso que antes, asegura el Gobierno.",
        "Recibe el premio la reportera que cubrió la guerra.",
        "Leer en voz alta mejora la memoria, concluye el estudio.",
        "Regístrese antes del viernes para votar, pide la junta electoral.",
        "Los suscriptores del servicio eléctrico pagarán más.",
        "Este artículo del tratado es exclusivo de los Estados con arsenal nuclear.",
    ],
    "uk": [
        "Розсилка повісток триватиме до кінця місяця.",
        "Файли cookie без згоди користувача заборонять, вирішив комітет.",
        "Закон про захист персональних даних набуде чинності у травні.",
        "Поділитися розвідданими з союзниками готові три країни.",
        "Підписуйтесь під петицією, закликають активісти.",
        "Ми використовуємо менше газу, ніж торік, каже міністр.",
        "Читати українською вчаться всі школярі громади.",
        "Передплата на комунальні послуги зросте з січня.",
        "Реклама азартних ігор зникне з вулиць.",
        "Отримуйте довідку в застосунку, радить міністерство.",
        "Натискаючи на посилання шахраїв, ви втрачаєте гроші, попереджає банк.",
        "Стежте за повітряною тривогою, просить адміністрація.",
    ],
    "ru": [
        "Рассылка повесток продлится до конца месяца.",
        "Файлы cookie без согласия пользователя запретят, решил комитет.",
        "Закон о персональных данных вступит в силу в мае.",
        "Поделиться разведданными с союзниками готовы три страны.",
        "Подпишитесь под петицией, призывают активисты.",
        "Мы используем меньше газа, чем год назад, заверил министр.",
        "Читать на двух языках учатся все школьники региона.",
        "Подписка на услуги связи подорожает с января.",
        "Реклама ставок исчезнет с улиц.",
        "Получайте справку в приложении, советует ведомство.",
        "Нажимая на ссылку мошенников, вы теряете деньги, предупреждает банк.",
        "Следите за уровнем воды, просят спасатели.",
    ],
}  # fmt: skip

# What sites put between the paragraphs.
BOXES = {
    "en": [
        "Sign up for our Morning Briefing newsletter and never miss a story.",
        "Get the latest news delivered to your inbox every morning.",
        "We use cookies to personalise content and ads.",
        "By subscribing, you agree to our Terms of Use and Privacy Policy.",
        "Follow us on WhatsApp.",
        "Share this story on Facebook.",
        "Read more: Five things to know about the ceasefire.",
        "This article is only available to subscribers.",
        "Your email address will not be published.",
        "Join our Telegram channel.",
    ],
    "de": [
        "Melden Sie sich hier für unseren kostenlosen Newsletter an.",
        "Mit Ihrer Anmeldung akzeptieren Sie unsere Datenschutzbestimmungen.",
        "Wir verwenden auf unserer Website Cookies.",
        "Folgen Sie uns auf WhatsApp und Instagram.",
        "Lesen Sie auch: Was die Waffenruhe bedeutet.",
        "Sie haben bereits ein Abo?",
        "Laden Sie jetzt unsere News-App herunter.",
        "Sie können sich jederzeit wieder abmelden.",
    ],
    "fr": [
        "Abonnez-vous gratuitement à notre newsletter du matin.",
        "Recevez chaque matin l'essentiel de l'actualité dans votre boîte mail.",
        "En cliquant sur « S'inscrire », vous acceptez nos conditions générales.",
        "Ce site utilise des cookies.",
        "Suivez-nous sur WhatsApp.",
        "À lire également : Ce que prévoit la trêve.",
        "Vous pouvez vous désinscrire à tout moment.",
        "Cet article est réservé à nos abonnés.",
    ],
    "es": [
        "Suscríbete gratis a nuestra newsletter diaria.",
        "Recibe cada mañana las noticias más importantes en tu correo.",
        "Al registrarte aceptas nuestra política de privacidad.",
        "Utilizamos cookies propias y de terceros.",
        "Síguenos en WhatsApp.",
        "Lee también: Qué prevé la tregua.",
        "Puedes darte de baja en cualquier momento.",
        "Este contenido es exclusivo para suscriptores.",
    ],
    "uk": [
        "Підпишіться на нашу щоденну розсилку.",
        "Отримуйте головні новини щоранку на вашу пошту.",
        "Підписуючись, ви погоджуєтеся з політикою конфіденційності.",
        "Цей сайт використовує файли cookie.",
        "Підписуйтесь на нас у Facebook.",
        "Читайте також: Що передбачає перемир'я.",
        "Ви можете відписатися в будь-який час.",
        "Завантажте наш мобільний застосунок.",
    ],
    "ru": [
        "Подпишитесь на нашу ежедневную рассылку.",
        "Получайте главные новости каждое утро на вашу почту.",
        "Подписываясь, вы соглашаетесь с политикой конфиденциальности.",
        "Этот сайт использует файлы cookie.",
        "Подписывайтесь на нас в Telegram.",
        "Читайте также: Что предусматривает перемирие.",
        "Вы можете отписаться в любой момент.",
        "Скачайте наше мобильное приложение.",
    ],
}  # fmt: skip
LANGUAGES = tuple(ABOUT)
_ABOUT_CASES = [(language, sentence) for language, sentences in ABOUT.items() for sentence in sentences]
_BOX_CASES = [(language, box) for language, boxes in BOXES.items() for box in boxes]


@pytest.mark.parametrize(("language", "sentence"), _ABOUT_CASES)
def test_a_sentence_about_it_stays_wherever_it_stands(language: str, sentence: str) -> None:
    others = [one for one in ABOUT[language] if one is not sentence][:2]
    for text in (sentence, f"{others[0]} {sentence} {others[1]}", f"{others[0]}\n{sentence}\n{others[1]}"):
        assert without_boilerplate(text) == text
        assert without_boilerplate(text, language) == text


@pytest.mark.parametrize(("language", "box"), _BOX_CASES)
def test_a_box_goes_and_its_neighbours_stay_to_the_letter(language: str, box: str) -> None:
    before, after = ABOUT[language][0], ABOUT[language][3]
    assert without_boilerplate(f"{before} {box} {after}", language) == f"{before}\n{after}"
    assert without_boilerplate(f"{before}\n{box}\n{after}", language) == f"{before}\n{after}"
    assert without_boilerplate(f"{before} {box} {after}") == f"{before}\n{after}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_article_full_of_boxes_is_its_own_sentences_and_nothing_else(language: str) -> None:
    sentences, boxes = ABOUT[language], BOXES[language]
    lines = [line for pair in zip(sentences, boxes, strict=False) for line in pair] + sentences[len(boxes) :]
    assert without_boilerplate("\n".join(lines), language) == "\n".join(sentences)
    assert without_boilerplate(" ".join(lines), language).replace("\n", " ") == " ".join(sentences)
