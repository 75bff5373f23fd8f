"""What is remembered: the journal and the tables for reading, in SQLite, with personal fields sealed per customer."""
