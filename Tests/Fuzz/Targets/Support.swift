import Foundation
import Glibc

// What all targets have: libFuzzer calls `LLVMFuzzerTestOneInput` with bytes, again and again. A trap, a sanitizer's finding, a
// leak, more than ten seconds or too much memory ends the run and leaves the input in a file. Errors that are thrown are right.

/// The bytes of an input.
typealias Bytes = UnsafeRawBufferPointer

/// A folder in memory, one a process, for what is read by its path.
let scratch: URL = {
  let url = URL(fileURLWithPath: "/dev/shm/narrate-fuzz-\(getpid())", isDirectory: true)
  try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  atexit { try? FileManager.default.removeItem(at: scratch) }
  return url
}()

/// Writes a file of the folder.
@discardableResult
func write(_ bytes: some Sequence<UInt8>, _ name: String) -> URL {
  let file = scratch.appendingPathComponent(name)
  let bytes = Array(bytes)
  let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
  close(descriptor)
  return file
}

/// With `ERRORS=1` in the environment, to see how far an input comes.
let showsErrors = getenv("ERRORS") != nil

/// What a reader says of an input: a value, which is let go, or an error, whose line is made too.
func attempt<Value>(_ body: () throws -> Value) -> Value? {
  do {
    return try body()
  } catch {
    let line = "\(error)"
    precondition(line.utf8.count < 8192, "an error of \(line.utf8.count) bytes")
    if showsErrors { print(line) }
    return nil
  }
}

/// Parts of an input, between lines of `=====`.
func parts(_ bytes: Bytes) -> [[UInt8]] {
  let mark = Array("\n=====\n".utf8)
  var parts: [[UInt8]] = [[]]
  var index = 0
  while index < bytes.count {
    if bytes[index] == mark[0], index + mark.count <= bytes.count,
      bytes[index..<index + mark.count].elementsEqual(mark)
    {
      parts.append([])
      index += mark.count
    } else {
      parts[parts.count - 1].append(bytes[index])
      index += 1
    }
  }
  return parts
}
