//! Words of requests in French.

use crate::routing::lang::requests::RequestWords;

pub(in crate::routing) const REQUESTS: RequestWords = RequestWords {
    leads: "s'il te plait|s'il vous plait|svp|stp|ok|d'accord|bon|alors|maintenant|salut|bonjour|et|mais|\
        donc|oui|euh|ben|eh bien",
    requests: "peux tu|pourrais tu|pouvez vous|pourriez vous|tu peux|tu pourrais|vous pouvez|\
        est ce que tu peux|est ce que tu pourrais|est ce que vous pouvez|est ce que vous pourriez|\
        je veux que tu|je voudrais que tu|j'aimerais que tu|il faut|tu dois|on doit|peut on|pourrait on",
    denials: "ne|n'|non|pas|jamais|rien|surtout pas|aucun|aucune|personne|ni|arrete|arretez|arreter|cesse|\
        cessez|cesser|stoppe|annule|annulez|abandonne|evite|evitez|eviter|laisse|laissez|attends|attendez|\
        plus tard|demain|un autre jour|oublie|oubliez|ignore|ignorez|reporte|remets|en aucun cas|il ne faut|\
        il n'|je ne veux|je ne souhaite|tu ne|vous ne|on ne|nous ne|que rien|interdit|interdiction|\
        je t'interdis|interromps|suspends|saute|veille a ne|inutile|pas la peine|ce n'est pas la peine|\
        abstiens toi|abstenez vous|on attend|nous attendons|attendons|on laisse|laissons|on verra",
    clause_denials: "ne doit|ne doivent|ne devrait|ne devraient|ne fais|ne touche|tel quel|telle quelle|\
        tels quels|tranquille|comme il est|comme elle est",
    subordinators: "qui|que|ou|quand|parce|si",
    nothing: "rien|pas|aucun|aucune|jamais|ni|que dalle|zero ligne|zero fichier",
    retractions: "non|finalement non|laisse tomber|oublie|oublie ca|annule|pas maintenant|pas encore|\
        pas aujourd'hui|ou pas|ou non|attends|en fait non|ne le fais pas|non laisse|enfin non|laisse|\
        laisse ca|laisse comme ca",
    postponements: "plus tard|demain|un autre jour|pas maintenant|pas encore|la semaine prochaine|\
        apres le dejeuner|apres dejeuner|apres le repas|ce soir|cet apres midi|lundi|mardi|mercredi|jeudi|\
        vendredi",
    conditions: "quand|des que|lorsque|une fois que|apres que|jusqu'a ce que|si",
    confirmations: "je confirme|j'aurai confirme|je l'aurai confirme|je le dis|je te le dis|je dis|\
        je l'aurai dit|je te dis|je donne le feu|je valide|j'aurai valide|j'approuve|je te fais signe|\
        je suis pret|je suis de retour|je le confirme",
    questions: "que|quoi|qu'|qui|quel|quelle|quels|quelles|quand est|quand sera|quand as|ou est|ou sont|\
        ou se|pourquoi|comment|combien|est ce|est ce que|est il|est elle|es tu|as tu|a t|ont|y a t|\
        c'est quoi|ca avance|ca marche|ou en|avez vous|etes vous|fini|dois je|puis je|sont|est",
    question_ends: "",
    about_code: "pourquoi|comment fonctionne|comment fonctionnent|comment marche|ou est|ou sont|ou se|\
        que faudrait|qu'est ce qu'il faudrait|que fait la|que fait le|y a t il|qui appelle|qui utilise|\
        comment lancer|comment je lance|comment executer|quels tests",
    about_agent: "tu|toi|vous|ton|cours|fais|faites|progres|avancement|statut|etat|fini|session|sessions|\
        agent|agents|passe|attends|tourne|tournent",
    status_orders: "statut|etat|dis moi|dites moi|montre moi l'etat|montre moi le statut|\
        montre moi ce que|montre moi les sessions|montre moi les agents|montre l'etat|liste les agents|\
        liste les sessions|avancement|fais le point|montre moi le journal",
    articles: "le|la|les|l|mon|ma|mes|notre|nos",
    indefinite: "un|une|des",
    determiners: "ce|cet|cette|tout|toute|entier|entiere|actuel|actuelle|meme|nouveau|nouvelle|propre",
    prepositions: "dans|en|au sein du|sur|pour|de|du|d|a|au|aux|par|avec|chez|depuis|vers|la bas dans",
    inside: "dans|en|au sein de|au sein du|la bas dans|chez",
    places_first: "dans|en|chez|cote|du cote de",
    colon_places: "pour|utilise|travaille sur|sur",
    bare_places: "chez",
    opens: "ouvre|ouvrez|ouvrir|entre dans",
    joints: "et|ou|ni",
    negations: "pas|ni|jamais|non",
    negators: "sans|sauf|excepte|hormis|hors|hors de|au lieu de|au lieu du|plutot que|a part|\
        a l'exception de|en dehors de|aucun",
    negators_after: "pas|non plus|exclu|excepte",
    excluding: "utilise|utiliser|touche|toucher|touche a|change|modifie|demande",
    sources: "depuis|a partir de|a partir du|venant de|provenant de|venu de|issu de|en provenance de",
    weak_sources: "de|du|d",
    targets: "dans|vers|a|au|sur|en|pour",
    examples: "comme|comme le fait|comme le font|de la meme facon que|de la meme maniere que|comme dans|\
        comme sur|pareil que|pareil que dans|semblable a|base sur|ainsi que dans",
    transfers: "copie|copier|copiez|porte|porter|apporte|importe|importer|reprends|reprendre|recupere|\
        recuperer|prends|clone|transfere|reutilise|amene|deplace|emprunte",
    nouns: "projet|depot|repo|projets|depots",
    services: "service|microservice",
    suffixes: "",
    ordinary: "qui|que|et|ou|avec|pour|de|du|des|est|a|quand|si|il|elle|on|en|dans|par|actuel|entier|\
        complet|un|une|le|la|les|tout|tous|toutes",
    others: "tous|toutes|deux|chaque|autre|autres|plusieurs",
    switches: "passe a|passe au|passe sur|passe dans|va dans|va sur|bascule sur|bascule vers|la bas dans",
    turns: "mais|pourtant|cependant",
    statements: "ca|cela|c'|ce|il|elle|je|on|nous|tout|quoi qu'il arrive|quoi que tu fasses|sans",
    copulas: "est|sont|etait|etaient|sera|reste|ete|plante|plantent|soit",
    dismissals: "ce n'est pas grave|c'est pas grave|pas grave|tant pis|peu importe|c'est normal|c'est voulu|\
        on s'en fiche|ca va|laisse|laissons|n'y touche pas|ca ne fait rien|pas besoin|on laisse",
    unknowing: "pas seulement|je ne sais pas",
    forbidden: "interdit|interdite|interdits|interdites|defendu|defendue|inutile|inutiles|superflu|\
        hors de question|exclu|exclue",
    needs: "necessaire|necessaires|permis|permise|autorise|autorisee|requis|requise|souhaite|souhaitable|\
        une option|utile|prevu|prevue",
    reserves: "demande moi|demandez moi|parle moi d'abord|previens moi avant|montre moi d'abord|attends mon|\
        ma permission|mon accord|mon autorisation|mon approbation|mon feu vert|mon ok|mon aval|\
        seulement si je|sauf si je|uniquement si je|demande d'abord|demander d'abord|apres la relecture|\
        apres la revue",
    reviews: "je veux voir|je dois voir|je voudrais voir|j'aimerais voir|je veux relire|je dois relire|\
        je veux valider|je dois valider|il faut que je voie|je veux verifier|je dois verifier",
    befores: "avant|d'abord|au prealable",
    approvals: "approuve|approuvee|valide|confirme|autorise|donne son accord|donne le feu vert|dit oui|\
        d'accord",
    approval_ends: "l|le|la|ca|cela",
    owners: "mon|ma|mes|notre",
    done: "deja corrige|deja repare|deja fait|deja resolu|deja fusionne|est corrige|est repare|est resolu|\
        ete corrige|ete repare|ete resolu|ete fusionne|ete fait|remarche|fonctionne a nouveau|\
        marche a nouveau|deja corrigee|deja reparee|ete corrigee",
    of_others: "est ce que fait|est le travail de|c'est ce que",
    interjections: "merci|merci beaucoup|bonjour|bonsoir|bonne nuit|salut|au revoir|bof|super|genial|\
        tant pis|mdr|ptdr|bah|ben|parfait|desole|pardon|oups|je ne sais pas|aucune idee|hm|euh|ah|oh|\
        tres bien",
    here: "ici|par ici|ce projet|ce depot|ce repo|ce dossier",
    agents: "avec|utilise|utilisant|via|par|laisse|demande a|fais faire a|agent|l'agent",
    namesakes: "annuler|arreter|pause|attente|non trouve",
    parts: "bouton|boutons|icone|icones|lien|liens|page|pages|dialogue|dialogues",
    modals: "doit|doivent|devrait|devraient|est|sont|a besoin|ont besoin|a|ont",
    disuses: "arrete d'utiliser|arretez d'utiliser|arretons d'utiliser|cesse d'utiliser|n'utilise plus|\
        n'utilisons plus|ne plus utiliser",
    means: "ca|cela|ceci|tout|outils|reseau|agent|agents|session|sessions|ton|tes",
    failures: "",
    wheres: "ou est|ou se trouve",
    defects: "erreur|erreurs|bug|bogue|fuite",
    whys: "pourquoi|que se passe t il|d'ou ca vient",
    about_code_inside: "",
    advice: "est ce que le … doit utiliser|est ce que la … doit utiliser|le … doit il utiliser|\
        la … doit elle utiliser|le … devrait il utiliser|la … devrait elle utiliser|faut il utiliser|\
        devrions nous utiliser|devons nous utiliser|vaut il mieux utiliser|\
        doit on utiliser|on devrait utiliser|est ce qu'on devrait utiliser|\
        quelle est la difference entre",
};
