"""Six novels by Jane Austen, as Debian packages them: reading, splitting, counting words."""

import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor

PACKAGE = "r-cran-janeaustenr"
NOVELS = (
    "sensesensibility",
    "prideprejudice",
    "mansfieldpark",
    "emma",
    "northangerabbey",
    "persuasion",
)
VOCABULARY = 8000
PADDING, UNKNOWN = 0, 1
WINDOW = 20
# One chapter in ten is asked about at the end, one in twenty is for choices; no other is trained on.
EVERY, TEST, VALIDATION = 20, (9, 19), (4,)
QUICK_CHAPTERS = 40

CHAPTER = re.compile(r"^\s*(chapter|volume)\s+[ivxlc\d]+\.?\s*$", re.IGNORECASE)
THE_END = re.compile(r"^\s*(the end|finis|a note on the text)\.?\s*$", re.IGNORECASE)
# A full stop after these does not end a sentence, and belongs to the word.
ABBREVIATIONS = r"(?:mr|mrs|dr|st|esq|messrs|capt|col|rev|hon)\."
TOKEN = re.compile(rf"{ABBREVIATIONS}|[a-z]+(?:['\u2019][a-z]+)*|\d+|--|[.,;:!?\"()]")
SENTENCE_END = {".", "!", "?"}


class Examples(NamedTuple):
    """Windows of words, int16 [N, 20], the words that follow, int64 [N], their sentences [N]."""

    windows: Tensor
    words: Tensor
    sentences: Tensor


def read_novel(name: str) -> list[str]:
    """The lines of a novel."""
    code = f'writeLines(enc2utf8(janeaustenr::{name}), useBytes = TRUE)'
    try:
        run = subprocess.run(["Rscript", "-e", code], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"{name} cannot be read: apt install {PACKAGE}")
    return run.stdout.decode().splitlines()


def split_chapters(lines: list[str]) -> list[str]:
    """The texts of the chapters, without headings and what stands before the first."""
    chapters: list[list[str]] = []
    for line in lines:
        if CHAPTER.match(line):
            chapters.append([])
        elif THE_END.match(line):
            break
        elif chapters:
            chapters[-1].append(line)
    # A volume's heading stands before that of its first chapter.
    return ["\n".join(chapter) for chapter in chapters if any(line.strip() for line in chapter)]


def tokenize(text: str) -> list[str]:
    """Words and punctuation marks, in small letters."""
    return TOKEN.findall(text.lower().replace("_", ""))


class Text:
    """The novels' chapters as lists of word numbers, and the words' spelling."""

    def __init__(self, quick: bool = False):
        novels = [split_chapters(read_novel(name)) for name in NOVELS]
        chapters = [tokenize(chapter) for chapter in chain(*novels)]
        if quick:
            chapters = chapters[:QUICK_CHAPTERS]
        place = [number % EVERY for number in range(len(chapters))]
        kept_apart = (*TEST, *VALIDATION)
        trained = [chapter for chapter, at in zip(chapters, place) if at not in kept_apart]
        # Ties in the order of the alphabet, so that a vocabulary is the same every time.
        counts = sorted(Counter(chain(*trained)).items(), key=lambda pair: (-pair[1], pair[0]))
        self.words = ["<padding>", "<unknown>"] + [word for word, _ in counts[: VOCABULARY - 2]]
        numbers = {word: number for number, word in enumerate(self.words)}
        coded = [[numbers.get(token, UNKNOWN) for token in chapter] for chapter in chapters]
        self.training = [chapter for chapter, at in zip(coded, place) if at not in kept_apart]
        self.validation = [chapter for chapter, at in zip(coded, place) if at in VALIDATION]
        self.test = [chapter for chapter, at in zip(coded, place) if at in TEST]
        self._ends = {numbers[mark] for mark in SENTENCE_END if mark in numbers}
        self._quotes = {numbers[mark] for mark in ('"', ")") if mark in numbers}

    def stream(self, chapters: list[list[int]]) -> Tensor:
        """The chapters one after another, each after a window of padding."""
        return torch.tensor(list(chain(*([PADDING] * WINDOW + chapter for chapter in chapters))))

    def sentences(self, chapter: list[int]) -> list[int]:
        """For every word the number of its sentence; a closing quotation mark belongs to it."""
        numbers: list[int] = []
        current, ended, inside_quotes = 0, False, False
        for word in chapter:
            closes = word in self._quotes and (inside_quotes or self.words[word] == ")")
            if ended and not closes and word not in self._ends:
                current, ended = current + 1, False
            if self.words[word] == '"':
                inside_quotes = not inside_quotes
            numbers.append(current)
            ended = ended or word in self._ends
        return numbers

    def examples(self, chapters: list[list[int]]) -> Examples:
        """Every word of the chapters, with the window before it and its sentence."""
        windows, words, sentences = [], [], []
        first = 0
        for chapter in chapters:
            padded = torch.tensor([PADDING] * WINDOW + chapter)
            windows.append(padded.unfold(0, WINDOW, 1)[: len(chapter)])
            words.append(padded[WINDOW:])
            numbers = torch.tensor(self.sentences(chapter))
            sentences.append(numbers + first)
            first += int(numbers[-1]) + 1
        return Examples(torch.cat(windows).short(), torch.cat(words), torch.cat(sentences))


def main() -> None:
    """What the text holds, to look at."""
    text = Text()
    for name in ("training", "validation", "test"):
        chapters = getattr(text, name)
        tokens = list(chain(*chapters))
        unknown = sum(token == UNKNOWN for token in tokens)
        print(f"{name}: {len(chapters)} chapters, {len(tokens)} words, {unknown / len(tokens):.1%} unknown")
    examples = text.examples(text.test)
    sizes = examples.sentences.bincount().float()
    print(f"test: {len(sizes)} sentences of {sizes.mean():.1f} words, at most {int(sizes.max())}")
    for number in range(30, 36):
        print(" ", *(text.words[word] for word in examples.words[examples.sentences == number]))


if __name__ == "__main__":
    main()
