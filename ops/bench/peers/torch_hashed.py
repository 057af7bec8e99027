"""Trains and evaluates the cheap rival of f-grams in plain Python PyTorch: a table of rows by the hash of two tokens.

A GPT-2 like Scone's main model whose input embedding at a position is the token's own plus the row, of --rows, that the
hash of the token and the one before it falls on. Rows begin as zero, are learned directly and collide. With --rows 0
it is Scone's baseline, and shows how far the two programs' results can be compared. The optimizer, the schedule and the
windows are those of `scone train`, their order is another random one. The perplexity is that of `scone evaluate`: windows of
the context, each half a context after the one before, that predict what those before did not. Prints one line of JSON.

    python3 ops/bench/peers/torch_hashed.py --corpus train.tokens --held-out held-out.tokens --rows 500000
"""

import argparse
import json
import math
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from torch_train import Transformer

HEADER = struct.Struct("<8sii4q71sb")  # of a .tokens file, as io.scone.corpus.TokensHeader writes it


def read_tokens(path):
    with open(path, "rb") as file:
        header = HEADER.unpack(file.read(HEADER.size))
    vocabulary, count, width = header[1], header[3], header[-1]
    tokens = np.memmap(path, dtype=f"<u{width}", mode="r", offset=HEADER.size, shape=(count,))
    return torch.from_numpy(tokens.astype(np.int32)).cuda(), vocabulary


class Hashed(nn.Module):
    def __init__(self, vocabulary, width, layers, heads, context, rows):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.main = Transformer(width, layers, heads, context)
        self.rows = nn.Embedding(rows, width) if rows else None
        for name, parameter in self.named_parameters():
            if name.startswith("rows.") or name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() == 1:
                nn.init.ones_(parameter)
            else:
                onto_residuals = name.endswith(("attended.weight", "out.weight"))
                nn.init.normal_(parameter, std=0.02 / (math.sqrt(2 * layers) if onto_residuals else 1))

    def forward(self, tokens):
        """Returns the logits after each token, [B, T, V]. The first of each sequence has no row: nothing is before it."""
        e = self.tokens(tokens)
        if self.rows:
            pairs = tokens[:, :-1].long() * 1_000_003 + tokens[:, 1:]
            e = torch.cat([e[:, :1], e[:, 1:] + self.rows((pairs * 2_654_435_761 >> 16) % self.rows.num_embeddings)], 1)
        return self.main(e) @ self.tokens.weight.t()


def learning_rate(step, options):
    if step <= options.warmup_steps:
        return options.learning_rate * step / options.warmup_steps
    progress = (step - options.warmup_steps) / (options.steps - options.warmup_steps)
    return options.learning_rate * (0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2)


def train(model, corpus, options):
    table = [] if model.rows is None else [model.rows.weight]
    others = [p for name, p in model.named_parameters() if not name.startswith("rows.")]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in others if p.dim() > 1], "weight_decay": 0.1},
            {"params": [p for p in others if p.dim() == 1] + table, "weight_decay": 0.0},
        ],
        betas=(0.9, 0.95),
        fused=True,
    )
    windows = (len(corpus) - 1) // options.context
    generator = torch.Generator().manual_seed(options.seed)
    order = torch.cat([torch.randperm(windows, generator=generator) for _ in range(-(-options.steps * options.batch // windows))])
    offsets = torch.arange(options.context + 1, device="cuda")
    recent = []
    for step in range(1, options.steps + 1):
        begins = order[(step - 1) * options.batch : step * options.batch].cuda() * options.context
        batch = corpus[begins[:, None] + offsets].long()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            logits = model(batch[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, options)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        recent = recent[-199:] + [loss.detach()]
    return torch.stack(recent).mean().item()


@torch.no_grad()
def perplexity(model, tokens, options):
    stride, context = options.context // 2, options.context
    total = 0.0
    begins = torch.arange(0, len(tokens) - 1 - stride, stride, device="cuda")
    for part in begins.split(options.batch):
        at = part[:, None] + torch.arange(context + 1, device="cuda")
        batch = tokens[at.clamp(max=len(tokens) - 1)].long()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            logits = model(batch[:, :-1])
            losses = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="none").view(len(part), -1)
        predicted = (at[:, 1:] < len(tokens)) & ((part == 0)[:, None] | (torch.arange(context, device="cuda") >= context - stride))
        total += (losses.double() * predicted).sum().item()
    return math.exp(total / (len(tokens) - 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--held-out", required=True)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--shape", default="256x4x4", help="width, layers, heads")
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--warmup-steps", type=int, default=300)
    parser.add_argument("--learning-rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    corpus, vocabulary = read_tokens(options.corpus)
    held_out, _ = read_tokens(options.held_out)
    width, layers, heads = map(int, options.shape.split("x"))
    model = Hashed(vocabulary, width, layers, heads, options.context, options.rows).cuda()
    start = time.perf_counter()
    loss = train(model, corpus, options)
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {
                "rows": options.rows,
                "steps": options.steps,
                "seed": options.seed,
                "training_loss": round(loss, 4),
                "held_out_perplexity": round(perplexity(model, held_out, options), 3),
                "tokens_per_second": round(options.steps * options.batch * options.context / seconds),
            }
        )
    )


if __name__ == "__main__":
    main()
