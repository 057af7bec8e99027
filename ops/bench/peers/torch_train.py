"""Measures training of the models of `scone benchmark training` in plain Python PyTorch, eager.

The same computation: GPT-2 blocks, bfloat16 autocast over float32 weights, PyTorch's own attention kernels, fused AdamW,
gradients clipped to a norm; tokens are random. With --fgrams an f-gram model runs over that many random f-grams of each
length in every step (take the numbers of Scone's own run), and its rows replace embeddings at random positions.
Prints one line of JSON: medians of the rounds, and the least and the most.

    python3 ops/bench/peers/torch_train.py --shape 768x12x12 --batch 32 --context 1024
    python3 ops/bench/peers/torch_train.py --shape 768x12x12 --batch 32 --fgram-layers 12 --fgrams 2:4000,3:5000,4:3000
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY = 50257


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.hidden = nn.Linear(width, 4 * width)
        self.out = nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attended(a.transpose(1, 2).reshape(b, t, d))
        return x + self.out(F.gelu(self.hidden(self.norm2(x)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self, width, layers, heads, positions):
        super().__init__()
        self.positions = nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, e):
        x = e + self.positions.weight[: e.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Model(nn.Module):
    def __init__(self, width, layers, heads, context, fgram_layers):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.main = Transformer(width, layers, heads, context)
        self.fgram = Transformer(width, fgram_layers, heads, 8) if fgram_layers else None
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets, fgrams, places):
        e = self.tokens(tokens)
        if self.fgram:
            rows = torch.cat([self.fgram(self.tokens(each))[:, -1] for each in fgrams])
            e = e.flatten(0, 1).index_copy(0, places, rows[: len(places)].to(e.dtype)).view_as(e)
        logits = self.main(e) @ self.tokens.weight.t()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="768x12x12", help="width, layers, heads")
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--fgram-layers", type=int, default=0)
    parser.add_argument("--fgrams", default="", help="LENGTH:COUNT,...: distinct f-grams of a step")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    width, layers, heads = map(int, options.shape.split("x"))
    counts = [tuple(map(int, each.split(":"))) for each in options.fgrams.split(",") if each]
    torch.manual_seed(1)
    torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for each new number of f-grams, as Scone found
    model = Model(width, layers, heads, options.context, options.fgram_layers).cuda()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-4,
        betas=(0.9, 0.95),
        fused=True,
    )

    def step():
        shape = (options.batch, options.context)
        tokens = torch.randint(VOCABULARY, shape, device="cuda")
        targets = torch.randint(VOCABULARY, shape, device="cuda")
        fgrams = [torch.randint(VOCABULARY, (count, length), device="cuda") for length, count in counts]
        total = sum(count for _, count in counts)
        places = torch.randperm(options.batch * options.context, device="cuda")[:total]
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = model(tokens, targets, fgrams, places)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    rates = []
    for round_number in range(options.rounds + 1):
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        start = time.perf_counter()
        for _ in range(options.steps):
            step()
        torch.cuda.synchronize()
        if round_number:  # the first one warms up
            rates.append(options.steps * options.batch * options.context / (time.perf_counter() - start))
    print(
        json.dumps(
            {
                "system": f"torch {torch.__version__}, eager",
                "device": torch.cuda.get_device_name(),
                "shape": options.shape,
                "fgram_layers": options.fgram_layers,
                "fgrams": options.fgrams,
                "tokens_per_second": round(statistics.median(rates)),
                "min": round(min(rates)),
                "max": round(max(rates)),
                "peak_memory_mib": torch.cuda.max_memory_allocated() >> 20,
            }
        )
    )


if __name__ == "__main__":
    main()
