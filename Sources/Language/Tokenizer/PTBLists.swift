/// What the tokenizer knows by heart, found by asking the reference about every string of up to four letters and every
/// word of 140,000 captions.
enum PTBLists {
  /// Keep their stop wherever they stand.
  static let abbreviations: Set<String> = [
    "adj", "adm", "adv", "al", "ala", "alex", "apr", "ariz", "assn", "assoc", "asst", "atty", "aug", "ave",
    "bhd", "bldg", "blvd", "brig", "bros", "calif", "capt", "cf", "cie", "cmdr", "co", "col", "colo",
    "comdr", "conn", "corp", "cos", "cpl", "ct", "dak", "dec", "dept", "det", "dr", "drs", "elec", "ens",
    "esq", "est", "etc", "ext", "feb", "fla", "fri", "ft", "ga", "gen", "gov", "govs", "hon", "inc", "ind",
    "insp", "intl", "invt", "jan", "jos", "jr", "jul", "jun", "kan", "kans", "ky", "lieut", "lt", "ltd",
    "maj", "mar", "md", "messrs", "mfg", "mich", "minn", "mlle", "mme", "mo", "mon", "mont", "mr", "mrs",
    "ms", "msgr", "mt", "mtg", "natl", "neb", "nev", "nov", "oct", "okla", "penn", "pfc", "ph", "plc",
    "ppte", "ppty", "pres", "prof", "pte", "ptes", "pty", "ptys", "pvt", "rd", "rep", "reps", "rev", "rt",
    "sen", "sens", "sep", "sept", "seq", "sfc", "sgt", "spc", "sq", "sr", "st", "ste", "supt", "sys",
    "tel", "tenn", "thu", "thurs", "treas", "tue", "tues", "univ", "va", "vs", "vt", "wed", "wis", "wisc",
    "wm", "wyo",
  ]

  /// Keep their stop when they begin with a capital: states, and Miss.
  static let names: Set<String> = [
    "ark", "az", "del", "ill", "la", "mass", "miss", "ore", "pa", "tex", "wash",
  ]

  /// Keep their stop before a number.
  static let beforeNumbers: Set<String> = ["art", "ca", "fig", "figs", "no", "nos", "op", "pp", "prop"]

  /// Words that are split, with the length of their first part.
  static let assimilated: [(StaticString, Int)] = [
    ("cannot", 3), ("gonna", 3), ("gotta", 3), ("wanna", 3), ("lemme", 3), ("gimme", 3),
  ]

  /// Whether a word may be one of them: they begin with c, g, l or w and are five or six letters long.
  static func mayBeAssimilated(_ word: ArraySlice<UInt32>) -> Bool {
    guard word.count == 5 || word.count == 6, let first = word.first else { return false }
    return [0x63, 0x67, 0x6c, 0x77].contains(first | 0x20)
  }

  /// Words with an apostrophe that no rule covers.
  static let apostrophized: [StaticString] = [
    "c'est", "c'mon", "e'er", "ev'ry", "li'l", "nat'l", "nor'easter", "s'mores", "somethin'", "dunkin'",
    "ol'",
  ]

  /// Words that begin with an apostrophe, longer ones first.
  static let apostrophesFirst: [StaticString] = ["'cause", "'till", "'til", "'em", "'n'", "'n"]

  static let fileKinds: [StaticString] = [
    "bmp", "doc", "gif", "htm", "html", "jpg", "jpeg", "pdf", "png", "ppt", "txt", "xml", "zip",
  ]

  static let brackets: [UInt32: String] = [
    0x28: "-lrb-", 0x29: "-rrb-", 0x5b: "-lsb-", 0x5d: "-rsb-", 0x7b: "-lcb-", 0x7d: "-rcb-",
  ]

  /// Symbols that are written otherwise. Quotation marks and dashes are not here: they are left out.
  static let symbols: [UInt32: String] = [
    0xa2: "cents", 0xa3: "#", 0xa4: "$", 0x20ac: "$", 0xbc: "1/4", 0xbd: "1/2", 0xbe: "3/4", 0x2153: "1/3",
    0x2154: "2/3",
  ]
}
