import Networks

/// What finds words in pictures: an encoder's last layers, and the detector on them.
package struct WordNetwork: Learned {
  package var detector: WordDetector
  package var encoder: EncoderWeights

  package init(detector: WordDetector, encoder: EncoderWeights) {
    (self.detector, self.encoder) = (detector, encoder)
  }

  package var parameters: [Parameter<WordNetwork>] {
    detector.parameters(of: "detector", at: \WordNetwork.detector)
      + encoder.parameters(of: "encoder", at: \WordNetwork.encoder)
  }
}
