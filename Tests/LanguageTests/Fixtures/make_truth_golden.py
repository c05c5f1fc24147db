"""Golden counts of what captions say and nobody saw, after Rohrbach et al. 2018 ("Object Hallucination in Image Captioning"), with
people's captions as the truth.

    python make_truth_golden.py > truth_golden.json

Sentences and table are made up for this test.
"""

import json
import re

TABLE = """# A word may name several things.
person: person, man, men, woman, women, batter
car: car, cars, traffic
traffic light: traffic light, traffic lights, traffic
dog: dog, dogs
hot dog: hot dog, hot dogs
baseball bat: bat, bats, batter
horse: horse, horses
: toy car
"""
MALE = {"man", "men", "boy", "boys", "guy", "guys", "male", "gentleman", "his", "he"}
FEMALE = {"woman", "women", "girl", "girls", "lady", "ladies", "female", "her", "she"}
COLORS = {"red", "blue", "green", "yellow", "white", "black", "brown", "orange", "pink", "purple", "gray", "grey"}

IMAGES = [
    ("A man walks two dogs.", ["a man with dogs", "the man's dog", "a woman and a dog", "someone in a park", "a red leash"]),
    ("a woman rides a horse past a red car", ["a man on a brown horse", "a man rides", "he rides his horse", "horses", "a horse"]),
    ("a hot dog and a toy car", ["a dog in the street", "hot dogs for sale", "a toy car on a table"]),
    ("Traffic LIGHTS over cars and a grey dog", ["traffic at night", "a traffic light", "a gray street", "red traffic lights"]),
    ("a batter swings", ["a man with a bat", "people play baseball", "a white uniform"]),
    ("traffic", ["cars, cars, cars", "a car", "a bus"]),
    ("nothing to be seen", ["nothing", "nothing at all"]),
    ("a girl and her black-and-white dog, he barks", ["a boy and his dog", "the boy's white dog", "a dog"]),
    ("a person on grass", ["a horse", "a horse eats", "the horse"]),
    ("a pink horse", ["a horse", "one caption alone is no majority"]),
]


def table():
    words = {}
    for line in TABLE.splitlines():
        if line.startswith("#"):
            continue
        thing, _, entries = line.partition(":")
        for entry in entries.split(","):
            words.setdefault(entry.strip(), set()).update({thing} if thing else set())
    return words


WORDS = table()


def tokens(caption):
    letters = re.findall("[a-z]+", caption.lower())
    result = []
    while letters:
        size = 2 if " ".join(letters[:2]) in WORDS and len(letters) > 1 else 1
        result.append(" ".join(letters[:size]))
        letters = letters[size:]
    return result


def things(caption):
    return [frozenset(WORDS[t]) for t in tokens(caption) if WORDS.get(t)]


def main():
    count = dict.fromkeys(
        ["captions", "untrue", "things", "unseen", "agreed", "covering", "sexes", "wrongSexes", "colors", "unsupportedColors"], 0)
    for candidate, references in IMAGES:
        said, words = things(candidate), set(tokens(candidate))
        seen = {t for r in references for s in things(r) for t in s}
        theirs = {t for r in references for t in tokens(r)}
        unseen = [s for s in said if not s & seen]
        count["captions"] += 1
        count["untrue"] += bool(unseen)
        count["things"] += len(said)
        count["unseen"] += len(unseen)
        named = [set(things(r)) for r in references]
        main_things = [s for s in set().union(*named) if sum(s in n for n in named) >= max(2, 0.6 * len(references))]
        if main_things:
            count["agreed"] += 1
            count["covering"] += any(s & m for s in said for m in main_things)
        for mine, other in ((MALE, FEMALE), (FEMALE, MALE)):
            if words & mine:
                count["sexes"] += 1
                count["wrongSexes"] += bool(theirs & other) and not theirs & mine
        count["colors"] += len(words & COLORS)
        count["unsupportedColors"] += len((words & COLORS) - theirs)
    images = [{"candidate": c, "references": r} for c, r in IMAGES]
    print(json.dumps({"table": TABLE, "images": images, "counts": count}, indent=1))


if __name__ == "__main__":
    main()
