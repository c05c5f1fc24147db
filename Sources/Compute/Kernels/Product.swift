import CDNNL
import CKernels
import Tensors

/// What `multiply` rounds both factors to; sums are floats.
package enum ProductPrecision: String, CaseIterable, Sendable {
  case single = "f32"
  /// In tiles (Intel AMX); as `single` where the CPU has none. For training, whose gradients are noisy anyway (Micikevicius et
  /// al. 2018, "Mixed precision training", of whose losses bfloat16 needs no scaling).
  case bfloat16 = "bf16"

  /// Whether `bfloat16` is what it says.
  package static var hasTiles: Bool { narrate_has_tiles() != 0 }

  /// What this CPU makes of it.
  package var effective: ProductPrecision { self == .bfloat16 && !Self.hasTiles ? .single : self }

  /// Computes the products of the calling thread so, and leaves the thread as it was.
  package func run<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let before = narrate_this_thread().pointee.bfloat
    narrate_this_thread().pointee.bfloat = effective == .bfloat16 ? 1 : 0
    defer { narrate_this_thread().pointee.bfloat = before }
    return try body()
  }
}

/// C = A B, or C += A B, of row-major matrices: A is [rows, inner], or [inner, rows] if `transposeA`; B is
/// [inner, columns], or [columns, inner] if `transposeB`; C is [rows, columns].
///
/// Runs on the calling thread's team, in the precision of the `ProductPrecision.run` it is in, or else in single.
package func multiply(
  _ a: Rows, _ b: Rows, into c: MutableRows, transposeA: Bool = false, transposeB: Bool = false,
  adding: Bool = false
) {
  let inner = transposeA ? a.rows : a.columns
  precondition(c.rows == (transposeA ? a.columns : a.rows) && c.columns == (transposeB ? b.rows : b.columns))
  precondition(inner == (transposeB ? b.columns : b.rows))
  guard c.rows > 0, c.columns > 0 else { return }
  if narrate_this_thread().pointee.bfloat != 0 {
    return multiplyInTiles(
      narrate_factor(base: a.base, stride: a.stride, inner_first: transposeA ? 1 : 0),
      narrate_factor(base: b.base, stride: b.stride, inner_first: transposeB ? 0 : 1), into: c, inner: inner,
      adding: adding)
  }
  let no = CChar(UInt8(ascii: "N"))
  let yes = CChar(UInt8(ascii: "T"))
  let status = ThreadTeam.compute {
    dnnl_sgemm(
      transposeA ? yes : no, transposeB ? yes : no, dnnl_dim_t(c.rows), dnnl_dim_t(c.columns),
      dnnl_dim_t(inner), 1, a.base, dnnl_dim_t(a.stride), b.base, dnnl_dim_t(b.stride), adding ? 1 : 0,
      c.base, dnnl_dim_t(c.stride))
  }
  precondition(
    status == dnnl_success, "sgemm \(c.rows)x\(c.columns)x\(inner): oneDNN status \(status.rawValue)")
}

/// Each thread computes its own columns, a multiple of a tile's.
private func multiplyInTiles(
  _ a: narrate_factor, _ b: narrate_factor, into c: MutableRows, inner: Int, adding: Bool
) {
  guard inner > 0 else {
    if !adding { for row in 0..<c.rows { c[row].update(repeating: 0, count: c.columns) } }
    return
  }
  let (side, worthAThread) = (16, 1 << 22)
  let tiles = (c.columns + side - 1) / side
  let threads = max(1, min(ThreadTeam.current.count, tiles, c.rows * c.columns * inner / worthAThread))
  nonisolated(unsafe) let (a, b, c) = (a, b, c)
  share(among: threads) { thread, count in
    let first = tiles * thread / count * side
    let end = min(c.columns, tiles * (thread + 1) / count * side)
    var (a, b) = (a, b)
    b.base += first * (b.inner_first != 0 ? 1 : b.stride)
    withUnsafeTemporaryAllocation(byteCount: narrate_tile_scratch(), alignment: 64) {
      narrate_tile_product(
        &a, &b, c.base + first, c.stride, c.rows, end - first, inner, adding ? 1 : 0, $0.baseAddress)
    }
  }
}
