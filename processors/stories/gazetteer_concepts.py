"""Event words of `processors.stories.gazetteer`: key | weight | aliases in English, German, French, Spanish, Italian, Polish, Czech, Ukrainian
and Russian.
"""
# ruff: noqa: E501  one row per key

from __future__ import annotations

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
