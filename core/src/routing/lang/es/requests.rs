//! Words of requests in Spanish.

use crate::routing::lang::requests::RequestWords;

pub(in crate::routing) const REQUESTS: RequestWords = RequestWords {
    leads: "por favor|porfa|ok|vale|bueno|hola|oye|ahora|pues|y|pero|eh|entonces|si|claro|porfi|xfa",
    requests: "puedes|podrias|puede|podria|pueden|podrian|podemos|quiero que|quisiera que|me gustaria que|\
        necesito que|debes|tienes que|hay que|vamos a",
    denials: "no|nunca|jamas|nada|ni|ningun|ninguna|ninguno|nadie|tampoco|deja|deje|dejar|dejalo|para de|\
        detente|deten|detener|para ya|cancela|cancelalo|cancelar|aborta|alto|evita|evite|evitar|espera|\
        espere|mas tarde|luego|manana|otro dia|olvida|olvidalo|ignora|ignore|ignorar|pospon|posponer|aplaza|\
        interrumpe|pausa|omite|salta|en ningun caso|de ninguna manera|prohibido|te prohibo|bajo ningun|\
        abstente|abstengase|abstenganse|absteneos|inutil|no hace falta|esperamos|esperemos|vamos a esperar|\
        dejemos",
    clause_denials: "no debe|no deben|no se debe|no deberia|tal como esta|como esta|en paz|tal cual",
    subordinators: "que|donde|cuando|porque|si",
    nothing: "nada|ningun|ninguna|ninguno|nunca|no|cero lineas|cero archivos",
    retractions: "no|mejor no|olvidalo|dejalo|cancela|todavia no|aun no|ahora no|hoy no|o no|espera|\
        no lo hagas|da igual|deja|dejalo asi|dejalo estar",
    postponements: "mas tarde|luego|manana|otro dia|todavia no|aun no|ahora no|la semana que viene|\
        despues de comer|despues del almuerzo|despues de almorzar|esta noche|esta tarde|el lunes|\
        el martes|el miercoles|el jueves|el viernes",
    conditions: "cuando|en cuanto|una vez que|despues de que|tan pronto como|hasta que|si",
    confirmations: "yo lo diga|lo diga|te diga|te lo diga|yo diga|diga|lo confirme|yo lo confirme|\
        yo confirme|confirme|te avise|avise|lo apruebe|apruebe|este listo|vuelva",
    questions: "que|quien|quienes|cual|cuales|cuando termina|cuando acaba|cuando esta|donde esta|\
        donde estan|donde se|por que|como esta|como va|como van|como puedo|como podria|como se|\
        como funciona|como deberia|cuanto|cuanta|cuantos|cuantas|esta|estan|ha|has|han|se esta|sigue|\
        siguen|ya|debo|puedo|termino|terminaste|acabaste",
    question_ends: "",
    about_code: "por que|como funciona|como funcionan|donde esta|donde estan|donde se|que haria falta|\
        que habria|que hace la|que hace el|hay algun|hay alguna|hay codigo|quien llama|quien usa|\
        como ejecuto|como corro|como arranco|que tests|que pruebas",
    about_agent: "tu|tus|ejecutando|corriendo|haciendo|haces|estas|progreso|estado|listo|lista|terminado|\
        sesion|sesiones|agente|agentes|pasando|esperando",
    status_orders: "estado|dime|muestrame el estado|muestrame que|muestrame como|muestrame las sesiones|\
        muestrame los agentes|muestra el estado|muestra las sesiones|lista los agentes|lista las sesiones|\
        informame|progreso|muestrame el registro",
    articles: "el|la|los|las|lo|mi|mis|nuestro|nuestra|nuestros|su",
    indefinite: "un|una|unos|unas",
    determiners: "este|esta|ese|esa|todo|toda|entero|entera|actual|mismo|misma|nuevo|nueva|propio",
    prepositions: "en|dentro de|para|de|del|a|al|por|con|sobre|hacia|desde|alla en",
    inside: "en|dentro de|alla en",
    places_first: "en|dentro de|desde",
    colon_places: "para|usa|trabaja en",
    bare_places: "",
    opens: "abre|abra|abrir|entra en|entra a",
    joints: "y|e|o|u|ni",
    negations: "no|ni|nunca|jamas",
    negators: "sin|excepto|salvo|menos|fuera de|en lugar de|en vez de|aparte de|que no sea|evita|evitando",
    negators_after: "no|tampoco|excluido",
    excluding: "uses|usar|usando|toques|tocar|cambies|modifiques|sea",
    sources: "desde|a partir de|procedente de|que vino de|proveniente de",
    weak_sources: "de|del",
    targets: "a|al|en|hacia|hasta|para",
    examples: "como|como lo hace|como lo tiene|tal como lo hace|de la forma que|de la manera que|como en|\
        igual que|igual que en|similar a|parecido a|basado en|tal como en",
    transfers: "copia|copiar|copie|porta|portar|trae|traer|importa|importar|pasa|pasar|toma|reutiliza|\
        clona|transfiere|mueve",
    nouns: "proyecto|repo|repositorio|proyectos|repositorios",
    services: "servicio|microservicio",
    suffixes: "",
    ordinary: "que|y|o|con|para|de|del|es|esta|tiene|donde|cuando|si|hay|por|a|en|actual|entero|completo|\
        un|una|el|la|los|las|todo|todos|todas|mismo",
    others: "todos|todas|ambos|ambas|cada|otro|otra|otros|otras|varios|dos",
    switches: "cambia a|cambia al|cambiate a|pasa a|pasa al|ve a|ve al|alla en",
    turns: "pero|aunque|sin embargo",
    statements: "esto|eso|yo|hay|todo|pase lo que pase|hagas lo que hagas|sin",
    copulas: "es|son|esta|estan|era|eran|fue|queda|quedan|falla|fallan|sea",
    dismissals: "da igual|no importa|no pasa nada|es normal|dejalo|no hace falta|esta bien|no lo arregles|\
        no te preocupes|que mas da|lo dejamos",
    unknowing: "no se por que|ni idea|no solo|no sabemos",
    forbidden: "prohibido|prohibida|prohibidos|prohibidas|innecesario|innecesaria|fuera de lugar|descartado|\
        descartada",
    needs: "necesario|necesaria|necesarios|permitido|permitida|permitidos|requerido|una opcion|hace falta|\
        deseado",
    reserves: "preguntame|consultame|hablame antes|avisame antes|avisame primero|pideme permiso|mi permiso|\
        mi aprobacion|mi autorizacion|mi consentimiento|mi confirmacion|mi visto bueno|mi ok|solo si yo|\
        salvo que yo|a menos que yo|espera a que yo|primero pregunta|pregunta primero|pregunta antes|\
        despues de la revision|cuando termine la revision",
    reviews: "quiero ver|necesito ver|tengo que ver|quiero revisar|necesito revisar|tengo que revisar|\
        debo ver",
    befores: "antes|primero|previamente",
    approvals: "apruebe|aprueba|aprobado|confirme|confirmado|autorice|autorizado|de el visto bueno|\
        diga que si|este de acuerdo",
    approval_ends: "lo|la|eso|esto",
    owners: "mi|mis|nuestro|nuestra",
    done: "ya esta arreglado|ya esta corregido|ya esta hecho|ya esta resuelto|ya esta reparado|\
        esta arreglado|esta corregido|esta resuelto|fue corregido|fue arreglado|sido corregido|\
        sido arreglado|sido resuelto|ya funciona|funciona de nuevo|ya esta arreglada|ya esta corregida",
    of_others: "es lo que|es cosa de|es trabajo de",
    interjections: "gracias|muchas gracias|hola|adios|vaya|jaja|jajaja|genial|bueno|ni idea|no se|\
        buenos dias|buenas noches|buenas tardes|buenas|vale|perfecto|estupendo|que bien|lo siento|perdon|ay|\
        eh",
    here: "aqui|aca|este proyecto|este repo|este repositorio|esta carpeta",
    agents: "con|usa|usando|utiliza|mediante|via|deja que|haz que|agente|pide a|por",
    namesakes: "cancelar|parar|pausar|espera|no encontrado",
    parts: "boton|botones|icono|iconos|enlace|enlaces|pagina|paginas|dialogo|dialogos",
    modals: "debe|deben|deberia|deberian|necesita|necesitan|es|son|esta|estan|tiene|tienen",
    disuses: "deja de usar|dejad de usar|dejemos de usar|deja de utilizar|no uses mas|no usar mas|ya no uses",
    means: "eso|esto|ello|todo|herramientas|red|agente|agentes|sesion|sesiones|tu|tus",
    failures: "",
    wheres: "donde esta",
    defects: "error|errores|fallo|fallos|bug|fuga",
    whys: "por que|que pasa|que paso",
    about_code_inside: "",
    advice: "deberia el … usar|deberia la … usar|debe el … usar|debe la … usar|el … deberia usar|\
        la … deberia usar|deberiamos usar|deberiamos utilizar|debemos usar|debo usar|conviene usar|\
        es mejor usar|\
        cual es la diferencia entre|que diferencia hay entre",
};
