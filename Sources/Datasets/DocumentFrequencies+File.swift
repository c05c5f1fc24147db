import Language

extension DocumentFrequencies {
  /// Reads a table's file, see `encoded`.
  /// - Throws: `LanguageError` or `DataError` naming what is wrong; `FileError` where the file cannot be read.
  package init(contentsOf path: String) throws {
    try self.init(decoding: DataFile.bytes(path, longestLine: DataFile.longestLine), path: path)
  }
}
