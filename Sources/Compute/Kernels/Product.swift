import CDNNL
import Tensors

/// C = A B, or C += A B, of row-major matrices: A is [rows, inner], or [inner, rows] if `transposeA`; B is
/// [inner, columns], or [columns, inner] if `transposeB`; C is [rows, columns].
///
/// Runs on the calling thread's team.
package func multiply(
  _ a: Rows, _ b: Rows, into c: MutableRows, transposeA: Bool = false, transposeB: Bool = false,
  adding: Bool = false
) {
  let inner = transposeA ? a.rows : a.columns
  precondition(c.rows == (transposeA ? a.columns : a.rows) && c.columns == (transposeB ? b.rows : b.columns))
  precondition(inner == (transposeB ? b.columns : b.rows))
  guard c.rows > 0, c.columns > 0 else { return }
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
