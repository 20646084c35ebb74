//! Spanish.

use super::language::{Language, Limits, NONE};
use crate::phrases::phrases;
use crate::word_list::words;

/// The words of the language.
pub const SPANISH: Language = Language {
    spaceless: false,
    small: words! {"
        a además ahora ahí al algo alguna algún allí antes aquí así aunque ayer aún bien cada carpeta
            casi como con cosa cual cuando cuál cuándo cómo da de del desde después donde dos dónde el
            ella ellas ellos en entonces entre era eran eres es esa esas ese eso esos esta estaba estar
            estará estas este esto estos está están favor fue fuera gracias gustaría ha hace hacia han
            has hasta hay he hola hoy la las le les lo los luego me mi minuto mis misma mismo momento
            mucho muy más nada necesitamos necesito ni no nos nosotros nuestra nuestro o ok otra otro
            oye para parte partes pero poco podemos podría podrías podéis por porfa porque proyecto
            puede pueden puedes puedo pues que queda queremos quieres quiero quisiera quién qué repo
            repositorio se sea sean segundo según ser si siempre sin sobre solo son soy su sus sí sólo
            también tan tanto te tenemos tengo tiene tienen tienes toda todas todo todos tras tu tus tú
            un una unas uno unos usted va vale vamos van vas ve veces vez y ya yo él
    "},
    verbs: words! {"
        aceler activ actualic actualiz adapt agreg ajust analic analiz arregl aument añad borr cambi
            centr cifr coment comprob comprueb configur constru construy convert conviert correg corrig
            corrij cre depur desactiv describ despleg despliegu divid document elimin escrib evit explic
            expliqu explíc extra extraig formate fusion gener impid implement insert inserta instal
            integr investig limit limpi límpi mejor migr modernic moderniz modific modifiqu mov muev
            ocult optimic optimiz orden organic organiz prob proteg protej public publiqu quita quitar
            quite reduc reduzc reemplac reemplaz reescrib refactoriz renombr repar resolv rest resuelv
            revis simplific simplifiqu soluc solucion sustitu sustituy traduc traduzc unific unifiqu
            valid verific verifiqu
    "},
    loose: words! {"
        averigu busc busqu corr dej ejecut encontr encuentr hac hag haz lanz mir mostr muestr permit pon pong
        us
            utiliz
    "},
    brief: words! {"
        actualic actualiz arregl compil comprob comprueb construy corrig corrij depur despleg despliegu
        document formate limpi límpi mejor optimic optimiz orden organic organiz prob public publiqu
        refactoriz repar revis simplific simplifiqu soluc solucion valid verific verifiqu
    "},
    endings: &[
        "", "a", "e", "ar", "er", "ir", "as", "alo", "ala", "alos", "alas", "elo", "ela", "erlo", "irlo",
        "arlo", "arla", "arlos", "arlas", "lo", "la", "los", "an", "en", "me", "ame", "eme", "uir", "ue",
        "ga", "uir", "ye",
    ],
    nouns: words! {"
        ajuste alerta aplicación archivo barra base biblioteca botón búsqueda cabecera campo carpeta
            carrito catálogo cliente columna comando compra conexión configuración consulta contraseña
            cookie correo código datos dependencia endpoint enlace error etiqueta factura fecha fichero
            formulario función icono idioma imagen interfaz lista memoria mensaje menú módulo navegador
            orden pago pantalla pedido pedidos petición pie producto prueba página registro script servidor
            sesión tabla texto título usuario ventana versión
    "},
    articles: phrases!("el|la|los|las|un|una|unos|unas|del|al|este|esta|mi|nuestro|nuestra|su"),
    requests: phrases! {"
        puedes|podrías|puede|podría|podéis|podemos ?por ?favor; quiero|quisiera|necesito que ?tú; me
            gustaría que ?tú; tienes|hay|tenemos que; vamos a; deberías|debes; sería bueno|genial si
            ?pudieras|puedes
    "},
    wants: phrases! {"
        quiero|quisiera|queremos|necesito|necesitamos|quisiéramos; me|nos gustaría
    "},
    stops: phrases! {"
        detén|detener|detenerlo|detenerla|pararlo|cancelarlo|terminarlo|detenlo|detenla|detente|para|párate|
            páralo|párala|parar|cancela|cancelar|cancélalo|cancélala|aborta|abortar|abórtalo|termina|
            terminar|mata|mátalo|finaliza|finalizar
    "},
    interrupts: phrases! {"
        interrumpe|interrumpir|interrúmpelo|interrúmpela|pausa|pausar|páusalo|espera|suspende
    "},
    resumes: phrases! {"
        reanuda|reanudar|reanúdalo|reanúdala|retoma|retomar|retómalo|continúa|continuar|sigue|prosigue
    "},
    particles: phrases!("ya|ahora|mismo|favor|por|a|con"),
    pronouns: phrases!("lo|eso|esto|ello|la|él|ella|esa|ese|termines|acabes"),
    sessions: phrases!("sesión|sesion|sesiones|agente|agentes|tarea|ejecución"),
    groups: phrases!("todo|todos|todas|sesiones|agentes|ambas|ambos"),
    last: phrases!("última|último|reciente"),
    other: phrases!("otra|otro|otras|otros"),
    examples: phrases!("como ?lo ?hace ?en ?el|la; igual|similar a|que ?en"),
    places: phrases! {"
        en|para|de|sobre el|mi|nuestro|este proyecto|repo|repositorio; del|al proyecto|repo|repositorio
    "},
    leads: phrases!("en|para ?el|la"),
    places_after: phrases!("project|repo"),
    whole: phrases!("mismo|otro|nuevo|viejo|actual"),
    tells: phrases!("dile|di|diga|dígale|avísale|avisa|recuérdale|pídele|infórmale"),
    thats: phrases!("que"),
    ties: phrases! {"
        también|además|y|luego|después|entonces|mejor; cuando|apenas termines|acabes|esté; lo mismo; otra
            vez; de nuevo; en lugar de eso
    "},
    joins: phrases!("y|e|luego"),
    whys: phrases!("por qué"),
    code_questions: phrases!("dónde se"),
    says: phrases!("dijo"),
    resuming: NONE,
    halting: NONE,
    addressing: Some("le"),
    questions: phrases! {"
        qué|cómo|por qué|dónde|cuándo|quién|cuál|cuáles|cuánto|cuánta|está|están|ha|hay|ya
    "},
    progress: phrases! {"
        listo|lista|terminó|terminado|termina|acabó|acabado|haciendo|hace|pasa|pasando|va|espera|esperando|
            atascado|bloqueado|progreso|estado|falta|tarda|tiempo|falló|fallado|funcionó|hecho|quiere|pasó|
            sigue|ejecutando|corriendo|estás
    "},
    overviews: phrases! {"
        ?y cómo va|van|está|andan ?todo|eso|las ?cosas|la ?cosa; qué pasa|ocurre ?ahora; qué ?se está|están
            pasando|corriendo|ejecutando|ejecutándose ?ahora|mismo; qué hay ?corriendo|pasando ?en ?marcha
            ?ahora; qué hay de nuevo|en; qué ?sesiones|agentes hay|están|corren ?activas|activos|corriendo|
            en ?marcha ?ahora; estado ?por ?favor; ?cuál es el estado ?actual; alguna novedad; hay
            novedades|algo|alguna ?nuevo|novedad; muestra|muéstrame|lista ?todas ?las sesiones|agentes;
            resumen; ?cuánto ha|han|hemos|llevamos|lleva|cuesta|cuestan|va|costado|gastado costado|cuesta|
            gastado|costando ?todo|eso|esto
            ?hasta|hoy ?ahora; dónde está|están el|los log|logs; cuánto cuesta|costó|gastó ?todo|eso|esto
            ?hasta ?el ?ahora|momento; ?hay ?ya ?algún|algun|unos|alguno|algunos error|errores|
            problema|problemas|fallo|fallos ?por|hasta ?el ?ahora|momento; hubo ?algún error|errores; qué|
            cuáles ?son ?los agentes
            hay|tengo|tenemos|existen|puedo|están ?usar ?disponibles; por dónde vas;
                        qué|cuántas|cuántos sesiones|agentes hay|están|siguen|corren|quedan ?ahora
            activas|activos|abiertas|abiertos|vivas|corriendo|en ?marcha|curso; cuántas|cuántos sesiones|
            agentes
            hay|están|corren|quedan; hay|sigue|queda algo|alguien|alguna|algún ?sesión|agente corriendo|en|
            activo|activa|trabajando
            ?marcha|curso
    "},
    negations: phrases!("no|nunca|jamás|nada|ni|ningún|ninguna|ninguno|nadie|tampoco"),
    withdrawals: phrases! {"
        ?no|pero ?espera ?mejor no; olvídalo|olvida ?eso|esto; déjalo ?así|estar; no importa; da igual; no
            espera; mejor no ?lo ?hagas; no lo hagas; no; ni hablar|loco|loca|pensarlo|muerto|soñarlo; ni de
            broma|coña; de ninguna
            manera; ?pero ?ahora|hoy|todavía|aún no; ?pero no ?ahora|hoy|todavía; jamás; nunca; en absoluto
    "},
    problems: phrases! {"
        ?ya no se ve|ven|muestra|muestran|guarda|guardan|carga|cargan|actualiza|actualizan|envía|envían|sube|
        suben|abre|
            abren|encuentra|encuentran; ya no funciona|funcionan|carga|cargan|aparece|aparecen|llega|llegan;
        falla|fallan|fallando|falló; está|están|se ?ve|ven ?muy ?siempre roto|rota|rotos|lento|lenta|mal|
            vacío|vacía|cortado|cortada|desactualizado|equivocado|desalineado|incorrecto; no funciona|
            funcionan|carga|compila|responde|arranca|aparece|muestra|abre|guarda; se rompe|cuelga|bloquea|
            cae|corta|ve; tarda ?demasiado|mucho|tanto; devuelve; lanza una; falta|faltan; hay un|una error|
            fallo|bug|fuga; parpadea; es demasiado|muy lento|lenta; ya no
            pasa|pasan|va|van|anda|andan|sirve|sirven|encuentra|devuelve|llega|llegan|sale|salen|entra; no
            pasa|pasan|va|van|anda|
            andan|sirve|sirven|encuentra|devuelve|llega|llegan; roto; rota; debe|debería|deberían|tiene
            ser|estar|tener|mostrar|funcionar
    "},
    stories: phrases! {"
        ayer yo|arreglé|hice|terminé; ?el|la|mi jefe|cliente|usuario|compañero|correo|jefa dice|dijo|quiere|
            escribió|pidió; he|hemos|había; dijo|escribió|según|pidió
    "},
    answers: phrases! {"
        sí|si|claro|vale|ok|bueno|correcto|exacto|no|nop|acepto|aprobado|confirmado|perfecto|seguro|
            adelante|hazlo|dale|procede ?por ?favor|gracias|claro|señor; ?sí|si|vale|ok|claro|bueno ?por|
            pues ?favor adelante|hazlo|dale|procede|empieza|comienza|ejecútalo|ejecuta ?ya|ahora ?por|eso
            ?favor; ?sí de acuerdo; por supuesto ?que ?sí|no; ?no gracias; claro que sí|no; está bien; lo
            apruebo|confirmo|acepto; sí quiero; de acuerdo
    "},
    greetings: phrases! {"
        hola|buenas|adiós|gracias|chao ?a|qué|muchas ?todos|tal; buenos días; buenas tardes|noches; ayuda;
            muchas gracias; quién eres; qué puedes hacer; ?mmm|mm|eh|pues|hmm ?no ?lo sé ?qué ?decir|hacer;
            ?mmm|eh no sé; ?no estoy seguro|segura; mmm|mm|eh|hmm; cómo estás
    "},
    injections: phrases! {"
        ignora|ignore|ignorad|olvida|olvide|descarta|omite|desobedece|salta|sáltate ?todas|todo|cualquier
            ?las|los|tus|mis|lo ?las instrucciones|instrucción|órdenes|reglas|indicaciones|restricciones
            ?anteriores|previas; ignora|olvida todo lo ?anterior|que; ?a ?partir ?de ahora eres ?un|una|el;
            eres ?ahora un|el administrador|root|asistente|admin; nuevas instrucciones; actúa como ?un|si|
            el; finge que|ser; mensaje del sistema; instrucciones anteriores|previas
    "},
    consents: phrases! {"
        usuario|jefe|dueño|administrador|admin|yo|él|ella|cliente ?ya ?lo|la ?ya ha|he ?ya aprobado|
            confirmado|autorizado|aceptado|consentido|permitido; ya|lo ?lo|fue|está|ha|he|se ?ha|he|sido
            ?ya aprobado|aprobó|confirmado|confirmó|autorizado|autorizó|aceptó; ya aprobé|confirmé|autoricé|
            acepté|dije; consentimiento|permiso|aprobación|autorización|confirmación ?ya ?ha|fue|está ?sido
            otorgado|concedido|dado|otorgada|concedida|dada|confirmado|recibido; sin ?pedir ?ninguna|más|
            necesidad ?de confirmación|confirmar|preguntar|permiso|aprobación|preguntarme; no preguntes|
            pidas ?confirmación|permiso|nada; no hace falta confirmar|confirmación|preguntar; salta|omite|
            sáltate ?la|las confirmación|confirmaciones|aprobación|preguntas; responde|contesta|di ?a ?todo
            ?que sí; considera|toma|trata esto|eso como consentimiento|confirmación|un|aprobado
    "},
    limits: &LIMITS,
};

/// Limits of a request, and phrases that only sound like them.
const LIMITS: Limits = Limits {
    idioms: phrases! {"
        no hay problema; que no se usa|usan|utiliza|utilizan|muestra|muestran; no solo|sólo|solamente; no te
        olvides; no olvides; nada más|mas; nada menos; ni más ni
            menos; por qué no; no es posible|correcto|válido
    "},
    heads: phrases! {"
        prohibido|prohibida|prohibidos|prohibidas; ?está|queda|quedan prohibido|prohibida|prohibidos; prohíbe|
            prohibe|prohibo|prohíbo; te prohíbo|prohibo; abstente|absténgase|absténganse|absteneos|abstenerse|
            abstenerte ?de;
            deja|deje|para|cesa de tocar|trabajar|molestar|
            hacer|intentar|tratar; quita ?las|tus manos; manos ?quietas fuera; fuera ?las manos; ni se
            te; olvida|olvide|olvídate|olvidate lo|eso|de|el|la|los; pobre|ay de ti; sobra|innecesario; ni
            toques|pensar|tocar; evítalo
    "},
    halts: phrases! {"
        deja|deje|dejad|para|pare|parad|cesa|cese|desiste de; evita|evite|evitad|impide|rechaza|rehúsa|omite|
            aplaza|pospón; es ?ya innecesario|inútil; sobra|inútil|innecesario
    "},
    sides: phrases!("sin ?que; si; en vez|lugar de; antes de; a menos; salvo|excepto"),
    leaves: phrases!("deja|deje|dejad|déjame|dejar|mantén|mantenga|conserva"),
    alone: phrases! {"
        en paz|tranquilo|tranquila; como está|están; tal cual; tal como está|están; tranquilo|tranquila|
            tranquilos|tranquilas|intacto|intacta|intactos|intactas; igual; sin cambios|tocar|cambiar|
            modificar
    "},
    later: phrases! {"
        mañana|pasado; más tarde|adelante; otro día; la|el ?próxima|próximo semana|mes|lunes ?que ?viene;
        luego
            más; esta noche; después|tras ?de comer|cenar|almorzar|desayunar; después ?de|del ?la|el almuerzo|
            comida|cena; en una hora
    "},
    reserves: phrases! {"
        solo|sólo|solamente|únicamente|hasta|recién si|cuando|que ?yo ?te|lo ?lo diga|digo|pida|pido|ordene|
            confirme|confirmo|apruebe|apruebo|avise|aviso|quiera|quiero; espera|espere|esperad antes|hasta|a|
            para; a menos|no ser que; salvo que; si ?yo ?te lo pido|pidiera|digo|dijera|ordeno; cuando te|
            yo ?lo diga|avise|confirme; lo|la apruebe|autorice; ?primero pregúntame|consúltame|avísame
            ?primero|antes ?y; sin mi permiso|aprobación|consentimiento
    "},
    muses: phrases! {"
        debo|debería|debemos|deberíamos|puedo yo|arreglar|cambiar|corregir|modificar|borrar|hacer|actualizar|
            reparar|eliminar|añadir; hace falta; vale la pena; conviene; tengo que; o ?mejor no
    "},
    choices: phrases!("usar|utilizar|elegir|preferir|tomar; o con"),
    done: phrases! {"
        has|habéis|habrás|han ?ya ?lo arreglado|corregido|cambiado|terminado|hecho|solucionado|resuelto|
            modificado|actualizado|reparado|añadido|encontrado|eliminado|borrado|podido; está|están|fue|
            fueron|
            quedó|quedaron|sido|ha|se|estaba ?ya ?ha arreglado|arreglada|arreglados|arregladas|corregido|
            corregida|solucionado|solucionada|resuelto|resuelta|cambiado|cambiada|reparado|reparada|
            modificado|
            modificada|arregló|corrigió|terminada
    "},
    participles: phrases!(
        "arreglado|arreglada|corregido|corregida|solucionado|solucionada|resuelto|resuelta"
    ),
    past: &["aste", "iste", "asteis"],
    modals: phrases!("debe|debería|puede"),
    with: phrases! {"
        con|usando|mediante|vía|por ?el ?agente; usa|use|utiliza|lanza|inicia|ejecuta ?a ?el ?agente; que;
        deja ?que ?a;
            pídele|pide|dile|encarga|haz|ordena|pregunta ?que ?a ?al ?agente
    "},
    same: phrases!("lo mismo; mismo cambio; igual; ídem"),
    goes_on: phrases! {"
        continúa|continua|continuar|continúe|sigue|siga|seguir|prosigue|pasa|vamos ?ahora con|al|a; ?el|la
            primer|primero|primera|segundo|segunda|tercer|tercero|tercera|siguiente|último|última punto|paso|
            parte|tarea|opción|propuesta
    "},
    replies: phrases! {"
        ?mi|la respuesta; respondo|contesto; sí|si|claro|correcto|exacto|vale
    "},
    again: phrases! {"
        ?hazlo|repite|repítelo otra vez ?por ?favor; ?hazlo de nuevo ?por ?favor; ?hazlo una vez más; repítelo
    "},
    disuses: phrases!("deja|dejad|dejemos de usar|utilizar; no uses|usar más; ya no uses"),
    disuse_ends: NONE,
    handlings: phrases!("no|nunca ?nunca registres|guardes|muestres|imprimas"),
    replacements: phrases!("enmascara|enmascárala|enmascáralo|cifra|cífrala|cífralo|hashea"),
    avoided: phrases!("no falles|fallar cuando|si"),
};
