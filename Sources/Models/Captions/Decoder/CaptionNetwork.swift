import Networks
import Tensors

/// What a captioner learns: the decoder, and those of the encoder's last layers that are fine-tuned with it.
package struct CaptionNetwork: Learned {
  package var decoder: CaptionDecoder
  /// No layers where the encoder is frozen.
  package var encoder: EncoderWeights

  package init(decoder: CaptionDecoder, encoder: EncoderWeights = EncoderWeights([])) {
    (self.decoder, self.encoder) = (decoder, encoder)
  }

  package var parameters: [Parameter<CaptionNetwork>] {
    decoder.parameters(of: "decoder", at: \CaptionNetwork.decoder)
      + encoder.parameters(of: "encoder", at: \CaptionNetwork.encoder)
  }
}
