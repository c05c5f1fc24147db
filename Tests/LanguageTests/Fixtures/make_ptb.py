"""Fills the second column of ptb.tsv: each caption's words by pycocoevalcap's PTBTokenizer.

    pip install pycocoevalcap          # needs Java
    python make_ptb.py ptb.tsv

Captions (the first column) are made up for this test. A lower-case line goes between two captions, since the tokenizer looks into the next
line for where a sentence ends.
"""

import sys

from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer


def main(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        captions = [line.rstrip("\n").split("\t")[0] for line in file]
    asked = {}
    for index, caption in enumerate(captions):
        asked[index] = [{"caption": caption}, {"caption": "and so on"}]
    found = PTBTokenizer().tokenize(asked)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for index, caption in enumerate(captions):
            file.write(f"{caption}\t{' '.join(found[index][0].split())}\n")


main(sys.argv[1])
