//! Words of requests in English.

use crate::routing::lang::requests::RequestWords;

pub(in crate::routing) const REQUESTS: RequestWords = RequestWords {
    leads: "please|pls|ok|okay|so|now|hey|hi|hello|well|just|um|uh|uhm|uhh|hm|hmm|and|but|then|also|kindly|\
        oh|yeah|yes|right|look|listen|actually|really|definitely|absolutely|codewalk|maybe|perhaps|quickly|\
        simply|be so kind|to|plz|plss|plzz",
    requests: "can you|could you|would you|will you|can we|could we|would you mind|do you mind|\
        can someone|could someone|can anybody|could anybody|i want you to|i'd like you to|\
        i would like you to|i need you to|you should|you must|you have to|you need to|we should|\
        we need to|we have to|i want to|let's|lets|make sure to|can u|could u|you can|you may|you could",
    denials: "do not|don't|dont|donot|do n't|never|no|nope|not|none|nothing|nobody|no one|neither|stop|cease|\
        avoid|leave|cancel|abort|quit|halt|hold|wait|forget|nevermind|refrain|skip|postpone|delay|defer|\
        later|tomorrow|next week|next month|another time|some other time|some other day|ignore|disregard|\
        drop it|drop that|hands off|keep away|keep off|keep your hands off|keep out|stay away|stay out|\
        stay off|let it be|let it go|i don't want|i do not want|i dont want|i never want|i don't need|\
        i do not need|i don't think|i do not think|i don't wish|i no longer want|we don't want|\
        we do not want|we don't need|we do not need|we no longer need|you must not|you mustn't|\
        you should not|you shouldn't|you may not|you need not|you needn't|you don't|you do not|\
        you are not to|you're not to|you never|you are not allowed|you're not allowed|i'd rather you didn't|\
        i forbid|i would rather you did not|i'd prefer you didn't|i would prefer|let's not|lets not|\
        let us not|under no|by no means|on no account|in no case|make sure not to|be careful not to|\
        try not to|be sure not to|remember not to|make sure you don't|make sure you do not|\
        make sure that you don't|see that you don't|it's better not|it is better not|better not|best not|\
        there is no need|there's no need|nothing is to|undo that|undo it|pause|terminate|interrupt|kill it|\
        kill that|exit|hang on|put off|give up on|spare|quit it|i would not|i wouldn't|i'd not|\
        it would be better not|it'd be better not|must not|should not|shouldn't|mustn't|may not|won't|wont|\
        drop the idea|drop the plan|drop the thought|scrap|let us hold|let us wait|let us stop|let us skip|\
        let us leave|let us drop|let us pause|let us postpone|let us defer|let us delay|let us forget|\
        let us cancel|let us avoid|let us put off|i was going to|we were going to|i was about to|we wait|\
        we'll wait|we will wait|we are waiting|we hold|\
        we leave|we'll leave|we skip",
    clause_denials: "must not be|mustn't be|should not be|shouldn't be|may not be|need not be|\
        is not to be|are not to be|is off limits|are off limits|as it is|as they are",
    subordinators: "that|where|which|who|whose|because|when|if|so|whether",
    nothing: "nothing|none|no|never|not|neither|nobody|zilch|nada|squat|bugger all|zero lines|zero files|\
        zero things|zero changes|zero tests|zero code",
    retractions: "never mind|nevermind|forget it|forget that|don't|do not|don't do it|do not do it|dont|no|\
        not|stop|cancel|cancel that|no wait|wait|wait no|scratch that|on second thought|not now|not yet|\
        not today|actually no|actually not|actually don't|or not|or rather not|leave it|no don't|\
        no never mind|just kidding|kidding|leave|leave that|skip it|decided against it|i decided against it|\
        we decided against it|changed my mind|i changed my mind",
    postponements: "later|tomorrow|next week|next month|another time|some other time|not now|not yet|\
        not today|after lunch|after dinner|after work|after the meeting|tonight|this evening|\
        this afternoon|on monday|on tuesday|on wednesday|on thursday|on friday|next monday|\
        after the weekend|this weekend|in a bit|in a while|in a moment|some day|someday",
    conditions: "once|as soon as|when|after|until|till|if|only when|only if|unless|provided|provided that",
    confirmations: "i confirm|i say|i say so|i say go|i say yes|i tell you|i tell you to|i approve|\
        i agree|i ask|i give the go|i give the ok|i give my ok|i give the word|i am back|i'm back|\
        i am ready|i'm ready|i have confirmed|i've confirmed|i have approved|i've approved|i confirmed|\
        i said so|you hear from me|we agree|we have agreed",
    questions: "what|what's|whats|who|who's|whose|which|when is|when are|when will|when did|when does|\
        when do|when was|when can|when has|when should|where is|where are|where do|where does|where did|\
        where can|where was|why|how|how's|is|isn't|are|aren't|was|were|does|doesn't|did|didn't|has|\
        have you|have they|have we|had|can i|can it|can they|could it|will it|would it|should i|should we|\
        should it|am i|am|any|anything|do i|do we|do you|do they|do these|do those|shall|may i|\
        everything ok|can|could|will|would|should|all done|done yet|ready yet",
    question_ends: "or not yet|yet or not",
    about_code: "why is|why isn't|why are|why aren't|why was|why wasn't|why were|why does|why doesn't|why do|\
        why don't|why did|why didn't|why has|why hasn't|why have|why can't|why can|why the|why our|why my|\
        how do the|how do our|how do these|how does|what would it take|what would it cost to|where is|\
        where are|where do|where does|what does the|what does this|what does our|what does my|what causes|\
        which files|which tests|which functions|does the|does our|does my|do the|do our|is there any|\
        is there a|are there any|who calls|who uses|what calls|what uses|how do i run|how do i build|\
        how do i start|how do i deploy|how do i test|how do i use|how do we run|how do we build|\
        how do we start|how do we deploy|how do we test|can the",
    about_agent: "you|your|yourself|running|doing|progress|status|going|finished|session|sessions|agent|\
        agents|far|stuck|waiting|happening|claude",
    status_orders: "status|tell me|let me know|show me the status|show me your|show me what|show me how|\
        show me where|show me which|show me the log|show me the logs|show me the agents|\
        show me the sessions|show me all|show agents|show sessions|show the agents|show the sessions|\
        list agents|list sessions|list the agents|list the sessions|list all agents|list all sessions|\
        list all the agents|list my agents|list my sessions|give me an update|give me a status|\
        give me the status|give an update|progress|progress report|status report|report back|report on|\
        report your|report the status|report progress|say what|say how|say whether|say where|say if|\
        update me|keep me posted|print the log|see what|see how|see whether|be done|be finished|be ready|\
        you done|remind me",
    articles: "the|my|our|your|their|its",
    indefinite: "a|an|some",
    determiners: "this|that|current|whole|entire|same|main|existing|own|new|old|actual|said|present|very",
    prepositions: "in|inside|within|for|on|at|to|into|of|from|over in|over at|over on|onto|with|by|using|\
        via|under",
    inside: "in|inside|within|over in|over at|into|from inside",
    places_first: "in|inside|within|at|from|over at|over in",
    colon_places: "for|use|on|work on|using|to",
    bare_places: "",
    opens: "open|enter",
    joints: "and|or|nor|as well as|plus",
    negations: "not|never|no|nor|don't|dont|do not|must not|mustn't|should not|shouldn't|may not",
    negators: "neither|except|excepting|excluding|excl|without|outside|anywhere but|anything but|\
        everywhere but|everything but|all but|anyone but|anybody but|any agent but|any project but|\
        other than|apart from|aside from|besides|instead of|rather than|away from|outside of|save for|\
        barring|avoid|avoiding|exclude|leave|skip|skipping|ignore|spare|keep out of|stay out of",
    negators_after: "excluded|aside|is off limits|is excluded|alone|untouched",
    excluding: "use|using|touch|touching|change|changing|modify|edit|editing|ask|asking|call|involve|let|\
        start|run|running|work|working",
    sources: "from|out of|off of|borrowed from|taken from",
    weak_sources: "of|off",
    targets: "to|into|in|inside|within|onto|over to|for|on",
    examples: "the way|the way that|the way it is in|the way it is on|the way it's done in|\
        the way it is done in|the way it works in|just how|like|as|like in|like on|like the one in|\
        like the one on|as in|as on|same as|same as in|similar to|unlike|compared to|compared with|\
        based on|modelled on|modeled on|inspired by",
    transfers: "copy|port|backport|bring|transfer|clone|borrow|reuse|adopt|import|pull|take|fetch|get|\
        carry|steal|replicate|duplicate|merge|cherry pick|lift|move|sync|use",
    nouns: "project|repo|repository|codebase|monorepo|git repo|git repository|workspace",
    services: "service|microservice|micro service",
    suffixes: "",
    ordinary: "that|which|so|and|or|to|with|is|has|where|when|if|by|using|as|but|for|in|on|at|from|are|\
        was|should|must|does|do|can|will|uses|needs|still|now|please|too|only|also|again|instead|because|\
        while|until|it|we|i|you|then|root|folder|directory|readme|settings|setting|config|configuration|\
        page|pages|list|lists|file|files|name|names|description|descriptions|docs|documentation|structure|\
        template|templates|history|url|urls|owner|owners|manager|board|setup|filter|filters|overview|\
        layout|plan|dependencies|version|metadata|id|ids|creation|picker|search|switcher|view|model|table|\
        deletion|members|member|link|links|card|cards|tree|worker|workers|layer|account|accounts|class|\
        classes|level|mesh|provider|providers|wide|s|status|itself|builds|compiles|code|tests|test|menu|\
        sidebar|tab|detail|details|form|title|titles|selector|dashboard|rename|path|paths|editor|export|\
        import",
    others: "all|both|every|each|other|another|any|several|different|second|two|three|multiple",
    switches: "switch to|switch over to|go to|go over to|jump to|hop to|change over to|change to|over in|\
        over at|head over to|change into|cd into|cd to|cd",
    turns: "but|though|although|yet",
    statements: "it|this|that|there|these|those|i|we|he|she|they|whatever|no matter|regardless|however|\
        everything|something|whoever|if you",
    copulas: "is|are|was|were|be|been|seems|looks|isn't|aren't|wasn't|fails|fail|crashes|broke",
    dismissals: "no need|don't worry|do not worry|don't bother|won't|will not|we won't|we will not|i won't|\
        i will not|we don't|we do not|i don't|i do not|we can live|i can live|we can ignore|we should ignore|\
        let's ignore|let's leave|that's fine|that is fine|that's ok|that's okay|it's fine|it is fine|it's ok|\
        it's okay|that's intended|it's intended|it is intended|who cares|nobody cares|not important|\
        it doesn't matter|doesn't matter|it does not matter|nobody will|not our problem|whatever|never mind|\
        leave|ignore",
    unknowing: "no idea|no clue|not sure|nobody knows|no one knows|i don't know|i do not know|we don't know|\
        i don't understand|we don't understand|i don't see|not only|nothing happens",
    forbidden: "forbidden|prohibited|unwanted|unnecessary|needless|pointless|off limits|off the table|\
        out of the question|taboo|undesired|superfluous|out of scope",
    needs: "needed|necessary|required|wanted|allowed|permitted|desired|an option|on the table|welcome|\
        intended|planned|in scope|acceptable|worth it",
    reserves: "ask me|asking me|check with me|checking with me|confirm with me|talk to me|wait for me|\
        wait for my|run it by me|run that by me|tell me first|show me first|let me see|my approval|\
        my permission|my consent|my ok|my okay|my go ahead|my say so|my confirmation|my sign off|my blessing|\
        only if i|only when i|unless i|ask first|first ask|once the review is|after the review|after review|\
        until the review is|once reviewed|once it is reviewed",
    reviews: "i need to see|i want to see|i have to see|i must see|i'd like to see|i would like to see|\
        i need to review|i want to review|i have to review|i need to check|i want to check|i need to approve|\
        i want to approve|i have to approve|i must approve|i look|i review|i need to look|i want to look",
    befores: "before|first|beforehand|prior",
    approvals: "approved|approves|approve|confirmed|confirms|agreed|agrees|signed off|signs off|reviewed it|\
        reviews it|okayed|okays|said yes|says yes|says ok|said ok|says so|gives the ok|gives the go|\
        accepted it|accepts it",
    approval_ends: "it|that|this|so|has|have|them",
    owners: "my|our|your|their",
    done: "been fixed|been done|been merged|been repaired|been resolved|been solved|been implemented|\
        been deployed|been reverted|been closed|been added|been removed|been updated|been refactored|\
        been renamed|been deleted|already fixed|already done|already merged|already repaired|\
        already resolved|already solved|already implemented|already deployed|already works|works again|\
        fixed now|is fixed|are fixed|was fixed|were fixed|is done|are done|is merged|are merged|is solved|\
        is resolved|works now|work now",
    of_others: "is what|was what|is something|is somebody|is someone|is up to|is the job of",
    interjections: "hm|hmm|mhm|mm|uh|um|oh|ah|aha|huh|eh|er|lol|lmao|rofl|haha|hahaha|hehe|wow|whoa|nice|\
        cool|great|awesome|perfect|excellent|brilliant|thanks|thank you|thx|ty|cheers|sorry|oops|ugh|argh|\
        meh|whatever|hello|hi|hey|yo|bye|goodbye|good morning|good night|good evening|good job|well done|\
        well|interesting|idk|dunno|i don't know|no idea|i see|got it|gotcha|makes sense|fair enough|test|\
        testing|ping|foo|bar|asdf|qwerty|damn|crap|shit|wtf|omg|hooray|yay|very much|so much|a lot|\
        sounds good|you|all|guys|that's all|that is all",
    here: "here|over here|this project|this repo|this repository|this folder|this codebase",
    agents: "with|use|using|via|let|have|ask|get|agent",
    namesakes: "cancel|stop|wait|skip|leave|hold|pause|exit|quit|abort|delay|ignore|interrupt|not found|\
        no results|no result|no data|no access",
    parts: "button|buttons|link|links|word|words|time|times|page|pages|icon|icons|screen|screens|dialog|\
        dialogs|modal|modals|label|labels|key|keys|event|events|handler|handlers|sign|signs|signal|\
        signals|request|requests|music|state|states|message|messages|menu|menus|endpoint|endpoints|\
        route|routes|loss|losses|code|codes|token|tokens|banner|banners|tooltip|tooltips|animation|\
        animations|shortcut|shortcuts",
    modals: "should|must|need|needs|has|have|is|are|do|does|don't|doesn't|look|looks|take|takes|can|cannot|\
        can't|could",
    disuses: "stop using|quit using|no longer use|don't use … anymore|don't use … any more|\
        do not use … anymore|do not use … any more",
    means: "it|that|this|them|these|those|me|us|everything|anything|any|all|your|yourself|tool|tools|\
        network|internet|web|browser|shell|bash|terminal|git|sudo|mcp|ai|llm|agent|agents|session|\
        sessions|codewalk|tokens|so",
    failures: "",
    wheres: "where is|where's",
    defects: "bug|bugs|error|errors|typo|leak|crash",
    whys: "why|how come|what happened|what went wrong|what is wrong|what's wrong|whats wrong",
    about_code_inside: "",
    advice: "should the … use|should the … return|should the … store|should the … support|\
        should our … use|should our … return|should our … store|should we use|should i use|\
        should we choose|should we pick|should we go with|should we prefer|\
        should we store|should we switch from|should we migrate|is it better to use|\
        would it be better to use|what is the difference between|what's the difference between|\
        what are the differences between|which of the|which of these",
};
