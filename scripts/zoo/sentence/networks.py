"""The networks of the sentence family: 20 words in, a score for every word that may follow."""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from text import VOCABULARY


class PlainNet(nn.Module):
    """Embedding, LSTM, projection; the embedding's weights give the scores too (tied)."""

    def __init__(self, width: int, hidden: int, dropout: float):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        self.projection = nn.Linear(hidden, width)
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))
        self.dropout = dropout
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def all_scores(self, x: Tensor, first: int) -> list[Tensor]:
        """The scores after every position from `first` on, as the only stage."""
        words = dropout(self.embedding(x), self.dropout, self.training)
        outputs, _ = self.lstm(words)
        outputs = dropout(self.projection(outputs[:, first:]), self.dropout, self.training)
        return [linear(outputs, self.embedding.weight, self.bias)]

    def forward(self, x: Tensor) -> Tensor:
        outputs, _ = self.lstm(self.embedding(x.long()))
        return linear(self.projection(outputs[:, -1]), self.embedding.weight, self.bias)


class NestedStage(nn.Module):
    """One stage: a block of the embedding, and an LSTM that reads all blocks up to it and what
    the LSTMs of the stages before gave out."""

    def __init__(self, inputs: int, width: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.projection = nn.Linear(hidden, width)
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """`before`: what earlier stages read and gave out, [N, T, inputs - width]. Returns what
        the next stage is to read, and what this stage adds to the scores after the last word."""
        words = torch.cat((before, self.embedding(x)), 2)
        outputs, _ = self.lstm(words)
        added = linear(self.projection(outputs[:, -1]), self.embedding.weight, self.bias)
        return torch.cat((words, outputs), 2), added


class NestedNet(nn.Module):
    """The anytime network: stage k's scores are those of stage k - 1, corrected."""

    def __init__(self, widths: list[int], hiddens: list[int], dropout: float):
        super().__init__()
        stages = []
        before = 0
        for width, hidden in zip(widths, hiddens):
            stages.append(NestedStage(before + width, width, hidden))
            before += width + hidden
        self.stages = nn.ModuleList(stages)
        self.num_stages = len(stages)
        self.dropout = dropout

    def all_scores(self, x: Tensor, first: int) -> list[Tensor]:
        """The scores of every stage after every position from `first` on."""
        result: list[Tensor] = []
        read = torch.zeros(x.shape[0], x.shape[1], 0)
        for stage in self.stages:
            words = dropout(stage.embedding(x), self.dropout, self.training)
            words = torch.cat((read, words), 2)
            outputs, _ = stage.lstm(words)
            outputs = dropout(outputs, self.dropout, self.training)
            read = torch.cat((words, outputs), 2)
            added = linear(stage.projection(outputs[:, first:]), stage.embedding.weight, stage.bias)
            # A stage learns to correct the ones before, not to change them.
            result.append(added if not result else result[-1].detach() + added)
        return result

    @torch.jit.export
    def step(self, state: list[Tensor], stage: int) -> tuple[Tensor, list[Tensor]]:
        """The state: the words, what earlier stages read and gave out, and their scores."""
        x = state[0].long()
        if stage == 0:
            read = torch.zeros(x.shape[0], x.shape[1], 0)
            scores = torch.zeros(1)
        else:
            read, scores = state[1], state[2]
        for number, part in enumerate(self.stages):
            if number == stage:
                read, added = part(x, read)
                scores = scores + added
        return scores, [x, read, scores]

    def forward(self, x: Tensor) -> Tensor:
        state = [x]
        scores = torch.zeros(1)
        for stage in range(self.num_stages):
            scores, state = self.step(state, stage)
        return scores
