"""The phrases in which people ask about sends: patterns for folded text, whose group `x` is what is asked about."""

from __future__ import annotations

import re

THING = (
    r"(?:e-?gifts?|gift ?(?:cards?|box(?:es)?)|gifts?|packages?|parcels?|sends?|orders?|presents?|swag(?: box)?"
    r"|box(?:es)?|deliver(?:y|ies)|shipments?|goodies|things?|stuff|items?)"
)
"""What people call a send."""
WE = r"(?:i|we|you|they|he|she|anyone|anybody|someone|somebody|the team)"
SENT = r"(?:send|sent|ship(?:ped)?|give|given|order(?:ed)?)"
DONE = (
    r"(?:arrived?|delivered|shipped|received?|gotten|got|get|redeem(?:ed)?|claim(?:ed)?|open(?:ed)?|accept(?:ed)?|sent"
    r"|stuck|late|lost|delayed|overdue|expired?|there|here|out|coming|slow|in transit|on (?:its|the|their) way|moving)"
)
"""What may have become of it."""
ASKING = r"(?:what|who|which|where|when|how|why|there|it)"
OPENING = re.compile(
    r"(?:what|who|whose|which|where|when|why|how|has|have|had|did|does|do|is|are|was|were|will|can|could|should)"
    r"(?:'?s|n't)? ",
)
"""With what a whole question begins."""
STATUS = r"(?: status(?:es)?| state| word| term)?"


def _one(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts))


def folded(text: str) -> str:
    """In lower case, but for letters that would become two, such as the first of İpek: each stays in its place."""
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)


# --- what is only polite -----------------------------------------------------------------------------

GREETING = _one(
    r"(?:hi|hiya|hey|hello|yo|dear|good (?:morning|afternoon|evening)|please|pls|ok(?:ay)?|so|and|but|um+|sorry",
    r"|quick question|(?:there|team|all|bot|sendwatch|everyone)(?=[,!.:]))\b[\s,!.:;-]*",
)
COURTESY = _one(
    r"(?:(?:can|could|would|will) (?:you|someone|somebody|anyone)(?: please| kindly)? ",
    r"|(?:do|does) (?:you|anyone|anybody|someone) (?:know|have|happen to know) ",
    r"|(?:i(?:'d| would) (?:like|love)|i (?:want|need)|we (?:want|need)|trying|wanted) to ",
    r"(?:know|find out|see|check|ask) |i(?:'m| am) (?:wondering|curious|asking|looking for) |i was wondering ",
    r"|i wonder ",
    r"|any(?:one| ?body)? idea |(?:please )?(?:tell|show|give|let) (?:me|us)(?: know)? ",
    r"|(?:find out|check|see|look up|look) (?=(?:where|what|if|whether|when|how|which)\b)|(?:if|whether|about) (?=\w))",
)
TAIL = _one(
    r"[\s?!.,;:…]+$|[\s,]+(?:please|pls|thanks(?: a lot)?|thank you|thx|cheers|(?:right )?now|at the moment",
    r"|at present|currently|yet|already|again|so far|these days|by (?:any chance|now)|ok(?:ay)?|anymore|for me)$",
)

# --- whole sentences ---------------------------------------------------------------------------------

HELP = _one(
    r"(?:/?sends? )?(?:help(?: me)?|\?+|commands?|usage|menu|start|test|there|all|team|bot|sendwatch|everyone",
    r"|what can you (?:do|tell me|help with)|what (?:do|can) (?:you do|i ask(?: you)?|i do(?: here)?)",
    r"|how (?:do|does|can) (?:you|this|it|i|one|we)(?: use)? ?(?:work|(?:use )?(?:you|this|it))?",
    r"|who are you|what are you|what is this|are you there)",
)
THANKS = _one(
    r"(?:many |ok |great )?(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|ty|cheers|great|cool|perfect|nice",
    r"|awesome|good bot|got it|ok(?:ay)?|never ?mind|bye|all good|good)(?: sendwatch)?",
    r"|:?(?:\+1|thumbsup|pray|heart|tada|raised_hands|ok_hand)(?:::skin-tone-\d)?:?",
    r"|[👍🙏🎉🙌👌❤][\ufe0f\U0001f3fb-\U0001f3ff]?",
)
ROUTE = _one(
    r"(?:where (?:do|does|will|would|are)(?: the)? alerts? (?:about|for|of|on|to) (?P<x>.+?) ",
    r"(?:go|posted|sent|land|end up)(?: to)?",
    r"|who (?:gets|sees|receives|hears)(?: the)?(?: alerts?)? (?:about|for|of) (?P<y>.+)|route (?P<z>.+))",
)
WHY = _one(
    r"why\b.*|how come\b.*|what(?:'?s| is| are) (?:wrong|the (?:matter|problem|hold ?up)) with .*",
    r"|what(?:'?s| is) (?:holding up|delaying|keeping) .*",
)
"""Asks for the reason, whatever else is asked about it."""
MEANING = (
    _one(
        rf"what (?:does|do|is|did)(?: the| a| an)?{STATUS} (?P<x>.+?)(?: status| state)? ",
        r"(?:mean(?:s|t)?|stand for|meant by)(?: (?:for|in|here|exactly|with|on)\b.*)?",
    ),
    _one(rf"(?:what(?:'?s| is) )?(?:the )?(?:meaning|definition|explanation)(?: of|:)?(?: the)?{STATUS} (?P<x>.+)"),
    _one(rf"what is meant by(?: the)?{STATUS} (?P<x>.+)"),
    _one(rf"(?:/?send-meaning|explain|define|meaning|describe)(?: the)?{STATUS} (?P<x>.+)"),
    _one(r"what means (?P<x>.+)|(?P<y>.+) means what"),
)
GOT = _one(
    rf"(?:what|which)(?: {THING})? (?:did|has|have|had|does|do) (?!{WE}\b)(?P<x>.+?) (?:already |ever )?",
    r"(?:get|got|gotten|receive[ds]?|been (?:sent|given))(?: (?:from us|so far|in|during|over|within|this|last|past"
    r"|previous|today|yesterday|since|on|before|for)\b.*| \d.*)?",
)
"""What somebody got, whenever: "what did Jane get last week"."""
TO = _one(
    rf"(?:what|which|were|was)(?: {THING})?(?: (?:was|were|got|have|has|been))* {SENT}(?: out)? (?:to|for) (?P<x>.+)",
    rf"|(?:what|which)(?: {THING})? (?:are|is|were|was|went) (?:to|for|at|from|by) (?P<y>.+)",
)
"""What was sent to somebody: "which gifts were sent to Acme"."""
ABOUT = (
    GOT,
    TO,
    _one(
        rf"(?:did|have|has) {WE} (?:already |ever )?{SENT} (?:something |anything |a |an |the |any )?",
        rf"(?:{THING} )?(?:out )?(?:to |for )?(?P<x>.+)",
    ),
    _one(
        rf"(?:what|which)(?: {THING})? (?:did|has|have|had) (?!{WE}\b)(?P<x>.+?) (?:already |ever )?{SENT}",
        r"(?: (?:out|to|for|in|during|this|last|past|today|yesterday|since)\b.*)?",
    ),
    _one(rf"who (?:has |had )?(?:{SENT}|bought)(?: out)?(?: to| for)? (?P<x>.+?)(?: (?:an?|the|hers?|his) {THING})?"),
    _one(rf"what (?:did|have|has|do) {WE} (?:already |ever )?{SENT} (?:out )?(?:to |for )?(?P<x>.+)"),
    _one(
        rf"how (?:many|much)(?: of)?(?: the| our)?(?: {THING})? (?:did|does|do|has|have|had|was|were|is|are) ",
        rf"(?:{WE} (?:already |ever )?{SENT} (?:out )?(?:to |for )?(?P<x>.+)",
        rf"|(?!{WE}\b)(?P<y>.+?)(?: (?:cost|costs|worth|{SENT}|get|got|receive[ds]?))?)",
    ),
    _one(
        r"(?:(?:why |how come )?(?:(?:has|have|had|did|does|is|are|was|were|will)(?:n't)?)|how come",
        r"|how long (?:has|is)) ",
        r"(?P<x>.+?) (?:(?:did|has|is|was|does)(?:n't)? )?",
        r"(?:not |been |already |ever |still |even |yet |be |be being |actually |safely |so )*",
        rf"{DONE}\b(?: (?:it|the|hers?|his|theirs?|my|our|a|any(?:thing)?|something|in|to|by|with|at|from|for|yet)\b",
        r".*)?",
    ),
    _one(
        r"when (?:will|does|did|is|was|can|should|would) (?P<x>.+?) ",
        r"(?:be |been |going to |supposed to |due to |expected to )*",
        r"(?:arriv|deliver|ship|com|land|reach|get|got|expir|end|due|expected|redeem|receiv|sent|there)\w*\b.*",
    ),
    _one(
        r"(?:where(?:'?s| is| are| was| were|'?re| can i find| do i find| did)?|how(?:'?s| is| are)|what about",
        r"|how about|what(?:'?s| is| are) (?:up|going on|happening|wrong|the (?:matter|problem|story|deal)) with",
        r"|what (?:has |have )?happen(?:ed|s)? (?:to|with))(?: the)? (?P<x>.+?)",
        r"(?: (?:doing|going|coming along|now|at|getting on|been|be|is|are|go|gone|stuck))?",
    ),
    _one(
        r"(?:what(?:'?s| is| are) )?(?:the )?(?:current |latest |exact )?",
        r"(?:status|state|news|updates?|progress|whereabouts|location|position|eta",
        r"|tracking(?: (?:link|number|info|id|url))?|history|details?)(?: update| report)?",
        r"(?: of| on| for| about| from|:)? (?P<x>.+)",
    ),
    _one(
        r"(?:is there |are there |do we have |have we |got )?(?:any |some )?",
        rf"(?:news|updates?|word|info|information|anything|something|sends?|{THING})(?: new)? ",
        r"(?:on|about|of|from|for|to) (?P<x>.+)",
    ),
    _one(
        rf"(?!{ASKING}\b)(?P<x>.+?) (?:(?:is|are|was|were|has|have|had|did)(?:n't)?|got|gets|will)\b",
        rf"(?: not| been| be| already| ever| still| actually)* (?:{DONE}|hers|his|theirs|it)\b.*",
    ),
    _one(
        r"(?:/?send-status|track|find|look ?up|check(?: up)?(?: on)?|search(?: for)?|locate|show|status|trace|open",
        r"|where|pull up) (?P<x>.+)",
    ),
    _one(r"(?:what|who)(?:'?s| is| are)(?: a| an)? (?P<x>.+)"),
)
"""In this order: the first that fits says what the question is about."""

# --- what is somebody's own, numbers, and what has become of sends ---------------------------------------

OF_MINE = _one(
    r"(?:(?:show|list|see|which are|what are)(?: me)? )?(?:all )?(?:of )?my (?:own |recent |latest |open )*",
    r"(?:e-?gifts|gifts|packages|parcels|sends|orders|presents|boxes|deliveries|shipments) ",
    r"(?:for|to|at|in|about|with|from) (?P<x>.+)",
)
PERIOD = (
    r"(?:today|yesterday|(?:this|last|past|previous) \w.*|q[1-4]\b.*|\d.*|(?:an?|one) (?:day|week|month) ago"
    r"|(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?: \d.*)?)"
)
"""What is rather a time than a name (Jane is one); the report tells what it does not understand of it."""
_IN = r"(?: (?:in|during|over|within|for))?(?: the)?"
HOW_MANY = _one(
    rf"(?:how many|how much|what(?=.* spen[dt]\b)|the number of|what number of)(?: of)?(?: the| our)?(?: {THING})?",
    rf"(?: did| have| has| had| were| was| got| do)?(?: {WE})?(?: been| already| get| got)*",
    r" (?:send|sent|ship(?:ped)?|made|make|deliver(?:ed)?|redeem(?:ed)?|arrived?|claim(?:ed)?|expired?|order(?:ed)?",
    r"|spend|spent(?: on (?:gifts|sends))?",
    rf"|go out|gone out|went out|sent out|send out)(?:{_IN} (?P<x>{PERIOD}))?",
)
_NO_NAME = (
    r"(?:today|yesterday|(?:this|last|past|previous) (?:week|month|quarter|year|(?:few|\d{1,3}) \w+)|q[1-4](?: \d{4})?"
    r"|(?:\d{1,3}|an?|one) (?:day|week|month)s? ago)"
)
"""A time that is nobody's name, as May and June are."""
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
WHEN = _one(
    rf"[\s,]+(?:(?:(?:in|during|over|within|from|since|on) )?(?:the )?{_NO_NAME}",
    rf"|(?:since|on|last|this|since last) {_DAY}|this (?:morning|afternoon|evening))$",
)
"""When something was, behind all else: "what did we send Jane last week"."""
SENT_WHEN = _one(
    rf"(?:(?:all|any|the|our|of) )*(?:what|which|{THING})(?: {THING})?(?: that)?",
    rf"(?: (?:did|do|have|has|had|was|were|got|been|{WE}))*",
    r"(?: (?:sent|send|ship(?:ped)?|order(?:ed)?|go|went|gone|arrived?|delivered|redeemed|claimed))?",
    rf"(?: out)?(?: (?:in|during|over|within|for|from|of))?(?: the)? (?P<x>{_NO_NAME})",
)
"""What was sent, or arrived, in some time, whoever got it: "gifts sent 3 days ago", "which gifts arrived today"."""
SPENT = _one(
    rf"(?:how much|what)(?: money)? (?:did|do|have|has|had) {WE} (?:already |ever )?(?:spend|spent|pa(?:y|id)) ",
    r"(?:on|for|in) (?:the )?(?P<x>.+)",
)
"""What was spent on something, which a report adds up: "how much did we spend on Holiday Bundle"."""
IN_STATUS = _one(
    rf"(?:(?:what|which|show|list|all|any|every|the|our|of|me) )*(?:{THING} )?",
    r"(?:(?:that|which|are|is|still|currently) )*in (?:status |the status |state )?(?P<x>.+?)(?: status| state)?",
)
"""Which sends are in a status, stuck there or not: "sends in order received"."""
_MANY = r"(?:e-?gifts|gift ?cards|gifts|packages|parcels|sends|orders|presents|boxes|deliveries|shipments|items|ones)"
_SO_FAR = r"(?:that|which|are|were|is|was|have|has|been|still|currently|now)"
SO_FAR = _one(
    # Without such a word it may be somebody's: "gifts Block".
    rf"(?=(?:what|which|show|list|all|any|every|how many)\b|{_MANY} {_SO_FAR}\b)"
    r"(?:(?:what|which|show|list|all|any|every|the|our|of|me|how many) )*",
    rf"(?:{_MANY}(?: {_SO_FAR})* (?P<x>.+)",
    r"|what(?:'?s| is) (?:still |currently )?(?P<y>in transit|on (?:its|the) way|under ?way))",
)
"""How far sends are, where only a status can be meant: "which gifts are in transit"."""
ALL_OF_A_STATUS = _one(
    rf"(?:(?:show|list|which|what|all|any|every|the|our|of|me) )*(?P<x>.+?) {_MANY}"
    r"|(?:show|list)(?: me)? all(?: the)? (?P<y>.+)",
)
"""The same with the status before them: "show me all delivered gifts"."""
_ENDED = r"(?:expired|failed|bounced|returned|cancell?ed|blocked|declined|undeliverable)"
WHAT_ENDED = (
    _one(
        rf"(?:what|which|anything)(?: of)?(?: the| our)?(?: {THING})?(?: that)?",
        rf"(?: has| have| had| was| were| got| did)?(?: just| already| been| recently)* (?P<x>{_ENDED})",
        rf"(?:{_IN} (?P<y>{PERIOD}))?",
    ),
    _one(
        rf"(?:any|which|show|list|all)(?: of)?(?: the| our| all)* (?P<x>{_ENDED}) {THING}",
        rf"(?:{_IN} (?P<y>{PERIOD}))?",
    ),
)
"""What went wrong, and when."""

# --- lists, by the words in the question -------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words("""
    a all an and any anything are at be being currently do does doing egifts everything for gift gifts give going got
    has have how i in is it its list many me moment now of on ones order orders our out overview package packages parcel
    parcels please right see send sends shipments show something status still stuff tell that the there things this to
    today up us was we week were what whats where which who whos with you
""")
KEYWORDS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("mine", _words("my mine"), _words("own sent did alerts alert stuck late attention need needs problems issues")),
    ("mine", _words("sent"), _words("did myself")),
    ("stuck", _words("stuck late overdue delayed held behind problematic lagging"), frozenset()),
    (
        "alerts", _words("alert alerts attention urgent wrong problems problem issues issue"),
        _words("need needs open new someone somebody unresolved waiting your"),
    ),
    ("mute", _words("muted mutes mute silenced quiet"), _words("alerts")),
    (
        "alerts expiring", _words("expire expires expiring"),
        _words("offer offers link links egift egifts soon about going close near next before they alert alerts"),
    ),
)
"""What is asked for, and to what it is narrowed; the words of which one must be there, and what else may; beside these
only fillers."""

ALERTS_OF = _one(
    r"(?:(?:does|do|has|have|what are|where are) )?(?P<x>.+?)(?:'s?| have| has| got)(?: (?:an|any|open|new))* alerts?",
)
"""Whose alerts: "does Jane have an alert", "Jane's alerts"."""
ACT = _one(
    r"(?:(?:please|pls) )?(?:snooze|re-?assign|assign|acknowledge|ack|resolve|escalate)(?: (?:the|an|all))?",
    r"(?: alerts?)?(?: (?:about|for|of|on))? (?P<x>.+?)(?:'s? alerts?)?",
    r"(?: (?:to|for|until|till|by|as) .+| \d+ ?(?:h|d|w|m|min|hours?|days?|weeks?|minutes?)| today| tomorrow.*)?",
)
"""What is done to an alert by its buttons: "snooze jane 2h", "assign jane to ben"."""

# --- from a part of a question to a name -------------------------------------------------------------

WITH_OWNER = _one(rf"(?P<x>.+?)(?:'s|s'|')(?P<rest>(?: [\w-]+){{0,3}}? {THING})(?: .*)?")
OF_OWNER = _one(
    rf"(?:(?:[\w-]+ ){{0,3}}?)(?:{THING}|everything|anything)(?: (?:that|which))?(?: {WE})?",
    r"(?: (?:sent|send|shipped|addressed|going|went|meant|made|ordered))?(?: out)?(?: on (?:its|the) way)?",
    r" (?:of|for|to|by|with|from) (?P<x>.+)",
)
OF_ALERT = _one(r"(?:(?:no|the|an|any|all|open) )*alerts? (?:about|at|by|for|from|of|on|to|with) (?P<x>.+)")
BARELY_DONE = _one(rf"(?P<x>.+?) (?:(?:not|still|so|yet|already) )*{DONE}")
"""What is left of a question behind a word that asks it: "jane late", "jane not delivered"."""
ENDS_IN_THING = _one(rf"(?P<x>.+?) {THING}(?: (?:over at|at|from|with|to) .*)?")
BEGINS_WITH_THING = _one(
    rf"(?:{THING}|number|no\.?|id|gid|e-?mail|recipient|person|customer|contact|campaign|company) (?P<x>.+)",
)
OWNER = _one(r"(?P<x>.+?)(?:'s|')")
DETERMINER = _one(
    r"(?:the|a|an|my|our|your|his|her|their|this|that|these|those|all(?: of)?(?: the)?|every|any) (?P<x>.+)",
)
BESIDE = _one(r".*\b(?:over at|at|from|with|of|to|for) (?:the )?(?P<x>[^?!.,;:]{2,60})")
"""What stands beside a name, at the end of a sentence: "Jane's gift at Acme", "the gift for Jane from Ben"."""
ONLY_THING = _one(rf"(?:(?:the|a|an|my|our|any|some) )?{THING}")
"""What is sent, of which no name was said."""
BETWEEN = re.compile(r"\s(?:over at|at|from|with|of|by|in|for|to)\s(?:the\s)?", re.IGNORECASE)
"""What joins two names of which a send has both, such as a person's and their company's."""
NARROWING = (OF_OWNER, WITH_OWNER, ENDS_IN_THING, BEGINS_WITH_THING, OWNER, DETERMINER)
"""In this order, each again on what the one before has left."""
