"""Measures Hugging Face's generate() with the model shapes of `scone benchmark generation`.

Weights are random, tokens are chosen greedily, half precision on a CUDA GPU. Prints one line of JSON a batch:
milliseconds a step (one token of every sequence) and tokens a second, medians of the rounds.

    python3 ops/bench/peers/hf_generate.py --shape 768x12x12 --batches 1,32,128
"""

import argparse
import json
import statistics
import time

import torch
import transformers

VOCABULARY = 50257
CONTEXT = 2048
BEGINNING = 16


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="768x12x12", help="width, layers, heads")
    parser.add_argument("--batches", default="1,32,128")
    parser.add_argument("--tokens", type=int, default=100, help="tokens that each sequence generates in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    width, layers, heads = map(int, options.shape.split("x"))
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=width, n_layer=layers, n_head=heads
    )
    torch.manual_seed(1)
    model = transformers.GPT2LMHeadModel(config).half().cuda().eval()
    for batch in map(int, options.batches.split(",")):
        prompt = torch.randint(VOCABULARY, (batch, BEGINNING), device="cuda")
        seconds = []
        for round_number in range(options.rounds + 1):
            torch.cuda.synchronize()
            start = time.perf_counter()
            with torch.inference_mode():
                model.generate(
                    prompt,
                    attention_mask=torch.ones_like(prompt),
                    pad_token_id=0,
                    do_sample=False,
                    min_new_tokens=options.tokens,
                    max_new_tokens=options.tokens,
                )
            torch.cuda.synchronize()
            if round_number:  # the first one warms up
                seconds.append(time.perf_counter() - start)
        median = statistics.median(seconds)
        print(
            json.dumps(
                {
                    "system": f"transformers {transformers.__version__}, torch {torch.__version__}",
                    "shape": options.shape,
                    "batch": batch,
                    "step_ms": round(1e3 * median / options.tokens, 3),
                    "tokens_per_second": round(batch * options.tokens / median),
                    "peak_memory_mib": torch.cuda.max_memory_allocated() >> 20,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
