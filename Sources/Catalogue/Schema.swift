import GRDB

/// The tables, version by version.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in try db.execute(sql: first) }
    return migrator
  }

  /// Times are whole seconds since 1970, of files nanoseconds; confidences are in ten thousandths.
  ///
  /// `words` says what each word of a detector's, `concept.number`, is worth in a picture (`WordLevels`); once there are enough
  /// pictures for a `block`, word by word instead of picture by picture, since a search is about few words.
  private static let first = """
    CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE);
    CREATE TABLE concept(
      id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES model, number INTEGER NOT NULL, isThing INTEGER NOT NULL);
    CREATE VIRTUAL TABLE conceptText USING fts5(
      word, content='', detail=none, tokenize='porter unicode61 remove_diacritics 2');
    CREATE TABLE content(
      id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, added INTEGER NOT NULL, model INTEGER REFERENCES model,
      isVideo INTEGER, width INTEGER, height INTEGER, isDamaged INTEGER, caption TEXT, confidence INTEGER, isUnsure INTEGER,
      tags TEXT, labels TEXT, errorKind TEXT, error TEXT);
    CREATE TABLE file(
      path BLOB PRIMARY KEY, content INTEGER NOT NULL REFERENCES content, size INTEGER NOT NULL, modified INTEGER NOT NULL,
      gone INTEGER) WITHOUT ROWID;
    CREATE INDEX fileOfContent ON file(content);
    CREATE TABLE edit(
      id INTEGER PRIMARY KEY, content INTEGER NOT NULL REFERENCES content, action TEXT NOT NULL, caption TEXT,
      made INTEGER NOT NULL);
    CREATE INDEX editOfContent ON edit(content);
    CREATE VIRTUAL TABLE text USING fts5(
      caption, human, tags, labels, content='', tokenize='porter unicode61 remove_diacritics 2');
    CREATE TABLE features(
      content INTEGER PRIMARY KEY REFERENCES content, model INTEGER NOT NULL REFERENCES model, mean BLOB, words BLOB);
    CREATE INDEX unpacked ON features(content) WHERE words IS NOT NULL;
    CREATE TABLE block(
      model INTEGER NOT NULL REFERENCES model, number INTEGER NOT NULL, concept INTEGER NOT NULL, levels BLOB NOT NULL,
      PRIMARY KEY(model, concept, number));
    """
}
