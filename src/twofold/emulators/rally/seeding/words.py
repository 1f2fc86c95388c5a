"""The words that seeded data is made of; some of them are hard on a query language."""

from __future__ import annotations

PEOPLE = (
    ("Robin", "Hale"),
    ("Amara", "Okafor"),
    ("Zoë", "Ångström"),
    ("Seán", "O'Brien"),
    ("Nguyễn", "Thị Hà"),
    ("Priya", "Raghunathan"),
    ("Łukasz", "Wójcik"),
    ("Mei", "Tanaka"),
    ("Jean-Luc", "d'Aubigné"),
    ("Ines", "Große"),
    ("Tomás", "Núñez"),
    ("Hannah", "Lindqvist"),
    ("Omar", "al-Farsi"),
    ("Grace", "Kimani"),
    ("Dmitri", "Volkov"),
    ("Sofia", "Papadopoulou"),
    ("Ravi", "Menon"),
    ("Chloe", "Baxter"),
    ("Yusuf", "Demir"),
    ("Ingrid", "Solberg"),
    ("Mateus", "Carvalho"),
    ("Aoife", "Ní Bhriain"),
    ("Kwame", "Mensah"),
    ("Lena", "Vogt"),
)

PROJECTS = (
    # name, and the name of its parent; a parent stands before its children.
    ("Meridian Platform", ""),
    ("Commerce", "Meridian Platform"),
    ("Checkout", "Commerce"),
    ("Ledger & Billing", "Commerce"),
    ("Devices", "Meridian Platform"),
    ("Firmware", "Devices"),
    ("Calibration", "Devices"),
    ("Identity", "Meridian Platform"),
    ("Field Tools (EMEA)", "Identity"),
)

TAGS = (
    "regression",
    "customer-reported",
    "tech debt",
    "security",
    "performance",
    "needs design",
    "quick win",
    "R&D",
    "50% done",
    "blocked by legal",
    "won't fix?",
    'the "big" one',
    "größe",
    "accessibility",
    "on-call",
    "spike",
)

VERBS = (
    "Add",
    "Allow",
    "Automate",
    "Cache",
    "Clean up",
    "Document",
    "Expose",
    "Harden",
    "Instrument",
    "Limit",
    "Migrate",
    "Paginate",
    "Reduce",
    "Replace",
    "Retry",
    "Simplify",
    "Speed up",
    "Split",
    "Support",
    "Validate",
)
THINGS = (
    "the invoice export",
    "address validation",
    "card tokenisation",
    "the calibration report",
    "device provisioning",
    "the nightly import",
    "refund approval",
    "single sign-on",
    "the audit log",
    "session renewal",
    "firmware rollback",
    "the price list",
    "webhook delivery",
    "the search index",
    "stock reservations",
    "measurement uploads",
    "the permissions page",
    "currency conversion",
    "barcode scanning",
    "the release checklist",
)
SYMPTOMS = (
    "fails silently",
    "is slow on the first call",
    "shows a stale value",
    "times out",
    "loses the last row",
    "ignores the time zone",
    "is rounded twice",
    "crashes on an empty list",
    "is sent twice",
    "needs a reload",
)
CIRCUMSTANCES = (
    "for large customers",
    "after a failover",
    "in the mobile app",
    "on slow networks",
    "during the nightly run",
    "with two currencies",
    "in the German locale",
    "for read-only users",
    "behind a proxy",
    "on the second attempt",
)
CHORES = (
    "Write the migration",
    "Review the design",
    "Update the run book",
    "Add the metrics",
    "Test with production data",
    "Agree on the contract",
    "Remove the old path",
    "Prepare the demo",
)

AWKWARD = (
    'Show "Total (incl. VAT)" in the invoice header',
    "Terms and conditions (v2) and refunds",
    "100% CPU when (and only when) the cache is empty",
    "R&D budget: a+b=c, x&y?",
    "Größe und Maße — naïve rounding",
    "日本語の住所が検索できない",
    "Path C:\\temp\\new is not escaped",
    'State = "Open") OR (Name != ""',
    "Ship it 🚀 on #42 ~ today|tomorrow",
    "Don't offer null, true or today-7 as a default",
    "<b>Markup</b> in names & titles",
    "Comma, separated, in-list",
)
"""Names that break a client which builds queries, addresses or pages without care."""

PARAGRAPHS = (
    "<p>Reported by two customers this week. The figures in the export differ from the page.</p>",
    "<p>We agreed to do the smallest thing first and measure before going further.</p>",
    "<p><b>Acceptance</b></p><ul><li>works with 10,000 rows</li><li>no change for others</li></ul>",
    "<p>See the discussion below. The old behaviour stays behind a switch for one release.</p>",
    "<p>Steps: open the page, pick a date, save. Expected: saved. Seen: an empty row.</p>",
    "",
)

COMMENTS = (
    "<p>I can reproduce this on staging.</p>",
    "<p>Moved to the next sprint; we wait for the vendor.</p>",
    "<p>Fixed in the last build, please verify.</p>",
    "<p>Is this still needed? The customer has a workaround.</p>",
)

COLOURS = ("#21a2e0", "#107c1e", "#df1a7b", "#fce205", "#848689")
BUILDS = ("4.11.0-rc1", "4.11.2", "4.12.0", "4.12.1-b907", "")

CONFIGURATION = {
    "DateFormat": "yyyy-MM-dd",
    "DateTimeFormat": "yyyy-MM-dd HH:mm:ss",
    "TimeZone": "Europe/London",
    "WorkDays": "Monday,Tuesday,Wednesday,Thursday,Friday",
    "DragDropRankingEnabled": True,
    "IterationEstimateUnitName": "Points",
    "ReleaseEstimateUnitName": "Points",
    "TaskUnitName": "Hours",
}
