extension CheckpointConfiguration.Encoder {
  /// Of one picture.
  package var work: WorkCount {
    let weights = width * patchValues + layers * (4 * width * width + 2 * width * feedForward)
    let attention = layers * 2 * tokens * tokens * width
    return WorkCount(operations: 2 * (tokens * weights + attention), bytes: 2 * weights)
  }
}

extension CheckpointConfiguration {
  /// Of one picture.
  /// - Parameters:
  ///   - steps: words, the end included: each reads the weights once
  ///   - rows: sentences continued in all of them
  package func decoderWork(steps: Int, rows: Int) -> WorkCount {
    let (sizes, tokens, width) = (decoder, encoder.tokens, decoder.width)
    let isApart = architecture == .blip
    let own = 4 * width * width + 2 * width * sizes.feedForward
    // Queries and outputs of what attends to the picture apart, whose keys and values are made once.
    let layer = own + (isApart ? 2 * width * width : 0)
    let weights = sizes.layers * layer + sizes.words * width
    let once = isApart ? sizes.layers * 2 * encoder.width * width * tokens : (sizes.layers - 1) * own * tokens
    let attention = sizes.layers * 2 * tokens * width
    return WorkCount(
      operations: 2 * (rows * (weights + attention) + once), bytes: 2 * steps * weights)
  }
}
