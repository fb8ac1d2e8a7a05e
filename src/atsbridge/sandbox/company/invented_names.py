"""Invented names of people, departments, criteria, sources and reasons."""

from __future__ import annotations

FIRST = (
    "Adela", "Alvin", "Anouk", "Arjun", "Asha", "Aurel", "Beatriz", "Bela", "Bram", "Caio",
    "Celia", "Cosmo", "Dalia", "Darius", "Devika", "Duarte", "Edda", "Elias", "Emre", "Esme",
    "Farah", "Fenn", "Flora", "Gala", "Gideon", "Greta", "Hana", "Hugo", "Ida", "Ilan", "Imani",
    "Ines", "Ishan", "Ivo", "Jade", "Jonas", "Juno", "Kaia", "Karim", "Keya", "Lars", "Leona",
    "Lior", "Luca", "Mara", "Matteo", "Meera", "Milo", "Mira", "Nadia", "Nico", "Nils", "Noor",
    "Odile", "Oren", "Otis", "Paloma", "Petra", "Pia", "Priya", "Quinn", "Rafe", "Rhea", "Rohan",
    "Runa", "Sabine", "Sana", "Selma", "Signe", "Soren", "Tara", "Teo", "Thea", "Tomas", "Uma",
    "Vera", "Vikram", "Wanda", "Wim", "Xenia", "Yara", "Yusuf", "Zelda", "Zeno",
)  # fmt: skip
LAST = (
    "Abelmoor", "Aldercot", "Ambersen", "Arvelo", "Astermann", "Bandukar", "Barrowick", "Belquist",
    "Birkholt", "Bramwick", "Calderas", "Carvosa", "Chandrel", "Corvane", "Dalvessen", "Delmarek",
    "Dravenko", "Eastmere", "Eldrath", "Elmquora", "Fairlund", "Falkenby", "Ferndale-Roe",
    "Garvanti", "Gildermont", "Gravenor", "Halvorsby", "Harrowell", "Hartmoor", "Iyervale",
    "Jardanez", "Joshimar", "Kalderon", "Kestrelby", "Kirivan", "Kulkarel", "Lanquist", "Larkmont",
    "Lindavar", "Lorrimar", "Maldonar", "Marrowby", "Mendezir", "Mirandel", "Nairwood", "Norvell",
    "Oakhurst-Lim", "Okonvar", "Orvane", "Ostrander-Vey", "Palmgrove", "Pellamy", "Pereval",
    "Quillon", "Ramaswell", "Ravensholt", "Rosmarin", "Sandovel", "Silvaren", "Strandell",
    "Tavaro", "Thornquist", "Tolvanen-Ray", "Ulverstone", "Valcourt", "Vandermoor", "Varlune",
    "Vellakar", "Westerlind", "Windermoor", "Yarrowby", "Zabrine", "Zellinger-Ott", "Zorander",
)  # fmt: skip
DEPARTMENTS = {
    "Engineering": (
        "ENG",
        ("Backend Engineer", "Platform Engineer", "Data Engineer", "Mobile Engineer"),
        ("System design", "Code quality", "Debugging", "Written communication"),
    ),
    "Product": (
        "PRD",
        ("Product Manager", "Product Designer", "User Researcher"),
        ("Customer insight", "Prioritization", "Storytelling", "Craft"),
    ),
    "Sales": (
        "SAL",
        ("Account Executive", "Sales Engineer", "Partnerships Lead"),
        ("Discovery", "Negotiation", "Forecasting", "Resilience"),
    ),
    "Operations": (
        "OPS",
        ("Support Specialist", "Operations Lead", "Logistics Planner"),
        ("Process sense", "Calm under pressure", "Tool fluency", "Teamwork"),
    ),
    "Finance": (
        "FIN",
        ("Financial Analyst", "Controller"),
        ("Accuracy", "Modeling", "Judgment", "Explaining numbers"),
    ),
}  # fmt: skip
MORE_CRITERIA = ("Ownership", "Curiosity", "Mentoring", "Domain knowledge", "Pragmatism")
LEVELS = ("", "Senior ", "Lead ")
SOURCES = ("Careers page", "Job board", "Referral", "Agency", "Sourced")
REASONS = (
    ("Not enough experience", "ours"),
    ("Skills do not match", "ours"),
    ("Another candidate was stronger", "ours"),
    ("Position filled or closed", "ours"),
    ("Took another offer", "theirs"),
    ("Pay below expectation", "theirs"),
    ("Personal reasons", "theirs"),
    ("Hired", "hired"),
)
