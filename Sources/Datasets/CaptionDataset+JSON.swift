import Files
import Foundation
import Language
import SystemPackage

extension CaptionDataset {
  /// COCO's captions (`captions_train2017.json`): `images[].id, file_name` and `annotations[].image_id,
  /// caption`.
  /// - Parameters:
  ///   - split: what all of its pictures are for; the format does not say.
  ///   - needsFiles: whether each image must have a `file_name`; else one without is called by its `id`
  package init(coco url: URL, images: URL, split: String, needsFiles: Bool = true) throws {
    struct File: Decodable {
      struct Image: Decodable {
        let id: COCOIdentifier
        let fileName: String?

        enum CodingKeys: String, CodingKey {
          case id
          case fileName = "file_name"
        }
      }
      struct Annotation: Decodable {
        let imageID: COCOIdentifier
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
    var entries: [ExactString: Int] = [:]
    for (number, image) in file.images.enumerated() {
      let location = { "images[\(number)]" }
      func damaged(_ reason: String) -> DataError {
        DataError(.damaged, path: url.path, location: location(), reason: reason)
      }
      let id = image.id.text
      guard image.fileName != nil || !needsFiles else { throw damaged("file_name is missing") }
      let entry = try gatherer.entry(
        image.fileName ?? id, number: id, files: image.fileName.map { [images.path + "/" + $0] } ?? [],
        split: split, location: location)
      guard entries.updateValue(entry, forKey: ExactString(id)) == nil else {
        throw damaged("id \(id) is listed twice")
      }
    }
    for (number, annotation) in file.annotations.enumerated() {
      let location = { "annotations[\(number)]" }
      guard let entry = entries[ExactString(annotation.imageID.text)] else {
        throw DataError(
          .damaged, path: url.path, location: location(),
          reason: "no image has the id \(annotation.imageID.text)")
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
        image.filename, number: (image.cocoid ?? image.imgid).map(String.init),
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
      self = try CaptionDataset(coco: url, images: images, split: "all", needsFiles: false)
    } else {
      self = try CaptionDataset(karpathy: url, images: images)
    }
  }
}

/// What COCO's files call an image by: a number, or any text.
struct COCOIdentifier: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    text = try (try? value.decode(Int.self)).map { String($0) } ?? value.decode(String.self)
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
