"""What editing programs and players make of the files of `narrate shots`: each is read back by somebody else's reader.

    swift build -c release
    python3 -m venv /tmp/edits && /tmp/edits/bin/pip install -r Tests/Edits/requirements.txt
    /tmp/edits/bin/python Tests/Edits/edits.py .build/release/narrate [--hours 2] [--dtd FCPXMLv1_9.dtd] [--only NAME …]

Needs ffmpeg, which makes its videos, and mkvmerge (mkvtoolnix). NARRATE_MODELS is the repository's models unless it is set. --hours is how
long the videos are in which nothing may drift. Ends with a line of what passed and failed.
"""

import argparse
import atexit
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction

import opentimelineio as otio
from lxml import etree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = tempfile.mkdtemp(prefix="narrate-edits-")
ALL = "edl,fcpxml,otio,xml,csv,markers,matroska,ffmetadata,youtube,jellyfin,trickplay"
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
failed, passed = [], 0


def check(name, holds, told=""):
    global passed
    if holds:
        passed += 1
    else:
        failed.append(name)
        print(f"FAILED {name} {told}")


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def narrate(*words):
    environment = dict(os.environ, NARRATE_MODELS=os.environ.get("NARRATE_MODELS", os.path.join(ROOT, "models")))
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, env=environment)


def make(name, rate, seconds, period, *more, size="160x90", sound=True):
    """A video that changes to something else and back: within each period twice, at its beginning and after three sevenths of it."""
    path = os.path.join(FOLDER, name)
    graph = f"[0][1]overlay=enable='lt(mod(t,{period}),{period}*3/7)'[v]"
    inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", "-f", "lavfi", "-i",
              f"rgbtestsrc=s={size}:r={rate}", "-f", "lavfi", "-i", f"sine=d={seconds}"]
    done = run("ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[v]",
               *(["-map", "2", "-c:a", "aac"] if sound else []), "-t", seconds, "-c:v", "libx264", "-preset",
               "ultrafast", *more, path)
    assert done.returncode == 0, done.stderr
    frame, cuts = Fraction(rate), []
    for index in range(1, int(seconds / period) * 2 + 2):
        time = Fraction(period) * (index // 2) + (Fraction(period) * 3 / 7 if index % 2 else 0)
        number = -(-time * frame // 1)
        if number < int(seconds * frame):
            cuts.append(int(number))
    return path, cuts


def label(frames, rate, drop):
    """A frame's timecode, counted the slow way: minute after minute."""
    nominal = -(-Fraction(rate) // 1)
    left, hours, minutes = nominal // 15 if drop else 0, 0, 0
    while True:
        skipped = left if minutes % 10 else 0
        if frames < 60 * nominal - skipped:
            break
        frames, minutes = frames - 60 * nominal + skipped, minutes + 1
    frames += left if minutes % 10 else 0
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}:{frames // nominal:02d}{';' if drop else ':'}{frames % nominal:02d}"


def frames_of(timecode, rate):
    return int(otio.opentime.from_timecode(timecode, float(Fraction(rate))).value)


def export(path, kinds=ALL, *more):
    folder = os.path.join(FOLDER, "out-" + os.path.basename(path))
    done = narrate("shots", path, "--export", kinds, "--output", folder, "--format", "json", *more)
    name = os.path.splitext(os.path.basename(path))[0]
    report = json.loads(done.stdout)[0] if done.stdout else {}
    return done, report, lambda suffix: os.path.join(folder, name + "." + suffix)


def events(path):
    """Source in, source out, record in, record out of each event."""
    lines = [line.split() for line in open(path) if re.match(r"\d+ ", line)]
    return [line[4:8] for line in lines]


# -- Editing programs


def constant(name, rate, seconds, period, source, drop, *more, **keys):
    """A constant rate: all formats say the same, to the frame."""
    path, cuts = make(name, rate, seconds, period, *more, **keys)
    done, report, file = export(path)
    count = len(json.loads(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of",
                               "json", path).stdout)["packets"])
    bounds = list(zip([0] + cuts, cuts + [count]))
    found = [(shot["start_frame"], shot["end_frame"]) for shot in report["shots"]]
    check(f"{name}: shots", found == bounds, f"{found} {bounds} {done.stderr}")
    counted = {"15": "30"}.get(rate, rate)
    times = int(Fraction(counted) / Fraction(rate))
    check(f"{name}: rate", report["frame_rate"] == rate, report["frame_rate"])
    hour, start = (frames_of(text, counted) for text in ("01:00:00;00" if drop else "01:00:00:00", source))
    edl = [tuple(label(origin + times * frame, counted, drop) for origin in (start, hour) for frame in bound)
           for bound in bounds]
    check(f"{name}: edl", [tuple(event) for event in events(file("edl"))] == edl, f"{events(file('edl'))[:2]} {edl[:2]}")
    head = open(file("edl")).read().splitlines()[1]
    check(f"{name}: edl's mode", head == f"FCM: {'DROP' if drop else 'NON-DROP'} FRAME", head)
    value = float(Fraction(counted))
    wanted = [(start + times * first, start + times * end) for first, end in bounds]
    if not source.startswith("23"):
        # A source that goes on after midnight is beyond it.
        read = otio.adapters.read_from_file(file("edl"), "cmx_3600", rate=value)
        spans = [(int(clip.source_range.start_time.value), int(clip.source_range.end_time_exclusive().value))
                 for clip in read.find_clips()]
        check(f"{name}: edl as OpenTimelineIO reads it", spans == wanted, f"{spans[:2]} {wanted[:2]}")
    timeline(name, file("otio"), bounds, start, times, value, hour)
    if rate == counted:
        adapters(name, file, wanted, value, path)
    marks = [event[0] for event in events(file("markers.edl"))]
    check(f"{name}: markers", marks == [label(hour + times * first, counted, drop) for first, _ in bounds], marks[:2])
    rows = list(csv.DictReader(open(file("csv"), newline="")))
    check(f"{name}: csv", [(int(row["start_frame"]), int(row["end_frame"])) for row in rows] == bounds
          and [row["start_timecode"] for row in rows] == [event[0] for event in edl])
    fcpxml(name, file("fcpxml"), path, bounds, times, counted, hour, start)
    players(name, file, path, [Fraction(first) / Fraction(rate) for first, _ in bounds])


def timeline(name, path, bounds, start, times, rate, hour):
    read = otio.adapters.read_from_file(path)
    check(f"{name}: otio begins", read.global_start_time == otio.opentime.RationalTime(hour, rate),
          read.global_start_time)
    for track in read.tracks:
        ranges = [clip.source_range for clip in track]
        spans = [(int(span.start_time.value), int(span.end_time_exclusive().value)) for span in ranges]
        check(f"{name}: otio {track.kind}",
              spans == [(start + times * first, start + times * end) for first, end in bounds]
              and all(span.start_time.rate == rate for span in ranges), spans[:2])
        whole = [clip.media_reference.available_range for clip in track]
        inside = all(one.start_time <= other.start_time and one.end_time_exclusive() >= other.end_time_exclusive()
                     for one, other in zip(whole, ranges))
        check(f"{name}: otio's media", inside and all(
            os.path.exists(clip.media_reference.target_url.removeprefix("file://")) for clip in track))
        check(f"{name}: otio's markers", all(len(clip.markers) == 1 for clip in track))


def adapters(name, file, wanted, rate, path):
    """What OpenTimelineIO's readers make of both kinds of Final Cut's XML."""
    read = otio.adapters.read_from_file(file("xml"), "fcp_xml")
    read = read if isinstance(read, otio.schema.Timeline) else read[0]
    tracks = read.video_tracks()
    clips = [clip for clip in tracks[0]]
    spans = [(round(clip.source_range.start_time.value), round(clip.source_range.end_time_exclusive().value))
             for clip in clips]
    check(f"{name}: xml", spans in (wanted, [(first - wanted[0][0], end - wanted[0][0]) for first, end in wanted]),
          f"{spans[:2]} {wanted[:2]}")
    check(f"{name}: xml's sound", len(read.audio_tracks()) == 1 and len(read.audio_tracks()[0]) == len(clips)
          if clips and has_sound(path) else not read.audio_tracks())
    check(f"{name}: xml's rate", abs(clips[0].source_range.start_time.rate - rate) < 0.01)
    read = otio.adapters.read_from_file(file("fcpxml"), "fcpx_xml")
    clips = list(read.find_clips())
    lengths = [round(clip.source_range.duration.rescaled_to(rate).value) for clip in clips if clip.source_range]
    # It calculates in floating-point numbers and drops what is left; `fcpxml` looks for the last fraction.
    near = len(lengths) == len(wanted) and all(
        length - (end - first) in (0, -1) for length, (first, end) in zip(lengths, wanted))
    check(f"{name}: fcpxml as OpenTimelineIO reads it", near, f"{lengths[:3]} {wanted[:3]}")


def has_sound(path):
    return "audio" in run("ffprobe", "-v", "error", "-show_entries", "stream=codec_type", path).stdout


def seconds(text):
    return Fraction(text.removesuffix("s"))


def fcpxml(name, path, video, bounds, times, counted, hour, start):
    tree = etree.parse(path)
    if DTD is not None:
        check(f"{name}: fcpxml by its DTD", DTD.validate(tree), DTD.error_log.filter_from_errors())
    frame = 1 / Fraction(counted)
    clips = tree.findall(".//asset-clip")
    said = [tuple(seconds(clip.get(key)) for key in ("offset", "start", "duration")) for clip in clips]
    wanted = [((hour + times * first) * frame, (start + times * first) * frame, (end - first) * times * frame)
              for first, end in bounds]
    check(f"{name}: fcpxml", said == wanted, f"{said[:2]} {wanted[:2]}")
    sequence, asset = tree.find(".//sequence"), tree.find(".//asset")
    check(f"{name}: fcpxml's sequence", seconds(sequence.get("tcStart")) == hour * frame
          and seconds(sequence.get("duration")) == bounds[-1][1] * times * frame)
    check(f"{name}: fcpxml's asset", seconds(asset.get("start")) == start * frame
          and asset.find("media-rep").get("src") == "file://" + os.path.realpath(video)
          and (asset.get("hasAudio") == "1") == has_sound(video))


# -- Players


def chapters(path):
    read = json.loads(run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path).stdout)["chapters"]
    return [(Fraction(chapter["start"]) * Fraction(chapter["time_base"]), chapter["tags"]["title"]) for chapter in read]


def players(name, file, path, starts):
    for suffix in ("matroska.xml", "chapters.xml"):
        target = os.path.join(FOLDER, "chapters.mkv")
        done = run("mkvmerge", "-q", "-o", target, "--chapters", file(suffix), path)
        read = chapters(target)
        near = len(read) == len(starts) and all(
            abs(time - start) < Fraction(1, 500_000_000) for (time, _), start in zip(read, starts))
        check(f"{name}: {suffix} by mkvmerge", done.returncode == 0 and near, f"{done.stdout} {read[:3]}")
    target = os.path.join(FOLDER, "chapters.mp4")
    run("ffmpeg", "-v", "error", "-y", "-i", path, "-i", file("ffmetadata"), "-map", "0:v", "-c", "copy", "-map_metadata", "1",
        "-map_chapters", "1", target)
    read = chapters(target)
    # MP4's chapters are in milliseconds.
    check(f"{name}: ffmetadata by ffmpeg", len(read) == len(starts) and all(
        abs(time - start) <= Fraction(1, 1000) for (time, _), start in zip(read, starts)), read[:3])
    sheets(name, file)


def sheets(name, file):
    lines = open(file("trickplay.vtt")).read().split("\n\n")
    cues = [re.fullmatch(r"([\d:.]+) --> ([\d:.]+)\n(.+)#xywh=(\d+),(\d+),(\d+),(\d+)\n?", cue) for cue in lines[1:] if cue.strip()]
    sizes = {}
    for cue in cues:
        sheet = os.path.join(os.path.dirname(file("x")), cue[3])
        if sheet not in sizes:
            sizes[sheet] = tuple(map(int, run("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of",
                                              "csv=p=0", sheet).stdout.strip().split(",")))
        left, top, width, height = map(int, cue.groups()[3:])
        if left + width > sizes[sheet][0] or top + height > sizes[sheet][1]:
            break
    else:
        check(f"{name}: trickplay", lines[0].strip() == "WEBVTT" and cues and cues[0][1] == "00:00:00.000"
              and all(one[2] == other[1] for one, other in zip(cues, cues[1:])))
        return
    check(f"{name}: trickplay", False, f"{cue[0]} {sizes}")


def description():
    """A video's description: chapters from 0:00 on, three at least, ten seconds each."""
    path, _ = make("long.mp4", "25", 130, 7)
    _, _, file = export(path, "youtube")
    lines = [re.fullmatch(r"(\d+):(\d\d) (.+)", line) for line in open(file("youtube.txt")).read().splitlines()]
    times = [60 * int(line[1]) + int(line[2]) for line in lines]
    check("youtube", times[0] == 0 and len(times) >= 3
          and all(other - one >= 10 for one, other in zip(times, times[1:] + [130])), times)
    _, _, file = export(path, "youtube,matroska", "--max-chapters", "4")
    check("--max-chapters", len(open(file("youtube.txt")).readlines()) <= 4
          and open(file("matroska.xml")).read().count("<ChapterAtom>") == 4)
    path, _ = make("short.mp4", "25", 12, 7)
    done, report, file = export(path, "youtube,csv")
    check("too short for youtube", done.returncode == 1 and "no youtube written" in done.stderr
          and not os.path.exists(file("youtube.txt")) and os.path.exists(file("csv")))


# -- Rates that vary


def variable():
    whole, _ = make("whole.mp4", "30", 40, 7, sound=False)
    path = os.path.join(FOLDER, "varying.mp4")
    # Every frame comes at a time of its own.
    done = run("ffmpeg", "-v", "error", "-y", "-i", whole, "-vf", "select='lt(mod(n*n,7),4)',settb=1/90000,setpts=PTS+mod(N*N\\,11)*97",
               "-vsync", "vfr", "-enc_time_base", "1:90000", "-c:v", "libx264", "-preset", "ultrafast", "-video_track_timescale", "90000", path)
    assert done.returncode == 0, done.stderr
    packets = json.loads(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,pts", "-of", "json", path).stdout)["packets"]
    ticks = sorted(packet["pts"] for packet in packets)
    done, report, file = export(path)
    check("variable: said", report["frame_rate"] is None and "varies" in done.stderr, f"{report.get('frame_rate')} {done.stderr}")
    read = otio.adapters.read_from_file(file("otio"))
    wanted = [ticks[shot["start_frame"]] - ticks[0] for shot in report["shots"]]
    spans = [(clip.source_range.start_time.value, clip.source_range.start_time.rate) for clip in read.find_clips()]
    check("variable: otio is exact", spans == [(tick, 90000.0) for tick in wanted], f"{spans[:3]} {wanted[:3]}")
    starts = [seconds(clip.get("start")) for clip in etree.parse(file("fcpxml")).findall(".//asset-clip")]
    check("variable: fcpxml is exact", starts == [Fraction(tick, 90000) for tick in wanted], starts[:3])
    numbers = re.findall(r"START=(\d+)", open(file("ffmetadata")).read())
    check("variable: ffmetadata is exact", list(map(int, numbers)) == wanted, numbers[:3])
    check("variable: shots", len(wanted) == 12, wanted)
    for event, tick in zip(events(file("edl")), wanted):
        hours, minutes, rest, frames = map(int, re.split("[:;]", event[0]))
        nominal = 30
        near = abs(Fraction(hours * 3600 + minutes * 60 + rest) + Fraction(frames, nominal) - Fraction(tick, 90000))
        check("variable: edl is near", near <= Fraction(1, 2 * nominal), f"{event} {tick}")


# -- Pieces


def pieces():
    for name, rate, more in [("gop.mp4", "30000/1001", ["-g", "30", "-bf", "2", "-timecode", "01:00:00;00"]),
                             ("gop.mkv", "25", ["-g", "50"]), ("gop.ts", "25", ["-g", "25"]),
                             ("gop.mov", "24000/1001", ["-g", "24"]),
                             ("open.mp4", "25", ["-preset", "medium", "-x264-params", "open-gop=1:keyint=25:bframes=3:scenecut=0"])]:
        path, cuts = make(name, rate, 30, 7, *more)
        folder = os.path.join(FOLDER, "pieces-" + name)
        done = narrate("shots", path, "--split", folder, "--format", "json")
        report = json.loads(done.stdout)[0]
        check(f"{name}: pieces", len(report["pieces"]) > 3, done.stderr)
        total = 0
        for piece in report["pieces"]:
            decoded = run("ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-show_entries",
                          "stream=nb_read_frames:stream_tags=timecode:format=duration", "-of", "json", piece["file"])
            read = json.loads(decoded.stdout)
            total += int(read["streams"][0]["nb_read_frames"])
            # Of an open group of pictures, a reference that was lost with the pictures before it is let go.
            errors = [line for line in decoded.stderr.splitlines() if line and "mmco: unref short" not in line]
            check(f"{name}: {os.path.basename(piece['file'])} decodes", not errors, errors)
            check(f"{name}: {os.path.basename(piece['file'])} has its sound", has_sound(piece["file"]))
            check(f"{name}: {os.path.basename(piece['file'])} lasts",
                  abs(float(read["format"]["duration"]) - (piece["end"] - piece["start"])) < 0.15,
                  f"{read['format']} {piece}")
            if name == "gop.mp4":
                number = round((piece["start"] - report["pieces"][0]["start"]) * 30000 / 1001)
                check(f"{name}: timecode", read["streams"][0]["tags"]["timecode"] == label(frames_of("01:00:00;00", rate) + number, rate, True), read)
        count = len(json.loads(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of",
                                   "json", path).stdout)["packets"])
        lost = re.search(r"(\d+) frames are in no piece", done.stderr)
        check(f"{name}: all frames", total + (int(lost[1]) if lost else 0) == count, f"{total} {lost} {count}")
        check(f"{name}: cuts are said", done.stderr.count("begins at") == len(report["pieces"]) - 1, done.stderr)


GROUPS = {
    "ntsc": lambda: constant("df.mp4", "30000/1001", 75, 7, "01:00:00;00", True, "-timecode", "01:00:00;00"),
    "ntsc twice": lambda: constant("df2.mov", "60000/1001", 80, 7, "10:59:46;52", True, "-timecode", "10:59:46;52"),
    "non-drop": lambda: constant("ndf.mov", "30000/1001", 20, 7, "01:00:00:00", False, "-timecode", "01:00:00:00"),
    "film": lambda: constant("film.mkv", "24000/1001", 30, 7, "00:00:00:00", False),
    "slow": lambda: constant("slow.mp4", "15", 30, 7, "00:00:00:00", False),
    "midnight": lambda: constant("midnight.mov", "25", 30, 7, "23:59:50:00", False, "-timecode", "23:59:50:00"),
    "hours": lambda: constant("hours.mov", "30000/1001", 3600 * HOURS, 700, "01:00:00;00", True, "-g", "300", "-timecode",
                              "01:00:00;00", size="64x36", sound=False),
    "description": description, "variable": variable, "pieces": pieces,
}

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--hours", type=float, default=2)
parser.add_argument("--dtd")
parser.add_argument("--only", nargs="*")
options = parser.parse_args()
PROGRAM, HOURS = os.path.abspath(options.program), options.hours
DTD = etree.DTD(options.dtd) if options.dtd else None
for group, work in GROUPS.items():
    if not options.only or any(word in group for word in options.only):
        work()
print(f"{passed} passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}")
sys.exit(1 if failed else 0)
