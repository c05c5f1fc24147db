import Files
import Foundation
import SystemPackage

extension CaptionDataset {
  /// COCO's captions (`captions_train2017.json`): `images[].id, file_name` and `annotations[].image_id,
  /// caption`.
  /// - Parameter split: what all of its pictures are for; the format does not say.
  package init(coco url: URL, images: URL, split: String) throws {
    struct File: Decodable {
      struct Image: Decodable {
        let id: Int
        let fileName: String

        enum CodingKeys: String, CodingKey {
          case id
          case fileName = "file_name"
        }
      }
      struct Annotation: Decodable {
        let imageID: Int
        let caption: String

        enum CodingKeys: String, CodingKey {
          case imageID = "image_id"
          case caption
        }
      }
      let images: [Image]
      let annotations: [Annotation]
    }
    let file = try decoded(File.self, url)
    var gatherer = CaptionGatherer(path: url.path)
    var entries: [Int: Int] = [:]
    for (number, image) in file.images.enumerated() {
      let location = { "images[\(number)]" }
      let entry = try gatherer.entry(
        image.fileName, number: image.id, files: [images.path + "/" + image.fileName], split: split,
        location: location)
      guard entries.updateValue(entry, forKey: image.id) == nil else {
        throw DataError(
          .damaged, path: url.path, location: location(), reason: "id \(image.id) is listed twice")
      }
    }
    for (number, annotation) in file.annotations.enumerated() {
      let location = { "annotations[\(number)]" }
      guard let entry = entries[annotation.imageID] else {
        throw DataError(
          .damaged, path: url.path, location: location(), reason: "no image has the id \(annotation.imageID)")
      }
      try gatherer.append(annotation.caption, to: entry, location: location)
    }
    self = gatherer.dataset()
  }

  /// The split files of Karpathy and Fei-Fei 2015 (`dataset_flickr8k.json`): `images[].filename, filepath,
  /// split` and `sentences[].raw`. `restval`, what COCO's validation split leaves over, counts as `train`.
  package init(karpathy url: URL, images: URL) throws {
    struct File: Decodable {
      struct Image: Decodable {
        struct Sentence: Decodable { let raw: String }
        let filename: String
        let filepath: String?
        let cocoid: Int?
        let imgid: Int?
        let split: String
        let sentences: [Sentence]
      }
      let images: [Image]
    }
    var gatherer = CaptionGatherer(path: url.path)
    for (number, image) in try decoded(File.self, url).images.enumerated() {
      let location = { "images[\(number)]" }
      let folder = image.filepath.map { $0.isEmpty ? "" : $0 + "/" } ?? ""
      let entry = try gatherer.entry(
        image.filename, number: image.cocoid ?? image.imgid,
        files: [images.path + "/" + folder + image.filename],
        split: image.split == "restval" ? "train" : image.split,
        location: location)
      for (index, sentence) in image.sentences.enumerated() {
        try gatherer.append(sentence.raw, to: entry) { "images[\(number)].sentences[\(index)]" }
      }
    }
    self = gatherer.dataset()
  }
}

extension CaptionDataset {
  /// What captions are scored against: a data folder, `captions.tsv` itself (of images or of clips), COCO captions or a
  /// Karpathy split. Told apart by their contents; the pictures need not be there.
  package init(references url: URL) throws {
    struct Probe: Decodable {
      struct Anything: Decodable {}
      let annotations: [Anything]?
    }
    guard !FilePath(url.path).isFolder else {
      self = try CaptionDataset(at: url)
      return
    }
    let images = url.deletingLastPathComponent().appendingPathComponent("images", isDirectory: true)
    if try DataFile.first(url.path) != UInt8(ascii: "{") {
      self = try CaptionDataset(table: url, images: images)
    } else if try decoded(Probe.self, url).annotations != nil {
      self = try CaptionDataset(coco: url, images: images, split: "all")
    } else {
      self = try CaptionDataset(karpathy: url, images: images)
    }
  }
}

/// A JSON file as `type`; what is wrong with it becomes one line.
func decoded<Value: Decodable>(_ type: Value.Type, _ url: URL) throws -> Value {
  let bytes = try DataFile.bytes(url.path)
  guard !bytes.isEmpty else { throw DataError(.damaged, path: url.path, reason: "empty file") }
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch let error as DecodingError {
    throw DataError(.damaged, path: url.path, location: error.location, reason: error.reason)
  }
}
