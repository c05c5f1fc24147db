# Makes narrate's manual page, man(7), of what --help says: for the program and each of its commands a line
# "COMMAND narrate caption", and then the help, in which no paragraph is broken into lines.
# Takes the variables `date` and `version`.

function replaced(text, old, new,   result, at) {
  while ((at = index(text, old)) > 0) {
    result = result substr(text, 1, at - 1) new
    text = substr(text, at + length(old))
  }
  return result text
}

# A line of text: options that can be copied, and nothing that troff takes for a request.
function plain(text) {
  text = replaced(replaced(text, "\\", "\\e"), "--", "\\-\\-")
  return text ~ /^[.']/ ? "\\&" text : text
}

# A synopsis: what is typed in bold, what stands for a value in italics.
function marked(text,   words, count, i, word, result) {
  count = split(text, words, " ")
  for (i = 1; i <= count; i++) {
    word = replaced(words[i], "-", "\\-")
    if (match(word, /^\[?\\-/) && match(word, /\\-[-\\A-Za-z0-9]*/)) {
      word = substr(word, 1, RSTART - 1) "\\fB" substr(word, RSTART, RLENGTH) "\\fR" substr(word, RSTART + RLENGTH)
    }
    word = replaced(replaced(word, "<", "\\fI"), ">", "\\fR")
    result = result (i > 1 ? " " : "") word
  }
  return result
}

function lowered(text) { return tolower(substr(text, 1, 1)) substr(text, 2) }

# "Exit status: 0 all inputs done; 1 …" is a section of its own.
function keepStatuses(text,   list, count, i) {
  sub(/^Exit status: /, "", text)
  sub(/\.$/, "", text)
  count = split(text, list, /; /)
  for (i = 1; i <= count; i++) {
    match(list[i], /^[0-9]+ /)
    statuses = statuses ".TP\n" substr(list[i], 1, RLENGTH - 1) "\n" plain(substr(list[i], RLENGTH + 1)) ".\n"
  }
}

BEGIN { printf ".TH NARRATE 1 \"%s\" \"narrate %s\"\n.nh\n.ad l\n", date, version }

/^COMMAND / { command = substr($0, 9); isRoot = command == "narrate"; overview = part = ""; next }

/^OVERVIEW: / {
  sub(/^OVERVIEW: /, "")
  if (isRoot) {
    name = lowered($0)
    sub(/\.$/, "", name)
    print ".SH NAME\nnarrate \\- " plain(name)
    next
  }
  part = "OVERVIEW"
}

/^USAGE: / {
  if (isRoot) {
    print ".SH SYNOPSIS\n\\fBnarrate\\fR \\fIcommand\\fR [\\fIoptions\\fR] [\\fIfiles\\fR]\n.SH DESCRIPTION"
  } else {
    print ".SS " command "\n\\fB" command "\\fR " marked(substr($0, length("USAGE: " command) + 1))
  }
  printf "%s", overview
  part = "USAGE"
  next
}

/^(ARGUMENTS|OPTIONS|SUBCOMMANDS):$/ {
  part = $1
  if (isRoot) print part == "SUBCOMMANDS:" ? ".SH COMMANDS" : ".SH OPTIONS"
  next
}

/^$/ || /^  See '/ { next }

# What every command has is said once.
!isRoot && /^  (--version|-h, --help) / { next }

/^  [^ ]/ && part != "OVERVIEW" {
  line = substr($0, 3)
  help = match(line, /  +/) ? substr(line, RSTART + RLENGTH) : ""
  sub(/  .*/, "", line)
  print ".TP\n" (part == "SUBCOMMANDS:" ? "\\fB" line "\\fR" : marked(line))
  if (help != "") print plain(help)
  next
}

/^Exit status: / { keepStatuses($0); next }

part == "OVERVIEW" || isRoot { overview = overview ".PP\n" plain($0) "\n"; next }

{ sub(/^ +/, ""); print plain($0) }

END {
  print ".SH EXIT STATUS\n" statuses ".SH ENVIRONMENT\n.TP\nNARRATE_MODELS"
  print "Folders of models, or models' folders, with colons between them, which are looked through first."
  print ".SH FILES\n.TP\n\\&./models\nModels, looked through second."
  print ".TP\n\\&../share/narrate/models"
  print "Models, seen from the folder of the program's file (links followed), looked through last."
}
