import Files
import Foundation
import Language
import Networks

/// A checkpoint's folder as Hugging Face lays it out: `config.json`, `model.safetensors` or its shards with their index,
/// `preprocessor_config.json`, and `tokenizer.json` or `vocab.txt`.
struct CheckpointSource {
  let folder: URL
  private let files: [SafetensorsFile]
  /// Of each tensor, the file that has it.
  private let owners: [String: Int]

  private static let weightsName = "model.safetensors"
  private static let indexName = "model.safetensors.index.json"
  private static let pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.ckpt"]

  init(_ folder: URL) throws {
    self.folder = folder
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue
    else { throw ImportError(folder.path, "no such folder") }
    let names = try Self.weightFiles(folder)
    files = try names.map { name in
      do {
        return try SafetensorsFile(path: folder.appendingPathComponent(name).path)
      } catch let error as SafetensorsError { throw ImportError(ModelError(error)) }
    }
    var owners: [String: Int] = [:]
    for (index, file) in files.enumerated() {
      for name in file.names {
        guard owners.updateValue(index, forKey: name) == nil else {
          throw ImportError(file.path, "tensor \(name) is in another shard too")
        }
      }
    }
    self.owners = owners
  }

  private static func weightFiles(_ folder: URL) throws -> [String] {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    if exists(weightsName) { return [weightsName] }
    guard exists(indexName) else {
      if let pickle = pickles.first(where: exists) {
        throw ImportError(
          folder.appendingPathComponent(pickle).path,
          "a Python pickle, which may run any program when it is read; \(weightsName) is needed, which most checkpoints have "
            + "beside it")
      }
      throw ImportError(folder.path, "no \(weightsName) and no \(indexName)")
    }
    let index = folder.appendingPathComponent(indexName)
    guard case .object(let map)? = try json(index)["weight_map"] else {
      throw ImportError(index.path, "no weight_map")
    }
    var names = Set<String>()
    for (tensor, file) in map {
      guard let name = file.string else { throw ImportError(index.path, "tensor \(tensor) has no file") }
      // What is named must lie in the folder.
      guard !name.isEmpty, !name.contains("/"), name != "..", name != "." else {
        throw ImportError(index.path, "\(name) is no file of this folder")
      }
      guard exists(name) else { throw ImportError(index.path, "\(name) is not there") }
      names.insert(name)
    }
    return names.sorted()
  }

  /// A file's JSON object.
  static func json(_ file: URL) throws -> JSON {
    let bytes: Data
    do throws(ModelError) {
      bytes = try ModelFile(file).bytes(orElse: "no such file, or it cannot be read")
    } catch { throw ImportError(error) }
    guard let json = try? JSONDecoder().decode(JSON.self, from: bytes), case .object = json else {
      throw ImportError(file.path, "not a JSON object")
    }
    return json
  }

  /// A file's JSON object; nil where there is no such file.
  func json(_ name: String) throws -> JSON? {
    let file = folder.appendingPathComponent(name)
    return FileManager.default.fileExists(atPath: file.path) ? try Self.json(file) : nil
  }

  /// Names of all tensors.
  var names: Set<String> { Set(owners.keys) }

  func shape(of name: String) -> [Int]? { owners[name].flatMap { files[$0].shape(of: name) } }

  /// Reads a tensor.
  func read(_ name: String, into target: UnsafeMutablePointer<Float>) throws {
    guard let owner = owners[name], let shape = files[owner].shape(of: name) else {
      throw ImportError(folder.path, "tensor \(name) is missing")
    }
    do throws(SafetensorsError) {
      try files[owner].read(name, shape: shape, into: target)
    } catch { throw ImportError(ModelError(error)) }
  }

  /// Gives back the memory of a tensor that was read.
  func release(_ name: String) { if let owner = owners[name] { files[owner].release(name) } }

  /// The pieces of words by index.
  func pieces() throws -> [String] {
    if let tokenizer = try json("tokenizer.json") {
      return try Self.pieces(tokenizer, folder.appendingPathComponent("tokenizer.json").path)
    }
    let file = folder.appendingPathComponent("vocab.txt")
    do throws(ModelError) {
      let bytes = try ModelFile(file).bytes(orElse: "no such file, and no tokenizer.json")
      do throws(LanguageError) {
        return try WordPieces.lines(bytes, path: file.path)
      } catch { throw ModelError.damaged(path: error.path, reason: error.reason) }
    } catch { throw ImportError(error) }
  }

  private static func pieces(_ tokenizer: JSON, _ path: String) throws -> [String] {
    guard let model = tokenizer["model"], case .object(let vocabulary)? = model["vocab"] else {
      throw ImportError(path, "no vocabulary")
    }
    guard model["type"]?.string ?? "WordPiece" == "WordPiece" else {
      throw ImportError(path, "a tokenizer of type \(model["type"]?.string ?? "?"); WordPiece is known")
    }
    var byIndex: [Int: String] = [:]
    for (piece, index) in vocabulary {
      guard case .integer(let index) = index else { throw ImportError(path, "\(piece) has no index") }
      byIndex[index] = piece
    }
    if case .array(let added)? = tokenizer["added_tokens"] {
      for token in added {
        if case .integer(let index)? = token["id"], let piece = token["content"]?.string {
          byIndex[index] = piece
        }
      }
    }
    return try (0..<byIndex.count).map { index in
      guard let piece = byIndex[index] else { throw ImportError(path, "no piece has the index \(index)") }
      return piece
    }
  }
}

extension ImportError {
  init(_ error: ModelError) {
    switch error {
    case .missing(let path, let reason), .damaged(let path, let reason): self.init(path, reason)
    }
  }
}
