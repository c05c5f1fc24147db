/// What programs a video's shots and chapters are written for.
package enum ExportKind: String, CaseIterable, Sendable {
  /// CMX 3600.
  case edl
  /// Final Cut Pro X and DaVinci Resolve, version 1.9.
  case fcpxml
  /// OpenTimelineIO.
  case otio
  /// Premiere: Final Cut Pro 7's XML, version 5.
  case xml
  /// A record a shot.
  case csv
  /// DaVinci Resolve's timeline markers, as an EDL.
  case markers
  /// Matroska chapters, for mkvmerge.
  case matroska
  /// FFmpeg's metadata, with chapters.
  case ffmetadata
  /// A line a chapter, for a video's description.
  case youtube
  /// Matroska chapters again, by the name that media servers look for beside a video.
  case jellyfin
  /// Small pictures in sheets, and WebVTT that says where in time each stands.
  case trickplay

  /// What the file's name has after the video's: the kind, and what programs know files of it by.
  package var suffix: String {
    switch self {
    case .edl, .fcpxml, .otio, .xml, .csv, .ffmetadata: rawValue
    case .markers: "markers.edl"
    case .matroska: "matroska.xml"
    case .youtube: "youtube.txt"
    case .jellyfin: "chapters.xml"
    case .trickplay: "trickplay.vtt"
    }
  }

  /// Whether it knows times by frames of a constant rate alone.
  var countsFrames: Bool { self == .edl || self == .markers || self == .xml }
}

extension EditList {
  /// A file's text. A trickplay's comes with its pictures: see `Trickplay`.
  /// - Returns: nil where the kind cannot say this video
  package func text(_ kind: ExportKind) -> String? {
    switch kind {
    case .edl: EDL.edits(self)
    case .markers: EDL.markers(self)
    case .fcpxml: FCPXML.text(self)
    case .otio: OpenTimeline.text(self)
    case .xml: FinalCutXML.text(self)
    case .csv: ShotRecords.text(self)
    case .matroska, .jellyfin: ChapterFiles.matroska(self)
    case .ffmetadata: ChapterFiles.ffmetadata(self)
    case .youtube: ChapterFiles.youtube(self)
    case .trickplay: nil
    }
  }
}
