"""The tables of a store in a file, and how a file is told from others."""

from __future__ import annotations

APPLICATION = 0x74776F66  # "twof": what SQLite's header says a file is for
SCHEMA = 1

# The triggers keep the counts right whatever is taken out, and by which process.
CREATE = """
CREATE TABLE state (
    epoch INTEGER NOT NULL, generation INTEGER NOT NULL, ticks INTEGER NOT NULL,
    entries INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, variant TEXT NOT NULL,
    partition TEXT NOT NULL, url TEXT NOT NULL,
    size INTEGER NOT NULL, used INTEGER NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL,
    UNIQUE (key, variant)
);
CREATE INDEX entries_by_url ON entries (partition, url);
CREATE INDEX entries_by_use ON entries (used);
CREATE TABLE tags (
    partition TEXT NOT NULL, tag TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (partition, tag, entry)
) WITHOUT ROWID;
CREATE INDEX tags_by_entry ON tags (entry);
CREATE TABLE removals (
    generation INTEGER PRIMARY KEY, kind TEXT NOT NULL,
    partition TEXT NOT NULL, subject TEXT NOT NULL
);
CREATE TRIGGER added AFTER INSERT ON entries BEGIN
    UPDATE state SET entries = entries + 1, bytes = bytes + NEW.size;
END;
CREATE TRIGGER taken AFTER DELETE ON entries BEGIN
    UPDATE state SET entries = entries - 1, bytes = bytes - OLD.size;
    DELETE FROM tags WHERE entry = OLD.id;
END;
"""

BEGIN = "INSERT INTO state VALUES (?, 0, 0, 0, 0)"
STATE = "SELECT epoch, generation, ticks, entries, bytes FROM state"

FIND = "SELECT id, head, body FROM entries WHERE key = ?"
REPLACE = "DELETE FROM entries WHERE key = ? AND variant = ?"
ADD = """
INSERT INTO entries (key, variant, partition, url, size, used, head, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
TAG = "INSERT OR IGNORE INTO tags VALUES (?, ?, ?)"
USED = "UPDATE entries SET used = ? WHERE id = ?"
TICKED = "UPDATE state SET ticks = ?"
DROP = "DELETE FROM entries WHERE id = ?"
SURPLUS = "SELECT id FROM entries WHERE key = ? ORDER BY id DESC LIMIT -1 OFFSET ?"
LEAST_RECENT = "SELECT id, size FROM entries ORDER BY used, id"

COUNTED = "UPDATE state SET generation = ?"
REMOVED = "INSERT INTO removals VALUES (?, ?, ?, ?)"
FORGOTTEN = "DELETE FROM removals WHERE generation <= ?"
SINCE = "SELECT kind, partition, subject FROM removals WHERE generation > ? ORDER BY generation"

REMOVE_KEY = "DELETE FROM entries WHERE key = ?"
REMOVE_TAG = """
DELETE FROM entries WHERE id IN (SELECT entry FROM tags WHERE partition = ? AND tag = ?)
"""
REMOVE_PREFIX = "DELETE FROM entries WHERE partition = ? AND url >= ? AND url < ?"
REMOVE_FROM = "DELETE FROM entries WHERE partition = ? AND url >= ?"
REMOVE_PARTITION = "DELETE FROM entries WHERE partition = ?"
REMOVE_ALL = "DELETE FROM entries"

# Files that were made before there were rates get their table with the first lease.
RATES = """
CREATE TABLE IF NOT EXISTS rates (
    name TEXT PRIMARY KEY, counted TEXT NOT NULL, until REAL NOT NULL
) WITHOUT ROWID
"""
COUNTED_RATE = "SELECT counted FROM rates WHERE name = ?"
COUNT_RATE = "INSERT OR REPLACE INTO rates VALUES (?, ?, ?)"
FORGET_RATES = "DELETE FROM rates WHERE until < ?"
