# /// script
# requires-python = ">=3.11"
# dependencies = ["reportlab>=5.1,<6"]
# ///
"""Typeset employee_handbook.pdf: the staff handbook of a made-up company.

The company, its people and its places are invented. A4, with the fonts that every
PDF reader has. No clock is read: the same reportlab writes the same bytes.
"""

from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

COMPANY = "Heronbrook Instruments"
EDITION = "Edition 9, January 2027"

TEAL, AMBER = HexColor("#0f4c5c"), HexColor("#d9902f")
INK, GREY = HexColor("#22303a"), HexColor("#66757f")
MIST, LINE, WHITE = HexColor("#eef5f5"), HexColor("#c9d8d9"), HexColor("#ffffff")

MARGIN = 25 * mm
MEASURE = A4[0] - 2 * MARGIN  # the width of the text, in points

BODY = ParagraphStyle(
    "Body",
    fontName="Helvetica",
    fontSize=10.4,
    leading=15.3,
    textColor=INK,
    spaceAfter=7,
    allowWidows=0,
    allowOrphans=0,
)
TITLE = ParagraphStyle(
    "Title", BODY, fontName="Times-Bold", fontSize=24, leading=30, textColor=TEAL
)
HEADING = ParagraphStyle(
    "Heading",
    BODY,
    fontName="Helvetica-Bold",
    fontSize=11.5,
    leading=15,
    textColor=TEAL,
    spaceBefore=9,
    spaceAfter=4,
    keepWithNext=1,
)
BULLET = ParagraphStyle(
    "Bullet",
    BODY,
    leftIndent=13,
    bulletIndent=2,
    bulletColor=AMBER,
    bulletFontName="Symbol",
    spaceAfter=3.5,
)
VALUE = ParagraphStyle("Value", BULLET, spaceAfter=7)
CELL = ParagraphStyle("Cell", BODY, fontSize=9.5, leading=13, spaceAfter=0)
HEAD_CELL = ParagraphStyle("HeadCell", CELL, fontName="Helvetica-Bold", textColor=WHITE)
NOTE = ParagraphStyle(
    "Note",
    BODY,
    backColor=MIST,
    borderPadding=8,
    leftIndent=9,
    rightIndent=9,
    spaceBefore=17,
    spaceAfter=17,
)
CONTENTS = ParagraphStyle("Contents", BODY, fontSize=11.5, spaceAfter=0)
PAGE_NUMBER = ParagraphStyle("PageNumber", CONTENTS, alignment=TA_RIGHT)


Section = tuple[str, list[Flowable]]  # its title, and what stands on paper


def curly(words: str) -> str:
    """Return the words with printer's apostrophes."""
    return words.replace("'", "\u2019")


def text(words: str) -> Paragraph:
    """Return a paragraph of running text."""
    return Paragraph(curly(words), BODY)


def heading(words: str) -> Paragraph:
    """Return a heading inside a section."""
    return Paragraph(curly(words), HEADING)


def note(words: str) -> Paragraph:
    """Return a shaded box with what to remember from a section."""
    return Paragraph(curly(f"<b>In short:</b> {words}"), NOTE)


def bullets(*lines: str) -> list[Flowable]:
    """Return a bulleted list."""
    items: list[Flowable] = [
        Paragraph(curly(line), BULLET, bulletText="\u2022") for line in lines
    ]
    return [*items, Spacer(0, 3)]


def table(widths: list[float], *rows: tuple[str, ...]) -> Table:
    """Return a table; `widths` are shares of the width, the first row heads it."""
    cells = [
        [Paragraph(curly(cell), CELL if number else HEAD_CELL) for cell in row]
        for number, row in enumerate(rows)
    ]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), TEAL),
            ("LINEBELOW", (0, 1), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 3.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4.6),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [None, MIST]),
        ]
    )
    shares = [MEASURE * share / sum(widths) for share in widths]
    return Table(cells, shares, style=style, repeatRows=1, spaceBefore=5, spaceAfter=10)


def section(title: str, *parts: Flowable | list[Flowable]) -> Section:
    """Return a section: its title, listed in the contents, and its parts."""
    flat: list[Flowable] = []
    for part in parts:
        flat += part if isinstance(part, list) else [part]
    return title, [Paragraph(title, TITLE), *flat]


def welcome() -> Section:
    """Return the first words, and what happens in the first month."""
    return section(
        "Welcome",
        text(
            "Welcome to Heronbrook Instruments, and thank you for joining us. You are "
            "now one of 184 people who build instruments that measure rivers, rain "
            "and wind, and who write the software that turns those measurements into "
            "warnings that arrive in time."
        ),
        text(
            "This handbook tells you how we work together: what you can expect from "
            "the company and what the company expects from you. It applies to "
            "everybody with an employment contract at any of our three sites, from "
            "the first day. Where it differs from your contract or from the law, your "
            "contract or the law goes first."
        ),
        text(
            "Nobody remembers a handbook by heart. Read it once, keep it near, and "
            "ask the people team whenever something is unclear or seems unfair. "
            "The best of it began that way."
        ),
        heading("Your first month"),
        bullets(
            "<b>Day 1:</b> you collect your laptop and badge and meet your guide, a "
            "colleague from another team who answers any question for three months.",
            "<b>Week 1:</b> you finish the security course and visit the workshop.",
            "<b>Week 2:</b> you spend a day at a measuring station, whatever your job.",
            "<b>Week 4:</b> you and your manager agree on your goals for your "
            "probation, the first six months.",
        ),
    )


def story() -> Section:
    """Return where the company comes from."""
    return section(
        "Our story",
        text(
            "In the wet autumn of 1998, Ilse Marrowby and Tobin Ashgrove built a "
            "water-level gauge in a borrowed boathouse, because the one that the "
            "village of Heronbrook relied on had failed in the night of a flood. "
            "Theirs had a float, a pencil and a telephone line. It still hangs in "
            "our entrance hall, and it still works."
        ),
        table(
            [1, 5.4],
            ("Year", "What happened"),
            ("1998", "The first gauge is installed at Heronbrook mill."),
            ("2004", "The radar gauge RG1 measures water without touching it."),
            ("2011", "The Larkfell test station opens on a windy hill."),
            ("2016", "The founders sell to an employee trust: we own the company."),
            ("2022", "The Saltmere office opens, home of our forecasting software."),
            ("2026", "The ten-thousandth instrument leaves the workshop."),
        ),
    )


def values() -> Section:
    """Return the company values, and what they mean on a working day."""
    named = [
        (
            "Measure twice",
            "we check our work before anyone relies on it, and we say how sure we are.",
        ),
        (
            "Say it plainly",
            "we tell customers and colleagues the truth in words that they can use, "
            "above all when the news is bad.",
        ),
        (
            "Share the boat",
            "we ask for help early, give it freely, and count a success as "
            "everybody's.",
        ),
        (
            "Mend before you replace",
            "we keep instruments, software and working relationships in good repair, "
            "because lasting things are worth the trouble.",
        ),
        (
            "Leave the river cleaner",
            "we design, buy and travel so that each place we measure is better off "
            "after our visit than it was before.",
        ),
        (
            "Stay curious",
            "we ask one more question, try the small experiment, and let the evidence "
            "change our minds, even late in the day.",
        ),
    ]
    return section(
        "Company values",
        text(
            "Heronbrook Instruments has six company values. Everyone who worked here "
            "in 2016, when the company became our own, helped to choose them, and we "
            "look at them again every third year. The company values are:"
        ),
        Spacer(0, 3),
        [
            Paragraph(curly(f"<b>{name}:</b> {meaning}"), VALUE, bulletText="\u2022")
            for name, meaning in named
        ],
        heading("The values at work"),
        text(
            "A value is worth something only when it costs something. Ours "
            "showed at moments like these:"
        ),
        table(
            [1.5, 4],
            ("Value", "When we saw it"),
            (
                "Measure twice",
                "A technician held back 40 finished gauges for two days because one "
                "reading in a thousand looked too good.",
            ),
            (
                "Say it plainly",
                "We wrote to every owner of an RG3 that its battery would last four "
                "years and not the five that we had promised.",
            ),
            (
                "Share the boat",
                "During the March floods, accountants packed spare parts until "
                "midnight and developers drove the vans.",
            ),
            (
                "Mend before you replace",
                "The repair bench returned 612 instruments to service last year; only "
                "nine were beyond help.",
            ),
            (
                "Leave the river cleaner",
                "Each installation crew carries a litter net, and uses it.",
            ),
            (
                "Stay curious",
                "A question from a school visit led to the sensor that hears rain.",
            ),
        ),
        heading("When a rule and a value disagree"),
        text(
            "Follow the value, and tell the people team about the rule. That is how "
            "most of the rules in this handbook became shorter."
        ),
    )


def hours() -> Section:
    """Return when and where people work."""
    return section(
        "Working hours",
        note(
            "37.5 hours a week, flexible around core hours from 10:00 to 15:00, and "
            "up to two days a week from home."
        ),
        text(
            "A full working week has 37.5 hours, from Monday to Friday. Within the "
            "limits below you choose when to start and when to stop, and you agree "
            "with your team on how its customers can reach it."
        ),
        table(
            [2.1, 1.7, 1.7, 2],
            ("Team", "Earliest start", "Latest finish", "Core hours"),
            ("Offices", "07:00", "19:00", "10:00 to 15:00"),
            ("Workshop", "06:30", "18:00", "09:00 to 14:30"),
            ("Field crews", "06:00", "20:00", "set for each trip"),
            ("Customer support", "07:00", "20:00", "by rota, two weeks ahead"),
        ),
        heading("Breaks and rest"),
        text(
            "Whoever works for more than six hours takes a break of at least 30 "
            "minutes, which is not working time. Between two working days lie at "
            "least eleven hours of rest. A field crew that comes home after 22:00 "
            "starts no earlier than 10:00 on the next day."
        ),
        heading("Working from home"),
        text(
            "If your work allows it, you may work from home on up to two days a week. "
            "Tuesday is the day on which every team meets in person. For a desk and a "
            "chair at home the company pays up to €350, once. Working from another "
            "country is possible for 20 days a year, after the people team has "
            "agreed in writing."
        ),
        heading("Overtime"),
        text(
            "Overtime is agreed with your manager before it happens, and is given "
            "back as free time within three months: one hour for each hour, and one "
            "and a half on Sundays and company holidays. More than ten hours of "
            "overtime in a month is a planning fault, and your manager explains it "
            "to the head of the department."
        ),
        heading("On call"),
        text(
            "Flood warnings do not keep office hours. Support engineers take turns to "
            "be on call, for one week in six at most. A week on call is paid with "
            "€280, and time spent on a call counts as overtime."
        ),
    )


def leave() -> Section:
    """Return the holidays and the kinds of leave."""
    return section(
        "Leave",
        note(
            "27 days of annual leave, nine company holidays, and time off when life "
            "asks for it."
        ),
        heading("Annual leave"),
        text(
            "You have 27 days of paid leave in a calendar year, and one more after "
            "each five years of service, up to 30. Ask for leave in the staff portal: "
            "two weeks ahead for up to three days, six weeks ahead for longer. Your "
            "manager answers within five working days. Up to five unused days move "
            "into the next year and are taken by 31 March."
        ),
        heading("Company holidays in 2027"),
        table(
            [2.2, 2.6, 2.2],
            ("Holiday", "Rule", "Day off in 2027"),
            ("New Year's Day", "1 January", "Friday 1 January"),
            ("Good Friday", "Friday before Easter", "Friday 26 March"),
            ("Easter Monday", "Monday after Easter", "Monday 29 March"),
            ("May Day", "1 May", "Monday 3 May"),
            ("Midsummer Friday", "third Friday in June", "Friday 18 June"),
            ("Founders' Day", "first Monday in September", "Monday 6 September"),
            ("Christmas Eve", "24 December", "Friday 24 December"),
            ("Christmas Day", "25 December", "Monday 27 December"),
            ("Second Christmas Day", "26 December", "Tuesday 28 December"),
        ),
        text("A holiday that falls on a weekend moves to the next working day."),
        heading("Other leave"),
        table(
            [2, 1.9, 3.4],
            ("Kind", "How long", "Good to know"),
            (
                "Sick leave",
                "12 weeks at full pay",
                "Tell your manager by 09:30; a doctor's note from the fourth day.",
            ),
            (
                "Parental leave",
                "18 weeks at full pay",
                "For every parent, by birth or adoption, within the first two years.",
            ),
            ("Bereavement", "5 days", "For family and for whoever was family to you."),
            ("Caring for somebody", "6 days a year", "Whole days or hours."),
            ("Moving house", "1 day", "Once in a calendar year."),
            ("Volunteering", "3 days a year", "River clean-ups are a favourite."),
        ),
    )


def benefits() -> Section:
    """Return what the company gives besides pay."""
    return section(
        "Benefits",
        note(
            "a pension, health cover, a share of the profit and €1,200 a year for "
            "learning. Part-time staff have all of them, in proportion where money "
            "is counted."
        ),
        text(
            "Salaries are paid on the 25th of each month, or on the working day "
            "before. Pay bands for all jobs are published in the staff portal, so that "
            "you can see where you stand and what comes next. The benefits below "
            "come on top."
        ),
        table(
            [1.7, 4, 1.6],
            ("Benefit", "What you get", "From"),
            (
                "Pension",
                "You pay in 4 percent of salary, the company 8 percent.",
                "First day",
            ),
            (
                "Health cover",
                "Medical and dental insurance; family at your cost.",
                "Fourth month",
            ),
            (
                "Life insurance",
                "Three times your yearly salary, for whomever you name.",
                "First day",
            ),
            (
                "Profit share",
                "A tenth of the profit, in equal parts, paid in April.",
                "After one year",
            ),
            (
                "Learning budget",
                "€1,200 and five working days a year for learning.",
                "First day",
            ),
            (
                "Bicycle allowance",
                "€600 every three years towards a bicycle or its repair.",
                "After probation",
            ),
            (
                "Travel card",
                "Half the price of a yearly ticket for public transport.",
                "First day",
            ),
            (
                "Sabbatical",
                "Eight weeks of leave at half pay, once in six years.",
                "After six years",
            ),
        ),
        heading("Using the learning budget"),
        text(
            "Anything that helps you in your present job, or in the next one that you "
            "would like here, qualifies. Up to €200 you decide alone; above that your "
            "manager agrees first. What is left at the end of the year lapses. "
            "In return we ask for one thing: tell your team what you learnt, in ten "
            "minutes, at a Tuesday lunch."
        ),
        heading("Health and wellbeing"),
        bullets(
            "A confidential counselling service offers six free sessions a year; the "
            "company learns how many were held, never who came.",
            "An eye test every two years, and €150 towards glasses for screen work.",
            "Free fruit, coffee and soup at all sites. The soup at Larkfell is better.",
        ),
        heading("The employee trust"),
        text(
            "Since 2016 all shares belong to a trust that acts for the staff. You "
            "become a member after one year. Members elect four of the seven trustees "
            "and vote on any plan to sell the company."
        ),
    )


def expenses() -> Section:
    """Return what may be claimed, how much, and how."""
    return section(
        "Expenses",
        note(
            "spend the company's money as if it were your own, keep the receipt, and "
            "claim within 30 days."
        ),
        text(
            "The company pays what you reasonably spend on its work. The limits below "
            "are per person and include tax. If you need more, ask your manager "
            "before you spend it; afterwards we can only say how sorry we are."
        ),
        heading("Expense limits"),
        table(
            [1.8, 1.8, 4],
            ("Expense", "Limit", "Conditions"),
            ("Breakfast", "€12", "When you left home before 07:00 or slept away."),
            ("Lunch", "€18", "When you work more than 30 km from your site."),
            ("Dinner", "€35", "When you are back after 20:00 or sleep away."),
            ("Hotel", "€140 a night", "Breakfast included; €180 in capital cities."),
            ("Train", "Second class", "First class for journeys over three hours."),
            ("Flight", "Economy", "Only where the train takes more than six hours."),
            ("Own car", "€0.38 per km", "When public transport is no choice."),
            ("Taxi", "€40 a ride", "After 22:00, or with heavy equipment."),
            ("Guests", "€50 a head", "Name the guests and the reason on the claim."),
            ("Phone", "€15 a month", "When you use your own for work."),
        ),
        heading("How to claim"),
        bullets(
            "Photograph the receipt and enter the claim in the staff portal within 30 "
            "days. A receipt is needed for anything above €10.",
            "Your manager approves claims up to €500, the head of the department up "
            "to €2,500, and the finance director anything above.",
            "Approved claims are paid with the next salary; those approved after the "
            "15th of the month are paid with the one after it.",
        ),
        heading("What we do not pay"),
        text(
            "Fines, alcohol without guests, minibars, upgrades, travel between your "
            "home and your site, and gifts to officials of any kind."
        ),
        heading("Company cards"),
        text(
            "Field crews and frequent travellers may have a company card. It is for "
            "work only, is never lent, and every payment is matched with a receipt "
            "within 14 days. A lost card is blocked first and reported second, both "
            "on the same day."
        ),
    )


def security() -> Section:
    """Return how information is kept safe."""
    return section(
        "Security and privacy",
        note(
            "lock your screen, use the password manager, and report anything odd "
            "within one hour. Nobody is blamed for a false alarm."
        ),
        text(
            "Towns decide with our data whether to close a bridge or wake a street. "
            "That makes us worth attacking, and it makes every one of us part of the "
            "defence."
        ),
        heading("Everyday rules"),
        bullets(
            "Use the company's password manager, a different password for each "
            "service, and the second factor wherever there is one.",
            "Lock your screen when you leave it. Encrypt whatever you carry.",
            "Install updates within three days. After seven, the network shuts out "
            "your device until you do.",
            "Wear your badge on site, and walk visitors from door to door.",
            "Put company data only into services on the approved list. This "
            "includes writing assistants.",
        ),
        heading("How we classify information"),
        table(
            [1.4, 3.2, 3.4],
            ("Class", "Examples", "Handling"),
            ("Public", "Data sheets, job adverts", "Share freely."),
            ("Internal", "This handbook, plans", "Share with staff and contractors."),
            (
                "Confidential",
                "Contracts, prices, source code",
                "Named people only; encrypted when sent.",
            ),
            (
                "Secret",
                "Keys, health and salary data",
                "Owner agrees in writing; no e-mail.",
            ),
        ),
        heading("When something goes wrong"),
        text(
            "A lost laptop, a wrong recipient, a strange message that you did open: "
            "write to security@example.com or walk to the security desk within one "
            "hour. Do not switch the device off and do not investigate on your own. "
            "The security team answers within 30 minutes, day and night."
        ),
        heading("Your own data"),
        text(
            "We keep only the personal data that employment needs, and delete it "
            "seven years after you leave; applications are deleted after six months. "
            "You may see, correct and take away your data at any time: write to "
            "privacy@example.com and you have an answer within 30 days. We do not "
            "read private messages, track keystrokes or watch by camera, except at "
            "outer doors, where recordings are kept for 72 hours."
        ),
    )


def reviews() -> Section:
    """Return how work is talked about."""
    return section(
        "Performance reviews",
        text(
            "Feedback is most useful while it is fresh, so most of it belongs in the "
            "monthly talk with your manager. Twice a year we look further. There "
            "are no grades and no rankings."
        ),
        table(
            [1.6, 1.5, 4],
            ("Talk", "When", "What it is about"),
            ("Check-in", "Every month", "Work in hand, obstacles, wellbeing."),
            ("Half-year review", "May", "Goals, feedback from three colleagues."),
            ("Yearly review", "November", "Results, growth plan, next year's goals."),
            ("Pay review", "January", "Your place in the pay band, in writing."),
            ("Probation review", "Months 3 and 5", "Whether we suit each other."),
        ),
        text(
            "After each review you both sign a summary of one page. If you disagree "
            "with it, add your view, and the head of the department reads both within "
            "ten working days. If your work falls short, you hear it first in a "
            "check-in, then get a written plan with help and dates for three months."
        ),
    )


def conduct() -> Section:
    """Return how people treat each other and the law."""
    return section(
        "Code of conduct",
        text(
            "Treat everyone with respect: colleagues, customers, suppliers and the "
            "farmer whose field you cross. Harassment, discrimination and bullying "
            "have no place here, whoever does it and however good their figures."
        ),
        bullets(
            "<b>Gifts:</b> you may accept or give gifts worth up to €50 a year for "
            "each partner; enter them in the gift register. Cash is always refused.",
            "<b>Conflicts of interest:</b> tell your manager about second jobs, "
            "relatives among suppliers, and shares in competitors.",
            "<b>Fair competition:</b> never discuss prices or tenders with a rival.",
            "<b>Honest data:</b> nobody alters a measurement. Ever.",
            "<b>Alcohol and drugs:</b> none at the bench, at the wheel or on water.",
            "<b>Speaking in public:</b> speak for yourself freely, and for the company "
            "after a word with the communications team.",
        ),
        heading("Speaking up"),
        text(
            "If you see something wrong, tell your manager, the people team or, with "
            "your name or without, speakup@example.com, which an outside "
            "ombudsperson reads. You hear back within five working days. Whoever "
            "reports in good faith is protected, even when mistaken; retaliation "
            "is itself a serious breach."
        ),
    )


def leaving() -> Section:
    """Return what happens at the end."""
    return section(
        "Leaving",
        text(
            "People move on, and we would like to part as friends. Notice is given in "
            "writing, to your manager and the people team, and is the same for both "
            "sides:"
        ),
        table(
            [3, 2],
            ("Length of service", "Notice"),
            ("During probation (the first six months)", "1 week"),
            ("Up to two years", "4 weeks"),
            ("More than two years", "8 weeks"),
            ("More than ten years", "12 weeks"),
        ),
        bullets(
            "On your last day you return laptop, badge, cards, keys and tools; "
            "accounts close at 18:00.",
            "Your last salary includes unused leave and open expense claims.",
            "The people team invites you to a leaving talk and sends a reference "
            "within ten working days.",
            "Confidential information stays confidential after you leave.",
            "You are welcome at the summer party, always.",
        ),
    )


def contacts() -> Section:
    """Return whom to ask."""
    return section(
        "Contacts",
        text(
            "If you do not know whom to ask, ask the people team. The staff portal is "
            "at portal.example.com."
        ),
        table(
            [2, 3, 2.6],
            ("Team", "Ask about", "E-mail"),
            ("People team", "Leave, benefits, this handbook", "people@example.com"),
            ("Payroll", "Salary, pension, expenses", "payroll@example.com"),
            ("Help desk", "Laptop, access, software", "help@example.com"),
            ("Security", "Incidents, lost devices", "security@example.com"),
            ("Privacy", "Your personal data", "privacy@example.com"),
            ("Ombudsperson", "Concerns, in confidence", "speakup@example.com"),
            ("Facilities", "Buildings, parking, first aid", "sites@example.com"),
        ),
        heading("Our sites"),
        bullets(
            "<b>Heronbrook</b> (head office and workshop): 1 Mill Lane, Heronbrook.",
            "<b>Saltmere</b> (software and forecasting): 22 Quay Street, Saltmere.",
            "<b>Larkfell</b> (test station): Top Road, Larkfell. Bring a coat.",
        ),
    )


def contents(entries: list[tuple[str, int]]) -> list[Flowable]:
    """Return the list of sections with their pages, and a word about the edition."""
    rows = [
        [
            Paragraph(f'<a href="#{title}">{title}</a>', CONTENTS),
            Paragraph(str(page), PAGE_NUMBER),
        ]
        for title, page in entries
    ]
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return [
        # Not in TITLE, whose paragraphs are what the outline lists.
        Paragraph("Contents", ParagraphStyle("ContentsTitle", TITLE)),
        Table(rows, [MEASURE - 40, 40], style=style, spaceAfter=10),
        Paragraph(
            f"<b>About this edition:</b> {EDITION}, replaces all earlier ones. Changes "
            "during the year are announced in the staff portal two weeks before they "
            "take effect. Amounts are in euros. Days of leave are working days; all "
            "other days are calendar days unless it says otherwise.",
            NOTE,
        ),
    ]


def draw_front_page(canvas: Any, _document: Any) -> None:
    """Draw the title page: the title over a brook, with a staff gauge in it."""
    width, height = A4
    canvas.setFillColor(TEAL)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    for step, colour in enumerate(("#1b6474", "#2b7f8c", "#4d9da5", "#83bfc0")):
        top = 285 - step * 62
        brook = canvas.beginPath()
        brook.moveTo(0, top)
        for wave in range(4):
            x, lift = wave * width / 4, 26 if (wave + step) % 2 else -26
            brook.curveTo(
                x + width / 12,
                top + lift,
                x + width / 6,
                top + lift,
                x + width / 4,
                top,
            )
        brook.lineTo(width, 0)
        brook.lineTo(0, 0)
        brook.close()
        canvas.setFillColor(HexColor(colour))
        canvas.drawPath(brook, stroke=0, fill=1)
    left = width - MARGIN - 34
    canvas.setFillColor(HexColor("#fdf6e6"))
    canvas.rect(left, 90, 34, 330, stroke=0, fill=1)
    canvas.setFillColor(AMBER)
    for mark in range(22):
        canvas.rect(
            left, 90 + mark * 15, 24 if mark % 5 == 0 else 13, 7, stroke=0, fill=1
        )

    canvas.setFillColor(AMBER)
    canvas.rect(MARGIN, height - 262, 64, 4, stroke=0, fill=1)
    canvas.setFillColor(WHITE)
    canvas.setFont("Helvetica", 15)
    canvas.drawString(MARGIN, height - 150, COMPANY)
    canvas.setFont("Times-Bold", 46)
    canvas.drawString(MARGIN, height - 232, "Employee handbook")
    canvas.setFont("Helvetica", 13)
    canvas.drawString(MARGIN, height - 294, "How we work, and what we owe each other")
    canvas.drawString(MARGIN, height - 316, EDITION)


def draw_footer(canvas: Any, document: Any) -> None:
    """Draw the line at the foot of a page, with its number."""
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, 17 * mm, A4[0] - MARGIN, 17 * mm)
    canvas.setFillColor(GREY)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(MARGIN, 12.4 * mm, f"{COMPANY}: Employee handbook. {EDITION}")
    canvas.drawRightString(A4[0] - MARGIN, 12.4 * mm, f"Page {document.page}")


def build(path: Path) -> None:
    """Typeset the handbook and write it to `path` as a PDF."""
    frame = Frame(MARGIN, 20 * mm, MEASURE, A4[1] - 41 * mm, 0, 0, 0, 0, id="text")
    # The footer is drawn last on a page, so that it is also read last.
    document = BaseDocTemplate(
        str(path),
        pagesize=A4,
        pageTemplates=[
            PageTemplate("front", frame, draw_front_page, autoNextPageTemplate="text"),
            PageTemplate("text", frame, onPageEnd=draw_footer),
        ],
        title=f"{COMPANY}: Employee handbook",
        author=f"{COMPANY}, people team",
        subject=EDITION,
        lang="en-GB",
        invariant=1,
    )

    def list_in_outline(flowable: Flowable) -> None:
        if isinstance(flowable, Paragraph) and flowable.style.name == TITLE.name:
            title = flowable.getPlainText()
            document.canv.bookmarkPage(title)
            document.canv.addOutlineEntry(title, title)

    document.afterFlowable = list_in_outline

    # One list for each page that follows the title page and the contents.
    pages = [
        [welcome(), story()],
        [values()],
        [hours()],
        [leave()],
        [benefits()],
        [expenses()],
        [security()],
        [reviews(), conduct()],
        [leaving(), contacts()],
    ]
    entries = [
        (title, number)
        for number, sections in enumerate(pages, start=3)
        for title, _ in sections
    ]
    flow: list[Flowable] = [Spacer(0, 1), PageBreak(), *contents(entries)]
    for sections in pages:
        flow.append(PageBreak())
        for _, parts in sections:
            flow += [*parts, Spacer(0, 14)]
    document.build(flow)
    if document.page != len(pages) + 2:
        raise ValueError("A section has grown over its page: the contents are wrong.")


if __name__ == "__main__":
    build(Path(__file__).with_suffix(".pdf"))
