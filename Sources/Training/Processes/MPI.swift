import Glibc

/// The processes that Open MPI's `mpirun` (or Slurm's `srun --mpi=pmix`) started, and messages between them. The library is loaded
/// when a process finds that it was started so; MPI: A Message-Passing Interface Standard 3.1, whose blocking functions these are.
///
/// The functions are looked up by name: Open MPI's types are pointers and whole numbers, the same in versions 1.3 to 5, so that no
/// header is needed to build this package.
final class MPI: ProcessLinks {
  private typealias Start =
    @convention(c) (OpaquePointer?, OpaquePointer?, CInt, UnsafeMutablePointer<CInt>) -> CInt
  private typealias Ask = @convention(c) (UnsafeRawPointer, UnsafeMutablePointer<CInt>) -> CInt
  private typealias Send =
    @convention(c) (UnsafeRawPointer?, CInt, UnsafeRawPointer, CInt, CInt, UnsafeRawPointer) -> CInt
  private typealias Receive =
    @convention(c) (
      UnsafeMutableRawPointer?, CInt, UnsafeRawPointer, CInt, CInt, UnsafeRawPointer, OpaquePointer?
    ) -> CInt
  private typealias Probe =
    @convention(c) (
      CInt, CInt, UnsafeRawPointer, UnsafeMutablePointer<CInt>, OpaquePointer?
    ) -> CInt
  private typealias Finish = @convention(c) () -> CInt

  let rank: Int
  let count: Int
  /// All processes, and the type of a byte.
  private let (world, byte): (UnsafeRawPointer, UnsafeRawPointer)
  private let (sending, receiving, probing, finishing): (Send, Receive, Probe, Finish)

  /// MPI's counts are whole numbers of 32 bits.
  private static let mostBytes = 1 << 28
  private static let tag: CInt = 7

  /// Whether Open MPI has started this process, alone or with others.
  /// - Throws: `ProcessError` where another MPI has started several.
  static func hasStarted(_ environment: [String: String]) throws(ProcessError) -> Bool {
    if environment["OMPI_COMM_WORLD_SIZE"] != nil || environment["PMIX_RANK"] != nil { return true }
    // Each would take itself for the only one, and all of them write the same files.
    if let count = environment["PMI_SIZE"].flatMap({ Int($0) }), count > 1 {
      throw .unavailable("\(count) processes were started by another MPI than Open MPI")
    }
    return false
  }

  /// - Throws: `ProcessError` where the library is not installed.
  init() throws(ProcessError) {
    // Global: its own plug-ins look for its names.
    guard let library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL) else { throw Self.missing }
    func find<Function>(_ name: String, _ type: Function.Type) throws(ProcessError) -> Function {
      guard let address = dlsym(library, name) else { throw Self.missing }
      return unsafeBitCast(address, to: type)
    }
    world = try find("ompi_mpi_comm_world", UnsafeRawPointer.self)
    byte = try find("ompi_mpi_byte", UnsafeRawPointer.self)
    sending = try find("MPI_Send", Send.self)
    receiving = try find("MPI_Recv", Receive.self)
    probing = try find("MPI_Iprobe", Probe.self)
    finishing = try find("MPI_Finalize", Finish.self)
    // Errors end all processes of the run (MPI_ERRORS_ARE_FATAL), so that no status but this one need be looked at.
    let serialized: CInt = 2
    var (level, rank, count) = (CInt(0), CInt(0), CInt(0))
    guard try find("MPI_Init_thread", Start.self)(nil, nil, serialized, &level) == 0, level >= serialized
    else { throw .unavailable("Open MPI does not start") }
    _ = try find("MPI_Comm_rank", Ask.self)(world, &rank)
    _ = try find("MPI_Comm_size", Ask.self)(world, &count)
    (self.rank, self.count) = (Int(rank), Int(count))
  }

  private static var missing: ProcessError {
    .unavailable(dlerror().map { String(cString: $0) } ?? "Open MPI lacks a function")
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {
    for first in stride(from: 0, to: bytes.count, by: Self.mostBytes) {
      let part = UnsafeRawBufferPointer(rebasing: bytes[first..<min(first + Self.mostBytes, bytes.count)])
      _ = sending(part.baseAddress, CInt(part.count), byte, CInt(rank), Self.tag, world)
    }
  }

  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, check: () throws -> Void
  ) throws {
    for first in stride(from: 0, to: bytes.count, by: Self.mostBytes) {
      try wait(for: rank, check)
      let part = UnsafeMutableRawBufferPointer(
        rebasing: bytes[first..<min(first + Self.mostBytes, bytes.count)])
      _ = receiving(part.baseAddress, CInt(part.count), byte, CInt(rank), Self.tag, world, nil)
    }
  }

  /// Until a message is there. MPI's own waiting takes a whole core, which another process may compute on.
  private func wait(for rank: Int, _ check: () throws -> Void) throws {
    var (found, probes) = (CInt(0), 0)
    while true {
      _ = probing(CInt(rank), Self.tag, world, &found, nil)
      if found != 0 { return }
      probes += 1
      guard probes > 200 else { continue }
      try check()
      usleep(probes < 2000 ? 100 : 1000)
    }
  }

  func close() { _ = finishing() }
}
