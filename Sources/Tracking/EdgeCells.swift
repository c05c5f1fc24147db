import Foundation
import Media

/// Histograms of the directions of edges in cells, with the contrast around taken out (after Dalal and Triggs 2005), and the colors of
/// the cells: where things are, more exactly than a network's grid tells.
enum EdgeCells {
  /// Directions of a half circle: an edge is one whichever side is bright.
  static let directions = 9
  static let channels = directions + 3

  /// - Parameters:
  ///   - planes: colors, [3, rows, columns], 0 to 255
  ///   - cell: side of a cell, which the window has a whole number of
  /// - Returns: [channels, rows / cell, columns / cell]
  static func features(_ planes: [Float], columns: Int, rows: Int, cell: Int) -> [Float] {
    let size = rows * columns
    let (across, down) = (columns / cell, rows / cell)
    let cells = across * down
    var result = [Float](repeating: 0, count: channels * cells)
    let gray = (0..<size).map { luma(planes[$0], planes[size + $0], planes[2 * size + $0]) / 255 }
    let perCell = 1 / Float(cell * cell)
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        let target = row / cell * across + column / cell
        let (red, green, blue) = (
          planes[index] / 255, planes[size + index] / 255, planes[2 * size + index] / 255
        )
        result[directions * cells + target] += (gray[index] - 0.5) * perCell
        result[(directions + 1) * cells + target] += (red - green) * perCell
        result[(directions + 2) * cells + target] += ((red + green) / 2 - blue) * perCell
        let dx = gray[index + (column + 1 < columns ? 1 : 0)] - gray[index - (column > 0 ? 1 : 0)]
        let dy =
          gray[index + (row + 1 < rows ? columns : 0)] - gray[index - (row > 0 ? columns : 0)]
        let length = (dx * dx + dy * dy).squareRoot()
        guard length > 1e-4 else { continue }
        var angle = atan2f(dy, dx) / Float.pi * Float(directions)
        if angle < 0 { angle += Float(directions) }
        let first = Int(angle)
        let share = angle - Float(first)
        result[first % directions * cells + target] += length * (1 - share) * perCell
        result[(first + 1) % directions * cells + target] += length * share * perCell
      }
    }
    normalize(&result, across: across, down: down)
    return result
  }

  /// By the edges of the cells around.
  private static func normalize(_ result: inout [Float], across: Int, down: Int) {
    let cells = across * down
    var energy = [Float](repeating: 0, count: cells)
    for channel in 0..<directions {
      for cell in 0..<cells {
        energy[cell] += result[channel * cells + cell] * result[channel * cells + cell]
      }
    }
    for row in 0..<down {
      for column in 0..<across {
        var (sum, count) = (Float(0), Float(0))
        for other in max(0, row - 1)...min(down - 1, row + 1) {
          for beside in max(0, column - 1)...min(across - 1, column + 1) {
            sum += energy[other * across + beside]
            count += 1
          }
        }
        let scale = 1 / (sum / count + 4e-4).squareRoot()
        for channel in 0..<directions {
          let index = channel * cells + row * across + column
          result[index] = min(result[index] * scale, 0.8) * 0.5
        }
      }
    }
  }
}
