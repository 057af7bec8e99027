"""A small client of a cache server. It asks one server, and splits no request: the server names the limit it keeps."""

from dataclasses import dataclass

import grpc

import scone_rows
from scone.v1 import embedding_service_pb2 as messages
from scone.v1 import embedding_service_pb2_grpc as services
from scone.v1 import row_pb2


@dataclass(frozen=True)
class Match:
    """The longest f-gram that ends at a position of a window, and its row."""

    window: int
    position: int  # in the window, from 0
    fgram: list  # its tokens
    values: list  # its row, `dim` floats


class SconeClient:
    """A connection to a cache server, for any number of threads. Every call raises grpc.RpcError where it fails."""

    def __init__(self, server, authority=None, token=None, table="", deadline=10.0):
        """Names the server; the connection is made when it is first used.

        server: `host:port` or `unix:/path`.
        authority: the PEM of the certificates to trust, as bytes; TLS is spoken if it is given.
        token: sent as a bearer token with every call; over plain TCP whoever listens reads it.
        table: a table's name; the server's first table if empty.
        deadline: seconds that a call may take.
        """
        # Replies are as large as the server's limits allow, which is more than gRPC's 4 MiB.
        options = [("grpc.max_receive_message_length", -1)]
        if authority is None:
            self._channel = grpc.insecure_channel(server, options)
        else:
            self._channel = grpc.secure_channel(server, grpc.ssl_channel_credentials(authority), options)
        self._service = services.EmbeddingServiceStub(self._channel)
        self._selector = row_pb2.TableSelector(table=table)
        self._call = {"timeout": deadline}
        if token is not None:
            self._call["metadata"] = [("authorization", f"Bearer {token}")]

    def server_info(self):
        """Returns the tables of the server and the limits of requests, a GetServerInfoResponse."""
        return self._service.GetServerInfo(messages.GetServerInfoRequest(), **self._call)

    def match(self, windows):
        """Returns the matches of windows of tokens (a list of lists), window after window, in order of position."""
        reply = self._service.Match(
            messages.MatchRequest(
                selector=self._selector,
                tokens=[token for window in windows for token in window],
                window_lengths=[len(window) for window in windows],
            ),
            **self._call,
        )
        rows = scone_rows.decode(reply.row_format, reply.rows)
        places = [(w, i) for w, window in enumerate(windows) for i in range(len(window))]
        matches = []
        for asked, row, length in zip(reply.positions, reply.row_indices, reply.match_lengths):
            window, position = places[asked]
            fgram = list(windows[window][position + 1 - length : position + 1])
            matches.append(Match(window, position, fgram, rows[row]))
        return matches

    def lookup(self, fgrams):
        """Returns for each f-gram, a list of tokens, its row, or None where the table does not hold it."""
        reply = self._service.Lookup(
            messages.LookupRequest(
                selector=self._selector,
                tokens=[token for fgram in fgrams for token in fgram],
                lengths=[len(fgram) for fgram in fgrams],
            ),
            **self._call,
        )
        rows = iter(scone_rows.decode(reply.row_format, reply.rows))
        return [next(rows) if found else None for found in reply.found]

    def close(self):
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
