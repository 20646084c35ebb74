//! French.

use super::language::{Language, Limits, NONE};
use crate::phrases::phrases;
use crate::word_list::words;

/// Words that elide before a vowel and are written together with it.
pub const ELIDED: [&str; 9] = ["l", "d", "j", "n", "s", "c", "m", "t", "qu"];

/// Pronouns that follow a verb after a hyphen.
pub const ENCLITICS: [&str; 12] =
    ["tu", "vous", "moi", "toi", "lui", "nous", "le", "la", "les", "il", "elle", "y"];

/// The words of the language.
pub const FRENCH: Language = Language {
    spaceless: false,
    small: words! {"
        a a-t afin ai aie ait alors après as au aucun aucune aura auras auront aussi autre autres aux
            avant avec avez avons ayez bien bonjour c' car ce ceci cela celle celui ces cet cette chaque
            chez chose comme comment d' d'abord dans de depuis derrière des deux devraient devrait doit
            doivent donc dont dossier du
            dès déjà dépôt elle elles en encore entre es est est-ce et eu euh eux fait faut hier il ils
            instant inutile j' jamais je jour jusqu' jusqu'ici l' la le lequel les leur leurs lors lui là m'
            ma maintenant
            mais me merci mes mieux moi moins moment mon même n' ne ni non nos notre nous ok on ont ou
            oui où par parce partout pas peu peut peuvent peux plaît plus plutôt point pour pourquoi
            pourrais pourrait pourriez pourrions pouvez pouvons projet puis qu' quand que quel quelle
            quelles quels qui quoi rien s' sa salut sans sauf se sera ses si soient soit son sont sous
            stp sur svp t' ta tandis te tes toi ton toujours tous tout toute toutes trop très tu un une
            va vas vers veut veux voici voilà vois vos votre voudrais voulons vous y à ça étaient était
            été être
    "},
    verbs: words! {"
        accélèr accélér activ actualis adapt ajout ajust amélior analys augment centr chang chiffr
            commente configur constru converti corrig cré divis document débogu décri décriv déplac
            déploi déploy désactiv développ effac efface empêch enlev enlèv examin expliqu extrai extray
            format formatt fusionn génèr génér implément inspect install insèr insér intègr intégr
            journalis limit masqu migr modifi nettoi nettoy optimis protèg protég refactor refactoris
            remani remplac renomm retir revoi règl récri rédui réduis régl répar résou résoud réécri
            réécriv simplifi supprim sépar test tradui traduis unifi valid vérifi écri écriv étudi
    "},
    loose: words! {"
        cherch exécut fai fass laiss lanc met mett montr pass regard rend trouv utilis
    "},
    brief: words! {"
        actualis ajust amélior compil construi corrig document débogu déploi déploy examin format formatt
        nettoi nettoy optimis publi range refactor refactoris réorganis répar simplifi test teste vérifi
    "},
    endings: &[
        "", "e", "er", "ez", "es", "s", "re", "t", "r", "te", "ons", "ent", "tes", "d", "v", "vez", "sez",
        "uis", "uire", "is", "it", "dre", "ds", "sons", "ssez", "ir",
    ],
    nouns: words! {"
        adresse affichage alerte application barre base bibliothèque bouton catalogue champ classe
            client code colonne commande compte connexion cookie couleur courriel date données
            déconnexion dépendance en-tête endpoint erreur facture fenêtre fichier fonction formulaire
            image interface journal langue lien ligne liste menu message mise module mot mémoire
            navigateur onglet page pagination paiement panier paquet pied produit recherche requête
            script serveur session table tableau test texte titre utilisateur variable version écran
    "},
    articles: phrases! {"
        le|la|les|un|une|des|l'|du|au|aux|ce|cette|ces|mon|ma|notre|nos|votre|son|sa|leur
    "},
    requests: phrases! {"
        peux|pourrais|peut|pourrait|pouvez|pourriez tu|vous|on|nous ?s' ?il ?te|vous ?plaît; est-ce que tu|
            vous|on peux|pourrais|pouvez|pourriez|peut; tu peux|pourrais|dois|devrais; je veux|voudrais|
            souhaite|aimerais que tu|vous; il faut|faudrait ?que ?tu; j' aimerais que tu|vous; on doit|
            devrait|va; nous devons; ce serait bien si tu
    "},
    wants: phrases! {"
        je|nous veux|voudrais|souhaite|voulons|aimerais|souhaitons; j' aimerais|ai besoin; on a besoin; il
            y a besoin; nous avons besoin; on veut|voudrait; il me|nous faut|faudrait; nous avons besoin
    "},
    stops: phrases! {"
        arrête|arrêter|arrêtez|stoppe|stopper|stop|annule|annuler|annulez|termine|terminer|tue|abandonne|
            abandonner; mets|mettez fin à
    "},
    interrupts: phrases! {"
        interromps|interrompre|interrompez|suspends|suspendre|pause|attends; mets|mettez en pause
    "},
    resumes: phrases! {"
        reprends|reprendre|reprenez|continue|continuer|continuez|poursuis|relance|relancer
    "},
    particles: phrases!("ça|maintenant|tout|suite|de|en|pause|s'|il|te|vous|plaît|svp|stp"),
    pronouns: phrases!("le|la|ça|cela|l'|lui|il|elle|tu|ce|c'|celui-ci|celle-ci"),
    sessions: phrases!("session|sessions|agent|agents|tâche|exécution|celle|celui"),
    groups: phrases!("tout|tous|toutes|sessions|agents"),
    last: phrases!("dernière|dernier|récente"),
    other: phrases!("autre|autres"),
    examples: phrases!("comme ?dans|sur|pour|chez ?le|la; à la manière de"),
    places: phrases! {"
        dans|pour|sur|de|du ?le|mon|notre projet|dépôt|repo
    "},
    leads: phrases!("dans|pour|sur ?le|la"),
    places_after: phrases!("project|repo"),
    whole: phrases!("même|autre|nouveau|vieux|ancien"),
    tells: phrases!("dis|dites|indique|demande|rappelle|préviens|informe ?lui|leur"),
    thats: phrases!("que|qu'|de|d'"),
    ties: phrases! {"
        aussi|également|et|puis|ensuite|plutôt|encore; quand|dès|lorsque|une ?fois ?que|qu' tu|il|elle|c'
            ?auras|as|aura|est ?fini|terminé; la même chose; de même; à nouveau; en plus; pareil
    "},
    joins: phrases!("et|puis"),
    whys: phrases!("pourquoi"),
    code_questions: phrases!(
        "où est|sont calculé|calculée|calculés|défini|définie|géré|gérée|appelé|appelée"
    ),
    says: NONE,
    resuming: NONE,
    halting: NONE,
    addressing: None,
    questions: phrases! {"
        quoi|comment|pourquoi|où|quand|qui|quel|quelle|quels|quelles|combien|qu'|que|est-ce|est|c'|a-t|as|y
    "},
    progress: phrases! {"
        fini|finie|terminé|terminée|fait|fais|fait|passe|avance|avancement|attend|attends|attendent|bloqué|
            coincé|état|statut|marche|reste|longtemps|prêt|prête|échoué|marché|réussi|tourne|tournent|cours|
            veut|arrivé|donne|long|longue|temps
    "},
    overviews: phrases! {"
        ?alors où en est-on|est|sommes|sont ?tout|tu|nous; ?comment ça|tout va|avance|marche|se ?passe; qu'
            ?est-ce ?qui|que|qu' ?se passe|tourne|est ?t-il ?en ?ce ?ce|actuellement ?cours|moment; que se
            passe ?t-il; quoi de neuf; statut|état ?s' ?il ?te|vous ?plaît; quel est l'|le état|statut
            ?actuel; quelles|quels ?sont ?les sessions|agents ?sont|tournent ?en|actives|actifs ?cours;
            liste|montre|affiche ?moi ?toutes ?les sessions|agents; résumé; du nouveau; y a ?t-il du
            nouveau; combien ?est-ce ?que ça|cela|il|tout ?nous ?a ?t'|t ?a ?déjà coûte|coûté ?tout
            ?jusqu'ici|jusqu'à|aujourd'hui ?présent; où est|sont le|les log|logs; ?y
            ?a|a-t ?il ?il ?y ?a ?eu ?déjà ?des|une|quelques erreurs|erreur|problèmes|problème|échecs
            ?jusqu'ici|jusqu'à ?présent|maintenant; quels|quel
            ?sont ?les agents|agent ?y a|a-t|sont|ai|avons ?il|je|disponibles; où|ou en es|êtes tu|vous
            ?maintenant; où tu
            en es;
                        quelles|quels|combien ?de|d' sessions|agents ?sont ?encore ouvertes|ouverts|tournent|
                        actives|actifs|travaillent|en
            ?encore ?cours ?y ?a ?t-il; combien de|d' sessions|agents; ?est-ce ?que|qu' ?il ?y ?a quelque
            chose ?qui ?qui tourne
            ?encore; y a t-il quelque chose ?qui tourne|en ?cours
    "},
    negations: phrases!("ne|n'|pas|jamais|rien|aucun|aucune|non|personne|ni|surtout"),
    withdrawals: phrases! {"
        ?non|mais|ou ?attends ?en|finalement ?fait ?plutôt non|pas; laisse ?tomber|ça; oublie ?ça|cela|le;
            non attends; ne fais rien; ?mais peu importe; ?mais ce n' est pas grave; ?non ?finalement ne le
            fais pas; tant pis; jamais de la vie; jamais;
            ?hors ?de pas|question question; hors de question; ?mais pas maintenant|aujourd'hui|encore|ça;
            ?mais pas
            aujourd' hui; sûrement|surtout|certainement pas; en aucun cas; même pas en rêve; ou alors non
    "},
    problems: phrases! {"
        ne|n' ?se ?s' chargent|affichent|apparaissent|enregistre|enregistrent|envoie|envoient|ouvre|ouvrent|
        télécharge|
            téléchargent|trouve|trouvent|actualise|actualisent plus|pas;
        ne|n' trouve|trouvent|affiche|affichent|charge|renvoie|envoie|montre rien;
        échoue|échouent|plante|plantent; est|sont ?toujours ?souvent ?trop|très|vraiment cassé|cassée|
            cassés|lent|lente|lents|faux|fausse|rouge|vide|coupé|coupée|obsolète|illisible|mauvais|
            incorrect|incorrecte|décalé; ne|n' ?se ?s' passe|passent|tourne|tournent|répondent|trouve|
            trouvent|chargent|compilent|démarrent|s'ouvre|ouvre|
            sert|servent|va|vont|fonctionne|fonctionnent|marche|marchent|charge|
            compile|démarre|répond|affiche|apparaît ?plus pas|plus; renvoie|lève une; se chevauchent|bloque|
            fige; il manque; manque; met trop; il y a une|un ?erreur|bug|fuite; y a un bug; clignote; ne
            marche|fonctionne|charge|compile; cassé; cassée; ne se met|mettent plus|pas; n' est|sont plus|pas
            envoyé|envoyée|affiché|affichée|
            chargé|chargée|enregistré|trouvé; doit|devrait|devraient ?aussi être|avoir|
            afficher|fonctionner
    "},
    stories: phrases! {"
        j'|il|elle|nous|on ai|a|avons|avait ?déjà ?hier; hier j'|nous|on; ?le|la|mon|un patron|client|chef|
            collègue|mail|utilisateur a|dit|veut|écrit|demande; selon|d'après
    "},
    answers: phrases! {"
        oui|ouais|ouep|si|non|ok|d'accord|accord|exact|exactement|parfait|certainement|absolument|bien|
            confirmé|approuvé|entendu|volontiers ?merci|s'|sûr|monsieur ?il ?te|vous ?plaît; ?oui|ok|bon|
            bien|d' ?accord ?sûr vas|allez|y ?y; ?oui|ok bien sûr ?que ?oui|non; d' accord ?vas ?y; ?oui|ok
            fais|lance|démarre ?le|ça|la ?maintenant|s' ?il ?te ?plaît; ?non merci; ?oui c' est bon|ok|
            parfait; je confirme|approuve|accepte|valide; ?oui je veux ?bien; pas question; bien entendu;
            c' est bon
    "},
    greetings: phrases! {"
        bonjour|salut|bonsoir|coucou|merci|adieu ?tout|beaucoup ?le ?monde; au revoir; aide; qui es tu; que
            peux tu faire; ça va; ?euh|bah|ben|hmm ?je ?ne|n' sais ?pas|plus|trop ?trop; ?euh je ne sais
            pas ?trop; ?euh je sais pas ?trop; euh|bah|hmm
    "},
    injections: phrases! {"
        ignore|ignorez|ignorer|oublie|oubliez|oublier|néglige|contourne|outrepasse ?toutes|tous|tout ?les|
            tes|mes|ces|vos|ce ?autres instructions|consignes|règles|directives|ordres|instruction
            ?précédentes|antérieures; ignore|oublie tout ce ?qui|qu'|que; tu es ?maintenant|désormais un|
            une|le|administrateur|root|en; nouvelles instructions|consignes; agis comme ?un|si|une;
            comporte-toi comme; fais semblant de|d'|que; message système; du système; instructions|
            consignes précédentes
    "},
    consents: phrases! {"
        utilisateur|patron|chef|propriétaire|administrateur|admin|client|il|elle|on|j'|je a|ai|l'ai|l' ?a|
            ai ?déjà approuvé|confirmé|autorisé|accepté|consenti|validé|permis; utilisateur|j'|il|elle|on
            ?l' a|ai ?bien|déjà|tout ?déjà approuvé|confirmé|autorisé|accepté|consenti|validé|dit; ?a|c'|
            est|déjà ?est|été|déjà ?déjà approuvé|confirmé|autorisé; consentement|permission|approbation|
            autorisation|confirmation ?a|est ?déjà|été ?été accordé|accordée|donné|donnée|reçue|obtenue;
            sans ?demander ?aucune|autre|de|plus|me|rien|avoir ?de confirmation|confirmer|demander|
            permission|autorisation|validation; ne ?me demande|demandez pas|rien|aucune; pas besoin de
            confirmer|confirmation|demander; aucune confirmation; saute|passe|ignore|contourne ?la|les|
            toute confirmation|confirmations|validation|approbation; réponds|répondez|dis oui ?à; considère|
            traite|prends ceci|cela|ça comme ?un|une ?mon consentement|confirmation|accord|approbation|oui
    "},
    limits: &LIMITS,
};

/// Limits of a request, and phrases that only sound like them.
const LIMITS: Limits = Limits {
    idioms: phrases! {"
        ?ne|n' oublie|oubliez ?surtout pas; n' hésite|hésitez pas; rien d' autre; non seulement; pas
        seulement; pas
            de problème|souci; pourquoi ?ne ?n' pas; ni plus ni moins
    "},
    heads: phrases! {"
        on attend; attendons; abstiens|abstenez|garde|gardez toi|vous ?bien ?de|d'; interdit|interdite|
        interdits|interdites|défense|
            inutile|superflu ?de|d'; ?il est|sont interdit|interdits|interdites|inutile; interdis|interdisez;
            je t'|te|vous interdis; arrête|cesse|arrêtez|cessez de|d'
            toucher|travailler|bosser|essayer|vouloir; bas les pattes; touche|touchez pas|plus; ôte|retire
            ?tes
            mains|pattes; oublie|oubliez ?le|la|les|l'|cette|cet|ce|d'|de|idée; laisse|laissez tomber; gare à|
            toi; malheur; renonce|renoncez ?à; hors de question; plus|pas besoin; pas la peine; refuse|
            refusez de|d'
    "},
    halts: phrases! {"
        arrête|arrêtez|cesse|cessez|évite|évitez|refuse|refusez|omets|dispense|reporte de|d'; empêche|
            reporte|saute
    "},
    sides: phrases!("sans ?que; si|s'; au lieu de; avant de|d'|que; sauf|hormis"),
    leaves: phrases!("laisse|laissez|laisser|garde|gardez|garder|conserve|conservez|maintiens"),
    alone: phrases! {"
        tel|telle|tels|telles|tels quel|quelle|quels|quelles|quel; tranquille|tranquilles|intact|intacte|
        intacts|
            intactes|inchangé|inchangée; en paz|paix|état|l'état; comme il|elle|ils|elles|c' est|sont; en l'
            état
    "},
    later: phrases! {"
        demain|après-demain|ultérieurement; plus tard; un autre jour; une autre fois; la|le semaine|mois|lundi
            ?prochaine|prochain; ce soir; après le|la|mon déjeuner|dîner|repas|pause|réunion; après manger;
            dans une heure
    "},
    reserves: phrases! {"
        seulement|uniquement|que|qu' si|quand|lorsque|une ?fois ?que je|j'|on; attends|attendez|patiente
        avant|
            que|qu'|pour|jusqu'|demain; à moins que|qu'|de; sauf si|quand; si je|j'|on ?te|le|vous|l' ?le|l'
            dis|demande|demandais|disais|veux|voulais|confirme|valide|ordonne; quand je te le|l' dirai|dis; à
            mon signal; aura|auront validé|approuvé; dès que je te|l'|le; demande|demandez|consulte moi|nous;
            demande-moi|demandez-moi|consulte-moi; sans mon|notre accord|autorisation
    "},
    muses: phrases! {"
        dois-je|devrais-je|puis-je; doit|devrait|faut|faudrait|devons|devrions on|nous|il ?que; est-ce ?que|
        qu' je|on|il
            dois|devrais|doit|devrait|faut; vaut il; ou ?bien ?plutôt pas|non
    "},
    choices: phrases!("utiliser|prendre|choisir|préférer"),
    done: phrases! {"
        as|avez|aurais tu|vous; est-ce ?que|qu' tu|vous as|avez; tu|vous as|avez; est|sont|été ?t ?il|elle|
        ils|elles ?bien ?déjà
            ?été corrigé|corrigée|corrigés|corrigées|réparé|réparée|résolu|résolue|modifié|modifiée|changé|
            changée|réglé|réglée|fini
    "},
    participles: phrases! {"
        corrigé|corrigée|corrigés|réparé|réparée|résolu|résolue|réglé|réglée|modifié|modifiée
    "},
    past: &[],
    modals: phrases!("doit|devrait|peut"),
    with: phrases! {"
        avec|par|via ?l' ?agent; utilise|utilisez|lance|prends|laisse|laissez|fais|faites|démarre|charge ?à
        ?l'
            ?agent; demande|demandez|dis|confie|confiez ?ça|cela ?à; que|qu'
    "},
    same: phrases!("la même chose; pareil|idem; de même; le même"),
    goes_on: phrases! {"
        continue|continuez|continuer|poursuis|poursuivez|passe|passez|enchaîne ?maintenant avec|à|au|sur|par;
        ?le|la|
            au premier|première|deuxième|second|seconde|troisième|prochain|prochaine|dernier|dernière point|
            étape|partie|tâche|option|proposition; ?le|la|l'|au|à point|étape|option|tâche suivant|suivante|1|
            2|3|deux
    "},
    replies: phrases! {"
        ?ma|la réponse; oui|ouais|exact|correct|exactement
    "},
    again: phrases! {"
        encore ?une ?fois ?s'il ?te ?plaît; à nouveau; de nouveau; refais-le; recommence
    "},
    disuses: phrases!("arrête|arrêtez|cesse|cessez de|d' utiliser; n' utilise|utilisez plus"),
    disuse_ends: NONE,
    handlings: phrases!("ne|n' journalise|enregistre|stocke|affiche jamais|pas"),
    replacements: phrases!("masque|masque-le|hache|hache-le|chiffre|chiffre-le"),
    avoided: phrases!("ne plante|planter pas quand|lorsque|si"),
};
