import Foundation
import Models
import Narration

extension SummaryFiles {
  /// `index.html`: the storyboard, with pictures beside it and nothing from a network.
  package var page: String {
    let name = Markup.escaped(URL(fileURLWithPath: path).lastPathComponent)
    let length = max(summary.duration, 1e-3)
    let strip = summary.shots.enumerated().map { index, shot in
      let share = String(format: "%.1f", max(0.5, 1000 * (shot.end - shot.start) / length))
      let hue = (shot.repeats ?? index) * 137 % 360
      let title = "\(Timecode.short(shot.start)) \(said(shot.caption, shot.confidence))"
      return "<a style=\"flex:\(share);--hue:\(hue)\" href=\"#shot\(index + 1)\""
        + " title=\"\(Markup.escaped(title))\">"
        + "<span>\(Timecode.short(shot.start))</span></a>"
    }.joined(separator: "\n")
    let chapters = summary.chapters.map(section).joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(name)</title>
      <style>
      :root { color-scheme: light dark; --text: #1c1e21; --quiet: #5c636b; --back: #fafafa; --card: #fff; --line: #d9dce0 }
      @media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --quiet: #a3aab3; --back: #16181b; --card: #1f2226; --line: #34383e } }
      * { box-sizing: border-box }
      body { margin: 0 auto; max-width: 76rem; padding: 1rem; font: 1rem/1.45 system-ui, sans-serif; color: var(--text); background: var(--back) }
      h1 { font-size: 1.5rem; margin: .5rem 0; overflow-wrap: anywhere }
      h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line) }
      h2 time, p time, figcaption time, .bare time { color: var(--quiet); font-variant-numeric: tabular-nums; margin-right: .4em }
      p { color: var(--quiet); margin: .25rem 0 }
      nav { display: flex; gap: 1px; height: 2.5rem; margin: 1rem 0; overflow: hidden; border-radius: .4rem }
      nav a { min-width: 2px; overflow: hidden; text-decoration: none; background: hsl(var(--hue) 45% 32%) }
      nav a:hover, nav a:focus { background: hsl(var(--hue) 60% 22%) }
      nav span { padding: .15rem .3rem; font-size: .75rem; color: #fff }
      .shots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .9rem }
      figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
      figure:target, .bare:target { outline: 3px solid hsl(210 90% 55%) }
      img { display: block; width: 100%; height: auto }
      figcaption { padding: .5rem .7rem .7rem }
      .unsure { font-style: italic; color: var(--quiet) }
      .bare { padding: .7rem; border: 1px dashed var(--line); border-radius: .5rem; color: var(--quiet) }
      .bare a { color: inherit }
      </style>
      </head>
      <body>
      <h1>\(name)</h1>
      <p>\(Timecode.short(summary.duration)) · \(Self.count(summary.shots.count, "shot")) · \(Self.count(summary.chapters.count, "chapter"))</p>
      <nav aria-label="Shots in time">
      \(strip)
      </nav>
      \(chapters)
      <p>Captions by Narrate; they can be wrong, and those in italics are guesses.</p>
      </body>
      </html>

      """
  }

  private func section(_ chapter: Summary.Chapter) -> String {
    let shots = chapter.shots.map { figures($0) }.joined()
    let isSure = chapter.confidence >= sure
    return """
      <section>
      <h2\(isSure ? "" : " class=\"unsure\"")><time>\(Timecode.short(chapter.start))</time> \(Markup.escaped(said(chapter.title, chapter.confidence)))</h2>
      <div class="shots">
      \(shots)</div>
      </section>
      """
  }

  /// What stands for a shot: its pictures, or a line where an earlier one has them, or where no more were wanted.
  private func figures(_ index: Int) -> String {
    let shot = summary.shots[index]
    let isSure = shot.confidence >= sure
    if let repeats = shot.repeats {
      return "<div class=\"bare\" id=\"shot\(index + 1)\"><time>\(Timecode.short(shot.start))</time> "
        + "as <a href=\"#shot\(repeats + 1)\">at \(Timecode.short(summary.shots[repeats].start))</a></div>\n"
    }
    guard !shot.keyFrames.isEmpty else {
      return "<div class=\"bare\(isSure ? "" : " unsure")\" id=\"shot\(index + 1)\">"
        + "<time>\(Timecode.short(shot.start))</time> "
        + "\(Markup.escaped(said(shot.caption, shot.confidence)))</div>\n"
    }
    return shot.keyFrames.enumerated().map { number, frame in
      let caption = Markup.escaped(said(frame.caption, frame.confidence))
      let isSure = frame.confidence >= sure
      return "<figure\(number == 0 ? " id=\"shot\(index + 1)\"" : "")>"
        + "<img src=\"\(Markup.escaped(files[frame.picture] ?? ""))\" alt=\"\(caption)\" loading=\"lazy\">"
        + "<figcaption\(isSure ? "" : " class=\"unsure\"")><time>\(Timecode.short(frame.time))</time> "
        + "\(caption)</figcaption></figure>\n"
    }.joined()
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
