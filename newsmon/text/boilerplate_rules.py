"""What sites say to their readers, by language: the rules `newsmon.text.boilerplate` looks for.

A rule is written as the words it may begin with and a pattern read from there; in patterns a blank stands for any
white space inside a line. Nothing here may match a sentence that reports on newsletters, cookies, subscriptions or
privacy: every rule needs an imperative or a first person of the site together with the site's own object.
"""
# ruff: noqa: E501  one rule per line reads better than three

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What kind of boilerplate a span is."""

    NEWSLETTER = "newsletter"
    PRIVACY = "privacy"
    COOKIES = "cookies"
    READ_MORE = "read_more"
    SHARE = "share"
    SUBSCRIBE = "subscribe"
    AMENDED = "amended"
    APP = "app"
    ADVERTISING = "advertising"


class Extent(StrEnum):
    """How far a span reaches from where its rule begins."""

    PHRASE = "phrase"  # what the pattern matched, and the sentence if it runs on in lower case
    SENTENCE = "sentence"  # to the end of the sentence
    REST_OF_LINE = "rest_of_line"  # to the end of the line, if the line is short
    LINE = "line"  # only if the pattern is the whole line
    LINE_BESIDE_BOX = "line_beside_box"  # the same, and only next to a newsletter or privacy span


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which sites address their readers."""

    language: str
    reason: Reason
    extent: Extent
    pattern: re.Pattern[str]
    anywhere: bool  # proof in itself: may begin at any capitalised word, not only at a sentence
    at_line_start: bool


_BLANK = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|( \?(?!:))|( )")  # an escape or a class, an optional blank, a blank


def _compiled(pattern: str) -> re.Pattern[str]:
    def widened(token: re.Match[str]) -> str:
        kept, optional, _blank = token.groups()
        return kept or (r"[ \t\u00a0]*" if optional else r"[ \t\u00a0]+")

    return re.compile(_BLANK.sub(widened, pattern), re.IGNORECASE)


# One row: words it begins with | reason | extent | flags | pattern.
# Flags: a = anywhere, l = only at the start of a line, - = at the start of a sentence.
_Row = tuple[str, str, str, str, str]

_NETWORKS = (
    r"(?:facebook|twitter|x(?: \(twitter\))?|instagram|threads|bluesky|linkedin|telegram|whatsapp|youtube|tiktok|google news|"
    r"google новини|google новости|mastodon|viber|фейсбуці?|твіттері?|телеграмі?|інстаграмі?|ютубі?|фейсбуке?|твиттере?|телеграме?|"
    r"инстаграме?|ютубе?|вконтакте|vk|одноклассниках|дзене?|max|flipboard|reddit|messenger)"
)
_NETWORK_LIST = _NETWORKS + r"(?:(?:,| and|, and| or| &| und| et| ou| y| o| i| oraz| та| і| й| и| e| a)? " + _NETWORKS + r")*"
_GAP = r"(?:[^\s.!?]+ ){0,%d}?"  # up to n words inside a sentence
_EMAIL = r"e-?mail"
_EN_LETTER = rf"(?:newsletters?|{_EMAIL}s?(?: newsletters?| alerts?| updates?| briefings?)?|apps?|podcasts?|briefings?|alerts?)\b"
_EN_SUBSCRIBED = (
    rf"(?:newsletters?|{_EMAIL}s?(?: newsletters?| alerts?| updates?| briefings?)?|mailing list|podcasts?|"
    r"(?:daily|weekly|morning|evening|news) (?:alerts?|briefings?|updates?|round-?up|digest))\b"
)

_ENGLISH: tuple[_Row, ...] = (
    ("sign subscribe register", "newsletter", "phrase", "a", rf"(?:sign up|subscribe|register)(?: now| here| today| free)*: {_GAP % 8}{_EN_LETTER}"),
    ("sign subscribe register", "newsletter", "phrase", "-", rf"(?:sign up|subscribe|register)(?: now| here| today| free)* (?:to|for|with) (?:our|this|the|your|my|free|all|(?-i:[A-Z]))(?:[^\s.!?]* ){{1,8}}?{_EN_SUBSCRIBED}(?: here| today| now)?"),
    ("sign", "newsletter", "phrase", "a", r"sign up (?:to|for) (?:the )?(?:(?-i:[A-Z0-9])[\w'’&-]* ){1,6}?(?:free (?:daily|weekly|monthly|weekday) newsletter\b|get (?:the|all the) (?:most important|latest|top|day['’]s|biggest|best)(?: \w+){1,8}?(?=[ \t\u00a0]+(?-i:[A-Z])|[.!]|$))"),
    ("get receive read", "newsletter", "phrase", "a", rf"(?:get|receive|read) our (?:[\w'’-]+,? ){{0,6}}?{_EN_LETTER}(?:(?:,| or| and|, or|, and) (?:[\w'’-]+ ){{0,4}}?{_EN_LETTER})*"),
    ("get receive have want sign subscribe start stay join", "newsletter", "phrase", "-", rf"\w+ {_GAP % 22}(?:to|in|into) your (?:{_EMAIL} )?inbox\b(?: every (?:day|morning|week|weekday|evening))?"),
    ("enter", "newsletter", "phrase", "-", rf"enter your {_EMAIL}(?: address)?(?: here| below)?"),
    ("you", "newsletter", "sentence", "-", r"you (?:can|may) (?:unsubscribe|opt[- ]out) (?:at )?any ?time"),
    ("unsubscribe", "newsletter", "phrase", "-", r"unsubscribe (?:at )?any ?time"),
    ("free", "newsletter", "phrase", "l", r"free (?:daily|weekly|monthly|weekday|morning|evening) newsletter\b"),
    ("join", "newsletter", "phrase", "-", rf"join (?:our|the) {_GAP % 6}(?:mailing list|newsletter|whatsapp (?:channel|group)|telegram channel)\b"),
    ("our", "newsletter", "sentence", "-", rf"our {_GAP % 3}(?:{_EMAIL}|newsletter|briefing) (?:breaks down|brings|delivers|takes|gives|sends|rounds up) (?:you |the |all )"),
    ("never don't don’t", "newsletter", "sentence", "-", r"(?:never|don['’]t) miss (?:a|an|another) (?:story|update|article|post|headline)\b"),
    ("sign", "newsletter", "line_beside_box", "l", r"sign up(?: (?:to|for) (?:the )?(?:(?-i:[A-Z0-9])[\w'’&-]*[ \t]?){1,6})?"),
    ("subscribe submit", "newsletter", "line_beside_box", "l", r"\w+"),
    ("get the", "newsletter", "line_beside_box", "l", r"(?:get )?the (?:most important|latest|top|day's|day’s|biggest|best) [^.!?\n]{3,90}"),
    ("privacy", "privacy", "sentence", "a", r"privacy (?:notice|policy|statement): (?:newsletters? (?:may|can)|we (?:use|will|may|process)|by (?:signing|subscribing|clicking)|for more|your (?:data|email|e-mail|personal))"),
    ("newsletters", "privacy", "sentence", "a", r"newsletters may contain (?:info|information|content|ads|adverts|advertising|details|links)\b"),
    ("for", "privacy", "sentence", "-", r"for more (?:information|info|details)(?: (?:about|on) how we use your (?:data|information))?,? (?:please )?(?:see|read|visit|check|view|consult) our (?:newsletters? )?(?:privacy|cookie)"),
    ("see read view", "privacy", "phrase", "-", r"\w+ our (?:full )?(?:privacy|cookie) (?:policy|notice|statement)"),
    ("by", "privacy", "sentence", "-", rf"by (?:signing up|subscribing|registering|submitting|clicking|entering your|providing your),? {_GAP % 12}you (?:agree|consent|accept|acknowledge|confirm)\b"),
    ("if", "privacy", "sentence", "-", r"if you do(?: not|n['’]t) have an account, we will create"),
    ("you", "privacy", "sentence", "-", r"you can complete full registration"),
    ("this we our", "privacy", "sentence", "a", r"(?:this (?:site|website|page|form) is protected by|(?:we|our (?:site|website)) uses?) (?:google )?recaptcha"),
    ("google", "privacy", "sentence", "-", r"google (?:recaptcha|privacy policy)[^.!?\n]{0,80}terms of service apply"),
    ("the", "privacy", "sentence", "-", r"the google privacy policy and terms of service apply"),
    ("your", "privacy", "sentence", "-", rf"your (?:{_EMAIL} address|{_EMAIL}|data|information) will (?:not|never|only) be (?:shared|published|sold|used)"),
    ("we", "cookies", "sentence", "-", r"we use cookies(?= (?:to|and|on|for|so|in order|that)\b|[.!]|$)"),
    ("this our", "cookies", "sentence", "-", r"(?:this|our) (?:web ?)?site uses cookies"),
    ("by", "cookies", "sentence", "-", rf"by (?:continuing|using|browsing|visiting|clicking),? {_GAP % 12}you (?:agree|consent|accept)\b"),
    ("accept reject manage allow cookie", "cookies", "line", "l", r"(?:accept|reject|manage|allow)(?: all)? cookies|cookie (?:settings|preferences|policy|notice)|accept all"),
    ("we", "cookies", "sentence", "-", r"we and our (?:[\d,]+ )?partners (?:store|use|process|access)"),
    ("to", "cookies", "sentence", "-", rf"to (?:view|see|watch) this (?:content|video|embed),? {_GAP % 12}cookies"),
    ("read related see also recommended more", "read_more", "rest_of_line", "l", r"(?:read (?:more|also|next)|related(?: (?:stories|story|articles?|content|coverage|reading))?|see also|also read|recommended(?: reading)?|more on this(?: story)?):"),
    ("read related see also", "read_more", "phrase", "-", r"(?:read (?:more|also|next)|related(?: (?:stories|story|articles?))?|see also|also read):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("read continue keep", "read_more", "phrase", "-", r"(?:read more|continue reading|keep reading)(?: (?:here|below|on this story|about this story|the main story))?(?=[ \t]*(?:\.\.|…|»|→|>|\[|$))"),
    ("read see view", "read_more", "phrase", "-", r"\w+ (?:the|our) (?:full|original|whole|complete|entire|rest of the) (?:story|article|post|piece)(?: here| online| below| at [^\s]+| on (?:our|the) (?:web)?site)?"),
    ("click tap", "read_more", "sentence", "-", r"(?:click|tap) (?:here|below) (?:to|for)\b"),
    ("the", "read_more", "sentence", "-", r"the post [^\n]{1,200}? (?:appeared first on|first appeared on)\b"),
    ("story article", "read_more", "phrase", "a", r"(?:story|article) continues (?:below|after)(?: (?:this )?(?:ad|advert|advertisement|promotion))?\b"),
    ("related more most top", "read_more", "line", "l", r"related(?: (?:stories|articles|content|coverage|topics))?|more on this story|more from [^\n]{1,40}|most (?:read|viewed|popular)|top stories"),
    ("share", "share", "line", "l", r"share(?: this)?(?: (?:article|story|page|post|news))?(?: (?:on|via|with|to) [^.!?\n]{1,60})?"),
    ("share", "share", "phrase", "-", rf"share (?:this (?:article|story|post|page)\b|on {_NETWORK_LIST}\b)"),
    ("follow join find like", "share", "phrase", "-", rf"(?:follow|join|find|like) us (?:on|at|via) (?:{_NETWORK_LIST}\b|social media|@\w+)"),
    ("follow", "share", "phrase", "-", rf"follow (?-i:[A-Z@]){_GAP % 6}(?:[^\s.!?]+ )on {_NETWORK_LIST}\b"),
    ("tweet print copy facebook whatsapp linkedin messenger pinterest twitter comments", "share", "line", "l", rf"(?:tweet|print|copy link|comments?|pinterest|{_NETWORKS})(?: this)?"),
    ("subscribe", "subscribe", "phrase", "-", r"subscribe (?:now|today|here)\b"),
    ("subscribe", "subscribe", "sentence", "-", r"subscribe (?:to (?:continue|read|unlock|keep reading|get (?:full|unlimited)|enjoy|access)|for (?:full|unlimited))\b"),
    ("subscribe", "subscribe", "phrase", "-", rf"subscribe to (?:our|the (?-i:[A-Z])) ?{_GAP % 4}(?:channel|youtube|telegram|whatsapp)\b"),
    ("subscribe", "subscribe", "line", "l", r"subscribe"),
    ("already", "subscribe", "phrase", "-", r"already (?:a )?(?:subscriber|subscribed|member|registered|have an account)\?(?: (?:log|sign) in(?: here)?)?"),
    ("log sign", "subscribe", "sentence", "-", r"(?:log|sign) in (?:to continue|to read|or subscribe|or register|or create)"),
    ("this", "subscribe", "sentence", "-", r"this (?:article|story|content) is (?:for|only for|available (?:only )?to|exclusive(?:ly)? (?:for|to)|only available to|reserved for) (?:our )?(?:paid |paying |premium )?(?:subscribers|members)\b"),
    ("to", "subscribe", "sentence", "-", r"to (?:continue|keep) reading(?: this (?:article|story))?,? (?:please )?(?:subscribe|sign|log|register|become|start|create)\b"),
    ("become", "subscribe", "phrase", "l", r"become a (?:member|subscriber|supporter|patron)\b"),
    ("support", "subscribe", "phrase", "l", r"support (?:our|independent|quality) (?:journalism|reporting|newsroom)\b"),
    ("start", "subscribe", "phrase", "-", r"start your (?:free )?(?:trial|subscription)\b"),
    ("you", "subscribe", "sentence", "-", r"you have (?:reached|read) (?:your|all your|the) [^.!?\n]{0,30}(?:limit|free articles)"),
    ("please", "subscribe", "sentence", "-", r"please (?:subscribe|enable javascript|consider (?:subscribing|donating|supporting us|a subscription))\b"),
    ("this", "amended", "rest_of_line", "l", r"this (?:article|story|report|piece|post|page) was (?:amended|updated|corrected) on \d{1,2}(?:st|nd|rd|th)? \w+(?:,? \d{4})?(?:\.?$|[.,;:]? (?:to |because|after |an earlier|a previous|earlier version))"),
    ("this", "amended", "rest_of_line", "l", r"this (?:article|story|report|piece|post|page) was (?:amended|updated|corrected) on \w+ \d{1,2},? \d{4}(?:\.?$|[.,;:]? (?:to |because|after |an earlier|a previous|earlier version))"),
    ("download install", "app", "phrase", "-", rf"(?:download|install) (?:our|the (?-i:[A-Z])[^\s.!?]*) {_GAP % 5}apps?\b"),
    ("get", "app", "line", "l", r"get (?:the|our) app(?: (?:here|now|today))?"),
    ("available", "app", "phrase", "-", r"available (?:now )?(?:on|in|from) (?:the )?(?:apple )?(?:app store|google play)(?:(?:,| and| or| &) (?:the )?(?:app store|google play|appgallery))*"),
    ("advertisement advertising sponsored promoted ad", "advertising", "line", "l", r"advertisement|advertising|sponsored(?: content)?|promoted(?: content)?|ad"),
    ("advertisement", "advertising", "phrase", "l", r"advertisement ?[-–—] ?scroll to continue"),
)  # fmt: skip

_GERMAN: tuple[_Row, ...] = (
    ("abonnieren bestellen erhalten jetzt melden registrieren lesen", "newsletter", "phrase", "-", rf"(?:jetzt )?(?:abonnieren|bestellen|erhalten|melden|registrieren|lesen) sie {_GAP % 10}(?:(?:unser\w*|den|diesen|kostenlos\w*) )(?:[\w-]+ ){{0,3}}?[\w„“»«-]*newsletter\w*[“«]?"),
    ("abonniere abonniert hol jetzt melde", "newsletter", "phrase", "-", rf"(?:jetzt )?(?:abonniere?t?|hol|melde) {_GAP % 8}unser\w* (?:[\w-]+ ){{0,3}}?[\w-]*newsletter\w*"),
    ("newsletter", "newsletter", "phrase", "-", r"newsletter(?: jetzt| kostenlos| hier)* (?:abonnieren|bestellen|anmelden)\b"),
    ("hier jetzt", "newsletter", "phrase", "-", r"(?:hier|jetzt) (?:geht es zum|zum|für unseren|für den) [^.!?\n]{0,40}?newsletter\w*(?: anmelden| abonnieren)?"),
    ("das die alle", "newsletter", "sentence", "-", rf"(?:das|die|alle) {_GAP % 12}(?:in ihr|in dein) (?:[\w-]+)?(?:postfach|posteingang)"),
    ("sie ihre", "newsletter", "sentence", "-", r"sie können (?:sich )?(?:den newsletter )?jederzeit (?:wieder )?(?:abbestellen|abmelden)|ihre einwilligung können sie jederzeit widerrufen"),
    ("mit", "privacy", "sentence", "-", rf"mit (?:der|ihrer) anmeldung {_GAP % 12}(?:stimmen sie|akzeptieren sie|erklären sie sich)"),
    ("weitere informationen hinweise", "privacy", "sentence", "-", rf"(?:weitere |nähere )?(?:informationen|hinweise) {_GAP % 12}(?:in|finden sie in) unserer datenschutzerklärung"),
    ("datenschutzhinweis datenschutz", "privacy", "sentence", "a", r"datenschutz(?:hinweis)?: (?:newsletter|wir (?:verwenden|nutzen)|mit (?:der|ihrer)|ihre daten)"),
    ("diese", "privacy", "sentence", "-", r"diese (?:website|webseite|seite) (?:ist|wird) durch (?:google )?recaptcha"),
    ("es", "privacy", "sentence", "-", r"es gelten die datenschutz(?:erklärung|bestimmungen) und (?:die )?nutzungsbedingungen von google"),
    ("wir", "cookies", "sentence", "-", r"wir (?:verwenden|nutzen|setzen) (?:auf (?:unserer|dieser) (?:web)?(?:seite|site) )?cookies\b"),
    ("diese unsere", "cookies", "sentence", "-", r"(?:diese|unsere) (?:website|webseite|seite) (?:verwendet|nutzt|benutzt) cookies"),
    ("durch wenn", "cookies", "sentence", "-", rf"(?:durch die weitere nutzung|wenn sie (?:diese|unsere) (?:web)?seite weiter) {_GAP % 14}cookies"),
    ("alle cookie", "cookies", "line", "l", r"alle (?:cookies )?akzeptieren|cookie-einstellungen"),
    ("lesen mehr siehe auch weiterlesen", "read_more", "rest_of_line", "l", r"(?:lesen sie (?:auch|mehr|hier|dazu)|mehr (?:zum thema|dazu|lesen)|siehe auch|auch interessant|weiterlesen):"),
    ("lesen mehr siehe", "read_more", "phrase", "-", r"(?:lesen sie (?:auch|mehr|dazu)|mehr (?:zum thema|dazu)|siehe auch):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("weiterlesen mehr lesen", "read_more", "phrase", "-", r"(?:weiterlesen|mehr lesen|lesen sie (?:hier )?(?:weiter|mehr)|lesen sie den (?:ganzen|vollständigen) artikel)(?: hier| auf [^\s]+)?(?=[ \t]*(?:[.…»→>]|$))"),
    ("der", "read_more", "sentence", "-", r"der beitrag [^\n]{1,200}? erschien zuerst (?:auf|bei)\b"),
    ("hier", "read_more", "sentence", "-", r"hier klicken,? um\b"),
    ("teilen artikel", "share", "line", "l", r"(?:diesen )?(?:artikel |beitrag )?teilen(?: (?:auf|über|via|per) [^.!?\n]{1,60})?"),
    ("folgen folge", "share", "phrase", "-", rf"folgen? (?:sie )?uns (?:auch )?(?:auf|bei|in) {_NETWORK_LIST}\b"),
    ("jetzt abonnieren bereits sie", "subscribe", "phrase", "-", r"jetzt (?:abonnieren|abo sichern|weiterlesen|testen)\b(?=[ \t]*(?:[.!…»→>]|$))|bereits abonnent\?(?: (?:jetzt |hier )?(?:anmelden|einloggen))?|sie haben bereits ein abo\?"),
    ("dieser", "subscribe", "sentence", "-", r"dieser (?:artikel|beitrag) ist (?:nur )?(?:für|exklusiv für) (?:unsere )?(?:abonnenten|abonnentinnen|leser mit)"),
    ("um", "subscribe", "sentence", "-", rf"um (?:diesen artikel |den artikel )?(?:weiterzulesen|weiterlesen zu können),? {_GAP % 6}(?:abonnieren|anmelden|registrieren|melden|loggen)"),
    ("dieser", "amended", "rest_of_line", "l", r"dieser (?:artikel|text|beitrag) wurde am [^\n]{4,30} (?:aktualisiert|korrigiert|geändert|ergänzt)\b"),
    ("laden holen", "app", "phrase", "-", rf"(?:laden|holen) sie (?:sich )?(?:jetzt )?(?:unsere|die) {_GAP % 4}[\w-]*app\b(?: herunter)?"),
    ("anzeige werbung", "advertising", "line", "l", r"anzeige|werbung"),
)  # fmt: skip

_FRENCH: tuple[_Row, ...] = (
    ("inscrivez abonnez recevez découvrez retrouvez", "newsletter", "phrase", "-", rf"(?:inscrivez-vous|abonnez-vous|recevez|découvrez|retrouvez) {_GAP % 8}(?:notre|nos|la|cette|gratuitement) (?:[\w'’-]+ ){{0,4}}?(?:newsletters?|infolettres?|lettres? d['’]information|alertes? {_EMAIL})(?: [«»\w'’ -]{{0,30}}»)?"),
    ("recevez", "newsletter", "phrase", "-", rf"recevez {_GAP % 16}(?:dans votre boîte|par {_EMAIL}|par mail|par courriel)(?: mail| {_EMAIL}| de réception)?\b"),
    ("vous", "newsletter", "sentence", "-", r"vous pouvez vous (?:désinscrire|désabonner) à tout moment"),
    ("votre", "privacy", "sentence", "-", rf"votre adresse {_EMAIL} (?:ne sera pas|sera uniquement|est uniquement|est collectée)"),
    ("en", "privacy", "sentence", "-", rf"en (?:vous inscrivant|vous abonnant|cliquant|renseignant votre),? {_GAP % 12}vous (?:acceptez|consentez|reconnaissez)\b"),
    ("pour", "privacy", "sentence", "-", rf"pour (?:en savoir plus|plus d['’]informations?),? {_GAP % 8}(?:consultez|voir|lisez) notre politique de confidentialité"),
    ("confidentialité avis", "privacy", "sentence", "a", r"(?:avis de )?confidentialité : (?:les newsletters|nous (?:utilisons|traitons)|en vous|vos données)"),
    ("ce", "privacy", "sentence", "-", r"ce (?:site|formulaire) est protégé par (?:google )?recaptcha"),
    ("nous", "cookies", "sentence", "-", r"nous (?:utilisons|et nos (?:\d+ )?partenaires (?:utilisons|stockons)) des (?:cookies|traceurs)\b"),
    ("ce notre", "cookies", "sentence", "-", r"(?:ce|notre) site (?:web |internet )?utilise des cookies"),
    ("en", "cookies", "sentence", "-", rf"en (?:poursuivant|continuant),? {_GAP % 12}vous acceptez\b"),
    ("tout accepter", "cookies", "line", "l", r"tout accepter|accepter (?:tous )?les cookies|gérer (?:mes|les) cookies"),
    ("lire à voir", "read_more", "rest_of_line", "l", r"(?:lire aussi|à lire(?: aussi| également)?|lire également|voir aussi|sur le même sujet) ?:"),
    ("lire à", "read_more", "phrase", "-", r"(?:lire aussi|à lire(?: aussi| également)?|lire également) ?:(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("lire la", "read_more", "phrase", "-", r"(?:lire la suite|lire l['’]article(?: complet)?|la suite est à lire)(?: (?:ici|sur [^\s]+))?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("cliquez", "read_more", "sentence", "-", r"cliquez ici pour\b"),
    ("l", "read_more", "sentence", "-", r"l['’]article [^\n]{1,200}? est apparu en premier sur\b"),
    ("cet", "read_more", "sentence", "-", r"cet article [^\n]{0,200}? est apparu en premier sur\b"),
    ("partager partagez", "share", "line", "l", r"partage[rz](?: (?:cet|l['’])? ?article)?(?: (?:sur|par|via) [^.!?\n]{1,60})?"),
    ("suivez rejoignez retrouvez", "share", "phrase", "-", rf"(?:suivez|rejoignez|retrouvez)-nous (?:aussi )?sur {_NETWORK_LIST}\b"),
    ("abonnez", "subscribe", "phrase", "-", r"abonnez-vous(?: (?:dès maintenant|maintenant|pour (?:lire|continuer|accéder|profiter)[^.!?\n]{0,80}|à partir de [^.!?\n]{0,40}))?(?=[ \t]*(?:[.!…»→>]|$))"),
    ("déjà", "subscribe", "phrase", "-", r"déjà abonnée?(?:\(e\))? ?\?(?: (?:connectez-vous|se connecter|identifiez-vous))?"),
    ("cet", "subscribe", "sentence", "-", r"cet article est (?:réservé|exclusivement réservé) (?:à|aux) (?:nos )?abonné"),
    ("pour", "subscribe", "sentence", "-", r"pour (?:lire la suite|continuer (?:à lire|votre lecture)),? (?:abonnez|connectez|inscrivez|identifiez)"),
    ("il", "subscribe", "sentence", "l", r"il vous reste [\d.,]+ ?% de cet article à lire"),
    ("cet", "amended", "rest_of_line", "l", r"cet article a été (?:modifié|mis à jour|corrigé|actualisé) le \d"),
    ("téléchargez", "app", "phrase", "-", rf"téléchargez (?:notre|l['’]|gratuitement ){_GAP % 4}\w*application\w*(?: [\w'’]+ sur (?:l['’])?(?:app store|google play))?"),
    ("publicité", "advertising", "line", "l", r"publicité"),
)  # fmt: skip

_SPANISH: tuple[_Row, ...] = (
    ("suscríbete suscríbase apúntate regístrate recibe reciba", "newsletter", "phrase", "-", rf"(?:suscríbe(?:te|se)|suscríbase|apúntate|regístrate|recib[ea]) {_GAP % 8}(?:nuestr[oa]s?|la|el|esta|este|gratis) (?:[\w'’-]+ ){{0,4}}?(?:newsletters?|boletín|boletines)\b(?: (?:diari[oa]|semanal|informativo|de noticias))*(?: aquí)?"),
    ("recibe reciba", "newsletter", "phrase", "-", rf"recib[ea] {_GAP % 16}en (?:tu|su) (?:correo(?: electrónico)?|{_EMAIL}|bandeja de entrada|buzón)\b"),
    ("puedes puede", "newsletter", "sentence", "-", r"puedes? (?:darte|darse|cancelar) (?:de baja|la suscripción|tu suscripción|su suscripción) en cualquier momento"),
    ("al", "privacy", "sentence", "-", rf"al (?:suscribirte|suscribirse|registrarte|registrarse|inscribirte|hacer clic) {_GAP % 10}(?:aceptas?|consientes?|confirmas?)\b"),
    ("para", "privacy", "sentence", "-", r"para (?:más|mayor) información,? (?:consult[ae]|lee|vea?|visit[ae]) (?:nuestra|la) política de (?:privacidad|cookies)"),
    ("aviso", "privacy", "sentence", "a", r"aviso de privacidad: (?:los boletines|las newsletters|usamos|utilizamos|al suscribir|tus datos|sus datos)"),
    ("este", "privacy", "sentence", "-", r"este (?:sitio|formulario|sitio web) está protegido por (?:google )?recaptcha"),
    ("usamos utilizamos nosotros", "cookies", "sentence", "-", r"(?:usamos|utilizamos|nosotros y nuestros (?:\d+ )?socios (?:usamos|utilizamos|almacenamos)) cookies\b"),
    ("este nuestro", "cookies", "sentence", "-", r"(?:este|nuestro) sitio(?: web)? (?:usa|utiliza) cookies"),
    ("si al", "cookies", "sentence", "-", rf"(?:si continúas?|al continuar) navegando,? {_GAP % 8}(?:aceptas?|consideramos)\b"),
    ("aceptar", "cookies", "line", "l", r"aceptar (?:todas )?(?:las )?cookies|aceptar todo"),
    ("lee lea leer también ver relacionado te", "read_more", "rest_of_line", "l", r"(?:le[ea] (?:también|más)|leer más|también (?:lee|te puede interesar)|te puede interesar|ver también|(?:noticia )?relacionad[oa]s?):"),
    ("lee lea leer", "read_more", "phrase", "-", r"(?:le[ea] (?:también|más)|leer más):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("seguir leer sigue continuar", "read_more", "phrase", "-", r"(?:seguir leyendo|leer más|sigue leyendo|continuar leyendo|leer (?:la noticia|el artículo) complet[oa])(?: aquí)?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("haz haga", "read_more", "sentence", "-", r"ha(?:z|ga) clic aquí para\b"),
    ("la", "read_more", "sentence", "-", r"la entrada [^\n]{1,200}? (?:apareció primero en|se publicó primero en)\b"),
    ("compartir comparte", "share", "line", "l", r"compart(?:ir|e)(?: (?:este|esta|el|la) (?:artículo|noticia))?(?: (?:en|por|vía) [^.!?\n]{1,60})?"),
    ("síguenos síganos sigue únete", "share", "phrase", "-", rf"(?:síguenos|síganos|únete a nosotros) en {_NETWORK_LIST}\b"),
    ("suscríbete suscríbase", "subscribe", "phrase", "-", r"suscríb(?:ete|ase)(?: (?:ahora|ya|aquí|para (?:leer|seguir|continuar)[^.!?\n]{0,80}))?(?=[ \t]*(?:[.!…»→>]|$))"),
    ("ya", "subscribe", "phrase", "-", r"¿?ya (?:eres|es) suscriptor\?(?: inicia sesión| accede)?"),
    ("este", "subscribe", "sentence", "-", r"este (?:artículo|contenido) es (?:exclusivo|solo|sólo) para (?:nuestros )?suscriptores"),
    ("para", "subscribe", "sentence", "-", r"para (?:seguir|continuar) leyendo,? (?:suscríb|inicia|regístr|accede|hazte)"),
    ("este esta", "amended", "rest_of_line", "l", r"est[ea] (?:artículo|noticia|información) (?:fue|ha sido) (?:modificad|actualizad|corregid|enmendad)[oa] el \d"),
    ("descarga descargue", "app", "phrase", "-", rf"descarg(?:a|ue) (?:nuestra|la) {_GAP % 4}(?:app|aplicación)\b"),
    ("publicidad", "advertising", "line", "l", r"publicidad"),
)  # fmt: skip

_ITALIAN: tuple[_Row, ...] = (
    ("iscriviti iscrivetevi ricevi registrati abbonati", "newsletter", "phrase", "-", rf"(?:iscriviti|iscrivetevi|ricevi|registrati|abbonati) {_GAP % 8}(?:(?:alla|le|la|nostra|nostre|questa|gratuitamente) ){{1,3}}(?:[\w'’-]+ ){{0,3}}?newsletters?\b"),
    ("ricevi", "newsletter", "phrase", "-", rf"ricevi {_GAP % 16}(?:nella tua (?:casella|posta)|via {_EMAIL}|via mail)\b"),
    ("puoi", "newsletter", "sentence", "-", r"puoi (?:disiscriverti|cancellarti|annullare l['’]iscrizione) in qualsiasi momento"),
    ("iscrivendoti cliccando registrandoti", "privacy", "sentence", "-", rf"(?:iscrivendoti|cliccando|registrandoti) {_GAP % 10}(?:accetti|acconsenti|dichiari)\b"),
    ("per", "privacy", "sentence", "-", r"per (?:maggiori|ulteriori) informazioni,? (?:consulta|leggi|vedi) (?:la nostra |la |l['’])(?:informativa|privacy)"),
    ("informativa", "privacy", "sentence", "a", r"informativa (?:sulla )?privacy: (?:le newsletter|usiamo|utilizziamo|iscrivendoti|i tuoi dati)"),
    ("questo", "privacy", "sentence", "-", r"questo (?:sito|modulo) è protetto da (?:google )?recaptcha"),
    ("utilizziamo usiamo noi", "cookies", "sentence", "-", r"(?:utilizziamo|usiamo|noi e i nostri (?:\d+ )?partner (?:usiamo|utilizziamo|archiviamo)) (?:i )?cookies?\b"),
    ("questo il", "cookies", "sentence", "-", r"(?:questo|il nostro) sito (?:web )?(?:usa|utilizza) (?:i )?cookies?\b"),
    ("continuando proseguendo", "cookies", "sentence", "-", rf"(?:continuando|proseguendo) {_GAP % 10}(?:accetti|acconsenti)\b"),
    ("accetta", "cookies", "line", "l", r"accetta (?:tutti )?(?:i cookies?|tutto)|accetta tutti"),
    ("leggi vedi", "read_more", "rest_of_line", "l", r"(?:leggi (?:anche|di più)|vedi anche|per approfondire):"),
    ("leggi vedi", "read_more", "phrase", "-", r"(?:leggi (?:anche|di più)|vedi anche):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("continua leggi", "read_more", "phrase", "-", r"(?:continua a leggere|leggi (?:tutto|di più|l['’]articolo(?: completo)?))(?: (?:qui|su [^\s]+))?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("clicca", "read_more", "sentence", "-", r"clicca qui per\b"),
    ("l", "read_more", "sentence", "-", r"l['’]articolo [^\n]{1,200}? proviene da\b"),
    ("condividi", "share", "line", "l", r"condividi(?: (?:questo |l['’])?articolo)?(?: (?:su|via|con) [^.!?\n]{1,60})?"),
    ("seguici", "share", "phrase", "-", rf"seguici (?:anche )?su {_NETWORK_LIST}\b"),
    ("abbonati", "subscribe", "phrase", "-", r"abbonati(?: (?:ora|subito|per (?:leggere|continuare)[^.!?\n]{0,80}))?(?=[ \t]*(?:[.!…»→>]|$))"),
    ("sei hai", "subscribe", "phrase", "-", r"(?:sei già abbonato|hai già un abbonamento)\?(?: accedi)?"),
    ("questo", "subscribe", "sentence", "-", r"questo (?:articolo|contenuto) è riservato (?:agli|ai nostri|solo agli) abbonati"),
    ("per", "subscribe", "sentence", "-", r"per continuare a leggere,? (?:abbonati|accedi|registrati|iscriviti)"),
    ("questo", "amended", "rest_of_line", "l", r"questo articolo è stato (?:modificato|aggiornato|corretto) (?:il|in data) \d"),
    ("scarica", "app", "phrase", "-", rf"scarica (?:la nostra |l['’]|la ){_GAP % 4}\w*app\b"),
    ("pubblicità", "advertising", "line", "l", r"pubblicità"),
)  # fmt: skip

_POLISH: tuple[_Row, ...] = (
    ("zapisz zaprenumeruj subskrybuj zamów otrzymuj", "newsletter", "phrase", "-", rf"(?:zapisz się|zaprenumeruj|subskrybuj|zamów|otrzymuj) {_GAP % 6}(?:(?:na|do|nasz\w*|bezpłatn\w*) ){{1,3}}(?:[\w-]+ ){{0,3}}?newsletter\w*"),
    ("otrzymuj", "newsletter", "phrase", "-", rf"otrzymuj {_GAP % 14}(?:na swoją skrzynkę|na {_EMAIL}|na maila)\b"),
    ("możesz", "newsletter", "sentence", "-", r"możesz (?:zrezygnować|wypisać się) (?:z (?:subskrypcji|newslettera) )?w (?:każdej chwili|dowolnym momencie)"),
    ("zapisując klikając", "privacy", "sentence", "-", rf"(?:zapisując się|klikając),? {_GAP % 10}(?:akceptujesz|zgadzasz się|wyrażasz zgodę)\b"),
    ("więcej", "privacy", "sentence", "-", rf"więcej informacji {_GAP % 8}w naszej polityce prywatności"),
    ("informacja", "privacy", "sentence", "a", r"informacja o prywatności: (?:newslettery|używamy|wykorzystujemy|zapisując|twoje dane)"),
    ("ta", "privacy", "sentence", "-", r"ta (?:strona|witryna) jest chroniona przez (?:google )?recaptcha"),
    ("używamy wykorzystujemy stosujemy my", "cookies", "sentence", "-", r"(?:używamy|wykorzystujemy|stosujemy|my i nasi (?:\d+ )?partnerzy (?:używamy|przechowujemy)) (?:plik(?:i|ów) )?(?:cookies?|ciasteczek)\b"),
    ("ta nasza ten", "cookies", "sentence", "-", r"(?:ta|nasza|ten) (?:strona|witryna|serwis) (?:używa|wykorzystuje|korzysta z) (?:plików )?(?:cookies?|ciasteczek)\b"),
    ("korzystając kontynuując", "cookies", "sentence", "-", rf"(?:korzystając|kontynuując),? {_GAP % 10}(?:wyrażasz zgodę|zgadzasz się|akceptujesz)\b"),
    ("akceptuję zaakceptuj", "cookies", "line", "l", r"(?:akceptuję|zaakceptuj) (?:wszystkie|wszystko|pliki cookie)"),
    ("czytaj zobacz przeczytaj", "read_more", "rest_of_line", "l", r"(?:(?:prze)?czytaj (?:też|także|również|więcej|dalej)|zobacz (?:też|także|również)):"),
    ("czytaj zobacz przeczytaj", "read_more", "phrase", "-", r"(?:(?:prze)?czytaj (?:też|także|również|więcej)|zobacz (?:też|także|również)):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("czytaj", "read_more", "phrase", "-", r"czytaj (?:dalej|więcej|całość)(?: (?:tutaj|tu|na [^\s]+))?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("kliknij", "read_more", "sentence", "-", r"kliknij (?:tutaj|tu),? (?:aby|żeby|by)\b"),
    ("artykuł", "read_more", "sentence", "-", r"artykuł [^\n]{1,200}? pochodzi z serwisu\b"),
    ("udostępnij podziel", "share", "line", "l", r"(?:udostępnij|podziel się)(?: (?:ten )?artykuł(?:em)?)?(?: (?:na|przez|w) [^.!?\n]{1,60})?"),
    ("obserwuj śledź dołącz polub", "share", "phrase", "-", rf"(?:obserwuj|śledź|polub|znajdź) nas (?:na|w) {_NETWORK_LIST}\w*"),
    ("masz kup wykup", "subscribe", "phrase", "-", r"masz już (?:subskrypcję|prenumeratę|konto)\?(?: zaloguj się)?|(?:wy)?kup (?:subskrypcję|prenumeratę|dostęp)(?=[ \t]*(?:[.!…»→>]|$))"),
    ("ten", "subscribe", "sentence", "-", r"ten artykuł (?:jest dostępny|przeczytasz) (?:tylko|wyłącznie) (?:dla|z|w) (?:naszych )?(?:prenumerator|subskrybent|prenumerat|subskrypcj)"),
    ("aby żeby", "subscribe", "sentence", "-", r"(?:aby|żeby) (?:czytać dalej|przeczytać cały artykuł),? (?:wykup|zaloguj|zarejestruj|kup|subskrybuj)"),
    ("ten", "amended", "rest_of_line", "l", r"ten artykuł został (?:zmieniony|zaktualizowany|poprawiony|skorygowany) (?:w dniu )?\d"),
    ("pobierz ściągnij", "app", "phrase", "-", rf"(?:pobierz|ściągnij) (?:naszą )?{_GAP % 3}aplikację\b"),
    ("reklama", "advertising", "line", "l", r"reklama"),
)  # fmt: skip

_CZECH: tuple[_Row, ...] = (
    ("přihlaste odebírejte přihlašte registrujte", "newsletter", "phrase", "-", rf"(?:přihla[sš]te se|odebírejte|registrujte se) {_GAP % 6}(?:(?:k odběru|náš\w*|našeho|do|pravidelný) ){{1,3}}(?:[\w-]+ ){{0,3}}?newsletter\w*"),
    ("dostávejte", "newsletter", "phrase", "-", rf"dostávejte {_GAP % 14}(?:do (?:své|vaší) (?:{_EMAIL}ové )?schránky|na {_EMAIL}|do {_EMAIL}u)\b"),
    ("odběr odhlásit", "newsletter", "sentence", "-", r"(?:odběr můžete kdykoliv? (?:zrušit|odhlásit)|odhlásit se můžete kdykoliv?)"),
    ("přihlášením kliknutím odesláním", "privacy", "sentence", "-", rf"(?:přihlášením|kliknutím|odesláním),? {_GAP % 10}(?:souhlasíte|vyjadřujete souhlas)\b"),
    ("více", "privacy", "sentence", "-", rf"více informací {_GAP % 8}v našich zásadách (?:ochrany|zpracování)"),
    ("ochrana", "privacy", "sentence", "a", r"ochrana (?:osobních údajů|soukromí): (?:newslettery|používáme|přihlášením|vaše údaje)"),
    ("tato tyto", "privacy", "sentence", "-", r"(?:tato stránka je chráněna|tyto stránky jsou chráněny) (?:pomocí )?(?:google )?recaptcha"),
    ("používáme my", "cookies", "sentence", "-", r"(?:používáme|my a naši (?:\d+ )?partneři (?:používáme|ukládáme)) (?:soubory )?cookies?\b"),
    ("tento tato náš", "cookies", "sentence", "-", r"(?:tento web|tato stránka|náš web|tato webová stránka) (?:používá|využívá) (?:soubory )?cookies?\b"),
    ("pokračováním používáním", "cookies", "sentence", "-", rf"(?:pokračováním|používáním),? {_GAP % 10}souhlasíte\b"),
    ("přijmout", "cookies", "line", "l", r"přijmout (?:všechny cookies|vše|cookies)"),
    ("čtěte přečtěte související", "read_more", "rest_of_line", "l", r"(?:(?:pře)?čtěte (?:také|též|si také|více)|související(?: články)?):"),
    ("čtěte přečtěte", "read_more", "phrase", "-", r"(?:pře)?čtěte (?:také|též|si také|více):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("číst pokračovat celý", "read_more", "phrase", "-", r"(?:číst (?:dál|dále|více)|pokračovat ve čtení|celý článek(?: zde)?)(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("klikněte", "read_more", "sentence", "-", r"klikněte (?:zde|sem) (?:pro|a)\b"),
    ("sdílet sdílejte", "share", "line", "l", r"sdíle(?:t|jte)(?: (?:tento )?článek)?(?: (?:na|přes) [^.!?\n]{1,60})?"),
    ("sledujte", "share", "phrase", "-", rf"sledujte nás (?:také |i )?na {_NETWORK_LIST}\w*"),
    ("předplaťte máte", "subscribe", "phrase", "-", r"předplaťte si(?: [\w ]{0,40})?(?=[ \t]*(?:[.!…»→>]|$))|máte již předplatné\?(?: přihlaste se)?"),
    ("tento", "subscribe", "sentence", "-", r"tento článek je (?:dostupný )?(?:pouze|jen|exkluzivně) pro (?:naše )?(?:předplatitele|členy)"),
    ("pro", "subscribe", "sentence", "-", r"pro pokračování ve čtení (?:se |si )?(?:přihlaste|předplaťte|registrujte)"),
    ("tento", "amended", "rest_of_line", "l", r"tento článek byl (?:upraven|aktualizován|opraven|změněn) (?:dne )?\d"),
    ("stáhněte", "app", "phrase", "-", rf"stáhněte si (?:naši )?{_GAP % 3}aplikaci\b"),
    ("reklama inzerce", "advertising", "line", "l", r"reklama|inzerce"),
)  # fmt: skip

_UKRAINIAN: tuple[_Row, ...] = (
    ("підпишіться підписуйтесь підписуйтеся підписатися отримуйте", "newsletter", "phrase", "-", rf"(?:підпишіться|підписуйте(?:сь|ся)|підписатися) на {_GAP % 5}(?:розсилк\w+|дайджест\w*|newsletter|імейл-розсилк\w+)\b(?: новин)?"),
    ("отримуйте", "newsletter", "phrase", "-", rf"отримуйте {_GAP % 14}(?:на (?:свою |вашу )?(?:пошту|{_EMAIL}|електронну пошту|імейл))\b"),
    ("ви", "newsletter", "sentence", "-", r"ви можете (?:відписатися|скасувати підписку) (?:будь-коли|у будь-який (?:час|момент)|в будь-який (?:час|момент))"),
    ("підписуючись натискаючи", "privacy", "sentence", "-", rf"(?:підписуючись|натискаючи),? {_GAP % 10}(?:ви погоджуєтеся|ви погоджуєтесь|ви приймаєте|ви даєте згоду)\b"),
    ("докладніше детальніше", "privacy", "sentence", "-", rf"(?:докладніше|детальніше) {_GAP % 6}(?:у|в) нашій політиці конфіденційності"),
    ("повідомлення політика", "privacy", "sentence", "a", r"(?:повідомлення про конфіденційність|політика конфіденційності): (?:розсилки|ми використовуємо|підписуючись|ваші дані)"),
    ("цей", "privacy", "sentence", "-", r"цей сайт захищен(?:о|ий) (?:за допомогою )?(?:google )?recaptcha"),
    ("ми", "cookies", "sentence", "-", r"ми (?:та наші (?:\d+ )?партнери )?використовуємо (?:файли )?(?:cookies?|кукі)\b"),
    ("цей наш", "cookies", "sentence", "-", r"(?:цей|наш) (?:веб-?)?сайт використовує (?:файли )?(?:cookies?|кукі)\b"),
    ("продовжуючи", "cookies", "sentence", "-", rf"продовжуючи,? {_GAP % 10}ви (?:погоджуєтеся|погоджуєтесь|даєте згоду|приймаєте)\b"),
    ("прийняти", "cookies", "line", "l", r"прийняти (?:всі|усі|все)(?: (?:cookies?|кукі|файли cookie))?"),
    ("читайте читати дивіться також", "read_more", "rest_of_line", "l", r"(?:читайте (?:також|теж|ще|більше)|читати також|дивіться також|також читайте|також по темі|за темою):"),
    ("читайте дивіться", "read_more", "phrase", "-", r"(?:читайте (?:також|теж|ще|більше)|дивіться також):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("читати читайте", "read_more", "phrase", "-", r"(?:читати (?:далі|більше|повністю)|читайте (?:далі|повністю|більше))(?: (?:тут|на [^\s]+))?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("натисніть", "read_more", "sentence", "-", r"натисніть (?:тут|сюди),? щоб\b"),
    ("поділитися поширити поділіться", "share", "line", "l", r"(?:поділитися|поширити|поділіться)(?: (?:цією )?(?:статтею|новиною))?(?: (?:у|в|на|через) [^.!?\n]{1,60})?"),
    ("підписуйтесь підписуйтеся підпишіться стежте слідкуйте долучайтесь приєднуйтесь приєднуйтеся", "share", "phrase", "-", rf"(?:підписуйте(?:сь|ся)|підпишіться|стежте за нами|слідкуйте за нами|долучайте(?:сь|ся)|приєднуйте(?:сь|ся)) (?:на|в|у|до) (?:(?:наш\w*|нас|у|в|на|нашого|канал\w*|сторінк\w+) ){{0,4}}{_NETWORK_LIST}\w*(?:[- ](?:каналу?|сторінк\w+))?"),
    ("передплатіть оформіть вже", "subscribe", "phrase", "-", r"(?:передплатіть|оформіть передплату|оформіть підписку)(?: (?:зараз|щоб [^.!?\n]{1,80}))?(?=[ \t]*(?:[.!…»→>]|$))|вже (?:маєте підписку|підписані)\?(?: увійдіть)?"),
    ("ця цей", "subscribe", "sentence", "-", r"(?:ця стаття|цей матеріал) (?:доступна?|доступний) (?:лише|тільки) (?:для )?(?:наших )?(?:передплатник|підписник)"),
    ("щоб", "subscribe", "sentence", "-", r"щоб (?:читати далі|продовжити читання),? (?:передплат|увійд|зареєстр|оформ|підпиш)"),
    ("цю цей", "amended", "rest_of_line", "l", r"(?:цю статтю|цей матеріал|цей текст) (?:було )?(?:оновлено|виправлено|змінено|відредаговано) \d"),
    ("завантажте завантажуйте", "app", "phrase", "-", rf"завантаж(?:те|уйте) (?:наш )?{_GAP % 3}(?:мобільний )?(?:за)?(?:стосунок|додаток)\b"),
    ("реклама", "advertising", "line", "l", r"реклама"),
)  # fmt: skip

_RUSSIAN: tuple[_Row, ...] = (
    ("подпишитесь подписывайтесь подписаться", "newsletter", "phrase", "-", rf"(?:подпишитесь|подписывайтесь|подписаться) на {_GAP % 5}(?:рассылк\w+|дайджест\w*|newsletter)\b(?: новостей)?"),
    ("получайте", "newsletter", "phrase", "-", rf"получайте {_GAP % 14}(?:на (?:свою |вашу )?(?:почту|{_EMAIL}|электронную почту))\b"),
    ("вы", "newsletter", "sentence", "-", r"вы можете (?:отписаться|отменить подписку) в любо(?:й момент|е время)"),
    ("подписываясь нажимая", "privacy", "sentence", "-", rf"(?:подписываясь|нажимая),? {_GAP % 10}вы (?:соглашаетесь|принимаете|даете согласие|даёте согласие)\b"),
    ("подробнее", "privacy", "sentence", "-", rf"подробнее {_GAP % 6}в нашей политике конфиденциальности"),
    ("уведомление политика", "privacy", "sentence", "a", r"(?:уведомление о конфиденциальности|политика конфиденциальности): (?:рассылки|мы используем|подписываясь|ваши данные)"),
    ("этот", "privacy", "sentence", "-", r"этот сайт защищ[её]н (?:с помощью )?(?:google )?recaptcha"),
    ("мы", "cookies", "sentence", "-", r"мы (?:и наши (?:\d+ )?партн[её]ры )?используем (?:файлы )?(?:cookies?|куки)\b"),
    ("этот наш", "cookies", "sentence", "-", r"(?:этот|наш) (?:веб-?)?сайт использует (?:файлы )?(?:cookies?|куки)\b"),
    ("продолжая", "cookies", "sentence", "-", rf"продолжая,? {_GAP % 10}вы (?:соглашаетесь|даете согласие|даёте согласие|принимаете)\b"),
    ("принять", "cookies", "line", "l", r"принять (?:все|всё)(?: (?:cookies?|куки|файлы cookie))?"),
    ("читайте читать смотрите также", "read_more", "rest_of_line", "l", r"(?:читайте (?:также|ещ[её]|больше|подробнее)|читать также|смотрите также|также по теме|по теме):"),
    ("читайте смотрите", "read_more", "phrase", "-", r"(?:читайте (?:также|ещ[её]|больше|подробнее)|смотрите также):(?: [^.!?\n]{3,110}[.!?](?= |$))?"),
    ("читать читайте", "read_more", "phrase", "-", r"(?:читать (?:далее|дальше|полностью)|читайте (?:далее|дальше|полностью))(?: (?:здесь|на [^\s]+))?(?=[ \t]*(?:[.…»→>\[]|$))"),
    ("нажмите", "read_more", "sentence", "-", r"нажмите (?:здесь|сюда),? чтобы\b"),
    ("поделиться поделитесь", "share", "line", "l", r"подели(?:ться|тесь)(?: (?:этой )?(?:статьей|статьёй|новостью))?(?: (?:в|на|через) [^.!?\n]{1,60})?"),
    ("подписывайтесь подпишитесь следите присоединяйтесь", "share", "phrase", "-", rf"(?:подписывайтесь|подпишитесь|следите за нами|присоединяйтесь) (?:на|в|к) (?:(?:наш\w*|нас|в|на|канал\w*|страниц\w+) ){{0,4}}{_NETWORK_LIST}\w*(?:[- ](?:каналу?|страниц\w+))?"),
    ("оформите уже", "subscribe", "phrase", "-", r"оформите подписку(?: (?:сейчас|чтобы [^.!?\n]{1,80}))?(?=[ \t]*(?:[.!…»→>]|$))|уже (?:есть подписка|подписаны)\?(?: войдите)?"),
    ("эта этот", "subscribe", "sentence", "-", r"(?:эта статья|этот материал) (?:доступна?|доступен) только (?:для )?(?:наших )?подписчик"),
    ("чтобы", "subscribe", "sentence", "-", r"чтобы (?:читать дальше|продолжить чтение),? (?:оформ|войд|зарегистр|подпиш)"),
    ("эта этот", "amended", "rest_of_line", "l", r"(?:эта статья|этот материал|этот текст) (?:была?|был) (?:обновл|исправл|измен|отредактир)\w+ \d"),
    ("скачайте загрузите", "app", "phrase", "-", rf"(?:скачайте|загрузите) (?:наше )?{_GAP % 3}(?:мобильное )?приложение\b"),
    ("реклама", "advertising", "line", "l", r"реклама"),
)  # fmt: skip

_TABLES: dict[str, tuple[_Row, ...]] = {
    "en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "it": _ITALIAN,
    "pl": _POLISH, "cs": _CZECH, "uk": _UKRAINIAN, "ru": _RUSSIAN,
}  # fmt: skip


def _by_first_word() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for language, rows in _TABLES.items():
        for words, reason, extent, flags, pattern in rows:
            rule = Rule(language, Reason(reason), Extent(extent), _compiled(pattern), "a" in flags, "l" in flags)
            for word in dict.fromkeys(words.split()):
                found.setdefault(word, []).append(rule)
    return {word: tuple(rules) for word, rules in found.items()}


RULES_BY_WORD = _by_first_word()
