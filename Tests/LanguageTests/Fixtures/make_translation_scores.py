"""Writes translation_scores.json: BLEU and chrF of a few translations, by sacrebleu.

    pip install sacrebleu
    python Tests/LanguageTests/Fixtures/make_translation_scores.py

Each set of "sets" has translations, references, and the corpus scores `bleu` (tokenizer 13a, smoothing exp) and `chrf`. The sentences
are written for this file: they have marks, numbers, entities, letters of other scripts and spaces of all kinds.
"""

import json
import pathlib

import sacrebleu

PAIRS = [
    ("Ein Hund läuft über das Gras.", "Ein brauner Hund rennt über das Gras."),
    ("Zwei Männer stehen vor einem Auto.", "Zwei Männer stehen vor einem roten Auto."),
    ("Eine Frau im T-Shirt, die 3,5 km läuft.", "Eine Frau in einem T-Shirt läuft 3.5 km."),
    ("Un homme à l'échelle : « Bonjour ! »", "Un homme sur l'échelle dit: \"Bonjour!\""),
    ("Pes běží přes trávu.", "Hnědý pes běží přes trávu."),
    ("Um cachorro corre pela grama (verde).", "Um cachorro marrom corre pela grama [verde]."),
    ("Tom &amp; Jerry &lt;3 &quot;Käse&quot;", "Tom & Jerry <3 \"Käse\""),
    ("50-jähriger Mann, 1990-2000, $5.00 #1 100%", "Ein 50-jähriger Mann von 1990-2000 zahlt $5,00; #1, 100 %"),
    ("Wait... what?!", "Wait … what ?"),
    ("日本語 の テキスト。", "日本語のテキスト。"),
    ("e\u0301t\u00e9\u00a0chaud", "\u00e9t\u00e9 chaud"),
    ("a-b -c 1-2 .5 5. 5.a a.5 a,b 1,000,000.", "a-b - c 1 - 2 0.5 5 . 5 a a 5 a, b 1000000"),
    ("", "Nichts davon."),
    ("Etwas  mit\tLeerraum ", "Etwas mit Leerraum"),
]


def scores(pairs):
    translations, references = [list(column) for column in zip(*pairs)]
    return {
        "translations": translations,
        "references": references,
        "bleu": sacrebleu.corpus_bleu(translations, [references]).score,
        "chrf": sacrebleu.corpus_chrf(translations, [references]).score,
    }


def main():
    sets = [PAIRS, PAIRS[:6], [(b, a) for a, b in PAIRS], [(a, a) for a, _ in PAIRS[:5]]]
    sets += [[pair] for pair in PAIRS]
    # Too short for any four words.
    sets += [[("Ein Hund", "Eine Katze schläft")], [("x y z w v", "a b c d e")], [("Ein Hund läuft", "Ein Hund läuft schnell")]]
    path = pathlib.Path(__file__).with_name("translation_scores.json")
    path.write_text(json.dumps({"sets": [scores(pairs) for pairs in sets]}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
