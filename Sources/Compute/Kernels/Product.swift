import CDNNL

/// C = A B, or C += A B, of dense row-major matrices: A is [rows, inner], or [inner, rows] if `transposeA`; B is
/// [inner, columns], or [columns, inner] if `transposeB`; C is [rows, columns].
///
/// Runs on the calling thread's team.
package func multiply(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
  rows: Int, columns: Int, inner: Int, transposeA: Bool = false, transposeB: Bool = false,
  adding: Bool = false
) {
  guard rows > 0, columns > 0 else { return }
  let no = CChar(UInt8(ascii: "N"))
  let yes = CChar(UInt8(ascii: "T"))
  let status = ThreadTeam.compute {
    dnnl_sgemm(
      transposeA ? yes : no, transposeB ? yes : no, dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner),
      1,
      a, dnnl_dim_t(transposeA ? rows : inner), b, dnnl_dim_t(transposeB ? inner : columns), adding ? 1 : 0,
      c, dnnl_dim_t(columns))
  }
  precondition(status == dnnl_success, "sgemm \(rows)x\(columns)x\(inner): oneDNN status \(status.rawValue)")
}
