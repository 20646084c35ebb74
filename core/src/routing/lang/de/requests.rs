//! Words of requests in German.

use crate::routing::lang::requests::RequestWords;

pub(in crate::routing) const REQUESTS: RequestWords = RequestWords {
    leads: "bitte|ok|okay|also|jetzt|hallo|hey|mal|dann|ja|und|aber|nun|ah|ahm|nur|doch|bitte mal|bidde",
    requests: "kannst du|konntest du|konnen sie|konnten sie|wurdest du|wurden sie|kann jemand|konnen wir|\
        konnten wir|ich mochte dass du|ich will dass du|du sollst|du musst|wir mussen|wir sollten|\
        lass uns|ich mochte",
    denials: "nicht|nichts|nie|niemals|nein|ne|nee|kein|keine|keinen|keinem|keiner|auf keinen fall|\
        keinesfalls|hor auf|hore auf|aufhoren|stopp|stoppe|stop|halt|lass|lasse|lassen|warte|warten|moment|\
        spater|morgen|ein andermal|nachste woche|vermeide|vermeiden|unterlass|unterlasse|vergiss|ignoriere|\
        ignorier|verschiebe|verschieb|abbrechen|brich ab|brich|breche|finger weg|hande weg|verzichte|bloss|\
        lieber|wehe|du darfst|ich verbiete|es ist nicht|unnotig|nicht notig|hore bitte auf|unterbrich|\
        pausiere|beende|uberspringe|wir warten|warten wir|wir lassen|nix",
    clause_denials: "nicht|nichts|nie|niemals|kein|keine|keinen|keinem|keiner|keines|in ruhe|spater|\
        erst morgen|wie es ist|wie sie sind|bleiben|wir warten|warten wir|wir lassen|nix",
    subordinators: "dass|weil|wenn|falls|ob|damit|wo|obwohl|sodass|welche|welcher|welches",
    nothing: "nichts|kein|keine|keinen|nie|nix|garnix|gar nix|gar nichts|nischt|null zeilen|null dateien",
    retractions: "nicht|nein|doch nicht|lieber nicht|vergiss es|lass es|schon gut|jetzt nicht|noch nicht|\
        heute nicht|oder nicht|oder doch nicht|oder lieber nicht|nein doch nicht|warte|stopp|lass|\
        lass gut sein|lass mal",
    postponements: "spater|morgen|nachste woche|ein andermal|noch nicht|jetzt nicht|heute nicht|\
        nach dem mittagessen|nach dem essen|nach der mittagspause|nach der pause|nach feierabend|\
        heute abend|heute nachmittag|am montag|am dienstag|am mittwoch|am donnerstag|am freitag",
    conditions: "sobald|wenn|nachdem|erst wenn|bis|falls",
    confirmations: "ich es sage|ich das sage|ich ja sage|ich ok sage|ich bestatige|ich es bestatige|\
        ich das bestatige|ich es bestatigt habe|ich zustimme|ich zugestimmt habe|ich bescheid gebe|\
        ich dir bescheid gebe|ich dir bescheid sage|ich bescheid sage|ich so weit bin|ich soweit bin|\
        ich zuruck bin|ich es freigebe|ich freigebe",
    questions: "was|wer|wen|wem|wessen|welche|welcher|welches|wann|wo|warum|wieso|weshalb|wie|ist|sind|\
        war|waren|hat|hast du|haben|hatte|lauft|laufen|lauft noch|gibt es|kann ich|soll ich|sollen wir|\
        darf|wird|werden|wurde|bist du|kann|konnen|soll|sollte|geht|fertig|schon fertig|wieviel|wieviele",
    question_ends: "",
    about_code: "warum|wieso|weshalb|wie funktioniert|wie funktionieren|wo ist|wo sind|wo wird|wo werden|\
        was ware|was musste|was macht die|was macht der|was macht das|was tut die|was tut der|gibt es|\
        wer ruft|wer nutzt|wie starte ich|wie baue ich|wie fuhre ich|wie teste ich|welche tests|\
        wo setzen wir|wo steht|kann der|kann die",
    about_agent: "du|dein|deine|lauft|laufen|laufend|machst|fertig|fortschritt|stand|sitzung|sitzungen|\
        agent|agenten|agents|weit|wartest|passiert",
    status_orders: "status|stand|zeig mir den stand|zeige mir den stand|zeig mir was|zeig mir wie|\
        zeig den stand|zeig mir die sitzungen|zeig mir die agenten|zeig die sitzungen|sag mir|sage mir|\
        liste die agenten|liste die sitzungen|gib mir ein update|berichte|fortschritt|zwischenstand|\
        zeig mir den log|zeig mir das log",
    articles: "der|die|das|dem|den|des|mein|meine|meinem|meinen|meiner|unser|unsere|unserem|unseren|\
        unserer",
    indefinite: "ein|eine|einen|einem|einer",
    determiners: "dieses|diesem|diesen|dieser|diese|ganze|ganzen|gesamte|gesamten|aktuelle|aktuellen|\
        gleiche|gleichen|selben|neue|neuen|eigene|eigenen|jetzige|jetzigen",
    prepositions: "in|im|ins|innerhalb|fur|furs|auf|an|am|bei|beim|zu|zum|zur|nach|von|vom|aus|mit|\
        druben in|uber",
    inside: "in|im|innerhalb|ins|druben in|druben im",
    places_first: "in|bei|druben in",
    colon_places: "fur|nutze|arbeite an|arbeite in|zu",
    bare_places: "",
    opens: "offne|offnen",
    joints: "und|oder|noch|sowie",
    negations: "nicht|nie|niemals|kein|keine|keinen|keinem|keiner",
    negators: "ohne|ausser|ausserhalb|statt|anstatt|anstelle von|ausgenommen|abgesehen von|weder|\
        mit ausnahme|mit ausnahme von",
    negators_after: "nicht|bitte nicht|aber nicht|auch nicht|ausgenommen|lieber nicht|bloss nicht|in ruhe",
    excluding: "nutze|benutze|verwende|andere|beruhre|nimm|frage|mit hilfe",
    sources: "aus|ausgehend von",
    weak_sources: "von|vom",
    targets: "in|im|ins|nach|zu|zum|zur|fur",
    examples: "wie|so wie es|wie es|wie in|wie im|wie bei|genauso wie|ahnlich wie|so wie in|so wie",
    transfers: "kopiere|kopier|portiere|ubernimm|ubernehme|ubertrage|hole|hol|bring|bringe|importiere|\
        importier|verwende|nimm|klone|verschiebe|kopieren|ubernehmen",
    nouns: "projekt|repo|repository|codebasis",
    services: "dienst|service|microservice",
    suffixes: "projekt|repo|repository|dienst|service",
    ordinary: "ist|sind|hat|und|oder|mit|fur|zu|dass|wo|wenn|bitte|auch|nur|noch|mal|eine|einen|ein|die|\
        der|das|den|dem|alle|alles|verzeichnis|ordner|einstellungen|konfiguration|seite|liste|name|namen|\
        beschreibung|struktur",
    others: "alle|allen|beide|beiden|jedes|jedem|andere|anderen|anderes|anderem|mehrere|mehreren|zwei",
    switches: "geh nach|gehe nach|wechsle zu|wechsle zum|wechsle nach|wechsle in|wechsle ins|wechsel zu|\
        wechsel zum|wechsel in|wechsel nach|geh zu|geh in|gehe zu|gehe in|gehe zum|geh zum|druben in|\
        druben im",
    turns: "aber|doch|jedoch|allerdings|obwohl",
    statements: "es|ich|wir|er|sie|man|dies|egal was|was auch immer|alles|hier|ohne",
    copulas: "ist|sind|war|waren|wird|werden|wurde|wurden|sei|ware|bleibt",
    dismissals: "egal|das ist egal|ist egal|macht nichts|schon gut|das ist ok|ist ok|ist okay|passt so|\
        das passt|kein problem|das macht nichts|lass|lassen wir|ist gewollt|das ist gewollt|stort nicht|\
        ignorier|ignoriere|wir lassen|halb so schlimm|nicht schlimm|nicht so schlimm",
    unknowing: "keine ahnung|ich weiss nicht|nicht nur",
    forbidden: "verboten|untersagt|unerwunscht|unnotig|uberflussig|tabu|sinnlos|ausgeschlossen",
    needs: "notig|notwendig|erforderlich|erlaubt|gewunscht|erwunscht|gewollt|vorgesehen|zulassig",
    reserves: "frag mich|frage mich|fragt mich|sprich mit mir|warte auf mich|zeig es mir|zeig mir vorher|\
        zeig mir zuerst|meine zustimmung|meine erlaubnis|meine freigabe|mein ok|mein okay|meiner zustimmung|\
        meiner erlaubnis|meiner freigabe|meinem ok|nur wenn ich|erst wenn ich|ausser ich|erst fragen|\
        zuerst fragen|vorher fragen|erst nachfragen|nach dem review|nach der freigabe|wenn das review",
    reviews: "will ich|mochte ich|muss ich|ich will den|ich mochte den|ich muss den|ich will das|\
        ich mochte das|ich muss das|ich will die|ich mochte die|ich muss die",
    befores: "bevor|ehe|vorher|zuvor|zuerst",
    approvals: "zugestimmt|zustimmt|bestatigt|freigegeben|freigibt|genehmigt|okay gibt|ok gibt|ok sagt|\
        ja sagt|einverstanden",
    approval_ends: "hat|haben|ist|es|das|wird",
    owners: "mein|meine|meinem|meinen|unser|unsere",
    done: "schon repariert|bereits repariert|schon behoben|bereits behoben|schon erledigt|bereits erledigt|\
        schon fertig|bereits gefixt|schon gefixt|schon gemergt|bereits gemergt|schon gelost|bereits gelost|\
        schon umgesetzt|bereits umgesetzt|ist repariert|ist behoben|ist erledigt|ist gefixt|wurde repariert|\
        wurde behoben|wurde erledigt|wurde gefixt|geht wieder|lauft wieder|funktioniert wieder",
    of_others: "ist sache von|ist aufgabe von|ist das was|ist was|macht schon",
    interjections: "danke|danke schon|danke dir|vielen dank|merci|hallo|hi|moin|servus|tschuss|na ja|naja|\
        tja|ach|ach so|achso|aha|super|toll|prima|klasse|schade|egal|keine ahnung|weiss nicht|guten morgen|\
        guten abend|gute nacht|guten tag|alles klar|genau|interessant|mist|verdammt|haha|hoppla|sorry|hm",
    here: "hier|hierher|hierhin|hier hinein|dieses projekt|diesem projekt|dieses repo|diesem repo",
    agents: "mit|nutze|benutze|verwende|nimm|durch|lass|frage|per|via|agent|agenten",
    namesakes: "abbrechen|stopp|stop|warte|pause",
    parts: "knopf|knopfe|taste|tasten|button|buttons|schaltflache|schaltflachen|symbol|symbole|seite|seiten|\
        zeit|zeiten|dialog|dialoge|worter",
    modals: "soll|sollen|sollte|sollten|muss|mussen|braucht|brauchen|ist|sind|hat|haben|sieht|sehen",
    disuses: "hor auf … zu benutzen|hor auf … zu verwenden|hor auf … zu nutzen|verwende kein … mehr|\
        verwende keine … mehr|verwende keinen … mehr|benutze kein … mehr|benutze keine … mehr|\
        nutze kein … mehr|nutze keine … mehr",
    means: "es|das|dies|alles|werkzeuge|netz|netzwerk|ki|agent|agenten|sitzung|sitzungen|dein|deine",
    failures: "geht nicht|gehen nicht|lauft nicht|laufen nicht|funktioniert nicht|funktionieren nicht|\
        ladt nicht|laden nicht|startet nicht|starten nicht|baut nicht|bauen nicht|kompiliert nicht|\
        kompilieren nicht|klappt nicht|reagiert nicht|reagieren nicht|erscheint nicht|erscheinen nicht|\
        stimmt nicht|stimmen nicht|passt nicht|passen nicht|offnet nicht|offnet sich nicht|\
        schliesst nicht|schliesst sich nicht|speichert nicht|speichern nicht|aktualisiert sich nicht|\
        aktualisieren sich nicht|reicht nicht|reichen nicht|wird nicht angezeigt|werden nicht angezeigt|\
        wird nicht geladen|werden nicht geladen|wird nicht gespeichert|werden nicht gespeichert|\
        wird nicht gefunden|werden nicht gefunden|wird nicht aktualisiert|werden nicht aktualisiert|\
        wird nicht gesendet|werden nicht gesendet|wird nicht verschickt|werden nicht verschickt|\
        wird nicht berechnet|werden nicht berechnet|findet nichts|finden nichts|zeigt nichts|zeigen nichts|\
        liefert nichts|ladt nichts|speichert nichts|sendet nichts|findet keine|findet keinen|findet kein|\
        finden keine|zeigt keine|zeigt keinen|zeigt kein|zeigen keine|liefert keine|liefert keinen|\
        ladt keine|speichert keine|sendet keine|verschickt keine|enthalt keine",
    wheres: "wo ist|wo liegt|wo steckt",
    defects: "fehler|bug|bugs|tippfehler|leck|absturz|probleme|warnungen",
    whys: "warum|wieso|weshalb|was ist los|woran liegt das|woran liegt es",
    about_code_inside: "",
    advice: "soll der … nutzen|soll die … nutzen|soll das … nutzen|soll der … verwenden|\
        soll die … verwenden|soll das … verwenden|soll der … benutzen|soll die … benutzen|\
        soll das … benutzen|sollte der … nutzen|sollte die … nutzen|sollte das … nutzen|\
        sollen wir … nehmen|sollten wir … nehmen|sollen wir … nutzen|sollten wir … nutzen|\
        sollen wir … verwenden|sollten wir … verwenden|sollen wir … benutzen|sollten wir … benutzen|\
        sollen wir … einsetzen|sollten wir … einsetzen|soll ich … nehmen|soll ich … verwenden|\
        was ist der unterschied zwischen|ist es besser",
};
