"""Everyday news in six languages on no particular theme: a theme that matches much of it recognises nothing."""

from __future__ import annotations

EVERYDAY = (
    "The city council voted on Tuesday to widen the cycle path along the river, and work will begin in spring.",
    "Police are looking for two men who broke into a bakery in the old town during the night.",
    "The minister said on Monday that the government would present its plans for schools after the summer.",
    "Shares rose for the third day in a row as investors welcomed figures from the largest bank in the country.",
    "Heavy rain is expected in the north over the weekend, with storms possible along the coast.",
    "The home side won 3-1 in front of 40,000 people and are now two points behind the leaders.",
    "Doctors at the university hospital have found a new way to treat a rare disease of the heart.",
    "The company will close its plant next year; about 600 people work there.",
    "A painting that hung in a kitchen for decades was sold for 2 million at auction in London.",
    "Trains were delayed for hours on Friday after a tree fell on the line outside the capital.",
    "The president met leaders of the opposition on Wednesday to talk about the election in June.",
    "Scientists say the sea has risen faster in the past ten years than at any time since records began.",
    "Der Stadtrat hat am Dienstag beschlossen, den Radweg am Fluss zu verbreitern.",
    "Die Regierung will ihre Pläne für die Schulen nach dem Sommer vorstellen, sagte die Ministerin am Montag.",
    "Am Wochenende wird im Norden mit starkem Regen gerechnet, an der Küste sind Gewitter möglich.",
    "Das Unternehmen schließt im nächsten Jahr sein Werk, dort arbeiten rund 600 Menschen.",
    "Le conseil municipal a voté mardi l'élargissement de la piste cyclable le long du fleuve.",
    "Le gouvernement présentera ses projets pour les écoles après l'été, a dit lundi la ministre.",
    "De fortes pluies sont attendues dans le nord ce week-end, avec des orages possibles sur la côte.",
    "El ayuntamiento aprobó el martes ampliar el carril bici junto al río.",
    "El gobierno presentará después del verano sus planes para las escuelas, dijo el lunes la ministra.",
    "La empresa cerrará su fábrica el próximo año; allí trabajan unas 600 personas.",
    "Rada miasta zdecydowała we wtorek o poszerzeniu ścieżki rowerowej wzdłuż rzeki.",
    "Rząd przedstawi plany dotyczące szkół po wakacjach, powiedziała w poniedziałek minister.",
    "Міська рада у вівторок проголосувала за розширення велодоріжки вздовж річки.",
    "Уряд представить свої плани щодо шкіл після літа, сказала в понеділок міністерка.",
)
