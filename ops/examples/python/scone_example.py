"""Asks a cache server from Python.

    scone_example.py tables
    scone_example.py match 464,3139,286 262,3139
    scone_example.py match --tokenizer gpt2 "The capital of the country"
    scone_example.py lookup 464,3139 262,3139,286

`match` finds the longest f-gram that ends at each token of its windows, `lookup` takes f-grams by their tokens.
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import grpc

from scone.v1 import row_pb2
from scone_client import SconeClient


def tables(client, arguments):
    info = client.server_info()
    if arguments.json:
        return [
            {
                "table": table.version.table,
                "version": table.version.version,
                "type": row_pb2.RowType.Name(table.row_format.type),
                "dim": table.row_format.dim,
                "rows": table.row_count,
                "max_ngram": table.max_ngram,
            }
            for table in info.tables
        ]
    for table in info.tables:
        values = row_pb2.RowType.Name(table.row_format.type).removeprefix("ROW_TYPE_").lower()
        print(
            f"{table.version.table}: {table.row_count} rows of {table.row_format.dim} {values} values,"
            f" f-grams of 2 to {table.max_ngram} tokens, {table.version.version}"
        )
    print(f"a request takes up to {info.limits.max_tokens} tokens")


def match(client, arguments):
    matches = client.match(arguments.windows)
    if arguments.json:
        return [dataclasses.asdict(found) for found in matches]
    print_shape([found.values for found in matches])
    for found in matches:
        print(f"window {found.window}, position {found.position}: {found.fgram} {beginning(found.values)}")


def lookup(client, arguments):
    rows = client.lookup(arguments.windows)
    if arguments.json:
        return rows
    print_shape([row for row in rows if row is not None])
    for fgram, row in zip(arguments.windows, rows):
        print(f"{fgram} {'is no f-gram' if row is None else beginning(row)}")


def print_shape(rows):
    print(f"rows of shape ({len(rows)}, {len(rows[0]) if rows else 0})")


def beginning(values):
    return "[" + ", ".join(f"{value:.5f}" for value in values[:4]) + (", ...]" if len(values) > 4 else "]")


def encoder(name):
    """Returns what makes tokens of a text: tiktoken by the name of an encoding, tokenizers by a tokenizer.json."""
    if name.endswith(".json"):
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(Path(name).read_text(encoding="utf-8"))
        return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    import tiktoken

    return tiktoken.get_encoding(name).encode_ordinary


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="localhost:7411", help="host:port or unix:/path (%(default)s)")
    parser.add_argument("--tls-authority", type=Path, metavar="PEM", help="speak TLS; trust these certificates")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="send the token in this file with every call")
    parser.add_argument("--table", default="", help="the table's name; the server's first if absent")
    parser.add_argument("--json", action="store_true", help="print JSON, with all values")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tables", help="what tables there are").set_defaults(run=tables)
    matching = commands.add_parser("match", help="the longest f-grams in windows of tokens")
    matching.add_argument("--tokenizer", help="take texts: an encoding of tiktoken, or a tokenizer.json")
    matching.add_argument("windows", nargs="+", metavar="WINDOW", help="tokens, as in 464,3139; or a text")
    matching.set_defaults(run=match)
    looking = commands.add_parser("lookup", help="the rows of f-grams")
    looking.add_argument("windows", nargs="+", metavar="FGRAM", help="tokens, as in 464,3139")
    looking.set_defaults(run=lookup)
    arguments = parser.parse_args()
    if arguments.command != "tables":
        arguments.windows = windows(parser, arguments.windows, getattr(arguments, "tokenizer", None))
    return arguments


def windows(parser, words, tokenizer):
    if tokenizer is None:
        for word in words:
            if not all(token.isdecimal() for token in word.split(",")):
                parser.error(f"'{word}' is no list of tokens, as in 464,3139")
        return [[int(token) for token in word.split(",")] for word in words]
    try:
        encode = encoder(tokenizer)
    except ImportError as missing:
        parser.error(f"a text takes a tokenizer: pip install {missing.name}")
    except (OSError, ValueError) as unusable:
        parser.error(f"no tokenizer {tokenizer}: {unusable}")
    return [encode(word) for word in words]


def main():
    arguments = parse()
    try:
        authority = arguments.tls_authority.read_bytes() if arguments.tls_authority else None
        token = arguments.token_file.read_text().strip() if arguments.token_file else None
        with SconeClient(arguments.server, authority, token, arguments.table) as client:
            result = arguments.run(client, arguments)
            if arguments.json:
                print(json.dumps(result))
    except grpc.RpcError as failed:
        sys.exit(f"scone_example: {failed.code().name}: {failed.details()}")
    except OSError as unreadable:
        sys.exit(f"scone_example: {unreadable.filename}: {unreadable.strerror}")


if __name__ == "__main__":
    main()
