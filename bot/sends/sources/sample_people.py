"""Made-up people, companies and campaigns for the sample sends; every address ends in .example or example.com."""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = (
    ("Jane Whitfield", "jane.whitfield"), ("Marcus Oyelaran", "marcus.oyelaran"), ("José Álvarez", "jose.alvarez"),
    ("Zoë Müller", "zoe.mueller"), ("Søren Ångström", "soren.angstrom"), ("Priya Raghunathan", "priya.r"),
    ("李明", "ming.li"), ("田中 さくら", "sakura.tanaka"), ("Νίκος Παππάς", "nikos.pappas"), ("محمد علي", "m.ali"),
    ("Aoife Ní Bhriain", "aoife"), ("Tomasz Łukaszewicz", "tomasz.l"), ("Chidi Nwosu", "chidi"),
    ("Hannah O'Rourke", "hannah.orourke"), ("Lucía Ferreyra", "lucia.ferreyra"), ("Owen Blackwood", "owen"),
    ("Mei-Ling Zhao", "meiling.zhao"), ("Ravi Subramaniam", "ravi.s"), ("Greta Lindqvist", "greta"),
    ("Yusuf Demir", "yusuf.demir"), ("Camille Rousseau", "camille"), ("Dmytro Kovalenko", "dmytro.kovalenko"),
    ("Fatima Zahra Benali", "fatima"), ("Kwame Asante", "kwame.asante"), ("Elena Petrova", "elena.petrova"),
    ("Noah Silverstein", "noah.silverstein"), ("Ingrid Sørensen", "ingrid"), ("Mateus Carvalho", "mateus.carvalho"),
    ("Tuyết Phạm", "tuyet.pham"), ("Abigail Fairweather", "abigail.fairweather"), ("Ezra Goldblatt", "ezra"),
    ("Sunita Deshpande", "sunita.d"), ("Liam Gallagher-Ross", "liam.gr"), ("Beatriz Almeida", "beatriz"),
    ("Hiroshi Watanabe", "hiroshi.watanabe"), ("Nadia Haddad", "nadia.haddad"), ("Peter van der Berg", "peter.vdb"),
)

COMPANIES = (
    ("Acme Robotics", "acmerobotics"), ("Northwind Logistics", "northwind"), ("Blue Heron Health", "blueheron"),
    ("Cobalt & Finch", "cobaltfinch"), ("Großmann Maschinenbau", "grossmann"), ("Juniper Row Bank", "juniperrow"),
    ("Lumen Analytics", "lumenanalytics"), ("Maple Street Foods", "maplestreet"), ("Orchard Legal", "orchardlegal"),
    ("Pinecrest Energy", "pinecrest"), ("Quartz Systems", "quartz"), ("Redwood Learning", "redwoodlearning"),
    ("Saffron Hospitality", "saffron"), ("Tidewater Insurance", "tidewater"), ("Vela Aerospace", "vela"),
    ("Wren & Sparrow", "wrensparrow"),
)


@dataclass(frozen=True)
class Sender:
    """Somebody in the sample company, with the team that the sends count for."""

    id: int
    name: str
    email: str
    team_id: int
    team: str


ANN = Sender(101, "Ann Lopez", "ann@example.com", 11, "Marketing Ops")
BEN = Sender(102, "Ben Okafor", "ben@example.com", 12, "EMEA Sales")
CHI = Sender(103, "Chi Tanaka", "chi@example.com", 11, "Marketing Ops")
DEE = Sender(104, "Dee Novak", "dee@example.com", 12, "EMEA Sales")
SENDERS = (ANN, BEN, CHI, DEE)

THANK_YOU, WELCOME, COFFEE, DOORS, RENEWAL, MEETING, EVENT, CHOICE, HOLIDAY = (
    (21, "Q4 Customer Thank-You"), (22, "New Customer Welcome Kit"), (23, "Webinar Coffee"),
    (24, "ABM Door Opener"), (25, "Renewal Celebration"), (26, "Meeting Maker"), (27, "Summit Follow-Up"),
    (28, "Pick Your Own Gift"), (29, "Holiday Bundle"),
)
