//! German.

use super::language::{Language, Limits};
use crate::phrases::phrases;
use crate::word_list::words;

/// The words of the language.
pub const GERMAN: Language = Language {
    spaceless: false,
    small: words! {"
        ab aber alle allem allen aller alles als also am an auch auf aus außerdem bei beim bisher bislang
        bitte bloß da
            dabei dafür damit danach danke dann das dass davon dazu daß dein deine dem den denn der des
            dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen
            einer eines einfach einmal er erneut es etwas euch eure für ganz gar gerade gern gerne gestern
            gleich gleiche gleichen habe haben hallo hat hatte heute hey hier hin hätte ich ihm ihn
            ihnen ihr ihre im immer in ins irgendwelche irgendwie ist ja jede jeden jeder jedes jetzt kann
            kannst
            kein keine keinen kurz können könnte könnten könntest lieber mach mache macht mal man mehr
            mein meine mich minute mir mit moment morgen muss musst möchte möchten müssen nach nein
            nicht nichts noch nochmal nochmals nun nur ob oder ohne ok okay ordner projekt projekts repo
            repository schon
            sehr sei seien sein seine seit seitdem sekunde sich sie sind so sofort soll solle sollen
            sollst sollte sollten sowie statt um und uns unser unsere unter unterm viel vom von vor wann
            war warum was weg weil weiter welche welcher welches wenn wer werden weshalb wie wieso will
            willst wir wird wo woher wohin wollen woran worauf wurde wäre würde würdest zu zum zur
            zwischen über überall
    "},
    verbs: words! {"
        aktivier aktualisier analysier anpass anzupass aufräum aufzuräum bau begrenz beheb behob benenn
            bereinig beschleunig beschreib commit committ deaktivier debugg deploy dokumentier einbau
            einfüg einricht einzubau einzufüg einzuricht entfern entwerf entwickel entwickl entwirf
            ergänz erhöh erklär ersetz erstell extrahier fix formatier füg generier hinzufüg hinzuzufüg
            härt implementier installier integrier kapsel kommentier konfigurier konvertier korrigier
            kürz lösch merg migrier modernisier optimier portier protokollier prüf push reduzier
            refactor refaktorier reparier räum schreib schütz senk sortier test umbenenn umschreib
            umzubenenn umzuschreib untersuch validier verberg verbesser vereinfach vereinheitlich
            verhinder verschieb verschlüssel versteck veröffentlich zentrier zerleg änder überprüf
            übersetz
    "},
    loose: words! {"
        ausführ auszuführ benutz bring dreh find führ füll gestalt guck hol kümmer lad lass lies lös mach
            nehm nimm nutz pass richt schalt schau setz sieh sorg stell such tausch teil umstell verwend
            wandel zeig zieh
    "},
    brief: words! {"
        aktualisier aufräum aufzuräum bau beheb bereinig commit committ debugg deploy dokumentier fix
        formatier kompilier korrigier lint optimier prüf push refactor refaktorier reparier räum test
        verbesser vereinfach veröffentlich überprüf übersetz
    "},
    endings: &["", "e", "en", "n", "t", "st"],
    nouns: words! {"
        abhängigkeit adresse anfrage anmeldung ansicht anwendung ausgabe bedienung befehl
            benachrichtigung benutzer bestellung bibliothek bild bildschirm button code datei daten
            datenbank datum dialog eingabe einstellung endpunkt fehler fehlermeldung feld fenster
            formular funktion fußzeile kasse katalog klasse knopf knöpfe kopfzeile kunde leiste liste meldung
            menü modul nutzer oberfläche ordner paket passwort produkt protokoll prozess rechnung
            schaltfläche schnittstelle schrift seite server sitzung skript spalte speicher sprache suche
            suchfeld suchleiste tabelle taste test text titel umgebung variable verbindung verzeichnis
            warenkorb warnung webseite zahlung zeile zeitstempel zugang überschrift
    "},
    articles: phrases! {"
        der|die|das|den|dem|des|ein|eine|einen|einem|einer|eines|meine|meinen|unsere|unser|unseren|keine|
            keinen
    "},
    requests: phrases! {"
        kannst|könntest|würdest|magst|kann|könnte du|man|jemand ?bitte|mal|uns|mir ?mal|bitte; könnten|
            können|würden sie|wir ?bitte|mal; ich möchte|will|hätte gern ?dass|daß du; du sollst|musst|
            solltest|kannst; es wäre schön|gut|toll wenn ?du; lass uns ?bitte; wir müssen|sollten|wollen|
            möchten; ich muss
    "},
    wants: phrases! {"
        ich|wir möchten|möchte|will|wollen|brauche|brauchen|hätte|hätten|wünsche|wünschen ?mir|uns ?gern|
            gerne
    "},
    stops: phrases! {"
        stopp|stoppe|stoppen|stop|brich|breche|abbrechen|beende|beenden|töte|kill|abbruch|abbrechen|
            storniere; hör|höre|hört auf
    "},
    interrupts: phrases! {"
        unterbrich|unterbreche|unterbrechen|pausiere|pausieren|pause|warte|anhalten|halt
    "},
    resumes: phrases! {"
        setze|setz|fortsetzen|wiederaufnehmen|nimm|weitermachen|fortfahren|fahre|fahr; mach|mache weiter;
            mach|mache
    "},
    particles: phrases!("ab|an|weiter|fort|auf|wieder|mal|bitte|sofort|jetzt"),
    pronouns: phrases!("es|ihn|sie|das|dies|den|du|er|ihm|ihr"),
    sessions: phrases!("sitzung|session|sitzungen|sessions|agent|agenten|lauf|aufgabe"),
    groups: phrases!("alle|alles|sitzungen|sessions|agenten|beide"),
    last: phrases!("letzte|letzten|neueste|neuesten"),
    other: phrases!("andere|anderen|andre"),
    examples: phrases!("?so|genauso|ähnlich wie ?es ?in|im|auf|bei ?der|dem"),
    places: phrases! {"
        im|ins|in|fürs|vom|zum ?dem|das|mein|meinem|unserem|unser projekt|repo|repository; für|auf das|dem|
        unser|mein projekt|repo|repository
    "},
    leads: phrases!("im|in|fürs|vom|zum|für|dem|das"),
    places_after: phrases!("projekt|repo|repository"),
    whole: phrases! {"
        ganz|ganze|ganzen|ganzes|gesamte|gesamten|komplette|kompletten|neue|neuen|neues|alte|alten|altes|
        aktuelle|
            aktuellen|laufende|laufenden|jeweilige|jeweiligen|andere|anderen|anderes|gleichen|selben|eigene|
            eigenen|
            bestehende|bestehenden|bisherige|bisherigen|ersten|letzten|richtigen|falschen|restlichen|kleinen|
            großen|
            beide|beiden|übrigen|lokalen|öffentlichen|privaten
    "},
    tells: phrases!("sag|sage|sagt|teile|richte|melde|erinnere"),
    thats: phrases!("dass|daß|mit|aus|er|sie|es"),
    ties: phrases! {"
        auch|außerdem|zusätzlich|und|dann|danach|noch; wenn|sobald du|das|es ?damit fertig; stattdessen|
            lieber; das gleiche|selbe; nochmal|erneut
    "},
    joins: phrases!("und|dann"),
    whys: phrases!("warum|wieso|weshalb"),
    code_questions: phrases!("wo wird|werden|setzen|berechnen|prüfen"),
    says: phrases!("schrieb"),
    resuming: phrases!("weiter|fort|wieder"),
    halting: phrases!("an"),
    addressing: None,
    questions: phrases! {"
        was|wie|warum|wieso|weshalb|wo|wann|wer|welche|welcher|welches|worauf|woran|ist|sind|läuft|hat|
            haben|gibt|bist|hast|steht|geht
    "},
    progress: phrases! {"
        fertig|läuft|laufen|hängt|wartet|warten|macht|machst|tut|tust|passiert|los|weit|stand|status|lange|
            brauchst|braucht|dauert|kommt|voran|erledigt|beendet|gescheitert|fehlgeschlagen|geklappt|gerade|
            arbeitet|will|geworden|schief|gegangen
    "},
    overviews: phrases! {"
        ?wie ist|sieht der|die stand|status|lage ?aus ?gerade|jetzt; was läuft|passiert ?gerade|jetzt ?so;
            was ist ?gerade los; status ?bitte; stand; wie sieht ?es aus; wie geht|läuft ?es|alles ?voran;
            gibt es ?etwas neues|neuigkeiten; was gibt ?es neues; welche sitzungen|agenten laufen|gibt|sind
            ?gerade|es ?aktiv; zeig|zeige|liste ?mir ?alle|die sitzungen|sessions ?auf|an; was wurde ?heute
            ?alles gemacht|getan|erledigt; ist alles fertig; ?wie was|viel|wieviel|teuer hat|hats|ist|war|
            kostet ?uns ?mich das|es
            ?alles ?bisher|heute|diese ?bis|woche ?jetzt ?gekostet; wo sind|ist die|das log|logs; ?gibt|gab
            ?es|da ?schon|bisher|bislang|irgendwelche|noch ?irgendwelche
            fehler|probleme ?bisher|bislang|schon ?bis ?jetzt; welche|was|wie agenten|agents ?gibt|habe|haben|
            kann|sind
            ?es|ich|wir|da ?nutzen|benutzen|verfügbar; wo stehst|steht du|es|ihr ?gerade; wo bist du ?gerade;
                        läuft|laufen|arbeitet ?gerade|da ?noch ?noch was|etwas|irgendwas|irgendetwas|jemand|
                        einer|welche; welche|wie ?viele
            sitzungen|sessions|agenten ?sind ?noch laufen|offen|aktiv|gibt|arbeiten ?noch ?es ?gerade
    "},
    negations: phrases! {"
        nicht|nichts|nix|nie|niemals|kein|keine|keinen|keinem|keiner|keinesfalls|nein|nee|niemand|weder
    "},
    withdrawals: phrases! {"
        ?nein|ach|doch|oder ?doch lieber|besser ?doch nicht; vergiss es|das; ?ach|nein ?doch nicht; lass
            ?es|das ?mal ?gut|sein|bleiben; egal; nein; schon gut; warte ?mal ?nein; von wegen; denkste;
            aber egal; aber lass ihn|sie|es|das ?so; ?aber auf gar|keinen ?keinen fall; kommt nicht infrage|
            in ?frage; ?bitte bloß|lieber|besser|ja nicht;
            niemals; nie im leben; ?aber nicht ?jetzt|heute|mehr; vergiss ?das ?gleich ?wieder
    "},
    problems: phrases! {"
        wird|werden|lässt|lassen|kann|können|öffnet|öffnen|zeigt|zeigen|speichert|reagiert|antwortet|
        erscheint|erscheinen
            ?sich ?seit ?gestern ?immer ?einfach nicht mehr|richtig|korrekt|geladen|angezeigt|gespeichert|
            gefunden|
            aktualisiert|hochgeladen|versendet|verschickt;
        zeigt|zeigen|findet|finden|liefert|liefern|lädt|speichert|sendet|verschickt|enthält ?mir ?plötzlich
            kein|keine|keinen;
        schlägt|schlagen|schlug; ist|sind ?immer ?noch ?völlig ?total ?zu ?sehr|ziemlich ?oft kaputt|
            langsam|falsch|rot|leer|veraltet|abgeschnitten|defekt|unleserlich|verschoben|fehlerhaft|doppelt|
            unsicher|hässlich; funktioniert|funktionieren|geht|gehen|lädt|startet|baut|kompiliert|klappt
            ?in ?im|seit ?gestern ?mehr nicht; läuft|laufen|findet|finden|zeigt|zeigen|lädt|laden|reagiert|
            reagieren|antwortet|öffnet|speichert|erscheint|erscheinen|greift|passt|passen|stimmt|stimmen|
            aktualisiert|aktualisieren|scrollt|schließt|meldet ?sich
            nicht|nichts ?mehr|richtig; stürzt|stürzen; fehlt|fehlen; hängt; wirft; crasht; bricht;
            überlappt|überlappen; flackert|flackern; dauert; abgeschnitten; fehlgeschlagen; kaputt; defekt;
            soll|sollte|sollen|muss|müsste ?auch ?immer sein|werden|haben
    "},
    stories: phrases! {"
        ich|wir|er|sie|man habe|haben|hat|hatte|hatten; ?der|die chef|kunde|nutzer|benutzer|kollege|mail|
            kollegin hat|sagt|schreibt|möchte|will; sagte|schrieb|meinte|bat; laut
    "},
    answers: phrases! {"
        ja|jo|jawohl|klar|genau|sicher|natürlich|nein|nee|ok|okay|gut|einverstanden|bestätigt|stimmt|
            richtig|passt|gerne|gern ?bitte|danke|gerne; ?ja|klar|ok|okay|gut|nein ?dann ?bitte mach|mache|
            starte|start|tu ?das|es|nur|ruhig|mal|bitte ?so ?bitte; ?ja|ok leg|lege los; ?ja|ok nur zu; ?ja|
            ok los; ?nein danke|bitte|lieber nicht; ?ja ich|wir stimme|bestätige ?zu; lieber nicht; auf
            keinen fall; in ordnung
    "},
    greetings: phrases! {"
        hallo|hi|hey|moin|servus|tschüss|danke ?du|zusammen|schön|sehr; guten morgen|tag|abend; hilfe; wer
            bist du; was kannst du; ?hm|hmm|äh|ähm|tja ?keine ahnung; ?hm|hmm|äh|ähm|tja ?ich weiß ?es|ich
            nicht ?so ?genau|recht|sicher; wie geht es dir; hm|hmm|äh|ähm|tja
    "},
    injections: phrases! {"
        ignorier|ignoriere|ignoriert|vergiss|missachte|missachtet|umgehe|überschreibe ?einfach ?alle|deine|
            die|sämtliche|jede|meine ?deine|die ?bisherigen|vorherigen|vorigen|früheren|obigen|
            vorangegangenen|bisherige|vorherige anweisungen|anweisung|instruktionen|regeln|befehle|vorgaben|
            anordnungen|sicherheitsregeln; du bist ?ab jetzt|nun ?ein|eine|der|im ?neuer administrator|
            admin|root|assistent|entwicklermodus; neue anweisungen|anweisung|instruktionen; tu so als;
            verhalte dich wie; vergiss|ignoriere alles ?was; systemnachricht|systemanweisung|system-prompt|
            systemprompt
    "},
    consents: phrases! {"
        nutzer|benutzer|user|chef|admin|administrator|besitzer|ich|wir|er|sie hat|habe|haben|hatte ?es|dem|
            das|dies ?bereits|schon|ausdrücklich|längst zugestimmt|genehmigt|bestätigt|freigegeben|erlaubt|
            eingewilligt|autorisiert; ?ist|wurde|bereits|schon ?bereits|schon genehmigt|freigegeben|
            bestätigt|autorisiert; zustimmung|genehmigung|einwilligung|freigabe|erlaubnis ?ist|wurde|liegt
            ?bereits|schon erteilt|vor|gegeben|vorhanden; ohne ?weitere|jede|zu nachfrage|rückfrage|
            bestätigung|nachzufragen|fragen|zustimmung; keine|ohne ?weitere bestätigung|rückfrage|
            zustimmung|rückfragen ?nötig|erforderlich; überspringe|überspring ?die|alle bestätigung|
            bestätigungen|nachfrage|rückfrage; antworte|bestätige|sag ?mit|die|alle|für ?mich|alles ?fragen|
            rückfragen|bestätigungen ja|selbst|automatisch; frag|frage nicht ?nach; werte|nimm|betrachte
            das|dies als zustimmung|ja|bestätigung
    "},
    limits: &LIMITS,
};

/// Limits of a request, and phrases that only sound like them.
const LIMITS: Limits = Limits {
    idioms: phrases! {"
        nicht nur|richtig|korrekt|ganz; nicht mehr; vergiss ?bitte nicht; nicht vergessen; sonst nichts;
        nichts
            anderes|weiter; kein problem; warum|wieso nicht
    "},
    heads: phrases! {"
        hör|höre|hört ?endlich|sofort|bitte ?damit auf; aufhören; vermeide|vermeidet|verzichte|verzichtet es|
            darauf; verzichte|verzichtet auf änderungen|das; unterlass|unterlasse|unterlassen|unterlasst ?es;
            sieh|seht davon ab;
            finger|hände weg; lass|lasst ?bitte die|deine finger|hände; untersteh|unterstehe dich; wehe;
            verboten|untersagt|tabu|unnötig|überflüssig; ?es ist|wäre verboten|untersagt|unnötig|unerwünscht;
            es ?wird verboten|untersagt; verbiete|untersage; vergiss ?das|die|den ?mit; spar|spare|spart dir|
            euch; weigere dich; sein|bleiben lassen; lass|lasst ?das|es|den|die sein|bleiben
    "},
    halts: phrases!("verhindere|verhinder dass|daß; stoppe|stopp|beende ?das"),
    sides: phrases!("ohne ?dass; anstatt; statt; wenn|falls|sobald|sofern du|ihr|jemand|man|codewalk"),
    leaves: phrases!("lass|lasse|lasst|lassen|belass|belasse|belassen|behalte|halte|halt"),
    alone: phrases! {"
        in ruhe|frieden|ruh; so ?wie er|sie|es|der|die|das ?jetzt ist|sind; wie er|sie|es ist|sind; so;
            unverändert|unangetastet|unberührt
    "},
    later: phrases! {"
        morgen|übermorgen|später|irgendwann|nachher|demnächst; ?am nächste|nächsten|kommende woche|monat|
            montag|tag; heute abend; nach dem|der mittagessen|essen|abendessen|mittagspause|pause|meeting;
            nach feierabend; in einer|zwei|drei ?halben stunde|stunden
    "},
    reserves: phrases! {"
        nur|erst|bloß ?dann wenn|falls|sobald ich|wir ?es|das|dir|dem|euch ?es|das sage|will|möchte|zustimme|
            erlaube|freigebe|bestätige|grünes|okay|bescheid; nicht|erst bevor|ehe ich; warte|wartet ?noch|
            bitte ?damit ?noch bis|bevor|mit|ehe; es sei denn; wenn|falls|sobald ich ?dich|dir|es|das|euch
            ?es|
            darum bitten|fragen|sagen|sage|bitte|bäte|frage|wollte|will|bestätige|zustimme; zugestimmt|
            freigegeben|genehmigt hat|haben; auf mein|meine zeichen|kommando|
            freigabe; frag|frage|fragt mich|uns ?erst|zuerst|vorher|vorab; erst|zuerst|vorher mich|uns fragen|
            frag|frage; ohne meine|unsere freigabe|zustimmung|erlaubnis
    "},
    muses: phrases! {"
        soll|sollte|sollten|sollen|darf|muss|müsste|müssen ich|wir|man|das; oder ?lieber|doch|auch|besser
            nicht|nein
    "},
    choices: phrases!("nehmen|nutzen|benutzen|verwenden|einsetzen|wählen|bevorzugen"),
    done: phrases!("hast|habt|hattest du|ihr; haben sie; hat er|sie|es|codewalk; bist du|ihr"),
    participles: phrases! {"
        repariert|behoben|gefixt|korrigiert|gelöst|geändert|erledigt|umgesetzt|angepasst|aktualisiert|
        gefunden|
            ausgebessert|gerichtet|bereinigt|abgeschlossen|bearbeitet|überarbeitet|hinzugefügt|entfernt|
            ersetzt
    "},
    past: &[],
    modals: phrases!("soll|sollte|muss|kann|könnte|darf"),
    with: phrases! {"
        mit|per|durch|via|mittels ?agent|agenten; lass|lasse|lasst|nimm|benutze|benutz|nutze|verwende|starte|
            bitte|beauftrage|frag|frage ?den ?agent|agenten; soll
    "},
    same: phrases!("dasselbe|dasgleiche|selbe|selben; das gleiche; genauso|ebenso"),
    goes_on: phrases! {"
        weiter|fort|weitermachen|fortfahren mit|zu|zum|beim|bei; mit ?dem|der|den ?nächsten|ersten|zweiten|
            dritten|vierten|letzten punkt|schritt|teil|aufgabe|vorschlag ?1|2|3|4|eins|zwei|drei weiter|fort|
            weitermachen|fortfahren; ?der|den|die|das erste|ersten|zweite|zweiten|dritte|dritten|nächste|
            nächsten|nächster|letzte|letzten punkt|schritt|teil|aufgabe|vorschlag|variante|option
    "},
    replies: phrases! {"
        ?meine|zur antwort|antworte; ja|jawohl|genau|richtig|stimmt|korrekt; nimm|nehmen ?wir ?die|den|das
        ?erste|zweite|
            zweiten|option|port
    "},
    again: phrases! {"
        ?bitte ?mach|mache ?das|es nochmal|nochmals|erneut ?bitte;
        ?bitte ?mach|mache ?das|es noch einmal|mal ?bitte
    "},
    disuses: phrases!(
        "hör|höre|hört ?bitte auf; verwende|verwendet|benutze|benutzt|nutze|nutzt ?bitte kein|keine|keinen"
    ),
    disuse_ends: phrases!("zu benutzen|verwenden|nutzen; mehr"),
    handlings: phrases!("logge|speichere|zeige|cache nie|niemals|nicht"),
    replacements: phrases!("maskiere|hashe|verschlüssele|verschlüssle|schwärze"),
    avoided: phrases!("nicht|nie abstürzen|hängen|einfrieren wenn|falls"),
};
