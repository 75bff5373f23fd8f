"""The club's tables and their guards: SQL that both databases read, and triggers for each.

Times are milliseconds since 1970 UTC. In SQLite the tables are a file of their own, in PostgreSQL a schema.
"""

from __future__ import annotations

SCHEMA = "club"

TABLES = """
CREATE TABLE IF NOT EXISTS {at}heads (
    club TEXT PRIMARY KEY, position BIGINT NOT NULL, sealed BIGINT NOT NULL, hash {bytes} NOT NULL
);
CREATE TABLE IF NOT EXISTS {at}accounts (
    id TEXT PRIMARY KEY, unit TEXT NOT NULL CHECK (unit IN ('pt', 'mc')),
    side TEXT NOT NULL CHECK (side IN ('credit', 'debit', 'both')), balance BIGINT NOT NULL DEFAULT 0,
    UNIQUE (id, unit), CHECK (side <> 'credit' OR balance >= 0), CHECK (side <> 'debit' OR balance <= 0)
);
CREATE TABLE IF NOT EXISTS {at}transfers (
    position BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, member TEXT, partner TEXT, venue TEXT,
    sale TEXT, "of" TEXT, closes TEXT UNIQUE, "at" BIGINT NOT NULL, booked_at BIGINT NOT NULL, "by" TEXT, rule TEXT,
    body TEXT NOT NULL, answer TEXT NOT NULL, hash {bytes} NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS a_sale_earns_once ON {at}transfers (partner, sale) WHERE kind = 'earn';
CREATE INDEX IF NOT EXISTS transfers_by_of ON {at}transfers ("of");
CREATE INDEX IF NOT EXISTS transfers_by_member ON {at}transfers (member, position);
CREATE INDEX IF NOT EXISTS transfers_of_blocks ON {at}transfers (partner) WHERE kind = 'block';
CREATE TABLE IF NOT EXISTS {at}entries (
    position BIGINT NOT NULL REFERENCES {at}transfers (position), n INTEGER NOT NULL, unit TEXT NOT NULL,
    debit TEXT NOT NULL, credit TEXT NOT NULL, amount BIGINT NOT NULL CHECK (amount > 0), follows INTEGER,
    PRIMARY KEY (position, n), CHECK (debit <> credit),
    FOREIGN KEY (debit, unit) REFERENCES {at}accounts (id, unit),
    FOREIGN KEY (credit, unit) REFERENCES {at}accounts (id, unit)
);
CREATE TABLE IF NOT EXISTS {at}lots (
    account TEXT PRIMARY KEY REFERENCES {at}accounts (id), member TEXT NOT NULL, issuer TEXT NOT NULL,
    payer TEXT NOT NULL, price BIGINT NOT NULL, block TEXT, earned_at BIGINT NOT NULL, expires_at BIGINT,
    position BIGINT NOT NULL, n INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS lots_by_member ON {at}lots (member, expires_at, earned_at, position, n);
CREATE INDEX IF NOT EXISTS lots_by_position ON {at}lots (position);
CREATE INDEX IF NOT EXISTS lots_by_expiry ON {at}lots (expires_at);
CREATE TABLE IF NOT EXISTS {at}members (
    member TEXT PRIMARY KEY, partner TEXT, customer {bytes}, joined BIGINT NOT NULL, "left" BIGINT
);
CREATE INDEX IF NOT EXISTS members_by_customer ON {at}members (customer);
CREATE TABLE IF NOT EXISTS {at}seals (club TEXT PRIMARY KEY, generation BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS {at}codes (code {bytes} PRIMARY KEY, member TEXT NOT NULL, until BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS {at}joined_as (
    member TEXT NOT NULL, "with" TEXT NOT NULL, "from" BIGINT NOT NULL, until BIGINT,
    PRIMARY KEY (member, "with", "from")
);
CREATE INDEX IF NOT EXISTS joined_with ON {at}joined_as ("with");
CREATE TABLE IF NOT EXISTS {at}pending (id TEXT PRIMARY KEY, member TEXT NOT NULL, expires_at BIGINT);
CREATE INDEX IF NOT EXISTS pending_by_member ON {at}pending (member);
CREATE TABLE IF NOT EXISTS {at}statements (
    id TEXT PRIMARY KEY, "from" BIGINT NOT NULL, through BIGINT NOT NULL, body TEXT NOT NULL, hash {bytes} NOT NULL,
    paid_at BIGINT
)
"""

POSTED = ("transfers", "entries", "lots")
KEYS = {
    "transfers": """NEW.position <= (SELECT sealed FROM heads) OR EXISTS (SELECT 1 FROM transfers WHERE
        position = NEW.position OR id = NEW.id OR (NEW.closes IS NOT NULL AND closes = NEW.closes)
        OR (NEW.kind = 'earn' AND NEW.sale IS NOT NULL AND kind = 'earn' AND partner = NEW.partner AND sale = NEW.sale))
    """,
    "entries": """NEW.position <= (SELECT sealed FROM heads)
        OR EXISTS (SELECT 1 FROM entries WHERE position = NEW.position AND n = NEW.n)""",
    "lots": """NEW.position <= (SELECT sealed FROM heads)
        OR EXISTS (SELECT 1 FROM lots WHERE account = NEW.account)""",
    "accounts": "NEW.balance <> 0 OR EXISTS (SELECT 1 FROM accounts WHERE id = NEW.id)",
    "statements": "EXISTS (SELECT 1 FROM statements WHERE id = NEW.id)",
    "heads": "EXISTS (SELECT 1 FROM heads)",
}
"""When a row may not come in SQLite: ``INSERT OR REPLACE`` fires no other trigger than the one before the insert."""
FALLS = "NEW.position < OLD.position OR NEW.sealed < OLD.sealed OR NEW.club <> OLD.club"
OTHER_STATEMENT = """NEW.id <> OLD.id OR NEW."from" <> OLD."from" OR NEW.through <> OLD.through
    OR NEW.body <> OLD.body OR NEW.hash <> OLD.hash"""
OTHER_ACCOUNT = "NEW.id <> OLD.id OR NEW.unit <> OLD.unit OR NEW.side <> OLD.side"
CHANGES = {"heads": FALLS, "statements": OTHER_STATEMENT, "accounts": OTHER_ACCOUNT}
NEVER_DELETED = (*POSTED, "accounts", "statements", "heads")


def tables(bytes_: str, at: str = "") -> list[str]:
    """Every statement that makes the tables where they are missing; ``at`` is the schema with its point."""
    text = TABLES.replace("{bytes}", bytes_).replace("{at}", at)
    return [each.strip() for each in text.split(";\n") if each.strip()]


def sqlite_guards() -> dict[str, str]:
    """The guards of SQLite, by name."""
    found = {
        f"{table}_come_new": f"""CREATE TRIGGER IF NOT EXISTS {table}_come_new BEFORE INSERT ON {table}
            WHEN {when} BEGIN SELECT RAISE(ABORT, 'guard: {table}: what is booked stays'); END"""
        for table, when in KEYS.items()
    }
    for table in POSTED:
        found[f"{table}_stay"] = f"""CREATE TRIGGER IF NOT EXISTS {table}_stay BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, 'guard: {table}: what is booked never changes'); END"""
    for table, when in CHANGES.items():
        found[f"{table}_stay"] = f"""CREATE TRIGGER IF NOT EXISTS {table}_stay BEFORE UPDATE ON {table}
            WHEN {when} BEGIN SELECT RAISE(ABORT, 'guard: {table}: what is booked never changes'); END"""
    for table in NEVER_DELETED:
        found[f"{table}_go_never"] = f"""CREATE TRIGGER IF NOT EXISTS {table}_go_never BEFORE DELETE ON {table}
            BEGIN SELECT RAISE(ABORT, 'guard: {table}: nothing is ever deleted'); END"""
    found["entries_move_balances"] = """CREATE TRIGGER IF NOT EXISTS entries_move_balances AFTER INSERT ON entries BEGIN
            UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.debit;
            UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.credit;
        END"""
    return found


def _function(name: str, body: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION club.{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {body} END $$"""


def postgres_functions() -> list[str]:
    """What the guards of PostgreSQL call; they name their tables whole, whatever a session's search path is."""
    late = """IF EXISTS (SELECT 1 FROM added WHERE position <= (SELECT sealed FROM club.heads)) THEN
            RAISE EXCEPTION 'guard: %: what is booked stays', TG_TABLE_NAME; END IF;"""
    return [
        _function("refuses", "RAISE EXCEPTION 'guard: %: what is booked never changes', TG_TABLE_NAME;"),
        _function("comes_new", f"{late} RETURN NULL;"),
        _function(
            "moves_balances",
            f"""{late}
            UPDATE club.accounts a SET balance = a.balance + d.delta FROM (
                SELECT id, sum(delta) AS delta FROM (
                    SELECT credit AS id, amount AS delta FROM added UNION ALL SELECT debit, -amount FROM added
                ) each GROUP BY id
            ) d WHERE a.id = d.id AND d.delta <> 0;
            RETURN NULL;""",  # noqa: S608 - text of ours
        ),
    ]


def postgres_guards() -> dict[str, str]:
    """The guards of PostgreSQL, by name; 15 and newer replace them in place."""
    refuses = "EXECUTE FUNCTION club.refuses()"
    new = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION"
    found = {
        "transfers_come_new": f"AFTER INSERT ON club.transfers {new} club.comes_new()",
        "lots_come_new": f"AFTER INSERT ON club.lots {new} club.comes_new()",
        "entries_move_balances": f"AFTER INSERT ON club.entries {new} club.moves_balances()",
        "accounts_come_new": f"BEFORE INSERT ON club.accounts FOR EACH ROW WHEN (NEW.balance <> 0) {refuses}",
        "balances_move_by_entries": f"""BEFORE UPDATE ON club.accounts FOR EACH ROW
            WHEN (pg_trigger_depth() = 0 OR {OTHER_ACCOUNT}) {refuses}""",
        "heads_stay": f"BEFORE UPDATE ON club.heads FOR EACH ROW WHEN ({FALLS}) {refuses}",
        "statements_stay": f"BEFORE UPDATE ON club.statements FOR EACH ROW WHEN ({OTHER_STATEMENT}) {refuses}",
    }
    for table in POSTED:
        found[f"{table}_stay"] = f"BEFORE UPDATE ON club.{table} FOR EACH ROW {refuses}"
    for table in NEVER_DELETED:
        found[f"{table}_go_never"] = f"BEFORE DELETE ON club.{table} FOR EACH ROW {refuses}"
        found[f"{table}_never_empty"] = f"BEFORE TRUNCATE ON club.{table} FOR EACH STATEMENT {refuses}"
    return {name: f"CREATE OR REPLACE TRIGGER {name} {what}" for name, what in found.items()}
