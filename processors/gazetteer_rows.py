"""The rows of `processors.gazetteer`: key | weight | aliases in English, German, French, Spanish, Italian, Polish,
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

CONCEPTS = """
tariff | 0.4 | tariff* zoll zolle zollen zollsatz* strafzoll* autozoll* stahlzoll* einfuhrzoll* importzoll* douane* douanier* arancel* dazi dazio cla clo clem cel* celn* tarif* мит* мито мита пошлин* тариф* duties taryf*
peacekeep | 0.4 | peacekeep* friedenstrupp* friedensmission* schutztrupp* casques_bleus maintien_de_la_paix force_de_paix fuerza_de_paz fuerzas_de_paz cascos_azules mantenimiento_de_la_paz forza_di_pace caschi_blu peacekeeping misj*_pokojow* sil*_pokojow* mirov*_sil* mirov*_jednotk* mirov*_mis* миротвор*
defspend | 0.4 | defence_spending defense_spending defence_budget defense_budget military_spending verteidigungsausgaben verteidigungsetat verteidigungshaushalt wehretat depenses_militaires depenses_de_defense budget_de_la_defense budget_de_defense gasto_en_defensa gasto_militar presupuesto_de_defensa spesa_militare spese_militari spese_per_la_difesa wydatk*_na_obronnosc wydatk*_na_obron* wydatk*_obronn* budzet*_obron* vydaj*_na_obranu obrann*_rozpoc* оборонн*_витрат* витрат*_на_оборону оборонн*_бюджет* расход*_на_оборону военн*_расход* военн*_бюджет*
troops | 0.6 | troops soldiers soldaten truppen truppe soldats troupes soldados tropas soldati truppe zolnierz* wojsk* vojak* vojska vojsko військ* солдат* войск* военнослужащ* військовослужбовц* battalion* bataillon* batallon* battaglion* batalion* prapor* батальйон* батальон* brigade* brigada* brigad* бригад*
ceasefire | 0.7 | ceasefire truce waffenruhe waffenstillstand* feuerpause cessez-le-feu treve alto_el_fuego tregua cessate_il_fuoco zawieszeni* rozejm* primer* припинення_вогню перемир'я перемир* прекращени*_огня
talks | 0.4 | talks negotiat* gesprach* verhandl* pourparlers negociation* negociacion* conversaciones colloqui negoziat* rozmow* negocjacj* jednan* rozhovor* переговор*
summit | 0.7 | summit* gipfel* sommet* cumbre* vertice szczyt* summit* саміт* саммит*
sanction | 0.7 | sanction* sanktion* sancion* sanzion* sankcj* sankc* санкці* санкци*
attack | 0.7 | attack* angriff* angegriff* attaqu* ataque* atac* attacc* atak* utok* utoc* атак* удар* нападени* обстріл* обстрел* strike_on strikes_on missile_strike airstrike* frappe* bombard* beschuss
drone | 0.7 | drone* drohne* dron drony dronow dronu dronem дрон* безпілотник* беспилотник* бпла
missile | 0.8 | missile* rakete* misil* missil* rakiet* raket* ракет*
killed | 0.8 | death_toll toll todesopfer* todeszahl* opferzahl* victimes victimas vittime ofiar* obeti жертв* killed dead deaths kills getotet tote toten tuant morts muertos mata mueren morti uccis* zabit* zginel* zginely mrtv* zabil* загину* загибл* убит* вбит* погиб*
injured | 0.8 | injured wounded verletzt* blesse* herid* ferit* rannych ranion* rannych zranen* поранен* травмован* ранен* пострада* постраждал*
vote | 0.6 | vote voted votes abstimm* stimmt stimmte gestimmt votent vote* votacion votan voto voti votano glosow* zaglos* hlasov* голосу* голосов* проголосу* проголосов*
approve | 0.6 | approv* back backs backed billigt gebilligt verabschied* beschliesst beschloss* approuv* adopt* aprueb* aprob* approva* approvat* uchwal* zatwierdz* przyjal przyjela przyjeto schval* ухвал* схвал* затверд* одобр* принял* утверд* passes passed ratif* ратиф*
reject | 0.8 | reject* refus* ablehn* lehnt weist rejett* rechaz* respin* rifiut* odrzuc* odmit* zamit* відхил* відкин* отверг* отклон* veto* вето blocks
sign | 0.7 | sign signs signed unterzeichn* unterschreib* sign* firma* firman* firmat* podpis* підпис* подпис*
agreement | 0.5 | deal agreement accord accords abkommen einigung vereinbarung* handelsabkommen acuerdo* accordo accordi umow* porozumien* dohod* угод* домовлен* соглашен* сделк* pact pakt*
budget | 0.6 | budget* haushalt* presupuest* bilancio manovra budzet* rozpoct* бюджет*
gdp | 0.8 | gdp bip pib pil pkb hdp ввп gross_domestic
steel | 1.0 | steel stahl* acier acero acciaio stal stali stal* ocel* стал* сталь сталі
aluminium | 1.0 | alumin* алюмін* алюмин*
copper | 1.3 | copper kupfer cuivre cobre rame miedz* med мід міді мідь медь меди
car | 0.9 | cars auto autos car carmaker* autohersteller* autobau* automobil* voiture* coche* automovil* automotiv* samochod* aut авто автомобіл* автомобил* vehicle*
wine | 1.3 | wine wines wein* vin vins vino vini wino win вин*
chips | 1.1 | chip chips semiconductor* halbleiter* semi-conducteur* puces semiconductor* semicondutt* polprzewodnik* cip* чіп* чип* напівпровідник* полупроводник*
soy | 1.4 | soy soya soybean* soja sojabohn* soia соя соєв* сои соев*
farm | 1.0 | farm* landwirt* bauern agricult* agricol* rolni* zemedel* фермер* аграрі* аграри*
oil | 0.9 | oil ol erdol petrole petroleo petrolio ropa ropy rope нафт* нефт*
gas | 0.9 | gas erdgas gaz gazu gazem plyn* газ газу газа газом lng спг
refinery | 1.2 | refiner* raffinerie* refineri* raffineri* rafineri* нафтопереробн* нпз
power | 1.0 | power_grid power_plant energy_infrastructure stromnetz kraftwerk* reseau_electrique centrale* red_electrica rete_elettrica elektrown* elektrarn* energetyczn* енергетич* енергооб* электростанц* энергетич* blackout* stromausfall* відключенн*_світла знеструмл* обесточ*
nuclear | 0.9 | nuclear* atom* nuklear* nucleaire* nucleare jadrow* jadern* ядерн* атомн* аес аэс
election | 0.9 | election* wahl wahlen elections eleccion* elezion* wybor* volb* вибор* выбор*
resign | 1.2 | resign* rucktritt* zuruckgetreten demission* dimit* dimission* dymisj* rezygn* demis* відставк* отставк*
dismiss | 1.2 | sacked fires fired dismiss* entlass* limoge* destitu* cesa licenzi* zwolni* odwol* звільн* уволи* увольн*
arrest | 1.1 | arrest* festgenommen verhaftet festnahm* arret* deten* arrestat* aresztow* zatrzyman* zatcen* заарешт* затрим* арест* задерж*
court | 0.9 | court judge judges gericht* richter tribunal* juge* juez jueces giudic* sad sadu soud* суд суду суда суди судь*
protest | 1.1 | protest* demonstr* manifest* protestat* протест* мітинг* митинг*
strike_l | 1.2 | strike_over walkout streik* greve* huelga* sciopero scioperi strajk* stavk* страйк* забастов*
loan | 1.0 | loan loans kredit* darlehen pret prets prestamo* prestit* pozyczk* pujck* кредит* позик* займ*
aid | 0.7 | aid hilfe hilfen militarhilfe* aide ayuda* aiuti pomoc* допомог* помощ* помощь
frozen | 1.0 | frozen_assets eingefroren* avoirs_geles activos_congelados beni_congelati zamrozon* zmrazen* заморожен*
tank | 1.0 | tanks panzer* chars carros_de_combate carri_armati czolg* tank танк*
jet | 1.0 | fighter_jet* fighter_jets kampfjet* kampfflugzeug* avion*_de_combat chasseurs caza cazas caccia mysliw* stihac* винищувач* истребител* warplane*
frigate | 1.3 | frigate* fregat* fregata* фрегат* corvette* korvette*
submarine | 1.3 | submarine* u-boot* u-boote sous-marin* submarino* sottomarin* okret*_podwodn* ponork* підводн*_човн* подводн*_лодк*
airdef | 1.0 | air_defence air_defense luftverteidigung flugabwehr* luftabwehr defense_aerienne defensa_aerea difesa_aerea obron*_powietrzn* obron*_przeciwlotnicz* protivzdusn* ппо пво протиповітр* противовоздуш*
ammo | 1.0 | ammunition munition* shells municion* munizion* amunicj* munic* боєприпас* снаряд* боеприпас*
conscript | 1.3 | conscript* wehrpflicht* wehrdienst* service_militaire service_national mili servicio_militar leva poborow* pobor branc* призов* призыв* мобілізац* мобилизац* draft_age
prisoner | 1.1 | prisoner* gefangen* prisonnier* prisioner* prigionier* jenc* zajat* полонен* військовополонен* пленн* обмін обмен swap*
corruption | 1.2 | corrupt* korrupt* корупц* коррупц* bribe* embezzl* хабар* взятк*
fire | 1.2 | fire blaze brand feuer incendie* incendio* pozar* пожеж* пожар*
flood | 1.4 | flood* hochwasser uberschwemm* inondation* inundacion* alluvion* powodz* povod* повін* повен* наводнен*
quake | 1.5 | earthquake* quake* erdbeben* seisme* terremot* trzesieni* zemetresen* землетрус* землетрясен*
crash | 1.3 | crash* absturz abgesturzt collision* unglück* unfall* accident* incidente katastrof* wypad* nehod* аварі* авари* катастроф* зіткнен* столкновен*
train | 1.3 | train trains zug zuge rail* bahn bahnhof* ferrovi* ferroviaire tren treno treni pociag* kolej* vlak* поїзд* поезд* залізни* железн*
port | 1.2 | port ports hafen hafens puerto* porto porti portu pristav* порт порту порти портов*
hospital | 1.4 | hospital* krankenhaus* klinik* hopital* ospedal* szpital* nemocnic* лікарн* больниц*
school | 1.4 | school* schule* ecole* escuela* colegio* scuol* szkol* skol* школ*
airport | 1.3 | airport* flughafen* aeroport* aeropuerto* lotnisk* letist* аеропорт* аэропорт*
retaliate | 0.9 | retaliat* vergeltung* gegenzoll* gegenmassnahm* represaill* represalia* ritorsion* odwetow* odvet* у_відповідь контрзаход* ответн*_мер* зустрічн*
delay | 1.0 | delay* postpone* pause* verschieb* verschob* aufgeschob* ausgesetzt reporte* suspend* aplaz* posterg* rinvia* sospend* przesun* odroczen* zawies* odlozi* odklad* pozastav* відклад* відтерм* призупин* отлож* приостан*
raise | 0.6 | raise* hike* increase* erhoh* steig* augment* relev* sube* aument* eleva* podnie* podwyzsz* zwieksz* zvys* підвищ* збільш* повыс* повыш* увелич*
cut | 0.8 | cut cuts lower* slash* senk* kurz* baisse* redui* rebaja* recort* ridu* tagli* obniz* zmniejsz* sniz* знизи* зниж* скоро* сниз* сниж* сокра*
doubles | 1.0 | double* verdoppel* doubl* duplic* raddopp* podwoj* podwaj* zdvojn* подво* удво*
deploy | 0.8 | deploy* entsend* stationier* entsandt deploi* envoi envoy* desplieg* despleg* enviar envia envio inviar* invio dispieg* rozmie* wysl* wysyl* vysl* nasad* розміст* розгорт* надісла* надсил* размест* разверн* отправ* направ*
mandate | 1.0 | mandate* mandat* mandato* мандат*
withdraw | 1.0 | withdraw* pull_out ruckzug abzug abzieh* retrait* retir* ritir* wycof* stahn* stahov* вивед* вивод* вывод* вывест* відвед* отвод*
security_guarantee | 0.5 | security_guarantee* sicherheitsgarantie* garanties_de_securite garantias_de_seguridad garanzie_di_sicurezza gwarancj*_bezpieczenstwa bezpecnostni_zaruk* гаранті*_безпеки гаранти*_безопасности
pharma | 1.2 | pharma* drugmaker* medikament* arzneimittel* medicament* farmaceut* farmac* lek leku lekow leciv* ліки лікарськ* фармац* лекарств* medicines
film | 1.4 | film films movie* kino pelicula* cinema* фільм* фильм* кіно кино
timber | 1.4 | timber lumber holz bois madera legname drewn* drev* деревин* древесин* лісоматеріал*
inflation | 1.1 | inflation* inflacion* inflazion* inflacj* inflac* інфляц* инфляц*
growth | 1.1 | growth wachstum* croissance crecimiento crescita wzrost* rust зростанн* рост
rate | 1.1 | interest_rate* interest_rates leitzins* zinsen taux_d'interet tasas_de_interes tassi_d'interesse stop*_procentow* urokov*_saz* облікова_ставка облікову_ставку ключев*_ставк* процентн*_ставк*
bond | 1.3 | bond bonds anleihe* obligation* bonos obbligazion* obligacj* dluhopis* облігац* облигац* eurobond* євробонд* евробонд*
fund | 0.8 | fund funds fonds fondo* fundusz* fond* фонд*
factory | 1.1 | factory factories plant fabrik* werk usine* fabrica* fabbric* fabryk* tovarn* завод* фабрик*
satellite | 1.4 | satellite* satellit* satelit* супутник* спутник*
cable | 1.4 | cable cables seekabel kabel* cavo cavi кабел*
cyber | 1.3 | cyber* hacker* piratage ciber* кібер* кибер* хакер*
spy | 1.3 | spy spies espion* spion* spion* szpieg* spion* шпигун* шпион* sabotage* sabotaz* диверс* sabotaje
border | 0.9 | border* grenz* frontier* frontera* confin* granic* hranic* кордон* границ*
visit | 0.7 | visit* besuch* reist visita* visite* wizyt* navstev* візит* визит* arrives прибу*
meeting | 0.5 | meet meets met meeting trifft treffen traf reunion* rencontr* reuni* encuentr* incontr* spotka* setka* sesel зустрі* встреч* встрет* zasedan*
letter | 1.3 | letter briefe lettre* carta lettera list listu dopis* лист листа письм*
phone | 1.1 | phone_call phoned telefon* llamada telefonat* rozmow*_telefoniczn* телефон*
army | 0.5 | army armed_forces military militar* armee armees streitkrafte* wehretat* ejercito fuerzas_armadas esercito forze_armate armia armii wojskow* armada armady armade vojensk* армі* збройн*_сил* військов* арми* вооруженн*_сил* военн*
defmin | 0.5 | defence_minister* defense_minister* defence_secretary defense_secretary verteidigungsminister* ministre_de_la_defense ministre_des_armees ministro_de_defensa ministra_de_defensa ministro_della_difesa minister_obrony ministra_obrony szef_mon ministr_obrany ministra_obrany міністр*_оборони министр*_обороны мінобор* минобор*
finmin | 0.7 | finance_minister* treasury_secretary finanzminister* ministre_des_finances ministro_de_hacienda ministro_dell'economia minister_finansow ministr_financi міністр*_фінансів минфин* мінфін* министр*_финансов chancellor_of_the_exchequer
formin | 0.6 | foreign_minister* foreign_secretary secretary_of_state aussenminister* ministre_des_affaires_etrangeres canciller ministro_de_exteriores ministro_degli_esteri minister_spraw_zagranicznych ministr_zahranici міністр*_закордонних_справ министр*_иностранных_дел мзс мид
lawmakers | 0.5 | lawmaker* legislator* mps meps abgeordnet* deputes depute diputado* deputati poslow poslowie poslanc* депутат* senators senatoren senateurs senadores senatori senatorow сенатор*
bill | 0.6 | bill legislation gesetz* gesetzentwurf* loi projet_de_loi ley proyecto_de_ley legge disegno_di_legge ustaw* zakon* законопро* закон закону законом
constitution | 1.2 | constitution* verfassung* grundgesetz* constitucion* costituzion* konstytuc* ustav* конституц*
veto | 1.1 | veto* wetuj* zawet* вето ветув* ветиров*
tax | 0.9 | tax taxes steuer* mehrwertsteuer* impot impots taxe taxes impuesto* tassa tasse imposta podatek podatk* dan* danov* податк* налог*
digital | 1.1 | digital* numerique* cyfrow* цифров* streaming* online_platform*
refund | 1.2 | refund* paybacks ruckerstatt* erstatt* rembours* reembols* devoluci* rimbors* zwrot* vracen* повернення_мит возврат*
probe | 1.1 | investigation probe untersuchung* ermittl* enquete investigacion indagine sledztw* dochodz* vysetrov* розслідув* расследов*
shares | 1.0 | shares stock stocks aktie aktien borse* bourse actions_en_bourse acciones bolsa azioni borsa akcje gielda akcie burza акці* бірж* акции бирж*
exports | 0.8 | export* ausfuhr* exportacion* esportazion* eksport* vyvoz* експорт* экспорт*
imports | 0.8 | import* einfuhr* importacion* importazion* dovoz* імпорт* импорт*
licence | 1.2 | licence* license* lizenz* licencia* licenz* licencj* licenc* ліцензі* лицензи*
quota | 1.2 | quota* quoten kontingent* contingent_tarifaire cupo cupos kwot* kvot* квот*
deficit | 1.0 | deficit* defizit* schulden* neuverschuldung dette deuda debito zadluz* dluh* дефіцит* дефицит* борг*
poll | 1.2 | poll polls survey umfrage* sondage* encuesta* sondaggi* sondaz* pruzkum* опитуванн* опрос*
opposition | 0.8 | opposition* oposicion* opposizion* opozyc* opozic* опозиц* оппозиц*
hq | 1.2 | headquarters command_post hauptquartier* quartier_general cuartel_general quartier_generale dowodztw* kwater*_glown* velitelstvi штаб* командуванн*
training | 1.1 | training train_ukrainian ausbild* formation_des entrenam* adiestram* addestram* szkoleni* vycvik* навчанн* учени* підготовк*_контингент*
exercise | 1.2 | exercise* drill drills manover* ubung* exercices manoeuvres ejercicios esercitazion* cwiczen* cviceni* навчання_орион маневр*
mines | 1.1 | mine_clear* minehunter* minesweep* demin* minensuch* minenraum* sminament* rozminow* розмінув* разминирован*
warship | 1.1 | warship* navy naval vessel* schiff* kriegsschiff* marine_nationale navire* buque* nave navi okret* lod lodi кораб* корабл* флот*
shipbuild | 1.3 | shipbuild* shipyard* werft* chantier_naval astillero* cantier*_naval* stoczni* lodenic* верф* суднобуд*
spirits | 1.3 | whisk* bourbon* scotch distill* spirits spirituosen schnaps spiritueux cognac* destilad* liquori superalcolic* alkohol* lihovin* віскі виски алкогол*
meat | 1.2 | beef meat rindfleisch* fleisch* boeuf viande* carne* carni wolowin* mies* hovez* mas* яловичин* м'яс* говядин* мяс*
coffee | 1.3 | coffee kaffee* cafe caffe kaw* kav* кава кави кофе
flowers | 1.4 | flower* blumen fleurs flores floricult* fiori kwiat* kvetin* квіт* цвет*
furniture | 1.3 | furniture mobel* meubles mueble* mobili mebl* nabytek nabytk* меблі меблів мебел*
dairy | 1.2 | dairy milk milch* lait laitier* lacteo* leche latte lattier* mlecz* mlek* mlec* молоч* молок*
rareearth | 1.3 | rare_earth* seltene*_erden terres_rares tierras_raras terre_rare metal*_ziem_rzadkich vzacn*_zemin* рідкісноземельн* редкоземельн* critical_minerals
motorcycle | 1.4 | motorcycle* motorbike* motorrad* moto motos motocicl* motocykl* мотоцикл*
aircraft | 1.1 | aircraft airliner* planes flugzeug* avion avions aviones aerei samolot* letadl* літак* самолет*
investment | 0.9 | invest* inwest* інвест* инвест*
threat | 0.8 | threat* threaten* droht drohung* menac* amenaz* minacc* grozi grozb* hroz* погрож* пригроз* угрож* загроз*
exempt | 1.1 | exempt* ausgenommen ausnahme* exempt* exento* exencion* esent* esenzion* zwolnion* vyjimk* osvoboz* звільнен*_від винят* исключен* dropped_from spares
truce | 0.8 | tariff_truce zollpause* moratoire moratoria moratorium tregua_comercial
parcel | 1.3 | parcel* paket paketen pakete colis paquetes_postales pacchi paczek paczk* balik* посил* посыл*
emergency | 1.1 | emergency_powers ieepa notstandsrecht* section_122 section_232 section_301 article_122
satellitei | 1.0 | intelligence_sharing satellite_intelligence geheimdienst* renseignement* inteligencia wywiad* rozvedk* zpravodajsk* розвід* разведк*
welfare | 1.1 | welfare benefits sozial* pension* pensiones emerytur* duchod* пенсі* пенси*
target | 0.7 | target* objectif* objetivo* obiettiv* quote_ziel cel_nato
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
