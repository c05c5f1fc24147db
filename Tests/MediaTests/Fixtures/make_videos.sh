#!/usr/bin/env bash
# Makes the small videos and stills of the tests, and times.json, with FFmpeg's programs:
#     apt-get install ffmpeg && ./make_videos.sh
# Pictures are FFmpeg's own test patterns and plain colours.
set -euo pipefail
cd "$(dirname "$0")"
make() { ffmpeg -v error -y "$@"; }
h264=(-c:v libx264 -preset veryslow -crf 30)

# 40 frames, B-frames, two of three left out after the tenth: variable frame rate; a key frame every 8.
make -f lavfi -i testsrc2=size=64x48:rate=25:duration=3 -vf "select='lt(n,10)+not(mod(n,3))',format=yuv420p" -vsync vfr \
  "${h264[@]}" -bf 3 -g 8 video-vfr.mp4
make -i video-vfr.mp4 -c copy -copyts video-vfr.mkv
make -i video-vfr.mp4 -c copy video-vfr.ts
make -f lavfi -i testsrc2=size=64x48:rate=10:duration=1 -c:v libvpx -b:v 50k -pix_fmt yuv420p video.webm
make -f lavfi -i testsrc2=size=64x48:rate=10:duration=1 -c:v mpeg4 -q:v 8 video.avi
# Left half red, right half blue, lying on its side; and pixels twice as wide as high.
halves="color=red:size=32x32:rate=5:duration=0.4[a];color=blue:size=32x32:rate=5:duration=0.4[b];[a][b]hstack,format=yuv420p"
make -f lavfi -i "$halves" "${h264[@]}" plain.mp4
make -i plain.mp4 -c copy -metadata:s:v rotate=90 video-rotated.mp4
make -i plain.mp4 -vf setsar=2/1 "${h264[@]}" video-wide-pixels.mp4
make -i plain.mp4 -frames:v 1 "${h264[@]}" video-one-frame.mp4
rm plain.mp4
# One green in three codings.
green="color=0x20C040:size=32x32:rate=5:duration=0.4"
for space in "bt709 tv" "smpte170m tv" "bt709 pc"; do
  set -- $space
  make -f lavfi -i "$green" -vf "scale=out_color_matrix=${1/smpte170m/bt601}:out_range=$2,format=yuv420p" -colorspace "$1" \
    -color_range "$2" "${h264[@]}" "video-green-$1-$2.mp4"
done
# A change of size in mid-stream.
make -f lavfi -i testsrc2=size=64x48:rate=5:duration=0.6 "${h264[@]}" -pix_fmt yuv420p one.ts
make -f lavfi -i testsrc2=size=96x80:rate=5:duration=0.6 "${h264[@]}" -pix_fmt yuv420p two.ts
cat one.ts two.ts > video-two-sizes.ts
rm one.ts two.ts
make -f lavfi -i sine=duration=0.2 -c:a aac sound.mp4
# What a frame of BT.709 looks like as PQ and HLG: black, a gray of 26 cd/m2, reference white (203 cd/m2), BT.709's red.
bars="color=black:size=16x16:rate=5:duration=0.2[a];color=0x6C6C6C:size=16x16:rate=5:duration=0.2[b];color=white:size=16x16:rate=5:duration=0.2[c]"
bars="$bars;color=red:size=16x16:rate=5:duration=0.2[d];[a][b][c][d]hstack=4,format=gbrp"
for transfer in smpte2084 arib-std-b67; do
  make -f lavfi -i "$bars" -vf "setparams=range=pc:color_primaries=bt709:color_trc=bt709,zscale=t=linear:npl=203,format=gbrpf32le,\
zscale=t=$transfer:p=bt2020:m=bt2020nc:r=tv:npl=203,format=yuv420p10le" -frames:v 1 -c:v libx265 -preset slow -crf 4 \
    -x265-params log-level=none "video-$transfer.mp4"
done
# Lines of two moments: every other one is white.
make -f lavfi -i "color=black:size=32x32:rate=25:duration=0.2,format=yuv420p,geq=lum='if(mod(Y,2),16,235)':cb=128:cr=128" \
  -c:v libx264 -flags +ildct+ilme -x264-params tff=1 -crf 10 video-interlaced.mp4
# The left half is clear.
for codec in libvpx libvpx-vp9; do
  make -f lavfi -i "color=red:size=32x32:rate=5:duration=0.4,format=yuva420p,geq=lum='p(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*gte(X,16)'" \
    -c:v "$codec" -auto-alt-ref 0 -b:v 100k "video-clear-$codec.webm"
done
# Stills that libpng and libjpeg do not know: the same two halves, WebP with a clear lower half.
still="color=red:size=8x8[a];color=blue:size=8x8[b];[a][b]hstack"
for kind in bmp tiff gif; do make -f lavfi -i "$still" -frames:v 1 "still.$kind"; done
make -f lavfi -i "$still,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(Y,4)'" -frames:v 1 -lossless 1 still.webp

{
  echo "{"
  separator=""
  for file in video-vfr.mp4 video-vfr.mkv video.webm video.avi video-two-sizes.ts; do
    printf '%s"%s": [' "$separator" "$file"
    ffprobe -v error -select_streams v -show_entries frame=best_effort_timestamp_time -of csv=p=0 "$file" |
      tr -d ', ' | grep . | paste -sd, | tr -d '\n'
    printf ']'
    separator=$',\n'
  done
  printf '\n}\n'
} > times.json
