"""Names and places of `processors.stories.gazetteer`: key | weight | aliases in English, German, French, Spanish, Italian, Polish,
Czech, Ukrainian and Russian.
"""
# ruff: noqa: E501  one row per key

from __future__ import annotations

NAMES = """
trump | 0.5 | trump trumps trump* трамп*
zelensky | 0.5 | zelensky zelenskyy zelenskiy selensk* zelensk* зеленськ* зеленск*
putin | 0.5 | putin putin* poutine путин* путін*
macron | 1.0 | macron macron* макрон*
merz | 1.0 | merz merz* мерц*
scholz | 1.3 | scholz* шольц*
starmer | 1.0 | starmer* стармер*
meloni | 1.1 | meloni* мелоні мелони
sanchez | 1.2 | sanchez* санчес*
tusk | 1.2 | tusk tusk* туск туска туском туску
fiala | 1.5 | fiala fialy fialou fialu фіал* фиал*
orban | 1.2 | orban* орбан*
fico | 1.3 | fico ficem фіцо фицо
erdogan | 1.2 | erdogan* ердоган* эрдоган*
rutte | 1.0 | rutte* рютте
leyen | 1.0 | leyen* лаєн ляйєн ляйен ляєн
costa | 1.2 | costa кошта
kallas | 1.3 | kallas* каллас*
rubio | 1.2 | rubio* рубіо рубио
hegseth | 1.3 | hegseth* гегсет* хегсет*
vance | 1.2 | vance* венс* вэнс*
bessent | 1.4 | bessent* бессент*
greer | 1.6 | greer* грір* грир*
lutnick | 1.5 | lutnick* лютник* лутник*
xi | 1.0 | xi_jinping jinping цзіньпін* цзиньпин*
carney | 1.3 | carney* карні карни
sheinbaum | 1.4 | sheinbaum* шейнбаум*
lula | 1.4 | lula лула лули
modi | 1.3 | modi моді моди
pistorius | 1.4 | pistorius* пісторіус* писториус*
healey | 1.5 | healey* хілі_джон хили_джон
lecornu | 1.5 | lecornu* лекорню
crosetto | 1.6 | crosetto* крозетто
kosiniak | 1.6 | kosiniak* косіняк* косиняк*
umerov | 1.5 | umerov* oumerov умеров* умєров*
sybiha | 1.5 | sybiha* sibiga* sybih* сибіг* сибиг*
lavrov | 1.2 | lavrov* lawrow* lawrow* лавров*
peskov | 1.0 | peskov* peskow* pieskow* пєсков* песков*
witkoff | 1.3 | witkoff* віткофф* уиткофф* виткофф*
kellogg | 1.4 | kellogg* келлог*
guterres | 1.3 | guterres* гутерріш* гутерреш*
powell | 1.4 | powell* пауелл* пауэлл*
sefcovic | 1.5 | sefcovic* шефчович*
nato | 0.5 | nato otan нато
eu | 0.35 | eu ue european_union europaische_union europaischen_union union_europeenne union_europea unione_europea unia_europejska unii_europejskiej unie_europejska evropska_unie evropske_unie єс ес євросоюз* евросоюз* європейськ*_союз* европейск*_союз*
europe | 0.25 | europe europa evropa evropy європ* европ* europeans europaer* europeen* europeo* europei europejsk* evropsk* evropan*
un | 0.7 | un uno onu onz osn united_nations vereinte_nationen vereinten_nationen nations_unies naciones_unidas nazioni_unite оон
commission | 0.5 | european_commission eu_commission eu-kommission kommission comision_europea commissione_europea commission_europeenne komisja_europejska komisji_europejskiej evropska_komise evropske_komise єврокомісі* еврокомисси*
whitehouse | 0.6 | white_house weisse_haus weissen_haus weisses_haus maison-blanche maison_blanche casa_blanca casa_bianca bialy_dom bialego_domu bily_dum bileho_domu білий_дім білого_дому белый_дом белого_дома
kremlin | 0.6 | kremlin kreml kremla kremle кремль кремля кремлі кремле
pentagon | 0.9 | pentagon* pentagone пентагон*
congress | 0.8 | congress kongress congres congreso congresso kongres kongresu конгрес* конгресс*
senate | 0.8 | senate senat senatu senado senato senatem сенат*
bundestag | 0.9 | bundestag* бундестаг*
bundeswehr | 1.0 | bundeswehr* бундесвер*
rada | 0.9 | verkhovna_rada werchowna_rada верховна_рада верховної_ради верховная_рада верховной_рады
sejm | 1.0 | sejm sejmu sejmie сейм*
duma | 0.9 | state_duma duma staatsduma госдум* держдум*
parliament | 0.5 | parliament* parlament* parlement* парламент*
scotus | 1.1 | supreme_court oberste_gericht oberste_gerichtshof oberster_gerichtshof obersten_gerichtshof cour_supreme corte_suprema tribunal_supremo sad_najwyzszy sadu_najwyzszego nejvyssi_soud nejvyssiho_soudu верховний_суд верховного_суду верховный_суд верховного_суда
wto | 1.3 | wto wto_welthandelsorganisation omc swiatow*_organizacj*_handlu сот вто
imf | 1.3 | imf iwf fmi mfw mmf мвф
ecb | 1.2 | ecb ezb bce ebc єцб ецб
fed | 1.1 | federal_reserve fed фрс
g7 | 1.0 | g7 g-7 группы_семи
g20 | 1.1 | g20 g-20
coalition | 0.6 | coalition_of_the_willing koalition_der_willigen coalition_des_volontaires coalicion_de_voluntarios coalizione_dei_volenterosi koalicj*_chetnych koalic*_ochotnych коаліці*_охочих коаліці*_рішучих коалици*_желающих
osce | 1.3 | osce osze obwe обсє обсе
rheinmetall | 1.3 | rheinmetall* рейнметалл* рейнметал*
lockheed | 1.4 | lockheed* локхід* локхид*
boeing | 1.3 | boeing* боїнг* боинг*
apple | 1.4 | apple_inc apple's
nvidia | 1.4 | nvidia*
tesla | 1.3 | tesla тесла тесли
volkswagen | 1.3 | volkswagen* vw фольксваген*
patriot | 1.0 | patriot* петріот* патриот
taurus | 1.2 | taurus* таурус*
f35 | 1.2 | f-35 f-35s f35
gripen | 1.3 | gripen*
eurofighter | 1.3 | eurofighter*
babis | 1.4 | babis babise babisem babisovi бабіш* бабиш*
nawrocki | 1.3 | nawrock* навроцьк* навроцк*
sikorski | 1.3 | sikorsk* сікорськ* сикорск*
domanski | 1.6 | domansk* доманськ* доманьск*
klingbeil | 1.5 | klingbeil* клінгбайл* клингбайл*
wadephul | 1.5 | wadephul* вадефул*
reeves | 1.5 | reeves рівз ривз
lammy | 1.5 | lammy* леммі лэмми
swinney | 1.6 | swinney*
champagne | 1.5 | francois_philippe_champagne
albanese | 1.4 | albanese albaneses альбанезе албаніз*
marles | 1.6 | marles*
takaichi | 1.4 | takaichi* такаїчі такаити
wever | 1.5 | de_wever wevers вевер*
francken | 1.6 | francken* франкен*
frederiksen | 1.5 | frederiksen* фредеріксен* фредериксен*
kristersson | 1.5 | kristersson* крістерссон* кристерссон*
jonson | 1.6 | pal_jonson jonson* йонсон*
stubb | 1.3 | stubb* стубб* стуб*
orpo | 1.6 | orpo* орпо
store | 1.6 | jonas_gahr store_norway стере стьоре
pevkur | 1.6 | pevkur* певкур*
silina | 1.6 | silina* siliņa силіня силиня
nauseda | 1.6 | nauseda* науседа науседи
ruginiene | 1.6 | ruginien* ругінене ругинене
bolojan | 1.6 | bolojan* болоян*
milei | 1.4 | milei* мілей милей
ebrard | 1.5 | ebrard* ебрард* эбрард*
goyal | 1.6 | goyal* гоял*
keller_sutter | 1.6 | keller_sutter
parmelin | 1.6 | parmelin* пармелен*
pfister | 1.6 | pfister*
giorgetti | 1.5 | giorgetti* джорджетті джорджетти
salvini | 1.4 | salvini* сальвіні сальвини
tajani | 1.5 | tajani* таяні таяни
robles | 1.5 | robles роблес
vautrin | 1.6 | vautrin* вотрен
yermak | 1.5 | yermak* jermak* єрмак* ермак*
svyrydenko | 1.5 | svyrydenk* swyrydenk* sviridenk* свириденк*
fedorov | 1.4 | fedorov* fedorow* федоров*
marchenko | 1.6 | marchenk* martschenk* марченк*
zakharova | 1.4 | zakharov* sacharow* zacharow* zakharov* захаров*
medvedev | 1.4 | medvedev* medwedew* miedwiediew* медведєв* медведев*
ushakov | 1.5 | ushakov* uschakow* uszakow* ушаков*
jinping | 1.0 | xi_jinping_chn
he_lifeng | 1.6 | he_lifeng хе_ліфен* хэ_лифэн*
lai | 1.5 | lai_ching_te лай_ціндэ
lee_jm | 1.5 | lee_jae_myung jae_myung лі_чже_мен* ли_чжэ_мен*
kushner | 1.5 | kushner* кушнер*
driscoll | 1.6 | driscoll*
navarro | 1.6 | navarro*
farage | 1.5 | farage* фарадж*
weidel | 1.5 | weidel* вайдель
lepen | 1.4 | le_pen ле_пен
"""

PLACES = """
ukraine | 0.25 | ukrain* ucrain* ucrania ukrajin* україн* украин* київщин*
russia | 0.25 | russia* russland* russi* russe* rusia rosja rosji rosje rosyj* rusko ruska rusku ruske rusky росі* россии россия россию россией российск*
us | 0.25 | us usa u.s united_states vereinigte*_staaten etats-unis estados_unidos eeuu stati_uniti stany_zjednoczone stanow_zjednoczonych spojene_staty spojenych_statu washington* waszyngton* америк* americ* amerik* сша вашингтон* us- ee_uu ee.uu
uk | 0.8 | uk britain british britisch* britannique* britanico* britannic* grossbritannien royaume-uni reino_unido regno_unito wielka_brytania wielkiej_brytanii brytyjsk* velka_britanie velke_britanii britsk* британі* британи* британськ* британск* london* londres londra londyn* londyn лондон*
germany | 0.8 | german* deutschland* deutsch* allemagne allemand* alemania aleman* germania tedesc* niemc* niemiec* nemeck* німеч* німець* герман* немецк* berlin* bayern bayerisch* bavari* sachsen sachsisch* niedersachs* берлін* берлин*
france | 0.8 | france french frankreich* franzosisch* francais* francia frances* francja francji francusk* francie francouzsk* франці* франци* французьк* французск* paris parigi paryz* parizi pariz париж*
poland | 1.0 | poland polish polen polnisch* pologne polonais* polonia polaco* polacc* polska polsce polski polskie polsko polskeho польщ* польськ* польш* польск* warsaw warschau varsovie varsovia varsavia warszaw* varsav* варшав*
italy | 1.0 | italy italian* italien* italie italia italiano* wloch* wlosk* itali* італі* итали* rome roma rom sicil* toscan* lombard* venet* rzym* rim rime рим рима римі
spain | 1.0 | spain spanish spanien* spanisch* espagn* espana espanol* spagn* hiszpani* spanelsk* іспані* испани* madrid* мадрид* andalu* catal* valenci*
czechia | 1.1 | czech* tschechi* tscheche* tcheque* chequia checo* ceco ceca repubblica_ceca cesk* cesko cechy чех* чесь* чеш* prague prag praga praze praha прага праги празі
hungary | 1.1 | hungar* ungarn* ungarisch* hongri* hongrois* hungria ungheri* wegry wegier* wegr* madarsk* угорщ* угорськ* венгр* венгерск* budapest* budapeszt* будапешт*
slovakia | 1.2 | slovak* slowak* slovaqu* eslovaqu* slovacc* slowacj* slovensk* словач* словацьк* словак* bratislav* братислав*
romania | 1.2 | romania* rumani* rumunia* rumunii rumunsk* rumunsko румун* bukarest bucharest bucarest bukareszt* бухарест*
turkey | 1.0 | turkey turkish turkei turkisch* turquie turc* turquia turch* turcja turcji turecko turecku туреч* турці* турци* ankara ankar* анкар* istanbul* stambul* стамбул* turkiye
china | 0.6 | china* chinese chinesisch* chine chinois* chino* cina cinese cinesi chiny chin chinsk* cina cinsk* cine китай* китаю китаї beijing peking* pekin pechino pekinu пекін* пекин*
japan | 1.0 | japan* japon* giappon* japoni* японі* япони* японськ* японск* tokyo tokio токіо токио
india | 1.0 | india indian* indien indisch* inde indien* indie* indick* інді* инди* індійськ* delhi делі дели
canada | 0.9 | canada canadi* kanada* kanadisch* kanadsk* kanady kanadyjsk* канад* ottawa оттав*
mexico | 0.9 | mexic* mexik* mexique messic* meksyk* мексик*
brazil | 1.0 | brazil* brasil* bresil* brazyli* бразил*
vietnam | 1.2 | vietnam* wietnam* в'єтнам* вьетнам*
korea | 1.1 | south_korea sudkorea* coree_du_sud corea_del_sur corea_del_sud korea* seoul seul сеул*
taiwan | 1.1 | taiwan* tajwan* тайван*
australia | 1.1 | australia* australien australie austral* австралі* австрали* canberra канберр*
switzerland | 1.1 | switzerland swiss schweiz* suisse* suiza suizo* svizzer* szwajcari* svycarsk* швейцар* bern берн
geneva | 1.0 | geneva genf geneve ginebra ginevra genew* zenev* женев*
belgium | 1.2 | belgi* бельгі* бельги*
brussels | 0.5 | brussels brussel bruxelles bruselas bruxelles bruksel* brusel* брюссел*
netherlands | 1.1 | netherlands dutch niederland* niederlande pays-bas paises_bajos paesi_bassi holandi* nizozemsk* нідерланд* нидерланд* hague den_haag la_haye гаага гаазі
norway | 1.2 | norway norwegian* norwegen* norveg* noruega* norweg* norsk* норвегі* норвеги* oslo осло
sweden | 1.2 | swed* schwed* sued* sueci* svezi* szwecj* svedsk* швеці* швеци* stockholm* стокгольм*
finland | 1.2 | finland* finn* finlandi* finsk* фінлянді* финлянди* helsinki* гельсінк* хельсинк*
denmark | 1.2 | denmark danish danemark danisch* dinamarca danimarca dani* dansk* дані* дания дании copenhagen kopenhagen копенгаген*
baltic_est | 1.2 | estonia* estland* estoni* estonsk* естоні* эстони* tallinn* таллінн* таллин*
baltic_lat | 1.2 | latvia* lettland* letton* letoni* lotw* lotyssk* латві* латви* riga riga рига риги ризі
baltic_lit | 1.2 | lithuania* litauen* litau* lituan* litw* litevsk* литв* vilnius vilna wilno wilnie vilniu вільнюс* вильнюс*
greece | 1.2 | greece greek griechenland* grec* grecja греці* греци* athens athen афін* афин*
belarus | 1.0 | belarus* bielorus* bialorus* belorusk* білорус* белорус* minsk минск* мінськ*
moldova | 1.2 | moldov* moldaw* молдов* chisinau кишин*
georgia_c | 1.3 | tbilisi тбілісі тбилиси грузі* грузи* georgien gruzj*
kazakhstan | 1.2 | kazakh* kasach* kazajist* kazach* казахстан* astana астан*
israel | 1.0 | israel* izrael* ізраїл* израил*
gaza | 1.0 | gaza gazy gaze газа сектор_газа сектора_газа сектору_газа gazastreifen
lebanon | 1.2 | lebanon libanon* liban libano ліван* ливан*
golan | 2.0 | golan*
iran | 1.0 | iran* іран* иран* tehran teheran* téhéran тегеран*
syria | 1.2 | syri* siri* сирі* сири* damascus damaskus дамаск*
saudi | 1.1 | saudi* arabie_saoudite arabia_saudi* саудівськ* саудовск* riyadh riad ryad эр-рияд* ер-ріяд*
qatar | 1.2 | qatar* katar* катар*
congo | 1.3 | congo kongo конго
mali | 1.3 | mali малі мали
sudan | 1.3 | sudan* soudan* судан*
haiti | 1.3 | haiti* гаїті гаити
kosovo | 1.3 | kosovo kosova косово
cyprus | 1.3 | cyprus zypern chypre chipre cipro cypr кіпр* кипр*
argentina | 1.2 | argentin* аргентин*
indonesia | 1.2 | indonesi* індонезі* индонези*
africa_s | 1.2 | south_africa* sudafrika* afrique_du_sud sudafrica sudafric* rpa jar пар юар
peru | 1.3 | peru perou перу
kyiv | 0.45 | kyiv kiev kiew kijow* kyjev* київ києві києва київськ* киев* kijew*
moscow | 0.45 | moscow moskau moscou moscu mosca moskw* moskv* москв*
kharkiv | 2.0 | kharkiv kharkov charkiw charkow* charkov* jarkiv харків* харьков* харков*
odesa | 2.0 | odesa odessa odess* одес*
dnipro | 2.0 | dnipro dnepr дніпр* днепр*
lviv | 2.0 | lviv lemberg lwow* lvov* leopoli львів* львов*
zaporizhzhia | 2.0 | zaporizh* saporischschja zaporij* zaporiz* zaporož* запоріж* запорож*
kherson | 2.0 | kherson cherson* jerson херсон*
sumy | 2.0 | sumy сум суми сумах сумськ* сумск*
donetsk | 1.0 | donetsk donezk* donieck* doneck* донець* донец*
donbas | 0.9 | donbas* donbass* донбас*
pokrovsk | 2.0 | pokrovsk pokrowsk* покровськ* покровск*
crimea | 0.9 | crimea crimean krim crimee crimea krym* крим* крым*
kursk | 2.0 | kursk* курськ* курск*
belgorod | 2.0 | belgorod* bielgorod* бєлгород* белгород*
rostov | 2.0 | rostov* rostow* ростов*
blacksea | 1.0 | black_sea schwarz*_meer mer_noire mar_negro mar_nero morz*_czarn* cern*_mor* чорн*_мор* черн*_мор*
baltic | 1.0 | baltic ostsee baltique baltico balty* baltsk* балті* балти*
ramstein | 2.0 | ramstein* рамштайн*
alaska | 2.0 | alaska аляск*
vienna | 1.2 | vienna wien viena wiedn* vidni відень відні вена вене
chernihiv | 2.0 | chernihiv tschernihiw czernihow* cernihiv* чернігів* чернигов*
mykolaiv | 2.0 | mykolaiv mykolajiw mikolajow* миколаїв* миколаєв* николаев*
vladivostok | 1.6 | vladivostok* wladiwostok* vladivostock wladywostok* владивосто*
petersburg | 1.4 | petersburg* petersbourg petersburgo san_pietroburgo петербур*
ryazan | 2.0 | ryazan* rjasan* riazan* rjazan* рязан*
novorossiysk | 2.0 | novorossi* noworossij* noworosyjsk* novorosijsk* новоросійськ* новороссийск*
sochi | 1.8 | sochi sotschi sotchi soczi соч*
saratov | 2.0 | saratov* saratow* саратов*
engels | 2.0 | engels енгельс* энгельс*
samara | 2.0 | samara самар*
tula | 2.0 | тула тулі туле тульськ* тульск*
bryansk | 2.0 | bryansk* brjansk* briansk* brianszczyn* брянськ* брянск*
voronezh | 2.0 | voronezh* woronesch* voronej woronez* voronez* воронеж*
taganrog | 2.0 | taganrog* таганро*
kaliningrad | 1.6 | kaliningrad* krolewiec krolewca калінінград* калининград*
poltava | 2.0 | poltava poltawa* poltavy полтав*
zhytomyr | 2.0 | zhytomyr* schytomyr* zytomierz* jytomyr житомир*
rivne | 2.0 | rivne riwne rowne рівн* ровно ровенск*
lutsk | 2.0 | lutsk luzk luck lucku луцьк* луцк*
frankivsk | 2.0 | ivano_frankivsk iwano_frankiwsk івано_франків* ивано_франков*
kryvyirih | 2.0 | kryvyi_rih krywyj_rih krzywy_rog kryvyj_rih кривий_ріг кривому_розі кривого_рогу кривой_рог кривом_роге
kramatorsk | 2.0 | kramatorsk* краматорськ* краматорск*
bakhmut | 2.0 | bakhmut* bachmut* бахмут*
kupiansk | 2.0 | kupiansk* kupjansk* kupyansk* куп'янськ* купянск*
izmail | 2.0 | izmail* ismajil* izmajil* ізмаїл* измаил*
mariupol | 1.8 | mariupol* маріупол* мариупол*
melitopol | 2.0 | melitopol* мелітопол* мелитопол*
sevastopol | 1.8 | sevastopol* sewastopol* sebastopol* севастопол*
kerch | 1.8 | kerch kertsch kertch kercz* kerc керч*
cherkasy | 2.0 | cherkasy tscherkassy czerkas* cerkasy черкас*
khmelnytskyi | 2.0 | khmelnytsk* chmelnyz* chmielnick* хмельницьк* хмельницк*
zaporizhzhia_npp | 1.6 | energodar* enerhodar* енергодар* энергодар*
abudhabi | 1.5 | abu_dhabi abu_dabi абу_дабі абу_даби
doha | 1.5 | doha доха досі
jeddah | 1.6 | jeddah dschidda djeddah yeda gedda dzudda* dzida джидд*
singapore | 1.4 | singap* сінгапур* сингапур*
busan | 1.8 | busan pusan пусан*
davos | 1.6 | davos давос*
munich | 1.4 | munich munchen* munich monaco_di_baviera monachi* mnichov* мюнхен*
rzeszow | 1.8 | rzeszow* жешув* жешов*
anchorage | 1.6 | anchorage анкорид* анкоридж*
florida | 1.4 | florida* mar_a_lago miami флорид* маямі майами
newyork | 1.2 | new_york nueva_york nowy_jork nowym_jorku нью_йорк*
california | 1.5 | california* kalifornien* californi* kaliforni* каліфорн* калифорн*
texas | 1.5 | texas* teksas* техас*
michigan | 1.5 | michigan* detroit* мічиган* мичиган* детройт*
ternopil | 2.0 | ternopil* tarnopol* тернопіл* тернопол*
austria | 1.1 | austria* osterreich* autriche autrichien* austriac* austriak* rakousk* австрі* австри*
ireland | 1.2 | ireland irish irland irisch* irlande irlandais* irlanda irlandes* irlandi* irsk* ірланді* ірландськ* ирланди* ирландск* dublin taoiseach
portugal | 1.2 | portug* португал*
bulgaria | 1.2 | bulgar* болгар* sofia софія софии
croatia | 1.3 | croat* kroat* croac* chorwac* chorvat* хорват*
serbia | 1.2 | serbia* serbien* serbisch* serbie serbe serbes serbo serbi srbsk* сербі* серби* belgrad*
slovenia | 1.3 | sloveni* slowen* eslov* словен*
colombia | 1.3 | colombia* kolumbi* colombie* колумбі* колумби* bogota
chile | 1.3 | chile chilean* chilen* chili чилі чили
thailand | 1.2 | thai* tailand* thailand* таїланд* таиланд* bangkok
philippines | 1.3 | philippin* filipin* филиппин* філіппін* manila
malaysia | 1.3 | malaysia* malaisie malasia malezj* малайзі* малайзи* kuala_lumpur
pakistan | 1.3 | pakistan* пакистан*
azerbaijan | 1.3 | azerbaij* aserbaid* azerbaid* azerbejdz* азербайджан* baku
armenia | 1.3 | armeni* вірмен* армени* yerevan eriwan
newzealand | 1.3 | new_zealand* neuseeland* nouvelle_zelande nueva_zelanda nuova_zelanda
southamerica | 1.2 | mercosur mercosul меркосур*
egypt | 1.2 | egypt* agypt* egipt* египет* єгипет* єгипт* cairo kairo
iraq | 1.2 | iraq* irak* ірак* ирак*
"""

SEATS = """
us | trump rubio hegseth vance bessent greer lutnick witkoff kellogg powell kushner driscoll navarro whitehouse pentagon congress scotus fed
ukraine | zelensky umerov sybiha yermak svyrydenko fedorov marchenko rada
russia | putin lavrov peskov zakharova medvedev ushakov kremlin duma
france | macron lecornu vautrin lepen
germany | merz scholz pistorius klingbeil wadephul weidel bundestag bundeswehr
uk | starmer healey reeves lammy swinney farage
italy | meloni crosetto giorgetti salvini tajani
spain | sanchez robles
poland | tusk kosiniak nawrocki sikorski domanski sejm
czechia | fiala babis
slovakia | fico
hungary | orban
turkey | erdogan
canada | carney champagne
mexico | sheinbaum ebrard
brazil | lula
india | modi goyal
china | xi he_lifeng
japan | takaichi
korea | lee_jm
taiwan | lai
australia | albanese marles
belgium | wever francken
denmark | frederiksen
sweden | kristersson jonson
finland | stubb orpo
norway | store
baltic_est | pevkur
baltic_lat | silina
baltic_lit | nauseda ruginiene
romania | bolojan
argentina | milei
switzerland | keller_sutter parmelin pfister
"""
