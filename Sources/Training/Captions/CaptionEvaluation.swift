import Datasets
import Foundation
import Language

/// Captions with the references that they are scored against, one candidate an image.
package struct CaptionEvaluation: Sendable {
  package struct Image: Sendable {
    package let example: CaptionDataset.Example
    package let candidate: String
  }

  package let images: [Image]

  /// What the share of captions that name a thing nobody saw (CHAIRs) counts beside CIDEr-D, where one model or choice must be
  /// told to be better than another.
  private static let untruth = 1.0

  /// What models and choices are compared by.
  /// - Parameters:
  ///   - cider: CIDEr-D, the mean of the data sets'
  ///   - chairs: likewise
  static func score(cider: Double, chairs: Double) -> Double { cider - untruth * chairs }

  /// Puts candidates and references together.
  /// - Throws: `DataError` where an image has no candidate or several, or a candidate no image.
  package init(_ examples: [CaptionDataset.Example], _ candidates: CaptionCandidates, references: String)
    throws
  {
    let names = NameTable(examples)
    var chosen = [CaptionCandidates.Entry?](repeating: nil, count: examples.count)
    for entry in candidates.entries {
      func damaged(_ reason: String) -> DataError {
        DataError(.damaged, path: candidates.path, location: entry.location, reason: reason)
      }
      guard let image = names.find(entry.name) else {
        throw damaged("\(entry.name) is none of the \(examples.count) images of \(references)")
      }
      if let first = chosen[image] {
        throw damaged("\(entry.name) has a caption already, at \(first.location)")
      }
      chosen[image] = entry
    }
    let absent = chosen.indices.filter { chosen[$0] == nil }
    if let first = absent.first {
      let splits = Set(examples.map(\.split)).count > 1 ? "; --split chooses some of them" : ""
      throw DataError(
        .damaged, path: candidates.path,
        reason: "no caption for \(absent.count) of the \(examples.count) images of \(references), first: "
          + examples[first].id + splits)
    }
    images = zip(examples, chosen).compactMap { example, entry in
      entry.map { Image(example: example, candidate: $0.caption) }
    }
  }

  /// The captions' scores, and each image's own.
  package func scores(_ frequencies: DocumentFrequencies?) -> (corpus: CaptionScores, images: [CaptionScores])
  {
    CaptionScorer(references: Self.words(images.map(\.example)), frequencies: frequencies).scores(
      images.map { PTBTokenizer.words($0.candidate) })
  }

  /// Whether the captions say what people saw, of all and of each image.
  package func truth(_ table: ObjectWords = .english) -> (corpus: CaptionTruth, images: [CaptionTruth]) {
    let images = images.map {
      CaptionTruth.References($0.example.captions, table: table).judge($0.candidate)
    }
    return (images.reduce(into: CaptionTruth()) { $0 += $1 }, images)
  }

  /// [images][captions][words]
  package static func words(_ examples: [CaptionDataset.Example]) -> [[[String]]] {
    examples.map { $0.captions.map(PTBTokenizer.words) }
  }
}

/// Images by all that they are called. What the data set knows an image by is never mistaken for another's name, nor a name for
/// another's short one, which is without folder or without extension too. Names are told apart by their bytes; other ways of
/// writing the same characters come last.
private struct NameTable {
  /// From the surest; nil for what several images are called.
  private var exact = [[ExactString: Int?]](repeating: [:], count: 3)
  private var equivalent = [[String: Int?]](repeating: [:], count: 3)

  init(_ examples: [CaptionDataset.Example]) {
    for (index, example) in examples.enumerated() {
      let names = [example.number.map { [$0] } ?? [], [example.id], Self.short(example.id)]
      for (level, names) in names.enumerated() {
        for name in Set(names) {
          let known = exact[level][ExactString(name)]
          exact[level][ExactString(name)] = known == nil ? .some(index) : .some(nil)
          equivalent[level][name] = equivalent[level][name] == nil ? .some(index) : .some(nil)
        }
      }
    }
  }

  func find(_ name: String) -> Int? {
    let names = [name] + Self.short(name)
    return names.lazy.compactMap { name in exact.lazy.compactMap { $0[ExactString(name)] ?? nil }.first }
      .first
      ?? names.lazy.compactMap { name in equivalent.lazy.compactMap { $0[name] ?? nil }.first }.first
  }

  private static func short(_ path: String) -> [String] {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return [file] }
    return [file, String(file[..<dot])]
  }
}
