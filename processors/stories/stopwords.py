"""Words that say nothing about which story an article belongs to, in nine languages, without accents."""
# ruff: noqa: E501  lists

from __future__ import annotations

from processors.stories.gazetteer import plain

_LISTS = """
the and for that with from this have has had was were are will would could should said says say after over about into than more most its his her
their they them been being but not who which when where what also amid under against between during before out off down while there all new year
years week weeks month months day days today tuesday monday wednesday thursday friday saturday sunday january february march april june july
august september october november december one two three four five six seven eight nine ten first second last next other some any may can one
according because since until both such only many much very still just told news report reports reported officials official minister ministers president
prime government state states people country countries world million billion percent per cent if we you our your she he him by on in at of to as is it an
der die das den dem des ein eine einen einem einer und oder aber nicht mit von fur auf aus bei nach uber unter gegen zwischen wahrend vor seit bis
durch ohne um wie als wenn dass sich sie ihr ihre ihren ist sind war waren wird werden wurde wurden hat haben hatte kann konnen soll sollen will wollen
auch noch nur schon sehr mehr zum zur vom beim ins ans jahr jahre jahren montag dienstag mittwoch donnerstag freitag samstag sonntag prozent millionen
milliarden minister ministerin regierung prasident bundeskanzler kanzler neue neuen neuer laut sagte teilte mit heute januar februar marz mai juni juli oktober dezember
le la les un une des du de au aux et ou mais ne pas plus par pour dans sur sous avec sans entre vers chez que qui quoi dont est sont etait etre ont
avait sera seront leur leurs ses son sa ces cette cet ce il elle ils elles apres avant contre selon lundi mardi mercredi jeudi vendredi samedi dimanche
ministre gouvernement annee ans annonce janvier fevrier avril juin juillet aout septembre octobre novembre decembre
el los las una unos unas del al y o pero no mas por para en sobre con sin entre hacia que quien cual es son era ser ha han habia sera su sus este esta
estos estas tras antes contra segun lunes martes miercoles jueves viernes sabado domingo ministro ministra gobierno presidente ano anos enero febrero
il lo gli uno dei degli delle della dello nel nella nei sul sulla con per tra fra che chi cui sono era essere hanno aveva sara suo sua suoi questo
questa dopo prima contro secondo anche piu non lunedi martedi mercoledi giovedi venerdi sabato domenica ministro governo presidente anno anni
oraz lub ale nie tak jak jest sa byl byla bylo byli bedzie beda ma maja mial ze aby przez przed przy pod nad dla bez miedzy wobec oraz juz tez tylko
ktory ktora ktore ktorzy tego tej tym tych jego jej ich po poniedzialek wtorek sroda czwartek piatek sobota niedziela rzad premier prezydent minister rok roku lat
nebo ale jako jsou byl byla bylo byli bude budou ma maji mel ktery ktera ktere pri pred pod nad pro bez mezi vuci uz take jen jeho jeji jejich podle
pondeli utery streda ctvrtek patek sobota nedele vlada vlady premier prezident ministr rok roku let
та або але не так як є був була було були буде будуть має мають що щоб через перед при під над для без між проти вже також лише який яка яке які цього
цій цих його її їх після за до від про із зі на у в й і понеділок вівторок середу четвер п'ятницю суботу неділю уряд президент міністр прем'єр рік року років
и или но не так как есть был была было были будет будут имеет что чтобы через перед при под над для без между против уже также только который которая которое
которые этого этой этих его ее их после за до от о об из на у в с к по понедельник вторник среду четверг пятницу субботу воскресенье правительство президент
министр премьер год года лет заявил заявила сообщил сообщила сказал заявив заявила повідомив повідомила сказав сообщили повідомили
"""

# Written with a capital, and still no name that would tell one story from another: first names of those who govern,
# offices, agencies.
_COMMON_CAPITALS = """
donald volodymyr vladimir wladimir emmanuel keir friedrich giorgia pedro ursula marco mark pete kaja olaf boris viktor recep tayyip sergei sergey
dmitry antonio rustem andrii steve scott jamieson howard maros володимир владимир дональд емманюель эмманюэль фрідріх фридрих марк урсула сергій сергей
дмитро дмитрий кір кир марко андрій андрей
house street foreign affairs defence defense security council general staff army forces force navy air union republic federal ministry department secretary
treasury chancellor premier commission office press service agency times post news reuters associated press afp dpa tass interfax ukrinform bloomberg politico
axios guardian telegraph telegram twitter facebook kongress act order bill law court party democrats republicans conservatives labour north south east west
northern southern eastern western central international national european euro world bank group summit conference accord charter
міністерство генеральний штаб генштаб рада ради служба укрінформ суспільне міністр министерство генеральный совет служба риа тасс интерфакс
ministerium auswartiges amt bundesregierung aussenminister verteidigungsminister ministere affaires etrangeres assemblee nationale ministerio exterior
exteriores consejo ministero esteri difesa consiglio ministerstwo spraw zagranicznych obrony narodowej rady ministerstvo zahranici obrany rady
"""

COMMON_CAPITALS = frozenset(word.replace("'", "") for word in plain(_COMMON_CAPITALS).split())
STOP_WORDS = frozenset(word.replace("'", "") for word in plain(_LISTS).split())
